"""
What is read to grow the log, as statements: for the store, and compiled for the process that derives pages of the log
by the driver alone.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.dialects import sqlite

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.log_forms import ACKNOWLEDGEMENT_DIGESTED, LEAF_DIGESTED
from ledger.adapters.sql_store.log_pages import PageStatements, SqlStatement

_A, _C, _E, _L, _T = (
    t.log_acknowledgements.c, t.log_checkpoints.c, t.events.c, t.log_leaves.c, t.log_tiles.c,
)  # fmt: skip

HEAD = select(_C.size, _C.root).order_by(_C.size.desc()).limit(1)
"""Size and root of the tree that the tiles are of."""
LEAVES = (
    select(*(_L[name] for name in LEAF_DIGESTED), _L.row_digest, _L.replaced, _E.content_hash, _E.body, _E.proof)
    .select_from(t.log_leaves.join(t.events, _E.sequence == _L.sequence))
    .where(_L.log_index >= bindparam("first"))
    .order_by(_L.log_index)
    .limit(bindparam("limit"))
)
"""The columns that a leaf's digest is over, the digest, whether it was replaced, and what the leaf follows from."""
ACKNOWLEDGED = select(*(_A[name] for name in ACKNOWLEDGEMENT_DIGESTED), _A.row_digest).where(
    _A.first_index
    >= select(func.coalesce(func.max(_A.first_index), bindparam("first")))
    .where(_A.first_index <= bindparam("first"))
    .scalar_subquery(),
    _A.first_index <= bindparam("last"),
)
"""The acknowledgements of leaves, from the one that the first leaf is in: columns of the digest, and the digest."""
TILE = select(_T.width, _T.content).where(_T.level == bindparam("level"), _T.tile_index == bindparam("index"))
"""One tile or bundle."""


def page_statements() -> PageStatements:
    """The same in SQLite's words."""
    return PageStatements(_compiled(HEAD), _compiled(LEAVES), _compiled(ACKNOWLEDGED), _compiled(TILE))


def _compiled(asked: Select[Any]) -> SqlStatement:
    made = asked.compile(dialect=sqlite.dialect(paramstyle="named"))
    return SqlStatement(str(made), {name: value for name, value in made.params.items() if value is not None})
