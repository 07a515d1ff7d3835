"""Events by time, place, party, lot and step, page by page; the index that answers is what the events say."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

import event_builders as b
import pytest
from alembic import command
from ledger_fixture import World
from schema_moves import move
from sqlalchemy import select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.columns import key_text
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.question_names import microseconds
from ledger.domain.records import RecordedEvent
from ledger.ports_questions import EventQuestion
from ledger.services.capture import CONFLICT

NOON = microseconds(datetime.fromisoformat("2026-08-05T12:00:00+08:00"))
HOUR = 3_600_000_000


def at(hour: int) -> b.When:
    """That hour of the day."""
    return b.When(f"2026-08-05T{hour:02d}:00:00.000+08:00")


@pytest.fixture
def day(world: World) -> list[RecordedEvent]:
    """A day's events, recorded in another order than that in which they happened."""
    return world.record(
        b.harvest(when=at(9)),
        b.harvest(lot=b.LotRef(b.BULK_MELON, "H-0002"), when=at(8)),
        b.shipping(when=at(10)),
        b.receiving(when=at(11)),
        b.packing(when=at(14)),
        b.recall(when=at(18)),
    )


def found(world: World, question: EventQuestion, limit: int = 100) -> list[int]:
    """Sequence numbers of what answers."""
    return [one.event.sequence for one in world.store.questions.events(question, None, limit)]


def test_everything_is_found_in_order_of_time(world: World, day: list[RecordedEvent]) -> None:
    assert found(world, EventQuestion()) == [2, 1, 3, 4, 5, 6]
    (first, *_) = world.store.questions.events(EventQuestion(), None, 1)
    assert first.event == world.store.event(day[1].content_hash)
    assert first.place == (NOON - 4 * HOUR, 2)


def test_by_time_the_first_moment_is_included_and_the_last_is_not(world: World, day: list[RecordedEvent]) -> None:
    assert found(world, EventQuestion(since=NOON - 2 * HOUR, before=NOON + 2 * HOUR)) == [3, 4]
    assert found(world, EventQuestion(since=NOON + 2 * HOUR + 1)) == [6]
    assert found(world, EventQuestion(before=NOON - 4 * HOUR)) == []


def test_by_step_place_party_lot_and_id(world: World, day: list[RecordedEvent]) -> None:
    assert found(world, EventQuestion(steps=("shipping",))) == [3]
    assert found(world, EventQuestion(steps=("shipping", "receiving"))) == [3, 4]
    assert found(world, EventQuestion(parties=(b.PACKING_HOUSE,))) == [4, 5]
    assert found(world, EventQuestion(parties=(b.STRANGER,))) == []
    assert found(world, EventQuestion(lots=(b.HARVEST_LOT.id,))) == [1, 3, 4, 5, 6]
    assert found(world, EventQuestion(lots=(b.PACKED_LOT.id,))) == [5]
    assert found(world, EventQuestion(types=("TransformationEvent",))) == [5]
    assert found(world, EventQuestion(read_points=(b.PLOT.uri,))) == [2, 1]
    assert found(world, EventQuestion(event_ids=(day[2].event_id,))) == [3]


def test_all_parts_have_to_fit(world: World, day: list[RecordedEvent]) -> None:
    both = EventQuestion(parties=(b.FARM,), steps=("shipping", "packing"), lots=(b.HARVEST_LOT.id,))
    assert found(world, both) == [3]
    assert found(world, replace(both, types=("TransformationEvent",))) == []
    assert found(world, replace(both, since=NOON)) == []


def test_an_event_that_names_several_of_the_lots_is_found_once(world: World, day: list[RecordedEvent]) -> None:
    asked = EventQuestion(lots=(b.PACKED_LOT.id, b.HARVEST_LOT.id))
    assert found(world, asked) == [1, 3, 4, 5, 6]
    assert found(world, asked, 2) == [1, 3]


@pytest.mark.parametrize(
    "question",
    [EventQuestion(), EventQuestion(lots=(b.PACKED_LOT.id, b.HARVEST_LOT.id)), EventQuestion(parties=(b.FARM,))],
)
def test_pages_are_the_answer_cut_in_pieces(world: World, day: list[RecordedEvent], question: EventQuestion) -> None:
    world.record(*(b.harvest(lot=b.LotRef(b.BULK_MELON, f"S-{n}"), when=at(9)) for n in range(5)))
    whole = world.store.questions.events(question, None, 100)
    place, pages = None, []
    while page := world.store.questions.events(question, place, 2):
        pages += page
        place = page[-1].place
    assert pages == whole
    assert [one.place for one in whole] == sorted(one.place for one in whole)


def test_error_declarations_are_found_beside_what_they_declare(world: World) -> None:
    wrong = b.harvest() | {"eventID": "urn:uuid:7cd1a0a6-3d1b-4b36-a9a5-9b5ad3a0a6f1"}
    declared = {"declarationTime": "2026-08-06T12:00:00.000+08:00", "reason": "incorrect_data"}
    world.record(wrong, b.shipping(), wrong | {"errorDeclaration": declared})
    assert found(world, EventQuestion(declarations=True)) == [3]
    assert found(world, EventQuestion(declarations=True, lots=(b.PACKED_LOT.id,))) == []
    assert found(world, EventQuestion(event_ids=(wrong["eventID"],))) == [1, 3]


def long(name: str, size: int = 6_000) -> str:
    """A URI of that many characters that no compression makes short enough for an index."""
    digits = "".join(hashlib.sha512(f"{name} {n}".encode()).hexdigest() for n in range(size // 128 + 1))
    return f"https://example.com/{name}/{digits}"[:size]


def test_names_of_any_length_are_stored_found_and_taken_once(world: World) -> None:
    at_the_farm = {"readPoint": {"id": long("here")}, "bizLocation": {"id": long("there")}, "bizStep": long("step")}
    event = b.inspection() | at_the_farm | {"eventID": long("event")}
    _, record = world.record(b.harvest(), event)
    assert (record.event_id, record.body["bizStep"]) == (long("event"), long("step"))
    (again,) = world.capture([event])
    assert (again.repeated, again.record) == (True, record)
    assert world.refusal(event | {"eventTime": "2026-08-05T12:00:01.000+08:00"}) == [CONFLICT]
    assert world.store.event_named(long("event")) == record.content_hash
    for name, question in {
        "event": EventQuestion(event_ids=(long("event"),)),
        "step": EventQuestion(steps=(long("step"),)),
        "here": EventQuestion(read_points=(long("here"),)),
        "there": EventQuestion(locations=(long("there"),)),
    }.items():
        assert found(world, question) == [2], name
    for question in (EventQuestion(event_ids=(long("event")[:-1],)), EventQuestion(steps=(key_text(long("here")),))):
        assert found(world, question) == []
    assert world.fsck() == []
    world.record(b.sale(party=b.FARM, lines=[b.amount(grams=1)]) | {"eventID": long("event")[:-1]})


def test_existing_events_are_indexed_by_the_migration(world: World, day: list[RecordedEvent]) -> None:
    def index(store: SqlStore) -> list[tuple[object, ...]]:
        with store._database.reading() as connection:
            return [tuple(row) for row in connection.execute(select(t.event_index).order_by(t.event_index.c.sequence))]

    written = index(world.store)
    world.store.close()
    database = world.url
    move(database, command.downgrade, "0005")
    again = SqlStore(database)
    assert index(again) == written
    assert len(written) == len(day)
    again.close()
