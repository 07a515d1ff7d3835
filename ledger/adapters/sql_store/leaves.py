"""
Leaves of the log in SQL: what one write transaction appends, each with the operator's acknowledgement.

Indexes are given out under the write lock that the transaction holds, so they have no gaps and none is visible before
a lower one. A rehearsal appends nothing and signs nothing: a signed acknowledgement is a promise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, func, select, update

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import row_digest
from ledger.adapters.sql_store.dialect import insert_all
from ledger.adapters.sql_store.reading import Connect, Reader
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement
from ledger.domain.log.acknowledgements import Acknowledgement
from ledger.domain.merkle import SignatureHash, event_leaf
from ledger.domain.typed_data import Domain
from ledger.ports_log import Acknowledger

LEAF_DIGESTED = (
    "log_index", "content_hash", "signature_hash", "sequence", "after_entry", "time", "merge_deadline", "signature",
)  # fmt: skip
_LEAVES = t.log_leaves.c


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
        self._rows: list[dict[str, Any]] = []
        self._signed: dict[ContentHash, SignedAcknowledgement] = {}
        self._replaced: list[bytes] = []

    def append(self, content: ContentHash, proof: bytes, sequence: int, after_entry: int) -> None:
        """The leaf of an event's proof, in the bytes that are stored; acknowledged by `sign`."""
        if not self._writes:
            return
        if self._acknowledger is None:
            raise StoreError("the log's operator is not known: nothing can be acknowledged")
        self._unsigned.append((content, SignatureHash(hashlib.sha256(proof).digest()), sequence, after_entry))

    def sign(self) -> None:
        """Acknowledges what was appended."""
        unsigned, self._unsigned = self._unsigned, []
        if not unsigned or self._acknowledger is None:
            return
        index = self._first_free() if self._next is None else self._next
        for content, signature_hash, sequence, after_entry in unsigned:
            signed = self._acknowledger.acknowledge(index, content, event_leaf(content, signature_hash))
            self._signed[content] = signed
            self._rows.append(leaf_row(signed, signature_hash, sequence, after_entry))
            index += 1
        self._next = index

    def replace(self, content: ContentHash) -> None:
        """The event was signed again: the leaf that it has is of a former proof from now on."""
        self._replaced.append(bytes(content))

    def acknowledgements(self, contents: Collection[ContentHash]) -> dict[ContentHash, SignedAcknowledgement]:
        """What the operator signed for the present proof of each of these events, now or before."""
        self.sign()
        found = {content: self._signed[content] for content in contents if content in self._signed}
        if self._acknowledger is not None:
            stored = [content for content in contents if content not in found]
            domain = self._acknowledger.domain
            for row in self.chosen(select(t.log_leaves), _LEAVES.present, stored):
                found[ContentHash(row.content_hash)] = acknowledgement_of(row, domain)
        return found

    def flush(self, connection: Connection) -> None:
        """Writes what was gathered; after the events that the leaves are of."""
        self.sign()
        for content in self._replaced:
            connection.execute(update(t.log_leaves).where(_LEAVES.present == content).values(present=None))
        insert_all(connection, t.log_leaves, self._rows)

    def _first_free(self) -> int:
        (row,) = self.all(select(func.max(_LEAVES.log_index).label("last")))
        return 0 if row.last is None else int(row.last) + 1


def leaf_row(
    signed: SignedAcknowledgement, signature_hash: SignatureHash, sequence: int, after_entry: int
) -> dict[str, Any]:
    """The row of a new leaf."""
    stated = signed.acknowledgement
    row: dict[str, Any] = {
        "log_index": stated.log_index,
        "content_hash": bytes(stated.content_hash),
        "signature_hash": bytes(signature_hash),
        "sequence": sequence,
        "present": bytes(stated.content_hash),
        "after_entry": after_entry,
        "time": stated.time,
        "merge_deadline": stated.merge_deadline,
        "signature": signed.signature,
    }
    row["row_digest"] = row_digest(row, LEAF_DIGESTED)
    return row


def acknowledgement_of(row: Any, domain: Domain) -> SignedAcknowledgement:
    """The acknowledgement that a leaf's row holds. What was changed in the row shows in the signature."""
    content = ContentHash(row.content_hash)
    leaf = event_leaf(content, SignatureHash(row.signature_hash))
    stated = Acknowledgement(row.log_index, content, leaf, row.time, row.merge_deadline)
    return SignedAcknowledgement(domain.chain_id, domain.contract, stated, row.signature)
