"""What inspectors ask of a family: its graph with grams, who has it, what is on the road, which recalls stand."""

from __future__ import annotations

from dataclasses import replace

import event_builders as b
import pytest
from big_families import chain, fan, grow, lot
from ledger_fixture import World

from ledger.domain.custody_state import Yield
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import Grams, LotRef, PlotId, plot_id
from ledger.domain.master_data import MasterData
from ledger.ports_families import Held, OnTheRoad
from ledger.services.families import Rest, family_graph, reach_of

REPACKED = LotRef(b.MELON_CASE, "P-9")
ROAD, DOOR = b.sscc(7), b.sscc(8)


def family(world: World) -> None:
    """
    A harvest of 1,000 kg: 600 kg shipped to the packing house, 590 kg of it packed, part of that packed again; cases on
    the road to the hub, and some at the buyer's, who sold a few.
    """
    later = b.When("2026-08-05T13:00:00+08:00")
    packed = b.amount(b.PACKED_LOT, 100_000)
    world.record(
        b.harvest(),
        b.shipping(manifest=[b.amount(grams=600_000)]),
        b.receiving(manifest=[b.amount(grams=600_000)]),
        b.packing(inputs=[b.amount(grams=600_000)], outputs=[b.amount(b.PACKED_LOT, 590_000)]),
        b.packing(inputs=[b.amount(b.PACKED_LOT, 400_000)], outputs=[b.amount(REPACKED, 390_000)], when=later),
        b.shipping(party=b.PACKING_HOUSE, receiver=b.HUB, reference=ROAD, manifest=[b.amount(REPACKED, 50_000)]),
        b.shipping(party=b.PACKING_HOUSE, receiver=b.BUYER, reference=DOOR, manifest=[packed]),
        b.receiving(party=b.BUYER, shipper=b.PACKING_HOUSE, reference=DOOR, manifest=[packed]),
        b.sale(party=b.BUYER, lines=[b.amount(b.PACKED_LOT, 30_000)]),
    )


def test_who_has_it_and_what_is_on_the_road(world: World) -> None:
    family(world)
    store = world.store.families
    assert store.held([b.HARVEST_LOT.id]) == [Held(b.HARVEST_LOT.id, b.FARM, Grams(400_000))]
    assert store.held([b.PACKED_LOT.id]) == [
        Held(b.PACKED_LOT.id, b.PACKING_HOUSE, Grams(90_000)), Held(b.PACKED_LOT.id, b.BUYER, Grams(70_000)),
    ]  # fmt: skip
    road = OnTheRoad(REPACKED.id, b.PACKING_HOUSE, b.HUB, Grams(50_000), False, ROAD)
    assert store.on_the_road([REPACKED.id, b.PACKED_LOT.id]) == [road]
    assert store.on_the_road([b.PACKED_LOT.id]) == []
    # So many that the statement names none of them.
    many = [REPACKED.id, *(lot(number).id for number in range(1000))]
    assert store.on_the_road(many) == [road]


def test_what_a_receiver_missed_is_told_apart(world: World) -> None:
    world.record(b.harvest(), b.shipping(), b.partial_receipt())
    missing = [one for one in world.store.families.on_the_road([b.HARVEST_LOT.id]) if one.missing]
    assert missing
    assert {(one.shipper, one.receiver) for one in missing} == {(b.FARM, b.PACKING_HOUSE)}
    reach = reach_of(world.store.families, b.HARVEST_LOT)
    assert reach.missing == sum(one.grams for one in missing)
    assert reach.on_hand + reach.on_the_road + reach.missing + reach.gone == 1_000_000


def test_a_graph_has_the_grams_of_every_making(world: World) -> None:
    family(world)
    graph = family_graph(world.store.families, b.PACKED_LOT)
    assert {one.lot: one.distance for one in graph.lots.values()} == {
        b.HARVEST_LOT: -1, b.PACKED_LOT: 0, REPACKED: 1,
    }  # fmt: skip
    assert (graph.back, graph.forward) == (1, 1)
    first, second = sorted(graph.makings, key=lambda making: -sum(making.inputs.values()))
    assert (first.inputs, first.outputs) == ({b.HARVEST_LOT.id: 600_000}, {b.PACKED_LOT.id: 590_000})
    assert (second.inputs, second.outputs) == ({b.PACKED_LOT.id: 400_000}, {REPACKED.id: 390_000})
    assert {first.other_inputs, first.other_outputs} == {Rest(0, Grams(0))}
    standing = graph.lots[b.HARVEST_LOT.id].standing
    assert standing is not None
    assert (standing.issuer, standing.grams, standing.is_recalled) == (b.FARM, 1_000_000, False)


