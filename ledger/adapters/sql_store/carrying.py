"""Recalls that are still to be carried to lots, in the order of doing so; see `ledger.services.propagation`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, func, select, update

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.dialect import upsert
from ledger.adapters.sql_store.reading import chunks
from ledger.domain.identifiers import LotId

_ROWS = t.recalls_to_carry.c


def add_roots(connection: Connection, lots: Sequence[LotId]) -> None:
    """Lots from which recalls have yet to spread."""
    append(connection, lots, frozenset(lots))


def append(connection: Connection, lots: Sequence[LotId], spreading: Collection[LotId]) -> None:
    """Lots behind all that are there; one that is there already moves behind them."""
    last = connection.execute(select(func.coalesce(func.max(_ROWS.position), 0))).scalar_one()
    rows = [{"lot": lot, "position": last + place, "spreads": lot in spreading} for place, lot in enumerate(lots, 1)]
    upsert(connection, t.recalls_to_carry, rows)


def spread_done(connection: Connection, lots: Collection[LotId]) -> None:
    """All that was made from these lots is there."""
    for chunk in chunks(lots):
        connection.execute(update(t.recalls_to_carry).where(_ROWS.lot.in_(chunk)).values(spreads=False))


def roots(connection: Connection) -> list[LotId]:
    """Those from which recalls have yet to spread, in order."""
    asked = select(_ROWS.lot).where(_ROWS.spreads).order_by(_ROWS.position)
    return [LotId(lot) for lot in connection.execute(asked).scalars()]


def first(connection: Connection, limit: int) -> list[LotId]:
    """The first of all."""
    asked = select(_ROWS.lot).order_by(_ROWS.position).limit(limit)
    return [LotId(lot) for lot in connection.execute(asked).scalars()]


def waiting(connection: Connection) -> int:
    """How many there are."""
    return int(connection.execute(select(func.count()).select_from(t.recalls_to_carry)).scalar_one())


def remove(connection: Connection, lots: Sequence[LotId]) -> None:
    """They are carried."""
    for chunk in chunks(lots):
        connection.execute(delete(t.recalls_to_carry).where(_ROWS.lot.in_(chunk)))
