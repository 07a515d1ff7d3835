"""
Events of loggers, stored packed: the store gives what it gives of plain rows, their damage is found, what is searched
for in bodies is found in them too. And how a database with such rows gets to the schema before and back.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import event_builders as b
import pytest
from alembic import command
from batch_events import readings, together
from ledger_fixture import LEDGER_DOMAIN, SECRET, World
from msgspec import structs
from presigned_events import enrol, presign
from schema_moves import move
from signing_keys import signing_key
from sqlalchemy import insert, select

from ledger.adapters.sql_store import erasing
from ledger.adapters.sql_store.codec import event_digest, former_event_digest, is_intact
from ledger.adapters.sql_store.columns import id_hash
from ledger.adapters.sql_store.event_rows import event_row
from ledger.adapters.sql_store.store import SqlStore
from ledger.adapters.sql_store.tables import events
from ledger.adapters.sql_store.tampering import SqlBackDoor
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import LotRef
from ledger.domain.new_events import NewEvent
from ledger.domain.packed_bytes import FIRST_BYTE, packed, unpacked
from ledger.domain.packed_events import packed_event
from ledger.domain.records import JsonTree
from ledger.domain.sealing import KeptDisclosure
from ledger.services.erase import Choice, Erase
from ledger.services.fsck import Fsck
from ledger.services.prepared_statements import PreparedStatement

DEVICE = signing_key(71)
WORD = "吐尔逊"
SAYING = f'a "{WORD}" among them'
BATCH = together(readings(3), DEVICE)
ALONE = presign(b.inspection() | {"silkroot:remark": SAYING + " too"}, DEVICE)
MIXED: tuple[JsonTree, ...] = (b.harvest(), *BATCH, b.inspection() | {"silkroot:remark": SAYING}, ALONE)
PACKED = [2, 3, 4, 6]
NOT_WRITTEN = "event {}: the row is not what was written"


@pytest.fixture
def mixed(world: World) -> World:
    """With events that are packed and others."""
    enrol(world, b.FARM, DEVICE)
    world.record(*MIXED)
    return world


def stored(world: World) -> dict[int, tuple[bytes, bytes]]:
    rows = world.sql("SELECT sequence, body, proof FROM events ORDER BY sequence")
    return {sequence: (bytes(body), bytes(proof)) for sequence, body, proof in rows}


def stored_raw(world: World) -> list[tuple[Any, bytes]]:
    return [(body, proof) for body, proof in world.sql("SELECT body, proof FROM events ORDER BY sequence")]


def rows_as_read(world: World) -> list[dict[str, Any]]:
    with world.store._database.reading() as connection:
        return [dict(one) for one in connection.execute(select(events).order_by(events.c.sequence)).mappings()]


def findings(world: World) -> list[str]:
    return [str(finding) for finding in world.fsck()]


def plainly(prepared: PreparedStatement, record_time: float) -> NewEvent:
    """As `PreparedStatement.signed`, of what is stored as it is."""
    return prepared.whole().signed(prepared.whole().proof, record_time)  # type: ignore[arg-type]


def test_what_comes_signed_as_statements_is_packed_and_nothing_else(mixed: World) -> None:
    rows = stored(mixed)
    assert [number for number, (body, _) in rows.items() if body[:1] == FIRST_BYTE] == PACKED
    assert [number for number, (_, proof) in rows.items() if proof[:1] == FIRST_BYTE] == PACKED
    for number in PACKED:
        assert unpacked(rows[number][0])[:1] == unpacked(rows[number][1])[:1] == b"{"
    assert mixed.fsck() == []


def test_the_store_gives_the_same_of_packed_and_of_plain_rows(world: World) -> None:
    """Events, leaves and acknowledgements, before and after another process opened the database."""
    enrol(world, b.FARM, DEVICE)
    with patch.object(PreparedStatement, "signed", plainly):
        plain = world.record(BATCH[0], ALONE)
    assert all(body[:1] == proof[:1] == b"{" for body, proof in stored(world).values())
    leaves, found = world.store.log.leaves(0, 9), world.store.events(0, 9)
    rows = dict(stored(world))
    for number, (body, proof) in rows.items():
        values = (packed(body), packed(proof), number)
        world.sql("UPDATE events SET body = ?, proof = ? WHERE sequence = ?", *values, count=1)
    contents = [one.content_hash for one in plain]
    assert (world.store.log.leaves(0, 9), world.store.events(0, 9)) == (leaves, found)
    again = SqlStore(world.url)
    assert (again.log.leaves(0, 9), again.events(0, 9)) == (leaves, found)
    assert [again.event(content) for content in contents] == [world.store.event(content) for content in contents]
    assert [one.body for one in found] == [one.body for one in plain]
    assert [one.proof for one in found] == [one.proof for one in plain]
    again.close()
    assert world.fsck() == []
    assert [(one.repeated, one.record) for one in world.capture([BATCH[0], ALONE])] == [(True, one) for one in found]


def test_no_event_that_holds_disclosures_is_packed() -> None:
    kept = (KeptDisclosure(bytes(32), "place", "text"),)  # type: ignore[arg-type]
    event = NewEvent(
        bytes(32), "urn:uuid:1", False, None, b.FARM, b"{}", None, bytes(32), b"", 1.0, (), kept,  # type: ignore[arg-type]
        packed=packed_event(bytes(32), "urn:uuid:1", False, b.FARM, b"{}", b"[]"),
    )  # fmt: skip
    with pytest.raises(StoreError, match="is not packed"):
        event_row(1, event, b"{}", 0)
    assert event_row(1, structs.replace(event, disclosures=()), b"{}", 0)[6] == packed(b"{}")


# ------------------------------------------------------------------------------------------------------------ damage


@pytest.mark.parametrize("column", ["body", "proof"])
def test_a_row_with_any_bit_flipped_is_not_intact(mixed: World, column: str) -> None:
    # By name: a database that a test of migrations gave back has its columns in another order.
    names = ", ".join(events.c.keys())
    values = dict(zip(events.c.keys(), mixed.sql(f"SELECT {names} FROM events WHERE sequence = 6")[0], strict=True))
    raw = bytes(values[column])
    plain = {**values, "body": unpacked(bytes(values["body"])), "proof": unpacked(bytes(values["proof"]))}
    assert is_intact(plain)
    for place in range(8 * len(raw)):
        damaged = bytearray(raw)
        damaged[place // 8] ^= 1 << place % 8
        assert not is_intact({**plain, column: unpacked(bytes(damaged))})


@pytest.mark.parametrize("column", ["body", "proof"])
@pytest.mark.parametrize("place", [0, 3, 5, 7, 60, -1])
def test_fsck_finds_a_flipped_bit_and_the_event_is_given_as_damaged(mixed: World, column: str, place: int) -> None:
    raw = bytearray(stored(mixed)[6][column == "proof"])
    raw[place] ^= 4
    mixed.sql(f"UPDATE events SET {column} = ? WHERE sequence = 6", bytes(raw), count=1)
    told = findings(mixed)
    assert NOT_WRITTEN.format(6) in told
    assert len([one for one in told if one.startswith("event 6: ")]) > 1
    event = mixed.store.events(5, 1)[0]
    if column == "body":
        assert event.body == {}
    else:
        assert event.proof.signature == b""
    leaf = mixed.store.log.leaves(5, 1)[0]
    assert (leaf.body if column == "body" else leaf.proofs[0]) == bytes(raw)


@pytest.mark.parametrize("value", ["5", "'a text'", "1.5", "CAST({} AS TEXT)"])
@pytest.mark.parametrize("column", ["body", "proof"])
def test_fsck_finds_a_value_of_another_kind(mixed: World, column: str, value: str) -> None:
    """SQLite stores anything anywhere; one flipped bit makes a text of bytes."""
    if not mixed.url.startswith("sqlite"):
        return
    for number in (1, 6):
        mixed.sql(f"UPDATE events SET {column} = {value.format(column)} WHERE sequence = {number}", count=1)
    told = findings(mixed)
    assert {NOT_WRITTEN.format(number) for number in (1, 6)} <= set(told)
    if not value.startswith("CAST"):  # a text that is no UTF-8 is for `fsck` alone
        assert {type(leaf.body) for leaf in mixed.store.log.leaves(0, 9)} == {bytes}
        assert {type(proof) for leaf in mixed.store.log.leaves(0, 9) for proof in leaf.proofs} == {bytes}
        assert len(mixed.store.archive.acknowledgements([one.content_hash for one in mixed.store.events(0, 9)])) == 6


def test_what_was_packed_anew_of_another_text_is_found(mixed: World) -> None:
    body = unpacked(stored(mixed)[2][0]).replace(b"reading 0", b"reading 9")
    mixed.sql("UPDATE events SET body = ? WHERE sequence = 2", packed(body), count=1)
    assert NOT_WRITTEN.format(2) in findings(mixed)


def test_the_back_door_reads_and_overwrites_a_packed_body(mixed: World) -> None:
    content = mixed.store.events(1, 1)[0].content_hash
    door = SqlBackDoor(mixed.url)
    plain = door.body(content)
    assert plain == unpacked(stored(mixed)[2][0]) != stored(mixed)[2][0]
    door.overwrite(content, plain.replace(b"reading 0", b"reading 9"))
    assert NOT_WRITTEN.format(2) in findings(mixed)
    door.overwrite(content, plain)
    assert mixed.fsck() == []


# ------------------------------------------------------------------------------------------------------- searching them


@pytest.mark.parametrize("page", [1, 2, 1_000])
def test_bodies_that_say_it_are_found_packed_or_not(mixed: World, page: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "_PAGE", page)
    assert [mixed.store.saying(text) for text in (WORD, SAYING, "reading", "reading 1", "nobody said that")] == [
        [5, 6], [5, 6], [2, 3, 4], [3], [],
    ]  # fmt: skip
    assert Erase(mixed.store, mixed.clock, SECRET).still_open(Choice(value=WORD)) == [5, 6]
    mixed.sql("UPDATE events SET body = ? WHERE sequence = 6", FIRST_BYTE + f"damaged: {WORD}".encode(), count=1)
    assert mixed.store.saying(WORD) == [5, 6]


def test_what_lies_between_events_that_hold_disclosures_is_not_read(
    mixed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may be far apart, with all that loggers sent between them."""
    secret = {"silkroot:phone": "13912345678"}
    first = mixed.record(b.harvest(lot=LotRef(b.BULK_MELON, "S-1")) | secret)
    mixed.record(*together(readings(9)[3:], DEVICE))
    last = mixed.record(b.harvest(lot=LotRef(b.BULK_MELON, "S-2")) | secret)
    read: list[bytes] = []

    def noted(value: bytes) -> bytes:
        read.append(value)
        return unpacked(value)

    monkeypatch.setattr("ledger.adapters.sql_store.columns.unpacked", noted)
    with mixed.store._database.reading() as connection:
        found = erasing.sealed_events(connection, 0, 500)
    assert [one.sequence for one in found] == [first[0].sequence, last[0].sequence] == [7, 14]
    assert len(read) == 2


