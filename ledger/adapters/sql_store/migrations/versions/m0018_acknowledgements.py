"""
One acknowledgement for all leaves of a write transaction, in a table of its own; leaves without what is elsewhere.

What was signed for a leaf alone is kept as it is: an acknowledgement of one leaf that is no batch. A leaf has the hash
over its event and signature proof in place of both, and is found by its event's number. Rows that were not what had
been written keep a digest that does not fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from ledger.adapters.sql_store.codec import row_digest

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_PAGE = 5_000
_ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PRESENT = sa.text("NOT replaced")
_FORMER_DIGESTED = (
    "log_index", "content_hash", "signature_hash", "sequence", "after_entry", "time", "merge_deadline", "signature",
)  # fmt: skip
_LEAF_DIGESTED = ("log_index", "leaf_hash", "sequence", "after_entry")
_ACKNOWLEDGEMENT_DIGESTED = ("first_index", "count", "is_batch", "time", "merge_deadline", "signature")


def upgrade() -> None:
    """Makes both tables from the leaves, a page at a time."""
    connection = op.get_bind()
    acknowledgements = op.create_table(
        "log_acknowledgements",
        sa.Column("first_index", _ROW, autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("is_batch", sa.Boolean(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("merge_deadline", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("row_digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("first_index", name=op.f("pk_log_acknowledgements")),
    )
    _step_aside(connection)
    leaves = op.create_table(
        "log_leaves",
        sa.Column("log_index", _ROW, autoincrement=False, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("replaced", sa.Boolean(), nullable=False),
        sa.Column("after_entry", sa.BigInteger(), nullable=False),
        sa.Column("row_digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_log_leaves_sequence")),
        sa.PrimaryKeyConstraint("log_index", name=op.f("pk_log_leaves")),
    )
    former = sa.table("log_leaves_before", *_columns(*_FORMER_DIGESTED, "present", "row_digest"))
    for page in _pages(connection, sa.select(former), former.c.log_index):
        rows = [_split(row) for row in page]
        connection.execute(sa.insert(acknowledgements), [promise for promise, _ in rows])
        connection.execute(sa.insert(leaves), [leaf for _, leaf in rows])
    op.drop_table("log_leaves_before")
    _set_doubtful_aside(connection)
    op.create_index(
        "ix_log_leaves_present", "log_leaves", ["sequence"], unique=True,
        sqlite_where=_PRESENT, postgresql_where=_PRESENT,
    )  # fmt: skip


def downgrade() -> None:
    """
    Takes them back. What was signed for several leaves together is lost: they have an empty signature then.
    """
    connection = op.get_bind()
    op.drop_index("ix_log_leaves_present", "log_leaves")
    _step_aside(connection)
    made = op.create_table(
        "log_leaves",
        sa.Column("log_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signature_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("present", sa.LargeBinary(length=32), nullable=True),
        sa.Column("after_entry", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("merge_deadline", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("row_digest", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["content_hash"], ["events.content_hash"], name=op.f("fk_log_leaves_content_hash")),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_log_leaves_sequence")),
        sa.PrimaryKeyConstraint("log_index", name=op.f("pk_log_leaves")),
        sa.UniqueConstraint("present", name=op.f("uq_log_leaves_present")),
    )
    leaf = sa.table("log_leaves_before", *_columns(*_LEAF_DIGESTED, "replaced", "row_digest"))
    promise = sa.table("log_acknowledgements", *_columns(*_ACKNOWLEDGEMENT_DIGESTED))
    event = sa.table("events", *_columns("sequence", "content_hash", "proof"))
    first = (
        sa.select(promise.c.first_index)
        .where(promise.c.first_index <= leaf.c.log_index)
        .order_by(promise.c.first_index.desc())
        .limit(1)
        .correlate(leaf)
        .scalar_subquery()
    )
    asked = (
        sa.select(
            leaf, event.c.content_hash, event.c.proof,
            promise.c.is_batch, promise.c.time, promise.c.merge_deadline, promise.c.signature,
        )
        .join(event, event.c.sequence == leaf.c.sequence)
        .join(promise, promise.c.first_index == first)
    )  # fmt: skip
    for page in _pages(connection, asked, leaf.c.log_index):
        connection.execute(sa.insert(made), [_former(connection, row) for row in page])
    op.drop_table("log_leaves_before")
    op.drop_table("log_acknowledgements")


def _set_doubtful_aside(connection: sa.Connection) -> None:
    """Of two present leaves of one event, those whose rows are not what was written are no present ones."""
    leaf = sa.table("log_leaves", *_columns(*_LEAF_DIGESTED, "replaced", "row_digest"))
    present = sa.not_(leaf.c.replaced)
    twice = sa.select(leaf.c.sequence).where(present).group_by(leaf.c.sequence).having(sa.func.count() > 1)
    for row in connection.execute(sa.select(leaf).where(present, leaf.c.sequence.in_(twice))).mappings().all():
        if row_digest(dict(row), _LEAF_DIGESTED) != row["row_digest"]:
            connection.execute(sa.update(leaf).where(leaf.c.log_index == row["log_index"]).values(replaced=True))


def _step_aside(connection: sa.Connection) -> None:
    """The table gets another name; PostgreSQL would keep those of its key and its constraints for it."""
    op.rename_table("log_leaves", "log_leaves_before")
    if connection.dialect.name == "postgresql":
        op.execute("ALTER INDEX pk_log_leaves RENAME TO pk_log_leaves_before")
        op.execute("ALTER INDEX IF EXISTS uq_log_leaves_present RENAME TO uq_log_leaves_before_present")


def _columns(*names: str) -> list[sa.ColumnClause[Any]]:
    flags = {"is_batch": sa.Boolean(), "replaced": sa.Boolean()}
    return [sa.column(name, flags.get(name)) for name in names]


def _pages(
    connection: sa.Connection, asked: sa.Select[Any], index: sa.ColumnElement[Any]
) -> Iterator[list[Mapping[str, Any]]]:
    after = -1
    while page := connection.execute(asked.where(index > after).order_by(index).limit(_PAGE)).mappings().all():
        yield [dict(row) for row in page]
        after = page[-1]["log_index"]


def _with_digest(made: dict[str, Any], columns: tuple[str, ...], kept: bytes | None) -> dict[str, Any]:
    return {**made, "row_digest": row_digest(made, columns) if kept is None else kept}


def _split(row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Acknowledgement and leaf of a row of before."""
    kept = None if row_digest(row, _FORMER_DIGESTED) == row["row_digest"] else row["row_digest"]
    promise = {name: row[name] for name in ("time", "merge_deadline", "signature")}
    promise |= {"first_index": row["log_index"], "count": 1, "is_batch": False}
    leaf = {name: row[name] for name in ("log_index", "sequence", "after_entry")}
    leaf["leaf_hash"] = hashlib.sha256(b"\x00" + row["content_hash"] + row["signature_hash"]).digest()
    leaf["replaced"] = row["present"] is None
    return _with_digest(promise, _ACKNOWLEDGEMENT_DIGESTED, kept), _with_digest(leaf, _LEAF_DIGESTED, kept)


def _former(connection: sa.Connection, row: Mapping[str, Any]) -> dict[str, Any]:
    kept = None if row_digest(row, _LEAF_DIGESTED) == row["row_digest"] else row["row_digest"]
    proofs = [row["proof"]]
    if row["replaced"]:
        asked = sa.text("SELECT proof FROM former_proofs WHERE content_hash = :content")
        proofs += connection.execute(asked, {"content": row["content_hash"]}).scalars()
    hashes = [hashlib.sha256(proof).digest() for proof in proofs]
    fits = [one for one in hashes if hashlib.sha256(b"\x00" + row["content_hash"] + one).digest() == row["leaf_hash"]]
    made = {name: row[name] for name in ("log_index", "sequence", "after_entry", "content_hash", "time")}
    made["merge_deadline"] = row["merge_deadline"]
    made["signature_hash"] = fits[0] if fits else bytes(32)
    made["present"] = None if row["replaced"] else row["content_hash"]
    made["signature"] = b"" if row["is_batch"] else row["signature"]
    return _with_digest(made, _FORMER_DIGESTED, kept)
