"""
Holds a handoff, as a lot's events tell it, against the contract's record of the consignment; no I/O.

A lot's events tell a consignment only as long as the lot has an open line in it: later entries are about other lots and
do not name this one. Until then state and lines have to be exactly the chain's. Notices are not counted on chain, so a
hidden one changes nothing here: announced or not, goods are under way, and a variance is a variance.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.domain.actions import Line
from ledger.domain.custody_values import Handoff
from ledger.domain.identifiers import LotId
from ledger.domain.records import ConsignmentRecord, ConsignmentState
from ledger.domain.typed_data import lines_hash

KEPT_HASH_BYTES = 24
"""The contract keeps so many first bytes of the hash of the open lines, so that a consignment fits one storage slot."""

_UNANNOUNCED = {
    ConsignmentState.VOID_ANNOUNCED: ConsignmentState.IN_TRANSIT,
    ConsignmentState.WRITE_OFF_ANNOUNCED: ConsignmentState.VARIANCE,
}


def consignment_problem(
    handoff: Handoff, open_lines: Sequence[Line], lot: LotId, record: ConsignmentRecord
) -> tuple[str, str] | None:
    """Code and English sentence of what differs; None where nothing does."""
    if (record.shipper, record.receiver) != (handoff.shipper, handoff.receiver):
        return "custody.consignment", "The chain has another consignment under this reference."
    if all(line.lot != lot for line in open_lines):
        return _went_on(handoff, record)
    if unannounced(record.state) is not unannounced(handoff.state):
        return _other_state(handoff, record)
    if record.manifest_hash != lines_hash(open_lines)[:KEPT_HASH_BYTES]:
        return "custody.consignment", "By the chain other goods are in the consignment than its events show."
    return None


def unannounced(state: ConsignmentState) -> ConsignmentState:
    """The state, whether or not notice was given."""
    return _UNANNOUNCED.get(state, state)


def _went_on(handoff: Handoff, record: ConsignmentRecord) -> tuple[str, str] | None:
    """The lot has no part in the consignment any more: it may have gone on, but not back."""
    if handoff.state.in_dispute and (
        record.state.under_way or record.state in (ConsignmentState.NONE, ConsignmentState.RECEIVED)
    ):
        return _other_state(handoff, record)
    return _other_state(handoff, record) if record.state is ConsignmentState.NONE else None


def _other_state(handoff: Handoff, record: ConsignmentRecord) -> tuple[str, str]:
    if handoff.state.under_way and record.state is ConsignmentState.NONE:
        return "custody.consignment", "The chain has no such consignment."
    if handoff.state.under_way and record.state is not ConsignmentState.VOIDED:
        return "custody.receipt-hidden", "By the chain the consignment was received, but no last receipt is shown."
    if record.state.under_way and handoff.state is not ConsignmentState.VOIDED:
        return "custody.receipt-not-on-chain", "A receipt is shown for a consignment that by the chain is under way."
    return (
        "custody.consignment-end",
        f"By its events the consignment is {handoff.state.name.lower().replace('_', ' ')}, "
        f"by the chain {record.state.name.lower().replace('_', ' ')}.",
    )
