"""Brings a database to an older or a newer schema."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic.config import Config

from ledger.adapters.sql_store import migrations
from ledger.adapters.sql_store.dialect import open_engine, remaking


def move(database: str, way: Callable[[Config, str], None], revision: str) -> None:
    """Brings the database to that schema, upwards or downwards."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    engine = open_engine(database)
    with remaking(engine) as connection:
        config.attributes["connection"] = connection
        way(config, revision)
    engine.dispose()
