"""
Rows to values and back: the stored form of events, proofs and outbox entries, and the digest over each row.

A row digest is SHA-256 over all that never changes in the row, so that `fsck` sees a flipped bit even in columns that
no signature covers. It guards against accidents; against somebody who can write to the database, the signature does.

Raises `StoreError` for what cannot have been written by us.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from ledger.adapters.sql_store.columns import id_hash, key_text
from ledger.adapters.sql_store.row_digests import row_digest as row_digest
from ledger.domain.action_json import registry_from_json, to_json
from ledger.domain.actions import Line, Output, Statement, is_stated
from ledger.domain.canonical_json import canonical
from ledger.domain.custody_state import Origin
from ledger.domain.errors import InvalidInput, StoreError
from ledger.domain.identifiers import ContentHash, Digest, Grams, KeyId, LotId, PartyId, ProductId
from ledger.domain.json_tree import parse_json_object
from ledger.domain.packed_events import inner_digest, outer_digest
from ledger.domain.proof_json import proof_from_json
from ledger.domain.records import EntryState, RecordedEvent, Scheme, SignatureProof
from ledger.domain.registry_actions import RegistryAction
from ledger.domain.times import from_microseconds
from ledger.ports_outbox import OutboxRow, SignedEntry, Target

EVENT_DIGESTED = (
    "sequence", "content_hash", "event_id", "claimed_id", "request_mac", "party", "body", "proof", "record_time",
)  # fmt: skip
_EVENT_KINDS = {
    "sequence": int, "content_hash": bytes, "event_id": str, "party": int, "body": bytes, "proof": bytes,
    "record_time": int,
}  # fmt: skip
ENTRY_DIGESTED = ("id", "target", "kind", "key_id", "payload", "signature", "digest", "content_hash", "action")
FORMER_DIGESTED = ("entry", "content_hash", "proof")
PROPOSAL_DIGESTED = (
    "id", "counterparty", "content_hash", "event_id", "is_declaration", "request_mac", "party", "body", "proof",
    "digest", "payload", "record_time", "lots",
)  # fmt: skip
DISCLOSURE_DIGESTED = ("sequence", "position", "digest", "place", "disclosure", "erased_at")


def event_digest(values: Mapping[str, Any]) -> bytes | None:
    """The row digest of an event; None where a column is not of its kind, as only damage makes it."""
    mac = values["request_mac"]
    if tuple(type(values[name]) for name in _EVENT_KINDS) != tuple(_EVENT_KINDS.values()):
        return None
    if type(mac) not in (bytes, type(None)):
        return None
    inner = inner_digest(
        values["content_hash"], values["event_id"], values["claimed_id"] is None, mac, values["party"], values["body"],
        values["proof"],
    )  # fmt: skip
    return outer_digest(values["sequence"], values["record_time"], inner)


def former_event_digest(values: Mapping[str, Any]) -> bytes:
    """
    The row digest that an event had before the twentieth schema. In the place of `claimed_id` it has the text that the
    hash is of, as it had when the column held that.
    """
    claimed = None if values["claimed_id"] is None else key_text(values["event_id"])
    return row_digest({**values, "claimed_id": claimed}, EVENT_DIGESTED)


def is_intact(values: Mapping[str, Any]) -> bool:
    """Whether the row of an event is what was written."""
    event_id, claimed = values["event_id"], values["claimed_id"]
    if not isinstance(event_id, str) or claimed not in (None, id_hash(event_id)):
        return False
    return any(digest(values) == values["row_digest"] for digest in _EVENT_FORMS)


_EVENT_FORMS: tuple[Callable[[Mapping[str, Any]], bytes | None], ...] = (event_digest, former_event_digest)
"""What the digest of an event's row may be."""


def entry_digest(values: dict[str, Any]) -> bytes:
    """The row digest of an outbox entry; `applied_at` is in it where the row has one."""
    return row_digest(values, ENTRY_DIGESTED if values["applied_at"] is None else (*ENTRY_DIGESTED, "applied_at"))


def proposal_digest(values: dict[str, Any]) -> bytes:
    """The row digest of a proposal; `disclosures` are in it where the row has any."""
    return row_digest(
        values, PROPOSAL_DIGESTED if values["disclosures"] is None else (*PROPOSAL_DIGESTED, "disclosures")
    )


