"""
`POST /staff/api/drafts`: what was filled into a form becomes the event that the person's own device signs.

The body is `{"kind", "fields", "request"}`; the party and the person are those of the session, never of the body. The
answer is the draft, or, where the request was recorded already, `{"recorded": …}`. Refusals are problems whose
violations name the field of the form, with the rule's sentence in the reader's language in `text`.
"""

from __future__ import annotations

from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request

from api.localization import N_
from api.problem_details import Kind, Problem
from api.staff.access import SAME_ORIGIN, SignedIn, Staff, desk_of
from ledger.domain.errors import InvalidInput
from ledger.domain.json_tree import parse_json
from ledger.domain.records import RecordedEvent
from ledger.services.drafts import Actor, Draft, Drafts

MOST_BYTES = 512 * 1024
TOO_LARGE = Kind(
    "form-too-large", 413, N_("This form is too large"), N_("Send fewer rows at once. Nothing was recorded.")
)
NO_DRAFTS = Kind("no-drafts", 404, N_("Nothing can be recorded here"), N_("This service only shows what is recorded."))

router = APIRouter(include_in_schema=False)


@router.post("/staff/api/drafts", dependencies=[SAME_ORIGIN])
async def draft(request: Request, who: Staff) -> dict[str, Any]:
    """The draft of the form, for the session's party."""
    drafts = desk_of(request).drafts
    if drafts is None:
        raise Problem(NO_DRAFTS)
    tree = parse_json(await _body(request))
    if not isinstance(tree, dict) or tree.keys() != {"kind", "fields", "request"}:
        raise InvalidInput.one("", "draft.form", type(tree).__name__, "send kind, fields and request, and no more")
    return await to_thread.run_sync(_draft, drafts, tree, who)


def _draft(drafts: Drafts, tree: dict[str, Any], who: SignedIn) -> dict[str, Any]:
    actor = Actor(who.party, who.person.id, who.person.name, who.key_id)
    made = drafts.draft(tree["kind"], tree["fields"], tree["request"], actor)
    return made.to_json() if isinstance(made, Draft) else {"recorded": recorded_json(made)}


def recorded_json(event: RecordedEvent) -> dict[str, Any]:
    """What was recorded, as pages are told."""
    return {
        "sequence": event.sequence,
        "eventID": event.event_id,
        "contentHash": "0x" + event.content_hash.hex(),
        "event": event.body,
    }


async def _body(request: Request) -> bytes:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_BYTES:
            raise Problem(TOO_LARGE)
    return bytes(data)
