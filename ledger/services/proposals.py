"""
What two parties sign: the first proposes, which is its signature; the second agrees, which is its own; only then is the
event recorded. Until then either side may take it off: the first declares its signature void on chain as well.

The rules are checked at both times. No party ever signs here without having asked for it, even where both keys are
kept here; a party that keeps its own key brings the signature.

Raises `Refused`, `NotFound`, `KeyLocked`, and `InvalidInput` for an event that is not well formed.
"""

from __future__ import annotations

import json
from dataclasses import replace

import msgspec

from ledger.domain.actions import cosigner_of
from ledger.domain.errors import InvalidInput, NotFound, Refused
from ledger.domain.identifiers import PartyId
from ledger.domain.records import CoSignature, JsonTree, RecordedEvent
from ledger.domain.registry_actions import Cancellation
from ledger.domain.sealing import DEFAULT, Policy
from ledger.domain.typed_data import Domain
from ledger.ports import Clock, Signer
from ledger.ports_proposals import Proposal, ProposalStore, ProposalTransaction
from ledger.services.capture import known_content, require_free_id, require_not_erased, require_open_id
from ledger.services.keys import DeviceKey, Keys
from ledger.services.preparing import Prepared, Preparing
from ledger.services.refusal_names import readable
from ledger.services.signed_events import require_standing_proof
from ledger.services.signing import cosign, prove, require_valid_key, signing_key

__all__ = ["Proposal", "Proposals"]


