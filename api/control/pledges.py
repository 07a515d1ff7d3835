"""Operations of pledges, and of all that two parties have to sign: what waits, agreeing, withdrawing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from api.control.lot_text import lot_of_text, party_of_text
from api.control.protocol import Params, ProgressCallback, Result
from api.control.recording import proposed, proposing, recorded, recording
from ledger.domain import event_forms
from ledger.domain.action_json import to_json
from ledger.domain.actions import Pledge, Settlement, Void
from ledger.domain.errors import InvalidInput
from ledger.domain.event_forms import When
from ledger.domain.identifiers import LotId, PartyId
from ledger.domain.records import JsonTree
from ledger.ports import EventStore
from ledger.services.builders.common import existing
from ledger.services.keys import DeviceKey
from ledger.services.proposals import Proposal
from ledger.wiring import Ledger


def _pledge(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    (amount,) = existing(store, [params])
    until = datetime.fromtimestamp(params["until"], UTC).isoformat(timespec="seconds")
    return event_forms.pledge(party, party_of_text(params["lender"]), amount, until, when)


def _release(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    lot = lot_of_text(store, params["lot"])
    return event_forms.pledge_release(party, party_of_text(params["holder"]), lot, when)


async def pledges(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """The pledges that stand on what `holder` has of `lot`; what is held, and what of it is free, in grams."""

    def work() -> Result:
        lot, holder = lot_of_text(ledger.store, params["lot"]), party_of_text(params["holder"])
        with ledger.store.rehearsing() as transaction:
            standing = transaction.projection.pledges_of(lot.id, holder, int(ledger.clock.now()))
            held = transaction.projection.held(lot.id, holder)
        rows = [{"lender": f"{one.lender:013d}", "grams": one.grams, "until": one.until} for one in standing]
        free = max(0, held - sum(one.grams for one in standing))
        return {"lot": str(lot), "holder": f"{holder:013d}", "held": held, "free": free, "pledges": rows}

    return await asyncio.to_thread(work)


async def proposals(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """The open proposals that `party` made or has to agree to."""

    def work() -> Result:
        found = ledger.proposals().of(party_of_text(params["party"]))
        return {"proposals": [_told(ledger, proposal) for proposal in found]}

    return await asyncio.to_thread(work)


async def agree(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """
    `party` signs `proposal` too and it is recorded. With a `public_key` that is not kept here: without `signature` what
    that key has to sign, with it the agreement.
    """
    party, number = party_of_text(params["party"]), int(params["proposal"])
    service = ledger.proposals()
    if not params.get("public_key"):
        event = await asyncio.to_thread(service.agree, number, party)
    else:
        device = DeviceKey.parse(_bytes(params["public_key"], "publicKey"))
        if not params.get("signature"):
            proposal = await asyncio.to_thread(service.open, number, party)
            return proposed(proposal)
        given = _bytes(params["signature"], "signature")
        event = await asyncio.to_thread(service.agree, number, party, device, given)
    ledger.wake()
    return recorded(event)


async def withdraw(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """Takes `proposal` off: by who made it (its digest is cancelled on chain), or by whom it waits for."""
    party, number = party_of_text(params["party"]), int(params["proposal"])
    cancelled = await asyncio.to_thread(ledger.proposals().withdraw, number, party)
    ledger.wake()
    return {"proposal": number, "cancelled": cancelled}


def _told(ledger: Ledger, proposal: Proposal) -> Result:
    action = proposal.action
    about, lines = "", []
    if isinstance(action, Settlement | Void):
        about = ledger.store.consignment_ref(action.consignment) or "0x" + action.consignment.hex()
    if isinstance(action, Settlement):
        for line in action.lines:
            shares = {"loss": line.loss, "weightLoss": line.weight_loss}
            shares |= {"returned": line.returned, "received": line.received}
            lines.append({"lot": _name(ledger, line.lot), **shares})
    if isinstance(action, Pledge):
        about = _name(ledger, action.lot)
        lines.append({"lot": about, "grams": action.grams, "until": action.until})
    return proposed(proposal) | {
        "what": type(action).__name__.lower(),
        "about": about,
        "lines": lines,
        "action": to_json(action),
    }


def _name(ledger: Ledger, lot: LotId) -> str:
    ref = ledger.store.lot_ref(lot)
    return str(ref) if ref is not None else "0x" + lot.hex()


def _bytes(text: str, field: str) -> bytes:
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError as error:
        raise InvalidInput.one(field, "hex", text, "not hex digits") from error


PLEDGES = {
    "pledge": proposing(_pledge),
    "pledge-release": recording(_release),
    "pledges": pledges,
    "proposals": proposals,
    "agree": agree,
    "withdraw": withdraw,
}
