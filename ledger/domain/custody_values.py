"""
Where grams of a lot are, on whose word, and what else is said of them: handoffs, pledges, certified origin; no I/O.

Values that `ledger.domain.verdict.judge` makes and pages and `story_json` show. Amounts are net grams.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.domain.identifiers import ConsignmentId, ContentHash, Grams, LotId, PartyId, PlotId
from ledger.domain.records import ConsignmentState

_NONE = Grams(0)


@dataclass(frozen=True, slots=True)
class Handoff:
    """
    A consignment that carried the lot, and what became of its grams.

    `shipment`, `receipts`, `notice` and `end` (a settlement or a void) are events. `state` is that of the consignment
    as far as this lot's events tell. `grams` were sent: of them `to_come` are under way, `accepted` arrived, `refused`
    were sent back in another consignment, `missing` are in variance. A settlement made of the missing `loss` and
    `weight_loss`, which left the ledger, `returned` to the shipper and `received` by the receiver; `voided` went back
    to the shipper. `returns` names the consignment whose refused grams this one takes back. `notice_at` is Unix seconds
    where the chain says that notice stands, else 0.
    """

    consignment: ConsignmentId
    reference: str
    shipper: PartyId
    receiver: PartyId
    grams: Grams
    shipment: ContentHash
    receipts: tuple[ContentHash, ...] = ()
    state: ConsignmentState = ConsignmentState.IN_TRANSIT
    to_come: Grams = _NONE
    accepted: Grams = _NONE
    refused: Grams = _NONE
    missing: Grams = _NONE
    loss: Grams = _NONE
    weight_loss: Grams = _NONE
    returned: Grams = _NONE
    received: Grams = _NONE
    voided: Grams = _NONE
    notice: ContentHash | None = None
    notice_at: int = 0
    end: ContentHash | None = None
    returns: ConsignmentId | None = None

    @property
    def receipt(self) -> ContentHash | None:
        """The last receipt; None while nothing has arrived."""
        return self.receipts[-1] if self.receipts else None

    @property
    def events(self) -> tuple[ContentHash, ...]:
        """All events of the handoff that are shown."""
        others = (self.notice, self.end)
        return (self.shipment, *self.receipts, *(event for event in others if event is not None))


@dataclass(frozen=True, slots=True)
class Amounts:
    """
    Grams of a lot: at birth, as last corrected, and where they are now. Born = the sum of the others, or custody is
    broken. `returning` is under way back to a sender, `missing` in variance, `lost` written off, `weight_loss` named as
    such in a settlement.
    """

    born: Grams
    on_hand: Grams
    in_transit: Grams
    sold: Grams
    destroyed: Grams
    used: Grams
    returning: Grams = _NONE
    missing: Grams = _NONE
    lost: Grams = _NONE
    weight_loss: Grams = _NONE


@dataclass(frozen=True, slots=True)
class PledgeStory:
    """
    Grams that secure a loan. `until` is Unix seconds; `event` and `release` are events, `release` None while the lender
    has not let go. `stands`: on chain, not released and not over when the chain was asked.
    """

    holder: PartyId
    lender: PartyId
    grams: Grams
    until: int
    event: ContentHash
    release: ContentHash | None
    stands: bool


@dataclass(frozen=True, slots=True)
class CertifiedOrigin:
    """
    A plot in a season (a year) that certified grams of the lot come from: `lot` was harvested there by `producer`, and
    `certifier` certified `grams` for the whole plot and season.
    """

    lot: LotId
    plot: PlotId
    season: int
    producer: PartyId
    certifier: PartyId
    grams: Grams


@dataclass(frozen=True, slots=True)
class CertifiedShare:
    """How many of the lot's `grams` come from certified plots, both as the chain has them, and from which."""

    grams: Grams
    certified_grams: Grams
    origins: tuple[CertifiedOrigin, ...] = ()

    @property
    def percent(self) -> int:
        """The share in percent, rounded down, so that 100 means all of it; 0 for a lot of no grams."""
        return self.certified_grams * 100 // self.grams if self.grams else 0
