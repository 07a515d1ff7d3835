"""
Families of lots: which were made from which, as far as that goes up or down from some lots.

A generation at a time: one statement asks for all edges from the lots of one generation, in order of their ids, so that
neighbours in the index are read together; this is twice as fast as the databases' own recursion, which goes through the
lots as it meets them. A family that is long and thin would be a statement for every few lots: what is left of such a
one is found by one recursive query, each lot once (UNION, not UNION ALL). Either way a cycle ends where it closes, and
many ways to one lot cost no more than one. Distances are counted from the edges, by `ledger.domain.trace`: a recursive
query cannot keep the shortest of several ways, only all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, Integer, LargeBinary, Select, bindparam, func, literal_column, select

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
    edges, line = _DOWN if forward else _UP
    found: dict[LotId, list[LotId]] = {}
    generation, seen, generations = sorted(set(lots)), set(lots), 0
    while generation:
        thin = generations >= _THIN_AFTER and len(seen) < generations * _THIN
        following: list[LotId] = []
        for part in _parts(generation):
            reached: dict[LotId, list[LotId]] = {}
            for one, other in connection.execute(line if thin else edges, part):
                if one in reached:
                    reached[one].append(other)
                else:
                    reached[one] = [other]
                if other not in seen:
                    seen.add(other)
                    following.append(other)
            found |= reached  # what a line meets again is the same as before
        if thin:
            break
        following.sort()
        generation, generations = following, generations + 1
    return {one: tuple(others) for one, others in found.items()}


def _parts(lots: list[LotId]) -> Iterator[dict[str, object]]:
    """The parameters of one statement after the other, which name all of the lots."""
    for start in range(0, len(lots), _AT_ONCE):
        part = lots[start : start + _AT_ONCE]
        yield {"lots": b"".join(part), "count": len(part)}


def _statements(near: Any, far: Any) -> tuple[Select[Any], Select[Any]]:
    """
    The edges from some lots; and those from them and from all that they lead to. The lots are one parameter, which the
    database cuts up: thousands of parameters cost more than the answer.
    """
    number = select(literal_column("0", Integer).label("number")).cte("numbers", recursive=True)
    number = number.union_all(select(number.c.number + 1).where(number.c.number + 1 < bindparam("count")))
    lot = func.substr(bindparam("lots", type_=LargeBinary), number.c.number * 32 + 1, 32, type_=LargeBinary)
    line = select(lot.label("lot")).select_from(number).cte("line", recursive=True)
    line = line.union(select(far).join(line, near == line.c.lot))
    edges = select(near, far)
    return edges.join(number, near == lot), edges.join(line, near == line.c.lot)


_AT_ONCE = 4_000
"""How many lots one statement asks for."""
_THIN_AFTER, _THIN = 50, 16
"""A family is thin that has fewer than so many lots in a generation, after so many generations."""
_DOWN = _statements(t.lot_parents.c.parent, t.lot_parents.c.lot)
_UP = _statements(t.lot_parents.c.lot, t.lot_parents.c.parent)
