"""A refused event that is signed again, in the tables: its former proof and entry stay, its new ones count."""

from __future__ import annotations

import event_builders as b
import pytest
from ledger_fixture import World
from second_signatures import resign, settle

from ledger.adapters.sql_store.codec import proof_of
from ledger.domain.errors import Conflict
from ledger.domain.identifiers import Digest
from ledger.domain.records import EntryState, RecordedEvent


def refused_harvest(world: World) -> RecordedEvent:
    (event,) = world.record(b.harvest())
    settle(world, {event.content_hash: "DeadlinePassed(deadline=1, time=2)"})
    (found,) = world.store.events(0, 10)
    assert found.state is EntryState.REFUSED
    return found


def test_the_former_proof_is_kept_beside_the_entry_that_it_was_of(world: World) -> None:
    before = refused_harvest(world)
    world.clock.time += 60
    resign(world).resign(b.FARM)
    (after,) = world.store.events(0, 10)
    assert (after.sequence, after.content_hash, after.state) == (1, before.content_hash, EntryState.QUEUED)
    assert after.proof != before.proof
    ((entry, content, proof),) = world.sql("SELECT entry, content_hash, proof FROM former_proofs")
    assert content == before.content_hash
    assert isinstance(proof, bytes)
    assert proof_of(proof) == before.proof
    ((old_content, old_state),) = world.sql(f"SELECT content_hash, state FROM outbox_rows WHERE id = {entry}")
    assert (old_content, old_state) == (None, "refused")
    assert world.store.lots(None, 10) == [b.HARVEST_LOT]
    assert world.fsck() == []


def test_it_may_be_refused_and_signed_again_once_more(world: World) -> None:
    refused_harvest(world)
    for _ in range(2):
        world.clock.time += 60
        (again,) = resign(world).resign(b.FARM)
        settle(world, {again.event.content_hash: "DeadlinePassed(deadline=1, time=2)"})
        assert world.store.lots(None, 10) == []
    assert len(world.sql("SELECT entry FROM former_proofs")) == 2
    assert world.fsck() == []


def test_a_damaged_row_does_not_come_to_look_whole(world: World) -> None:
    refused_harvest(world)
    world.sql("UPDATE events SET record_time = record_time + 1")
    world.sql("UPDATE outbox_rows SET applied_at = applied_at + 1 WHERE content_hash IS NOT NULL")
    damaged = [str(finding) for finding in world.fsck()]
    assert len(damaged) == 2
    resign(world).resign(b.FARM)
    assert [str(finding) for finding in world.fsck()] == damaged


def test_a_chain_that_forgets_the_refusal_sends_the_former_entry_without_effect(world: World) -> None:
    refused_harvest(world)
    world.clock.time += 60
    resign(world).resign(b.FARM)
    settle(world, {})
    assert world.store.outbox.reopen(0) == 2
    (event,) = world.store.events(0, 10)
    assert event.state is EntryState.SENT
    assert world.store.lots(None, 10) == [b.HARVEST_LOT]
    assert world.fsck() == []


def test_what_is_not_refused_is_not_signed_again(world: World) -> None:
    (event,) = world.record(b.harvest())
    with pytest.raises(Conflict, match="is not refused"), world.store.writing() as transaction:
        transaction.sign_again(event, event.proof, Digest(bytes(32)), b"")
    assert world.sql("SELECT entry FROM former_proofs") == []


def test_within_the_transaction_it_is_not_refused_any_more(world: World) -> None:
    before = refused_harvest(world)
    with world.store.writing() as transaction:
        assert [one.sequence for one in transaction.refused_of(b.FARM)] == [1]
        assert transaction.refused_of(b.HUB) == []
        transaction.find_content(before.content_hash)
        transaction.projection.apply(before.proof.action, Digest(bytes(32)), int(world.clock.time))
        again = transaction.sign_again(before, before.proof, Digest(bytes(32)), b"payload")
        assert transaction.refused_of(b.FARM) == []
        assert transaction.find_content(before.content_hash) == again
        assert again.state is EntryState.QUEUED
    assert world.store.event(before.content_hash) == again


def test_a_changed_former_proof_is_found(world: World) -> None:
    refused_harvest(world)
    world.clock.time += 60
    resign(world).resign(b.FARM)
    ((proof,),) = world.sql("SELECT proof FROM former_proofs")
    world.sql("UPDATE former_proofs SET proof = ?", proof + b" ")
    row, leaf = map(str, world.fsck())
    assert row.endswith("the row is not what was written")
    assert "former proof of outbox entry" in row
    assert leaf == "log: leaf 0: no signature proof of event 1 makes what it says"
