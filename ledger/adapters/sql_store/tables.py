"""
The tables, as SQLAlchemy Core knows them. The migrations make them; a test holds the two equal.

Six kinds: what was acknowledged (events, outbox), which is never changed in its content; the transparency log, in
`log_tables`; what questions are answered from, in `question_tables` and `hub_tables`; the local projection of ledger
and registry (lots, balances, consignments, roles, ...) in `projection_tables`; proposals, which wait for a second
signature; and master data, which names things for people. Keys and jobs of the capture interface
stand in `capture_tables`, serials and scans of labels in `label_tables`, who does the work in the background in
`lease_tables`, files and the index of certificates in `file_tables`, and who acts for a party in `people_tables`.
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
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)  # fmt: skip

from ledger.adapters.sql_store.capture_tables import api_keys, capture_jobs
from ledger.adapters.sql_store.columns import AnyText, PackedBytes, RowNumber, UInt64, bytes32, metadata, texts
from ledger.adapters.sql_store.file_tables import certificates, files
from ledger.adapters.sql_store.hub_tables import consignment_events
from ledger.adapters.sql_store.label_tables import label_reports, label_scans, label_serials
from ledger.adapters.sql_store.lease_tables import leases
from ledger.adapters.sql_store.log_tables import log_acknowledgements, log_checkpoints, log_leaves, log_tiles
from ledger.adapters.sql_store.people_tables import (
    devices,
    invitations,
    passkeys,
    people,
    pins,
    recovery_codes,
    sign_in_challenges,
    staff_sessions,
)  # fmt: skip
from ledger.adapters.sql_store.projection_tables import (
    HELD,
    PROJECTION,
    RECALLED,
    balances,
    cancelled_digests,
    consignment_lines,
    consignment_open_lines,
    consignments,
    lot_parents,
    lots,
    origins,
    pledges,
    recoveries,
    registered_keys,
    registered_parties,
    registered_permits,
    registered_plots,
    registered_products,
    suspended_parties,
    used_digests,
    yields,
)  # fmt: skip
from ledger.adapters.sql_store.question_tables import event_index, recalls_to_carry

__all__ = [
    "HELD", "PROJECTION", "RECALLED", "api_keys", "balances", "cancelled_digests", "capture_jobs", "certificates",
    "consignment_events", "consignment_lines", "consignment_open_lines", "consignments", "devices", "event_index",
    "files", "invitations", "label_reports", "label_scans", "label_serials", "leases", "log_acknowledgements",
    "log_checkpoints", "log_leaves", "log_tiles", "lot_parents", "lots", "metadata", "origins", "passkeys",
    "people", "pins", "pledges", "recalls_to_carry", "recoveries", "recovery_codes", "registered_keys",
    "registered_parties", "registered_permits", "registered_plots", "registered_products", "sign_in_challenges",
    "staff_sessions", "suspended_parties", "used_digests", "yields",
]  # fmt: skip

HAS_MAC = text("request_mac IS NOT NULL")
"""The condition of the index over requests: most events come signed and have nothing in it."""

meta = Table("meta", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))

# Acknowledged -------------------------------------------------------------------------------------------------------

events = Table(
    "events",
    metadata,
    # Given out by the writer, under the write lock: no number is visible before a lower one, and none is missing.
    Column("sequence", RowNumber, primary_key=True, autoincrement=False),
    bytes32("content_hash"),
    Column("event_id", Text, nullable=False),
    # `id_hash` of the eventID where it has to be unique: an error declaration carries that of what it declares wrong.
    bytes32("claimed_id", nullable=True),
    # None: the event came signed, and the same request has the same content.
    bytes32("request_mac", nullable=True),
    Column("party", UInt64, nullable=False),
    Column("body", PackedBytes, nullable=False),
    Column("proof", PackedBytes, nullable=False),
    Column("record_time", BigInteger, nullable=False),  # Unix microseconds
    bytes32("row_digest"),
    UniqueConstraint("content_hash"),
    UniqueConstraint("claimed_id"),
    Index(None, "request_mac", unique=True, sqlite_where=HAS_MAC, postgresql_where=HAS_MAC),
)

disclosures = Table(
    "disclosures",
    metadata,
    Column("sequence", BigInteger, ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),  # from 0, without gaps
    bytes32("digest"),
    Column("place", AnyText, nullable=False),
    Column("disclosure", LargeBinary, nullable=True),  # ASCII; None: erased
    Column("erased_at", BigInteger, nullable=True),  # Unix seconds
    bytes32("row_digest"),
)

event_lots = Table(
    "event_lots",
    metadata,
    bytes32("lot", primary_key=True),
    Column("sequence", BigInteger, ForeignKey("events.sequence"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

lot_names = Table(
    "lot_names",
    metadata,
    bytes32("lot", primary_key=True),
    Column("product", UInt64, nullable=False),
    Column("code", String(20), nullable=False, index=True),
    UniqueConstraint("product", "code"),
)

consignment_names = Table(
    "consignment_names",
    metadata,
    bytes32("consignment", primary_key=True),
    Column("shipper", UInt64, nullable=False),
    Column("reference", AnyText, nullable=False),
)

outbox_rows = Table(
    "outbox_rows",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("target", String(16), nullable=False),
    Column("kind", Integer, nullable=False),
    bytes32("key_id"),
    Column("payload", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    bytes32("digest"),
    bytes32("content_hash", ForeignKey("events.content_hash"), nullable=True),
    Column("action", LargeBinary, nullable=True),  # the signed struct as JSON, where no event holds it
    # When its change was applied, Unix seconds: a replay judges it at that time again. None: before this was kept.
    Column("applied_at", BigInteger, nullable=True),
    bytes32("row_digest"),
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

former_proofs = Table(
    "former_proofs",
    metadata,
    # The entry that was refused for good, before the event got another proof and another entry.
    Column("entry", BigInteger, ForeignKey("outbox_rows.id"), primary_key=True, autoincrement=False),
    bytes32("content_hash", ForeignKey("events.content_hash")),
    Column("proof", LargeBinary, nullable=False),
    bytes32("row_digest"),
    Index(None, "content_hash"),
)

# Waiting for a second signature -------------------------------------------------------------------------------------

proposals = Table(
    "proposals",
    metadata,
    # Given out by the writer and never again; `meta` remembers the last.
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("counterparty", UInt64, nullable=False, index=True),
    bytes32("content_hash"),
    Column("event_id", Text, nullable=False),
    Column("is_declaration", Boolean, nullable=False),
    bytes32("request_mac"),
    Column("party", UInt64, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
    Column("proof", LargeBinary, nullable=False),
    bytes32("digest"),
    Column("payload", LargeBinary, nullable=False),
    Column("record_time", BigInteger, nullable=False),  # Unix microseconds
    Column("lots", LargeBinary, nullable=False),  # canonical JSON: product and code of each
    # JSON: digest, place, text and time of erasure of each. None: nothing was sealed, or before this was kept.
    Column("disclosures", LargeBinary, nullable=True),
    bytes32("row_digest"),
    UniqueConstraint("content_hash"),
    UniqueConstraint("request_mac"),
)

# Master data --------------------------------------------------------------------------------------------------------

parties = Table(
    "parties",
    metadata,
    Column("id", UInt64, primary_key=True, autoincrement=False),
    texts("name"),
    Column("roles", Integer, nullable=False),
    texts("city"),
    Column("hosted", Boolean, nullable=False),
    Column("contact", AnyText, nullable=False, server_default=""),
)

places = Table(
    "places",
    metadata,
    Column("gln", UInt64, primary_key=True, autoincrement=False),
    Column("extension", String(20), primary_key=True),
    Column("party", UInt64, nullable=False),
    texts("name"),
    Column("kind", String(32), nullable=False),
    texts("city"),
    Column("country", String(2), nullable=False),
)

plots = Table(
    "plots",
    metadata,
    Column("gln", UInt64, primary_key=True, autoincrement=False),
    Column("extension", String(20), primary_key=True),
    Column("producer", UInt64, nullable=False),
    texts("name"),
    texts("region"),
)

products = Table(
    "products",
    metadata,
    Column("id", UInt64, primary_key=True, autoincrement=False),
    Column("owner", UInt64, nullable=False),
    Column("net_grams", UInt64, nullable=False),
    texts("name"),
    texts("variety"),
    Column("commodity", AnyText, nullable=False),
    Column("bulk_of", AnyText, nullable=False),
    Column("packers", JSON, nullable=False),
    Column("limits", JSON(none_as_null=True), nullable=True),
)
