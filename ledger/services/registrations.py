"""
What all that changes the registry has in common: signing with the right key, and queueing the entry.

Raises `Refused` where the registry's rules forbid it, `NotFound` where the key that has to sign is not kept here,
`KeyLocked` where it cannot be opened.
"""

from __future__ import annotations

from ledger.domain.entry_codec import encode_payload
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import KeyId, PartyId
from ledger.domain.projection import Projection, RegisteredKey
from ledger.domain.registry_actions import RegistryAction
from ledger.domain.typed_data import Domain, digest
from ledger.ports import Clock, EventStore, EventTransaction, NewRegistration, Signer

DEADLINE_SECONDS = 7 * 24 * 3600
"""How long the chain may take to record what was signed."""


class Registrations:
    """`registrar` is the registrar's key; `domain` the EIP-712 domain of `PartyRegistry`."""

    def __init__(self, store: EventStore, signer: Signer, registrar: KeyId, domain: Domain, clock: Clock) -> None:
        self._store = store
        self._signer = signer
        self._registrar = registrar
        self._domain = domain
        self._clock = clock

    def _queue(
        self,
        transaction: EventTransaction,
        action: RegistryAction,
        key: KeyId,
        witness: KeyId | None = None,
        new_key_signature: bytes | None = None,
    ) -> None:
        """
        Signs with `key`, and with the `witness` key where a new key has to prove itself (or did: `new_key_signature`);
        queues the entry.
        """
        transaction.projection.register(action)
        signed = digest(self._domain, action)
        if witness is not None:
            new_key_signature = self._signer.sign(witness, signed)
        transaction.queue(
            NewRegistration(
                action=action,
                key_id=key,
                signature=self._signer.sign(key, signed),
                digest=signed,
                payload=encode_payload(action, new_key_signature=new_key_signature),
            )
        )

    def _admin_key(self, projection: Projection, party: PartyId, other_than: KeyId | None = None) -> KeyId:
        """An admin key of the party that is kept here and stands; `other_than` only where there is no other."""
        usable = [key for key, known in projection.keys_of(party).items() if known.admin and self._signs(key, known)]
        if not usable:
            raise NotFound(f"no admin key of party {party:013d} is kept here")
        return next((key for key in usable if key != other_than), usable[0])

    def _signs(self, key: KeyId, known: RegisteredKey) -> bool:
        """Whether the key is kept here, unrevoked and in its window."""
        now = self._now()
        ended = known.valid_until and now >= known.valid_until
        return not known.revoked and known.valid_from <= now and not ended and self._is_kept(key)

    def _is_kept(self, key: KeyId) -> bool:
        try:
            self._signer.scheme_of(key)
        except NotFound:
            return False
        return True

    def _deadline(self) -> int:
        return self._now() + DEADLINE_SECONDS

    def _now(self) -> int:
        return int(self._clock.now())
