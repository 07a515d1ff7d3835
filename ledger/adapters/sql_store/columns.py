"""What all tables share: their one collection, how constraints are named, kinds of columns."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, LargeBinary, MetaData, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from ledger.domain.packed_bytes import FIRST_BYTE, unpacked

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

LONGEST_KEY = 1_000
"""Bytes of text that an index takes as they are. An entry of PostgreSQL's has 2,704 bytes at the most."""
_SURELY_SHORT = LONGEST_KEY // 4
"""A character has four bytes at the most."""


class UInt64(TypeDecorator[int]):
    """An unsigned 64-bit number in the signed 64-bit integer that databases have (two's complement)."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """2^63 and above turn negative; what does not fit 64 bits is our own mistake."""
        if value is None:
            return None
        if not 0 <= value < 2**64:
            raise ValueError(f"{value} does not fit 64 bits")
        return value if value < 2**63 else value - 2**64

    def process_result_value(self, value: int | None, dialect: Dialect) -> int | None:
        """The number that was bound."""
        return value + 2**64 if value is not None and value < 0 else value


class AnyText(TypeDecorator[str]):
    """Text in which NUL may stand, as in a name within a sealed value: PostgreSQL has no text with NUL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """U+0001 escapes NUL and itself, where that has to be."""
        if value is None or dialect.name != "postgresql":
            return value
        return value.replace("\x01", "\x01\x02").replace("\x00", "\x01\x03")

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """The text that was bound."""
        if value is None or dialect.name != "postgresql":
            return value
        return value.replace("\x01\x03", "\x00").replace("\x01\x02", "\x01")


class PackedBytes(TypeDecorator[bytes]):
    """
    Bytes that may be packed, as `ledger.domain.packed_bytes` has it. They are stored as they are given, and read as
    what they are the packed form of; what was packed and is damaged is read as it is stored. What SQLite gives of
    another kind, for a flipped bit is enough to make a text of bytes, is damaged too: it is read as bytes that are
    neither JSON nor a packed form.
    """

    impl = LargeBinary
    cache_ok = True

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """The plain bytes."""
        given: object = value
        if type(given) is bytes:
            return unpacked(given)
        return None if given is None else FIRST_BYTE + str(given).encode(errors="replace")


def key_text(text: str) -> str:
    """
    What stands for the text where it is looked up: itself, or, of more than `LONGEST_KEY` bytes of UTF-8, its SHA-256
    behind a space, with which no identifier begins. What stands for a text stands for itself.
    """
    if len(text) <= _SURELY_SHORT:
        return text
    data = text.encode()
    return text if len(data) <= LONGEST_KEY else f" sha256 {hashlib.sha256(data).hexdigest()}"


# An event is looked up, numbered and written in one transaction of up to a thousand.
@lru_cache(2_048)
def id_hash(event_id: str) -> bytes:
    """What an eventID is looked up by: its SHA-256, 32 bytes, a third of what most are written in."""
    return hashlib.sha256(event_id.encode()).digest()


class KeyText(TypeDecorator[str]):
    """Text of any length that is looked up by an index, as `key_text` has it; a long one cannot be read back."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The same for values that are stored and for those that are asked for."""
        return None if value is None else key_text(value)


RowNumber = BigInteger().with_variant(Integer, "sqlite")
"""A number that is its table's key. By that name SQLite takes it for the row's own place, and keeps no index beside."""


def bytes32(name: str, *constraints: ForeignKey, primary_key: bool = False, nullable: bool = False) -> Column[bytes]:
    """32 bytes: a hash, or the id of a key, a lot or a consignment."""
    return Column(name, LargeBinary(32), *constraints, primary_key=primary_key, nullable=nullable)


def texts(name: str) -> Column[object]:
    """A name in several languages."""
    return Column(name, JSON, nullable=False)
