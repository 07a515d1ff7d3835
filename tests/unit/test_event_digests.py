"""
The digest of an event's row: over what it was written with, in its form of now and in the one before; the same whoever
made the inner one; and of a damaged row, whatever becomes of it, none that fits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import event_builders as b
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import event_digest, event_digest_after, former_event_digest, is_intact
from ledger.adapters.sql_store.columns import id_hash
from ledger.adapters.sql_store.event_rows import event_row
from ledger.domain.identifiers import ContentHash, Digest, PartyId
from ledger.domain.new_events import NewEvent
from ledger.domain.packed_bytes import unpacked
from ledger.domain.packed_events import inner_digest, outer_digest, packed_event

CONTENT = ContentHash(bytes(range(32)))
COLUMNS = tuple(column.name for column in t.events.columns)
TEXT = st.text(max_size=4)
PARTS = st.tuples(
    st.binary(max_size=3), TEXT, st.booleans(), st.none() | st.binary(max_size=3), st.integers(0, 2**64 - 1),
    st.binary(max_size=3), st.binary(max_size=3),
)  # fmt: skip
INNER = "3a83d7eff6f515dfbc5c5a545cd3fccbb8f1745847717d33800d8d9432a8696e"
OUTER = "d45e6b6a2e0065c2d81fd0c1af15fe64dd29a6e8b0b68546f4eb914c39913ffd"
FORMS = (event_digest, former_event_digest)


def row(event_id: str = "urn:uuid:1", **changed: Any) -> dict[str, Any]:
    values = {
        "sequence": 7, "content_hash": bytes(CONTENT), "event_id": event_id, "claimed_id": id_hash(event_id),
        "request_mac": None, "party": int(b.FARM), "body": b"{}", "proof": b"[]", "record_time": 9,
    }  # fmt: skip
    return values | changed


def statement(*, is_declaration: bool, body: bytes, proof: bytes) -> NewEvent:
    """As it comes from a preparer."""
    kept = packed_event(CONTENT, "urn:uuid:1", is_declaration, b.FARM, body, proof)
    return NewEvent(
        CONTENT, "urn:uuid:1", is_declaration, None, b.FARM, b"", None, Digest(bytes(32)), b"", 1.5, (), packed=kept
    )


@given(PARTS, PARTS)
def test_other_parts_have_another_digest(one: Any, other: Any) -> None:
    assume(one != other)
    assert inner_digest(*one) != inner_digest(*other)
    assert outer_digest(1, 2, inner_digest(*one)) != outer_digest(1, 2, inner_digest(*other))


def test_bytes_that_move_from_one_part_to_the_next_are_seen() -> None:
    made = {
        inner_digest(b"", "", False, mac, 1, body, proof)
        for mac, body, proof in (
            (None, b"", b""),
            (b"", b"", b""),
            (b"a", b"", b""),
            (b"", b"a", b""),
            (b"", b"", b"a"),
        )
    }
    made |= {outer_digest(*numbers, bytes(32)) for numbers in ((1, 12), (11, 2), (1, 2), (-1, 2))}
    assert len(made) == 9


@given(st.integers(1, 2**63 - 1), st.booleans(), st.binary(max_size=300), st.binary(max_size=300), st.integers())
def test_a_packed_event_has_the_digest_of_the_plain_one(
    sequence: int, is_declaration: bool, body: bytes, proof: bytes, time: int
) -> None:
    event = statement(is_declaration=is_declaration, body=body, proof=proof)
    found = dict(zip(COLUMNS, event_row(sequence, event, b"", time), strict=True))
    read = found | {"body": unpacked(found["body"]), "proof": unpacked(found["proof"])}
    assert (read["body"], read["proof"], event.body) == (body, proof, body)
    assert read["row_digest"] == event_digest(read)
    assert is_intact(read)
    bare = structs.replace(event, packed=None, plain=body)
    made = event_row(sequence, bare, proof, time)
    assert made == tuple(read[name] for name in COLUMNS)


def test_the_writer_takes_the_inner_digest_as_it_comes() -> None:
    event = structs.replace(
        statement(is_declaration=False, body=b"{}", proof=b"[]"),
        packed=(b"b", b"p", bytes(32), hashlib.sha256().digest()),
    )
    assert event_row(3, event, b"", 4)[6:] == (b"b", b"p", 4, outer_digest(3, 4, bytes(32)))


def test_the_digest_of_a_row_is_this_one() -> None:
    """As rows have it that were written."""
    values = row(request_mac=bytes(32))
    assert event_digest(values) == outer_digest(
        7, 9, inner_digest(CONTENT, "urn:uuid:1", False, bytes(32), b.FARM, b"{}", b"[]")
    )
    assert inner_digest(CONTENT, "urn:uuid:1", False, None, b.FARM, b"{}", b"[]").hex() == INNER
    assert outer_digest(7, 9, bytes(32)).hex() == OUTER


@pytest.mark.parametrize("digest", FORMS)
def test_both_forms_are_whole_and_no_change_is(digest: Any) -> None:
    values = row()
    whole = values | {"row_digest": digest(values)}
    assert is_intact(whole)
    for name, other in (
        ("sequence", 8), ("content_hash", bytes(32)), ("event_id", "urn:uuid:2"), ("claimed_id", None),
        ("claimed_id", bytes(32)), ("request_mac", bytes(32)), ("party", 1), ("body", b"{ }"), ("proof", b"{}"),
        ("record_time", 10), ("row_digest", bytes(32)),
    ):  # fmt: skip
        assert not is_intact(whole | {name: other}), name
    assert not is_intact(whole | {"event_id": "urn:uuid:2", "claimed_id": id_hash("urn:uuid:2")})


@pytest.mark.parametrize("name", COLUMNS[:-1])
@pytest.mark.parametrize("value", ["a text", 1.5, b"bytes", 3, None])
def test_a_value_of_another_kind_is_damage_and_no_error(name: str, value: object) -> None:
    """SQLite stores anything anywhere."""
    values = row()
    whole = values | {"row_digest": event_digest(values)}
    if (name, value) != ("request_mac", None):
        assert not is_intact(whole | {name: value})
    if name not in ("event_id", "claimed_id", "request_mac") and type(value) is not type(values[name]):
        assert event_digest(whole | {name: value}) is None


@pytest.mark.parametrize("digest", FORMS)
def test_a_row_that_changes_keeps_its_form(digest: Any) -> None:
    values = row(request_mac=bytes(32))
    before = values | {"row_digest": digest(values)}
    after = before | {"request_mac": bytes([1]) * 32}
    assert event_digest_after(before, after) == digest(after)
    assert is_intact(after | {"row_digest": event_digest_after(before, after)})


@pytest.mark.parametrize("digest", FORMS)
@pytest.mark.parametrize("damage", [{"record_time": 10}, {"body": b"{ }"}, {"party": "a text"}, {"row_digest": b""}])
def test_a_damaged_row_does_not_come_to_look_whole(digest: Any, damage: Mapping[str, Any]) -> None:
    values = row()
    before = values | {"row_digest": digest(values)} | damage
    after = before | {"request_mac": bytes(32)}
    assert event_digest_after(before, after) == before["row_digest"]
    assert not is_intact(after)


def test_a_party_of_any_size_is_hashed() -> None:
    values = row(party=PartyId(2**64 - 1))
    assert is_intact(values | {"row_digest": event_digest(values)})
