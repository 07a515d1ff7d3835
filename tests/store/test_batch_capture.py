"""Statements under one signature: each is stored with its place, and everything that does not fit is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import event_builders as b
import pytest
from batch_events import forced, placed, proofs_of, readings, together
from bundle_samples import bundle_of
from ledger_fixture import LEDGER_DOMAIN, World
from presigned_events import DEADLINE, enrol, with_second
from signing_keys import P256Key, SigningKey, p256_key, signing_key

from ledger.domain import batch_signatures
from ledger.domain.batch_signatures import batch_digest
from ledger.domain.binding import action_of
from ledger.domain.bundle import bundle_bytes, read_bundle
from ledger.domain.canonical_json import canonical
from ledger.domain.identifiers import KeyId
from ledger.domain.merkle import event_leaf
from ledger.domain.presigning import carrying
from ledger.domain.proof_json import proof_to_json, signature_hash
from ledger.domain.records import JsonTree
from ledger.domain.signatures import verify
from ledger.domain.typed_data import digest

DEVICE, OTHER_DEVICE = signing_key(71), p256_key(72)
COUNT = 11


@pytest.fixture
def world(world: World) -> World:
    """A world in which a device is a key of the farm, with a lot that the device speaks of."""
    enrol(world, b.FARM, DEVICE)
    world.record(b.harvest())
    return world


@pytest.mark.parametrize("key", [DEVICE, OTHER_DEVICE], ids=["secp256k1", "p256"])
def test_each_event_is_stored_with_its_place_in_the_batch(world: World, key: SigningKey | P256Key) -> None:
    if key is OTHER_DEVICE:
        enrol(world, b.FARM, key)
    before = len(world.store.outbox.queued(1_000))
    events = readings(COUNT)
    records = world.record(*together(events, key))
    assert [record.proof for record in records] == list(proofs_of(events, key))
    assert world.store.events(limit=100)[1:] == records
    assert len({record.proof.signature for record in records}) == 1
    assert len(world.store.outbox.queued(1_000)) == before, "the log alone anchors statements"
    assert world.fsck() == []


def test_the_leaf_binds_the_place_in_the_batch(world: World) -> None:
    results = world.capture(together(readings(3), DEVICE))
    for result in results:
        assert result.record is not None
        assert result.acknowledgement is not None
        leaf = event_leaf(result.record.content_hash, signature_hash(result.record.proof))
        assert result.acknowledgement.acknowledgement.leaf_hash == leaf
        alone = replace(result.record.proof, batch=None)
        assert event_leaf(result.record.content_hash, signature_hash(alone)) != leaf


def test_events_of_a_batch_may_come_apart_and_some_never(world: World) -> None:
    sent = together(readings(COUNT), DEVICE)
    world.record(*sent[7:9])
    (third,) = world.record(sent[2])
    assert third.proof.batch is not None
    assert (third.proof.batch.index, third.proof.batch.count) == (2, COUNT)
    assert world.fsck() == []


def test_a_thousand_come_in_one_document_with_one_check_of_a_signature(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[bytes] = []

    def counting(signed: Any, *more: Any) -> bool:
        checked.append(signed)
        return verify(signed, *more)

    monkeypatch.setattr(batch_signatures, "_verify_once", batch_signatures.lru_cache(maxsize=8)(counting))
    sent = together(readings(batch_signatures.MOST), DEVICE)
    results = world.capture(sent)
    assert [result.violations for result in results if result.violations] == []
    assert len({result.record.content_hash for result in results if result.record}) == batch_signatures.MOST
    assert len(checked) == 1


def test_a_repeat_gives_the_first_record(world: World) -> None:
    sent = together(readings(3), DEVICE)
    first = world.capture(sent)
    again = world.capture(sent)
    assert all(result.repeated for result in again)
    assert [result.record for result in again] == [result.record for result in first]


def test_the_same_statement_signed_alone_later_is_a_repeat(world: World) -> None:
    (event,) = readings(1)
    (first,) = world.record(*together([event, *readings(3, lots=())], DEVICE)[:1])
    (again,) = world.capture(together([event], DEVICE))
    assert again.repeated
    assert again.record == first


# ------------------------------------------------------------------------------------------------------------ refusals


def refusal(world: World, event: JsonTree) -> str:
    before = world.store.events(limit=100)
    (result,) = world.capture([event])
    assert result.refused, "the event was accepted"
    assert world.store.events(limit=100) == before
    return " ".join(f"{violation.field} {violation.rule}" for violation in result.violations)


def shorter(path: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return path[:-1]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda place: {"count": 1_001}, "/silkroot:proof/batch/count batch.count"),
        (lambda place: {"count": 0}, "/silkroot:proof/batch/count batch.count"),
        (lambda place: {"index": COUNT}, "/silkroot:proof/batch/index batch.index"),
        (lambda place: {"index": -1}, "/silkroot:proof/batch/index batch.index"),
        (lambda place: {"path": place.path[:-1]}, "/silkroot:proof/batch/path batch.path"),
        (lambda place: {"path": (*place.path, bytes(32))}, "/silkroot:proof/batch/path batch.path"),
        (lambda place: {"root": bytes(32)}, "/silkroot:proof/batch/root batch.root"),
        (lambda place: {"path": (bytes(32), *place.path[1:])}, "/silkroot:proof/batch/root batch.root"),
        (lambda place: {"index": place.index - 1}, "/silkroot:proof/batch/root batch.root"),
        (lambda place: {"count": COUNT + 1}, "/silkroot:proof/signature proof.signature"),
    ],
)
def test_a_place_that_the_batch_does_not_have_is_refused(
    world: World, change: Callable[[Any], dict[str, Any]], expected: str
) -> None:
    event = readings(COUNT)[5]
    proof = proofs_of(readings(COUNT), DEVICE)[5]
    assert refusal(world, placed(event, proof, **change(proof.batch))) == expected


def test_an_event_that_is_not_among_those_signed_is_refused(world: World) -> None:
    other = readings(COUNT + 1)[COUNT]
    proof = proofs_of(readings(COUNT), DEVICE)[5]
    own = replace(proof, action=action_of(other, DEADLINE))
    assert refusal(world, carrying(other, own)) == "/silkroot:proof/batch/root batch.root"
    assert refusal(world, carrying(other, proof)) == "/silkroot:proof/action proof.not-implied"


def test_what_moves_grams_is_refused_under_a_batch(world: World) -> None:
    events = [b.shipping(), *readings(2)]
    proofs = forced([action_of(event, DEADLINE) for event in events], DEVICE)
    assert refusal(world, carrying(events[0], proofs[0])) == "/silkroot:proof/batch batch.action"
    world.record(carrying(events[1], proofs[1]))


def test_a_recall_is_refused_under_a_batch(world: World) -> None:
    (proof,) = forced([action_of(b.recall(), DEADLINE)], DEVICE)
    assert refusal(world, carrying(b.recall(), proof)) == "/silkroot:proof/batch batch.action"


def test_events_of_several_parties_under_one_signature_are_refused_but_for_the_signers(world: World) -> None:
    events = [*readings(2), *readings(2, b.HUB)]
    proofs = forced([action_of(event, DEADLINE) for event in events], DEVICE)
    assert refusal(world, carrying(events[2], proofs[2])) == "/silkroot:proof/keyId WrongParty"
    sent = [carrying(event, proof) for event, proof in zip(events, proofs, strict=True)]
    assert [result.refused for result in world.capture(sent, rollback=False)] == [False, False, True, True]


def test_events_of_a_batch_that_name_another_key_are_refused(world: World) -> None:
    enrol(world, b.FARM, other := signing_key(73))
    events, proofs = readings(3), proofs_of(readings(3), DEVICE)
    renamed = replace(proofs[1], key_id=other.id)
    assert refusal(world, carrying(events[1], renamed)) == "/silkroot:proof/signature proof.signature"


def test_a_signature_over_one_of_the_statements_is_none_over_the_batch(world: World) -> None:
    event = readings(3)[0]
    proof = proofs_of(readings(3), DEVICE)[0]
    alone = DEVICE.sign(digest(LEDGER_DOMAIN, proof.action))
    own = replace(proof, signature=alone)
    assert refusal(world, carrying(event, own)) == "/silkroot:proof/signature proof.signature"
    assert refusal(world, carrying(event, replace(proof, batch=None))) == "/silkroot:proof/signature proof.signature"


def test_a_batch_for_another_ledger_is_refused(world: World) -> None:
    elsewhere = replace(LEDGER_DOMAIN, contract=bytes(20))
    event = readings(3)[0]
    proof = proofs_of(readings(3), DEVICE, domain=elsewhere)[0]
    assert refusal(world, carrying(event, proof)) == "/silkroot:proof/batch/root batch.root"
    root, signature = proof.batch, proof.signature
    mixed = replace(proofs_of(readings(3), DEVICE)[0], signature=signature)
    assert root is not None
    assert refusal(world, carrying(event, mixed)) == "/silkroot:proof/signature proof.signature"


def test_a_key_that_nobody_registered_is_refused(world: World) -> None:
    sent = together(readings(3), signing_key(74))
    assert refusal(world, sent[0]) == "/silkroot:proof/keyId UnknownKey"


def test_a_key_of_another_party_is_refused(world: World) -> None:
    enrol(world, b.HUB, OTHER_DEVICE)
    assert refusal(world, together(readings(3), OTHER_DEVICE)[0]) == "/silkroot:proof/keyId WrongParty"


def test_a_revoked_key_is_refused(world: World) -> None:
    sent = together(readings(3), DEVICE)
    world.record(sent[0])
    world.keys.revoke(b.FARM, KeyId(DEVICE.id))
    assert refusal(world, sent[1]) == "/silkroot:proof/keyId KeyIsRevoked"


def test_a_deadline_that_has_passed_is_refused(world: World) -> None:
    sent = together(readings(3), DEVICE)
    world.clock.time = DEADLINE
    assert refusal(world, sent[0]) == "/silkroot:proof/action/deadline proof.deadline"


def test_a_party_takes_a_whole_batch_back(world: World) -> None:
    sent = together(readings(3), DEVICE)
    world.record(sent[0])
    place = proofs_of(readings(3), DEVICE)[0].batch
    assert place is not None
    world.keys.cancel(b.FARM, batch_digest(LEDGER_DOMAIN, place.root, place.count))
    assert refusal(world, sent[1]) == "/silkroot:proof/batch batch.cancelled"
    world.record(*together(readings(4), DEVICE)[1:])


def test_a_party_takes_one_statement_of_a_batch_back(world: World) -> None:
    sent = together(readings(3), DEVICE)
    world.keys.cancel(b.FARM, digest(LEDGER_DOMAIN, proofs_of(readings(3), DEVICE)[1].action))
    assert "Cancel" in refusal(world, sent[1])
    world.record(sent[0], sent[2])


def test_a_second_signature_is_refused(world: World) -> None:
    event = readings(3)[0]
    proof = with_second(proofs_of(readings(3), DEVICE)[0], b.FARM, DEVICE)
    assert refusal(world, carrying(event, proof)) == "/silkroot:proof/co/party proof.cosigner"


def test_one_bad_event_rolls_the_document_back_or_is_left_out(world: World) -> None:
    sent = together(readings(5), DEVICE)
    sent[3] = sent[3] | {"silkroot:remark": "something else"}
    assert [result.record for result in world.capture(sent)] == [None] * 5
    assert [result.refused for result in world.capture(sent, rollback=False)] == [False, False, False, True, False]


# ------------------------------------------------------------------------------------------------------ what is stored


@pytest.mark.parametrize("name", ["path", "root", "index", "count", "all"])
def test_fsck_finds_a_place_that_was_altered(world: World, name: str) -> None:
    records = world.record(*together(readings(COUNT), DEVICE))
    proof = records[4].proof
    assert proof.batch is not None
    changed = {
        "path": replace(proof.batch, path=(bytes(32), *proof.batch.path[1:])),
        "root": replace(proof.batch, root=bytes(32)),
        "index": replace(proof.batch, index=5),
        "count": replace(proof.batch, count=COUNT + 1),
        "all": None,
    }[name]
    tree = canonical(proof_to_json(replace(proof, batch=changed)))
    world.sql("UPDATE events SET proof = ? WHERE sequence = ?", tree, records[4].sequence, count=1)
    found = [str(finding) for finding in world.fsck()]
    assert any("the signature is not by key" in one for one in found), found
    assert any(one.startswith("log") for one in found), found


def test_an_event_of_the_largest_batch_takes_under_3_kb_of_a_proof_file(world: World) -> None:
    enrol(world, b.FARM, OTHER_DEVICE)
    report = {"type": "Temperature", "value": 4.5, "uom": "CEL", "time": "2026-08-05T12:00:00.000+08:00"}
    measured = {"sensorMetadata": {"deviceID": "urn:example:logger:4471"}, "sensorReport": [report] * 2}
    events = [one | {"sensorElementList": [measured]} for one in readings(batch_signatures.MOST)]
    recorded = world.record(*together(events, OTHER_DEVICE))
    whole = bundle_of(recorded)
    bundle = replace(whole, events=tuple(whole.events[index] for index in (0, 511, 999)))
    data = bundle_bytes(bundle)
    assert read_bundle(data) == bundle
    print(f"\n{len(data) / len(bundle.events):.0f} bytes an event")  # the figure of docs/proofs.md
    assert len(data) / len(bundle.events) < 3_000
