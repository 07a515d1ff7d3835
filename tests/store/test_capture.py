"""Capture on a real store: what is recorded, what a repeat gives, what is refused; a refusal leaves nothing."""

from __future__ import annotations

from typing import Any

import event_builders as b
import pytest
from ledger_fixture import SECRET, World

from ledger.domain.content_hash import content_hash
from ledger.domain.event_forms import Amount
from ledger.domain.identifiers import Grams, LotRef, consignment_id
from ledger.domain.own_members import own_member
from ledger.domain.records import EntryState, JsonTree
from ledger.domain.signatures import verify
from ledger.ports_outbox import Target
from ledger.services.capture import CONFLICT


def plain(event: JsonTree) -> JsonTree:
    """The event as a client sends it: without the blind that the builders add."""
    return {key: value for key, value in event.items() if key != "silkroot:blind"}


def ledger_rows(world: World) -> list[Any]:
    return [row for row in world.store.outbox.queued(10_000) if row.target is Target.LEDGER]


def test_a_recorded_event_is_sealed_hashed_signed_and_queued(world: World) -> None:
    (record,) = world.record(plain(b.harvest()))
    assert record.sequence == 1
    assert record.state is EntryState.QUEUED
    assert record.content_hash == content_hash(record.body)
    blind = own_member(record.body, "blind")
    assert blind is not None
    assert blind[1] != b.BLIND.hex()
    assert record.event_id.startswith("ni:///sha-256;")
    assert record.body["eventID"] == record.event_id
    assert record.proof.key_id == world.signer.key_of(b.FARM)
    (row,) = ledger_rows(world)
    assert row.content_hash == record.content_hash
    assert verify(row.digest, record.proof.key_id, record.proof.scheme, record.proof.signature)
    assert row.entry.signature == record.proof.signature
    assert world.store.event(record.content_hash) == record
    assert world.store.events_of_lot(b.HARVEST_LOT.id) == [record]


def test_the_whole_way_updates_the_projection(world: World) -> None:
    world.record(b.harvest(), b.shipping(), b.receiving(), b.packing())
    state = world.store.registered()
    source = world.store.lineage([b.PACKED_LOT.id])
    assert source[b.PACKED_LOT.id].parents == (b.HARVEST_LOT.id,)
    assert source[b.HARVEST_LOT.id].entries == 4
    assert world.store.descent([b.HARVEST_LOT.id]) == {b.HARVEST_LOT.id: (b.PACKED_LOT.id,)}
    assert world.store.lots(None, 10) == [b.HARVEST_LOT, b.PACKED_LOT]
    assert world.store.lots(b.HARVEST_LOT, 10) == [b.PACKED_LOT]
    assert world.store.lots_with_code(b.PACKED_LOT.code) == [b.PACKED_LOT]
    assert state.roles_of(b.FARM) == b.ROLES[b.FARM]
    consignment = consignment_id(b.FARM, b.REFERENCE)
    assert world.store.consignment_ref(consignment) == b.REFERENCE
    manifest = world.store.manifest(consignment)
    assert manifest is not None
    assert [line.grams for line in manifest] == [1_000_000]


def test_what_is_not_there_is_none(world: World) -> None:
    nothing = bytes(32)
    assert world.store.event(nothing) is None  # type: ignore[arg-type]
    assert world.store.lot_ref(nothing) is None  # type: ignore[arg-type]
    assert world.store.manifest(nothing) is None  # type: ignore[arg-type]
    assert world.store.consignment_ref(nothing) is None  # type: ignore[arg-type]
    assert world.store.events_of_lot(nothing) == []  # type: ignore[arg-type]


def test_a_repeat_gives_the_first_record(world: World) -> None:
    first = world.record(plain(b.harvest()))
    (again,) = world.capture([plain(b.harvest())])
    assert again.repeated
    assert again.record == first[0]
    assert len(ledger_rows(world)) == 1


def test_a_repeat_differs_in_record_time_only(world: World) -> None:
    (first,) = world.record(plain(b.harvest()) | {"recordTime": "2026-08-05T12:00:01+08:00"})
    (again,) = world.capture([plain(b.harvest()) | {"recordTime": "2026-08-06T12:00:01+08:00"}])
    assert again.record == first
    assert "recordTime" not in first.body


def test_a_published_event_that_comes_back_is_the_same_event(world: World) -> None:
    (first,) = world.record(plain(b.harvest()))
    (again,) = world.capture([first.body])
    assert again.repeated
    assert again.record == first


