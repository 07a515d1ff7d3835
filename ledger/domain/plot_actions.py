"""
A certifier's signed actions: plots and their yields; no I/O.

See `ledger.domain.actions`, which exports them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ledger.domain.action_parts import EntryKind
from ledger.domain.identifiers import ContentHash, Grams, PartyId, PlotId


@dataclass(frozen=True, slots=True)
class PlotRegistration:
    """A certifier registers a field of a producer's, once."""

    KIND: ClassVar[EntryKind] = EntryKind.PLOT_REGISTRATION
    TYPE: ClassVar[str] = (
        "PlotRegistration(uint64 certifier,uint64 producer,bytes32 plot,bytes32 contentHash,uint64 deadline)"
    )
    certifier: PartyId
    producer: PartyId
    plot: PlotId
    content_hash: ContentHash
    deadline: int


@dataclass(frozen=True, slots=True)
class YieldCertificate:
    """The certifier of a plot states its yield of a season (a year), once; after that it may only be lowered."""

    KIND: ClassVar[EntryKind] = EntryKind.YIELD_CERTIFICATE
    TYPE: ClassVar[str] = (
        "YieldCertificate(uint64 certifier,bytes32 plot,uint16 season,uint64 grams,bytes32 contentHash,uint64 deadline)"
    )
    certifier: PartyId
    plot: PlotId
    season: int
    grams: Grams
    content_hash: ContentHash
    deadline: int
