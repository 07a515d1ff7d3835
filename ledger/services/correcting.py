"""
What a party may correct of a lot that it brought into being: the weights as they are recorded now, and whether they can
still be corrected at all.

Read from the local projection and the lot's events, without asking the chain. Synchronous: call it in a worker thread.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ledger.domain.actions import Transformation, TransformationAmendment
from ledger.domain.custody_state import NOBODY, Lot
from ledger.domain.errors import NotFound
from ledger.domain.event_forms import Amount, RosterLine
from ledger.domain.event_reading import portions_of
from ledger.domain.identifiers import Grams, LotId, LotRef, PartyId
from ledger.domain.own_members import own_member
from ledger.domain.records import JsonTree
from ledger.services.builders.corrections import LotEvents, own_making


class Standing(StrEnum):
    """Whether a weight can be corrected: it may, or what stands in the way."""

    FREE = "free"
    MOVED = "moved"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True)
class Weights:
    """
    The weights of a lot as recorded, all in grams. `deliveries`: of a lot that was bought from growers. `inputs` and
    `outputs`, in the order of the event, `culls`, `loss` and `rest`: of one that was packed.
    """

    lot: LotRef
    grams: Grams
    standing: Standing
    deliveries: tuple[RosterLine, ...] = ()
    inputs: tuple[Amount, ...] = ()
    outputs: tuple[Amount, ...] = ()
    culls: int = 0
    loss: int = 0
    rest: int = 0


class LotStore(LotEvents, Protocol):
    """The part of a store that is asked here."""

    def lineage(self, lots: Collection[LotId]) -> Mapping[LotId, Lot]: ...


def weights_of(store: LotStore, lot: LotRef, party: PartyId) -> Weights:
    """The weights of the party's own lot. `NotFound` for a lot that nobody made here, `Refused` for another party's."""
    made = own_making(store, lot, party)
    known = store.lineage([lot.id]).get(lot.id)
    if known is None:
        raise NotFound(f"no lot {lot} is known here")
    action, standing = made.proof.action, standing_of(known)
    if isinstance(action, Transformation | TransformationAmendment):
        inputs, outputs = (_amounts(made.body, f"{side}QuantityList") for side in ("input", "output"))
        return Weights(
            lot, known.grams, standing, inputs=inputs, outputs=outputs, culls=action.culls,
            loss=action.process_loss, rest=action.remainder,
        )  # fmt: skip
    sheet = own_member(made.body, "intake")
    rows = sheet[1] if sheet else ()
    roster = tuple(RosterLine(row["roster"], row["village"], Grams(row["grams"]), row["ticket"]) for row in rows)
    return Weights(lot, known.grams, standing, deliveries=roster)


def standing_of(lot: Lot) -> Standing:
    """Whether the weight of a lot may still be corrected by whoever made it."""
    if lot.moved:
        return Standing.MOVED
    return Standing.FREE if lot.recalled_by == NOBODY else Standing.RECALLED


def _amounts(body: JsonTree, name: str) -> tuple[Amount, ...]:
    return tuple(Amount(portion.ref, portion.grams) for portion in portions_of(body, name, zero=True))
