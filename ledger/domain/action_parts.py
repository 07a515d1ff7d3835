"""
What signed actions are made of: the kinds of entries, and the lines that structs list; no I/O.

Mirrors `contracts/interfaces/IProduceLedger.sol`; see `ledger.domain.actions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from ledger.domain.identifiers import Grams, LotId, ProductId


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
    PARTIAL_RECEIPT = 10
    SETTLEMENT = 11
    NOTICE = 12
    VOID = 13
    PLOT_REGISTRATION = 14
    YIELD_CERTIFICATE = 15
    BIRTH_AMENDMENT = 16
    TRANSFORMATION_AMENDMENT = 17
    PROPAGATION = 18
    PLEDGE = 19
    PLEDGE_RELEASE = 20


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
class ReceiptLine:
    """What became of the grams of a lot that were still under way; what the three leave over is missing."""

    TYPE: ClassVar[str] = "ReceiptLine(bytes32 lot,uint64 accepted,uint64 refused,uint64 toCome)"
    lot: LotId
    accepted: Grams
    refused: Grams
    to_come: Grams


@dataclass(frozen=True, slots=True)
class SettledLine:
    """How the missing grams of a lot are settled; together exactly those."""

    TYPE: ClassVar[str] = "SettledLine(bytes32 lot,uint64 loss,uint64 weightLoss,uint64 returned,uint64 received)"
    lot: LotId
    loss: Grams
    weight_loss: Grams
    returned: Grams
    received: Grams
