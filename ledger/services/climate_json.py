"""
Temperature and humidity as JSON, for `GET /lots/{product}/{lot}/temperature`, lots' stories and `--json`; no I/O.

Temperatures are °C, humidities percent or g/m³, as numbers with at most three places; so are degree-minutes. Times are
ISO 8601 in UTC with milliseconds; minutes are whole, rounded down. What nobody recorded is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ledger.domain.identifiers import LotId, LotRef
from ledger.domain.sensors.limits import Limits
from ledger.domain.sensors.series import DEGREE_MINUTE, MINUTE, Excursion
from ledger.domain.sensors.units import Kind
from ledger.domain.sensors.values import Climate, Series
from ledger.domain.story_values import LotStory

Json = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {Kind.TEMPERATURE: "CEL", Kind.RELATIVE_HUMIDITY: "P1", Kind.ABSOLUTE_HUMIDITY: "A93"}


def temperature_json(story: LotStory) -> Json:
    """The lot's branches with all their series; `lot` names lots by id, as in the story."""
    return {
        "lot": _lot(story.id, story.names),
        "verdict": story.verdict.value,
        "branches": [
            {
                "holder": f"{branch.holder:013d}",
                "verdict": branch.verdict.value,
                **climate_json(branch.climate),
                "series": [_series(one, story.names) for one in branch.climate.series],
            }
            for branch in story.branches
            if branch.climate is not None
        ],
    }


def climate_json(climate: Climate) -> Json:
    """A branch in figures: of the lot's own temperatures."""
    return {
        "recorded": climate.recorded,
        "standing": climate.standing.value,
        "limits": _limits(climate.limits),
        "lowest": _number(climate.lowest),
        "highest": _number(climate.highest),
        "readings": sum(one.summary.count for one in climate.own),
        "minutesOutside": climate.outside // MINUTE,
        "degreeMinutes": _degree_minutes(climate.excess),
        "longest": None if climate.longest is None else _excursion(climate.longest),
    }


def _series(series: Series, names: Mapping[LotId, LotRef]) -> Json:
    summary = series.summary
    return {
        "lot": _lot(series.lot, names),
        "party": f"{series.party:013d}",
        "device": series.device,
        "type": series.kind.value,
        "uom": _UNITS[series.kind],
        "standing": series.standing.value,
        "limits": _limits(series.limits),
        "from": _time(summary.start),
        "to": _time(summary.end),
        "lowest": _number(summary.lowest),
        "highest": _number(summary.highest),
        "minutesOutside": summary.outside // MINUTE,
        "degreeMinutes": _degree_minutes(summary.excess),
        "excursions": [_excursion(one) for one in summary.excursions],
        "gaps": [{"from": _time(start), "to": _time(end)} for start, end in summary.gaps],
        "events": ["0x" + event.hex() for event in series.events],
        "readings": [
            {"time": _time(point.time), "lowest": _number(point.low), "highest": _number(point.high)}
            for point in series.points
        ],
    }


def _excursion(excursion: Excursion) -> Json:
    return {
        "side": excursion.side.value,
        "from": _time(excursion.start),
        "to": _time(excursion.end),
        "minutes": excursion.milliseconds // MINUTE,
        "peak": _number(excursion.peak),
        "degreeMinutes": _degree_minutes(excursion.excess),
    }


def _limits(limits: Limits | None) -> Json | None:
    if limits is None:
        return None
    minimum, maximum = _number(limits.minimum), _number(limits.maximum)
    return {"minimum": minimum, "maximum": maximum, "toleranceDegreeMinutes": limits.tolerance}


def _lot(lot: LotId, names: Mapping[LotId, LotRef]) -> Json:
    ref = names.get(lot)
    known = {} if ref is None else {"product": f"{ref.product:014d}", "lot": ref.code}
    return {**known, "id": "0x" + lot.hex()}


def _number(thousandths: int | None) -> float | None:
    return None if thousandths is None else thousandths / 1000


def _degree_minutes(excess: int) -> float:
    """With three places, rounded down."""
    return excess * 1000 // DEGREE_MINUTE / 1000


def _time(milliseconds: int) -> str:
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
