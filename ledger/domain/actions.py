"""
The signed actions: one EIP-712 struct per thing that a party can do; no I/O.

Each class mirrors, field by field and in order, a struct of `contracts/interfaces/IProduceLedger.sol`; its EIP-712 type
string stands in `TYPE` and a test derives it again from the fields and from the contract's ABI. Every action contains
`content_hash`, so that a signature binds the whole event, and `deadline` (Unix seconds), after which the contract
refuses it. Amounts are net grams. `action_of` in `ledger.domain.binding` derives the action from an event.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from ledger.domain.identifiers import ConsignmentId, ContentHash, Grams, LotId, PartyId, PlotId, ProductId


class EntryKind(IntEnum):
    """What an entry of `ProduceLedger` does; the same numbers as the contract's enum."""

    HARVEST = 0
    INTAKE = 1
    TRANSFORMATION = 2
    SHIPMENT = 3
    RECEIPT = 4
    SALE = 5
    DISPOSAL = 6
    RECALL = 7
    RELEASE = 8
    STATEMENT = 9


@dataclass(frozen=True, slots=True)
class Line:
    """So many grams of a lot; struct `Line(bytes32 lot,uint64 grams)`."""

    TYPE: ClassVar[str] = "Line(bytes32 lot,uint64 grams)"
    lot: LotId
    grams: Grams


@dataclass(frozen=True, slots=True)
class Output:
    """A lot that a transformation gives birth to; struct `Output(uint64 product,string lotCode,uint64 grams)`."""

    TYPE: ClassVar[str] = "Output(uint64 product,string lotCode,uint64 grams)"
    product: ProductId
    lot_code: str
    grams: Grams


@dataclass(frozen=True, slots=True)
class Harvest:
    """A producer brings a lot into being from one of its plots."""

    KIND: ClassVar[EntryKind] = EntryKind.HARVEST
    TYPE: ClassVar[str] = (
        "Harvest(uint64 producer,uint64 product,string lotCode,bytes32 plot,uint64 grams,"
        "bytes32 contentHash,uint64 deadline)"
    )
    producer: PartyId
    product: ProductId
    lot_code: str
    plot: PlotId
    grams: Grams
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class Intake:
    """A buyer pools fruit from growers outside the ledger into a new lot; the growers are declared, not signers."""

    KIND: ClassVar[EntryKind] = EntryKind.INTAKE
    TYPE: ClassVar[str] = (
        "Intake(uint64 buyer,uint64 product,string lotCode,uint64 grams,bytes32 contentHash,uint64 deadline)"
    )
    buyer: PartyId
    product: ProductId
    lot_code: str
    grams: Grams
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class Transformation:
    """Lots in, new lots out (packing, repacking, merging, splitting); out is never more than in, the rest is loss."""

    KIND: ClassVar[EntryKind] = EntryKind.TRANSFORMATION
    TYPE: ClassVar[str] = (
        "Transformation(uint64 packer,Line[] inputs,Output[] outputs,bytes32 contentHash,uint64 deadline)"
    )
    packer: PartyId
    inputs: tuple[Line, ...]
    outputs: tuple[Output, ...]
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """The sender's side of a handoff: a manifest of lots for one named receiver, under the shipper's own reference."""

    KIND: ClassVar[EntryKind] = EntryKind.SHIPMENT
    TYPE: ClassVar[str] = (
        "Shipment(uint64 shipper,uint64 receiver,string consignmentRef,Line[] manifest,"
        "bytes32 contentHash,uint64 deadline)"
    )
    shipper: PartyId
    receiver: PartyId
    consignment_ref: str
    manifest: tuple[Line, ...]
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receiver's side of a handoff, in full, over the hash of the shipper's manifest."""

    KIND: ClassVar[EntryKind] = EntryKind.RECEIPT
    TYPE: ClassVar[str] = (
        "Receipt(uint64 receiver,bytes32 consignment,bytes32 manifestHash,bytes32 contentHash,uint64 deadline)"
    )
    receiver: PartyId
    consignment: ConsignmentId
    manifest_hash: bytes
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class Sale:
    """Grams leave the ledger by sale to somebody outside it."""

    KIND: ClassVar[EntryKind] = EntryKind.SALE
    TYPE: ClassVar[str] = "Sale(uint64 holder,Line[] lines,bytes32 contentHash,uint64 deadline)"
    holder: PartyId
    lines: tuple[Line, ...]
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class Disposal:
    """Grams are destroyed; the one move, with a shipment back to its issuer, that a recalled lot may make."""

    KIND: ClassVar[EntryKind] = EntryKind.DISPOSAL
    TYPE: ClassVar[str] = "Disposal(uint64 holder,Line[] lines,bytes32 contentHash,uint64 deadline)"
    holder: PartyId
    lines: tuple[Line, ...]
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class Recall:
    """The lot's issuer, or a regulator, recalls the lot."""

    KIND: ClassVar[EntryKind] = EntryKind.RECALL
    TYPE: ClassVar[str] = "Recall(uint64 issuer,bytes32 lot,bytes32 contentHash,uint64 deadline)"
    issuer: PartyId
    lot: LotId
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class Release:
    """Whoever issued a recall takes it back."""

    KIND: ClassVar[EntryKind] = EntryKind.RELEASE
    TYPE: ClassVar[str] = "Release(uint64 issuer,bytes32 lot,bytes32 contentHash,uint64 deadline)"
    issuer: PartyId
    lot: LotId
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A party signs an event that moves nothing (inspection, cooling, loading, sensor reading, correction)."""

    KIND: ClassVar[EntryKind] = EntryKind.STATEMENT
    TYPE: ClassVar[str] = "Statement(uint64 party,string step,bytes32[] lots,bytes32 contentHash,uint64 deadline)"
    party: PartyId
    step: str
    lots: tuple[LotId, ...]
    content_hash: ContentHash
    deadline: int


Action = Harvest | Intake | Transformation | Shipment | Receipt | Sale | Disposal | Recall | Release | Statement
ACTIONS: tuple[type[Action], ...] = (
    Harvest, Intake, Transformation, Shipment, Receipt, Sale, Disposal, Recall, Release, Statement,
)  # fmt: skip
"""Indexed by `EntryKind`."""


def signer_of(action: Action) -> PartyId:
    """The party that has to sign the action: always its first field."""
    match action:
        case Harvest():
            return action.producer
        case Intake():
            return action.buyer
        case Transformation():
            return action.packer
        case Shipment():
            return action.shipper
        case Receipt():
            return action.receiver
        case Sale() | Disposal():
            return action.holder
        case Recall() | Release():
            return action.issuer
        case Statement():
            return action.party