def test_long_bodies_are_searched_one_at_a_time(mixed: World) -> None:
    """What is packed of much text takes little room in the database, and in memory all of it."""
    body = packed(b'{"a":"%b"}' % (b"a" * 250_000))
    with mixed.store._database.writing() as connection:
        row = dict(connection.execute(select(events).where(events.c.sequence == 6)).mappings().one())
        free = [{"sequence": n, "content_hash": n.to_bytes(32, "big"), "claimed_id": None} for n in range(7, 47)]
        connection.execute(insert(events), [{**row, **one, "body": body} for one in free])
    tracemalloc.start()
    try:
        assert mixed.store.saying("aaaa") == [*range(7, 47)]
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4_000_000  # all together are ten million


# ------------------------------------------------------------------------------------------------- the schema before


def brought_back_and_up(world: World, meanwhile: Callable[[], None]) -> SqlStore:
    """The world's database as the schema before had it, and then a store that migrated that."""
    world.store.close()
    move(world.url, command.downgrade, "0019")
    meanwhile()
    return SqlStore(world.url)


def test_the_schema_before_has_plain_rows_alone(mixed: World) -> None:
    before, kept, leaves = stored(mixed), mixed.store.events(0, 9), mixed.store.log.leaves(0, 9)

    def look() -> None:
        assert stored(mixed) == {number: (unpacked(body), unpacked(proof)) for number, (body, proof) in before.items()}
        for values in rows_as_read(mixed):
            assert former_event_digest(values) == values["row_digest"]

    assert [event_digest(values) == values["row_digest"] for values in rows_as_read(mixed)] == [True] * 6
    again = brought_back_and_up(mixed, look)
    look()  # what is plain stays so, and has the digest that it has
    assert (again.events(0, 9), again.log.leaves(0, 9)) == (kept, leaves)
    assert mixed.fsck() == []
    again.close()


