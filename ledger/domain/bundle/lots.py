"""
Which lots an event belongs to: those that its body names and those that its signed struct names; no I/O.

Both, because one of them may have been altered: whichever lot is told of in the one or the other, its account with the
chain is held against the event. A receipt's struct names only its consignment, so its body tells. Nothing raises.
"""

from __future__ import annotations

from contextlib import suppress

from ledger.domain.actions import (
    Action,
    BirthAmendment,
    Disposal,
    Harvest,
    Intake,
    PartialReceipt,
    Pledge,
    PledgeRelease,
    Recall,
    Release,
    Sale,
    Settlement,
    Shipment,
    Statement,
    Transformation,
    TransformationAmendment,
)
from ledger.domain.binding import lots_of
from ledger.domain.identifiers import LotId, LotRef, lot_id
from ledger.domain.readings import UNREADABLE
from ledger.domain.records import JsonTree
from ledger.domain.trace import outputs_of


def lots_in(action: Action) -> frozenset[LotId]:
    """The lots that the signed struct names; none where its values are not such as anybody can have signed."""
    with suppress(*UNREADABLE):
        return frozenset(_lots_in(action))
    return frozenset()


def named_in(body: JsonTree) -> tuple[LotRef, ...]:
    """The lots that the event's body names; none where it cannot be read."""
    with suppress(*UNREADABLE):
        return lots_of(body)
    return ()


def born_in(action: Action) -> tuple[LotRef, ...]:
    """The lots that the signed struct gives birth to: the only place where a struct names a lot in full."""
    with suppress(*UNREADABLE):
        match action:
            case Harvest() | Intake():
                return (LotRef(action.product, action.lot_code),)
            case Transformation():
                return tuple(LotRef(output.product, output.lot_code) for output in action.outputs)
    return ()


def _lots_in(action: Action) -> tuple[LotId, ...]:
    match action:
        case Harvest() | Intake():
            return (lot_id(action.product, action.lot_code),)
        case Transformation() | TransformationAmendment():
            return (*(line.lot for line in action.inputs), *outputs_of(action))
        case Shipment():
            return tuple(line.lot for line in action.manifest)
        case PartialReceipt() | Settlement() | Sale() | Disposal():
            return tuple(line.lot for line in action.lines)
        case Recall() | Release() | BirthAmendment() | Pledge() | PledgeRelease():
            return (action.lot,)
        case Statement():
            return action.lots
    return ()
