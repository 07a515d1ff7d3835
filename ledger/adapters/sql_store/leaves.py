"""
Leaves of the log in SQL: what one write transaction appends, with the operator's acknowledgement of all of it.

Indexes are given out under the write lock that the transaction holds, so they have no gaps and none is visible before
a lower one. A rehearsal appends nothing and signs nothing: a signed acknowledgement is a promise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, func, select, update

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.dialect import insert_all, insert_rows
from ledger.adapters.sql_store.log_forms import ACKNOWLEDGEMENT_DIGESTED, LEAF_DIGESTED
from ledger.adapters.sql_store.log_tables import PRESENT
from ledger.adapters.sql_store.reading import Connect, Reader, chunks
from ledger.adapters.sql_store.row_digests import digest_template, row_digest
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.acknowledged_leaves import AcknowledgedLeaves, Placed, Receipts
from ledger.domain.log.acknowledgement_batches import SignedBatch
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement
from ledger.domain.log.acknowledgements import Acknowledgement
from ledger.domain.merkle import SignatureHash, TreeHash, event_leaf, hash_proof
from ledger.domain.typed_data import Domain
from ledger.ports_log import Acknowledger

_LEAF_TEMPLATE = digest_template(LEAF_DIGESTED, (int, bytes, int, int))
_L, _A, _E = t.log_leaves.c, t.log_acknowledgements.c, t.events.c
_PLACES = (
    select(
        _E.content_hash,
        _E.proof,
        _L.log_index,
        select(_A.first_index)
        .where(_A.first_index <= _L.log_index)
        .order_by(_A.first_index.desc())
        .limit(1)
        .scalar_subquery()
        .label("first"),
    )
    .join(t.log_leaves, _L.sequence == _E.sequence)
    .where(PRESENT)
)
"""Events, each with the index of its present leaf and the first one that is acknowledged together with it."""


class LeafRows(Reader):
    """
    Reads by `connect`; gathers leaves until `flush`, and signs for many at once. Without `writes` (a rehearsal) it
    gathers none.
    """

    def __init__(self, connect: Connect, acknowledger: Acknowledger | None, *, writes: bool) -> None:
        super().__init__(connect)
        self._acknowledger = acknowledger
        self._writes = writes
        self._next: int | None = None
        self._unsigned: list[tuple[ContentHash, SignatureHash, int, int]] = []
        self._rows: list[tuple[Any, ...]] = []
        self._acknowledgements: list[dict[str, Any]] = []
        self._signed: dict[ContentHash, Placed | SignedAcknowledgement] = {}
        self._replaced: list[int] = []

    def append(self, content: ContentHash, signature_hash: SignatureHash, sequence: int, after_entry: int) -> None:
        """The leaf of an event and its proof; acknowledged by `sign`."""
        if not self._writes:
            return
        if self._acknowledger is None:
            raise StoreError("the log's operator is not known: nothing can be acknowledged")
        self._unsigned.append((content, signature_hash, sequence, after_entry))

    def sign(self) -> None:
        """Acknowledges what was appended since the last time, all of it together."""
        unsigned, self._unsigned = self._unsigned, []
        if not unsigned or self._acknowledger is None:
            return
        first = self._first_free() if self._next is None else self._next
        leaves = [event_leaf(content, signature_hash) for content, signature_hash, _, _ in unsigned]
        signed = self._acknowledger.acknowledge(first, leaves)
        batch = signed.batch
        together = AcknowledgedLeaves(
            self._acknowledger.domain, first, leaves, batch.time, batch.merge_deadline, signed.signature
        )
        index = first
        for leaf, (content, signature_hash, sequence, after_entry) in zip(leaves, unsigned, strict=True):
            self._signed[content] = (together, index, signature_hash)
            self._rows.append(leaf_row(index, leaf, sequence, after_entry))
            index += 1
        self._acknowledgements.append(acknowledgement_row(signed))
        self._next = index

    def replace(self, sequence: int) -> None:
        """The event was signed again: the leaf that it has is of a former proof from now on."""
        self._replaced.append(sequence)

    def acknowledgements(self, contents: Collection[ContentHash]) -> Receipts:
        """What the operator signed for the present proof of each of these events, now or before."""
        self.sign()
        found = {content: self._signed[content] for content in contents if content in self._signed}
        if self._acknowledger is not None and len(found) < len(contents):
            stored = [content for content in contents if content not in found]
            with self._connect() as connection:
                found |= stored_acknowledgements(connection, stored, self._acknowledger.domain)
        return Receipts(found)

    def flush(self, connection: Connection) -> None:
        """Writes what was gathered; after the events that the leaves are of."""
        self.sign()
        for sequence in self._replaced:
            changed = update(t.log_leaves).where(_L.sequence == sequence, PRESENT)
            connection.execute(changed.values(replaced=True))
        insert_rows(connection, t.log_leaves, self._rows)
        insert_all(connection, t.log_acknowledgements, self._acknowledgements)

    def _first_free(self) -> int:
        (row,) = self.all(select(func.max(_L.log_index).label("last")))
        return 0 if row.last is None else int(row.last) + 1


def leaf_row(index: int, leaf: TreeHash, sequence: int, after_entry: int) -> tuple[Any, ...]:
    """The row of a new leaf in the table's order, its digest the last: `row_digest` of what is `LEAF_DIGESTED`."""
    place, event, entry = b"%d" % index, b"%d" % sequence, b"%d" % after_entry
    hashed = _LEAF_TEMPLATE % (len(place), place, len(leaf), leaf, len(event), event, len(entry), entry)
    return index, leaf, sequence, False, after_entry, hashlib.sha256(hashed).digest()


