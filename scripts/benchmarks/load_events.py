"""
Documents of distinct sensor events, each event signed by a device before it is sent; made ahead, on all cores, so that
signing costs the measured run nothing.

A file holds HTTP bodies one behind the other, each behind its length as a big-endian uint32.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from signing_keys import SigningKey

from benchmarks import orchard
from ledger.domain.binding import action_of
from ledger.domain.presigning import presigned_together
from ledger.domain.proof_json import proof_to_json
from ledger.domain.records import JsonTree, SignatureProof
from ledger.domain.typed_data import Domain, digest

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"silkroot": "https://silkroot.example/epcis/"},
]
LOTS = 200
_START = datetime(2026, 8, 8, tzinfo=UTC)
_DEADLINE_SECONDS = 20 * 86_400


def write_documents(
    path: Path, domain: Domain, key: SigningKey, *, count: int, size: int, first: int = 0, together: bool = False
) -> None:
    """
    `count` documents of `size` events each; no event of another `first` (counted in events) is among them. `together`:
    one signature for all events of a document, not one for each.
    """
    cores = len(os.sched_getaffinity(0))
    numbers = range(first, first + count * size, size)
    deadline = int(datetime.now(UTC).timestamp()) + _DEADLINE_SECONDS
    with path.open("wb") as file, ProcessPoolExecutor(cores) as pool:
        jobs = ((domain, key, number, size, deadline, together) for number in numbers)
        for body in pool.map(_document, jobs, chunksize=max(1, count // (cores * 8))):
            file.write(len(body).to_bytes(4, "big") + body)


def read_documents(path: Path) -> Iterator[bytes]:
    """The bodies of such a file."""
    with path.open("rb") as file:
        while head := file.read(4):
            yield file.read(int.from_bytes(head, "big"))


def reading(number: int) -> JsonTree:
    """What a logger in a cold room says: a temperature of a lot, at a time of its own."""
    time = (_START + timedelta(milliseconds=37 * number)).isoformat(timespec="milliseconds")
    lot = orchard.lot(number % LOTS)
    return {
        "@context": CONTEXT,
        "type": "ObjectEvent",
        "action": "OBSERVE",
        "bizStep": "sensor_reporting",
        "disposition": "in_progress",
        "eventTime": time,
        "eventTimeZoneOffset": "+08:00",
        "readPoint": {"id": f"https://id.gs1.org/414/{orchard.FARM:013d}"},
        "quantityList": [{"epcClass": f"https://id.gs1.org/01/{lot.product:014d}/10/{lot.code}"}],
        "sensorElementList": [
            {
                "sensorMetadata": {"time": time, "deviceID": f"urn:example:logger:{number % 50}"},
                "sensorReport": [{"type": "Temperature", "value": 2 + number % 70 / 10, "uom": "CEL"}],
            }
        ],
        "silkroot:party": f"{orchard.FARM:013d}",
        "silkroot:blind": number.to_bytes(16, "big").hex(),
    }


def presigned(domain: Domain, key: SigningKey, event: JsonTree, deadline: int) -> JsonTree:
    """The event with its proof in it."""
    action = action_of(event, deadline)
    proof = SignatureProof(action, key.id, key.scheme, key.sign(digest(domain, action)))
    return {**event, "silkroot:proof": proof_to_json(proof)}


def document(events: list[JsonTree]) -> bytes:
    """The EPCISDocument, as it is sent."""
    bare = [{name: value for name, value in event.items() if name != "@context"} for event in events]
    return orjson.dumps(
        {
            "@context": CONTEXT,
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-08-08T20:00:00+08:00",
            "epcisBody": {"eventList": bare},
        }
    )


def _document(job: tuple[Domain, SigningKey, int, int, int, bool]) -> bytes:
    domain, key, first, size, deadline, together = job
    events = [reading(number) for number in range(first, first + size)]
    if together:
        return document(list(presigned_together(events, deadline, domain, key.id, key.scheme, key.sign)))
    return document([presigned(domain, key, event, deadline) for event in events])
