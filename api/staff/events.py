"""
Events that staff signed in their own browsers: `POST /staff/api/events` records one.

The session's party has to be the event's, the signature is checked as any other (docs/events.md, "Events that come
signed"), and the same event sent again gives the first record, so that a queue may ask twice. Whatever is answered with
2xx is on disk. Refusals are problems that name every rule.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect

from api.capture_desk import CaptureDesk
from api.capture_gate import BadEncoding, Busy, TooLarge, TooSlow
from api.dependencies import services_of
from api.localization import N_, Words, language_of, words
from api.problem_details import INVALID, Kind, Problem
from api.routes.epcis import CONFLICTING, NOT_OFFERED, TOO_SLOW, UNSUPPORTED
from api.routes.rpc import TOO_LONG, TOO_MANY
from api.rule_phrases import RULES
from api.staff.access import OTHER_PARTY, SAME_ORIGIN, Staff
from ledger.domain.errors import InvalidInput, Violation
from ledger.services.capture import CONFLICT, CaptureResult
from ledger.services.capture_jobs import NotAllowed, TooMuch

MOST_BYTES = 512 * 1024
"""Of one event: a consignment of a thousand lots has a third of that."""
NOT_RECORDED = Kind(
    "not-recorded", 409, N_("This was not recorded"),
    N_("It does not fit what is recorded by now. See which rule it breaks below."),
)  # fmt: skip
_MEDIA = "application/json"
_MOST_TOLD = 20
router = APIRouter(include_in_schema=False)


@router.post("/staff/api/events", status_code=201, dependencies=[SAME_ORIGIN])
async def record_event(request: Request, who: Staff) -> dict[str, Any]:
    """Records one signed event of the person's party."""
    desk = capture_of(request)
    data = await _body(request, desk, f"person:{who.person.id}")
    try:
        result = await asyncio.to_thread(desk.jobs.take_signed, data, who.party)
    except NotAllowed as error:
        raise Problem(OTHER_PARTY, violations=(error.violation,)) from None
    except TooMuch as error:
        raise Problem(TOO_LONG, str(error)) from None
    except InvalidInput as error:
        raise Problem(INVALID, violations=error.violations[:_MOST_TOLD]) from None
    if result.record is None:
        raise _refused(result, words(language_of(request)))
    desk.wake()
    return {
        "eventID": result.record.event_id,
        "contentHash": "0x" + result.record.content_hash.hex(),
        "recordTime": result.record.record_time.isoformat(),
        "repeated": result.repeated,
    }


def capture_of(request: Request) -> CaptureDesk:
    """Where events are recorded; a problem where this service takes none."""
    desk = services_of(request).capture
    if desk is None:
        raise Problem(NOT_OFFERED)
    return desk


def _refused(result: CaptureResult, speak: Words) -> Problem:
    """Rules of form are 400; what another record made impossible is 409. A queue shows the messages to its reader."""
    violations = tuple(_plain(one, speak) for one in result.violations[:_MOST_TOLD])
    if any(violation.rule == CONFLICT for violation in violations):
        return Problem(CONFLICTING, violations=violations)
    # Names of the ledger's own rules are written like its contracts' errors; those of form have a dot.
    of_state = any("." not in violation.rule for violation in violations)
    return Problem(NOT_RECORDED if of_state else INVALID, violations=violations)


def _plain(violation: Violation, speak: Words) -> Violation:
    """The rule in plain words of the reader's language, where there are such."""
    text = RULES.get(violation.rule)
    return replace(violation, message=speak(text)) if text else violation


async def _body(request: Request, desk: CaptureDesk, person: str) -> bytes:
    """The event's bytes; problems for all that may be wrong with them."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA:
        raise Problem(UNSUPPORTED, headers={"accept": _MEDIA})
    try:
        async with desk.gate.place(person) as place:
            data = await place.body(request)
    except Busy as busy:
        raise Problem(TOO_MANY, headers={"retry-after": str(busy.seconds)}) from None
    except TooLarge:
        raise _too_long() from None
    except (TooSlow, ClientDisconnect):
        raise Problem(TOO_SLOW) from None
    except BadEncoding as error:
        raise Problem(UNSUPPORTED, f"Content-Encoding: {error}"[:200]) from None
    if len(data) > MOST_BYTES:
        raise _too_long()
    return data


def _too_long() -> Problem:
    return Problem(TOO_LONG, f"An event has at most {MOST_BYTES} bytes.")
