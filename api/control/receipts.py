"""
The operation that hands out receipts: what the log's operator signed for an event, or for all events of a lot.

An event is named by its content hash (0x and 64 hex digits) or its sequence number, a lot as everywhere.
"""

from __future__ import annotations

import asyncio
import re

from api.control.lot_text import lot_of_text
from api.control.protocol import Params, ProgressCallback, Result
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.acknowledgement_json import acknowledgement_to_json
from ledger.domain.records import RecordedEvent
from ledger.wiring import Ledger

_CONTENT = re.compile(r"0x[0-9a-fA-F]{64}\Z")
_SEQUENCE = re.compile(r"[1-9][0-9]{0,17}\Z")


async def receipt(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """The receipts of `of`: an event's content hash or number, or a lot."""

    def work() -> Result:
        events = _events(ledger, params["of"])
        found = ledger.store.archive.acknowledgements([event.content_hash for event in events])
        rows = [
            {"sequence": event.sequence, "receipt": acknowledgement_to_json(found[event.content_hash])}
            for event in events
            if event.content_hash in found
        ]
        return {"receipts": rows}

    return await asyncio.to_thread(work)


def _events(ledger: Ledger, text: str) -> list[RecordedEvent]:
    if _CONTENT.match(text):
        event = ledger.store.event(ContentHash(bytes.fromhex(text[2:])))
        if event is None:
            raise NotFound(f"no event {text}")
        return [event]
    if _SEQUENCE.match(text) and not ledger.store.lots_with_code(text):
        found = ledger.store.events(int(text) - 1, 1)
        if not found or found[0].sequence != int(text):
            raise NotFound(f"no event {text}")
        return found
    lot = lot_of_text(ledger.store, text)
    events = ledger.store.events_of_lot(lot.id)
    if not events:
        raise NotFound(f"no event names lot {lot}")
    return events


RECEIPTS = {"receipt": receipt}
