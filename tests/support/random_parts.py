"""
What random actions are made of: parties, products, lots, and a lot, a holder, grams or lines picked among those of a
ledger. Everything comes from one seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import event_builders as build

from ledger.domain.actions import Line, Output
from ledger.domain.custody_state import Consignment
from ledger.domain.identifiers import (
    ConsignmentId,
    ContentHash,
    Grams,
    LotId,
    PartyId,
    consignment_id,
    lot_id,
    plot_id,
)
from ledger.domain.master_data import Role
from ledger.domain.projection import Projection
from ledger.domain.records import ConsignmentState
from ledger.domain.typed_data import lines_hash

OTHER_FARM, OTHER_CERTIFIER, OTHER_LENDER = build.gln(21), build.gln(22), build.gln(23)
ROLES: dict[PartyId, Role] = {
    **build.ROLES, OTHER_FARM: Role.PRODUCER, OTHER_CERTIFIER: Role.CERTIFIER,
    OTHER_LENDER: Role.LENDER | Role.BUYER,
}  # fmt: skip
PERMITS = build.PERMITS | {(build.BULK_MELON, OTHER_FARM), (build.BULK_MELON, build.PACKING_HOUSE)}
PARTIES = sorted(ROLES)
MAKERS = [build.FARM, build.PACKING_HOUSE, build.COOPERATIVE, OTHER_FARM]
PRODUCTS = [build.BULK_MELON, build.MELON_CASE, build.GRAPE_CASE]
CODES = "ABCDEF"
LOTS = [lot_id(product, code) for product in PRODUCTS for code in CODES]
PLOTS = [plot_id(build.FARM, "1"), plot_id(build.FARM, "2")]
SEASONS = [2025, 2026]
DAY = 86_400
NOTICE_SECONDS = 3 * DAY
DEADLINE = 2**40
NOBODY = PartyId(0)


@dataclass
class RandomParts:
    """Picks. `now` is the time of the block that the next action is for."""

    ledger: Projection
    now: int
    random: random.Random
    sent: list[ConsignmentId] = field(default_factory=list)

    def content(self) -> ContentHash:
        return ContentHash(self.random.randbytes(32))

    def code(self) -> str:
        return self.random.choice(CODES)

    def grams(self, *likely: int) -> Grams:
        """One of these; now and then none at all, or more than a lot can have."""
        return Grams(self.random.choice([*likely * (24 // len(likely)), 0, 2**36, 2**64 - 1]))

    def holder(self) -> PartyId:
        holders = [party for (_, party), grams in self.ledger.balances.items() if grams]
        return self.random.choice([*holders * 8, self.random.choice(PARTIES)])

    def mostly(self, party: PartyId) -> PartyId:
        return self.random.choice(PARTIES) if self.random.random() < 0.05 or party not in ROLES else party

    def lot(self) -> LotId:
        known = [key for key, lot in self.ledger.lots.items() if lot]
        return self.random.choice([*known * 3, self.random.choice(LOTS)])

    def is_recalled(self, lot: LotId) -> bool:
        known = self.ledger.lots.get(lot)
        return known is not None and known.recalled_by != NOBODY

    def recalled(self) -> list[LotId]:
        return [key for key in self.ledger.lots if self.is_recalled(key)]

    def consignment(self, *, disputed: bool = False) -> tuple[ConsignmentId, Consignment]:
        """A consignment of ours, mostly one that is not at an end; or one that nobody shipped."""
        known = [(key, sent) for key in self.sent if (sent := self.ledger.consignments[key])]
        open_ones = [one for one in known if one[1].state.under_way or one[1].state.in_dispute]
        in_dispute = [one for one in known if one[1].state.in_dispute]
        nothing = Consignment(build.FARM, build.BUYER, ConsignmentState.NONE, (), ())
        nowhere = consignment_id(build.FARM, "nowhere"), nothing
        return self.random.choice([nowhere, *known[-2:], *open_ones * 6, *in_dispute * (30 if disputed else 3)])

    def claim(self, sent: Consignment) -> bytes:
        """The hash of what is open; at times of other lines that the consignment had, or of none."""
        if self.random.random() < 0.92:
            return lines_hash(sent.open_lines)
        return lines_hash(self.random.choice([sent.manifest, ()]))

    def lines(self, holder: PartyId) -> tuple[Line, ...]:
        held = [key[0] for key, grams in self.ledger.balances.items() if grams and key[1] == holder]
        if self.random.random() < 0.8:
            held = [lot for lot in held if not self.is_recalled(lot)] or held
        lots = {self.random.choice([*held * 12, self.lot()]) for _ in range(self.random.choice([0, *[1, 2, 3] * 6]))}
        lines = [Line(lot, Grams(self.random.choice([*[5, 10, 20] * 6, 0, 10**6]))) for lot in sorted(lots)]
        return tuple(lines if self.random.random() < 0.95 else lines[::-1])

    def losses(self, inputs: tuple[Line, ...], outputs: tuple[Output, ...]) -> tuple[Grams, Grams, Grams]:
        """What makes the balance, mostly."""
        rest = sum(line.grams for line in inputs) - sum(output.grams for output in outputs)
        if not 0 <= rest < 2**60 or self.random.random() < 0.08:
            return Grams(self.random.choice([0, 1, 2**64 - 1])), Grams(0), Grams(1)
        culls = self.random.randint(0, rest)
        loss = self.random.randint(0, rest - culls)
        return Grams(culls), Grams(loss), Grams(rest - culls - loss)
