"""
How cold a branch of a lot stayed, in plain words: for the lot's page and for `silkroot show`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from api.localization import N_, Words

NOT_RECORDED = N_("Temperature not recorded")
STANDINGS = {
    "no-limits": N_("%(range)s on the way, in %(count)s readings; no limits were set for it"),
    "within": N_("%(range)s on the way, in %(count)s readings; never outside its limits (%(limits)s)"),
    "tolerated": N_(
        "%(range)s on the way, in %(count)s readings; outside its limits (%(limits)s) for %(duration)s, "
        "no more than its maker allows"
    ),
    "inspected": N_(
        "%(range)s on the way, in %(count)s readings; outside its limits (%(limits)s) for %(duration)s, "
        "inspected since and found in order"
    ),
    "open": N_(
        "%(range)s on the way, in %(count)s readings; outside its limits (%(limits)s) for %(duration)s, "
        "and not inspected since"
    ),
}
"""By the standing of the branch, as `ledger.domain.sensors.values.Standing` has it."""


def climate_words(climate: Mapping[str, Any], speak: Words) -> str:
    """The figures of a branch, in the form of `ledger.services.climate_json`, as a phrase."""
    if not climate["recorded"]:
        return speak(NOT_RECORDED)
    return speak(
        STANDINGS[climate["standing"]],
        range=degrees(climate["lowest"], climate["highest"], speak),
        count=speak.number(climate["readings"]),
        limits=limits_words(climate["limits"], speak),
        duration=duration(climate["minutesOutside"], speak),
    )


def degrees(lowest: float, highest: float, speak: Words) -> str:
    """One temperature, or from which to which."""
    low, high = (speak.celsius(Decimal(str(value))) for value in (lowest, highest))
    return low if low == high else speak(N_("%(lowest)s to %(highest)s"), lowest=low, highest=high)


def limits_words(limits: Mapping[str, Any] | None, speak: Words) -> str:
    """2 °C to 8 °C; "" where there are none."""
    if limits is None:
        return ""
    low, high = limits["minimum"], limits["maximum"]
    if low is None:
        return speak(N_("at most %(highest)s"), highest=speak.celsius(Decimal(str(high))))
    if high is None:
        return speak(N_("at least %(lowest)s"), lowest=speak.celsius(Decimal(str(low))))
    return degrees(low, high, speak)


def duration(minutes: int, speak: Words) -> str:
    """Minutes, from two hours up hours and minutes."""
    if minutes < 120:
        return speak(N_("%(minutes)s min"), minutes=minutes)
    return speak(N_("%(hours)s h %(minutes)s min"), hours=speak.number(minutes // 60), minutes=minutes % 60)
