"""
The events that a logger's file becomes: statements of `sensor_reporting`, signed by who opened the box; no I/O.

Each has up to 500 rows of the file, its device, and the file's SHA-256 as `rawData` of its metadata, in the form of RFC
6920. The same file gives the same events again, so that a second import is known.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from urllib.parse import quote

from ledger.domain.forms.base import Spot, When
from ledger.domain.forms.moves import statement
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.records import JsonTree
from ledger.domain.sensors.logger_csv import LoggerFile, LoggerReading

ROWS = 500
"""Rows in one event."""


def logger_events(
    file: LoggerFile, party: PartyId, serial: str, lots: Sequence[LotRef], where: Spot, *, reference: str = ""
) -> list[JsonTree]:
    """The events, in the order of the file. `reference`: that of the consignment in which the logger travelled."""
    digest = base64.urlsafe_b64encode(file.sha256).rstrip(b"=").decode()
    metadata = {"deviceID": device_uri(serial), "rawData": f"ni:///sha-256;{digest}"}
    extra: JsonTree = {"silkroot:logger": serial}
    if reference:
        extra["bizTransactionList"] = [{"type": "desadv", "bizTransaction": reference}]
    found = []
    for start in range(0, len(file.readings), ROWS):
        rows = file.readings[start : start + ROWS]
        reports = [report for row in rows for report in _reports(row)]
        element = {"sensorMetadata": metadata, "sensorReport": reports}
        when = When(rows[-1].time)
        found.append(
            statement(party, "sensor_reporting", lots, when, where, extra={**extra, "sensorElementList": [element]})
        )
    return found


def device_uri(serial: str) -> str:
    """A logger's id: the serial if it is a URI, else a URN of ours."""
    return serial if ":" in serial else f"urn:silkroot:logger:{quote(serial, safe='')}"


def _reports(row: LoggerReading) -> list[JsonTree]:
    return [
        {"type": kind.value, "value": int(value) if value == value.to_integral_value() else float(value),
         "uom": unit, "time": row.time}
        for kind, value, unit in row.values
    ]  # fmt: skip
