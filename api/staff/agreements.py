"""
What two parties sign, from two phones: `/staff/api/proposals`.

The first side sends its signed event, which waits, and may take it back; the other side reads it, signs the same digest
with its own device, or turns it down. Nothing is recorded before both signed. Only the two sides see it.
"""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from api.dependencies import services_of
from api.localization import N_
from api.problem_details import INVALID, Kind, Problem
from api.staff.access import OTHER_PARTY, SAME_ORIGIN, SignedIn, Staff, desk_of
from api.staff.drafts import TOO_LARGE
from ledger.domain.action_json import to_json
from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.json_tree import parse_json_object
from ledger.domain.records import RecordedEvent
from ledger.ports_proposals import Proposal
from ledger.services.keys import DeviceKey
from ledger.services.proposals import Proposals

MOST_BYTES = 512 * 1024
NO_PROPOSAL = Kind(
    "unknown-proposal", 404, N_("This does not wait for a signature any more"),
    N_("The other side signed it, took it off or turned it down, or its time is over."),
)  # fmt: skip
NOT_AGREED = Kind(
    "not-agreed", 409, N_("This was not recorded"),
    N_("It does not fit what is recorded by now. See which rule it breaks below."),
)  # fmt: skip
NOT_WITHDRAWN = Kind("not-withdrawn", 409, N_("This was not taken back"), N_("See which rule it breaks below."))
router = APIRouter(include_in_schema=False)
Number = Annotated[int, Path(ge=1, le=2**53)]


@router.post("/staff/api/proposals", status_code=201, dependencies=[SAME_ORIGIN])
async def propose(request: Request, who: Staff) -> dict[str, Any]:
    """Keeps a signed event of the person's party until its other side signs too."""
    tree = parse_json_object(await _body(request))
    try:
        made = await asyncio.to_thread(_proposals(request).propose_signed, tree, who.party)
    except InvalidInput as error:
        kind = OTHER_PARTY if error.violations[0].rule == "proposal.signed" else NOT_AGREED
        raise Problem(kind, violations=error.violations) from None
    return {"recorded": _recorded(made)} if isinstance(made, RecordedEvent) else proposal_json(made)


@router.get("/staff/api/proposals/{number}")
async def proposal(request: Request, who: Staff, number: Number) -> dict[str, Any]:
    """What waits for the party's signature, whole: it is signed only after the browser read it."""
    return proposal_json(await asyncio.to_thread(_open, request, who, number))


@router.post("/staff/api/proposals/{number}/agree", status_code=201, dependencies=[SAME_ORIGIN])
async def agree(request: Request, who: Staff, number: Number) -> dict[str, Any]:
    """Records it with the second signature: 128 bytes r, s, x, y over its digest, in `{"signature": "0x…"}`."""
    given = _signature(parse_json_object(await _body(request)))
    proposals = _proposals(request)
    try:
        device = DeviceKey.parse(given[64:])
        recorded = await asyncio.to_thread(proposals.agree, number, who.party, device, given)
    except NotFound:
        raise Problem(NO_PROPOSAL) from None
    except InvalidInput as error:
        raise Problem(NOT_AGREED, violations=error.violations) from None
    desk_of(request).wake()
    return {"recorded": _recorded(recorded)}


@router.post("/staff/api/proposals/{number}/decline", dependencies=[SAME_ORIGIN])
async def decline(request: Request, who: Staff, number: Number) -> dict[str, Any]:
    """The other side does not agree: the proposal is gone, and nothing was recorded."""
    await asyncio.to_thread(_open, request, who, number)
    await asyncio.to_thread(_proposals(request).withdraw, number, who.party)
    return {"declined": number}


@router.get("/staff/api/proposals/{number}/withdrawal")
async def withdrawal(request: Request, who: Staff, number: Number) -> dict[str, Any]:
    """The party's own proposal, whole, and what its device signs to take it back."""
    proposals, record = _proposals(request), services_of(request).deployment
    try:
        own = await asyncio.to_thread(proposals.own, number, who.party)
        found = await asyncio.to_thread(proposals.cancellation_of, number, who.party)
    except NotFound:
        raise Problem(NO_PROPOSAL) from None
    told = {"party": str(found.party), "digest": "0x" + found.digest.hex(), "deadline": found.deadline}
    return proposal_json(own) | {
        "cancellation": told, "chainId": record["chainId"], "registry": record["partyRegistry"],
    }  # fmt: skip


@router.post("/staff/api/proposals/{number}/withdraw", dependencies=[SAME_ORIGIN])
async def withdraw(request: Request, who: Staff, number: Number) -> dict[str, Any]:
    """
    Takes the party's own proposal back: `{"deadline": …, "signature": "0x…"}` over the cancellation with that deadline.
    The first signature is declared void on chain.
    """
    tree = parse_json_object(await _body(request))
    deadline, given = tree.pop("deadline", None), _signature(tree)
    if type(deadline) is not int or not 0 < deadline < 2**53:
        message = "the deadline of the cancellation that was signed, Unix seconds"
        raise Problem(INVALID, violations=InvalidInput.one("/deadline", "proof.deadline", deadline, message).violations)
    try:
        device = DeviceKey.parse(given[64:])
        await asyncio.to_thread(_proposals(request).withdraw_signed, number, who.party, deadline, device, given)
    except NotFound:
        raise Problem(NO_PROPOSAL) from None
    except InvalidInput as error:
        raise Problem(NOT_WITHDRAWN, violations=error.violations) from None
    desk_of(request).wake()
    return {"withdrawn": number}


def proposal_json(one: Proposal) -> dict[str, Any]:
    """A proposal as the other side's browser reads it."""
    return {
        "number": one.id,
        "party": f"{one.party:013d}",
        "counterparty": f"{one.counterparty:013d}",
        "deadline": one.deadline,
        "event": json.loads(one.event.body),
        "action": to_json(one.action),
        "digest": "0x" + one.digest.hex(),
    }


def _open(request: Request, who: SignedIn, number: int) -> Proposal:
    try:
        return _proposals(request).open(number, who.party)
    except (NotFound, InvalidInput):
        raise Problem(NO_PROPOSAL) from None


def _proposals(request: Request) -> Proposals:
    proposals = desk_of(request).proposals
    if proposals is None:
        raise Problem(NO_PROPOSAL)
    return proposals


def _signature(tree: dict[str, Any]) -> bytes:
    text = tree.get("signature")
    try:
        given = bytes.fromhex(str(text).removeprefix("0x"))
    except ValueError:
        given = b""
    if tree.keys() != {"signature"} or len(given) != 128:
        message = "128 bytes in hex: r, s, x and y of a P-256 signature"
        raise Problem(INVALID, violations=InvalidInput.one("/signature", "proof.signature", text, message).violations)
    return given


def _recorded(event: RecordedEvent) -> dict[str, Any]:
    return {"eventId": event.event_id, "contentHash": "0x" + event.content_hash.hex(), "sequence": event.sequence}


async def _body(request: Request) -> bytes:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_BYTES:
            raise Problem(TOO_LARGE)
    return bytes(data)
