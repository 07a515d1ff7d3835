"""The demonstration's back door to the real database."""

from __future__ import annotations

import event_builders as build
import pytest
from ledger_fixture import World

from ledger.adapters.sql_store.tampering import SqlBackDoor
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import ContentHash
from ledger.services.tamper import Tamper


@pytest.fixture
def door(world: World) -> SqlBackDoor:
    return SqlBackDoor(world.url)


def test_only_the_body_changes_and_fsck_finds_it_until_it_is_restored(world: World, door: SqlBackDoor) -> None:
    [event] = world.record(build.harvest())
    assert not world.fsck()
    tamper = Tamper(world.store, door, world.folder)
    tamper.tamper(build.HARVEST_LOT)
    stored = world.store.event(event.content_hash)
    assert stored is not None
    assert stored.body["quantityList"][0]["quantity"] == 10_000
    assert (stored.proof, stored.event_id, stored.sequence) == (event.proof, event.event_id, event.sequence)
    assert world.fsck()
    tamper.restore(build.HARVEST_LOT)
    assert not world.fsck()
    healed = world.store.event(event.content_hash)
    assert healed is not None
    assert healed.body == event.body


def test_an_event_that_is_not_there_is_not_found(door: SqlBackDoor) -> None:
    with pytest.raises(NotFound):
        door.body(ContentHash(bytes(32)))
    with pytest.raises(NotFound):
        door.overwrite(ContentHash(bytes(32)), b"{}")