def test_a_repeat_in_the_same_call(world: World) -> None:
    first, second = world.capture([plain(b.harvest()), plain(b.harvest())])
    assert second.repeated
    assert second.record == first.record
    assert [event.sequence for event in world.store.events(0, 10)] == [1]


def test_requests_of_two_parties_are_two_requests(world: World) -> None:
    event = {key: value for key, value in plain(b.inspection()).items() if key != "silkroot:party"}
    world.record(b.harvest())
    (farm,) = world.capture([event], b.FARM)
    (hub,) = world.capture([event], b.HUB)
    assert not hub.repeated
    assert farm.record != hub.record


def test_the_stored_request_says_nothing_without_the_secret(world: World) -> None:
    world.record(plain(b.harvest()))
    rows = world.sql("SELECT * FROM events")
    assert not any(SECRET in value for row in rows for value in row if isinstance(value, bytes))


def test_the_same_event_id_with_other_content_is_a_conflict(world: World) -> None:
    mine = {"eventID": "urn:uuid:6b7e8c52-6a5b-4c5e-9d43-0f6a3d1c2b1a"}
    world.record(plain(b.harvest()) | mine)
    (result,) = world.capture([plain(b.harvest(lot=LotRef(b.BULK_MELON, "OTHER"))) | mine])
    (violation,) = result.violations
    assert (violation.rule, violation.field, violation.value) == (CONFLICT, "/eventID", mine["eventID"])


def test_the_same_event_id_twice_in_one_call_is_a_conflict(world: World) -> None:
    mine = {"eventID": "urn:uuid:6b7e8c52-6a5b-4c5e-9d43-0f6a3d1c2b1a"}
    assert world.refusal(b.harvest() | mine, b.harvest(lot=LotRef(b.BULK_MELON, "OTHER")) | mine) == [CONFLICT]
    assert world.store.events(0, 10) == []


def test_an_error_declaration_is_a_record_of_its_own_under_the_same_event_id(world: World) -> None:
    mine = {"eventID": "urn:uuid:6b7e8c52-6a5b-4c5e-9d43-0f6a3d1c2b1a"}
    wrong = plain(b.harvest()) | mine
    declared = wrong | {
        "errorDeclaration": {"declarationTime": "2026-08-06T12:00:00.000+08:00", "reason": "incorrect_data"}
    }
    first, second = world.record(wrong, declared)
    assert first.event_id == second.event_id
    assert second.sequence == 2
    assert not world.capture([declared])[0].refused


