"""
Signed actions on lots: how they are born, leave the ledger, are recalled, corrected and spoken of; no I/O.

See `ledger.domain.actions`, which exports them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ledger.domain.action_parts import EntryKind, Line, Output
from ledger.domain.identifiers import ContentHash, Grams, LotId, PartyId, PlotId, ProductId


@dataclass(frozen=True, slots=True)
class Harvest:
    """A producer brings a lot into being from one of its plots. `season`: the year whose yield it counts against."""

    KIND: ClassVar[EntryKind] = EntryKind.HARVEST
    TYPE: ClassVar[str] = (
        "Harvest(uint64 producer,uint64 product,string lotCode,bytes32 plot,uint16 season,uint64 grams,"
        "bytes32 contentHash,uint64 deadline)"
    )
    producer: PartyId
    product: ProductId
    lot_code: str
    plot: PlotId
    season: int
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
    """
    Lots in, new lots out (packing, repacking, merging, splitting). Grams: inputs = outputs + culls + process loss +
    remainder; the remainder is sound fruit that goes into no lot.
    """

    KIND: ClassVar[EntryKind] = EntryKind.TRANSFORMATION
    TYPE: ClassVar[str] = (
        "Transformation(uint64 packer,Line[] inputs,Output[] outputs,uint64 culls,uint64 processLoss,uint64 remainder,"
        "bytes32 contentHash,uint64 deadline)"
    )
    packer: PartyId
    inputs: tuple[Line, ...]
    outputs: tuple[Output, ...]
    culls: Grams
    process_loss: Grams
    remainder: Grams
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


@dataclass(frozen=True, slots=True)
class BirthAmendment:
    """
    The issuer of a harvested or pooled lot corrects its grams while none of it has moved; 0 annuls it. `was`: its grams
    until now. `corrects`: the content hash of the event that is corrected.
    """

    KIND: ClassVar[EntryKind] = EntryKind.BIRTH_AMENDMENT
    TYPE: ClassVar[str] = (
        "BirthAmendment(uint64 party,bytes32 lot,uint64 was,uint64 grams,bytes32 corrects,"
        "bytes32 contentHash,uint64 deadline)"
    )
    party: PartyId
    lot: LotId
    was: Grams
    grams: Grams
    corrects: ContentHash
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class TransformationAmendment:
    """
    The packer corrects the grams of a transformation while none of its outputs has moved; the same lots in the same
    order. `origin_hash`: what the outputs store until now, see `typed_data.origin_hash`.
    """

    KIND: ClassVar[EntryKind] = EntryKind.TRANSFORMATION_AMENDMENT
    TYPE: ClassVar[str] = (
        "TransformationAmendment(uint64 packer,bytes32 originHash,Line[] inputs,Output[] outputs,uint64 culls,"
        "uint64 processLoss,uint64 remainder,bytes32 corrects,bytes32 contentHash,uint64 deadline)"
    )
    packer: PartyId
    origin_hash: bytes
    inputs: tuple[Line, ...]
    outputs: tuple[Output, ...]
    culls: Grams
    process_loss: Grams
    remainder: Grams
    corrects: ContentHash
    content_hash: ContentHash
    deadline: int
