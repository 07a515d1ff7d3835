"""
Brings a database to the newest schema, in one transaction; an installed wheel carries the migrations as package data.

Raises `StoreError` for a database that a newer release has migrated, or that is not ours.
"""

from __future__ import annotations

import functools
import re
from importlib.resources import as_file, files

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DatabaseError

from ledger.adapters.sql_store.dialect import is_locked, remaking
from ledger.domain.errors import StoreError

_MIGRATIONS = "ledger.adapters.sql_store"


def migrate(engine: Engine) -> None:
    """Creates or upgrades the schema. Does nothing, and takes no lock, where it is the newest already."""
    with engine.connect() as connection:
        current = _revision(connection)
    if current == revisions()[-1]:
        return
    # Imported here: a database that is the newest already, as most are, is opened in half the time without them.
    from alembic import command
    from alembic.config import Config

    with as_file(files(_MIGRATIONS) / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        try:
            # SQLite's DDL is transactional once the driver leaves BEGIN to us: a crash half-way leaves the old schema.
            with remaking(engine) as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except DatabaseError as error:
            if is_locked(error):
                raise
            raise StoreError(f"the database could not be migrated: {error.orig}") from error


@functools.cache
def revisions() -> tuple[str, ...]:
    """Every schema's number, oldest first, by the names of the migrations' files: `m0007_questions.py` makes 0007."""
    names = [entry.name for entry in (files(_MIGRATIONS) / "migrations" / "versions").iterdir()]
    return tuple(sorted(found[1] for name in names if (found := re.fullmatch(r"m(\d{4})_\w+\.py", name))))


def _revision(connection: Connection) -> str | None:
    """The database's own number; None where it is empty."""
    there = inspect(connection).has_table("alembic_version")
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() if there else []
    if not found and inspect(connection).get_table_names():
        raise StoreError("the database holds tables that Silkroot did not make; choose another one")
    if len(found) > 1:
        raise StoreError(f"the database says that it has several schemas at once: {', '.join(sorted(found))}")
    if found and found[0] not in revisions():
        raise StoreError(f"the database has schema {found[0]}, which this release does not know: use a newer Silkroot")
    return str(found[0]) if found else None
