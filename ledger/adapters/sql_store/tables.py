"""
The tables, as SQLAlchemy Core knows them. The migrations make them; a test holds the two equal.

Three kinds: what was acknowledged (events, outbox), which is never changed in its content; the local projection of the
ledger and of the registry (lots, balances, consignments, roles, ...), which can be made again from it at any time; and
master data, which names things for people.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)  # fmt: skip
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)


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


def _bytes32(name: str, *constraints: ForeignKey, primary_key: bool = False, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary(32), *constraints, primary_key=primary_key, nullable=nullable)


def _texts(name: str) -> Column[object]:
    return Column(name, JSON, nullable=False)


meta = Table("meta", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))

# Acknowledged -------------------------------------------------------------------------------------------------------

events = Table(
    "events",
    metadata,
    # Given out by the writer, under the write lock: no number is visible before a lower one, and none is missing.
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    _bytes32("content_hash"),
    Column("event_id", Text, nullable=False, index=True),
    # The eventID again where it has to be unique: an error declaration carries the eventID of what it declares wrong.
    Column("claimed_id", Text, nullable=True),
    _bytes32("request_mac"),
    Column("party", UInt64, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("proof", LargeBinary, nullable=False),
    Column("record_time", BigInteger, nullable=False),  # Unix microseconds
    _bytes32("row_digest"),
    UniqueConstraint("content_hash"),
    UniqueConstraint("claimed_id"),
    UniqueConstraint("request_mac"),
)

event_lots = Table(
    "event_lots",
    metadata,
    _bytes32("lot", primary_key=True),
    Column("sequence", BigInteger, ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
)

lot_names = Table(
    "lot_names",
    metadata,
    _bytes32("lot", primary_key=True),
    Column("product", UInt64, nullable=False),
    Column("code", String(20), nullable=False, index=True),
    UniqueConstraint("product", "code"),
)

consignment_names = Table(
    "consignment_names",
    metadata,
    _bytes32("consignment", primary_key=True),
    Column("shipper", UInt64, nullable=False),
    Column("reference", Text, nullable=False),
)

outbox_rows = Table(
    "outbox_rows",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("target", String(16), nullable=False),
    Column("kind", Integer, nullable=False),
    _bytes32("key_id"),
    Column("payload", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    _bytes32("digest"),
    _bytes32("content_hash", ForeignKey("events.content_hash"), nullable=True),
    Column("action", LargeBinary, nullable=True),  # the signed struct as JSON, where no event holds it
    _bytes32("row_digest"),
    Column("state", String(16), nullable=False),
    Column("refusal", Text, nullable=False),
    Column("transaction", LargeBinary, nullable=False),
    UniqueConstraint("content_hash"),
    Index(None, "state", "id"),
)

outbox_transactions = Table(
    "outbox_transactions",
    metadata,
    Column("nonce", BigInteger, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("target", String(16), nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("gas", BigInteger, nullable=False),
    Column("max_fee", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("sent_at", Float(53), nullable=False),
    Column("block_number", BigInteger, nullable=True),
    Column("block_hash", LargeBinary, nullable=True),
    Column("block_time", BigInteger, nullable=True),
    Index(None, "state", "nonce"),
)

outbox_carried = Table(
    "outbox_carried",
    metadata,
    Column("nonce", BigInteger, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("row", BigInteger, ForeignKey("outbox_rows.id"), nullable=False),
    ForeignKeyConstraint(["nonce", "attempt"], ["outbox_transactions.nonce", "outbox_transactions.attempt"]),
)

# The projection -----------------------------------------------------------------------------------------------------

lots = Table(
    "lots",
    metadata,
    _bytes32("lot", ForeignKey("lot_names.lot"), primary_key=True),
    Column("issuer", UInt64, nullable=False),
    Column("grams", UInt64, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("recalled_by", UInt64, nullable=False),
)

lot_parents = Table(
    "lot_parents",
    metadata,
    _bytes32("lot", primary_key=True),
    _bytes32("parent", primary_key=True),
    Index(None, "parent"),
)

balances = Table(
    "balances",
    metadata,
    _bytes32("lot", primary_key=True),
    Column("party", UInt64, primary_key=True, autoincrement=False),
    Column("grams", UInt64, nullable=False),
)

consignments = Table(
    "consignments",
    metadata,
    _bytes32("consignment", primary_key=True),
    Column("shipper", UInt64, nullable=False),
    Column("receiver", UInt64, nullable=False),
    Column("state", Integer, nullable=False),
    _bytes32("manifest_hash"),
)

consignment_lines = Table(
    "consignment_lines",
    metadata,
    _bytes32("consignment", ForeignKey("consignments.consignment"), primary_key=True),
    _bytes32("lot", primary_key=True),
    Column("grams", UInt64, nullable=False),
)

used_digests = Table("used_digests", metadata, _bytes32("digest", primary_key=True))

registered_parties = Table(
    "registered_parties",
    metadata,
    Column("party", UInt64, primary_key=True, autoincrement=False),
    Column("roles", Integer, nullable=False),
)

registered_keys = Table(
    "registered_keys",
    metadata,
    _bytes32("key_id", primary_key=True),
    Column("party", UInt64, nullable=False, index=True),
    Column("scheme", Integer, nullable=False),
    Column("admin", Boolean, nullable=False),
    Column("hosted", Boolean, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("valid_from", UInt64, nullable=False, server_default="0"),
    Column("valid_until", UInt64, nullable=False, server_default="0"),
)

suspended_parties = Table("suspended_parties", metadata, Column("party", UInt64, primary_key=True, autoincrement=False))

recoveries = Table(
    "recoveries",
    metadata,
    Column("party", UInt64, primary_key=True, autoincrement=False),
    _bytes32("key_id"),
    Column("scheme", Integer, nullable=False),
    Column("hosted", Boolean, nullable=False),
    Column("effective_at", UInt64, nullable=False),
)

cancelled_digests = Table(
    "cancelled_digests",
    metadata,
    Column("party", UInt64, primary_key=True, autoincrement=False),
    _bytes32("digest", primary_key=True),
)

registered_products = Table(
    "registered_products",
    metadata,
    Column("product", UInt64, primary_key=True, autoincrement=False),
    Column("owner", UInt64, nullable=False),
)

registered_permits = Table(
    "registered_permits",
    metadata,
    Column("product", UInt64, primary_key=True, autoincrement=False),
    Column("packer", UInt64, primary_key=True, autoincrement=False),
)

# Master data --------------------------------------------------------------------------------------------------------

parties = Table(
    "parties",
    metadata,
    Column("id", UInt64, primary_key=True, autoincrement=False),
    _texts("name"),
    Column("roles", Integer, nullable=False),
    _texts("city"),
    Column("hosted", Boolean, nullable=False),
)

places = Table(
    "places",
    metadata,
    Column("gln", UInt64, primary_key=True, autoincrement=False),
    Column("extension", String(20), primary_key=True),
    Column("party", UInt64, nullable=False),
    _texts("name"),
    Column("kind", String(32), nullable=False),
    _texts("city"),
    Column("country", String(2), nullable=False),
)

plots = Table(
    "plots",
    metadata,
    Column("gln", UInt64, primary_key=True, autoincrement=False),
    Column("extension", String(20), primary_key=True),
    Column("producer", UInt64, nullable=False),
    _texts("name"),
    _texts("region"),
)

products = Table(
    "products",
    metadata,
    Column("id", UInt64, primary_key=True, autoincrement=False),
    Column("owner", UInt64, nullable=False),
    Column("net_grams", UInt64, nullable=False),
    _texts("name"),
    _texts("variety"),
    Column("commodity", Text, nullable=False),
    Column("bulk_of", Text, nullable=False),
    Column("packers", JSON, nullable=False),
)

PROJECTION = (
    consignment_lines, consignments, balances, lot_parents, lots, used_digests,
    registered_permits, registered_products, registered_keys, registered_parties,
    suspended_parties, recoveries, cancelled_digests,
)  # fmt: skip
"""Tables that can be made again, in an order in which they can be emptied."""