class Proposals:
    """
    `domain` is the EIP-712 domain of `ProduceLedger`; `secret` (32 bytes) keys the identities of requests; `policy`
    says what is sealed. Disclosures are kept with the proposal, and then with the event.
    """

    def __init__(
        self,
        store: ProposalStore,
        signer: Signer,
        clock: Clock,
        domain: Domain,
        secret: bytes,
        keys: Keys,
        policy: Policy = DEFAULT,
    ) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock
        self._keys = keys
        self._preparing = Preparing(clock, domain, secret, policy, store.limits_of)

    def propose(self, event: JsonTree, party: PartyId) -> Proposal | RecordedEvent:
        """
        The event, signed by `party`, to wait for its other side. The same request again gives the same proposal, or the
        event that it became; one whose signature is worth nothing any more is made anew.
        """
        prepared = self._preparing.prepare(0, event, party)
        if prepared.proof is not None:
            message = "an event that comes signed is recorded with both signatures, not proposed"
            raise Refused.one("/silkroot:proof", "proof.proposal", prepared.party, message)
        counterparty = cosigner_of(prepared.action)
        if counterparty is None:
            raise Refused.one("/type", "proposal.one-party", prepared.party, "one party alone signs this: record it")
        now = self._clock.now()
        with self._store.writing() as transaction:
            known = transaction.find_request(prepared.request_mac) or known_content(transaction, prepared)
            if known is not None:
                return known
            if (open_one := transaction.find_proposal(prepared.request_mac)) is not None:
                if now <= open_one.deadline and _key_stands(transaction, open_one, int(now)):
                    return open_one
                transaction.close_proposal(open_one.id)
            require_open_id(prepared)
            require_not_erased(transaction, prepared)
            if prepared.open_mac is not None and (other := transaction.find_proposal(prepared.open_mac)) is not None:
                message = f"proposal {other.id} says the same, and what it sealed was erased: agree or withdraw it"
                raise Refused.one("/eventID", "request.erased", other.event.event_id, message)
            require_free_id(transaction, prepared)
            key = signing_key(self._signer, transaction.projection, party, int(now))
            self._check(prepared, int(now))
            proof = prove(self._signer, key, prepared.action, prepared.digest)
            return transaction.propose(prepared.signed(proof, now, proposed=True), counterparty)

    def propose_signed(self, event: JsonTree, party: PartyId) -> Proposal | RecordedEvent:
        """
        The same for an event that came signed, by a device of the party's, and without the other side's signature. The
        same event again gives the same proposal, or the event that it became.
        """
        prepared = self._preparing.prepare(0, event, None)
        if prepared.proof is None or prepared.proof.co is not None or prepared.party != party:
            message = "this has to come signed by the party that proposes it, and by nobody else yet"
            raise Refused.one("/silkroot:proof", "proposal.signed", f"{prepared.party:013d}", message)
        counterparty = cosigner_of(prepared.action)
        if counterparty is None:
            raise Refused.one("/type", "proposal.one-party", prepared.party, "one party alone signs this: record it")
        now = self._clock.now()
        with self._store.writing() as transaction:
            known = transaction.find_request(prepared.request_mac) or known_content(transaction, prepared)
            if known is not None:
                return known
            if (open_one := transaction.find_proposal(prepared.request_mac)) is not None:
                return open_one
            require_open_id(prepared)
            require_free_id(transaction, prepared)
            domain = self._preparing.domain
            require_standing_proof(transaction.projection, prepared.proof, party, int(now), domain)
            self._check(prepared, int(now))
            return transaction.propose(prepared.signed(prepared.proof, now, proposed=True), counterparty)

    def of(self, party: PartyId) -> list[Proposal]:
        """The open proposals that the party made, or that wait for it; those that are too old are left out."""
        now = self._clock.now()
        with self._store.rehearsing() as transaction:
            return [one for one in transaction.proposals_of(party) if now <= one.deadline]

    def open(self, number: int, party: PartyId) -> Proposal:
        """The proposal that waits for the party's agreement; its `digest` is what the party has to sign."""
        with self._store.rehearsing() as transaction:
            return _waiting(transaction, number, party)

    def agree(self, number: int, party: PartyId, device: DeviceKey | None = None, given: bytes = b"") -> RecordedEvent:
        """
        Records the proposal with the party's signature too: by its key that is kept here, or by the device's, whose
        signature over the digest is `given`. Where the event was recorded meanwhile, with both signatures, gives that.
        """
        with self._store.writing() as transaction:
            proposal = _waiting(transaction, number, party)
            event, now, projection = proposal.event, int(self._clock.now()), transaction.projection
            if (same := transaction.find_content(event.content_hash)) is not None:
                transaction.close_proposal(number)
                return same
            require_valid_key(projection, proposal.party, event.proof.key_id, now)
            if (other := transaction.find_event_id(event.event_id)) is not None:
                message = f"event {other.sequence} has this eventID and another content"
                raise Refused.one("/eventID", "event-id.conflict", event.event_id, message)
            if device is None:
                key = signing_key(self._signer, projection, party, now)
                second = cosign(self._signer, party, key, event.digest)
            else:
                require_valid_key(projection, party, device.id, now)
                second = CoSignature(party, device.id, device.scheme, device.signature(event.digest, given))
            try:
                projection.apply(proposal.action, event.digest, now)
            except InvalidInput as error:
                raise Refused(readable(error.violations, json.loads(event.body), event.lots)) from None
            transaction.close_proposal(number)
            signed = msgspec.structs.replace(
                event, given=replace(event.proof, co=second), record_time=self._clock.now()
            )
            return transaction.append(signed).recorded()

    def withdraw(self, number: int, party: PartyId) -> bool:
        """
        Takes the proposal off. True: the party had made it, and its signature is declared void on chain; False: it
        waited for the party, which turns it down.
        """
        with self._store.writing() as transaction:
            proposal = transaction.proposal(number)
            if proposal is None or party not in (proposal.party, proposal.counterparty):
                raise _none(number)
            transaction.close_proposal(number)
            own = party == proposal.party
            if own and self._clock.now() <= proposal.deadline:
                self._keys.queue_cancellation(transaction, party, proposal.digest)
            return own

    def _check(self, prepared: Prepared, now: int) -> None:
        """The ledger's rules, as things stand, on a projection of its own: a proposal changes nothing."""
        with self._store.rehearsing() as transaction:
            try:
                transaction.projection.apply(prepared.action, prepared.digest, now)
            except InvalidInput as error:
                raise Refused(readable(error.violations, prepared.body, prepared.lots)) from None

    def own(self, number: int, party: PartyId) -> Proposal:
        """A proposal that the party made and that still waits; `NotFound` for any other."""
        with self._store.rehearsing() as transaction:
            return self._own(transaction, number, party)

    def cancellation_of(self, number: int, party: PartyId) -> Cancellation:
        """What a device of the party's signs to withdraw its own proposal."""
        return self._keys.cancellation_of(party, self.own(number, party).digest)

    def withdraw_signed(self, number: int, party: PartyId, deadline: int, device: DeviceKey, given: bytes) -> None:
        """
        Takes off the party's own proposal by a device's signature over the cancellation with that deadline, for a party
        whose key is not kept here.
        """
        with self._store.writing() as transaction:
            proposal = self._own(transaction, number, party)
            cancellation = self._keys.cancellation_of(party, proposal.digest, deadline)
            self._keys.queue_signed_cancellation(transaction, cancellation, device, given)
            transaction.close_proposal(number)

    def _own(self, transaction: ProposalTransaction, number: int, party: PartyId) -> Proposal:
        proposal = transaction.proposal(number)
        if proposal is None or party != proposal.party or self._clock.now() > proposal.deadline:
            raise _none(number)
        return proposal


def _key_stands(transaction: ProposalTransaction, proposal: Proposal, now: int) -> bool:
    """Whether the key that signed first may still sign."""
    try:
        require_valid_key(transaction.projection, proposal.party, proposal.event.proof.key_id, now)
    except Refused:
        return False
    return True


def _waiting(transaction: ProposalTransaction, number: int, party: PartyId) -> Proposal:
    proposal = transaction.proposal(number)
    if proposal is None or party not in (proposal.party, proposal.counterparty):
        raise _none(number)
    if party != proposal.counterparty:
        message = f"you made this proposal; {proposal.counterparty:013d} has to agree"
        raise Refused.one("/party", "proposal.own", f"{party:013d}", message)
    return proposal


def _none(number: int) -> NotFound:
    return NotFound(f"no proposal {number} waits; `silkroot proposals` lists them")
