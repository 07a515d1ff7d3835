"""
What can be asked of the ledger over the control socket about capturing events: texts of events or of documents.

A call is one document's worth: with `proceed` what can be recorded is, without it one refusal refuses the whole call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from api.control.lot_text import party_of_text
from api.control.protocol import Params, ProgressCallback, Result
from ledger.domain.errors import InvalidInput, Violation
from ledger.domain.json_tree import parse_json_object
from ledger.domain.log.acknowledgement_json import acknowledgement_to_json
from ledger.domain.records import JsonTree
from ledger.services.capture import CaptureResult
from ledger.services.documents import loose_events
from ledger.wiring import Ledger


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where an event came from: the text's line, and its place in the text from 0."""

    line: int
    event: int


async def capture(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """
    `texts`: pairs of a line number and the JSON of an event or an EPCIS document; `party`: whose the unsigned events
    are ("": each names its own); `proceed`.
    """
    party = party_of_text(params["party"]) if params.get("party") else None
    proceed = bool(params.get("proceed"))

    def work() -> Result:
        events: list[JsonTree] = []
        origins: list[_Origin] = []
        refused: list[Result] = []
        for line, text in params["texts"]:
            try:
                found = loose_events(parse_json_object(text))
            except InvalidInput as error:
                refused += [_refusal(_Origin(line, 0), violation) for violation in error.violations]
                continue
            events += found
            origins += [_Origin(line, index) for index in range(len(found))]
        if refused and not proceed:
            # Only what else is wrong is asked for: nothing of the call is recorded.
            results = ledger.capture().capture(events, party, dry_run=True, progress=progress)
        else:
            results = ledger.capture().capture(events, party, rollback=not proceed, progress=progress)
        for origin, result in zip(origins, results, strict=True):
            refused += [_refusal(origin, violation) for violation in result.violations]
        stands = proceed or not refused
        recorded = [_recorded(o, r) for o, r in zip(origins, results, strict=True) if r.record is not None and stands]
        return {
            "events": len(events),
            "recorded": sum(not one["repeated"] for one in recorded),
            "repeated": sum(one["repeated"] for one in recorded),
            "captured": recorded,
            "refused": sorted(refused, key=lambda one: (one["line"], one["event"])),
        }

    result = await asyncio.to_thread(work)
    ledger.wake()
    return result


def _recorded(origin: _Origin, result: CaptureResult) -> Result:
    record, receipt = result.record, result.acknowledgement
    assert record is not None  # noqa: S101 - chosen so
    return {
        "line": origin.line,
        "event": origin.event,
        "contentHash": "0x" + record.content_hash.hex(),
        "eventID": record.event_id,
        "sequence": record.sequence,
        "repeated": result.repeated,
        "receipt": acknowledgement_to_json(receipt) if receipt is not None else None,
    }


def _refusal(origin: _Origin, violation: Violation) -> Result:
    return {
        "line": origin.line,
        "event": origin.event,
        "field": violation.field,
        "rule": violation.rule,
        "value": violation.value,
        "message": violation.message,
    }


CAPTURING: dict[str, Callable[[Ledger, Params, ProgressCallback], Awaitable[Result]]] = {"capture": capture}