def acknowledgement_row(signed: SignedBatch) -> dict[str, Any]:
    """The row of a new acknowledgement."""
    row: dict[str, Any] = {
        "first_index": signed.batch.first_index,
        "count": signed.batch.count,
        "is_batch": True,
        "time": signed.batch.time,
        "merge_deadline": signed.batch.merge_deadline,
        "signature": signed.signature,
    }
    row["row_digest"] = row_digest(row, ACKNOWLEDGEMENT_DIGESTED)
    return row


def stored_acknowledgements(
    connection: Connection, contents: Collection[ContentHash], domain: Domain
) -> dict[ContentHash, Placed | SignedAcknowledgement]:
    """
    What is stored for the present proof of each of these events; the leaves of a batch are read once for all that are
    in it. What was changed in rows shows in the signature. `StoreError` where a row is missing or the count is wrong.
    """
    places = [
        row for chunk in chunks(contents) for row in connection.execute(_PLACES.where(_E.content_hash.in_(chunk)))
    ]
    acknowledged: dict[int, Any] = {}
    for chunk in chunks({row.first for row in places}):
        asked = select(t.log_acknowledgements).where(_A.first_index.in_(chunk))
        acknowledged |= {row.first_index: row for row in connection.execute(asked)}
    together: dict[int, AcknowledgedLeaves] = {}
    found: dict[ContentHash, Placed | SignedAcknowledgement] = {}
    for place in places:
        content, index = ContentHash(place.content_hash), place.log_index
        signature_hash = hash_proof(place.proof)
        row = acknowledged.get(place.first)
        if row is None or not index < row.first_index + row.count:
            raise StoreError(f"the acknowledgement of leaf {index} of the log is missing")
        if not row.is_batch:
            stated = Acknowledgement(index, content, event_leaf(content, signature_hash), row.time, row.merge_deadline)
            found[content] = SignedAcknowledgement(domain.chain_id, domain.contract, stated, row.signature)
            continue
        if row.first_index not in together:
            together[row.first_index] = _acknowledged_leaves(connection, row, domain)
        found[content] = (together[row.first_index], index, signature_hash)
    return found


def _acknowledged_leaves(connection: Connection, row: Any, domain: Domain) -> AcknowledgedLeaves:
    asked = select(_L.leaf_hash).where(_L.log_index >= row.first_index, _L.log_index < row.first_index + row.count)
    leaves = [TreeHash(leaf) for leaf in connection.execute(asked.order_by(_L.log_index)).scalars()]
    if len(leaves) != row.count:
        raise StoreError(f"{len(leaves)} of {row.count} leaves from {row.first_index} on are stored")
    return AcknowledgedLeaves(domain, row.first_index, leaves, row.time, row.merge_deadline, row.signature)
