"""An event whose row somebody damaged is still given, as damaged, so that its page can say so."""

from __future__ import annotations

import event_builders as b
import pytest
from ledger_fixture import World

from ledger.domain.actions import Harvest
from ledger.domain.content_hash import content_hash
from ledger.domain.identifiers import Digest
from ledger.domain.records import RecordedEvent, Scheme
from ledger.domain.signatures import verify


def damaged(world: World, column: str, value: bytes) -> RecordedEvent:
    world.record(b.harvest())
    world.sql(f"UPDATE events SET {column} = ?", value)
    (event,) = world.store.events_of_lot(b.HARVEST_LOT.id)
    return event


@pytest.mark.parametrize("body", [b"\x00", b"[]", b"nothing", b"{}"])
def test_a_damaged_body_does_not_hash_to_what_was_signed(world: World, body: bytes) -> None:
    event = damaged(world, "body", body)
    assert event.body == {}
    assert content_hash(event.body) != event.content_hash


@pytest.mark.parametrize("proof", [b"\x00", b"{}", b"[1]"])
def test_a_damaged_proof_proves_nothing(world: World, proof: bytes) -> None:
    event = damaged(world, "proof", proof)
    assert event.proof.scheme is Scheme.NONE
    assert not isinstance(event.proof.action, Harvest)
    assert not verify(Digest(bytes(32)), event.proof.key_id, event.proof.scheme, event.proof.signature)


def test_a_damaged_content_hash_does_not_hide_the_event(world: World) -> None:
    event = damaged(world, "content_hash", bytes(32))
    assert event.content_hash == bytes(32) != content_hash(event.body)
