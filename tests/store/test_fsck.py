"""fsck finds one flipped bit, wherever it is, and says where."""

from __future__ import annotations

import json
from dataclasses import replace

import event_builders as b
import pytest
from database_rows import NotStorable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_fixture import World
from second_signatures import proposals

from ledger.adapters.sql_store.question_tables import event_index
from ledger.adapters.sql_store.tampering import SqlBackDoor
from ledger.domain.canonical_json import canonical
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import LotRef
from ledger.ports_proposals import Proposal

PLEDGED = LotRef(b.BULK_MELON, "H-2")


@pytest.fixture
def filled(world: World) -> World:
    world.record(b.harvest(), b.shipping(), b.receiving(), b.packing(), b.recall(), b.inspection())
    return world


@pytest.fixture
def disputed(world: World) -> World:
    """With a certified plot, a variance after a notice, refused grams on their way back, a pledge and a proposal."""
    world.record(b.plot_registration(), b.yield_certificate(), b.harvest(), b.shipping(), b.partial_receipt())
    world.record(b.notice(party=b.PACKING_HOUSE, about="write-off"), b.harvest(lot=PLEDGED))
    offered = proposals(world).propose(b.pledge(pledged=b.amount(PLEDGED)), b.FARM)
    assert isinstance(offered, Proposal)
    proposals(world).agree(offered.id, b.LENDER)
    assert isinstance(proposals(world).propose(b.settlement(), b.PACKING_HOUSE), Proposal)
    return world


def test_a_sound_store_has_no_findings(filled: World) -> None:
    assert filled.fsck() == []


