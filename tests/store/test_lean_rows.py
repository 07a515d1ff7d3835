"""
What of an event is unique, and by what it is found again: its content, its request unless it came signed, and its
eventID by a hash. And how databases of the seventeenth schema, which had texts there, get to that and back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import event_builders as b
import pytest
from alembic import command
from ledger_fixture import LEDGER_DOMAIN, SECRET, World
from presigned_events import enrol, presign
from schema_moves import move
from signing_keys import signing_key
from sqlalchemy import insert, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import EVENT_DIGESTED, row_digest
from ledger.adapters.sql_store.columns import id_hash, key_text
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.errors import Conflict
from ledger.domain.identifiers import LotRef
from ledger.domain.records import RecordedEvent
from ledger.domain.sealing import Entry, Policy
from ledger.ports_questions import EventQuestion
from ledger.services.capture import Capture
from ledger.services.erase import Choice, Erase

DEVICE = signing_key(71)
LONG = "urn:long:" + "".join(hashlib.sha512(bytes([number])).hexdigest() for number in range(16))
DECLARED = {"errorDeclaration": {"declarationTime": "2026-08-06T12:00:00.000+08:00", "reason": "incorrect_data"}}
PHONE = "13912345678"


def capturing(world: World, policy: Policy, store: SqlStore | None = None) -> Capture:
    return Capture(store or world.store, world.signer, world.clock, LEDGER_DOMAIN, SECRET, policy)


def macs(world: World) -> list[bytes | None]:
    return [row[0] for row in world.sql("SELECT request_mac FROM events ORDER BY sequence")]


def found(store: SqlStore, *event_ids: str) -> list[int]:
    return [one.event.sequence for one in store.questions.events(EventQuestion(event_ids=event_ids), None, 100)]


# ------------------------------------------------------------------------------------------------- the same request


def test_what_came_signed_has_its_content_for_an_identity(world: World) -> None:
    enrol(world, b.FARM, DEVICE)
    world.record(presign(b.harvest(), DEVICE), b.shipping())
    signed, made_here = macs(world)
    assert signed is None
    assert made_here is not None
    assert world.fsck() == []


@pytest.mark.parametrize("proof_first", [True, False])
@pytest.mark.parametrize("policy", [Policy(()), Policy((Entry(("phone",)),))], ids=["nothing sealed", "sealed"])
def test_the_same_request_with_and_without_a_proof_is_one_event(
    world: World, policy: Policy, proof_first: bool
) -> None:
    """Though what comes without a proof may be sealed here, which makes it another content."""
    enrol(world, b.FARM, DEVICE)
    event = b.harvest() | {"silkroot:phone": PHONE}
    calls = [(event, policy), (presign(event, DEVICE), Policy(()))]
    first, second = calls[::-1] if proof_first else calls
    (one,) = capturing(world, first[1]).capture([first[0]])
    (again,) = capturing(world, second[1]).capture([second[0]])
    assert one.record is not None
    assert (one.repeated, again.repeated, again.record) == (False, True, one.record)


def test_a_repeat_in_one_call_is_known_too(world: World) -> None:
    enrol(world, b.FARM, DEVICE)
    sent = presign(b.harvest(), DEVICE)
    first, second = world.capture([sent, sent])
    assert (first.repeated, second.repeated, second.record) == (False, True, first.record)


# --------------------------------------------------------------------------------------------------- what is unique


@pytest.mark.parametrize("column", ["content_hash", "claimed_id", "request_mac"])
def test_the_database_refuses_a_second_of_each(world: World, column: str) -> None:
    world.record(b.harvest())
    with world.store._database.reading() as connection:
        (row,) = connection.execute(select(t.events)).mappings()
    others = {name: bytes([2]) * 32 for name in ("content_hash", "claimed_id", "request_mac") if name != column}
    with pytest.raises(Conflict), world.store._database.writing() as connection:
        connection.execute(insert(t.events), {**row, "sequence": 2, **others})
    with world.store._database.writing() as connection:
        connection.execute(insert(t.events), {**row, "sequence": 2, **others, column: bytes([3]) * 32})


def test_many_may_have_no_request_and_no_claim(world: World) -> None:
    world.record(b.harvest())
    with world.store._database.reading() as connection:
        (row,) = connection.execute(select(t.events)).mappings()
    with world.store._database.writing() as connection:
        for number in (2, 3):
            free = {"content_hash": bytes([number]) * 32, "claimed_id": None, "request_mac": None}
            connection.execute(insert(t.events), {**row, "sequence": number, **free})
    assert len(macs(world)) == 3


# ------------------------------------------------------------------------------------------------- found by eventID


def declared(world: World) -> tuple[RecordedEvent, ...]:
    """An event, one that declares it wrong, one under a long eventID, and one that declares that wrong."""
    first, second = b.harvest() | {"eventID": "urn:uuid:1"}, b.shipping() | {"eventID": LONG}
    return tuple(world.record(first, first | DECLARED, second, second | DECLARED))


def test_an_event_id_finds_the_event_and_what_declares_it_wrong(world: World) -> None:
    events = declared(world)
    assert len(events) == 4
    assert found(world.store, "urn:uuid:1") == [1, 2]
    assert found(world.store, LONG) == [3, 4]
    assert sorted(found(world.store, LONG, "urn:uuid:1", "urn:uuid:2")) == [1, 2, 3, 4]
    assert found(world.store, key_text(LONG)) == []
    question = EventQuestion(event_ids=("urn:uuid:1",), parties=(b.FARM,), types=("ObjectEvent",))
    pages = [world.store.questions.events(question, None, 1)]
    while pages[-1]:
        pages.append(world.store.questions.events(question, pages[-1][-1].place, 1))
    assert [one.event.sequence for page in pages for one in page] == [1, 2]
    assert [
        one.event.sequence for one in world.store.questions.events(replace(question, declarations=True), None, 9)
    ] == [2]
    assert world.store.questions.events(replace(question, parties=(b.STRANGER,)), None, 9) == []
    lots = EventQuestion(event_ids=("urn:uuid:1",), lots=(b.HARVEST_LOT.id,))
    assert [one.event.sequence for one in world.store.questions.events(lots, None, 9)] == [1, 2]


# ------------------------------------------------------------------------------------------------- the schema before


def brought_back_and_up(world: World, meanwhile: Callable[[], None] = lambda: None) -> SqlStore:
    """The world's database as the schema before had it, and then a store that migrated that."""
    world.store.close()
    move(world.url, command.downgrade, "0018")
    meanwhile()
    return SqlStore(world.url)


