"""The lot's page in words: handoffs that went another way, corrections, certified origin, pledges, stated times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import event_builders as build
import pytest
from verdict_fakes import World

from api.localization import words
from api.views.lot_page import LotPage, lot_page
from ledger.domain.custody_values import CertifiedOrigin, CertifiedShare
from ledger.domain.event_forms import Arrival, Settled
from ledger.domain.identifiers import Grams, LotRef, PlotId, plot_id
from ledger.domain.records import JsonTree
from ledger.domain.story_values import LotStory
from ledger.services.story import ChainNetwork, Story

LOT, PACKED = build.HARVEST_LOT, build.PACKED_LOT
NOTICE_TIME = 72 * 3600 + 1000


@pytest.fixture
def world() -> World:
    """The farm's tonne is on its way to the packing house."""
    result = World()
    result.record(build.harvest())
    result.record(build.shipping())
    return result


async def told(world: World, lot: LotRef = LOT) -> LotStory:
    return await Story(world, world, ChainNetwork("local", single_operator=True), world).story(lot)  # type: ignore[arg-type]


async def page_of(world: World, lot: LotRef = LOT) -> LotPage:
    return page(await told(world, lot))


def page(story: LotStory, language: str = "en") -> LotPage:
    return lot_page(story, build.master_data(), words(language), link="https://trace.example/x")


def deeds(shown: LotPage) -> Mapping[str, tuple[str, ...]]:
    """Details by deed."""
    return {deed.what: deed.details for stop in shown.stops for deed in stop.deeds}


def branch(shown: LotPage, holder: str) -> tuple[str, tuple[str, ...]]:
    return next((each.amounts, each.notices) for each in shown.branches if str(each.holder) == holder)


RECEIPTS: list[tuple[JsonTree, str, str]] = [
    (build.partial_receipt(), "Received from Farm, with something missing",
     "700 kg accepted, 200 kg sent back, 100 kg missing"),
    (build.partial_receipt(arrivals=[Arrival(LOT, accepted=600_000, to_come=400_000)], return_ref=""),
     "Part received from Farm, more to come", "600 kg accepted, 400 kg still to come"),
    (build.partial_receipt(arrivals=[Arrival(LOT, refused=1_000_000)]),
     "Refused and sent back to Farm", "1,000 kg sent back"),
    (build.partial_receipt(arrivals=[Arrival(LOT, accepted=900_000, refused=100_000)]),
     "Received from Farm, part of it sent back", "900 kg accepted, 100 kg sent back"),
    (build.partial_receipt(arrivals=[Arrival(LOT, accepted=1_000_000)], return_ref=""),
     "Received from Farm", "1,000 kg accepted"),
]  # fmt: skip


@pytest.mark.parametrize(("receipt", "what", "detail"), RECEIPTS, ids=[row[1] for row in RECEIPTS])
async def test_a_partial_receipt_says_what_became_of_the_fruit(
    world: World, receipt: JsonTree, what: str, detail: str
) -> None:
    world.record(receipt)
    assert deeds(await page_of(world))[what] == (detail,)


async def test_a_variance_is_named_with_its_weight_and_both_sides(world: World) -> None:
    world.record(build.partial_receipt())
    shown = await page_of(world)
    (trouble,) = shown.troubles
    assert trouble.sentence == (
        "100 kg of lot H-0001, sent by Farm, did not arrive at Packing house. "
        "They have not settled yet what became of it."
    )
    assert branch(shown, "Packing house")[0] == "700 kg in store, 100 kg missing on arrival"
    assert branch(shown, "Farm")[0] == "200 kg on the road back to this place"
    assert [(share.kind, share.amount) for share in shown.shares] == [
        ("hand", "700 kg"), ("back", "200 kg"), ("missing", "100 kg"),
    ]  # fmt: skip


async def test_a_settlement_says_how_and_is_signed_by_both(world: World) -> None:
    world.record(build.partial_receipt())
    world.record(build.settlement())
    shown = await page_of(world)
    assert deeds(shown)["Agreed with Farm on what was missing"] == (
        "40 kg lost, 30 kg of weight lost on the way, 20 kg back at the sender, 10 kg found at the receiver",
    )
    signatures = {deed.signature for stop in shown.stops for deed in stop.deeds}
    assert "Signed by Packing house and Farm" in signatures
    house = next(stop for stop in shown.stops if str(stop.party) == "Packing house")
    assert house.signature == "", "not every deed of the stop is signed by both"
    assert ("lost", "40 kg") in [(share.kind, share.amount) for share in shown.shares]


