"""
Body and proof of an event may be packed. Rows of before stay as they are; but a program that knows only plain ones must
not open the database any more.
"""

from __future__ import annotations

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
_MOST_BYTES = 1 << 20


def upgrade() -> None:
    """Nothing: each value says of itself whether it is packed."""


def downgrade() -> None:
    """Unpacks every row; what was packed and is damaged stays as it is, and its row digest does not fit it."""
    events = sa.table(
        "events",
        sa.column("sequence", sa.BigInteger),
        sa.column("body", sa.LargeBinary),
        sa.column("proof", sa.LargeBinary),
    )
    connection = op.get_bind()
    unpacker = ZstdDecompressor(dict_data=ZstdCompressionDict(DICTIONARY_1))
    first = sa.literal(_FIRST_BYTE, sa.LargeBinary)
    is_packed = sa.or_(*(sa.func.substr(events.c[name], 1, 1) == first for name in ("body", "proof")))
    asked = sa.select(events).where(is_packed).order_by(events.c.sequence).limit(_PAGE)
    change = sa.update(events).where(events.c.sequence == sa.bindparam("number"))
    change = change.values(body=sa.bindparam("plain_body"), proof=sa.bindparam("plain_proof"))
    after = -1
    while page := connection.execute(asked.where(events.c.sequence > after)).all():
        after = page[-1].sequence
        connection.execute(change, [_plain(row, unpacker) for row in page])


def _plain(row: Any, unpacker: ZstdDecompressor) -> dict[str, Any]:
    return {
        "number": row.sequence,
        "plain_body": _unpacked(row.body, unpacker),
        "plain_proof": _unpacked(row.proof, unpacker),
    }


def _unpacked(stored: bytes, unpacker: ZstdDecompressor) -> bytes:
    """As `ledger.domain.packed_bytes` had it with this schema."""
    frame = stored[_CHECKED:]
    if stored[:1] != _FIRST_BYTE or crc32(frame).to_bytes(4, "big") != stored[1:_CHECKED] or not frame:
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
