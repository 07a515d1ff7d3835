"""
Signing again: an event that the contract refused for good because of its key or its deadline gets a second proof, by
the party's present key, of the same content (docs/adr/0064). Its content hash, and so its identity, stays.

What the party cancelled itself is signed again only where it is named. What two parties signed is proposed anew.

Raises `NotFound` and `KeyLocked`; refusals are values, one `SignedAgain` an event.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ledger.domain.actions import Recall, Release, cosigner_of
from ledger.domain.binding import action_of, lots_of
from ledger.domain.errors import InvalidInput, NotFound, Refused, Violation
from ledger.domain.identifiers import PartyId
from ledger.domain.records import RecordedEvent
from ledger.domain.typed_data import Domain, digest
from ledger.ports import Clock, Signer
from ledger.ports_proposals import ProposalStore, ProposalTransaction
from ledger.services.preparing import DEADLINE_SECONDS, payload_of
from ledger.services.propagation import Propagation, carry_from
from ledger.services.refusal_names import readable
from ledger.services.signing import prove, signing_key

CANCELLED = "Cancelled"
FOR_ANOTHER_SIGNATURE = frozenset(
    {"KeyIsRevoked", "KeyExpired", "KeyNotYetValid", "UnknownKey", "DeadlinePassed", "PartyIsSuspended", CANCELLED}
)
"""Refusals that another signature can mend."""


@dataclass(frozen=True, slots=True)
class SignedAgain:
    """An event that was refused, as it is now; `violations`: why it could not be signed again."""

    event: RecordedEvent
    violations: tuple[Violation, ...] = ()


class Resign:
    """`domain` is the EIP-712 domain of `ProduceLedger`."""

    def __init__(self, store: ProposalStore, signer: Signer, clock: Clock, domain: Domain) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock
        self._domain = domain

    def refused(self, party: PartyId) -> list[RecordedEvent]:
        """The party's events that another signature can mend."""
        with self._store.rehearsing() as transaction:
            return [event for event in transaction.refused_of(party) if rule_of(event) in FOR_ANOTHER_SIGNATURE]

    def waiting(self) -> dict[PartyId, int]:
        """How many events of each party another signature can mend; parties without any are left out."""
        counted = {party: len(self.refused(party)) for party in self._store.master_data().parties}
        return {party: count for party, count in counted.items() if count}

    def resign(self, party: PartyId, numbers: Collection[int] = ()) -> list[SignedAgain]:
        """Signs again the events of those sequence numbers; without any, all but those that the party cancelled."""
        done = []
        with self._store.writing() as transaction:
            mendable = {
                event.sequence: event
                for event in transaction.refused_of(party)
                if rule_of(event) in FOR_ANOTHER_SIGNATURE
            }
            if unknown := sorted(set(numbers) - set(mendable)):
                raise NotFound(f"event {unknown[0]} of party {party:013d} waits for no other signature")
            for number, event in mendable.items():
                if number in numbers or (not numbers and rule_of(event) != CANCELLED):
                    done.append(self._again(transaction, event, party))
        Propagation(self._store).spread_behind()
        return done

    def _again(self, transaction: ProposalTransaction, event: RecordedEvent, party: PartyId) -> SignedAgain:
        now = int(self._clock.now())
        action = action_of(event.body, now + DEADLINE_SECONDS)
        signed = digest(self._domain, action)
        try:
            if (cosigner := cosigner_of(action)) is not None:
                message = f"{cosigner:013d} signed this too: propose it anew"
                raise Refused.one("/silkroot:party", "proposal.needed", f"{cosigner:013d}", message)
            key = signing_key(self._signer, transaction.projection, party, now)
            transaction.projection.apply(action, signed, now)
        except InvalidInput as error:
            return SignedAgain(event, readable(error.violations, event.body, lots_of(event.body)))
        proof = prove(self._signer, key, action, signed)
        again = transaction.sign_again(event, proof, signed, payload_of(action, event.body))
        if isinstance(action, Recall | Release):
            carry_from(self._store, transaction, [action.lot])
        return SignedAgain(again)


def rule_of(event: RecordedEvent) -> str:
    """The rule by which the contract refused the event: its error's name; "" where it did not."""
    return event.refusal.partition("(")[0]