async def test_an_announced_void_is_told_where_the_goods_are_on_the_road(world: World) -> None:
    world.record(build.notice())
    shown = await page_of(world)
    assert "Announced that what is on the road will be taken back" in deeds(shown)
    assert branch(shown, "Packing house")[1] == ("Farm announced that it will take back 1,000 kg that is on the road.",)
    world.late = NOTICE_TIME
    world.record(build.void(agreed=False))
    shown = await page_of(world)
    assert "Taken back from the road, after public notice" in deeds(shown)
    assert branch(shown, "Farm") == ("1,000 kg in store", ())


async def test_a_void_by_agreement_names_the_other_side(world: World) -> None:
    world.record(build.void())
    assert "Taken back from the road, as agreed with Packing house" in deeds(await page_of(world))


async def test_a_write_off_is_announced_and_made(world: World) -> None:
    world.record(build.partial_receipt(arrivals=[Arrival(LOT, accepted=900_000, short=100_000)], return_ref=""))
    world.record(build.notice(party=build.PACKING_HOUSE, about="write-off"))
    shown = await page_of(world)
    assert "Announced that what is missing will be written off" in deeds(shown)
    assert branch(shown, "Packing house")[1] == (
        "It is announced that 100 kg sent by Farm, which is missing, will be written off.",
    )
    world.late = NOTICE_TIME
    world.record(build.settlement(lines=[Settled(LOT, loss=100_000)], alone=True))
    shown = await page_of(world)
    assert "Wrote off what was missing, after public notice" in deeds(shown)
    assert shown.troubles == ()


@pytest.mark.parametrize(("grams", "what"), [(900_000, "Weight corrected"), (0, "Withdrawn as a mistake")])
async def test_of_a_correction_both_versions_are_told(grams: int, what: str) -> None:
    world = World()
    world.record(build.harvest())
    world.record(build.harvest_amendment(grams=grams))
    shown = deeds(await page_of(world))
    assert shown["Harvested"] == ("Corrected later; this no longer counts.",)
    assert shown[what] == ()


async def test_an_annulled_lot_is_not_told_as_fruit_that_is_there() -> None:
    world = World()
    world.record(build.harvest())
    kept = (await page_of(world)).headline.lead
    world.record(build.harvest_amendment(grams=0))
    lead = (await page_of(world)).headline.lead
    assert lead == "Its maker withdrew this lot as a mistake: no fruit is recorded under this number."
    assert lead != kept


async def test_a_corrected_packing_shows_both_balances(world: World) -> None:
    world.record(build.receiving())
    world.record(build.packing())
    world.record(build.packing_amendment())
    shown = await page_of(world, PACKED)
    amounts = {deed.what: deed.amount for stop in shown.stops for deed in stop.deeds}
    assert amounts["Packed"] == "1,000 kg in, 900 kg out"
    assert amounts["Weights of the packing corrected"] == "990 kg in, 880 kg out"
    corrected = await told(world, PACKED)
    hashes = {fact.value for each in page(corrected).evidence.events for fact in each.facts}
    assert f"0x{world.events[-1].content_hash.hex()}" in hashes


async def test_a_packing_withdrawn_is_called_so(world: World) -> None:
    world.record(build.receiving())
    world.record(build.packing())
    world.record(build.packing_amendment(grams={LOT: 0, PACKED: 0}, culls=0, process_loss=0, remainder=0))
    assert "Withdrawn as a mistake" in deeds(await page_of(world, PACKED))


# Ways back, and what was found ----------------------------------------------------------------------------------------


async def test_what_comes_back_stands_after_the_refusal(world: World) -> None:
    world.record(build.partial_receipt(arrivals=[Arrival(LOT, refused=1_000_000)]))
    back = build.receiving(
        party=build.FARM, shipper=build.PACKING_HOUSE, reference=build.RETURN_REFERENCE, where=build.FARM_GATE
    )
    world.record(back)
    way = [(str(stop.party), [deed.what for deed in stop.deeds]) for stop in (await page_of(world)).stops]
    assert way == [
        ("Farm", ["Harvested"]),
        ("Farm", ["Sent to Packing house"]),
        ("Packing house", ["Refused and sent back to Farm"]),
        ("Farm", ["Received from Packing house"]),
    ]


