"""
What single-use loggers wrote down on two flights: every ten minutes from the packing house's door to the buyer's.

The curve is invented and the same at every writing: cold in the truck, a little too warm for twenty minutes while the
container stood beside the aircraft, then cold again. The lot bears that: its tolerance is sixty degree-minutes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from demo_season.cast import BEIJING, HUB, SHANGHAI, at, lot
from ledger.domain import event_forms as forms
from ledger.domain.event_forms import When
from ledger.domain.forms.base import transaction_urn
from ledger.domain.identifiers import PartyId
from ledger.domain.records import JsonTree

_EVERY = timedelta(minutes=10)
_RIPPLE = (0, 100, 200, 100, 0, -100, -200, -100)


def loggers() -> list[JsonTree]:
    """65-loggers.jsonld."""
    return [
        _logger(BEIJING, "HM0722A", "L-2207-01", "URC-0724-PEK", ("07-23T20:00", "07-24T08:40", "07-24T16:20")),
        _logger(SHANGHAI, "HM0722A", "L-2207-02", "URC-0724-SHA", ("07-23T20:00", "07-24T11:10", "07-24T20:00")),
    ]


def _logger(party: PartyId, code: str, serial: str, flight: str, times: tuple[str, str, str]) -> JsonTree:
    """From closing the box over the apron to opening it."""
    closed, apron, opened = (datetime.fromisoformat(f"2026-{time}:00+08:00") for time in times)
    reports: list[JsonTree] = []
    moment, number = closed, 0
    while moment <= opened:
        value = _degrees(moment, apron, number) / 1000
        reports.append({"type": "Temperature", "value": value, "uom": "CEL", "time": moment.isoformat()})
        moment, number = moment + _EVERY, number + 1
    element = {"sensorMetadata": {"deviceID": f"urn:silkroot:logger:{serial}"}, "sensorReport": reports}
    return forms.statement(
        party, "sensor_reporting", [lot(code)], When((opened + timedelta(minutes=50)).isoformat()), at(party),
        extra={
            "silkroot:logger": serial,
            "bizTransactionList": [{"type": "desadv", "bizTransaction": transaction_urn(HUB, flight)}],
            "sensorElementList": [element],
        },
    )  # fmt: skip


def _degrees(moment: datetime, apron: datetime, number: int) -> int:
    """Thousandths of a degree: 5 °C and a ripple, up towards the apron and down again."""
    away = abs((moment - apron) / timedelta(minutes=1))
    warm = {0: 3_300, 10: 3_100, 20: 2_400, 30: 1_700, 40: 1_200, 50: 800, 60: 500, 70: 300}
    return 5_100 + _RIPPLE[number % len(_RIPPLE)] + warm.get(round(away / 10) * 10, 0)