def test_more_rows_than_are_unpacked_at_once(mixed: World) -> None:
    with mixed.store._database.writing() as connection:
        row = dict(connection.execute(select(events).where(events.c.sequence == 6)).mappings().one())
        row |= {"body": packed(row["body"]), "proof": packed(row["proof"])}
        free = [{"sequence": n, "content_hash": n.to_bytes(32, "big"), "claimed_id": None} for n in range(7, 2_020)]
        connection.execute(insert(events), [{**row, **one} for one in free])
    assert mixed.store.saying(WORD) == [5, *range(6, 2_020)]
    brought_back_and_up(mixed, lambda: None).close()
    rows = stored(mixed)
    assert len(rows) == 2_019
    assert all(body[:1] == proof[:1] == b"{" for body, proof in rows.values())


def test_a_damaged_row_does_not_come_to_look_whole(mixed: World) -> None:
    """Neither one that is packed and cannot be read, nor one whose other columns were changed."""
    raw = bytearray(stored(mixed)[6][0])
    raw[40] ^= 1
    mixed.sql("UPDATE events SET body = ? WHERE sequence = 6", bytes(raw), count=1)
    mixed.sql("UPDATE events SET record_time = record_time + 1 WHERE sequence = 2", count=1)
    mixed.sql("UPDATE events SET record_time = record_time + 1 WHERE sequence = 1", count=1)

    def look() -> None:
        assert stored(mixed)[6][0] == raw

    again = brought_back_and_up(mixed, look)
    told = [str(finding) for finding in Fsck(again.audit, LEDGER_DOMAIN).run()]
    assert [NOT_WRITTEN.format(number) in told for number in range(1, 7)] == [True, True, False, False, False, True]
    again.close()