def measured(*values: object) -> JsonTree:
    reports = [{"type": "Temperature", "value": value, "uom": "CEL"} for value in values]
    return {"sensorElementList": [{"sensorReport": reports}]}


async def test_degrees_and_a_failed_inspection_are_told(world: World) -> None:
    world.record(build.inspection(extra=measured(13.8, -1), disposition="non_conformant"))
    assert deeds(await page_of(world))["Inspected"] == ("13.8 °C", "-1 °C", "It did not pass.")
    uyghur = page(await told(world), "ug")
    assert "\u206813.8 °C\u2069" in [detail for stop in uyghur.stops for deed in stop.deeds for detail in deed.details]


async def test_what_is_no_measurement_is_left_out(world: World) -> None:
    world.record(build.inspection(extra=measured(4.5)))
    story = await told(world)
    for broken in ("warm", {"sensorReport": "warm"}, {"sensorReport": ["warm", {"uom": "CEL", "value": "4.5"}]}):
        events = tuple(replace(each, body=each.body | {"sensorElementList": [broken]}) for each in story.events)
        assert deeds(page(replace(story, events=events)))["Inspected"] == ()


def test_names_from_right_to_left_stand_in_isolates_in_any_list() -> None:
    assert words("en").listing(["Toksun", "بۇيلۇق"]) == "Toksun and \u2068بۇيلۇق\u2069"
    assert words("zh").listing(["上户镇", "英下乡"]) == "上户镇和英下乡"


# Certified origin and pledges -----------------------------------------------------------------------------------------


async def test_certified_origin_names_field_certifier_and_season() -> None:
    world = World()
    world.record(build.plot_registration())
    world.record(build.yield_certificate())
    world.record(build.harvest())
    certified = (await page_of(world)).certified
    assert certified is not None
    assert certified.title == "Certified origin"
    assert certified.sources == ("Certified by Certifier: Plot 7, Farm, 2026",)


@pytest.mark.parametrize(
    ("grams", "title"),
    [(1_000_000, "Certified origin"), (999_999, "99% of it is of certified origin"),
     (10_000, "1% of it is of certified origin"), (9_999, None), (0, None)],
)  # fmt: skip
async def test_only_all_of_it_is_certified_origin(world: World, grams: int, title: str | None) -> None:
    share = CertifiedShare(Grams(1_000_000), Grams(grams))
    view = page(replace(await told(world), certified=share)).certified
    assert (view.title if view else None) == title


async def test_a_plot_that_nobody_named_is_a_field_of_its_producer(world: World) -> None:
    origin = CertifiedOrigin(LOT.id, PlotId(bytes(32)), 2026, build.FARM, build.CERTIFIER, Grams(1))
    share = CertifiedShare(Grams(10), Grams(10), (origin, replace(origin, plot=plot_id(build.HUB, "9"))))
    view = page(replace(await told(world), certified=share)).certified
    assert view is not None
    assert view.sources == ("Certified by Certifier: a field of Farm, 2026",)


async def test_where_the_ledger_was_not_asked_nothing_is_certified(world: World) -> None:
    assert page(replace(await told(world), certified=None)).certified is None


async def test_a_pledge_is_told_while_it_stands() -> None:
    world = World()
    world.record(build.harvest())
    world.record(build.pledge())
    shown = await page_of(world)
    (text,) = shown.pledges
    assert text.startswith("Farm has pledged 1,000 kg of this lot to Bank until 31 Dec 2026, as security for a loan.")
    assert "Pledged to Bank as security for a loan" in deeds(shown)
    assert branch(shown, "Farm")[0] == "1,000 kg in store"
    world.record(build.pledge_release())
    shown = await page_of(world)
    assert shown.pledges == ()
    assert "Bank let go of what Farm had pledged" in deeds(shown)
    assert [str(stop.party) for stop in shown.stops] == ["Farm"], "the fruit never was at the lender's"


# Recalls and times ----------------------------------------------------------------------------------------------------


