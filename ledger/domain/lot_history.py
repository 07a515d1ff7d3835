"""
One lot's custody as its signed structs tell it: births, corrections, handoffs, amounts, gaps; no I/O.

Events are taken in the order in which they were recorded, which is the order in which they were sent to the chain. An
entry that the contract refused moves nothing. What does not fit is a gap: a finding about that one event, which moves
nothing either. Amounts are net grams. Handoffs are told by `handoff_history`, corrections by `corrections`; both work
on a `LotHistory`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ledger.domain.actions import EntryKind, Line, Output
from ledger.domain.custody_values import Handoff
from ledger.domain.findings import hexed
from ledger.domain.identifiers import ConsignmentId, ContentHash, Grams, LotId, PartyId
from ledger.domain.readings import Reading
from ledger.domain.story_values import CheckName, Finding, Parameter, Verdict
from ledger.domain.typed_data import origin_hash

NO_ORIGIN = bytes(32)
"""The origin hash of a lot that no transformation made."""
UNCOUNTED = frozenset(
    {
        EntryKind.STATEMENT, EntryKind.NOTICE, EntryKind.PLOT_REGISTRATION, EntryKind.YIELD_CERTIFICATE,
        EntryKind.PROPAGATION, EntryKind.PLEDGE, EntryKind.PLEDGE_RELEASE,
    }
)  # fmt: skip
"""Entries that move nothing, and that the contract does not count for a lot."""


@dataclass(frozen=True, slots=True)
class Birth:
    """
    How the lot came into being, as last corrected. `inputs` and `outputs` are those of the transformation that made it,
    else empty; `amendments` are the events that corrected it, in order.
    """

    holder: PartyId
    grams: Grams
    kind: EntryKind
    event: ContentHash
    inputs: tuple[Line, ...] = ()
    outputs: tuple[Output, ...] = ()
    amendments: tuple[ContentHash, ...] = ()

    @property
    def parents(self) -> tuple[LotId, ...]:
        """The lots that it was made from, ascending."""
        return tuple(sorted({line.lot for line in self.inputs}))

    @property
    def origin(self) -> bytes:
        """What the contract stores of its transformation, 32 bytes; zeros for a lot that none made."""
        return origin_hash(self.inputs, self.outputs) if self.outputs else NO_ORIGIN

    @property
    def events(self) -> tuple[ContentHash, ...]:
        """The event of the birth and those that corrected it."""
        return (self.event, *self.amendments)


@dataclass(slots=True)
class Whereabouts:
    """Grams of the lot by holder; what is on the road or missing stands in the handoffs."""

    on_hand: dict[PartyId, int] = field(default_factory=dict)
    sold: dict[PartyId, int] = field(default_factory=dict)
    destroyed: dict[PartyId, int] = field(default_factory=dict)
    used: dict[PartyId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """A transformation that the lot went into or came out of, as last corrected, with all events that say so."""

    packer: PartyId
    inputs: tuple[Line, ...]
    outputs: tuple[Output, ...]
    events: tuple[ContentHash, ...]


@dataclass(slots=True)
class LotHistory:
    """
    What the events tell of the lot. `counted`: how many of them the contract counts for it. `gaps`: what does not fit.
    `open_lines`: of each consignment what is under way or in variance, or at an end what its last entry was about, all
    lots. `made`: transformations by their origin hash. `moved`: whether any of the lot was ever given away or used.
    `corrected`: for an event that was corrected, the one that stands instead.
    """

    lot: LotId
    readings: tuple[Reading, ...]
    births: list[Birth] = field(default_factory=list)
    handoffs: dict[ConsignmentId, Handoff] = field(default_factory=dict)
    open_lines: dict[ConsignmentId, tuple[Line, ...]] = field(default_factory=dict)
    made: dict[bytes, Made] = field(default_factory=dict)
    amounts: Whereabouts = field(default_factory=Whereabouts)
    moved: bool = False
    counted: int = 0
    gaps: list[Finding] = field(default_factory=list)
    corrected: dict[ContentHash, ContentHash] = field(default_factory=dict)

    @property
    def holders(self) -> tuple[PartyId, ...]:
        """Every party that ever had grams of the lot or was to have some, in order of appearance."""
        named = [birth.holder for birth in self.births]
        for handoff in self.handoffs.values():
            named += [handoff.shipper, handoff.receiver]
        return tuple(dict.fromkeys([*named, *self.amounts.on_hand]))

    @property
    def parents(self) -> tuple[LotId, ...]:
        """The lots that it was made from, ascending."""
        return tuple(sorted({parent for birth in self.births for parent in birth.parents}))

    def credit(self, holder: PartyId, grams: int) -> None:
        """The holder has so many grams more."""
        self.amounts.on_hand[holder] = self.amounts.on_hand.get(holder, 0) + grams

    def withdraw(self, reading: Reading, holder: PartyId, grams: int) -> None:
        """The holder gave so many grams; a gap where it did not have them."""
        held = self.amounts.on_hand.get(holder, 0)
        self.amounts.on_hand[holder] = held - grams
        if held < grams:
            self.gap(
                reading, "custody.more-than-held", f"Party {holder} gave {grams} g, but held {held} g.",
                holder=holder, held=held, needed=grams,
            )  # fmt: skip

    def correct(self, events: Iterable[ContentHash], instead: ContentHash) -> None:
        """The event stands instead of these."""
        self.corrected.update(dict.fromkeys(events, instead))

    def gap(self, reading: Reading, code: str, sentence: str, **parameters: Parameter) -> None:
        """The event does not fit the others."""
        self.gaps.append(
            Finding(
                CheckName.CUSTODY,
                code,
                Verdict.SUSPECT,
                sentence,
                {"lot": hexed(self.lot), **parameters},
                reading.event.content_hash,
                self.lot,
            )
        )


def custody_readings(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Those that the contract would count: neither refused nor of a kind that moves nothing."""
    return tuple(item for item in readings if not item.refused and item.action.KIND not in UNCOUNTED)


def grams_in(lines: Iterable[Line], lot: LotId) -> int:
    """Grams of the lot in the lines; 0 where they do not name it."""
    return sum(line.grams for line in lines if line.lot == lot)
