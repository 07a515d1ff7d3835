"""A recall that is recorded and not on chain yet: red at once, for the lot and all made from it, chain or no chain."""

from __future__ import annotations

import event_builders as build
import pytest
from verdict_fakes import World, season, unavailable

from api.localization import LANGUAGES, words
from api.views.lot_page import lot_page
from ledger.domain.records import EntryState
from ledger.domain.story_values import CheckName, LotStory, Outcome, Verdict
from ledger.services.story import ChainNetwork, Story


@pytest.fixture
def world() -> World:
    result = World()
    season(result)
    return result


async def story(world: World, lot: object = build.PACKED_LOT) -> LotStory:
    return await Story(world, world, ChainNetwork("local", single_operator=True), world).story(lot)  # type: ignore[arg-type]


async def test_a_recall_that_waits_is_red_for_the_lot_and_all_made_from_it(world: World) -> None:
    assert (await story(world)).verdict is Verdict.VERIFIED
    world.record(build.recall(party=build.REGULATOR), mined=False)
    for lot, code in ((build.HARVEST_LOT, "recall.recorded"), (build.PACKED_LOT, "recall.ancestor-recorded")):
        told = await story(world, lot)
        assert told.verdict is Verdict.RECALLED
        assert told.reasons[0].code == code
        assert told.reasons[0].parameters["party"] == build.REGULATOR
        assert {branch.verdict for branch in told.branches} == {Verdict.RECALLED}
        (check,) = [check for check in told.checks if check.name is CheckName.RECALL]
        assert (check.outcome, check.findings[0].code) == (Outcome.FAILED, code)


async def test_it_is_red_while_the_chain_is_away(world: World) -> None:
    world.down = unavailable()
    assert (await story(world)).verdict is Verdict.UNKNOWN
    world.record(build.recall(), mined=False)
    told = await story(world)
    assert (told.verdict, told.chain) == (Verdict.RECALLED, None)
    assert {"recall.ancestor-recorded", "chain.unavailable"} <= {reason.code for reason in told.reasons}
    for language in LANGUAGES:
        page = lot_page(told, world.master_data(), words(language), link="https://x.example/")
        assert page.headline.verdict == "recalled"


async def test_once_mined_it_is_the_chains(world: World) -> None:
    world.record(build.recall())
    assert (await story(world)).reasons[0].code == "recall.ancestor"


async def test_what_the_contract_refused_counts_no_more(world: World) -> None:
    event = world.record(build.recall(), mined=False)
    world.change(event.sequence, state=EntryState.REFUSED, refusal="DeadlineExpired")
    assert (await story(world, build.PACKED_LOT)).verdict is not Verdict.RECALLED


async def test_a_release_that_waits_lifts_nothing_on_chain(world: World) -> None:
    world.record(build.recall())
    world.record(build.release(when=build.When("2026-08-06T12:00:00+08:00")), mined=False)
    assert (await story(world)).verdict is Verdict.RECALLED


async def test_a_recall_of_another_lot_is_not_this_ones(world: World) -> None:
    world.record(build.recall(party=build.PACKING_HOUSE, lot=build.PACKED_LOT), mined=False)
    assert (await story(world, build.HARVEST_LOT)).verdict is Verdict.VERIFIED
    assert (await story(world, build.PACKED_LOT)).verdict is Verdict.RECALLED


async def test_why_stands_on_the_page(world: World) -> None:
    recall = build.recall() | {"silkroot:reason": "Salmonella in a sample"}
    world.record(recall, mined=False)
    told = await story(world, build.HARVEST_LOT)
    page = lot_page(told, world.master_data(), words("en"), link="https://x.example/")
    details = [detail for stop in page.stops for deed in stop.deeds for detail in deed.details]
    assert "Salmonella in a sample" in details