def test_rows_of_all_kinds_get_the_former_digest_and_keep_it(mixed: World) -> None:
    """Long eventIDs and such beyond ASCII, declarations, identities of requests, the largest party."""
    odd: list[dict[str, Any]] = [
        {"event_id": "é" * 501}, {"event_id": "é" * 500}, {"claimed_id": None}, {"request_mac": bytes(32)},
        {"party": 2**64 - 1}, {"record_time": -1}, {"body": b""},
    ]  # fmt: skip
    base = rows_as_read(mixed)[5]
    for number, changed in enumerate(odd, 7):
        name = f"urn:uuid:{number}"
        values = {**base, "sequence": number, "content_hash": bytes([number]) * 32, "event_id": name} | changed
        values |= {"claimed_id": id_hash(values["event_id"])} | changed
        values["row_digest"] = event_digest(values)
        with mixed.store._database.writing() as connection:
            connection.execute(insert(events), [values])
    before = rows_as_read(mixed)
    assert [is_intact(values) for values in before] == [True] * 13
    again = brought_back_and_up(mixed, lambda: None)
    after = rows_as_read(mixed)
    assert after == [{**values, "row_digest": former_event_digest(values)} for values in before]
    assert all(is_intact(values) for values in after)
    again.close()


def test_a_text_that_is_none_any_more_keeps_nobody_from_the_schema_before(mixed: World) -> None:
    if not mixed.url.startswith("sqlite"):
        return  # PostgreSQL has no such text
    mixed.sql("UPDATE events SET event_id = CAST(x'f5726e3a757569643a31' AS TEXT) WHERE sequence = 2", count=1)
    again = brought_back_and_up(mixed, lambda: None)
    assert NOT_WRITTEN.format(2) in findings(mixed)
    again.close()


@pytest.mark.parametrize("value", ["5", "'a text'", "1.5"])
@pytest.mark.parametrize("column", ["body", "party", "record_time", "request_mac"])
def test_a_value_of_another_kind_keeps_nobody_from_the_schema_before(mixed: World, column: str, value: str) -> None:
    """SQLite stores anything anywhere."""
    if not mixed.url.startswith("sqlite"):
        return
    mixed.sql(f"UPDATE events SET {column} = {value} WHERE sequence = 2", count=1)
    if column == "body":
        assert mixed.store.events(1, 1)[0].body == {}
        assert mixed.store.saying("reading 1") == [3]
    mixed.store.close()
    move(mixed.url, command.downgrade, "0019")
    rows = stored_raw(mixed)
    assert [type(body) for body, _ in rows] == [bytes, type(rows[1][0]), *[bytes] * 4]
    assert all(proof[:1] == b"{" for _, proof in rows)
    assert [body[:1] for body, _ in rows[2:]] == [b"{"] * 4


@pytest.mark.parametrize("former", [False, True])
def test_an_erasure_keeps_the_form_of_the_digest(world: World, former: bool) -> None:
    world.record(b.harvest() | {"silkroot:phone": "13912345678"}, b.shipping() | {"silkroot:phone": "13912345678"})
    store = brought_back_and_up(world, lambda: None) if former else world.store
    world.sql("UPDATE events SET record_time = record_time + 1 WHERE sequence = 2", count=1)
    Erase(store, world.clock, SECRET).erase(Choice(value="13912345678"))
    digest = former_event_digest if former else event_digest
    first, second = rows_as_read(world)
    assert digest(first) == first["row_digest"]
    assert NOT_WRITTEN.format(1) not in findings(world)
    assert NOT_WRITTEN.format(2) in findings(world)
    assert not is_intact(second)
    store.close()
