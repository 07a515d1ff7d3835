"""
The records whose gas is compared: harvests and handoffs, as the actions that parties sign; no I/O.

Codes, references and hashes are as long as real ones and have no zero bytes that would make calldata cheap.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.orchard import BULK, BUYER, FARM
from ledger.domain.actions import (
    Action,
    Harvest,
    Line,
    PlotRegistration,
    Receipt,
    Shipment,
    YieldCertificate,
    signer_of,
)
from ledger.domain.event_forms import transaction_urn
from ledger.domain.identifiers import ContentHash, Grams, LotRef, PartyId, PlotId, consignment_id, plot_id
from ledger.domain.typed_data import manifest_hash

CERTIFIER = PartyId(9520001000041)
SEASON = 2026
GRAMS = 18_000
DEADLINE = 2**40
_PLOTS = 7
_YIELD = 10**10


@dataclass(frozen=True, slots=True)
class Record:
    """What one party signs; a receipt's `manifest` goes beside it."""

    action: Action
    manifest: tuple[Line, ...] | None = None

    @property
    def signer(self) -> PartyId:
        """Who signs it."""
        return signer_of(self.action)


Side = tuple[Record, ...]
"""Records that one party signs and that one call takes."""


@dataclass(frozen=True, slots=True)
class Case:
    """
    One line of the comparison. `before` has to be on Silkroot's ledger already and is not counted; `sides` are
    counted, each a call of its own. `target` is what Silkroot has to reach; `ours` and `theirs` what is worth saying.
    """

    name: str
    target: str
    before: tuple[Side, ...]
    sides: tuple[Side, ...]
    ours: str
    theirs: str

    @property
    def count(self) -> int:
        """How many harvests or handoffs."""
        return len(self.sides[0])


def plots() -> Side:
    """A certifier registers the farm's plots and certifies more than will be harvested."""
    every = [_plot(number) for number in range(_PLOTS)]
    return tuple(
        Record(action)
        for plot in every
        for action in (
            PlotRegistration(CERTIFIER, FARM, plot, _content(), DEADLINE),
            YieldCertificate(CERTIFIER, plot, SEASON, Grams(_YIELD), _content(), DEADLINE),
        )
    )


def cases(count: int) -> tuple[Case, ...]:
    """The comparison with so many records each, over as many lots. In order: a case builds on those before it."""
    whole, parts = _lots("A", count), _lots("B", count)
    nothing = "stock, custody, roles, that the shipment of a receipt exists and names its receiver: none is checked"
    return (
        Case(
            "harvest", "< 75,000", (), (_harvests(whole),),
            "from certified plots; checked: signature, role, product, that the lot is new, the certified yield",
            "role, product, that the lot is new, the certified yield: none is checked",
        ),
        Case(
            "handoff, whole lot, receiver new to it", "< 100,000, aim 85,000", (), _handoff(whole, GRAMS, "1"),
            "shipment and receipt together; checked: both signatures, roles, stock, recalls, that the receipt is for "
            "that manifest and by its receiver",
            nothing,
        ),
        Case(
            "handoff, part of a lot, receiver has some", "< 80,000",
            (_harvests(parts), *_handoff(parts, GRAMS // 3, "2")), _handoff(parts, GRAMS // 3, "3"),
            "the same, both balances kept; shipper and receiver are the lot's only holders (for a third, which costs "
            "more, see contracts/gas/GasPerEntry.json)",
            nothing,
        ),
    )  # fmt: skip


def _harvests(lots: Sequence[LotRef]) -> Side:
    return tuple(
        Record(Harvest(FARM, BULK, lot.code, _plot(number % _PLOTS), SEASON, Grams(GRAMS), _content(), DEADLINE))
        for number, lot in enumerate(lots)
    )


def _handoff(lots: Sequence[LotRef], grams: int, series: str) -> tuple[Side, Side]:
    shipped, received = [], []
    for number, lot in enumerate(lots):
        reference = transaction_urn(FARM, f"WB{series}{number:05d}")
        manifest = (Line(lot.id, Grams(grams)),)
        shipped.append(Record(Shipment(FARM, BUYER, reference, manifest, _content(), DEADLINE)))
        receipt = Receipt(BUYER, consignment_id(FARM, reference), manifest_hash(manifest), _content(), DEADLINE)
        received.append(Record(receipt, manifest))
    return tuple(shipped), tuple(received)


def _lots(field: str, count: int) -> list[LotRef]:
    return [LotRef(BULK, f"HM-20260801-{field}{100 + number}") for number in range(count)]


def _plot(number: int) -> PlotId:
    return plot_id(FARM, f"P{number}")


def _content() -> ContentHash:
    return ContentHash(secrets.token_bytes(32))
