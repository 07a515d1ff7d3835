"""
Statements that came signed, as loggers send them, held against the ledger's state at once.

A thousand of them in a document are of one party, under one key, about a few lots: what is the same for all of them is
asked once, and of each only what is its own. What this lets through, the long way (`Capture` and what it calls) records
without refusal; a no is no answer, and then the long way says what is wrong. A property test holds the two together.

No I/O beyond what the transaction reads.
"""

from __future__ import annotations

from ledger.domain.actions import Statement
from ledger.domain.errors import Refused
from ledger.domain.identifiers import KeyId, PartyId
from ledger.domain.merkle import TreeHash
from ledger.domain.records import SignatureProof
from ledger.domain.typed_data import Domain
from ledger.ports import EventTransaction
from ledger.services.preparing import Prepared
from ledger.services.signed_events import is_in_time, require_standing_proof

_Said = tuple[PartyId, PartyId, KeyId, TreeHash | None, int]


class QuickStatements:
    """
    For one transaction, at one time (Unix seconds), in which nothing changes the registry. `domain` is the EIP-712
    domain of `ProduceLedger`.
    """

    def __init__(self, transaction: EventTransaction, domain: Domain, now: int) -> None:
        self._transaction = transaction
        self._projection = transaction.projection
        self._domain = domain
        self._now = now
        self._standing: dict[_Said, bool] = {}

    def proof_of(self, prepared: Prepared) -> SignatureProof | None:
        """Its proof, where it is new and no rule of the ledger is against it; None also where that is not sure."""
        proof, action = prepared.proof, prepared.action
        if proof is None or type(action) is not Statement or proof.co is not None:
            return None
        if prepared.disclosures or prepared.open_mac is not None or prepared.unsealed is not None:
            return None
        named = None if prepared.is_declaration else prepared.event_id
        if not self._transaction.is_new(named, prepared.request_mac, action.content_hash):
            return None
        if not is_in_time(action.deadline, self._now):
            return None
        if not self._projection.is_untouched(action.party, prepared.digest):
            return None
        root, count = (None, 0) if (batch := proof.batch) is None else (batch.root, batch.count)
        said = (prepared.party, action.party, proof.key_id, root, count)
        if (stands := self._standing.get(said)) is None:
            stands = self._standing[said] = self._stands(prepared, proof)
        return proof if stands else None

    def _stands(self, prepared: Prepared, proof: SignatureProof) -> bool:
        """The rules themselves, for the first of its kind."""
        try:
            require_standing_proof(self._projection, proof, prepared.party, self._now, self._domain)
            self._projection.admit(prepared.action, prepared.digest, self._now)
        except Refused:
            return False
        return True