def test_a_large_family_is_drawn_next_to_the_lot_and_counted_whole(world: World) -> None:
    grow(world, fan(500))
    graph = family_graph(world.store.families, lot(0), most=10)
    assert (len(graph.lots), graph.back, graph.forward) == (11, 0, 499)
    assert max(one.distance for one in graph.lots.values()) == 2
    # Each of the eight next to it has eight children and more, of which two are drawn.
    assert sum(one.more for one in graph.lots.values()) >= 62
    middle = family_graph(world.store.families, lot(9), most=3)
    assert {one.distance for one in middle.lots.values()} == {-2, -1, 0, 1}


def test_what_went_in_and_is_not_drawn_is_told_with_its_grams(world: World) -> None:
    grow(world, {0: [], 1: [], 2: [], 3: [0, 1, 2]})
    (making,) = family_graph(world.store.families, lot(0)).makings
    assert (dict(making.inputs), making.other_inputs) == ({lot(0).id: 1000}, Rest(2, Grams(2000)))


def test_how_far_a_recall_reaches(world: World) -> None:
    family(world)
    reach = reach_of(world.store.families, b.HARVEST_LOT)
    assert (reach.lots, reach.recalled) == (3, 0)
    by_party = {one.party: one for one in reach.parties}
    assert set(by_party) == {b.FARM, b.PACKING_HOUSE, b.HUB, b.BUYER}
    house = by_party[b.PACKING_HOUSE]
    assert (house.lots, house.on_hand, house.going, house.coming) == (2, 90_000 + 340_000, 50_000, 0)
    assert by_party[b.HUB].coming == 50_000
    assert by_party[b.HUB].products == {b.MELON_CASE: 50_000}
    # Sold; what was lost at the packings was in no lot.
    assert reach.gone == 30_000
    assert reach.on_hand == 400_000 + 90_000 + 340_000 + 70_000


def test_a_recall_is_marked_at_once_on_all_that_was_made(world: World) -> None:
    family(world)
    assert world.store.families.open_recalls(None, 9) == []
    world.record(b.recall())
    reach = reach_of(world.store.families, b.HARVEST_LOT)
    assert (reach.lots, reach.recalled) == (3, 3)
    (recall,) = world.store.families.open_recalls(None, 9)
    assert (recall.ref, recall.by) == (b.HARVEST_LOT, b.FARM)
    assert world.store.families.open_recalls(recall.lot, 9) == []
    standings = world.store.families.standings([b.HARVEST_LOT.id, REPACKED.id])
    assert [standings[one.id].inherited for one in (b.HARVEST_LOT, REPACKED)] == [False, True]
    world.record(b.release(when=b.When("2026-08-05T12:30:00+08:00")))
    assert world.store.families.open_recalls(None, 9) == []
    assert reach_of(world.store.families, b.HARVEST_LOT).recalled == 0


def test_a_lot_that_nobody_named_has_no_family(world: World) -> None:
    for ask in (family_graph, reach_of):
        with pytest.raises(NotFound):
            ask(world.store.families, LotRef(b.BULK_MELON, "NO-SUCH"))


def test_a_long_family_ends(world: World) -> None:
    grow(world, chain(300))
    assert reach_of(world.store.families, lot(0)).lots == 300
    assert family_graph(world.store.families, lot(150)).back == 150


def test_plots_and_their_yields(world: World) -> None:
    world.record(b.plot_registration(), b.yield_certificate())
    plot = plot_id(b.FARM, "PLOT-7")
    store = world.store.families
    found = store.plots([plot, PlotId(bytes(32))])
    assert [(one.producer, one.certifier) for one in found.values()] == [(b.FARM, b.CERTIFIER)]
    ((season, certified),) = store.yields([(plot, year) for year in range(2020, 2030)]).items()
    assert season == (plot, 2026)
    assert isinstance(certified, Yield)
    assert certified.certified > certified.harvested == 0


def test_a_contact_stays_when_a_later_file_has_none(world: World) -> None:
    farm = world.store.master_data().parties[b.FARM]
    with_contact = replace(farm, contact="office@farm.example")
    world.register.register(MasterData(parties={farm.id: with_contact}))
    assert world.store.master_data().parties[b.FARM] == with_contact
    world.register.register(MasterData(parties={farm.id: farm}))
    assert world.store.master_data().parties[b.FARM].contact == "office@farm.example"
