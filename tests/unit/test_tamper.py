"""The demonstration's cheat: what it changes, and that it can always be healed."""

from __future__ import annotations

import json
from pathlib import Path

import event_builders as build
import pytest
from verdict_fakes import HARVEST, World, season

from ledger.domain.canonical_json import canonical
from ledger.domain.errors import Conflict, NotFound
from ledger.domain.identifiers import ContentHash, LotRef
from ledger.domain.story_values import CheckName, Verdict
from ledger.services.tamper import SIDE_FOLDER, Tamper


class FakeDoor:
    """A back door to the events of a `World`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.broken = False

    def body(self, content_hash: ContentHash) -> bytes:
        return canonical(self._event(content_hash).body)

    def overwrite(self, content_hash: ContentHash, body: bytes) -> None:
        if self.broken:
            raise OSError("the disk is full")
        self.world.change(self._event(content_hash).sequence, body=json.loads(body))

    def _event(self, content_hash: ContentHash):  # type: ignore[no-untyped-def]
        return next(event for event in self.world.events if event.content_hash == content_hash)


@pytest.fixture
def world() -> World:
    result = World()
    season(result)
    return result


@pytest.fixture
def tamper(world: World, tmp_path: Path) -> Tamper:
    return Tamper(world, FakeDoor(world), tmp_path)  # type: ignore[arg-type]


def test_ten_times_the_harvest_turns_the_lot_unverified_and_restoring_heals_it(world: World, tamper: Tamper) -> None:
    changed = tamper.tamper(build.HARVEST_LOT)
    assert changed.event == world.at(HARVEST).content_hash
    assert (changed.member, changed.before, changed.after) == ("/quantityList/0/quantity", "1000 KGM", "10000 KGM")
    for lot in (build.HARVEST_LOT, build.PACKED_LOT):
        judgement = world.judged(lot)
        assert judgement.verdict is Verdict.UNVERIFIED
        assert judgement.reasons[0].check is CheckName.CONTENT
        assert [item.member for item in judgement.reasons[0].differences] == ["grams"]
    assert tamper.restore(build.HARVEST_LOT) == 1
    assert world.judged(build.HARVEST_LOT).verdict is Verdict.VERIFIED


def test_an_intake_and_a_packing_can_be_changed_too(world: World, tamper: Tamper) -> None:
    world.record(build.intake())
    assert tamper.tamper(build.INTAKE_LOT).before == "600 KGM"
    assert tamper.tamper(build.PACKED_LOT).member == "/outputQuantityList/0/quantity"
    assert world.judged(build.INTAKE_LOT).verdict is Verdict.UNVERIFIED
    assert tamper.restore(build.PACKED_LOT) == 1
    assert tamper.restore(build.INTAKE_LOT) == 1


def test_the_original_is_kept_before_anything_is_changed(world: World, tmp_path: Path) -> None:
    door = FakeDoor(world)
    door.broken = True
    tamper = Tamper(world, door, tmp_path)  # type: ignore[arg-type]
    with pytest.raises(OSError, match="full"):
        tamper.tamper(build.HARVEST_LOT)
    kept = tmp_path / SIDE_FOLDER / f"{world.at(HARVEST).content_hash.hex()}.json"
    assert json.loads(kept.read_bytes())["body"].encode() == canonical(world.at(HARVEST).body)


def test_what_is_tampered_with_is_not_tampered_with_again(tamper: Tamper) -> None:
    tamper.tamper(build.HARVEST_LOT)
    with pytest.raises(Conflict, match="already"):
        tamper.tamper(build.HARVEST_LOT)


def test_restoring_what_was_not_changed_is_not_found(tamper: Tamper) -> None:
    with pytest.raises(NotFound, match="nothing"):
        tamper.restore(build.HARVEST_LOT)
    tamper.tamper(build.HARVEST_LOT)
    with pytest.raises(NotFound, match="nothing"):
        tamper.restore(build.PACKED_LOT)


def test_a_lot_without_a_birth_is_not_found(tamper: Tamper) -> None:
    with pytest.raises(NotFound, match="H-0404"):
        tamper.tamper(LotRef(build.BULK_MELON, "H-0404"))
