"""EPCIS documents as systems send them to the capture interface, and the service over a `World`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import event_builders as b
import orjson
from ledger_fixture import World

from ledger.domain.api_keys import ApiAction, ApiKey
from ledger.domain.identifiers import PartyId
from ledger.domain.records import JsonTree
from ledger.services.capture_jobs import CaptureJobs

CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"]
_ADDED = ("silkroot:blind", "silkroot:party")


def plain(event: JsonTree) -> JsonTree:
    """The event as a client sends it that leaves party, blind and signature to the service."""
    return {key: value for key, value in event.items() if key not in _ADDED}


def document(events: Sequence[Any], **changed: Any) -> bytes:
    """An EPCISDocument of these events, as bytes."""
    tree = {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-08-05T12:00:00Z",
        "epcisBody": {"eventList": list(events)},
    }
    return orjson.dumps(tree | changed)


def cooling(number: int, party: PartyId = b.FARM) -> JsonTree:
    """One of many statements that differ: an inspection with an eventID of its own."""
    event = plain(b.inspection(party=party))
    return event | {"eventID": f"urn:uuid:00000000-0000-4000-8000-{number:012x}"}


def jobs_of(world: World) -> CaptureJobs:
    """Over the parts of the world."""
    return CaptureJobs(world.store.capture_jobs, world.capturing, world.signer, world.store.archive, world.clock)


def key_of(party: PartyId = b.FARM, *actions: ApiAction) -> ApiKey:
    """A key that the store need not know."""
    return ApiKey("0" * 16, party, "", frozenset(actions or (ApiAction.CAPTURE,)), bytes(32), 0)
