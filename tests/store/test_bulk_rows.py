"""The quick ways to write and to ask for many rows give what the slow ones give, whatever the numbers."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_fixture import World
from sqlalchemy import insert, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.dialect import insert_all, insert_rows, present
from ledger.domain.errors import Conflict, StoreError


def rows(*products: int) -> list[dict[str, Any]]:
    """Names of lots of these products."""
    return [
        {"lot": bytes([place]) * 32, "product": product, "code": f"L{place}"} for place, product in enumerate(products)
    ]


@pytest.mark.parametrize("products", [(1, 2), (1, 2**63 - 1), (1, 2**63), (2**64 - 1, 0)])
def test_rows_read_back_as_they_were_given(world: World, products: tuple[int, ...]) -> None:
    database = Database(world.url)
    with database.writing() as connection:
        insert_all(connection, t.lot_names, rows(*products))
        insert_all(connection, t.lot_names, [])
    with database.reading() as connection:
        found = connection.execute(select(t.lot_names).order_by(t.lot_names.c.lot)).mappings().all()
    assert [dict(row) for row in found] == rows(*products)
    database.close()


@pytest.mark.parametrize("products", [(1, 2), (1, 2**63 - 1), (1, 2**63), (2**64 - 1, 0)])
def test_tuples_read_back_as_they_were_given(world: World, products: tuple[int, ...]) -> None:
    database, c = Database(world.url), t.lot_names.c
    tuples = [tuple(row[column.name] for column in t.lot_names.columns) for row in rows(*products)]
    with database.writing() as connection:
        insert_rows(connection, t.lot_names, tuples)
        insert_rows(connection, t.lot_names, [])
    with database.reading() as connection:
        found = connection.execute(select(c.lot, c.product, c.code).order_by(c.lot)).mappings().all()
    assert [dict(row) for row in found] == rows(*products)
    database.close()


def test_a_number_that_has_no_64_bits_is_refused(world: World) -> None:
    database = Database(world.url)
    for product in (-1, 2**64):
        with pytest.raises(StoreError), database.writing() as connection:
            insert_rows(connection, t.lot_names, [(bytes(32), product, "L")])
    database.close()


def test_a_row_that_is_there_is_a_conflict(world: World) -> None:
    database = Database(world.url)
    twice = [*rows(1), *rows(1)]
    with pytest.raises(Conflict), database.writing() as connection:
        insert_all(connection, t.lot_names, twice)
    with database.reading() as connection:
        assert connection.execute(select(t.lot_names)).all() == []
    database.close()


def test_those_that_are_there_are_found_among_many(world: World) -> None:
    there = [number.to_bytes(32, "big") for number in range(0, 1_000, 7)]
    asked = [number.to_bytes(32, "big") for number in range(1_000)]
    database = Database(world.url)
    with database.writing() as connection:
        connection.execute(insert(t.used_digests), [{"digest": digest} for digest in there])
        assert present(connection, t.used_digests.c.digest, asked) == set(there)
        assert present(connection, t.used_digests.c.digest, []) == set()
    database.close()


def test_texts_are_asked_for_as_they_are(world: World) -> None:
    database = Database(world.url)
    with database.writing() as connection:
        insert_all(connection, t.lot_names, rows(1, 2))
        assert present(connection, t.lot_names.c.code, ["L1", "l1", "L1 ", "' OR 1=1 --", "%", "名"]) == {"L1"}
    database.close()
