"""Limits of master data on both databases, and the births that capture gives them to."""

from __future__ import annotations

from dataclasses import replace

import event_builders as b
from ledger_fixture import World

from ledger.domain.digital_link import lot_uri
from ledger.domain.identifiers import Grams, LotRef
from ledger.domain.master_data import MasterData
from ledger.domain.own_members import own_member
from ledger.domain.records import JsonTree
from ledger.domain.sensors.limits import Limits

COLD = Limits(2_000, None, 30)


def set_limits(world: World, limits: Limits | None) -> None:
    product = replace(b.master_data().products[b.BULK_MELON], limits=limits)
    world.store.merge_master_data(MasterData(products={product.id: product}))


def plain(event: JsonTree) -> JsonTree:
    """The event as a client sends it."""
    return {key: value for key, value in event.items() if key != "silkroot:blind"}


def test_limits_are_kept_replaced_and_taken_away(world: World) -> None:
    assert world.store.limits_of(b.BULK_MELON) is None
    for limits in (COLD, Limits(-500, 8_000), None):
        set_limits(world, limits)
        assert world.store.limits_of(b.BULK_MELON) == limits
        assert world.store.master_data().products[b.BULK_MELON].limits == limits
    assert world.store.limits_of(b.FOREIGN_PRODUCT) is None


def test_a_birth_is_given_them_and_a_repeat_is_known_when_they_changed(world: World) -> None:
    set_limits(world, COLD)
    (record,) = world.record(plain(b.harvest()))
    stated = [{"epcClass": lot_uri(b.HARVEST_LOT), "minimum": 2_000, "tolerance": 30}]
    assert own_member(record.body, "limits") == ("/silkroot:limits", stated)
    assert record.body["eventID"] == record.event_id
    set_limits(world, Limits(None, 30_000))
    assert world.record(plain(b.harvest())) == [record]


def test_an_event_with_its_own_blind_eventid_or_limits_stays_as_it_is(world: World) -> None:
    set_limits(world, COLD)
    lots = [LotRef(b.BULK_MELON, f"H-{number}") for number in range(3)]
    blinded = b.harvest(lot=lots[0], grams=Grams(5_000))
    named = plain(b.harvest(lot=lots[1], grams=Grams(5_000))) | {
        "eventID": "urn:uuid:0e0e0e0e-0000-4000-8000-000000000001"
    }
    own = [{"epcClass": lot_uri(lots[2]), "maximum": 9_000}]
    stated = plain(b.harvest(lot=lots[2], grams=Grams(5_000))) | {"silkroot:limits": own}
    first, second, third = (world.record(event)[0].body for event in (blinded, named, stated))
    assert own_member(first, "limits") is None
    assert own_member(second, "limits") is None
    assert third["silkroot:limits"] == own
