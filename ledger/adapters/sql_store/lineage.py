"""
Families of lots: which were made from which, as far as that goes up or down from some lots.

One recursive query finds the lots, each once (UNION, not UNION ALL), so that a cycle ends where it closes and many ways
to one lot cost no more than one; the edges between them come along. Distances are counted from the edges, by
`ledger.domain.trace`: a recursive query cannot keep the shortest of several ways, only all of them.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.reading import chunks
from ledger.domain.identifiers import LotId, LotRef, ProductId

Family = dict[LotId, tuple[LotId, ...]]


def descent(connection: Connection, lots: Collection[LotId]) -> Family:
    """The lots made from each of these lots and from each of those, to the end. Ends are left out."""
    return _family(connection, lots, forward=True)


def ascent(connection: Connection, lots: Collection[LotId]) -> Family:
    """What each of these lots was made from, and those, to the fields. Fields are left out."""
    return _family(connection, lots, forward=False)


def lot_refs(connection: Connection, lots: Collection[LotId]) -> dict[LotId, LotRef]:
    """The names behind many ids; those that no event names are left out."""
    c = t.lot_names.c
    return {
        LotId(row.lot): LotRef(ProductId(row.product), row.code)
        for chunk in chunks(lots)
        for row in connection.execute(select(c.lot, c.product, c.code).where(c.lot.in_(chunk)))
    }


def _family(connection: Connection, lots: Collection[LotId], *, forward: bool) -> Family:
    edges = t.lot_parents.c
    near, far = (edges.parent, edges.lot) if forward else (edges.lot, edges.parent)
    found: dict[LotId, list[LotId]] = {}
    for chunk in chunks(lots):
        line = select(t.lot_names.c.lot.label("lot")).where(t.lot_names.c.lot.in_(chunk)).cte("line", recursive=True)
        line = line.union(select(far).join(line, near == line.c.lot))
        reached: dict[LotId, list[LotId]] = {}
        for one, other in connection.execute(select(near, far).join(line, near == line.c.lot)):
            reached.setdefault(one, []).append(other)
        found |= reached  # what two chunks reach both is the same
    return {one: tuple(others) for one, others in found.items()}
