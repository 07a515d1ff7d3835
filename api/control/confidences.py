"""
Operations on what was sealed: disclose it to one reader, show it to the operator, erase it.

An event is named by its content hash (0x hex) or its eventID, a lot by text as everywhere; a lot means its events.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable

from api.control.lot_text import lot_of_text
from api.control.protocol import Params, ProgressCallback, Result
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import ContentHash
from ledger.domain.records import RecordedEvent
from ledger.services.disclose import Shown
from ledger.services.erase import Choice, Found, places
from ledger.wiring import Ledger

_HASH = re.compile(r"0x[0-9a-fA-F]{64}\Z")


async def disclose(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """
    The disclosures of `members` (of all where there are none) in the events of `target`, an event or a lot, as a
    `file` for one reader, and by event what stands in it.
    """

    def work() -> Result:
        done = ledger.disclose().disclose(_events(ledger, params["target"]), params.get("members") or ())
        return {"file": done.file.to_json(), "events": [_shown_json(one) for one in done.shown]}

    return await asyncio.to_thread(work)


async def erase(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """
    Erases what shows `value`, of `member`, in `event` or in the events of `lot`; without `yes`, says what that would
    be. `stillOpen`: events that hold the value in the open, where it is signed and stays.
    """

    def work() -> Result:
        events: set[ContentHash] | None = None
        for name in ("event", "lot"):
            if params.get(name):
                meant = {event.content_hash for event in _events(ledger, params[name], lot=name == "lot")}
                events = meant if events is None else events & meant
        choice = Choice(
            params.get("value", ""), params.get("member", ""), None if events is None else frozenset(events)
        )
        service, yes = ledger.erase(), params.get("yes", False)
        found = (service.erase if yes else service.find)(choice, progress)
        return {
            "erased": bool(yes),
            "disclosures": places(found),
            "events": [_found_json(one) for one in found],
            "stillOpen": service.still_open(choice),
        }

    return await asyncio.to_thread(work)


async def confidences(ledger: Ledger, events: list[Result], *, reveal: bool) -> None:
    """
    Adds to each event of a story how many of its sealed members were `erased`, and with `reveal` what the others say:
    `revealed`, by place.
    """

    def work() -> None:
        hashes = [ContentHash(bytes.fromhex(event["contentHash"][2:])) for event in events]
        known = [record for content in hashes if (record := ledger.store.event(content)) is not None]
        service = ledger.disclose()
        erased = service.erased(known)
        revealed = service.reveal(known) if reveal else {}
        for event, content in zip(events, hashes, strict=True):
            event["erased"] = erased.get(content, 0)
            if reveal:
                shown = revealed[content].places if content in revealed else ()
                event["revealed"] = [{"place": place, "value": value} for place, value in shown]

    await asyncio.to_thread(work)


def _events(ledger: Ledger, text: str, *, lot: bool = False) -> list[RecordedEvent]:
    """The event of that content hash or eventID; else the events of that lot."""
    if not lot and (content := _content(ledger, text)) is not None:
        event = ledger.store.event(content)
        if event is None:
            raise NotFound(f"no event {text}")
        return [event]
    ref = lot_of_text(ledger.store, text)
    events = ledger.store.events_of_lot(ref.id)
    if not events:
        raise NotFound(f"no event names lot {ref}")
    return events


def _content(ledger: Ledger, text: str) -> ContentHash | None:
    if _HASH.match(text):
        return ContentHash(bytes.fromhex(text[2:]))
    return ledger.store.event_named(text)


def _shown_json(shown: Shown) -> Result:
    return {
        **_event_json(shown.event.sequence, shown.event.content_hash),
        "places": [item.place for item in shown.opened.disclosures],
        "outer": list(shown.outer),
        "erased": shown.erased,
        "withheld": shown.withheld,
    }


def _found_json(found: Found) -> Result:
    """Of a proposal, `sequence` is null."""
    record = found.record
    return {**_event_json(record.sequence, record.content_hash), "places": _sorted(item.place for item in found.items)}


def _event_json(sequence: int, content: ContentHash) -> Result:
    return {"sequence": sequence or None, "contentHash": f"0x{content.hex()}"}


def _sorted(texts: Iterable[str]) -> list[str]:
    return sorted(texts)


CONFIDENCES = {"disclose": disclose, "erase": erase}