async def test_a_carried_recall_names_the_lot_that_it_comes_from(world: World) -> None:
    world.record(build.receiving())
    world.record(build.packing())
    world.record(build.recall(party=build.REGULATOR))
    world.ledger.propagate(PACKED.id)
    sentences = [each.sentence for each in (await page_of(world, PACKED)).troubles]
    assert sentences == [
        "Lot P-0001 is recalled because lot H-0001 went into it. The recall comes from Regulator.",
        "Lot H-0001, which went into this one, is recalled. The recall comes from Regulator.",
    ]


async def test_a_stated_time_is_called_so_beside_the_chains(world: World) -> None:
    story = await told(world)
    assert story.events[0].entry is not None
    shown = page(story)
    recorded = datetime.fromtimestamp(story.events[0].entry.block_time, UTC)
    facts = {fact.label: fact.value for fact in shown.evidence.events[0].facts}
    assert facts["Stated time, the signer’s word"] == "2026-08-05T12:00:00.000+08:00"
    assert facts["Recorded on chain"] == recorded.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert shown.evidence.events[0].when == "stated: 5 Aug 2026, 12:00"


@pytest.mark.parametrize(("days", "expected"), [(0, ""), (9, "entered in the shared ledger on 14 Aug 2026")])
async def test_the_ledgers_day_stands_beside_the_stated_one_where_it_is_another(
    world: World, days: int, expected: str
) -> None:
    story = await told(world)
    noon = int(datetime(2026, 8, 5, 4, tzinfo=UTC).timestamp()) + days * 86_400
    events = tuple(replace(each, entry=each.entry and replace(each.entry, block_time=noon)) for each in story.events)
    recorded = {deed.recorded for stop in page(replace(story, events=events)).stops for deed in stop.deeds}
    assert recorded == {expected}


async def test_an_entry_that_waits_was_recorded_on_no_day(world: World) -> None:
    world.record(build.receiving(), mined=False)
    shown = await page_of(world)
    assert next(deed.recorded for stop in shown.stops for deed in stop.deeds if deed.mark == "wait") == ""


async def test_evidence_holds_the_second_signature_whole(world: World) -> None:
    world.record(build.void())
    story = await told(world)
    voided = next(each for each in story.events if each.co is not None)
    assert voided.co is not None
    values = {fact.label: fact.value for each in page(story).evidence.events for fact in each.facts}
    assert values["Second signing key"] == f"0x{voided.co.key_id.hex()}"
    assert values["Second signature"] == f"0x{voided.co.signature.hex()}"
    assert values["Kind of second signature"] == "secp256k1, EIP-712"
    assert values["Second key valid"].endswith("no end")


async def test_a_receipt_whose_record_was_mangled_is_told_all_the_same(world: World) -> None:
    world.record(build.partial_receipt())
    for rows in (7, [], [{"short": 1}], ["x"], [{"epcClass": "nonsense", "short": 5}], [{"epcClass": 3, "short": 5}]):
        world.change_body(3, **{"silkroot:receipt": rows})
        shown = deeds(await page_of(world))
        assert shown["Received from Farm, part of it sent back"] == ("700 kg accepted, 200 kg sent back",)


async def test_a_changed_line_of_a_receipt_is_told_with_its_lot_and_its_weights(world: World) -> None:
    world.record(build.partial_receipt())
    other = build.partial_receipt(arrivals=[Arrival(LOT, 650_000, 250_000, 0, 100_000)])
    world.change(3, body=other)
    trouble = next(each for each in (await page_of(world)).troubles if each.changes)
    assert [(change.member, change.signed, change.found) for change in trouble.changes] == [
        ("Accepted (lot H-0001)", "700 kg", "650 kg"),
        ("Sent back (lot H-0001)", "200 kg", "250 kg"),
    ]


async def test_a_changed_lender_is_told_by_name() -> None:
    world = World()
    world.record(build.harvest())
    world.record(build.pledge())
    world.change(2, body=build.pledge(lender=build.BUYER))
    trouble = next(each for each in (await page_of(world)).troubles if each.changes)
    assert [(change.member, change.signed, change.found) for change in trouble.changes] == [("Lender", "Bank", "Buyer")]


async def test_a_missing_second_signature_names_whose_it_is(world: World) -> None:
    voided = world.record(build.void())
    world.change(3, proof=replace(voided.proof, co=None))
    assert "Packing house has not signed, but had to." in [each.sentence for each in (await page_of(world)).troubles]
