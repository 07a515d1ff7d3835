"""An event that was refused for good and signed again: its former proof moves aside, the new one takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import FORMER_DIGESTED, digest_after, entry_digest, event_digest_after, row_digest
from ledger.domain.errors import Conflict
from ledger.domain.proof_json import proof_bytes
from ledger.domain.records import EntryState, RecordedEvent, SignatureProof


@dataclass(frozen=True, slots=True)
class SignedAgain:
    """The rows of the event and of its refused entry, as they are stored, and the new proof."""

    event: Mapping[str, Any]
    entry: Mapping[str, Any]
    proof: SignatureProof

    @classmethod
    def of(cls, connection: Connection, event: RecordedEvent, proof: SignatureProof) -> SignedAgain:
        """Reads the rows. `Conflict` where the event is not refused."""
        content = event.content_hash
        stored = connection.execute(select(t.events).where(t.events.c.content_hash == content)).mappings().first()
        asked = select(t.outbox_rows).where(t.outbox_rows.c.content_hash == content)
        entry = connection.execute(asked).mappings().first()
        if stored is None or entry is None or entry["state"] != EntryState.REFUSED.value:
            raise Conflict(f"event {event.sequence} is not refused: it is not signed again")
        return cls(dict(stored), dict(entry), proof)

    @property
    def sequence(self) -> int:
        """The event's."""
        return int(self.event["sequence"])

    def write(self, connection: Connection) -> None:
        """
        The refused entry keeps its place in the one order, but belongs to no event any more; `former_proofs` says to
        which it did. Before the new entry is inserted.
        """
        detached = {**self.entry, "content_hash": None}
        connection.execute(
            update(t.outbox_rows)
            .where(t.outbox_rows.c.id == self.entry["id"])
            .values(content_hash=None, row_digest=digest_after(self.entry, detached, entry_digest))
        )
        former: dict[str, Any] = {
            "entry": self.entry["id"],
            "content_hash": self.event["content_hash"],
            "proof": self.event["proof"],
        }
        former["row_digest"] = row_digest(former, FORMER_DIGESTED)
        connection.execute(insert(t.former_proofs), [former])
        changed = {**self.event, "proof": proof_bytes(self.proof)}
        connection.execute(
            update(t.events)
            .where(t.events.c.sequence == self.sequence)
            .values(proof=changed["proof"], row_digest=event_digest_after(self.event, changed))
        )
