"""Events in the log: statements that it alone anchors, their key time, and places that are stated wrongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import event_builders as build
import pytest
from verdict_fakes import DEADLINE, DOMAIN, HARVEST, START, World, codes, key_of

from ledger.domain.actions import signer_of
from ledger.domain.batch_signatures import batch_digest_of, sign_together
from ledger.domain.dossier import open_dossier, question_of
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.proofs import InclusionProof
from ledger.domain.merkle import PerfectSubtrees, event_leaf, inclusion_proof, root_of
from ledger.domain.proof_json import signature_hash
from ledger.domain.records import Cancelled, ChainCheckpoint, ChainFacts, LogPlace, RoleRecord
from ledger.domain.story_values import CheckName, Judgement, Verdict
from ledger.domain.typed_data import digest
from ledger.domain.verdict import judge

LOG = bytes.fromhex("33" * 20)
STATEMENT = 2
FIRST_BLOCK, LAST_BLOCK = 110, 111


@dataclass
class Logged:
    """A harvest on chain and a statement in the log alone, under two checkpoints: of one leaf, and of all."""

    world: World = field(default_factory=World)
    change: Callable[[ChainFacts], ChainFacts] = lambda facts: facts
    misplace: Callable[[LogPlace], LogPlace | None] = lambda place: place

    def __post_init__(self) -> None:
        self.world.record(build.harvest())
        self.world.record(build.inspection(), mined=False)
        self.world.head = 120

    def places(self, contents: Any) -> Mapping[ContentHash, LogPlace]:
        """As a store would state them, after `misplace`."""
        tree = self._tree()
        size = len(self.world.events)
        found: dict[ContentHash, LogPlace] = {}
        for index, event in enumerate(self.world.events):
            hashes = inclusion_proof(index, size, tree.node)
            first = FIRST_BLOCK if index == 0 else LAST_BLOCK
            place = self.misplace(LogPlace(InclusionProof(index, size, hashes), LAST_BLOCK, first))
            if place is not None and event.content_hash in contents:
                found[event.content_hash] = place
        return found

    def judged(self) -> Judgement:
        """The verdict on the harvested lot."""
        dossier = open_dossier(build.HARVEST_LOT.id, self.world.events_of_lot, DOMAIN, self.places)
        question = question_of(dossier)
        facts = replace(self.world.chain_facts(question), log=LOG, checkpoints=self._checkpoints(question))
        return judge(dossier, self.change(facts), single_operator=False)

    def _tree(self) -> PerfectSubtrees:
        return PerfectSubtrees.of(
            [event_leaf(event.content_hash, signature_hash(event.proof)) for event in self.world.events]
        )

    def _checkpoints(self, question: Any) -> tuple[ChainCheckpoint, ...]:
        node, size = self._tree().node, len(self.world.events)
        both = (
            ChainCheckpoint(1, root_of(1, node), 0, FIRST_BLOCK, START + FIRST_BLOCK, b"\x01" * 32, 0),
            ChainCheckpoint(size, root_of(size, node), 1, LAST_BLOCK, START + LAST_BLOCK, b"\x02" * 32, 3),
        )
        return tuple(one for one in both if one.block_number in question.checkpoint_blocks)


def test_a_statement_is_anchored_by_the_log_alone() -> None:
    judgement = Logged().judged()
    assert judgement.verdict is Verdict.VERIFIED
    statement = next(event for event in judgement.events if event.sequence == STATEMENT)
    assert statement.entry is None
    assert statement.anchor is not None
    assert statement.anchor.block_time == START + LAST_BLOCK
    assert statement.final


def test_a_statement_that_no_checkpoint_covers_yet_is_pending() -> None:
    judgement = Logged(misplace=lambda _: None).judged()
    assert judgement.verdict is Verdict.PENDING
    assert codes(judgement, CheckName.ANCHORED) == ["anchored.waiting"]


def test_a_checkpoint_that_is_not_deep_enough_is_not_final() -> None:
    logged = Logged()
    logged.change = lambda facts: replace(facts, confirmations=20, head=LAST_BLOCK)
    assert "anchored.not-final" in codes(logged.judged(), CheckName.ANCHORED)
    assert logged.judged().verdict is Verdict.PENDING


WRONG_PLACES: list[tuple[str, Callable[[LogPlace], LogPlace], str]] = [
    (
        "another index",
        lambda place: replace(place, proof=replace(place.proof, index=1 - place.proof.index)),
        "anchored.log-proof",
    ),
    (
        "an altered hash",
        lambda place: replace(place, proof=replace(place.proof, hashes=(bytes(32),))),  # type: ignore[arg-type]
        "anchored.log-proof",
    ),
    ("a hash less", lambda place: replace(place, proof=replace(place.proof, hashes=())), "anchored.log-proof"),
    (
        "another size",
        lambda place: replace(place, proof=replace(place.proof, size=3)),
        "anchored.log-checkpoint",
    ),
    ("another block", lambda place: replace(place, block=FIRST_BLOCK), "anchored.log-checkpoint"),
    ("a block ahead", lambda place: replace(place, block=999), "anchored.log-checkpoint"),
]


@pytest.mark.parametrize(("name", "misplace", "code"), WRONG_PLACES, ids=[name for name, *_ in WRONG_PLACES])
def test_a_place_that_is_stated_wrongly_fails_for_every_event(name: str, misplace: Any, code: str) -> None:
    judgement = Logged(misplace=misplace).judged()
    assert judgement.verdict is Verdict.UNVERIFIED
    assert set(codes(judgement, CheckName.ANCHORED)) == {code}
    assert {event.sequence for event in judgement.events if not event.ok} == {HARVEST, STATEMENT}


def test_an_earlier_key_time_than_the_first_checkpoints_is_not_believed() -> None:
    judgement = Logged(misplace=lambda place: replace(place, first_block=FIRST_BLOCK)).judged()
    assert codes(judgement, CheckName.ANCHORED) == ["anchored.log-time"]
    assert judgement.verdict is Verdict.UNVERIFIED


def test_a_root_that_the_chain_does_not_have_proves_nothing() -> None:
    logged = Logged()
    logged.change = lambda facts: replace(
        facts, checkpoints=tuple(replace(one, root=bytes(32)) for one in facts.checkpoints)
    )
    assert set(codes(logged.judged(), CheckName.ANCHORED)) == {"anchored.log-proof"}


@pytest.mark.parametrize(
    ("revoked_at", "verdict"), [(START + LAST_BLOCK - 1, Verdict.UNVERIFIED), (START + LAST_BLOCK, Verdict.VERIFIED)]
)
def test_the_key_is_judged_at_the_first_checkpoints_time(revoked_at: int, verdict: Verdict) -> None:
    logged = Logged()
    party = signer_of(logged.world.at(STATEMENT).proof.action)
    key = key_of(party).id
    logged.world.keys[key] = replace(logged.world.keys[key], revoked_at=revoked_at)
    assert logged.judged().verdict is verdict


def test_roles_are_judged_where_the_first_checkpoint_lies() -> None:
    logged = Logged()
    party = signer_of(logged.world.at(STATEMENT).proof.action)
    logged.world.role_changes[party] = [RoleRecord(0, LAST_BLOCK, 4)]  # right behind the checkpoint
    assert logged.judged().verdict is Verdict.VERIFIED
    logged.world.role_changes[party] = [RoleRecord(0, LAST_BLOCK, 2)]
    assert "signature.role-missing" in codes(logged.judged(), CheckName.SIGNATURE)


def test_a_statement_that_came_into_the_log_after_its_deadline_does_not_count() -> None:
    logged = Logged()
    logged.change = lambda facts: replace(
        facts, checkpoints=tuple(replace(one, block_time=DEADLINE + 1) for one in facts.checkpoints)
    )
    assert codes(logged.judged(), CheckName.SIGNATURE) == ["signature.deadline-passed"]


@pytest.mark.parametrize(("log_index", "verdict"), [(2, Verdict.UNVERIFIED), (4, Verdict.VERIFIED)])
def test_a_statement_that_was_cancelled_before_it_came_into_the_log(log_index: int, verdict: Verdict) -> None:
    logged = Logged()
    action = logged.world.at(STATEMENT).proof.action
    place = (signer_of(action), digest(DOMAIN, action))
    logged.change = lambda facts: replace(facts, cancelled={place: Cancelled(LAST_BLOCK, log_index)})
    judgement = logged.judged()
    assert judgement.verdict is verdict
    assert ("signature.cancelled" in codes(judgement, CheckName.SIGNATURE)) is (verdict is Verdict.UNVERIFIED)


def batched(logged: Logged, **forged: Any) -> tuple[Any, Any]:
    """The statement comes under a batch of three; the party and the digest of that batch."""
    action = logged.world.at(STATEMENT).proof.action
    key = key_of(signer_of(action))
    others = [replace(action, deadline=action.deadline + more) for more in (1, 2)]
    proof = sign_together([others[0], action, others[1]], DOMAIN, key.id, key.scheme, key.sign)[1]
    assert proof.batch is not None
    logged.world.change(STATEMENT, proof=replace(proof, batch=replace(proof.batch, **forged)))
    return signer_of(action), batch_digest_of(DOMAIN, proof)


def test_a_statement_under_a_batch_is_as_good_as_one_signed_alone() -> None:
    logged = Logged()
    party, signed = batched(logged)
    assert logged.judged().verdict is Verdict.VERIFIED
    question = question_of(
        open_dossier(build.HARVEST_LOT.id, logged.world.events_of_lot, DOMAIN, logged.places),
    )
    assert (party, signed) in question.cancellations


@pytest.mark.parametrize("forged", [{"root": bytes(32)}, {"index": 0}, {"count": 4}, {"path": (bytes(32), bytes(32))}])
def test_a_statement_that_is_not_in_the_batch_is_not_signed(forged: dict[str, Any]) -> None:
    logged = Logged()
    batched(logged, **forged)
    assert codes(logged.judged(), CheckName.SIGNATURE) == ["signature.invalid"]


@pytest.mark.parametrize(("log_index", "verdict"), [(2, Verdict.UNVERIFIED), (4, Verdict.VERIFIED)])
def test_a_batch_that_was_cancelled_before_it_came_into_the_log(log_index: int, verdict: Verdict) -> None:
    logged = Logged()
    place = batched(logged)
    logged.change = lambda facts: replace(facts, cancelled={place: Cancelled(LAST_BLOCK, log_index)})
    judgement = logged.judged()
    assert judgement.verdict is verdict
    assert ("signature.cancelled" in codes(judgement, CheckName.SIGNATURE)) is (verdict is Verdict.UNVERIFIED)


def test_an_altered_struct_under_a_batch_is_told_from_a_bad_signature() -> None:
    logged = Logged()
    batched(logged)
    logged.world.change_action(STATEMENT, step="packing")
    judgement = logged.judged()
    assert codes(judgement, CheckName.CONTENT) == ["content.struct-altered"]
    assert "signature.invalid" not in codes(judgement, CheckName.SIGNATURE)


def test_the_question_names_the_blocks_and_what_may_have_been_cancelled() -> None:
    logged = Logged()
    dossier = open_dossier(build.HARVEST_LOT.id, logged.world.events_of_lot, DOMAIN, logged.places)
    question = question_of(dossier)
    assert question.checkpoint_blocks == (FIRST_BLOCK, LAST_BLOCK)
    action = logged.world.at(STATEMENT).proof.action
    assert question.cancellations == ((signer_of(action), digest(DOMAIN, action)),)


def test_a_leaf_does_not_anchor_what_moves_grams() -> None:
    logged = Logged()
    logged.world.entries.clear()
    logged.world.change(HARVEST, state=logged.world.at(STATEMENT).state)
    assert "anchored.waiting" in codes(logged.judged(), CheckName.ANCHORED)
