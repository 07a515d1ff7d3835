"""fsck finds one flipped bit, wherever it is, and says where."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import event_builders as b
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_fixture import World
from second_signatures import proposals

from ledger.adapters.sql_store.tampering import SqlBackDoor
from ledger.domain.canonical_json import canonical
from ledger.domain.identifiers import LotRef
from ledger.ports_proposals import Proposal

PLEDGED = LotRef(b.BULK_MELON, "H-2")


def edit(database: Path, statement: str, *values: object) -> None:
    """Changes the database behind the service's back, without its checks."""
    connection = sqlite3.connect(database)
    with connection:
        assert connection.execute(statement, values).rowcount == 1
    connection.close()


def read(database: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(database)
    rows = connection.execute(statement).fetchall()
    connection.close()
    return rows


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
    ((old,),) = read(filled.database, f"SELECT {column} FROM {table} WHERE {key}")
    raw = old.to_bytes(8, "big") if isinstance(old, int) else old.encode() if isinstance(old, str) else bytes(old)
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    flipped = bytearray(raw)
    flipped[bit // 8] ^= 1 << bit % 8
    new: object = bytes(flipped)
    if isinstance(old, int):
        new = int.from_bytes(flipped, "big", signed=True)
    elif isinstance(old, str):
        new = flipped.decode("utf-8", "replace")
    edit(filled.database, f"UPDATE {table} SET {column} = ? WHERE {key}", new)
    findings = filled.fsck()
    edit(filled.database, f"UPDATE {table} SET {column} = ? WHERE {key}", old)
    assert any(finding.where.startswith(where) for finding in findings), findings


def _last_entry(world: World) -> int:
    ((last,),) = read(world.database, "SELECT max(id) FROM outbox_rows WHERE content_hash IS NOT NULL")
    assert isinstance(last, int)
    return last


PROJECTION = {
    "lots": "UPDATE lots SET grams = grams + 1 WHERE rowid = 1",
    "entries": "UPDATE lots SET entries = entries + 1 WHERE rowid = 1",
    "recall": "UPDATE lots SET recalled_by = 0 WHERE recalled_by != 0 AND NOT inherited",
    "inherited": "UPDATE lots SET inherited = 0 WHERE inherited",
    "moved": "UPDATE lots SET moved = 0 WHERE moved",
    "origin_hash": "UPDATE lots SET origin_hash = NULL WHERE origin_hash IS NOT NULL",
    "origins": "UPDATE origins SET lists = replace(CAST(lists AS TEXT), '900000', '900001')",
    "whole": "UPDATE consignments SET whole = 0",
    "balances": "UPDATE balances SET grams = grams + 1 WHERE rowid = 1",
    "consignments": "UPDATE consignments SET state = 1",
    "consignment_lines": "UPDATE consignment_lines SET grams = grams - 1",
    "lot_parents": "DELETE FROM lot_parents",
    "used_digests": "DELETE FROM used_digests WHERE rowid = 1",
    "lot_names": "UPDATE lot_names SET code = 'h-0001' WHERE code = 'H-0001'",
    "consignment_names": "UPDATE consignment_names SET reference = 'another'",
    "roles": "UPDATE registered_parties SET roles = 255 WHERE rowid = 1",
    "keys": "UPDATE registered_keys SET revoked = 1 WHERE rowid = 1",
    "owners": "UPDATE registered_products SET owner = owner + 1 WHERE rowid = 1",
    "permits": "DELETE FROM registered_permits WHERE rowid = 1",
}


@pytest.mark.parametrize("what", PROJECTION)
def test_a_changed_projection(filled: World, what: str) -> None:
    edit(filled.database, PROJECTION[what])
    assert {finding.where for finding in filled.fsck()} == {"projection"}


DISPUTED = {
    "certified": "UPDATE lots SET certified = certified - 1 WHERE rowid = 1",
    "yield_plot": "UPDATE lots SET yield_plot = NULL, yield_season = NULL WHERE rowid = 1",
    "notice": "UPDATE consignments SET notice_at = 0 WHERE notice_at != 0",
    "open lines": "UPDATE consignment_open_lines SET grams = grams + 1",
    "no open lines": "DELETE FROM consignment_open_lines",
    "all open": "UPDATE consignments SET whole = 1 WHERE NOT whole",
    "plot": "UPDATE registered_plots SET certifier = producer",
    "yield": "UPDATE yields SET harvested = harvested - 1",
    "pledge": "UPDATE pledges SET until = until + 1",
    "no pledge": "DELETE FROM pledges",
    "the name of a return": "UPDATE consignment_names SET reference = 'x' WHERE shipper = 9520000000028",
}


@pytest.mark.parametrize("what", DISPUTED)
def test_a_changed_projection_of_plots_disputes_and_pledges(disputed: World, what: str) -> None:
    assert disputed.fsck() == []
    edit(disputed.database, DISPUTED[what])
    assert {finding.where for finding in disputed.fsck()} == {"projection"}


@pytest.mark.parametrize("column", ["counterparty", "event_id", "is_declaration", "body", "payload", "lots", "digest"])
def test_a_changed_proposal(disputed: World, column: str) -> None:
    ((old,),) = read(disputed.database, f"SELECT {column} FROM proposals")
    new = old ^ 1 if isinstance(old, int) else f"{old}x" if isinstance(old, str) else _flipped(old)
    edit(disputed.database, f"UPDATE proposals SET {column} = ?", new)
    assert [str(finding) for finding in disputed.fsck()] == ["proposal 2: the row is not what was written"]


def _flipped(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value[:-1] + bytes([value[-1] ^ 1])


def test_a_second_signature_by_another_key_is_found(disputed: World) -> None:
    ((sequence, proof),) = read(disputed.database, "SELECT sequence, proof FROM events ORDER BY sequence DESC LIMIT 1")
    assert isinstance(proof, bytes)
    start = proof.index(b'"signature":"0x', proof.index(b'"co":')) + 15
    changed = proof[:start] + (b"0" if proof[start : start + 1] != b"0" else b"1") + proof[start + 1 :]
    edit(disputed.database, "UPDATE events SET proof = ? WHERE sequence = ?", changed, sequence)
    found = [finding.what for finding in disputed.fsck()]
    assert any(what.startswith("the second signature is not by key 0x") for what in found)
    assert "its entry in the outbox is not the signed action" in found


def test_a_second_signature_that_went_missing_is_found(disputed: World) -> None:
    ((sequence, proof),) = read(disputed.database, "SELECT sequence, proof FROM events ORDER BY sequence DESC LIMIT 1")
    assert isinstance(proof, bytes)
    tree = json.loads(proof)
    del tree["co"]
    edit(disputed.database, "UPDATE events SET proof = ? WHERE sequence = ?", canonical(tree), sequence)
    assert f"party {b.LENDER:013d} has to sign it too, and did not" in [finding.what for finding in disputed.fsck()]


def test_a_missing_event(filled: World) -> None:
    edit(filled.database, "DELETE FROM events WHERE sequence = 2")
    assert "event 2" in {finding.where for finding in filled.fsck()}


def test_a_missing_entry(filled: World) -> None:
    edit(filled.database, "DELETE FROM outbox_rows WHERE id = ?", _last_entry(filled))
    assert any(finding.what == "it has no entry in the outbox" for finding in filled.fsck())


def test_a_missing_line_in_the_index_of_lots(filled: World) -> None:
    edit(filled.database, "DELETE FROM event_lots WHERE sequence = 1")
    assert [str(finding) for finding in filled.fsck()] == ["event 1: the index of lots is not that of the event"]


def test_a_body_rewritten_in_good_form_is_found_by_its_hash(filled: World) -> None:
    (first, *_) = filled.store.events(0, 1)
    door = SqlBackDoor(f"sqlite:///{filled.database}")
    body = door.body(first.content_hash)
    door.overwrite(first.content_hash, body.replace(b'"quantity":1000', b'"quantity":9000'))
    assert any("hashes to" in finding.what for finding in filled.fsck())
    door.overwrite(first.content_hash, body)
    assert filled.fsck() == []


def test_a_damaged_page(filled: World) -> None:
    filled.store.close()
    with sqlite3.connect(filled.database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET rootpage = 3 WHERE name = 'ix_lot_parents_parent_lot'")
    connection.close()
    assert any(finding.where == "database" for finding in filled.fsck())