def digest_after(
    before: Mapping[str, Any], after: Mapping[str, Any], digest: Callable[[dict[str, Any]], bytes]
) -> bytes:
    """The digest of a row that changes; of one that was not what had been written, the one that does not fit it."""
    kept: bytes = before["row_digest"]
    return digest(dict(after)) if digest(dict(before)) == kept else kept


def event_digest_after(before: Mapping[str, Any], after: Mapping[str, Any]) -> bytes:
    """The same of an event's row; its digest keeps its form."""
    kept: bytes = before["row_digest"]
    for digest in _EVENT_FORMS:
        if digest(before) == kept and (changed := digest(after)) is not None:
            return changed
    return kept


def proof_of(data: bytes) -> SignatureProof:
    """The proof behind its canonical JSON."""
    try:
        tree = parse_json_object(data)
        if canonical(tree) != data:
            raise StoreError("a stored signature proof is not in the form that it was written in")
        return proof_from_json(tree)
    except InvalidInput as error:
        raise StoreError(f"a stored signature proof cannot be read: {error}") from error


def origin_bytes(origin: Origin) -> bytes:
    """The lists of a transformation as JSON: inputs as lot and grams, outputs as product, lot code and grams."""
    return orjson.dumps(
        {
            "inputs": [[line.lot.hex(), line.grams] for line in origin.inputs],
            "outputs": [[output.product, output.lot_code, output.grams] for output in origin.outputs],
        }
    )


def origin_of(data: bytes) -> Origin:
    """The lists behind their JSON."""
    try:
        tree = orjson.loads(data)
        return Origin(
            tuple(Line(LotId(bytes.fromhex(lot)), Grams(grams)) for lot, grams in tree["inputs"]),
            tuple(Output(ProductId(product), code, Grams(grams)) for product, code, grams in tree["outputs"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"the stored lists of a transformation cannot be read: {error}") from error


def action_bytes(action: RegistryAction) -> bytes:
    """A registry action as canonical JSON."""
    return canonical(to_json(action))


def registry_action_of(data: bytes) -> RegistryAction:
    """The registry action behind its canonical JSON."""
    try:
        return registry_from_json(parse_json_object(data))
    except InvalidInput as error:
        raise StoreError(f"a stored registration cannot be read: {error}") from error


def event_of(row: Any) -> RecordedEvent:
    """
    An event from a row of `queries.EVENTS`: `events` joined with its outbox row (`state`, `refusal`, `transaction`).
    A statement has no such row: it is confirmed once a final checkpoint of the log covers it (`is_covered`).

    A row that somebody damaged is given as damaged, for its reader to find out and say: a body that is no JSON object
    any more as an empty one, a proof that cannot be read as one that proves nothing.
    """
    try:
        body = orjson.loads(row.body)
    except ValueError:
        body = None
    proof = _proof_or_void(row)
    anchored = row.is_covered and is_stated(proof.action)
    return RecordedEvent(
        sequence=row.sequence,
        content_hash=ContentHash(row.content_hash),
        event_id=row.event_id,
        record_time=from_microseconds(row.record_time),
        body=body if isinstance(body, dict) else {},
        proof=proof,
        state=EntryState(row.state or (EntryState.CONFIRMED if anchored else EntryState.QUEUED)),
        refusal=row.refusal or "",
        transaction=row.transaction or b"",
    )


def _proof_or_void(row: Any) -> SignatureProof:
    try:
        return proof_of(row.proof)
    except StoreError:
        void = Statement(PartyId(row.party), "unreadable", (), ContentHash(row.content_hash), 0)
        return SignatureProof(void, KeyId(bytes(32)), Scheme.NONE, b"")


def entry_of(row: Any) -> OutboxRow:
    """An outbox row."""
    return OutboxRow(
        id=row.id,
        target=Target(row.target),
        entry=SignedEntry(row.kind, KeyId(row.key_id), row.payload, row.signature),
        digest=Digest(row.digest),
        content_hash=None if row.content_hash is None else ContentHash(row.content_hash),
        state=EntryState(row.state),
        refusal=row.refusal,
        transaction=row.transaction,
    )
