"""
The signed actions: one EIP-712 struct per thing that a party can do; no I/O.

Each class mirrors, field by field and in order, a struct of `contracts/interfaces/IProduceLedger.sol`; its EIP-712 type
string stands in `TYPE` and a test derives it again from the fields and from the contract's ABI. Every action contains
`content_hash`, so that a signature binds the whole event, and `deadline` (Unix seconds), after which the contract
refuses it. Amounts are net grams. The structs stand in `lot_actions`, `handoff_actions`, `plot_actions` and
`pledge_actions`, and are all exported here. `action_of` in `ledger.domain.binding` derives the action from an event.
"""

from __future__ import annotations

from dataclasses import fields
from typing import cast

from ledger.domain.action_parts import EntryKind, Line, Output, ReceiptLine, SettledLine
from ledger.domain.handoff_actions import Notice, PartialReceipt, Receipt, Settlement, Shipment, Void
from ledger.domain.identifiers import PartyId
from ledger.domain.lot_actions import (
    BirthAmendment,
    Disposal,
    Harvest,
    Intake,
    Recall,
    Release,
    Sale,
    Statement,
    Transformation,
    TransformationAmendment,
)
from ledger.domain.pledge_actions import Pledge, PledgeRelease
from ledger.domain.plot_actions import PlotRegistration, YieldCertificate

__all__ = [
    "ACTIONS",
    "Action",
    "BirthAmendment",
    "Disposal",
    "EntryKind",
    "Harvest",
    "Intake",
    "Line",
    "Notice",
    "Output",
    "PartialReceipt",
    "Pledge",
    "PledgeRelease",
    "PlotRegistration",
    "Recall",
    "Receipt",
    "ReceiptLine",
    "Release",
    "Sale",
    "SettledLine",
    "Settlement",
    "Shipment",
    "Statement",
    "Transformation",
    "TransformationAmendment",
    "Void",
    "YieldCertificate",
    "cosigner_of",
    "signer_of",
]

Action = (
    Harvest
    | Intake
    | Transformation
    | Shipment
    | Receipt
    | Sale
    | Disposal
    | Recall
    | Release
    | Statement
    | PartialReceipt
    | Settlement
    | Notice
    | Void
    | PlotRegistration
    | YieldCertificate
    | BirthAmendment
    | TransformationAmendment
    | Pledge
    | PledgeRelease
)
ACTIONS: tuple[type[Action], ...] = (
    Harvest, Intake, Transformation, Shipment, Receipt, Sale, Disposal, Recall, Release, Statement,
    PartialReceipt, Settlement, Notice, Void, PlotRegistration, YieldCertificate, BirthAmendment,
    TransformationAmendment, Pledge, PledgeRelease,
)  # fmt: skip
"""In the order of `EntryKind`, without `PROPAGATION`, which nobody signs."""


_FIRST_FIELD = {action: fields(action)[0].name for action in ACTIONS}


def signer_of(action: Action) -> PartyId:
    """The party that has to sign the action: always its first field."""
    return cast(PartyId, getattr(action, _FIRST_FIELD[type(action)]))


def is_stated(action: Action) -> bool:
    """Whether the action moves nothing, so that the log alone anchors it and nothing of it goes to `ProduceLedger`."""
    return isinstance(action, Statement)


def cosigner_of(action: Action) -> PartyId | None:
    """The party that has to sign the same digest as well; None where one signature is enough."""
    match action:
        case Settlement():
            return action.counterparty or None
        case Void():
            return action.receiver or None
        case Pledge():
            return action.lender
    return None
