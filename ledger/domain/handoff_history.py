"""
The handoffs of one lot, from shipment to end, as their signed structs tell them; no I/O.

Mirrors what the contract does to a consignment (`IProduceLedger`, kinds Shipment, Receipt, PartialReceipt, Settlement,
Notice, Void), for the grams of one lot. The lines of the other lots are followed as well, because their hash is what
both sides sign. Once a lot has no open line in a consignment, later entries of it no longer name the lot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledger.domain.actions import Line, Notice, PartialReceipt, Receipt, Settlement, Shipment, Void
from ledger.domain.custody_values import Handoff
from ledger.domain.findings import hexed
from ledger.domain.identifiers import ConsignmentId, Grams, LotId, PartyId, consignment_id
from ledger.domain.lot_history import LotHistory, grams_in
from ledger.domain.readings import Reading
from ledger.domain.records import ConsignmentState
from ledger.domain.typed_data import lines_hash

_NOTHING = Grams(0)


def ship(history: LotHistory, reading: Reading, action: Shipment) -> None:
    """Grams leave the shipper and are under way."""
    consignment = consignment_id(action.shipper, action.consignment_ref)
    if _used(history, reading, consignment):
        return
    grams = grams_in(action.manifest, history.lot)
    history.moved = True
    history.handoffs[consignment] = Handoff(
        consignment, action.consignment_ref, action.shipper, action.receiver, Grams(grams),
        reading.event.content_hash, to_come=Grams(grams),
    )  # fmt: skip
    history.open_lines[consignment] = action.manifest
    history.withdraw(reading, action.shipper, grams)


def receive(history: LotHistory, reading: Reading, action: Receipt) -> None:
    """All that is still under way arrives."""
    handoff = _arriving(history, reading, action)
    if handoff is None:
        return
    history.credit(action.receiver, handoff.to_come)
    history.handoffs[action.consignment] = replace(
        handoff, receipts=(*handoff.receipts, reading.event.content_hash), state=ConsignmentState.RECEIVED,
        accepted=Grams(handoff.accepted + handoff.to_come), to_come=_NOTHING,
    )  # fmt: skip


def receive_in_part(history: LotHistory, reading: Reading, action: PartialReceipt) -> None:
    """What arrives is accepted or refused; the rest is still to come, or missing where this is the last receipt."""
    handoff = _arriving(history, reading, action)
    if handoff is None:
        return
    lines = {line.lot: line for line in action.lines}
    before = history.open_lines[action.consignment]
    to_come = tuple(Line(line.lot, line.to_come) for line in action.lines if line.to_come)
    short = _short(before, {lot: line.accepted + line.refused + line.to_come for lot, line in lines.items()})
    if short is None or (to_come and short) or len(lines) != len(action.lines):
        history.gap(
            reading, "custody.lines-unbalanced", "The receipt does not account for what was under way.",
            consignment=hexed(action.consignment),
        )  # fmt: skip
        return
    refused = tuple(Line(line.lot, line.refused) for line in action.lines if line.refused)
    back = consignment_id(action.receiver, action.return_ref)
    if refused and _used(history, reading, back):
        return
    event = reading.event.content_hash
    mine = lines.get(history.lot)
    history.credit(action.receiver, mine.accepted if mine else 0)
    ends = ConsignmentState.VARIANCE if short else ConsignmentState.RECEIVED
    history.handoffs[action.consignment] = replace(
        handoff,
        receipts=(*handoff.receipts, event),
        state=handoff.state if to_come else ends,
        accepted=Grams(handoff.accepted + (mine.accepted if mine else 0)),
        refused=Grams(handoff.refused + (mine.refused if mine else 0)),
        to_come=Grams(grams_in(to_come, history.lot)),
        missing=Grams(grams_in(short, history.lot)),
    )
    # At an end the contract leaves the hash of what the last receipt was about.
    history.open_lines[action.consignment] = to_come or short or before
    if grams_in(refused, history.lot):
        grams = Grams(grams_in(refused, history.lot))
        history.handoffs[back] = Handoff(
            back, action.return_ref, handoff.receiver, handoff.shipper, grams, event,
            to_come=grams, returns=action.consignment,
        )  # fmt: skip
        history.open_lines[back] = refused


def settle(history: LotHistory, reading: Reading, action: Settlement) -> None:
    """What was missing is accounted for: lost, dried out, back at the shipper, or found at the receiver."""
    handoff = _sided(history, reading, action.consignment, (action.party, action.counterparty))
    if handoff is None:
        return
    if not handoff.state.in_dispute:
        history.gap(
            reading, "custody.settled-without-variance", "A settlement is shown where nothing is missing.",
            consignment=hexed(action.consignment),
        )  # fmt: skip
        return
    before = history.open_lines[action.consignment]
    stated = {line.lot: line.loss + line.weight_loss + line.returned + line.received for line in action.lines}
    if action.manifest_hash != lines_hash(before) or _short(before, stated) != ():
        _other_lines(history, reading, action.consignment, "What was settled is not what was missing.")
        return
    mine = next((line for line in action.lines if line.lot == history.lot), None)
    if mine is None:
        return
    history.credit(handoff.shipper, mine.returned)
    history.credit(handoff.receiver, mine.received)
    history.handoffs[action.consignment] = replace(
        handoff, state=ConsignmentState.SETTLED, end=reading.event.content_hash, missing=_NOTHING,
        loss=mine.loss, weight_loss=mine.weight_loss, returned=mine.returned, received=mine.received,
    )  # fmt: skip


def announce(history: LotHistory, reading: Reading, action: Notice) -> None:
    """The shipper will take back what is under way, or a side will write off what is missing; nothing moves yet."""
    handoff = _sided(history, reading, action.consignment, (action.party,))
    if handoff is None:
        return
    following = {
        ConsignmentState.IN_TRANSIT: ConsignmentState.VOID_ANNOUNCED,
        ConsignmentState.VARIANCE: ConsignmentState.WRITE_OFF_ANNOUNCED,
    }
    state = following.get(handoff.state)
    if state is None or (state is ConsignmentState.VOID_ANNOUNCED and action.party != handoff.shipper):
        # The lot may have no part in the consignment any more, so this is no gap; the chain refused what it had to.
        return
    history.handoffs[action.consignment] = replace(handoff, state=state, notice=reading.event.content_hash)


def void(history: LotHistory, reading: Reading, action: Void) -> None:
    """What is still under way goes back to the shipper."""
    handoff = _sided(history, reading, action.consignment, (action.shipper, action.receiver))
    if handoff is None:
        return
    if not handoff.state.under_way:
        _not_under_way(history, reading, action.consignment)
    elif action.shipper != handoff.shipper:
        _not_a_side(history, reading, action.consignment, action.shipper)
    elif action.manifest_hash != lines_hash(history.open_lines[action.consignment]):
        _other_lines(history, reading, action.consignment, "What was taken back is not what was under way.")
    else:
        history.credit(handoff.shipper, handoff.to_come)
        history.handoffs[action.consignment] = replace(
            handoff, state=ConsignmentState.VOIDED, end=reading.event.content_hash,
            voided=handoff.to_come, to_come=_NOTHING,
        )  # fmt: skip


def _arriving(history: LotHistory, reading: Reading, action: Receipt | PartialReceipt) -> Handoff | None:
    """The handoff that the receipt is of, if it can be received by that party now."""
    handoff = history.handoffs.get(action.consignment)
    named = hexed(action.consignment)
    if handoff is None:
        _without_shipment(history, reading, action.consignment)
    elif handoff.receiver != action.receiver:
        history.gap(
            reading, "custody.receipt-by-another",
            f"Party {action.receiver} signed for a consignment to party {handoff.receiver}.",
            receiver=action.receiver, named=handoff.receiver,
        )  # fmt: skip
    elif handoff.state is ConsignmentState.VOIDED:
        _not_under_way(history, reading, action.consignment)
    elif not handoff.state.under_way and handoff.receipts:
        if lines_hash(history.open_lines[action.consignment]) != action.manifest_hash:
            _other_manifest(history, reading, action)
        else:
            history.gap(reading, "custody.received-twice", "The consignment was received before.", consignment=named)
    elif lines_hash(history.open_lines[action.consignment]) != action.manifest_hash:
        _other_manifest(history, reading, action)
    else:
        return handoff
    return None


def _other_manifest(history: LotHistory, reading: Reading, action: Receipt | PartialReceipt) -> None:
    history.gap(
        reading, "custody.receipt-other-manifest", "The receiver signed for another manifest.",
        sent=hexed(lines_hash(history.open_lines[action.consignment])), received=hexed(action.manifest_hash),
    )  # fmt: skip


def _sided(
    history: LotHistory, reading: Reading, consignment: ConsignmentId, parties: Sequence[PartyId]
) -> Handoff | None:
    """The handoff, if all the parties named (0: nobody) are sides of it."""
    handoff = history.handoffs.get(consignment)
    if handoff is None:
        _without_shipment(history, reading, consignment)
        return None
    for party in parties:
        if party and party not in (handoff.shipper, handoff.receiver):
            _not_a_side(history, reading, consignment, party)
            return None
    return handoff


def _short(before: Sequence[Line], stated: dict[LotId, int]) -> tuple[Line, ...] | None:
    """What of the open lines is not stated; None where more is, or where other lots are named."""
    if [line.lot for line in before] != list(stated) or any(line.grams < stated[line.lot] for line in before):
        return None
    return tuple(
        Line(line.lot, Grams(line.grams - stated[line.lot])) for line in before if line.grams > stated[line.lot]
    )


def _used(history: LotHistory, reading: Reading, consignment: ConsignmentId) -> bool:
    if consignment in history.handoffs:
        history.gap(reading, "custody.consignment-used", "The consignment was shipped before.")
        return True
    return False


def _without_shipment(history: LotHistory, reading: Reading, consignment: ConsignmentId) -> None:
    history.gap(
        reading, "custody.receipt-without-shipment", "No shipment is shown for this entry.",
        consignment=hexed(consignment),
    )  # fmt: skip


def _not_a_side(history: LotHistory, reading: Reading, consignment: ConsignmentId, party: PartyId) -> None:
    history.gap(
        reading, "custody.not-a-side", f"Party {party} is not the side of the consignment that may do this.",
        consignment=hexed(consignment), party=party,
    )  # fmt: skip


def _not_under_way(history: LotHistory, reading: Reading, consignment: ConsignmentId) -> None:
    history.gap(
        reading, "custody.not-under-way", "The consignment was not under way any more.", consignment=hexed(consignment)
    )


def _other_lines(history: LotHistory, reading: Reading, consignment: ConsignmentId, sentence: str) -> None:
    history.gap(reading, "custody.other-lines", sentence, consignment=hexed(consignment))
