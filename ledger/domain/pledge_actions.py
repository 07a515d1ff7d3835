"""
Signed actions that secure a loan with grams of a lot; no I/O.

See `ledger.domain.actions`, which exports them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ledger.domain.action_parts import EntryKind
from ledger.domain.identifiers import ContentHash, Grams, LotId, PartyId


@dataclass(frozen=True, slots=True)
class Pledge:
    """Grams of a lot secure a loan until the lender releases them or `until` (Unix seconds) is over; both sign."""

    KIND: ClassVar[EntryKind] = EntryKind.PLEDGE
    TYPE: ClassVar[str] = (
        "Pledge(uint64 holder,uint64 lender,bytes32 lot,uint64 grams,uint64 until,bytes32 contentHash,uint64 deadline)"
    )
    holder: PartyId
    lender: PartyId
    lot: LotId
    grams: Grams
    until: int
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class PledgeRelease:
    """The lender lets go of all that the holder pledged to it of that lot."""

    KIND: ClassVar[EntryKind] = EntryKind.PLEDGE_RELEASE
    TYPE: ClassVar[str] = "PledgeRelease(uint64 lender,uint64 holder,bytes32 lot,bytes32 contentHash,uint64 deadline)"
    lender: PartyId
    holder: PartyId
    lot: LotId
    content_hash: ContentHash
    deadline: int