def test_a_database_of_the_schema_before_says_the_same_after(world: World) -> None:
    enrol(world, b.FARM, DEVICE)
    declared(world)
    lots = [LotRef(b.HARVEST_LOT.product, code) for code in ("H-8", "H-9")]
    world.record(presign(b.harvest(lot=lots[0]) | {"eventID": "urn:uuid:3"}, DEVICE))
    world.record(b.harvest(lot=lots[1]) | {"silkroot:phone": PHONE, "eventID": "urn:uuid:4"})
    Erase(world.store, world.clock, SECRET).erase(Choice(value=PHONE))
    tables = ("events", "event_index", "event_lots", "log_leaves", "disclosures")
    before = {table: sorted(world.sql(f"SELECT * FROM {table}"), key=str) for table in tables}
    kept = macs(world)

    def look() -> None:
        """What the release before reads: texts, an identity for each request, and row digests over both."""
        rows = world.sql("SELECT sequence, event_id, claimed_id, request_mac FROM events ORDER BY sequence")
        assert [row[2] for row in rows] == [
            None if number in (2, 4) else key_text(event_id) for number, event_id, *_ in rows
        ]
        assert all(len(row[3]) == 32 for row in rows)
        index = world.sql("SELECT event_id FROM event_index ORDER BY sequence")
        assert [row[0] for row in index] == [key_text(row[1]) for row in rows]
        columns = ", ".join((*EVENT_DIGESTED, "row_digest"))
        for values in world.sql(f"SELECT {columns} FROM events"):
            named = dict(zip((*EVENT_DIGESTED, "row_digest"), values, strict=True))
            assert row_digest(named, EVENT_DIGESTED) == named["row_digest"]

    again = brought_back_and_up(world, look)
    after = {table: sorted(world.sql(f"SELECT * FROM {table}"), key=str) for table in tables}
    assert {table: rows for table, rows in after.items() if table != "events"} == {
        table: rows for table, rows in before.items() if table != "events"
    }
    # A request without an identity got one on the way back, and keeps it.
    assert [old or new for old, new in zip(kept, macs(world), strict=True)] == macs(world)
    assert found(again, "urn:uuid:1") == [1, 2]
    assert found(again, LONG) == [3, 4]
    assert again.event_named("urn:uuid:4") == again.events()[-1].content_hash
    assert world.fsck() == []
    again.close()


def test_requests_of_before_are_known_after(world: World) -> None:
    requests = [b.harvest() | {"eventID": "urn:uuid:1"}, b.shipping(), b.receiving()]
    first = world.capture(requests)
    again = brought_back_and_up(world)
    again.acknowledge_by(world.store._acknowledger)  # type: ignore[arg-type]
    capture = capturing(world, Policy(()), again)
    results = capture.capture(requests)
    assert [(one.repeated, one.record) for one in results] == [(True, one.record) for one in first]
    (other,) = capture.capture([b.harvest(grams=5) | {"eventID": "urn:uuid:1"}])
    assert [violation.rule for violation in other.violations] == ["event-id.conflict"]
    again.close()


@pytest.mark.parametrize("change", ["claimed_id = 'urn:uuid:9'", "record_time = record_time + 1", "claimed_id = NULL"])
def test_a_row_that_was_not_whole_does_not_come_to_look_it(world: World, change: str) -> None:
    world.record(b.harvest() | {"eventID": "urn:uuid:1"}, b.shipping())

    def damage() -> None:
        world.sql(f"UPDATE events SET {change} WHERE sequence = 1")

    again = brought_back_and_up(world, damage)
    assert "event 1: the row is not what was written" in [str(finding) for finding in world.fsck()]
    again.close()


def test_a_claim_that_is_no_text_any_more_keeps_nobody_from_the_new_schema(world: World) -> None:
    world.record(b.harvest() | {"eventID": "urn:uuid:1"}, b.shipping())
    if not world.url.startswith("sqlite"):
        return  # PostgreSQL has no such text

    def damage() -> None:
        world.sql("UPDATE events SET claimed_id = CAST(x'f5726e3a757569643a31' AS TEXT) WHERE sequence = 1")

    again = brought_back_and_up(world, damage)
    assert [str(finding) for finding in world.fsck()] == ["event 1: the row is not what was written"]
    again.close()


def test_a_claim_that_is_not_the_event_ids_is_found(world: World) -> None:
    world.record(b.harvest(), b.shipping())
    world.sql("UPDATE events SET claimed_id = ? WHERE sequence = 1", id_hash("urn:uuid:9"))
    assert [str(finding) for finding in world.fsck()] == ["event 1: the row is not what was written"]
