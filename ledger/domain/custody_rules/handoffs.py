"""
A consignment from its shipment to its end; no I/O.

Under way (`IN_TRANSIT`, `VOID_ANNOUNCED`) it takes receipts until nothing is to come, or is voided. What is missing
then is in dispute (`VARIANCE`, `WRITE_OFF_ANNOUNCED`) until it is settled. `RECEIVED`, `SETTLED` and `VOIDED` are ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledger.domain.actions import Line, Notice, PartialReceipt, Receipt, ReceiptLine, Settlement, Shipment, Void
from ledger.domain.custody_rules.common import lots_of, moment, refuse, require_same_lots, take
from ledger.domain.custody_state import Consignment, LedgerState, Place, StateChange
from ledger.domain.errors import Refused
from ledger.domain.identifiers import ConsignmentId, Digest, Grams, PartyId, consignment_id
from ledger.domain.records import ConsignmentState
from ledger.domain.typed_data import lines_hash

NOTICE_SECONDS = 72 * 3600
"""How long a notice takes before one side may act alone."""


def ship(state: LedgerState, action: Shipment, now: int) -> StateChange:
    """Lots leave the shipper for one named receiver."""
    if action.receiver == action.shipper:
        raise refuse("/receiver", "SelfShipment", f"party {action.shipper}", "a party does not ship to itself")
    if not state.roles.get(action.receiver, 0):
        raise refuse("/receiver", "UnknownReceiver", f"party {action.receiver}", "no such party is admitted")
    consignment = consignment_id(action.shipper, action.consignment_ref)
    _require_free_reference(state, consignment, action.consignment_ref, "/consignmentRef")
    taken = take(state, action.manifest, action.shipper, "manifest", now, going_to=action.receiver)
    sent = Consignment(
        action.shipper, action.receiver, ConsignmentState.IN_TRANSIT, action.manifest, action.manifest
    )  # fmt: skip
    return StateChange(
        balances=taken.balances, lots=taken.lots, consignments={consignment: sent}, entries=lots_of(action.manifest)
    )


def receive(state: LedgerState, action: Receipt) -> StateChange:
    """All that is still under way arrived."""
    sent = _require_arriving(state, action)
    return StateChange(
        balances=_given(sent.open_lines, action.receiver),
        consignments={action.consignment: replace(sent, state=ConsignmentState.RECEIVED)},
        entries=lots_of(sent.open_lines),
    )


def receive_partly(state: LedgerState, action: PartialReceipt) -> StateChange:
    """Some arrived, some is refused, some is to come; what is missing of the last receipt opens a variance."""
    sent = _require_arriving(state, action)
    require_same_lots(lots_of(sent.open_lines), tuple(line.lot for line in action.lines), "/lines")
    more_to_come = any(line.to_come for line in action.lines)
    for index, (line, stated) in enumerate(zip(sent.open_lines, action.lines, strict=True)):
        grams = _stated(stated)
        if grams > line.grams or (more_to_come and grams != line.grams):
            raise _unbalanced(index, line, grams, "accepted, refused and still to come are not what was under way")
    if more_to_come and not any(line.accepted or line.refused for line in action.lines):
        raise refuse(
            "/lines",
            "NothingReceived",
            action.consignment.hex(),
            "a receipt that leaves everything to come says nothing",
        )
    refused = tuple(Line(line.lot, line.refused) for line in action.lines if line.refused)
    consignments = _returned(state, action, sent, refused)
    to_come = tuple(Line(line.lot, line.to_come) for line in action.lines if line.to_come)
    missing = tuple(
        Line(line.lot, Grams(line.grams - _stated(stated)))
        for line, stated in zip(sent.open_lines, action.lines, strict=True)
        if line.grams > _stated(stated)
    )
    if to_come:
        after = replace(sent, open_lines=to_come)
    elif missing:
        # A notice that it would be voided is no notice that what is missing will be written off.
        after = replace(sent, state=ConsignmentState.VARIANCE, open_lines=missing, notice_at=0)
    else:
        after = replace(sent, state=ConsignmentState.RECEIVED)
    accepted = tuple(Line(line.lot, line.accepted) for line in action.lines if line.accepted)
    return StateChange(
        balances=_given(accepted, action.receiver),
        consignments={action.consignment: after, **consignments},
        entries=lots_of(sent.open_lines),
    )


def settle(state: LedgerState, action: Settlement, now: int) -> StateChange:
    """A variance ends: by both sides, or by one alone after a notice, as all loss."""
    sent = state.consignments.get(action.consignment)
    if sent is None or not sent.state.in_dispute:
        raise refuse(
            "/consignment", "NoVariance", _standing(action.consignment, sent), "there is no variance to settle"
        )
    sides = (sent.shipper, sent.receiver)
    if action.party not in sides:
        raise _not_a_side(action.consignment, action.party, "/party")
    if action.counterparty:
        if action.counterparty not in sides or action.counterparty == action.party:
            raise _not_a_side(action.consignment, action.counterparty, "/counterparty")
    else:
        _require_notice_over(action.consignment, sent, now)
    _require_manifest(sent, action.manifest_hash)
    require_same_lots(lots_of(sent.open_lines), tuple(line.lot for line in action.lines), "/lines")
    balances: dict[Place, int] = {}
    for index, (missing, line) in enumerate(zip(sent.open_lines, action.lines, strict=True)):
        stated = line.loss + line.weight_loss + line.returned + line.received
        if stated != missing.grams:
            raise _unbalanced(index, missing, stated, "what is settled is not what was missing")
        if not action.counterparty and line.loss != missing.grams:
            raise refuse(
                f"/lines/{index}", "OnlyLoss", f"lot {line.lot.hex()}", "one side alone can only settle as loss"
            )
        if line.returned:
            balances[line.lot, sent.shipper] = line.returned
        if line.received:
            balances[line.lot, sent.receiver] = line.received
    return StateChange(
        balances=balances,
        consignments={action.consignment: replace(sent, state=ConsignmentState.SETTLED)},
        entries=lots_of(sent.open_lines),
    )


def give_notice(state: LedgerState, action: Notice, now: int, digest: Digest) -> StateChange:
    """
    One side says in public what it will do alone, 72 hours later. Used once: a notice of a void must not be repeated as
    one of a write-off.
    """
    sent = state.consignments.get(action.consignment)
    if sent is not None and sent.state is ConsignmentState.IN_TRANSIT and action.party == sent.shipper:
        announced = ConsignmentState.VOID_ANNOUNCED
    elif (
        sent is not None
        and sent.state is ConsignmentState.VARIANCE
        and action.party in (sent.shipper, sent.receiver)
    ):  # fmt: skip
        announced = ConsignmentState.WRITE_OFF_ANNOUNCED
    else:
        raise refuse(
            "/consignment", "NoticeNotPossible", f"{_standing(action.consignment, sent)}, party {action.party}",
            "its shipper gives notice of a consignment under way, either side of a variance, and once",
        )  # fmt: skip
    noticed = replace(sent, state=announced, notice_at=now)
    return StateChange(consignments={action.consignment: noticed}, used_digest=digest)


def void(state: LedgerState, action: Void, now: int) -> StateChange:
    """What is still under way goes back to the shipper."""
    sent = state.consignments.get(action.consignment)
    if sent is None or not sent.state.under_way:
        raise _not_in_transit(action.consignment, sent)
    if action.shipper != sent.shipper:
        raise _not_a_side(action.consignment, action.shipper, "/shipper")
    if action.receiver:
        if action.receiver != sent.receiver:
            raise _not_a_side(action.consignment, action.receiver, "/receiver")
    else:
        _require_notice_over(action.consignment, sent, now)
    _require_manifest(sent, action.manifest_hash)
    return StateChange(
        balances=_given(sent.open_lines, sent.shipper),
        consignments={action.consignment: replace(sent, state=ConsignmentState.VOIDED)},
        entries=lots_of(sent.open_lines),
    )


def _require_arriving(state: LedgerState, action: Receipt | PartialReceipt) -> Consignment:
    sent = state.consignments.get(action.consignment)
    if sent is None or not sent.state.under_way:
        raise _not_in_transit(action.consignment, sent)
    if sent.receiver != action.receiver:
        raise refuse(
            "/receiver", "NotTheReceiver", f"{action.receiver}, named {sent.receiver}",
            "only the receiver that the shipper named may receive",
        )  # fmt: skip
    _require_manifest(sent, action.manifest_hash)
    return sent


def _require_manifest(sent: Consignment, signed: bytes) -> None:
    expected = lines_hash(sent.open_lines)
    if expected != signed:
        raise refuse(
            "/manifestHash", "WrongManifest", f"expected {expected.hex()}, got {signed.hex()}",
            "the lines that were signed are not those that are still open",
        )  # fmt: skip


def _require_notice_over(consignment: ConsignmentId, sent: Consignment, now: int) -> None:
    over_at = sent.notice_at + NOTICE_SECONDS if sent.notice_at else 0
    if not sent.notice_at or now < over_at:
        first = f"not before {moment(over_at)}" if over_at else "no notice was given"
        raise refuse(
            "/consignment", "NoticeNotOver", f"{consignment.hex()}: {first}",
            "without the other side's signature, 72 hours have to go by after a public notice",
        )  # fmt: skip


def _returned(
    state: LedgerState, action: PartialReceipt, sent: Consignment, refused: Sequence[Line]
) -> dict[ConsignmentId, Consignment]:
    """What is refused is under way back, as a consignment of the receiver's."""
    if bool(refused) != bool(action.return_ref):
        total = sum(line.grams for line in refused)
        raise refuse(
            "/returnRef", "ReturnReference", f"{total} g refused, reference {action.return_ref!r}",
            "what is refused goes back under a reference of the receiver's, and only that",
        )  # fmt: skip
    if not refused:
        return {}
    consignment = consignment_id(action.receiver, action.return_ref)
    _require_free_reference(state, consignment, action.return_ref, "/returnRef")
    lines = tuple(refused)
    return {consignment: Consignment(sent.receiver, sent.shipper, ConsignmentState.IN_TRANSIT, lines, lines)}


