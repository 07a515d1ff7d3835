"""
The tables of people: who acts for a party, by which devices and sessions. The migrations make them; a test holds the
two equal. No secret stands in them, only hashes; what a device signed is on chain or in events. Times: Unix seconds.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from ledger.adapters.sql_store.columns import UInt64, bytes32, metadata

people = Table(
    "people",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("party", UInt64, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("role", String(8), nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger, nullable=True),
)

invitations = Table(
    "invitations",
    metadata,
    bytes32("token_hash", primary_key=True),
    Column("party", UInt64, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("role", String(8), nullable=False),
    Column("made_by", String(16), nullable=False),  # a person; "" for the operator
    Column("made_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=True),
    Column("person", String(16), nullable=False),  # who came by it; "" before
)

devices = Table(
    "devices",
    metadata,
    bytes32("key_id", primary_key=True),
    Column("person", String(16), nullable=False, index=True),
    Column("party", UInt64, nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("public_key", LargeBinary(64), nullable=False),
    Column("admin", Boolean, nullable=False),
    Column("added_at", BigInteger, nullable=False),
    Column("grant_deadline", BigInteger, nullable=False),
    Column("grant_signature", LargeBinary(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("revoked_at", BigInteger, nullable=True),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    bytes32("token_hash", primary_key=True),
    Column("person", String(16), nullable=False, index=True),
    bytes32("device", nullable=True),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=True),
)

pins = Table(
    "pins",
    metadata,
    Column("person", String(16), primary_key=True),
    Column("salt", LargeBinary(16), nullable=False),
    bytes32("hash"),
    Column("failures", Integer, nullable=False),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("credential_id", LargeBinary, primary_key=True),
    Column("person", String(16), nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("added_at", BigInteger, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    bytes32("code_hash", primary_key=True),
    Column("person", String(16), nullable=False, index=True),
    Column("used_at", BigInteger, nullable=True),
)

sign_in_challenges = Table(
    "sign_in_challenges",
    metadata,
    bytes32("challenge_hash", primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "expires_at"),
)
