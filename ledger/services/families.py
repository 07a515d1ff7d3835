"""
Families of lots as inspectors see them: a part of one as a graph with its grams, and how far a recall reaches.

From the local projection only: what was recorded, before the chain was asked; `story` judges a lot. A recall is marked
there in the call that records it, so that nothing here waits for the chain.

Raises `NotFound` for a lot that no event names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import TypeVar

from ledger.domain.custody_state import Origin
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import Grams, LotId, LotRef, PartyId, ProductId
from ledger.domain.trace import closure
from ledger.ports_families import FamilyStore, Held, OnTheRoad, Standing

_Row = TypeVar("_Row", Held, OnTheRoad)
MOST_DRAWN = 36
"""Lots of a graph on either side of the one asked for: more than that nobody takes in at a glance."""


@dataclass(frozen=True, slots=True)
class FamilyLot:
    """
    A lot of a graph. `distance`: makings from the lot asked for, below zero towards the fields. `more`: lots next to
    it, further from the lot asked for, that are not drawn. `standing` None: nobody made the lot.
    """

    id: LotId
    lot: LotRef | None
    distance: int
    standing: Standing | None
    held: tuple[Held, ...] = ()
    on_the_road: tuple[OnTheRoad, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Rest:
    """Lots that are not drawn: how many, and their grams."""

    lots: int
    grams: Grams


@dataclass(frozen=True, slots=True)
class Making:
    """
    What went into a transformation and what came out, as far as it is drawn, in grams by lot; and the rest of both.
    What is missing between the two sides was culled, lost or left over.
    """

    origin_hash: bytes
    inputs: Mapping[LotId, Grams]
    outputs: Mapping[LotId, Grams]
    other_inputs: Rest
    other_outputs: Rest


@dataclass(frozen=True, slots=True)
class FamilyGraph:
    """The part of a family next to `focus`. `back` and `forward`: how many lots there are on that side altogether."""

    focus: LotId
    lots: Mapping[LotId, FamilyLot]
    makings: tuple[Making, ...]
    back: int
    forward: int


@dataclass(frozen=True, slots=True)
class PartyReach:
    """
    What a party has to do with a family: grams that it has, that are on the road to it and from it, and that its
    receivers found missing; in how many lots, and by product what it has and what comes to it.
    """

    party: PartyId
    lots: int
    on_hand: Grams
    coming: Grams
    going: Grams
    missing: Grams
    products: Mapping[ProductId, Grams] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reach:
    """
    How far a recall of a lot reaches: the lot and all that was made from it. `recalled`: how many of them are marked
    now. `gone`: grams that nobody here has any more: sold to outside, destroyed, or written off; not what was culled or
    lost in a making, which never was a lot.
    """

    lots: int
    recalled: int
    on_hand: Grams
    on_the_road: Grams
    missing: Grams
    gone: Grams
    parties: tuple[PartyReach, ...]


def family_graph(store: FamilyStore, lot: LotRef, most: int = MOST_DRAWN) -> FamilyGraph:
    """The lot with the `most` nearest lots on either side of it, by distance and then by id."""
    if store.lot_ref(lot.id) is None:
        raise NotFound(f"no event names lot {lot}")
    up, down = store.ascent([lot.id]), store.descent([lot.id])
    back = closure(lot.id, lambda node: up.get(node, ()))
    forward = closure(lot.id, lambda node: down.get(node, ()))
    distances: dict[LotId, int] = {lot.id: 0}
    for found, sign in ((back, -1), (forward, 1)):
        near = nsmallest(most, ((distance, node) for node, distance in found.items()))
        distances.update((node, sign * distance) for distance, node in near if node not in distances)
    names, standings = store.lot_refs(distances), store.standings(distances)
    held, road = _by_lot(store.held(distances)), _by_lot(store.on_the_road(distances))
    lots = {
        node: FamilyLot(
            node, names.get(node), distance, standings.get(node), tuple(held.get(node, ())), tuple(road.get(node, ())),
            sum(1 for one in (up if distance < 0 else down).get(node, ()) if one not in distances)
            + (sum(1 for one in up.get(node, ()) if one not in distances) if not distance else 0),
        )
        for node, distance in sorted(distances.items(), key=lambda item: (item[1], item[0]))
    }  # fmt: skip
    return FamilyGraph(lot.id, lots, tuple(_makings(store, standings.values(), lots)), len(back), len(forward))


def reach_of(store: FamilyStore, lot: LotRef) -> Reach:
    """How far a recall of the lot reaches, as things stand."""
    if store.lot_ref(lot.id) is None:
        raise NotFound(f"no event names lot {lot}")
    down = store.descent([lot.id])
    family = {lot.id, *closure(lot.id, lambda node: down.get(node, ()))}
    standings = store.standings(family)
    held, road = store.held(family), store.on_the_road(family)
    somewhere = {had.lot for had in held} | {sent.lot for sent in road}
    products = {node: ref.product for node, ref in store.lot_refs(somewhere).items()}
    tallies: dict[PartyId, _Tally] = {}
    for had in held:
        tallies.setdefault(had.party, _Tally()).add("on_hand", had.lot, had.grams, products)
    for sent in road:
        if sent.missing:
            tallies.setdefault(sent.shipper, _Tally()).add("missing", sent.lot, sent.grams, {})
            continue
        tallies.setdefault(sent.receiver, _Tally()).add("coming", sent.lot, sent.grams, products)
        tallies.setdefault(sent.shipper, _Tally()).add("going", sent.lot, sent.grams, {})
    on_hand = sum(one.grams for one in held)
    under_way = sum(one.grams for one in road if not one.missing)
    missing = sum(one.grams for one in road if one.missing)
    used = sum(
        line.grams
        for origin in store.makings({one.origin_hash for one in standings.values() if one.origin_hash}).values()
        for line in origin.inputs
        if line.lot in family
    )
    made = sum(one.grams for one in standings.values())
    return Reach(
        len(family), sum(1 for one in standings.values() if one.is_recalled), Grams(on_hand), Grams(under_way),
        Grams(missing), Grams(max(0, made - used - on_hand - under_way - missing)),
        tuple(tally.of(party) for party, tally in sorted(tallies.items())),
    )  # fmt: skip


@dataclass
class _Tally:
    """What adds up for one party."""

    lots: set[LotId] = field(default_factory=set)
    grams: dict[str, int] = field(default_factory=dict)
    products: dict[ProductId, Grams] = field(default_factory=dict)

    def add(self, part: str, lot: LotId, grams: Grams, products: Mapping[LotId, ProductId]) -> None:
        self.lots.add(lot)
        self.grams[part] = self.grams.get(part, 0) + grams
        if (product := products.get(lot)) is not None:
            self.products[product] = Grams(self.products.get(product, 0) + grams)

    def of(self, party: PartyId) -> PartyReach:
        parts = {part: Grams(self.grams.get(part, 0)) for part in ("on_hand", "coming", "going", "missing")}
        return PartyReach(party, len(self.lots), products=self.products, **parts)


def _makings(store: FamilyStore, standings: Collection[Standing], lots: Collection[LotId]) -> Iterable[Making]:
    hashes = {one.origin_hash for one in standings if one.origin_hash}
    for origin_hash, origin in sorted(store.makings(hashes).items()):
        inputs, outputs = _inputs(origin), _outputs(origin)
        drawn_in = {lot: grams for lot, grams in inputs.items() if lot in lots}
        drawn_out = {lot: grams for lot, grams in outputs.items() if lot in lots}
        yield Making(origin_hash, drawn_in, drawn_out, _rest(inputs, lots), _rest(outputs, lots))


def _inputs(origin: Origin) -> dict[LotId, Grams]:
    found: dict[LotId, Grams] = {}
    for line in origin.inputs:
        found[line.lot] = Grams(found.get(line.lot, 0) + line.grams)
    return found


def _outputs(origin: Origin) -> dict[LotId, Grams]:
    return {LotRef(output.product, output.lot_code).id: output.grams for output in origin.outputs}


def _rest(lines: Mapping[LotId, Grams], lots: Collection[LotId]) -> Rest:
    others = [grams for lot, grams in lines.items() if lot not in lots]
    return Rest(len(others), Grams(sum(others)))


def _by_lot(rows: Iterable[_Row]) -> dict[LotId, list[_Row]]:
    found: dict[LotId, list[_Row]] = {}
    for row in rows:
        found.setdefault(row.lot, []).append(row)
    return found
