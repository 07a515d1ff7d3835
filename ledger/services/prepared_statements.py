"""
Statements that came signed by one party, as loggers send thousands of them, prepared in another process: what is asked
of each in the order of all, and no more.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from ledger.domain.actions import Statement
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash, Digest, KeyId, LotRef, PartyId
from ledger.domain.merkle import TreeHash
from ledger.domain.new_events import NewEvent
from ledger.domain.packed_bytes import MOST_BYTES, unpacked
from ledger.domain.packed_events import Packed, packed_event
from ledger.domain.proof_json import proof_of_form
from ledger.domain.searched import Searched
from ledger.services.preparing import Prepared

Signing = tuple[PartyId, PartyId, KeyId, TreeHash | None, int]
"""Whose event it is; which party signed, by which key; root and count of its batch. Many have it in common."""


class PreparedStatement(msgspec.Struct, frozen=True, gc=False, eq=False):
    """
    A statement that came signed by one party, and of which nothing is sealed, as loggers send thousands: what is asked
    of each in the order of all. `action`, `proof` and `payload`, which say no more than `proof_form`, are not there,
    and body and proof are packed until somebody asks for them.
    """

    index: int
    party: PartyId
    request_mac: bytes
    event_id: str
    is_declaration: bool
    content_hash: ContentHash
    digest: Digest
    deadline: int
    lots: tuple[LotRef, ...]
    own_id: bool
    signing: Signing
    event_time: int
    searched: Searched | None
    packed: Packed

    @property
    def stored(self) -> bytes:
        """As of `Prepared`."""
        return unpacked(self.packed[0])

    @property
    def proof_form(self) -> bytes:
        """As of `Prepared`."""
        return unpacked(self.packed[1])

    def whole(self) -> Prepared:
        """The same with all that there is of it."""
        form = self.proof_form
        proof = proof_of_form(form)
        return Prepared(
            self.index, self.party, self.request_mac, self.stored, self.event_id, self.is_declaration, proof.action,
            self.digest, b"", self.lots, own_id=self.own_id, proof=proof, proof_form=form,
            event_time=self.event_time, searched=self.searched,
        )  # fmt: skip

    def signed(self, record_time: float) -> NewEvent:
        """The event ready to be stored; its content is the identity of the request, as in `Prepared.signed`."""
        return NewEvent(
            self.content_hash, self.event_id, self.is_declaration, None, self.party, b"", None, self.digest, b"",
            record_time, self.lots, (), b"", None, self.event_time, self.searched, self.packed,
        )  # fmt: skip


Ready = Prepared | PreparedStatement


def is_in_batch(one: Ready | InvalidInput) -> bool:
    """Whether it came under a signature that it shares with others."""
    if isinstance(one, PreparedStatement):
        _, _, _, root, _ = one.signing
        return root is not None
    return isinstance(one, Prepared) and one.proof is not None and one.proof.batch is not None


def statement_parts(prepared: Prepared) -> tuple[Any, ...] | None:
    """The members of `PreparedStatement` for it; None where it is no such statement."""
    proof, action = prepared.proof, prepared.action
    if proof is None or type(action) is not Statement or proof.action is not action or proof.co is not None:
        return None
    if not prepared.proof_form or prepared.disclosures:
        return None
    if prepared.open_mac is not None or prepared.unsealed is not None:
        return None
    if max(len(prepared.stored), len(prepared.proof_form)) > MOST_BYTES:
        return None
    root, count = (None, 0) if (batch := proof.batch) is None else (batch.root, batch.count)
    return (
        prepared.index, prepared.party, prepared.request_mac, prepared.event_id, prepared.is_declaration,
        action.content_hash, prepared.digest, action.deadline, prepared.lots, prepared.own_id,
        _signing(prepared.party, action.party, proof.key_id, root, count), prepared.event_time, prepared.searched,
        packed_event(
            action.content_hash, prepared.event_id, prepared.is_declaration, prepared.party, prepared.stored,
            prepared.proof_form,
        ),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _signing(*parts: Any) -> tuple[Any, ...]:
    """The same object for the same parts, so that it is written once for many."""
    return parts
