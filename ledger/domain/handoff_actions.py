"""
Signed actions of a handoff, from its shipment to its end; no I/O.

See `ledger.domain.actions`, which exports them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ledger.domain.action_parts import EntryKind, Line, ReceiptLine, SettledLine
from ledger.domain.identifiers import ConsignmentId, ContentHash, PartyId


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
    """The receiver's side of a handoff: all lines still under way arrived; `manifest_hash` is theirs."""

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
class PartialReceipt:
    """
    The receiver states what became of each lot still under way. Last where no line has grams to come: what is missing
    then opens a variance. Refused grams go back as a consignment of the receiver's, under `return_ref` ("" for none).
    """

    KIND: ClassVar[EntryKind] = EntryKind.PARTIAL_RECEIPT
    TYPE: ClassVar[str] = (
        "PartialReceipt(uint64 receiver,bytes32 consignment,bytes32 manifestHash,ReceiptLine[] lines,string returnRef,"
        "bytes32 contentHash,uint64 deadline)"
    )
    receiver: PartyId
    consignment: ConsignmentId
    manifest_hash: bytes
    lines: tuple[ReceiptLine, ...]
    return_ref: str
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """Both sides end a variance; or one of them alone (`counterparty` 0), 72 hours after a notice, as all loss."""

    KIND: ClassVar[EntryKind] = EntryKind.SETTLEMENT
    TYPE: ClassVar[str] = (
        "Settlement(uint64 party,uint64 counterparty,bytes32 consignment,bytes32 manifestHash,SettledLine[] lines,"
        "bytes32 contentHash,uint64 deadline)"
    )
    party: PartyId
    counterparty: PartyId
    consignment: ConsignmentId
    manifest_hash: bytes
    lines: tuple[SettledLine, ...]
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Public notice that a consignment under way will be voided, or a variance written off; it takes 72 hours."""

    KIND: ClassVar[EntryKind] = EntryKind.NOTICE
    TYPE: ClassVar[str] = "Notice(uint64 party,bytes32 consignment,bytes32 contentHash,uint64 deadline)"
    party: PartyId
    consignment: ConsignmentId
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class Void:
    """What is still under way goes back to the shipper: the receiver signs too, or (`receiver` 0) a notice is over."""

    KIND: ClassVar[EntryKind] = EntryKind.VOID
    TYPE: ClassVar[str] = (
        "Void(uint64 shipper,uint64 receiver,bytes32 consignment,bytes32 manifestHash,"
        "bytes32 contentHash,uint64 deadline)"
    )
    shipper: PartyId
    receiver: PartyId
    consignment: ConsignmentId
    manifest_hash: bytes
    content_hash: ContentHash
    deadline: int