def _require_free_reference(state: LedgerState, consignment: ConsignmentId, reference: str, path: str) -> None:
    if consignment in state.consignments:
        raise refuse(path, "ConsignmentUsed", reference, "the shipper used this reference before")


def _given(lines: Sequence[Line], party: PartyId) -> dict[Place, int]:
    return {(line.lot, party): line.grams for line in lines}


def _stated(line: ReceiptLine) -> int:
    return line.accepted + line.refused + line.to_come


def _standing(consignment: ConsignmentId, sent: Consignment | None) -> str:
    where = ConsignmentState.NONE if sent is None else sent.state
    return f"{consignment.hex()} is {where.name}"


def _not_in_transit(consignment: ConsignmentId, sent: Consignment | None) -> Refused:
    return refuse(
        "/consignment", "NotInTransit", _standing(consignment, sent), "nothing is under way under that reference"
    )


def _not_a_side(consignment: ConsignmentId, party: PartyId, path: str) -> Refused:
    return refuse(
        path, "NotASide", f"{consignment.hex()}, party {party}",
        "the party is not the side of that consignment that has to sign here",
    )  # fmt: skip


def _unbalanced(index: int, line: Line, stated: int, message: str) -> Refused:
    value = f"lot {line.lot.hex()}: expected {line.grams} g, stated {stated} g"
    return refuse(f"/lines/{index}", "LineUnbalanced", value, message)
