"""
A world per test: see `ledger_fixture`. The files in `ON_BOTH` run on SQLite and on a real PostgreSQL; those in `ON_ONE`
on one of them, for the reason that stands there. A file stands in one of the two (`test_lists`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import event_builders as b
import pytest
from derived_log import base, log
from ledger_fixture import World, ledger_world
from postgres_server import PostgresServer, postgres

__all__ = ["base", "log", "postgres"]

ON_BOTH = frozenset({
    "test_acknowledgements", "test_api_keys", "test_batch_capture", "test_bulk_rows", "test_buyers_desk",
    "test_capture", "test_capture_jobs", "test_capture_signing", "test_carried_recalls", "test_certificate_drafts",
    "test_certificates", "test_checkpointer", "test_checkpointer_pasts", "test_concurrency", "test_correction_drafts",
    "test_crash", "test_damaged_rows", "test_demo_season", "test_documents_elsewhere", "test_drafts", "test_erasing",
    "test_event_search", "test_families", "test_family_questions", "test_files", "test_fsck", "test_fsck_disclosures",
    "test_hopeful_capture", "test_hopeful_jobs", "test_house_import", "test_hub", "test_hub_desk", "test_import_file",
    "test_keys", "test_labels", "test_large_recalls", "test_lean_rows", "test_leases", "test_limits_capture",
    "test_log_rows", "test_mass_balance", "test_migrations", "test_notes", "test_outbox", "test_packed_rows",
    "test_packing_desk", "test_people", "test_presigned_capture", "test_projection_tables", "test_proofs",
    "test_proposal_rows", "test_proposals", "test_quick_statements", "test_receiving", "test_register", "test_replay",
    "test_resign", "test_roles", "test_sealed_capture", "test_sign_in", "test_signed_again", "test_signed_proposals",
    "test_tampering", "test_tile_reading", "test_tracking_records", "test_workbook_preview",
})  # fmt: skip

ON_ONE = {
    "test_appending_processes": "PostgreSQL: several processes on one server; SQLite's data directory has one owner",
    "test_data_dir_lock": "none: a lock beside the database",
    "test_data_dir_reset": "SQLite: which files of a data directory go, its database's among them",
    "test_folding": "SQLite: its write-ahead log, which PostgreSQL sees to by itself",
    "test_labelling": "SQLite: labels of a season, drawn; all that is asked of the store is asked in other files",
    "test_lists": "none: these two lists",
    "test_log_derived_elsewhere": "SQLite: its file, read by the driver alone in a process of its own",
    "test_log_process": "SQLite: as that one; of PostgreSQL no process derives anything",
    "test_postgresql": "PostgreSQL: its server, its locks, its files, its own checks",
    "test_query_plans": "SQLite: its plans; those of PostgreSQL depend on how many rows there are",
    "test_sqlite_file": "SQLite: the bytes and pages of its file, and who else has it open",
}
"""The other files, each with its database and why."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs a test on each database, where its file is one of those and it has to do with a database."""
    if "backend" in metafunc.fixturenames:
        both = metafunc.module.__name__.rpartition(".")[2] in ON_BOTH
        # Over a whole file, so that what is made once per file is made once per database.
        metafunc.parametrize("backend", ["sqlite", "postgresql"] if both else ["sqlite"], scope="module")


@pytest.fixture(scope="module")
def new_database(
    backend: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[], str]:
    """Makes a new database; gives its address. Those of PostgreSQL have our tables already."""
    if backend == "sqlite":
        return lambda: f"sqlite:///{tmp_path_factory.mktemp('database') / 'a.sqlite3'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.migrated


@pytest.fixture
def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The test's database: the file that a world has by default, or one on the server."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'silkroot.sqlite3'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    address = server.emptied()
    yield address
    server.give_back(address)


@pytest.fixture
def world(tmp_path: Path, url: str) -> Iterator[World]:
    """A store on disk with the cast of `event_builders` registered."""
    made = ledger_world(tmp_path, url=url)
    yield made
    made.store.close()


@pytest.fixture
def disputed(world: World) -> World:
    """A consignment on its way to the packing house with 100 kg missing."""
    world.record(b.harvest(), b.shipping(), b.partial_receipt())
    return world


@pytest.fixture
def standing(backend: str, request: pytest.FixtureRequest) -> Callable[[World, list[bytes]], list[bytes]]:
    """Tells which of these stand in some file: of the world's folder, or of the database on the server."""

    def files(world: World) -> Iterator[Path]:
        yield from world.folder.rglob("*")
        if backend == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres")
            yield from server.files(world.url)

    def look(world: World, wanted: list[bytes]) -> list[bytes]:
        data = b"".join(path.read_bytes() for path in files(world) if path.is_file())
        return [one for one in wanted if one in data]

    return look
