"""
The tables, as SQLAlchemy Core knows them. The migrations make them; a test holds the two equal.

Six kinds: what was acknowledged (events, outbox), which is never changed in its content; the transparency log, in
`log_tables`; what questions are answered from, in `question_tables` and `hub_tables`; the local projection of ledger
and registry (lots, balances, consignments, roles, ...), which can be made again from it at any time; proposals, which
wait for a second signature; and master data, which names things for people. Keys and jobs of the capture interface
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
from ledger.adapters.sql_store.columns import AnyText, RowNumber, UInt64, bytes32, metadata, texts
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
from ledger.adapters.sql_store.question_tables import event_index, recalls_to_carry

__all__ = [
    "HELD", "PROJECTION", "RECALLED", "api_keys", "capture_jobs", "certificates", "consignment_events", "devices",
    "event_index", "files", "invitations", "label_reports", "label_scans", "label_serials", "leases",
    "log_acknowledgements", "log_checkpoints", "log_leaves", "log_tiles", "metadata", "passkeys", "people", "pins",
    "recalls_to_carry", "recovery_codes", "sign_in_challenges", "staff_sessions",
]  # fmt: skip

HELD = text("grams <> 0")
"""The condition of the partial index over balances: most parties let go of most lots that they ever held."""

RECALLED = text("recalled_by <> 0 AND NOT inherited")
"""The condition of the partial index over lots: where a recall stands that was issued for the lot itself."""

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
    Column("body", LargeBinary, nullable=False),
    Column("proof", LargeBinary, nullable=False),
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

# The projection -----------------------------------------------------------------------------------------------------

lots = Table(
    "lots",
    metadata,
    bytes32("lot", ForeignKey("lot_names.lot"), primary_key=True),
    Column("issuer", UInt64, nullable=False),
    Column("grams", UInt64, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("recalled_by", UInt64, nullable=False),
    Column("certified", UInt64, nullable=False, server_default="0"),
    Column("inherited", Boolean, nullable=False, server_default="0"),
    Column("moved", Boolean, nullable=False, server_default="0"),
    bytes32("origin_hash", nullable=True),  # None: no transformation made it
    bytes32("yield_plot", nullable=True),
    Column("yield_season", Integer, nullable=True),
    Index("ix_lots_recalled", "lot", sqlite_where=RECALLED, postgresql_where=RECALLED),
)

lot_parents = Table(
    "lot_parents",
    metadata,
    bytes32("lot", primary_key=True),
    bytes32("parent", primary_key=True),
    Index(None, "parent", "lot"),  # all that going down needs
)

balances = Table(
    "balances",
    metadata,
    bytes32("lot", primary_key=True),
    Column("party", UInt64, primary_key=True, autoincrement=False),
    Column("grams", UInt64, nullable=False),
    Index("ix_balances_held", "party", "lot", sqlite_where=HELD, postgresql_where=HELD),
)

consignments = Table(
    "consignments",
    metadata,
    bytes32("consignment", primary_key=True),
    Column("shipper", UInt64, nullable=False),
    Column("receiver", UInt64, nullable=False),
    Column("state", Integer, nullable=False),
    Column("notice_at", BigInteger, nullable=False, server_default="0"),
    # Whether the open lines are still those of the manifest: then `consignment_open_lines` has none of it.
    Column("whole", Boolean, nullable=False, server_default="1"),
    Index(None, "shipper", "state"),
    Index(None, "receiver", "state"),
)

consignment_lines = Table(
    "consignment_lines",
    metadata,
    bytes32("consignment", ForeignKey("consignments.consignment"), primary_key=True),
    bytes32("lot", primary_key=True),
    Column("grams", UInt64, nullable=False),
)

consignment_open_lines = Table(
    "consignment_open_lines",
    metadata,
    bytes32("consignment", ForeignKey("consignments.consignment"), primary_key=True),
    bytes32("lot", primary_key=True),
    Column("grams", UInt64, nullable=False),
)

# Not `plots`, which is master data and names fields that nobody certified, too.
registered_plots = Table(
    "registered_plots",
    metadata,
    bytes32("plot", primary_key=True),
    Column("producer", UInt64, nullable=False),
    Column("certifier", UInt64, nullable=False),
)

yields = Table(
    "yields",
    metadata,
    bytes32("plot", primary_key=True),
    Column("season", Integer, primary_key=True, autoincrement=False),
    Column("certified", UInt64, nullable=False),
    Column("harvested", UInt64, nullable=False),
)

pledges = Table(
    "pledges",
    metadata,
    bytes32("lot", primary_key=True),
    Column("holder", UInt64, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("lender", UInt64, nullable=False),
    Column("grams", UInt64, nullable=False),
    Column("until", BigInteger, nullable=False),
    Index(None, "holder"),
)

origins = Table(
    "origins",
    metadata,
    bytes32("origin_hash", primary_key=True),
    Column("lists", LargeBinary, nullable=False),  # canonical JSON: inputs and outputs
)

used_digests = Table("used_digests", metadata, bytes32("digest", primary_key=True))

registered_parties = Table(
    "registered_parties",
    metadata,
    Column("party", UInt64, primary_key=True, autoincrement=False),
    Column("roles", Integer, nullable=False),
)

registered_keys = Table(
    "registered_keys",
    metadata,
    bytes32("key_id", primary_key=True),
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
    bytes32("key_id"),
    Column("scheme", Integer, nullable=False),
    Column("hosted", Boolean, nullable=False),
    Column("effective_at", UInt64, nullable=False),
)

cancelled_digests = Table(
    "cancelled_digests",
    metadata,
    Column("party", UInt64, primary_key=True, autoincrement=False),
    bytes32("digest", primary_key=True),
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

PROJECTION = (
    pledges, yields, registered_plots, origins, consignment_open_lines, consignment_lines, consignments,
    balances, lot_parents, lots, used_digests,
    registered_permits, registered_products, registered_keys, registered_parties,
    suspended_parties, recoveries, cancelled_digests,
)  # fmt: skip
"""Tables that can be made again, in an order in which they can be emptied."""
