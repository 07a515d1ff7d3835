"""
Proof bundles on a real chain: true ones verify as the service's own story says, tampered ones never do.

The table of tamperings stands in tests/support/tamperings.py; the browser's verifier is held against the same.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from proof_world import NETWORK, ProofWorld
from proof_world_lots import EXPECTED, LOTS
from tamperings import TAMPERINGS, Tampering, write_cases

from ledger.domain.bundle import read_bundle
from ledger.domain.errors import ChainUnavailable, InvalidInput, WrongChain
from ledger.domain.identifiers import PartyId
from ledger.domain.records import BlockMark, ChainFacts, ChainQuestion
from ledger.domain.story_values import CheckName, Outcome, Verdict
from ledger.ports import ChainNode
from ledger.services.verify_bundle import Verification, verify_bundle

pytestmark = pytest.mark.chain


async def verified(world: ProofWorld, text: str, *nodes: ChainNode) -> Verification:
    asked = nodes or (world.node(),)
    return await verify_bundle(read_bundle(text.encode()), asked, world.chain, single_operator=True)


async def found_in(world: ProofWorld, text: str) -> tuple[str, set[str]]:
    """Verdict and codes, as a verifier gives them."""
    try:
        result = await verified(world, text)
    except InvalidInput as error:
        return "unverified", {violation.rule for violation in error.violations}
    return result.verdict.value, {reason.code for reason in result.reasons}


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.name)
async def test_a_tampered_bundle_is_found_out(proof_world: ProofWorld, tampering: Tampering) -> None:
    verdict, codes = await found_in(proof_world, tampering.text(proof_world))
    assert verdict == tampering.verdict
    assert not tampering.code or tampering.code in codes, codes


def test_every_tampering_changes_something_and_has_a_name_of_its_own(proof_world: ProofWorld) -> None:
    assert len({one.name for one in TAMPERINGS}) == len(TAMPERINGS) >= 35
    for one in TAMPERINGS:
        true = json.dumps(proof_world.tree(one.lot, disclosed=one.disclosed, erased=one.erased), ensure_ascii=False)
        assert one.text(proof_world) != true, one.name


@pytest.mark.parametrize("lot", LOTS)
@pytest.mark.parametrize("disclosed", [False, True])
async def test_a_true_bundle_gives_what_the_service_itself_says(
    proof_world: ProofWorld, lot: str, disclosed: bool
) -> None:
    story = await proof_world.story().story(LOTS[lot])
    result = await verified(proof_world, json.dumps(proof_world.tree(lot, disclosed=disclosed)))
    assert result.verdict.value == story.verdict.value == EXPECTED[lot]
    assert [reason.code for reason in result.reasons] == [reason.code for reason in story.reasons]
    assert [(check.name, check.outcome, check.code) for check in result.judgement.checks] == [
        (check.name, check.outcome, check.code) for check in story.checks
    ]
    assert [item.code for item in result.judgement.qualifiers] == [item.code for item in story.qualifiers]
    assert NETWORK.single_operator


async def test_a_redacted_bundle_is_verified_for_what_it_shows_and_lists_what_it_withholds(
    proof_world: ProofWorld,
) -> None:
    redacted = await verified(proof_world, json.dumps(proof_world.tree("packed")))
    whole = await verified(proof_world, json.dumps(proof_world.tree("packed", disclosed=True)))
    assert redacted.verdict is whole.verdict is Verdict.VERIFIED
    assert [(item.place, item.count) for one in redacted.shown for item in one.withheld] == [("", 2)]
    assert [item for one in whole.shown for item in one.withheld] == []
    assert sorted(place for one in whole.shown for place in one.disclosed) == [
        "/silkroot:driverName",
        "/silkroot:price",
    ]


async def test_what_the_file_says_was_erased_is_told_apart_and_changes_no_verdict(proof_world: ProofWorld) -> None:
    for disclosed, withheld in ((False, [("", 1)]), (True, [])):
        tree = proof_world.tree("packed", disclosed=disclosed, erased=True)
        result = await verified(proof_world, json.dumps(tree))
        assert result.verdict is Verdict.VERIFIED
        assert [(item.place, item.count) for one in result.shown for item in one.withheld] == withheld
        assert [(item.place, item.count) for one in result.shown for item in one.erased] == [("", 1)]


async def test_without_a_chain_what_can_be_checked_is(proof_world: ProofWorld) -> None:
    bundle = proof_world.bundle("packed")
    for pinned in (proof_world.chain, None):
        offline = await verify_bundle(bundle, [], pinned, single_operator=True)
        assert offline.verdict is Verdict.UNKNOWN
        outcomes = {check.name: check.outcome for check in offline.judgement.checks}
        assert outcomes[CheckName.CONTENT] is Outcome.PASSED
        assert set(offline.not_made) == set(CheckName) - {CheckName.CONTENT}
    assert bundle.checkpoint is not None
    other = replace(bundle, checkpoint=replace(bundle.checkpoint, root=bytes(32)))
    found = await verify_bundle(other, [], None, single_operator=True)
    assert "anchored.log-proof" in {reason.code for reason in found.reasons}


def test_all_cases_are_written_for_verifiers_of_other_languages(proof_world: ProofWorld, tmp_path: Path) -> None:
    index = json.loads(write_cases(proof_world, tmp_path / "cases").read_text())
    assert len(index) == len(TAMPERINGS) + 2 * len(LOTS) + 2
    assert sum(one["name"].endswith(", erased") for one in index) == 2
    assert {"name", "file", "verdict", "code"} == set().union(*index)
    assert all((tmp_path / "cases" / one["file"]).is_file() for one in index)
    assert json.loads((tmp_path / "cases" / "deployment.json").read_text())["chainId"] == 31337


# ------------------------------------------------------------------------------------------------------ several nodes


class Bent:
    """A node that passes on what an honest one says, changed."""

    def __init__(self, honest: ChainNode, url: str, failure: Exception | None = None, behind: int = 0) -> None:
        self._honest, self.url, self._failure, self._behind = honest, url, failure, behind
        self.block: BlockMark | None = None
        self.hide_recalls = False
        self.late_failure = False

    async def head(self) -> BlockMark:
        if self._failure is not None and not self.late_failure:
            raise self._failure
        head = await self._honest.head()
        return replace(head, number=head.number - 1, time=head.time - self._behind) if self._behind else head

    async def facts_at(self, question: ChainQuestion, number: int) -> tuple[BlockMark, ChainFacts]:
        if self._failure is not None:
            raise self._failure
        block, facts = await self._honest.facts_at(question, number)
        if self.hide_recalls:
            lots = {lot: replace(state, recalled_by=PartyId(0)) for lot, state in facts.lots.items()}
            facts = replace(facts, lots=lots)
        return self.block or block, facts


async def test_nodes_that_agree_are_believed_and_named(proof_world: ProofWorld) -> None:
    nodes = [proof_world.node(), Bent(proof_world.node(), "http://second")]
    result = await verified(proof_world, json.dumps(proof_world.tree("packed")), *nodes)
    assert result.verdict is Verdict.VERIFIED
    assert [(node.url, node.believed) for node in result.nodes] == [
        (proof_world.rpc_url, True), ("http://second", True)
    ]  # fmt: skip
    assert result.at is not None
    assert all(node.head is not None and node.head.number >= result.at.number for node in result.nodes)


async def test_nodes_that_differ_in_a_fact_are_not_believed(proof_world: ProofWorld) -> None:
    liar = Bent(proof_world.node(), "http://liar")
    liar.hide_recalls = True
    text = json.dumps(proof_world.tree("recalled"))
    alone = await verified(proof_world, text, liar)
    assert alone.verdict is Verdict.VERIFIED, "one node that lies consistently is believed: so ask several"
    for nodes in ((proof_world.node(), liar), (liar, proof_world.node())):
        result = await verified(proof_world, text, *nodes)
        assert result.verdict is Verdict.UNKNOWN
        assert result.reasons[0].code == "chain.nodes-disagree"
        assert "http://liar" in result.reasons[0].sentence
        assert "lots" in result.reasons[0].sentence
        assert not any(node.believed for node in result.nodes)


async def test_nodes_with_another_block_or_far_apart_disagree(proof_world: ProofWorld) -> None:
    forked = Bent(proof_world.node(), "http://fork")
    forked.block = BlockMark(1, bytes(32), 0)
    slow = Bent(proof_world.node(), "http://slow", behind=3600)
    for other, word in ((forked, "different blocks"), (slow, "behind")):
        result = await verified(proof_world, json.dumps(proof_world.tree("packed")), proof_world.node(), other)
        assert (result.verdict, result.reasons[0].code) == (Verdict.UNKNOWN, "chain.nodes-disagree")
        assert word in result.reasons[0].sentence


async def test_a_node_that_does_not_answer_is_named_and_the_others_are_believed(proof_world: ProofWorld) -> None:
    dead = Bent(proof_world.node(), "http://dead", ChainUnavailable("it is dead"))
    dying = Bent(proof_world.node(), "http://dying", ChainUnavailable("it died"))
    dying.late_failure = True
    text = json.dumps(proof_world.tree("packed"))
    result = await verified(proof_world, text, dead, proof_world.node(), dying)
    assert result.verdict is Verdict.VERIFIED
    assert [(node.url, node.believed, node.problem) for node in result.nodes] == [
        ("http://dead", False, "it is dead"), (proof_world.rpc_url, True, ""), ("http://dying", False, "it died"),
    ]  # fmt: skip
    for nobody, code in ((dead, "chain.unavailable"), (dying, "chain.unavailable")):
        nothing = await verified(proof_world, text, nobody)
        assert (nothing.verdict, nothing.reasons[0].code) == (Verdict.UNKNOWN, code)
    other = Bent(proof_world.node(), "http://other", WrongChain("it is chain 1"))
    wrong = await verified(proof_world, text, other)
    assert (wrong.verdict, wrong.reasons[0].code) == (Verdict.UNKNOWN, "chain.wrong")
