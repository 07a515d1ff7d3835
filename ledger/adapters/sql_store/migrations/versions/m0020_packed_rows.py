"""
Body and proof of an event may be packed, and its row digest is made of an inner digest, number and time. Rows of before
stay as they are; but a program that knows only those must not open the database any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from zlib import crc32

import sqlalchemy as sa
from alembic import op
from zstandard import ZstdCompressionDict, ZstdDecompressor, ZstdError

# A constant of the format, which never changes.
from ledger.domain.packed_words import DICTIONARY_1

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_PAGE = 1_000
_FIRST_BYTE, _MAGIC, _CHECKED = b"\x01", b"\x28\xb5\x2f\xfd", 5
_SIZES = {0x20: (1, 0), 0x60: (2, 256), 0xA0: (4, 0)}
_MOST_BYTES = 1 << 18
_LONGEST_KEY = 1_000
_INNER = b"content_hash:%d:%bevent_id:%d:%bis_declaration:%drequest_mac:%d:%bparty:%dbody:%d:%bproof:%d:%b"
_ROW = b"event row 2:%d:%d:%b"
_FORMER = (
    "sequence", "content_hash", "event_id", "claimed_id", "request_mac", "party", "body", "proof", "record_time",
)  # fmt: skip


def upgrade() -> None:
    """Nothing: each value says of itself whether it is packed, and a row digest may have either form."""


def downgrade() -> None:
    """
    Unpacks every row and gives it the former digest. One that is not what was written stays one that is not: what was
    packed and is damaged stays as it is, and so does a digest that does not fit.
    """
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in (*_FORMER, "row_digest")]
    events = sa.table("events", *columns)
    connection = op.get_bind()
    # As bytes: a text with a flipped bit may be no UTF-8 any more.
    is_sqlite = connection.dialect.name == "sqlite"
    text = events.c.event_id
    named = sa.cast(text, sa.LargeBinary) if is_sqlite else sa.func.convert_to(text, "UTF8")
    others = [column for column in columns if column.name != "event_id"]
    asked = sa.select(*others, named.label("event_id")).order_by(events.c.sequence).limit(_PAGE)
    change = sa.update(events).where(events.c.sequence == sa.bindparam("number"))
    change = change.values({name: sa.bindparam(f"new_{name}") for name in ("body", "proof", "row_digest")})
    unpacker = ZstdDecompressor(dict_data=ZstdCompressionDict(DICTIONARY_1))
    after = -1
    while page := connection.execute(asked.where(events.c.sequence > after)).mappings().all():
        after = page[-1]["sequence"]
        if changed := [values for row in page if (values := _before(dict(row), unpacker)) is not None]:
            connection.execute(change, changed)


def _before(row: Mapping[str, Any], unpacker: ZstdDecompressor) -> dict[str, Any] | None:
    plain = {name: _unpacked(row[name], unpacker) for name in ("body", "proof")}
    party = row["party"] % 2**64 if isinstance(row["party"], int) else None
    values: dict[str, Any] = {**row, **plain, "party": party}
    digest = _former_digest(values) if _digest(values) == row["row_digest"] else row["row_digest"]
    if (plain["body"], plain["proof"], digest) == (row["body"], row["proof"], row["row_digest"]):
        return None
    return {
        "number": row["sequence"], "new_body": plain["body"], "new_proof": plain["proof"], "new_row_digest": digest,
    }  # fmt: skip


def _digest(values: Mapping[str, Any]) -> bytes | None:
    """
    As the row of an event has it with this schema; `event_id` as bytes. None where a column is not of its kind, as only
    damage makes it.
    """
    if any(type(values[name]) is not bytes for name in ("content_hash", "event_id", "body", "proof")):
        return None
    if type(values["request_mac"]) not in (bytes, type(None)):
        return None
    if any(type(values[name]) is not int for name in ("sequence", "party", "record_time")):
        return None
    content, named, mac, body, proof = (values[x] for x in ("content_hash", "event_id", "request_mac", "body", "proof"))
    length = -1 if mac is None else len(mac)
    inner = _INNER % (
        len(content), content, len(named), named, values["claimed_id"] is None, length, mac or b"", values["party"],
        len(body), body, len(proof), proof,
    )  # fmt: skip
    return hashlib.sha256(_ROW % (values["sequence"], values["record_time"], hashlib.sha256(inner).digest())).digest()


def _former_digest(values: Mapping[str, Any]) -> bytes:
    """As it had it before."""
    named = values["event_id"]
    key = named if len(named) <= _LONGEST_KEY else f" sha256 {hashlib.sha256(named).hexdigest()}".encode()
    texts = {"event_id": named, "claimed_id": None if values["claimed_id"] is None else key}
    parts = []
    for name in _FORMER:
        value = texts[name] if name in texts else values[name]
        kind = "str" if name in texts and value is not None else type(value).__name__
        data = value if isinstance(value, bytes) else str(value).encode()
        parts.append(f"{name}:{kind}:{len(data)}:".encode() + data)
    return hashlib.sha256(b"".join(parts)).digest()


def _unpacked(stored: bytes, unpacker: ZstdDecompressor) -> bytes:
    """As `ledger.domain.packed_bytes` had it with this schema."""
    if type(stored) is not bytes or stored[:1] != _FIRST_BYTE:
        return stored
    frame = stored[_CHECKED:]
    if crc32(frame).to_bytes(4, "big") != stored[1:_CHECKED] or not frame:
        return stored
    if (stated := _SIZES.get(frame[0])) is None:
        return stored
    length, more = stated
    if int.from_bytes(frame[1 : 1 + length], "little") + more > _MOST_BYTES:
        return stored
    try:
        return unpacker.decompress(_MAGIC + frame, allow_extra_data=False)
    except ZstdError:
        return stored
