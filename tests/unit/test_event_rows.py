"""
An event's own rows: tuples in the order of their tables' columns, with the digest that `fsck` reckons; and what an
event is searched by, which is the same whether it was made from the tree before it was stored or from the stored bytes.
"""

from __future__ import annotations

import json
from typing import Any

import event_builders as b
import orjson
import pytest
from binding_vectors import all_forms
from event_mutations import tampered_events
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.certificate_rows import certificate_row
from ledger.adapters.sql_store.codec import event_digest
from ledger.adapters.sql_store.columns import id_hash
from ledger.adapters.sql_store.consignment_rows import consignment_rows
from ledger.adapters.sql_store.event_rows import event_row, index_row, searched_row
from ledger.domain.actions import Statement
from ledger.domain.identifiers import ContentHash, Digest, KeyId, PartyId
from ledger.domain.new_events import Appended, NewEvent
from ledger.domain.records import JsonTree, Scheme, SignatureProof
from ledger.domain.searched import event_time_of, searched_of

CONTENT = ContentHash(bytes(range(32)))
STATEMENT = Statement(b.FARM, "x", (), CONTENT, 0)
PROOF = SignatureProof(STATEMENT, KeyId(bytes(32)), Scheme.P256, b"")
COLUMNS = tuple(column.name for column in t.events.columns)


def new_event(
    event_id: str, *, is_declaration: bool = False, mac: bytes | None = None, party: int = b.FARM, body: bytes = b"{}"
) -> NewEvent:
    return NewEvent(
        CONTENT, event_id, is_declaration, mac, PartyId(party), body, PROOF, Digest(bytes(32)), b"", 1.5, ()
    )


@given(
    st.integers(1, 2**63 - 1), st.text(max_size=8) | st.text("é", min_size=999, max_size=1_001), st.booleans(),
    st.none() | st.binary(min_size=32, max_size=32), st.integers(1, 2**64 - 1), st.binary(max_size=9),
    st.binary(max_size=9), st.integers(-(2**63), 2**63 - 1),
)  # fmt: skip
def test_the_row_has_every_column_and_its_digest(
    sequence: int,
    event_id: str,
    is_declaration: bool,
    mac: bytes | None,
    party: int,
    body: bytes,
    proof: bytes,
    time: int,
) -> None:
    event = new_event(event_id, is_declaration=is_declaration, mac=mac, party=party, body=body)
    row = dict(zip(COLUMNS, event_row(sequence, event, proof, time), strict=True))
    expected: dict[str, Any] = {
        "sequence": sequence, "content_hash": CONTENT, "event_id": event_id,
        "claimed_id": None if is_declaration else id_hash(event_id), "request_mac": mac, "party": party,
        "body": body, "proof": proof, "record_time": time,
    }  # fmt: skip
    assert row == expected | {"row_digest": event_digest(expected)}


def test_a_row_of_the_index_has_its_columns() -> None:
    assert tuple(index_row(1, 2, {})) == tuple(column.name for column in t.event_index.columns)
    assert index_row(1, 2, {}) == {
        "sequence": 1, "event_time": 0, "event_type": "", "party": 2, "biz_step": None, "read_point": None,
        "biz_location": None, "is_declaration": False, "declared_id": None,
    }  # fmt: skip


def test_what_an_event_is_searched_by() -> None:
    body = b.harvest() | {
        "bizStep": "https://ref.gs1.org/cbv/BizStep-shipping", "bizLocation": "urn:epc:id:sgln:9520000.00001.0",
        "eventTime": "1970-01-01T08:00:00.000001+08:00", "eventID": "e" * 1_001, "errorDeclaration": {},
    }  # fmt: skip
    assert index_row(7, int(b.FARM), body) == {
        "sequence": 7, "event_time": 1, "event_type": "ObjectEvent", "party": int(b.FARM), "biz_step": "shipping",
        "read_point": body["readPoint"]["id"], "biz_location": "https://id.gs1.org/414/9520000000011",
        "is_declaration": True, "declared_id": id_hash("e" * 1_001),
    }  # fmt: skip


FORMS = tuple(all_forms().values())


def bodies() -> st.SearchStrategy[JsonTree]:
    """Events, tampered with or not, and of members that decide what is looked for."""
    others = st.dictionaries(
        st.sampled_from(["silkroot:certificate", "silkroot:airLeg", "sr:airLeg", "airL", "eg", "type", "bizStep"]),
        st.sampled_from([None, "x", "y" * 300, {"id": "z"}, {"step": "loaded"}, 3]), max_size=3,
    )  # fmt: skip
    tampered = tampered_events().map(json.loads).filter(lambda tree: isinstance(tree, dict))
    return st.builds(lambda tree, more: tree | more, st.sampled_from(FORMS) | tampered, others)


@given(bodies())
def test_it_is_the_same_from_the_stored_bytes(body: JsonTree) -> None:
    read = orjson.loads(orjson.dumps(body))
    made = searched_row(1, event_time_of(body), 2, str(body.get("eventID", "")), searched_of(body))
    assert made == tuple(index_row(1, 2, read).values())
    assert searched_of(read) == searched_of(body)


@given(bodies())
def test_what_is_bare_has_no_rows_that_few_events_have(body: JsonTree) -> None:
    if searched_of(body).is_bare:
        assert certificate_row(1, int(b.FARM), body) is None
        assert [*consignment_rows(1, int(b.FARM), STATEMENT, body)] == []


@pytest.mark.parametrize("name", ["silkroot:certificate", "silkroot:airLeg", "https://silkroot.example/epcis/airLeg"])
def test_what_may_be_a_certificate_or_an_air_leg_is_not_bare(name: str) -> None:
    assert searched_of(b.inspection()).is_bare
    assert not searched_of(b.inspection() | {name: {}}).is_bare


def test_equal_values_are_one_object() -> None:
    assert searched_of(b.inspection()) is searched_of(b.inspection())


def test_what_was_appended_is_read_when_it_is_asked_for() -> None:
    tree = {"type": "ObjectEvent"}
    event = new_event("urn:uuid:1", body=orjson.dumps(tree))
    record = Appended(9, event).recorded()
    assert (record.sequence, record.body, record.proof) == (9, tree, PROOF)
    assert record.record_time.timestamp() == 1.5
    assert Appended(9, event).recorded() == record
    assert event == new_event("urn:uuid:1", body=event.body) != new_event("urn:uuid:2", body=event.body)


def test_what_is_beside_an_event_makes_it_no_other_one() -> None:
    event = new_event("urn:uuid:1")
    bare = structs.replace(event, tree={"type": "ObjectEvent"}, event_time=9)
    assert event == bare
    assert not event != bare  # noqa: SIM202 - the struct's own `!=` compares all members
    assert event != structs.replace(event, record_time=2.5)
