"""What is on its way to a party, as a dock's phone keeps it, and what became of a consignment."""

from __future__ import annotations

import event_builders as b
import pytest
from ledger_fixture import World

from ledger.domain import event_forms
from ledger.domain.event_forms import Arrival, Spot, When
from ledger.domain.identifiers import ConsignmentId, consignment_id
from ledger.domain.sealing import DEFAULT, Entry, Policy
from ledger.services.receiving import Receiving

LATER = When("2026-08-06T09:30:00+08:00")
DOCK = Spot(int(b.BUYER))
NAME: ConsignmentId = consignment_id(b.FARM, b.REFERENCE)
RETURN = event_forms.transaction_urn(b.BUYER, "R-1")


@pytest.fixture
def world(world: World) -> World:
    """A tonne of the farm's, of which 600 kg are on their way to the buyer."""
    extra = {"silkroot:vehicle": "新A12345", "silkroot:seal": "S-1"}
    world.record(
        b.harvest(), b.shipping(receiver=b.BUYER, manifest=[b.amount(grams=600_000, cases=50)], extra=extra)
    )  # fmt: skip
    return world


def receiving(world: World, policy: Policy = DEFAULT) -> Receiving:
    return Receiving(world.store, world.store.consignments, policy)


def part(world: World, *arrivals: Arrival, return_ref: str = "") -> None:
    event = event_forms.partial_receipt(b.BUYER, b.FARM, b.REFERENCE, arrivals, LATER, DOCK, return_ref=return_ref)
    world.record(b.sealed(event, b.BUYER))


def test_a_consignment_on_its_way(world: World) -> None:
    (one,) = receiving(world).expected(b.BUYER)
    assert (one.id, one.shipper, one.receiver, one.reference) == (NAME, b.FARM, b.BUYER, b.REFERENCE)
    assert (one.transaction_type, one.vehicle, one.seal, one.announced) == ("desadv", "新A12345", "S-1", False)
    assert one.shipped_at == b.NOON.time
    assert [(line.lot, line.grams, line.cases) for line in one.lines] == [(b.HARVEST_LOT, 600_000, 50)]
    assert receiving(world).expected(b.FARM) == []
    assert receiving(world).manifest(NAME, b.FARM) == one
    assert receiving(world).manifest(NAME, b.HUB) is None


def test_what_is_still_to_come_stays_on_the_list(world: World) -> None:
    part(world, Arrival(b.HARVEST_LOT, accepted=200_000, to_come=400_000))
    (one,) = receiving(world).expected(b.BUYER)
    assert [line.grams for line in one.lines] == [400_000]
    part(world, Arrival(b.HARVEST_LOT, accepted=390_000, short=10_000))
    assert receiving(world).expected(b.BUYER) == []
    told = receiving(world).happened(NAME, b.BUYER)
    assert told is not None
    assert [(deed.what, deed.accepted, deed.to_come, deed.short) for deed in told.deeds] == [
        ("received-in-part", 200_000, 400_000, 0), ("received-in-part", 390_000, 0, 10_000),
    ]  # fmt: skip


def test_what_goes_back_is_on_its_way_to_the_sender(world: World) -> None:
    part(world, Arrival(b.HARVEST_LOT, refused=600_000), return_ref=RETURN)
    (one,) = receiving(world).expected(b.FARM)
    assert (one.shipper, one.reference, one.transaction_type) == (b.BUYER, RETURN, "desadv")
    assert one.shipped_at == LATER.time
    assert [(line.grams, line.cases) for line in one.lines] == [(600_000, None)]
    told = receiving(world).happened(NAME, b.FARM)
    assert told is not None
    assert [(deed.what, deed.refused) for deed in told.deeds] == [("rejected", 600_000)]
    event = event_forms.receiving(b.FARM, b.BUYER, RETURN, [b.amount(grams=600_000)], LATER, b.FARM_GATE)
    world.record(b.sealed(event, b.FARM))
    assert receiving(world).expected(b.FARM) == []


def test_a_void_that_was_announced_is_told(world: World) -> None:
    event = event_forms.notice(b.FARM, b.FARM, b.BUYER, b.REFERENCE, [b.HARVEST_LOT], LATER)
    world.record(b.sealed(event, b.FARM))
    (one,) = receiving(world).expected(b.BUYER)
    assert one.announced


def test_temperatures_of_the_way_come_along(world: World) -> None:
    sensors = [{"sensorReport": [{"type": "Temperature", "value": 4.25, "uom": "CEL"}]}]
    transaction = [{"type": "desadv", "bizTransaction": b.REFERENCE}]
    extra = {"sensorElementList": sensors, "bizTransactionList": transaction}
    event = event_forms.statement(b.FARM, "transporting", [b.HARVEST_LOT], LATER, b.FARM_GATE, extra=extra)
    world.record(b.sealed(event, b.FARM))
    (one,) = receiving(world).expected(b.BUYER)
    (line,) = one.leg
    assert (line["readings"], line["minimum"], line["maximum"]) == (1, 4250, 4250)


def test_only_the_sides_are_told(world: World) -> None:
    assert receiving(world).happened(NAME, b.HUB) is None
    assert receiving(world).happened(ConsignmentId(bytes(32)), b.BUYER) is None
    told = receiving(world).happened(NAME, b.BUYER)
    assert told is not None
    assert told.deeds == ()


def test_what_the_operator_seals_is_told_to_the_phone(world: World) -> None:
    assert receiving(world).sealed_members(b.BUYER) == ["paperSigner", "person"]
    policy = Policy((Entry(("damage", "/silkroot:seal"), party=b.BUYER, kinds=frozenset({"receiving"})),))
    assert receiving(world, policy).sealed_members(b.BUYER) == ["damage", "paperSigner", "person", "seal"]
    assert receiving(world, policy).sealed_members(b.HUB) == ["paperSigner", "person"]
