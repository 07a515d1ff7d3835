"""
Fewer and smaller indexes with keys at random: the eventID of an event is unique by its hash; of what comes signed the
request has no identity beside the content; the index of events has eventIDs of error declarations only, and nothing for
what an event does not say. In SQLite the lots of an event stand in one tree, not in a table and its index.
"""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from alembic import op

from ledger.adapters.sql_store.codec import EVENT_DIGESTED, row_digest
from ledger.adapters.sql_store.columns import LONGEST_KEY, key_text

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_IN_TIME = ("event_time", "sequence")
_SEARCHED = ("biz_step", "read_point", "biz_location")
_PAGE = 1_000
# As bytes: a text with a flipped bit may be no UTF-8 any more, and still gets its row into the new table.
_ID_HASH_OF = "silkroot_id_hash(CAST({} AS BLOB), CAST({} AS BLOB))"

# As `_hash_of` and `key_text` below, in PostgreSQL's words.
_ID_HASH = "sha256(convert_to(event_id, 'UTF8'))"
_CLAIMED = f"""
    CASE WHEN claimed_id = ' sha256 ' || encode({_ID_HASH}, 'hex') THEN {_ID_HASH}
    ELSE sha256(convert_to(claimed_id, 'UTF8')) END
"""
_KEY_TEXT = """
    CASE WHEN octet_length(e.event_id) <= 1000 THEN e.event_id
    ELSE ' sha256 ' || encode(sha256(convert_to(e.event_id, 'UTF8')), 'hex') END
"""
_COPIED = "sequence, content_hash, event_id, {claimed}, request_mac, party, body, proof, record_time, row_digest"
_INDEXED = "i.sequence, i.event_time, i.event_type, i.party, i.biz_step, i.read_point, i.biz_location, i.is_declaration"


def upgrade() -> None:
    """Makes the tables anew in SQLite, where columns and constraints stay as they are; PostgreSQL changes them."""
    _drop_indexes()
    if _is_sqlite():
        _speak_sqlite()
        declared = f"CASE WHEN i.is_declaration THEN {_ID_HASH_OF.format('e.event_id', 'e.event_id')} END"
        _remake_index(sa.Column("declared_id", sa.LargeBinary(length=32), nullable=True), declared, former=False)
        _remake_events(sa.LargeBinary(length=32), _ID_HASH_OF.format("event_id", "claimed_id"), former=False)
        _remake_lots(former=False)
    else:
        op.add_column("event_index", sa.Column("declared_id", sa.LargeBinary(length=32), nullable=True))
        op.execute(
            "UPDATE event_index SET declared_id = sha256(convert_to(e.event_id, 'UTF8')) FROM events e "
            "WHERE event_index.is_declaration AND e.sequence = event_index.sequence"
        )
        op.drop_column("event_index", "event_id")
        op.execute(f"ALTER TABLE events ALTER claimed_id TYPE bytea USING {_CLAIMED}")
        op.drop_constraint(op.f("uq_events_request_mac"), "events")
        op.alter_column("events", "request_mac", nullable=True)
    for column in (*_SEARCHED, "declared_id"):
        _index("event_index", [column, *_IN_TIME], f"{column} IS NOT NULL")
    _index("events", ["request_mac"], "request_mac IS NOT NULL", unique=True)


def downgrade() -> None:
    """Takes them back. A request without an identity gets its content hash as one, by which nobody looks for it."""
    for column in (*_SEARCHED, "declared_id"):
        op.drop_index(op.f(f"ix_event_index_{column}_event_time_sequence"), "event_index")
    op.drop_index(op.f("ix_events_request_mac"), "events")
    _give_identities()
    event_id = sa.Column("event_id", sa.Text(), nullable=False)
    if _is_sqlite():
        _speak_sqlite()
        op.drop_index(op.f("ix_event_index_event_time_sequence"), "event_index")
        _remake_index(event_id, "silkroot_key_text(e.event_id, e.event_id)", former=True)
        _remake_events(sa.Text(), "silkroot_key_text(event_id, claimed_id)", former=True)
        _remake_lots(former=True)
    else:
        op.drop_column("event_index", "declared_id")
        event_id.server_default = sa.DefaultClause("")
        op.add_column("event_index", event_id)
        op.alter_column("event_index", "event_id", server_default=None)
        own = "FROM events e WHERE e.sequence = event_index.sequence"
        op.execute(f"UPDATE event_index SET event_id = {_KEY_TEXT} {own}")  # noqa: S608
        op.add_column("events", sa.Column("former_id", sa.Text(), nullable=True))
        op.execute(f"UPDATE events e SET former_id = {_KEY_TEXT} WHERE claimed_id IS NOT NULL")  # noqa: S608
        op.drop_column("events", "claimed_id")
        op.alter_column("events", "former_id", new_column_name="claimed_id")
        op.create_unique_constraint(op.f("uq_events_claimed_id"), "events", ["claimed_id"])
        op.alter_column("events", "request_mac", nullable=False)
        op.create_unique_constraint(op.f("uq_events_request_mac"), "events", ["request_mac"])
    for column in (*_SEARCHED, "event_id"):
        _index("event_index", [column, *_IN_TIME])


