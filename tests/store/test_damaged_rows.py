"""An event whose row somebody damaged is still given, as damaged, so that its page can say so."""

from __future__ import annotations

import sqlite3

import event_builders as b
import pytest
from ledger_fixture import World

from ledger.domain.actions import Harvest
from ledger.domain.content_hash import content_hash
from ledger.domain.identifiers import Digest
from ledger.domain.records import RecordedEvent, Scheme
from ledger.domain.signatures import verify


def damaged(world: World, change: str) -> RecordedEvent:
    world.record(b.harvest())
    connection = sqlite3.connect(world.database)
    with connection:
        connection.execute(f"UPDATE events SET {change}")
    connection.close()
    (event,) = world.store.events_of_lot(b.HARVEST_LOT.id)
    return event


@pytest.mark.parametrize("body", ["x'00'", "'[]'", "'nothing'", "'{}'"])
def test_a_damaged_body_does_not_hash_to_what_was_signed(world: World, body: str) -> None:
    event = damaged(world, f"body = CAST({body} AS BLOB)")
    assert event.body == {}
    assert content_hash(event.body) != event.content_hash


@pytest.mark.parametrize("proof", ["x'00'", "'{}'", "'[1]'"])
def test_a_damaged_proof_proves_nothing(world: World, proof: str) -> None:
    event = damaged(world, f"proof = CAST({proof} AS BLOB)")
    assert event.proof.scheme is Scheme.NONE
    assert not isinstance(event.proof.action, Harvest)
    assert not verify(Digest(bytes(32)), event.proof.key_id, event.proof.scheme, event.proof.signature)


def test_a_damaged_content_hash_does_not_hide_the_event(world: World) -> None:
    event = damaged(world, "content_hash = zeroblob(32)")
    assert event.content_hash == bytes(32) != content_hash(event.body)