@pytest.mark.parametrize(
    ("table", "column", "where"),
    [
        ("events", column, "event 3")
        for column in ("content_hash", "event_id", "claimed_id", "request_mac", "party", "body", "proof", "record_time")
    ]
    + [
        ("outbox_rows", column, "outbox entry")
        for column in (
            "target",
            "kind",
            "key_id",
            "payload",
            "signature",
            "digest",
            "content_hash",
            "action",
            "applied_at",
        )
    ],
)
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_flipped_bit(filled: World, table: str, column: str, where: str, data: st.DataObject) -> None:
    key = "sequence = 3" if table == "events" else f"id = {1 if column == 'action' else _last_entry(filled)}"
    ((old,),) = filled.sql(f"SELECT {column} FROM {table} WHERE {key}")
    raw = old.to_bytes(8, "big") if isinstance(old, int) else old.encode() if isinstance(old, str) else bytes(old)
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    flipped = bytearray(raw)
    flipped[bit // 8] ^= 1 << bit % 8
    new: object = bytes(flipped)
    if isinstance(old, int):
        new = int.from_bytes(flipped, "big", signed=True)
    elif isinstance(old, str):
        new = flipped.decode("utf-8", "replace")
    try:
        filled.sql(f"UPDATE {table} SET {column} = ? WHERE {key}", new, count=1)
    except NotStorable:
        return
    findings = filled.fsck()
    filled.sql(f"UPDATE {table} SET {column} = ? WHERE {key}", old, count=1)
    assert any(finding.where.startswith(where) for finding in findings), findings


@pytest.mark.parametrize(
    ("table", "column", "where"),
    [
        ("events", "event_id", "event 3"),
        ("event_index", "event_type", "event 3"),
        ("outbox_rows", "target", "outbox entry 3"),
        ("lot_names", "code", "projection"),
    ],
)
def test_a_text_that_is_none_any_more(filled: World, table: str, column: str, where: str) -> None:
    if not filled.url.startswith("sqlite"):
        return  # PostgreSQL has no such text
    key = {"outbox_rows": "id = 3", "lot_names": f"code = '{b.HARVEST_LOT.code}'"}.get(table, "sequence = 3")
    filled.sql(f"UPDATE {table} SET {column} = CAST(x'ff' || substr({column}, 2) AS TEXT) WHERE {key}", count=1)
    findings = filled.fsck()
    assert any(finding.where == where for finding in findings), findings
    with pytest.raises(StoreError), filled.store._database.reading() as connection:
        connection.exec_driver_sql(f"SELECT {column} FROM {table}").all()


def _last_entry(world: World) -> int:
    ((last,),) = world.sql("SELECT max(id) FROM outbox_rows WHERE content_hash IS NOT NULL")
    assert isinstance(last, int)
    return last


FIRST_LOT = "lot = (SELECT lot FROM lots ORDER BY lot LIMIT 1)"
FIRST_KEY = "key_id = (SELECT key_id FROM registered_keys ORDER BY key_id LIMIT 1)"
FIRST_PRODUCT = "product = (SELECT min(product) FROM registered_products)"
PROJECTION = {
    "lots": f"UPDATE lots SET grams = grams + 1 WHERE {FIRST_LOT}",
    "entries": f"UPDATE lots SET entries = entries + 1 WHERE {FIRST_LOT}",
    "recall": "UPDATE lots SET recalled_by = 0 WHERE recalled_by != 0 AND NOT inherited",
    "inherited": "UPDATE lots SET inherited = FALSE WHERE inherited",
    "moved": "UPDATE lots SET moved = FALSE WHERE moved",
    "origin_hash": "UPDATE lots SET origin_hash = NULL WHERE origin_hash IS NOT NULL",
    "whole": "UPDATE consignments SET whole = FALSE",
    "balances": "UPDATE balances SET grams = grams + 1 WHERE grams = (SELECT max(grams) FROM balances)",
    "consignments": "UPDATE consignments SET state = 1",
    "consignment_lines": "UPDATE consignment_lines SET grams = grams - 1",
    "lot_parents": "DELETE FROM lot_parents",
    "used_digests": "DELETE FROM used_digests WHERE digest = (SELECT digest FROM used_digests ORDER BY 1 LIMIT 1)",
    "lot_names": "UPDATE lot_names SET code = 'h-0001' WHERE code = 'H-0001'",
    "consignment_names": "UPDATE consignment_names SET reference = 'another'",
    "roles": "UPDATE registered_parties SET roles = 255 WHERE party = (SELECT min(party) FROM registered_parties)",
    "keys": f"UPDATE registered_keys SET revoked = TRUE WHERE {FIRST_KEY}",
    "owners": f"UPDATE registered_products SET owner = owner + 1 WHERE {FIRST_PRODUCT}",
    "permits": "DELETE FROM registered_permits WHERE product = (SELECT min(product) FROM registered_permits)",
}


@pytest.mark.parametrize("what", PROJECTION)
def test_a_changed_projection(filled: World, what: str) -> None:
    filled.sql(PROJECTION[what], count=1)
    assert {finding.where for finding in filled.fsck()} == {"projection"}


def test_a_changed_list_of_a_transformation(filled: World) -> None:
    ((lists,),) = filled.sql("SELECT lists FROM origins")
    filled.sql("UPDATE origins SET lists = ?", lists.replace(b"900000", b"900001"), count=1)
    assert {finding.where for finding in filled.fsck()} == {"projection"}


FIRST_CERTIFIED = "lot = (SELECT lot FROM lots WHERE certified > 0 ORDER BY lot LIMIT 1)"
DISPUTED = {
    "certified": f"UPDATE lots SET certified = certified - 1 WHERE {FIRST_CERTIFIED}",
    "yield_plot": f"UPDATE lots SET yield_plot = NULL, yield_season = NULL WHERE {FIRST_CERTIFIED}",
    "notice": "UPDATE consignments SET notice_at = 0 WHERE notice_at != 0",
    "open lines": "UPDATE consignment_open_lines SET grams = grams + 1",
    "no open lines": "DELETE FROM consignment_open_lines",
    "all open": "UPDATE consignments SET whole = TRUE WHERE NOT whole",
    "plot": "UPDATE registered_plots SET certifier = producer",
    "yield": "UPDATE yields SET harvested = harvested - 1",
    "pledge": "UPDATE pledges SET until = until + 1",
    "no pledge": "DELETE FROM pledges",
    "the name of a return": "UPDATE consignment_names SET reference = 'x' WHERE shipper = 9520000000028",
}


@pytest.mark.parametrize("what", DISPUTED)
def test_a_changed_projection_of_plots_disputes_and_pledges(disputed: World, what: str) -> None:
    assert disputed.fsck() == []
    disputed.sql(DISPUTED[what], count=1)
    assert {finding.where for finding in disputed.fsck()} == {"projection"}


@pytest.mark.parametrize("column", ["counterparty", "event_id", "is_declaration", "body", "payload", "lots", "digest"])
def test_a_changed_proposal(disputed: World, column: str) -> None:
    ((old,),) = disputed.sql(f"SELECT {column} FROM proposals")
    new = type(old)(old ^ 1) if isinstance(old, int) else f"{old}x" if isinstance(old, str) else _flipped(old)
    disputed.sql(f"UPDATE proposals SET {column} = ?", new, count=1)
    assert [str(finding) for finding in disputed.fsck()] == ["proposal 2: the row is not what was written"]


def _flipped(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value[:-1] + bytes([value[-1] ^ 1])


def test_a_second_signature_by_another_key_is_found(disputed: World) -> None:
    ((sequence, proof),) = disputed.sql("SELECT sequence, proof FROM events ORDER BY sequence DESC LIMIT 1")
    assert isinstance(proof, bytes)
    start = proof.index(b'"signature":"0x', proof.index(b'"co":')) + 15
    changed = proof[:start] + (b"0" if proof[start : start + 1] != b"0" else b"1") + proof[start + 1 :]
    disputed.sql("UPDATE events SET proof = ? WHERE sequence = ?", changed, sequence, count=1)
    found = [finding.what for finding in disputed.fsck()]
    assert any(what.startswith("the second signature is not by key 0x") for what in found)
    assert "its entry in the outbox is not the signed action" in found


def test_a_second_signature_that_went_missing_is_found(disputed: World) -> None:
    ((sequence, proof),) = disputed.sql("SELECT sequence, proof FROM events ORDER BY sequence DESC LIMIT 1")
    assert isinstance(proof, bytes)
    tree = json.loads(proof)
    del tree["co"]
    disputed.sql("UPDATE events SET proof = ? WHERE sequence = ?", canonical(tree), sequence, count=1)
    assert f"party {b.LENDER:013d} has to sign it too, and did not" in [finding.what for finding in disputed.fsck()]


def test_a_missing_event(filled: World) -> None:
    filled.sql("DELETE FROM events WHERE sequence = 2", count=1)
    assert "event 2" in {finding.where for finding in filled.fsck()}


def test_events_that_a_damaged_page_gives_in_another_order_are_told_and_not_read_for_ever(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = filled.store.audit
    stored = audit.stored_events(0, 100)
    for page in (stored[::-1], [*stored, stored[-1]]):
        with monkeypatch.context() as patched:
            patched.setattr(audit, "stored_events", lambda after, limit, page=page: page)
            told = [str(finding) for finding in filled.fsck()]
        assert told == ["database: events from 1 on are not stored in their order"]


def test_a_number_that_leaves_out_more_than_can_be_told_is_told_once(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit = filled.store.audit
    *others, last = audit.stored_events(0, 100)
    pages = [[*others, replace(last, sequence=2**60)], []]
    monkeypatch.setattr(audit, "stored_events", lambda after, limit: pages.pop(0))
    told = [str(finding) for finding in filled.fsck() if finding.where.startswith("events ")]
    assert told == [f"events {last.sequence} to {2**60 - 1}: they are missing"]


def test_a_missing_entry(filled: World) -> None:
    filled.sql("DELETE FROM outbox_rows WHERE id = ?", _last_entry(filled), count=1)
    assert any(finding.what == "it has no entry in the outbox" for finding in filled.fsck())


def test_a_missing_line_in_the_index_of_lots(filled: World) -> None:
    filled.sql("DELETE FROM event_lots WHERE sequence = 1", count=1)
    assert [str(finding) for finding in filled.fsck()] == ["event 1: the index of lots is not that of the event"]


MISINDEXED = {
    "event_time": "event_time + 1",
    "event_type": "'TransformationEvent'",
    "party": "party + 1",
    "biz_step": "'packing'",
    "read_point": "NULL",
    "biz_location": "'https://example.com/nowhere'",
    "is_declaration": "TRUE",
    "declared_id": "(SELECT content_hash FROM events WHERE sequence = 1)",
}


@pytest.mark.parametrize("column", MISINDEXED)
def test_an_event_that_is_searched_by_what_it_does_not_say(filled: World, column: str) -> None:
    filled.sql(f"UPDATE event_index SET {column} = {MISINDEXED[column]} WHERE sequence = 2", count=1)
    assert [str(finding) for finding in filled.fsck()] == [
        f"event 2: searches find it by what it does not say: {column}"
    ]


def test_every_column_of_the_index_is_checked() -> None:
    assert {*MISINDEXED, "sequence"} == {column.name for column in event_index.columns}


def test_an_event_that_no_search_finds(filled: World) -> None:
    filled.sql("DELETE FROM event_index WHERE sequence = 3", count=1)
    assert [str(finding) for finding in filled.fsck()] == ["event 3: no search finds it: it is missing in the index"]


def test_what_is_searched_and_is_no_event(filled: World) -> None:
    filled.sql("UPDATE event_index SET sequence = 99 WHERE sequence = 4", count=1)
    assert [str(finding) for finding in filled.fsck()] == [
        "index row of event 99: there is no such event",
        "event 4: no search finds it: it is missing in the index",
    ]


def test_a_body_rewritten_in_good_form_is_found_by_its_hash(filled: World) -> None:
    (first, *_) = filled.store.events(0, 1)
    door = SqlBackDoor(filled.url)
    body = door.body(first.content_hash)
    door.overwrite(first.content_hash, body.replace(b'"quantity":1000', b'"quantity":9000'))
    assert any("hashes to" in finding.what for finding in filled.fsck())
    door.overwrite(first.content_hash, body)
    assert filled.fsck() == []
