"""
The tables of the local projection: what the contracts hold, as far as it follows from what was recorded. They can be
made again from the events and registrations at any time.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, text

from ledger.adapters.sql_store.columns import UInt64, bytes32, metadata

HELD = text("grams <> 0")
"""The condition of the partial index over balances: most parties let go of most lots that they ever held."""

RECALLED = text("recalled_by <> 0 AND NOT inherited")
"""The condition of the partial index over lots: where a recall stands that was issued for the lot itself."""

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

PROJECTION = (
    pledges, yields, registered_plots, origins, consignment_open_lines, consignment_lines, consignments,
    balances, lot_parents, lots, used_digests,
    registered_permits, registered_products, registered_keys, registered_parties,
    suspended_parties, recoveries, cancelled_digests,
)  # fmt: skip
"""Tables that can be made again, in an order in which they can be emptied."""
