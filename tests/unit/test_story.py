"""The story service over an in-memory store and chain, and the story's JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import event_builders as build
import pytest
from verdict_fakes import DOMAIN, HARVEST, PACKING, SOLD, START, World, key_of, season, unavailable

from api.localization import words
from api.views.lot_page import lot_page
from ledger.domain.batch_signatures import sign_together
from ledger.domain.errors import NotFound, WrongChain
from ledger.domain.identifiers import LotId, LotRef
from ledger.domain.records import ChainFacts, ChainQuestion, RecordedEvent
from ledger.domain.story_values import Outcome, Verdict
from ledger.domain.typed_data import Domain
from ledger.services.story import ChainNetwork, Story
from ledger.services.story_json import story_json

NETWORK = ChainNetwork("local", single_operator=True)


@pytest.fixture
def world() -> World:
    result = World()
    season(result)
    return result


def story_of(world: World) -> Story:
    return Story(world, world, NETWORK, world)  # type: ignore[arg-type]


async def test_a_whole_story(world: World) -> None:
    story = await story_of(world).story(build.PACKED_LOT)
    assert story.verdict is Verdict.VERIFIED
    assert story.lot == build.PACKED_LOT
    assert story.product is not None
    assert story.product.id == build.MELON_CASE
    assert story.issuer == build.PACKING_HOUSE
    assert [item.code.value for item in story.qualifiers] == [
        "hosted-key",
        "both-sides-hosted",
        "single-operator-chain",
    ]
    assert [event.step for event in story.events] == [
        "commissioning", "shipping", "receiving", "packing", "shipping", "receiving", "retail_selling", "shipping",
    ]  # fmt: skip
    assert [event.of_lot for event in story.events] == [False] * 3 + [True] * 5
    assert story.ancestors[0].ref == build.HARVEST_LOT
    assert story.names[build.HARVEST_LOT.id] == build.HARVEST_LOT
    assert story.chain is not None
    assert story.chain.asked_at == START + world.head + 1
    assert story.last is None
    receipt = story.events[2]
    assert receipt.counterparty == build.FARM
    assert receipt.lots == {build.HARVEST_LOT.id: 1_000_000}


async def test_the_chain_is_asked_once(world: World) -> None:
    await story_of(world).story(build.PACKED_LOT)
    assert len(world.questions) == 1
    assert set(world.questions[0].lots) == {build.PACKED_LOT.id, build.HARVEST_LOT.id}


async def test_children_are_named(world: World) -> None:
    story = await story_of(world).story(build.HARVEST_LOT)
    assert story.children == (build.PACKED_LOT,)


async def test_an_unknown_lot_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="P-0404"):
        await story_of(world).story(LotRef(build.MELON_CASE, "P-0404"))
    assert world.questions == []


async def test_a_chain_that_is_down_gives_unknown_with_the_last_time_it_was_asked(world: World) -> None:
    stories = story_of(world)
    assert (await stories.story(build.PACKED_LOT)).verdict is Verdict.VERIFIED
    world.down = unavailable()
    story = await stories.story(build.PACKED_LOT)
    assert story.verdict is Verdict.UNKNOWN
    assert story.reasons[0].code == "chain.unavailable"
    assert story.chain is None
    assert story.last is not None
    assert (story.last.asked_at, story.last.verdict) == (START + world.head + 1, Verdict.VERIFIED)
    assert (await stories.story(build.HARVEST_LOT)).last is None
    world.down = None
    assert (await stories.story(build.PACKED_LOT)).verdict is Verdict.VERIFIED


async def test_a_wrong_chain_gives_unknown(world: World) -> None:
    world.down = WrongChain("chain 1 instead of 31337")
    story = await story_of(world).story(build.PACKED_LOT)
    assert story.verdict is Verdict.UNKNOWN
    assert story.reasons[0].code == "chain.wrong"


async def test_a_chain_whose_contract_is_not_known_gives_unknown_and_keeps_the_own_findings(world: World) -> None:
    async def no_domain() -> Domain:
        raise unavailable()

    world.domain = no_domain  # type: ignore[method-assign]
    world.down = unavailable()
    world.change_body(HARVEST, remark="changed")
    story = await story_of(world).story(build.PACKED_LOT)
    assert story.verdict is Verdict.UNKNOWN
    outcomes = [check.outcome for check in story.checks]
    assert outcomes == [Outcome.FAILED, *[Outcome.NOT_MADE] * 4]
    world.down = None
    assert (await story_of(world).story(build.PACKED_LOT)).verdict is Verdict.UNKNOWN


async def test_facts_of_another_contract_are_not_shown_as_the_chain(world: World) -> None:
    world.alter = lambda facts: replace(facts, ledger=bytes(20))
    story = await story_of(world).story(build.PACKED_LOT)
    assert story.verdict is Verdict.UNKNOWN
    assert story.chain is None


async def test_an_event_captured_and_mined_between_reading_and_asking_is_no_gap(world: World) -> None:
    original = world.chain_facts
    late = build.sale(party=build.BUYER, lines=[build.amount(build.PACKED_LOT, 1_000)])

    def meanwhile(question: ChainQuestion) -> ChainFacts:
        if world.events[-1].sequence == 8:
            world.record(late)
        return original(question)

    world.chain_facts = meanwhile  # type: ignore[method-assign]
    story = await story_of(world).story(build.PACKED_LOT)
    assert story.verdict is Verdict.VERIFIED
    assert len(world.questions) == 2


async def test_a_dropped_event_is_not_mistaken_for_one_that_came_late(world: World) -> None:
    world.drop(SOLD)
    story = await story_of(world).story(build.PACKED_LOT)
    assert story.verdict is Verdict.UNVERIFIED
    assert len(world.questions) == 1


async def test_each_ancestor_is_loaded_once(world: World) -> None:
    lots = [LotRef(build.BULK_MELON, f"H-1{index:03d}") for index in range(20)]
    for lot in lots:
        world.record(build.harvest(lot=lot, grams=1000, party=build.FARM))
    shipped = [build.amount(lot, 1000) for lot in lots]
    handoff = {"reference": build.sscc(50), "manifest": shipped}
    world.record(build.shipping(**handoff))
    world.record(build.receiving(**handoff))
    merged = LotRef(build.MELON_CASE, "P-MERGED")
    split = LotRef(build.MELON_CASE, "P-SPLIT")
    world.record(build.packing(inputs=shipped, outputs=[build.amount(merged, 20_000)]))
    world.record(build.packing(inputs=[build.amount(merged, 5_000)], outputs=[build.amount(split, 5_000)]))
    asked: Counter[LotId] = Counter()
    original = world.events_of_lot

    def counted(lot: LotId) -> list[RecordedEvent]:
        asked[lot] += 1
        return original(lot)

    world.events_of_lot = counted  # type: ignore[method-assign]
    story = await story_of(world).story(split)
    assert story.verdict is Verdict.VERIFIED
    assert {ancestor.distance for ancestor in story.ancestors} == {1, 2}
    assert len(story.ancestors) == 21
    assert set(asked.values()) == {1}
    assert len(world.questions) == 1


async def test_a_struct_that_hides_its_inputs_does_not_hide_its_ancestors(world: World) -> None:
    world.change_action(PACKING, inputs=())
    story = await story_of(world).story(build.PACKED_LOT)
    assert {check.name.value for check in story.checks if check.outcome is not Outcome.PASSED} == {"content"}


async def test_the_json_has_what_machines_read(world: World) -> None:
    tree = story_json(await story_of(world).story(build.PACKED_LOT))
    assert json.loads(json.dumps(tree)) == tree
    assert tree["verdict"] == "verified"
    assert tree["lot"]["uri"] == f"https://id.gs1.org/01/{build.MELON_CASE:014d}/10/P-0001"
    assert tree["qualifiers"] == ["hosted-key", "both-sides-hosted", "single-operator-chain"]
    assert [check["name"] for check in tree["checks"]] == ["content", "signature", "anchored", "custody", "recall"]
    assert all(check["outcome"] == "passed" and check["reason"] for check in tree["checks"])
    assert [branch["grams"]["onHand"] for branch in tree["branches"]] == [100_000, 450_000, 0]
    assert tree["events"][0]["proof"]["action"]["type"] == "Harvest"
    assert tree["events"][0]["entry"]["block"] == 101
    assert tree["grams"]["born"] == 900_000


async def test_the_json_of_a_settled_handoff_with_a_certified_and_pledged_lot() -> None:
    world = World()
    for tree in (
        build.plot_registration(), build.yield_certificate(), build.harvest(), build.shipping(),
        build.partial_receipt(), build.settlement(), build.pledge(pledged=build.amount(grams=20_000)),
    ):  # fmt: skip
        world.record(tree)
    tree = story_json(await story_of(world).story(build.HARVEST_LOT))
    assert json.loads(json.dumps(tree)) == tree
    assert tree["verdict"] == "verified"
    assert (tree["lotGrams"], tree["certifiedGrams"], tree["certified"]) == (1_000_000, 1_000_000, 100)
    (origin,) = tree["certifiedOrigins"]
    assert (origin["certifier"], origin["season"], origin["lot"]["lot"]) == (f"{build.CERTIFIER:013d}", 2026, "H-0001")
    assert (tree["grams"]["returning"], tree["grams"]["lost"], tree["grams"]["weightLoss"]) == (200_000, 40_000, 30_000)
    (pledge,) = tree["pledges"]
    assert (pledge["lender"], pledge["grams"], pledge["stands"]) == (f"{build.LENDER:013d}", 20_000, True)
    handoff = next(item for item in tree["branches"][1]["path"] if item["returns"] is None)
    assert (handoff["state"], handoff["refused"], handoff["returned"]) == ("settled", 200_000, 20_000)
    assert len(handoff["receipts"]) == 1
    settled = next(event for event in tree["events"] if event["kind"] == "settlement")
    assert settled["secondProof"]["party"] == f"{build.FARM:013d}"
    assert settled["secondProof"]["keyRecord"]["hosted"] is True
    assert {event["kind"] for event in tree["events"]} >= {"partial-receipt", "pledge"}


async def test_a_statement_that_was_signed_with_others_tells_its_place_among_them() -> None:
    world = World()
    world.record(build.harvest())
    action = world.record(build.inspection()).proof.action
    key = key_of(build.FARM)
    others = [replace(action, deadline=action.deadline + more) for more in (1, 2)]
    proof = sign_together([*others, action], DOMAIN, key.id, key.scheme, key.sign)[2]
    world.change(2, proof=proof)
    story = await story_of(world).story(build.HARVEST_LOT)
    assert proof.batch is not None
    place = {"root": "0x" + proof.batch.root.hex(), "count": 3, "index": 2}
    alone, together = (event["proof"] for event in story_json(story)["events"])
    assert "batch" not in alone
    assert together["batch"] == place
    shown = lot_page(story, build.master_data(), words("en"), link="https://trace.example/x").evidence.events
    facts = {fact.label: fact.value for event in shown for fact in event.facts}
    assert facts["Root of what was signed at once"] == place["root"]
    assert facts["Signed at once with others, as number"] == "3 / 3"


async def test_the_json_of_a_corrected_lot_names_what_stands_instead() -> None:
    world = World()
    world.record(build.harvest())
    amended = world.record(build.harvest_amendment())
    tree = story_json(await story_of(world).story(build.HARVEST_LOT))
    first, second = tree["events"]
    assert (first["correctedBy"], second["correctedBy"]) == (f"0x{amended.content_hash.hex()}", None)
    assert (tree["certified"], tree["certifiedGrams"], tree["certifiedOrigins"]) == (0, 0, [])


async def test_the_json_tells_what_was_changed(world: World) -> None:
    lines = world.at(HARVEST).body["quantityList"]
    world.change_body(HARVEST, quantityList=[{**lines[0], "quantity": 2000}])
    tree = story_json(await story_of(world).story(build.PACKED_LOT))
    assert tree["verdict"] == "unverified"
    reason = tree["reasons"][0]
    assert (reason["check"], reason["code"]) == ("content", "content.changed")
    assert reason["differences"] == [{"member": "grams", "signed": "1000000", "found": "2000000"}]
    assert reason["evidence"]["signedHash"] == "0x" + world.at(HARVEST).content_hash.hex()
    assert reason["evidence"]["foundHash"] != reason["evidence"]["signedHash"]


async def test_the_json_of_an_unknown_story(world: World) -> None:
    world.down = unavailable()
    tree = story_json(await story_of(world).story(build.PACKED_LOT))
    assert json.loads(json.dumps(tree)) == tree
    assert tree["verdict"] == "unknown"
    assert tree["chain"] is None
    assert tree["lastChecked"] is None
    assert (tree["certified"], tree["certifiedGrams"], tree["lotGrams"]) == (None, None, None)
    assert tree["events"][0]["entry"] is None
