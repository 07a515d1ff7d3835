"""
Statements that came signed, as loggers send them, held against the ledger's state at once.

A thousand of them in a document are of one party, under one key, about a few lots: what is the same for all of them is
asked once, and of each only what is its own. What this lets through, the long way (`Capture` and what it calls) records
without refusal; a no is no answer, and then the long way says what is wrong. A property test holds the two together.

No I/O beyond what the transaction reads.
"""

from __future__ import annotations

from ledger.domain.errors import Refused
from ledger.domain.typed_data import Domain
from ledger.ports import EventTransaction
from ledger.services.prepared_statements import PreparedStatement, Signing
from ledger.services.preparing import Prepared
from ledger.services.signed_events import is_in_time, require_standing_proof


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
        self._standing: dict[Signing, bool] = {}

    def admit(self, statement: PreparedStatement) -> bool:
        """Whether it is new, and no rule of the ledger is against it; False also where that is not sure."""
        named = None if statement.is_declaration else statement.event_id
        signing = statement.signing
        if (
            not self._transaction.is_new(named, statement.request_mac, statement.content_hash)
            or not is_in_time(statement.deadline, self._now)
            or not self._projection.is_untouched(signing[1], statement.digest)
        ):
            return False
        if (stands := self._standing.get(signing)) is None:
            stands = self._standing[signing] = self._stands(statement.whole())
        return stands

    def _stands(self, first: Prepared) -> bool:
        """The rules themselves, for the first of its kind."""
        if first.proof is None:
            return False
        try:
            require_standing_proof(self._projection, first.proof, first.party, self._now, self._domain)
            self._projection.admit(first.action, first.digest, self._now)
        except Refused:
            return False
        return True
