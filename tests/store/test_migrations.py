"""The schema: made on an empty database, left alone on a migrated one, refused on a foreign or a newer one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from database_rows import sql
from event_builders import HARVEST_LOT, PACKING_HOUSE, harvest, partial_receipt, settlement, shipping
from ledger_fixture import LEDGER_DOMAIN, World
from schema_moves import move
from second_signatures import proposals
from sqlalchemy import inspect

from ledger.adapters.sql_store import migrations
from ledger.adapters.sql_store.codec import ENTRY_DIGESTED, EVENT_DIGESTED, entry_digest, row_digest
from ledger.adapters.sql_store.columns import id_hash
from ledger.adapters.sql_store.dialect import WRITES, open_engine
from ledger.adapters.sql_store.schema import migrate, revisions
from ledger.adapters.sql_store.store import SqlStore
from ledger.adapters.sql_store.tables import metadata
from ledger.domain.actions import Line
from ledger.domain.custody_state import Consignment, Lot
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import ConsignmentId, Grams, PartyId
from ledger.domain.records import ConsignmentState
from ledger.ports_proposals import Proposal
from ledger.services.fsck import Fsck


@pytest.fixture
def empty(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database without tables; of SQLite not even the folder is there."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'some' / 'silkroot.sqlite3'}"
    address: str = request.getfixturevalue("postgres").database()
    return address


def test_migrations_make_the_tables_that_the_code_knows(empty: str) -> None:
    engine = open_engine(empty)
    migrate(engine)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    engine.dispose()
    assert differences == []


def test_an_existing_database_keeps_its_data(world: World) -> None:
    world.record(harvest())
    world.store.close()
    again = SqlStore(world.url)
    assert [event.sequence for event in again.events_of_lot(HARVEST_LOT.id)] == [1]
    again.close()


def tables(database: str) -> list[str]:
    engine = open_engine(database)
    with engine.connect() as connection:
        found = inspect(connection).get_table_names()
    engine.dispose()
    return found


def test_a_database_of_the_second_schema_is_brought_up_with_its_rows(empty: str) -> None:
    move(empty, command.upgrade, "0002")
    lot, sent, content = HARVEST_LOT.id, b"\x07" * 32, b"\x08" * 32
    sql(empty, "INSERT INTO lot_names VALUES (?, ?, ?)", lot, int(HARVEST_LOT.product), HARVEST_LOT.code)
    sql(empty, "INSERT INTO lots VALUES (?, 1, 1000, 2, 0)", lot)
    sql(empty, "INSERT INTO consignments VALUES (?, 1, 2, 1, ?)", sent, bytes(32))
    sql(empty, "INSERT INTO consignment_lines VALUES (?, ?, 600)", sent, lot)
    values = (content, "an id", "an id", bytes(32), b"{}", b"{}", bytes(32))
    sql(empty, "INSERT INTO events VALUES (1, ?, ?, ?, ?, 1, ?, ?, 0, ?)", *values)
    entry = (bytes(32), b"payload", b"", bytes(32), content, bytes(32))
    sql(empty, "INSERT INTO outbox_rows VALUES (1, 'ledger', 0, ?, ?, ?, ?, ?, NULL, ?, 'queued', '', x'')", *entry)
    store = SqlStore(empty)
    projection = store.registered()
    assert projection.lot(lot) == Lot(PartyId(1), Grams(1000), 2)
    line = (Line(lot, Grams(600)),)
    expected = Consignment(PartyId(1), PartyId(2), ConsignmentState.IN_TRANSIT, line, line)
    assert projection.consignment(ConsignmentId(sent)) == expected
    assert [row.id for row in store.outbox.queued(10)] == [1]
    store.close()
    assert sql(empty, "SELECT applied_at FROM outbox_rows") == [(None,)]


def test_a_row_of_the_second_schema_keeps_its_digest() -> None:
    """`applied_at` came later: a row without it has the digest that it was written with."""
    values = dict.fromkeys(ENTRY_DIGESTED, b"")
    assert entry_digest({**values, "applied_at": None}) == row_digest(values, ENTRY_DIGESTED)
    assert entry_digest({**values, "applied_at": 0}) != row_digest(values, ENTRY_DIGESTED)


def test_a_proposal_of_the_third_schema_keeps_its_digest(world: World) -> None:
    """`disclosures` came later: a row without them has the digest that it was written with."""
    world.record(harvest(), shipping(), partial_receipt())
    assert isinstance(proposals(world).propose(settlement(), PACKING_HOUSE), Proposal)
    world.store.close()
    move(world.url, command.downgrade, "0003")
    assert len(world.sql("SELECT * FROM proposals")) == 1
    assert "disclosures" not in tables(world.url)
    again = SqlStore(world.url)
    with again.rehearsing() as transaction:
        (proposal,) = transaction.proposals_of(PACKING_HOUSE)
    assert proposal.event.disclosures == ()
    assert Fsck(again.audit, LEDGER_DOMAIN).run() == []
    again.close()


def test_the_third_schema_can_be_taken_back(world: World) -> None:
    world.record(harvest(), shipping())
    world.store.close()
    move(world.url, command.downgrade, "0002")
    assert world.sql("SELECT version_num FROM alembic_version") == [("0002",)]
    again = SqlStore(world.url)
    assert [event.sequence for event in again.events_of_lot(HARVEST_LOT.id)] == [1, 2]
    again.close()


def test_a_long_event_id_of_the_ninth_schema_is_taken_after_as_before(world: World) -> None:
    """As long as an index of PostgreSQL takes it, for the ninth schema."""
    digits = "".join(hashlib.sha512(bytes([n])).hexdigest() for n in range(16))
    event = harvest() | {"eventID": f"urn:long:{digits}"}
    whole, damaged = world.record(event, shipping() | {"eventID": f"urn:other:{digits}"})
    world.store.close()
    move(world.url, command.downgrade, "0009")
    assert "event_id" not in columns(world.url, "event_index")
    for record in (whole, damaged):
        world.sql("UPDATE events SET claimed_id = event_id WHERE sequence = ?", record.sequence)
        (values,) = rows(world.url, f"SELECT * FROM events WHERE sequence = {record.sequence}")
        world.sql("UPDATE events SET row_digest = ? WHERE sequence = ?", row_digest(values, EVENT_DIGESTED),
                  record.sequence)  # fmt: skip
    world.sql("UPDATE events SET record_time = record_time + 1 WHERE sequence = 2")
    again = SqlStore(world.url)
    assert world.sql("SELECT claimed_id FROM events WHERE sequence = 1") == [(id_hash(event["eventID"]),)]
    assert again.event_named(event["eventID"]) == whole.content_hash
    assert [str(finding) for finding in Fsck(again.audit, LEDGER_DOMAIN).run()] == [
        "event 2: the row is not what was written"
    ]
    again.close()


def columns(database: str, table: str) -> list[str]:
    engine = open_engine(database)
    with engine.connect() as connection:
        found = [column["name"] for column in inspect(connection).get_columns(table)]
    engine.dispose()
    return found


def rows(database: str, statement: str) -> list[dict[str, object]]:
    engine = open_engine(database)
    with engine.connect() as connection:
        found = [dict(row) for row in connection.exec_driver_sql(statement).mappings()]
    engine.dispose()
    return found


def test_foreign_tables_are_refused(empty: str) -> None:
    engine = open_engine(empty)
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        connection.exec_driver_sql("CREATE TABLE sheep (name TEXT)")
    engine.dispose()
    with pytest.raises(StoreError, match="did not make"):
        SqlStore(empty)


def test_a_newer_schema_is_refused(empty: str) -> None:
    SqlStore(empty).close()
    sql(empty, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer Silkroot"):
        SqlStore(empty)


def test_two_schemas_at_once_are_refused(empty: str) -> None:
    SqlStore(empty).close()
    sql(empty, "INSERT INTO alembic_version VALUES ('0001')")
    with pytest.raises(StoreError, match=f"several schemas at once: 0001, {revisions()[-1]}"):
        SqlStore(empty)


def test_the_files_names_are_the_chain_of_migrations() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__path__[0])))
    assert list(revisions()) == [script.revision for script in scripts.walk_revisions()][::-1]
    assert revisions()[-1] == scripts.get_current_head()


@pytest.mark.parametrize(
    "other", ["mysql://localhost/silkroot", "sqlite://", "postgresql+psycopg2://localhost/silkroot"]
)
def test_a_database_that_is_not_spoken_is_refused(other: str) -> None:
    with pytest.raises(StoreError):
        SqlStore(other)


def test_events_of_before_are_found_by_their_consignment(world: World) -> None:
    world.record(harvest(), shipping(), partial_receipt())
    rows = world.sql("SELECT consignment, sequence, kind, party, event_time, due_time FROM consignment_events")
    world.store.close()
    move(world.url, command.downgrade, "0010")
    assert "consignment_events" not in tables(world.url)
    SqlStore(world.url).close()
    made = sql(world.url, "SELECT consignment, sequence, kind, party, event_time, due_time FROM consignment_events")
    assert sorted(made) == sorted(rows)
    assert [row[2] for row in sorted(made, key=lambda row: row[1])] == ["shipment", "receipt", "shipment"]