def _drop_indexes() -> None:
    for column in (*_SEARCHED, "event_id"):
        op.drop_index(op.f(f"ix_event_index_{column}_event_time_sequence"), "event_index")


def _index(table: str, columns: list[str], where: str | None = None, *, unique: bool = False) -> None:
    condition = None if where is None else sa.text(where)
    name = op.f(f"ix_{table}_{'_'.join(columns)}")
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _speak_sqlite() -> None:
    """SQLite computes no SHA-256. Both functions take the eventID, and what stands where it is unique."""
    driver: Any = op.get_bind().connection.driver_connection
    driver.create_function("silkroot_id_hash", 2, _hash_of, deterministic=True)
    driver.create_function("silkroot_key_text", 2, _text_of, deterministic=True)


def _hash_of(event_id: bytes, claimed: bytes | None) -> bytes | None:
    # What stands there is hashed, so that a row in which the two differ does not come to look whole; for a long eventID
    # stands its hash already.
    if claimed is None:
        return None
    found = hashlib.sha256(event_id)
    stands_for = len(event_id) > LONGEST_KEY and claimed == f" sha256 {found.hexdigest()}".encode()
    return found.digest() if stands_for else hashlib.sha256(claimed).digest()


def _text_of(event_id: str, claimed: bytes | str | None) -> str | None:
    return None if claimed is None else key_text(event_id)


def _remake_index(column: sa.Column[Any], value: str, *, former: bool) -> None:
    op.create_table(
        "event_index_new",
        sa.Column("sequence", sa.BigInteger() if former else sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_time", sa.BigInteger(), nullable=False),
        sa.Column("event_type", sa.String(length=32), nullable=False),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("biz_step", sa.Text(), nullable=True),
        sa.Column("read_point", sa.Text(), nullable=True),
        sa.Column("biz_location", sa.Text(), nullable=True),
        sa.Column("is_declaration", sa.Boolean(), nullable=False),
        column,
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_event_index_sequence")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_event_index")),
    )
    _replace("event_index", f"SELECT {_INDEXED}, {value} FROM event_index i JOIN events e ON e.sequence = i.sequence")  # noqa: S608
    _index("event_index", [*_IN_TIME])
    for name in ("event_type", "party"):
        _index("event_index", [name, *_IN_TIME])
    where = sa.text("is_declaration")
    op.create_index("ix_event_index_declarations", "event_index", list(_IN_TIME), sqlite_where=where)


def _remake_events(claimed: sa.types.TypeEngine[Any], value: str, *, former: bool) -> None:
    identities = [sa.UniqueConstraint("request_mac", name=op.f("uq_events_request_mac"))] if former else []
    op.create_table(
        "events_new",
        sa.Column("sequence", sa.BigInteger() if former else sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("claimed_id", claimed, nullable=True),
        sa.Column("request_mac", sa.LargeBinary(length=32), nullable=not former),
        sa.Column("party", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("record_time", sa.BigInteger(), nullable=False),
        sa.Column("row_digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_events")),
        sa.UniqueConstraint("claimed_id", name=op.f("uq_events_claimed_id")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_events_content_hash")),
        *identities,
    )
    _replace("events", f"SELECT {_COPIED.format(claimed=value)} FROM events ORDER BY sequence")  # noqa: S608


def _remake_lots(*, former: bool) -> None:
    op.create_table(
        "event_lots_new",
        sa.Column("lot", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["sequence"], ["events.sequence"], name=op.f("fk_event_lots_sequence")),
        sa.PrimaryKeyConstraint("lot", "sequence", name=op.f("pk_event_lots")),
        sqlite_with_rowid=former,
    )
    _replace("event_lots", "SELECT lot, sequence FROM event_lots ORDER BY lot, sequence")


def _replace(table: str, selected: str) -> None:
    op.execute(f"INSERT INTO {table}_new {selected}")
    op.drop_table(table)
    op.rename_table(f"{table}_new", table)


def _give_identities() -> None:
    """A row that is not what was written stays one that is not."""
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in (*EVENT_DIGESTED, "row_digest")]
    events = sa.table("events", *columns)
    connection = op.get_bind()
    asked = sa.select(events).where(events.c.request_mac.is_(None)).order_by(events.c.sequence).limit(_PAGE)
    after = 0
    while page := connection.execute(asked.where(events.c.sequence > after)).mappings().all():
        after = page[-1]["sequence"]
        for row in page:
            claimed = None if row["claimed_id"] is None else key_text(row["event_id"])
            values = {**row, "claimed_id": claimed}
            changed: dict[str, object] = {"request_mac": row["content_hash"]}
            if row_digest(values, EVENT_DIGESTED) == row["row_digest"]:
                changed["row_digest"] = row_digest(values | changed, EVENT_DIGESTED)
            connection.execute(sa.update(events).where(events.c.sequence == row["sequence"]).values(**changed))
