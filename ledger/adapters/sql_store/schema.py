"""
Brings a database to the newest schema, in one transaction; an installed wheel carries the migrations as package data.

Raises `StoreError` for a database that a newer release has migrated, or that is not ours.
"""

from __future__ import annotations

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DatabaseError

from ledger.adapters.sql_store.dialect import WRITES, is_locked
from ledger.domain.errors import StoreError


def migrate(engine: Engine) -> None:
    """Creates or upgrades the schema. Does nothing, and takes no lock, where it is the newest already."""
    with as_file(files("ledger.adapters.sql_store") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        scripts = ScriptDirectory.from_config(config)
        with engine.connect() as connection:
            current = _revision(connection, scripts)
        if current == scripts.get_current_head():
            return
        try:
            # SQLite's DDL is transactional once the driver leaves BEGIN to us: a crash half-way leaves the old schema.
            with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except DatabaseError as error:
            if is_locked(error):
                raise
            raise StoreError(f"the database could not be migrated: {error.orig}") from error


def _revision(connection: Connection, scripts: ScriptDirectory) -> str | None:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None and inspect(connection).get_table_names():
        raise StoreError("the database holds tables that Silkroot did not make; choose another one")
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise StoreError(f"the database has schema {current}, which this release does not know: use a newer Silkroot")
    return current
