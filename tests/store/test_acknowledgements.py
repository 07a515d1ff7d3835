"""One acknowledgement for all leaves of a write transaction: stored, handed out, checked; and those of before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import event_builders as b
import pytest
from alembic import command
from ledger_fixture import LOG_DOMAIN, OPERATOR_KEY, World, ledger_world
from log_bench import Log, new_log
from schema_moves import move
from second_signatures import resign, settle
from signing_keys import SigningKey

from ledger.adapters.log_operator import operator_address
from ledger.adapters.sql_store.codec import row_digest
from ledger.adapters.sql_store.log_audit import SqlLogAudit
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import ContentHash, LotRef
from ledger.domain.log.acknowledgement_json import (
    FORMER_FORMAT,
    RECEIPT_FORMAT,
    SignedAcknowledgement,
    acknowledgement_to_json,
    read_acknowledgement,
)
from ledger.domain.log.acknowledgements import Acknowledgement, acknowledgement_digest
from ledger.domain.merkle import TreeHash, event_leaf
from ledger.domain.proof_json import signature_hash
from ledger.domain.records import JsonTree, RecordedEvent
from ledger.ports_log import AuditedLeaf
from ledger.services.capture import NotTogether
from ledger.services.fsck_log import LogCheck, LogKeys

OPERATOR = operator_address(OPERATOR_KEY)


def harvests(name: str, count: int) -> list[JsonTree]:
    return [b.harvest(lot=LotRef(b.BULK_MELON, f"{name}{number}")) for number in range(count)]


def batches(world: World) -> list[tuple[int, int]]:
    """First index and count of each acknowledgement."""
    return [tuple(row) for row in world.sql("SELECT first_index, count FROM log_acknowledgements ORDER BY first_index")]


def receipts(world: World, events: Sequence[RecordedEvent]) -> list[SignedAcknowledgement]:
    """What the archive gives out now, after it went out as a file."""
    found = world.store.archive.acknowledgements([event.content_hash for event in events])
    told = [acknowledgement_to_json(found[event.content_hash]) for event in events]
    read = [read_acknowledgement(json.dumps(one).encode()) for one in told]
    assert read == [found[event.content_hash] for event in events]
    return read


# ------------------------------------------------------------------------------------------------ together


def test_a_transaction_is_signed_once_and_every_receipt_of_it_stands_alone(world: World) -> None:
    events = world.record(*harvests("A", 11))
    assert batches(world) == [(0, 11)]
    for index, (event, signed) in enumerate(zip(events, receipts(world, events), strict=True)):
        assert signed.signer() == OPERATOR
        assert signed.place is not None
        assert (signed.place.first_index, signed.place.count) == (0, 11)
        leaf = event_leaf(event.content_hash, signature_hash(event.proof))
        assert signed.acknowledgement.leaf_hash == leaf
        assert signed.acknowledgement.log_index == index
    assert world.fsck() == []


def test_a_single_event_is_a_batch_of_one(world: World) -> None:
    (event,) = world.record(b.harvest())
    (signed,) = receipts(world, [event])
    assert signed.place is not None
    assert (signed.place.first_index, signed.place.count, signed.place.path) == (0, 1, ())
    assert signed.signer() == OPERATOR


def test_what_capture_hands_out_is_what_the_archive_does(world: World) -> None:
    world.record(*harvests("A", 3))
    results = world.capture(harvests("B", 6))
    assert batches(world) == [(0, 3), (3, 6)]
    events = [result.record for result in results if result.record is not None]
    assert [result.acknowledgement for result in results] == receipts(world, events)


def test_a_repeat_among_new_ones_keeps_its_receipt(world: World) -> None:
    first = world.capture(harvests("A", 4))
    world.clock.time += 100
    mixed = world.capture([*harvests("B", 2), *harvests("A", 4), *harvests("C", 1)])
    assert [result.repeated for result in mixed] == [False] * 2 + [True] * 4 + [False]
    assert [result.acknowledgement for result in mixed[2:6]] == [result.acknowledgement for result in first]
    assert batches(world) == [(0, 4), (4, 3)]
    assert all(one.acknowledgement and one.acknowledgement.signer() == OPERATOR for one in mixed)


def test_documents_that_go_together_are_signed_together(world: World) -> None:
    prepared = [world.capturing._preparing.prepare_all(harvests(name, 3), None, 0) for name in "ABC"]
    found = world.capturing.record_together([(one, None) for one in prepared])
    assert batches(world) == [(0, 9)]
    signed = [result.acknowledgement for results in found for result in results]
    assert [one.acknowledgement.log_index for one in signed if one] == list(range(9))
    assert {one.signer() for one in signed if one} == {OPERATOR}


def test_what_is_rolled_back_is_acknowledged_by_nobody(world: World) -> None:
    prepared = [world.capturing._preparing.prepare_all(events, None, 0) for events in (
        harvests("A", 2), [b.harvest(), b.harvest(grams=5)],
    )]  # fmt: skip
    with pytest.raises(NotTogether):
        world.capturing.record_together([(one, None) for one in prepared])
    assert batches(world) == []
    world.record(*harvests("A", 2))
    assert batches(world) == [(0, 2)]


def test_events_of_several_batches_are_asked_for_at_once(world: World) -> None:
    events = [event for name, count in [("A", 5), ("B", 1), ("C", 8)] for event in world.record(*harvests(name, count))]
    chosen = [events[at] for at in (13, 0, 5, 4, 7)]
    assert [signed.acknowledgement.log_index for signed in receipts(world, chosen)] == [13, 0, 5, 4, 7]
    assert {signed.signer() for signed in receipts(world, chosen)} == {OPERATOR}
    unknown = ContentHash(bytes(32))
    assert dict(world.store.archive.acknowledgements([unknown])) == {}


def test_an_event_that_is_signed_again_has_the_receipt_of_its_present_proof(world: World) -> None:
    events = world.record(*harvests("A", 3))
    before = receipts(world, events)
    settle(world, {events[1].content_hash: "DeadlinePassed(deadline=1)"})
    world.clock.time += 60
    assert resign(world).resign(b.FARM)
    assert batches(world) == [(0, 3), (3, 1)]
    after = receipts(world, world.store.events(0, 10))
    assert [signed.acknowledgement.log_index for signed in after] == [0, 3, 2]
    assert (after[0], after[2]) == (before[0], before[2])
    assert before[1].signer() == after[1].signer() == OPERATOR, "the former promise still stands"
    assert world.sql("SELECT log_index FROM log_leaves WHERE replaced") == [(1,)]
    assert world.fsck() == []


def test_a_receipt_of_a_damaged_batch_is_nobodys_promise(world: World) -> None:
    events = world.record(*harvests("A", 3))
    world.sql("UPDATE log_leaves SET leaf_hash = zeroblob(32) WHERE log_index = 2")
    assert {signed.signer() for signed in receipts(world, events[:2])} & {OPERATOR} == set()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM log_acknowledgements",
        "UPDATE log_acknowledgements SET count = 1",
        "UPDATE log_acknowledgements SET count = 9",
        "DELETE FROM log_leaves WHERE log_index = 1",
    ],
)
def test_no_receipt_is_given_out_of_rows_that_are_not_there(world: World, change: str) -> None:
    events = world.record(*harvests("A", 3))
    world.sql(change)
    with pytest.raises(StoreError):
        world.store.archive.acknowledgements([events[2].content_hash])


def test_what_has_waited_is_told_by_its_acknowledgement_where_rows_are_missing_too(world: World) -> None:
    world.record(*harvests("A", 5))
    due = world.clock.time + 1800
    assert [world.store.log.releasable(now) for now in (due - 1, due, due + 1)] == [0, 5, 5]
    world.sql("DELETE FROM log_leaves WHERE log_index = 2")
    assert world.store.log.releasable(due) == 5
    world.sql("DELETE FROM log_acknowledgements")
    assert world.store.log.releasable(due) == 0


def test_an_event_has_one_present_leaf(world: World) -> None:
    world.record(*harvests("A", 2))
    with pytest.raises(Exception, match=r"(?i)unique"):
        world.sql("UPDATE log_leaves SET sequence = 1 WHERE log_index = 1")


def test_fsck_finds_an_acknowledgement_that_came_between(world: World) -> None:
    world.record(*harvests("A", 4))
    world.sql(
        "INSERT INTO log_acknowledgements SELECT first_index + 2, count, is_batch, time, merge_deadline, signature, "
        "row_digest FROM log_acknowledgements"
    )
    said = [str(one) for one in world.fsck()]
    assert any("leaf 0, acknowledgement of 4: there are 2 leaves up to the next one" in one for one in said)
    assert any("leaf 2, acknowledgement of 4: the row is not what was written" in one for one in said)


def test_fsck_finds_leaves_without_and_acknowledgements_without_leaves(world: World) -> None:
    world.record(*harvests("A", 2))
    world.record(*harvests("B", 2))
    world.sql("DELETE FROM log_acknowledgements WHERE first_index = 0")
    assert [str(one) for one in world.fsck()] == [f"log: leaf {index}: it has no acknowledgement" for index in (0, 1)]
    world.sql("UPDATE log_acknowledgements SET first_index = 7")
    assert "log: leaf 7, acknowledgement of 2: there are 0 leaves up to the next one" in map(str, world.fsck())


class GrowingAudit(SqlLogAudit):
    """The log of a ledger that takes an event each time when leaves are about to be read, twice, and after the last."""

    def __init__(self, world: World) -> None:
        super().__init__(world.store._database)
        self._world = world
        self._coming = harvests("G", 3)

    def audited_leaves(self, first: int, limit: int) -> list[AuditedLeaf]:
        if len(self._coming) > 1:
            self._world.record(self._coming.pop())
        found = super().audited_leaves(first, limit)
        if not found:
            self._world.record(self._coming.pop())
        return found


@pytest.mark.parametrize("before", [0, 2])
def test_fsck_takes_nothing_that_comes_meanwhile_for_damage(world: World, before: int) -> None:
    if before:
        world.record(*harvests("A", before))
    check = LogCheck(GrowingAudit(world), world.store.log, LogKeys(LOG_DOMAIN, OPERATOR, None))
    assert list(check.problems()) == []
    assert len(batches(world)) == 3 + bool(before)


# ------------------------------------------------------------------------------------------------ before


def former(world: World) -> dict[ContentHash, SignedAcknowledgement]:
    """
    Brings the database to the schema in which each leaf was signed for by itself, with such signatures; gives them by
    event, those of present proofs.
    """
    move(world.url, command.downgrade, "0017")
    key, found = SigningKey(OPERATOR_KEY), {}
    columns = (
        "log_index", "content_hash", "signature_hash", "sequence", "after_entry", "time", "merge_deadline", "signature",
    )  # fmt: skip
    for row in world.sql(f"SELECT {', '.join(columns)}, present FROM log_leaves ORDER BY log_index"):
        values = dict(zip(columns, row, strict=False))
        leaf = TreeHash(sha256(b"\x00" + values["content_hash"] + values["signature_hash"]).digest())
        time = values["time"] + values["log_index"]
        deadline = values["merge_deadline"] + values["log_index"]
        stated = Acknowledgement(values["log_index"], ContentHash(values["content_hash"]), leaf, time, deadline)
        signature = key.sign(acknowledgement_digest(LOG_DOMAIN, stated))
        values |= {"time": time, "merge_deadline": deadline, "signature": signature}
        world.sql(
            "UPDATE log_leaves SET time = ?, merge_deadline = ?, signature = ?, row_digest = ? WHERE log_index = ?",
            time, deadline, signature, row_digest(values, columns), values["log_index"],
        )  # fmt: skip
        if row[-1] is not None:
            found[stated.content_hash] = SignedAcknowledgement(
                LOG_DOMAIN.chain_id, LOG_DOMAIN.contract, stated, signature
            )
    return found


def test_a_receipt_of_before_is_given_out_again_unchanged(world: World) -> None:
    events = world.record(*harvests("A", 5))
    settle(world, {events[1].content_hash: "DeadlinePassed(deadline=1)"})
    world.clock.time += 60
    assert resign(world).resign(b.FARM)
    world.store.close()
    given = former(world)
    assert len(given) == 5
    again = ledger_world(world.folder, url=world.url)
    assert dict(again.store.archive.acknowledgements(list(given))) == given
    assert {acknowledgement_to_json(one)["format"] for one in given.values()} == {FORMER_FORMAT}
    assert batches(again) == [(index, 1) for index in range(6)]
    assert again.fsck() == []
    repeated, *new = again.capture([*harvests("A", 1), *harvests("B", 3)])
    assert repeated.acknowledgement == given[events[0].content_hash]
    assert batches(again)[6:] == [(6, 3)]
    told = [acknowledgement_to_json(one.acknowledgement)["format"] for one in new if one.acknowledgement]
    assert told == [RECEIPT_FORMAT] * 3
    mixed = again.store.archive.acknowledgements([event.content_hash for event in again.store.events(0, 100)])
    assert {one.signer() for one in mixed.values()} == {OPERATOR}
    assert len(mixed) == 8
    assert again.fsck() == []
    again.store.close()


def test_a_log_of_before_grows_on(tmp_path_factory: pytest.TempPathFactory, url: str) -> None:
    log = new_log(tmp_path_factory.mktemp("log"), url)
    log.anchor(5)
    before = log.state(3)
    log.world.store.close()
    given = former(log.world)
    again = Log(ledger_world(log.world.folder, url=url), log.chain, log.world.folder)
    again.clock.time = log.clock.time
    again._stated = log._stated
    anchored = again.anchor(4)
    assert again.published == 1 + 5 + 3 + 4
    assert again.fsck() == []
    shown = again.world.store.archive.inclusion(before[0].content_hash)
    assert shown is not None
    assert shown.entry.leaf == given[before[0].content_hash].acknowledgement.leaf_hash
    assert {one.signer() for one in receipts(again.world, [*before, *anchored])} == {OPERATOR}
    again.world.store.close()


def test_a_row_of_before_that_was_damaged_stays_one(world: World) -> None:
    world.record(*harvests("A", 3))
    world.store.close()
    given = former(world)
    world.sql("UPDATE log_leaves SET merge_deadline = merge_deadline + 1 WHERE log_index = 1")
    again = ledger_world(world.folder, url=world.url)
    said = [str(one) for one in again.fsck()]
    assert "log: leaf 1: the row is not what was written" in said
    assert "log: leaf 1, acknowledgement of 1: the row is not what was written" in said
    assert any("leaf 1, acknowledgement of 1: it is not signed by" in one for one in said)
    assert len(said) == 3
    whole = [content for content, one in given.items() if one.acknowledgement.log_index != 1]
    found = again.store.archive.acknowledgements(whole)
    assert dict(found) == {content: given[content] for content in whole}
    again.store.close()


def test_a_leaf_of_before_that_came_to_be_of_another_event_is_no_present_one(world: World) -> None:
    world.record(*harvests("A", 3))
    world.store.close()
    given = former(world)
    world.sql("UPDATE log_leaves SET sequence = 1 WHERE log_index = 1")
    again = ledger_world(world.folder, url=world.url)
    said = [str(one) for one in again.fsck()]
    assert "event 2: it is not in the log" in said
    assert "log: leaf 1: the row is not what was written" in said
    first = next(content for content, one in given.items() if one.acknowledgement.log_index == 0)
    assert dict(again.store.archive.acknowledgements([first])) == {first: given[first]}
    again.store.close()


def test_taken_back_leaves_keep_all_but_what_was_signed_together(world: World) -> None:
    world.record(*harvests("A", 2))
    world.store.close()
    given = former(world)
    ledger_world(world.folder, url=world.url).store.close()
    kept = ledger_world(world.folder, url=world.url)
    kept.record(*harvests("B", 2))
    kept.store.close()
    move(world.url, command.downgrade, "0017")
    rows = world.sql("SELECT log_index, content_hash, signature FROM log_leaves ORDER BY log_index")
    assert [row[0] for row in rows] == [0, 1, 2, 3]
    assert [bytes(row[2]) for row in rows] == [
        *(given[ContentHash(bytes(row[1]))].signature for row in rows[:2]),
        b"",
        b"",
    ]
    again = SqlStore(world.url)
    assert [(leaf.index, leaf.is_intact) for leaf in again.log.leaves(0, 9)] == [(index, True) for index in range(4)]
    again.close()


def test_a_receipt_is_of_one_log(world: World) -> None:
    (event,) = world.record(b.harvest())
    (signed,) = receipts(world, [event])
    assert replace(signed, contract=bytes(20)).signer() != OPERATOR