REFUSED: dict[str, tuple[list[JsonTree], str]] = {
    "unknown party": ([b.harvest(party=b.STRANGER, plot=b.PLOT)], "UnknownParty"),
    "role not allowed": ([b.harvest(party=b.CARRIER)], "RoleMissing"),
    "somebody else's product": ([b.harvest(lot=LotRef(b.FOREIGN_PRODUCT, "X"))], "ProductNotAllowed"),
    "second birth": ([b.harvest(), b.harvest(grams=2_000_000)], "LotExists"),
    "shipping more than held": ([b.harvest(grams=999_999), b.shipping()], "NotEnoughHeld"),
    "shipping a lot nobody made": ([b.shipping()], "UnknownLot"),
    "shipping to a stranger": ([b.harvest(), b.shipping(receiver=b.STRANGER)], "UnknownReceiver"),
    "packing more than came in": (
        [b.harvest(), b.packing(party=b.FARM, outputs=[b.amount(LotRef(b.BULK_MELON, "P"), 1_000_001)])],
        "MoreOutThanIn",
    ),
    "receipt by another": ([b.harvest(), b.shipping(), b.receiving(party=b.HUB)], "NotTheReceiver"),
    "receipt of other goods": (
        [b.harvest(), b.shipping(), b.receiving(manifest=[b.amount(grams=999_999)])],
        "WrongManifest",
    ),
    "receipt of nothing": ([b.harvest(), b.receiving()], "NotInTransit"),
    "receipt twice": (
        [b.harvest(), b.shipping(), b.receiving(), b.receiving(when=b.When("2026-08-06T12:00:00.000+08:00"))],
        "NotInTransit",
    ),
    "a consignment's reference twice": (
        [b.harvest(), b.shipping(manifest=[b.amount(grams=1)]), b.shipping(manifest=[b.amount(grams=2)])],
        "ConsignmentUsed",
    ),
    "moving a recalled lot": ([b.harvest(), b.recall(), b.shipping()], "LotRecalled"),
    "moving what was made from a recalled lot": (
        [
            b.harvest(), b.shipping(), b.receiving(), b.packing(), b.recall(),
            b.shipping(party=b.PACKING_HOUSE, receiver=b.HUB, manifest=[b.amount(b.PACKED_LOT, 1)]),
        ],
        "LotRecalled",
    ),
    "recall by another": ([b.harvest(), b.recall(party=b.HUB)], "MayNotRecall"),
    "release of what is not recalled": ([b.harvest(), b.release()], "NotRecalled"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(world: World, case: str) -> None:
    events, rule = REFUSED[case]
    assert world.refusal(*events) == [rule]
    assert world.store.events(0, 10) == [], "a call with a refusal recorded something"
    assert ledger_rows(world) == []
    assert world.fsck() == []


def test_a_refusal_names_the_lot_as_people_do(world: World) -> None:
    *_, result = world.capture([b.harvest(grams=999_999), b.shipping()])
    assert str(b.HARVEST_LOT) in result.violations[0].value
    assert result.index == 1


def test_an_event_that_breaks_epcis_is_refused_with_its_index(world: World) -> None:
    broken = {key: value for key, value in b.harvest().items() if key != "eventTime"}
    first, second = world.capture([b.harvest(), broken])
    assert not first.refused
    assert first.record is None
    assert second.index == 1
    assert second.refused


def test_a_party_that_the_event_does_not_name_is_refused(world: World) -> None:
    (result,) = world.capture([b.harvest()], b.HUB)
    assert [violation.rule for violation in result.violations] == ["silkroot.party"]


def test_an_event_without_a_party_is_refused(world: World) -> None:
    event = {key: value for key, value in plain(b.harvest()).items() if key != "silkroot:party"}
    (result,) = world.capture([event])
    assert [violation.rule for violation in result.violations] == ["silkroot.party"]


def test_a_revoked_key_is_refused(world: World) -> None:
    old = world.signer.key_of(b.FARM)
    new = world.keys.rotate(b.FARM)
    world.keys.revoke(b.FARM, new)
    assert old != new
    assert world.refusal(b.harvest()) == ["KeyIsRevoked"]


def test_a_key_that_was_never_registered_is_refused(world: World) -> None:
    world.signer.create_another(b.FARM)
    assert world.refusal(b.harvest()) == ["UnknownKey"]


def test_without_rollback_the_good_ones_are_recorded(world: World) -> None:
    events = [b.harvest(), b.harvest(party=b.CARRIER, lot=LotRef(b.BULK_MELON, "X")), b.shipping()]
    first, second, third = world.capture(events, rollback=False)
    assert first.record is not None
    assert second.refused
    assert third.record is not None
    assert [event.sequence for event in world.store.events(0, 10)] == [1, 2]
    assert world.fsck() == []


def test_a_dry_run_records_nothing_and_says_what_would_happen(world: World) -> None:
    world.record(b.harvest())
    results = world.capture([b.harvest(), b.shipping(), b.receiving(), b.recall(party=b.HUB)], dry_run=True)
    assert [result.repeated for result in results] == [True, False, False, False]
    assert [result.refused for result in results] == [False, False, False, True]
    assert [result.record is not None for result in results] == [True, False, False, False]
    assert [event.sequence for event in world.store.events(0, 10)] == [1]


def many(count: int) -> list[JsonTree]:
    return [b.harvest(lot=LotRef(b.BULK_MELON, f"M{number}")) for number in range(count)]


def test_a_long_call_with_one_refusal_at_its_end_records_nothing(world: World) -> None:
    results = world.capture([*many(1_200), b.harvest(party=b.CARRIER)])
    assert [result.index for result in results if result.refused] == [1_200]
    assert world.store.events(0, 10) == []


def test_a_long_call_is_recorded_in_order(world: World) -> None:
    results = world.capture(many(1_200))
    assert [result.record.sequence for result in results if result.record] == list(range(1, 1_201))
    assert all(result.repeated for result in world.capture(many(1_200)))


def test_progress_is_told(world: World) -> None:
    told: list[tuple[int, int, str]] = []
    world.capturing.capture(many(60), progress=lambda done, total, what: told.append((done, total, what)))
    assert (60, 60, "checking") in told
    assert told[-1] == (60, 60, "recording")


def test_the_largest_lot_is_kept_exactly(world: World) -> None:
    most = 2**36 - 1
    event = b.harvest(lot=LotRef(b.BULK_MELON, "BIG"), grams=most)
    event["quantityList"] = [b.event_forms.quantity(Amount(LotRef(b.BULK_MELON, "BIG"), Grams(1)))]
    event["quantityList"][0].update(quantity=most, uom="GRM")
    world.record(event)
    lot = LotRef(b.BULK_MELON, "BIG").id
    assert world.store.lineage([lot])[lot].grams == most
