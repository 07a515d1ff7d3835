"""
Keys and standing of single parties: rotation, devices, revocation, cancelled digests, suspension, recovery.

Each method checks the registry's rules, signs and queues one or two entries; they hold here at once and on chain when
the outbox brought them there. A device makes its own key and signs the grant with it: `grant_of` says what it has to
sign, `add` takes its signature. Keys made here are `hosted`.

Raises `Refused`, `NotFound` (the key that has to sign is not kept here) and `KeyLocked`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.domain.entry_codec import encode_payload
from ledger.domain.errors import NotFound, Refused
from ledger.domain.identifiers import Digest, KeyId, PartyId, key_id_of_address, key_id_of_point
from ledger.domain.projection import PendingRecovery, Projection, RegisteredKey
from ledger.domain.records import Scheme
from ledger.domain.registry_actions import (
    RECOVERY_DELAY_SECONDS,
    Cancellation,
    KeyGrant,
    KeyRevocation,
    Recovery,
    RecoveryCancellation,
    RecoveryCompletion,
    Suspension,
)  # fmt: skip
from ledger.domain.signatures import p256_signature, verify
from ledger.domain.typed_data import digest
from ledger.ports import EventTransaction, NewRegistration
from ledger.services.registrations import Registrations
from ledger.services.signed_events import FARTHEST_SECONDS, LEAST_SECONDS
from ledger.services.signing import require_valid_key

RECOVERY_SLACK_SECONDS = 3600
"""How long the chain may take to record the start of a recovery; its effect is that much later than the delay."""


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A key that lives elsewhere. `public_key`: x ‖ y under P-256 (64 bytes), the address under secp256k1 (20)."""

    scheme: Scheme
    public_key: bytes

    @classmethod
    def parse(cls, data: bytes) -> DeviceKey:
        """20 bytes are an address, 64 (or 65 with 04 in front) a point of P-256."""
        if len(data) == 65 and data[0] == 4:
            data = data[1:]
        if len(data) == 20:
            return cls(Scheme.SECP256K1, data)
        if len(data) == 64:
            return cls(Scheme.P256, data)
        raise Refused.one("/publicKey", "key.public", data.hex(), "a key is an address (20 bytes) or x and y (64)")

    @property
    def id(self) -> KeyId:
        """The key's id on chain."""
        return key_id_of_point(self.public_key) if self.scheme is Scheme.P256 else key_id_of_address(self.public_key)

    def signature(self, signed: Digest, given: bytes) -> bytes:
        """What the device signed, in the form of the contract; `Refused` where the key did not sign the digest."""
        if self.scheme is Scheme.P256 and len(given) == 64:
            given = p256_signature(signed, given, self.public_key)
        if not verify(signed, self.id, self.scheme, given):
            message = "the key did not sign this digest: same members, same deadline?"
            raise Refused.one("/signature", "InvalidSignature", given.hex(), message)
        return given


@dataclass(frozen=True, slots=True)
class AdminSignature:
    """What an admin key that lives elsewhere signed: `given` as its device gave it."""

    key: DeviceKey
    given: bytes


class Keys(Registrations):
    """See the module."""

    def of(self, party: PartyId) -> dict[KeyId, RegisteredKey]:
        """All keys of the party, revoked ones too."""
        with self._store.rehearsing() as transaction:
            self._require_known(transaction.projection, party)
            return transaction.projection.keys_of(party)

    def recovery_of(self, party: PartyId) -> PendingRecovery | None:
        """The party's recovery that is under way."""
        with self._store.rehearsing() as transaction:
            return transaction.projection.recovery_of(party)

    def rotate(self, party: PartyId, scheme: Scheme = Scheme.SECP256K1, *, keep_old: bool = True) -> KeyId:
        """
        A new signing key for the party, granted by its present one. With `keep_old` that one stays valid until it is
        revoked; without, the new key revokes it: what it signed is recorded before, since entries go in order.
        """
        with self._store.writing() as transaction:
            admin = self._admin_key(transaction.projection, party)
            key = self._signer.key_of(party)
            if transaction.projection.key(key) is not None or self._signer.scheme_of(key) is not scheme:
                key = self._signer.create_another(party, scheme)
            grant = KeyGrant(party, key, scheme, True, True, 0, 0, self._deadline())
            self._queue(transaction, grant, admin, witness=key)
            if not keep_old:
                self._queue(transaction, KeyRevocation(party, admin, self._deadline()), key)
            return key

    def grant_of(
        self, party: PartyId, device: DeviceKey, *, admin: bool, valid_until: int, deadline: int = 0
    ) -> tuple[KeyGrant, Digest]:
        """The grant of a device's key, and the digest that the device has to sign."""
        grant = KeyGrant(
            party, device.id, device.scheme, admin, False, 0, valid_until, deadline or self._deadline()
        )  # fmt: skip
        return grant, digest(self._domain, grant)

    def add(self, party: PartyId, device: DeviceKey, grant: KeyGrant, given: bytes) -> KeyId:
        """Adds the device's key, which signed the grant."""
        signature = device.signature(digest(self._domain, grant), given)
        now = self._now()
        if now > grant.deadline:
            raise Refused.one("/deadline", "DeadlinePassed", grant.deadline, "the grant was signed too long ago")
        if grant.valid_until and grant.valid_until <= now:
            raise Refused.one("/validUntil", "InvalidWindow", grant.valid_until, "the key would never be valid")
        with self._store.writing() as transaction:
            admin = self._admin_key(transaction.projection, party)
            self._queue(transaction, grant, admin, new_key_signature=signature)
        return device.id

    def add_signed(self, party: PartyId, device: DeviceKey, grant: KeyGrant, given: bytes, by: AdminSignature) -> KeyId:
        """The same where the party's admin key is not kept here: it signed the grant itself."""
        signature = device.signature(digest(self._domain, grant), given)
        if self._now() > grant.deadline:
            raise Refused.one("/deadline", "DeadlinePassed", grant.deadline, "the grant was signed too long ago")
        with self._store.writing() as transaction:
            self._queue_signed(transaction, party, grant, by, signature)
        return device.id

    def revocation_of(self, party: PartyId, key: KeyId, deadline: int = 0) -> KeyRevocation:
        """What an admin key that is not kept here signs to revoke the key."""
        return KeyRevocation(party, key, deadline or self._deadline())

    def revoke_signed(self, party: PartyId, revocation: KeyRevocation, by: AdminSignature) -> None:
        """Revokes a key of the party by an admin key that is not kept here."""
        if self._now() > revocation.deadline:
            raise Refused.one("/deadline", "DeadlinePassed", revocation.deadline, "this was signed too long ago")
        with self._store.writing() as transaction:
            self._queue_signed(transaction, party, revocation, by)

    def _queue_signed(
        self,
        transaction: EventTransaction,
        party: PartyId,
        action: KeyGrant | KeyRevocation,
        by: AdminSignature,
        new_key_signature: bytes | None = None,
    ) -> None:
        known = transaction.projection.keys_of(party).get(by.key.id)
        now = self._now()
        ended = known is not None and known.valid_until and now >= known.valid_until
        if known is None or not known.admin or known.revoked or known.valid_from > now or ended:
            message = "this is no admin key of the party that stands"
            raise Refused.one("/signature", "device.no-admin", by.key.id.hex(), message)
        signed = digest(self._domain, action)
        signature = by.key.signature(signed, by.given)
        transaction.projection.register(action)
        payload = encode_payload(action, new_key_signature=new_key_signature)
        transaction.queue(NewRegistration(action, by.key.id, signature, signed, payload))

    def revoke(self, party: PartyId, key: KeyId) -> None:
        """Revokes a key of the party; `Refused` where it is the last that could grant another (`rotate` first)."""
        with self._store.writing() as transaction:
            admin = self._admin_key(transaction.projection, party, other_than=key)
            self._queue(transaction, KeyRevocation(party, key, self._deadline()), admin)

    def cancel(self, party: PartyId, signed: Digest) -> None:
        """Declares void what the party signed under the digest and what no contract recorded yet."""
        with self._store.writing() as transaction:
            self.queue_cancellation(transaction, party, signed)

    def queue_cancellation(self, transaction: EventTransaction, party: PartyId, signed: Digest) -> None:
        """The same inside a write transaction."""
        known = transaction.projection.keys_of(party)
        usable = sorted((key for key in known if self._signs(key, known[key])), key=lambda key: not known[key].admin)
        if not usable:
            raise NotFound(f"no key of party {party:013d} is kept here")
        self._queue(transaction, Cancellation(party, signed, self._deadline()), usable[0])

    def cancellation_of(self, party: PartyId, signed: Digest, deadline: int = 0) -> Cancellation:
        """What a key of the party's that is not kept here signs, so that what is signed under the digest is void."""
        return Cancellation(party, signed, deadline or self._deadline())

    def queue_signed_cancellation(
        self, transaction: EventTransaction, cancellation: Cancellation, device: DeviceKey, given: bytes
    ) -> None:
        """The cancellation, signed by a device of the party's, inside a write transaction; any of its keys may."""
        now = self._now()
        if not now + LEAST_SECONDS <= cancellation.deadline <= now + FARTHEST_SECONDS:
            message = "this was signed too long ago, or for too long: ask for it again"
            raise Refused.one("/deadline", "DeadlinePassed", cancellation.deadline, message)
        require_valid_key(transaction.projection, cancellation.party, device.id, now)
        signed = digest(self._domain, cancellation)
        signature = device.signature(signed, given)
        transaction.projection.register(cancellation)
        payload = encode_payload(cancellation)
        transaction.queue(NewRegistration(cancellation, device.id, signature, signed, payload))

    def suspend(self, party: PartyId, *, suspended: bool) -> bool:
        """The registrar suspends the party, or reinstates it; False: it stood so already."""
        with self._store.writing() as transaction:
            self._require_known(transaction.projection, party)
            if transaction.projection.is_suspended(party) == suspended:
                return False
            self._queue(transaction, Suspension(party, suspended, self._deadline()), self._registrar)
            return True

    def start_recovery(self, party: PartyId, scheme: Scheme = Scheme.SECP256K1) -> PendingRecovery:
        """The registrar starts a recovery to a new key that is kept here, apart from the party's own."""
        with self._store.writing() as transaction:
            self._require_known(transaction.projection, party)
            key = self._signer.create_spare(party, scheme)
            now = self._now()
            effective_at = now + RECOVERY_DELAY_SECONDS + RECOVERY_SLACK_SECONDS
            recovery = Recovery(party, key, scheme, True, effective_at, now + RECOVERY_SLACK_SECONDS)
            self._queue(transaction, recovery, self._registrar, witness=key)
            return PendingRecovery(key, scheme, True, effective_at)

    def finish_recovery(self, party: PartyId) -> KeyId:
        """The delay is over: the new key becomes an admin key of the party, and the one that signs for it."""
        with self._store.writing() as transaction:
            pending = self._pending(transaction.projection, party)
            if self._now() < pending.effective_at:
                message = "the delay is not over; until then the party can cancel"
                raise Refused.one("/party", "RecoveryNotDue", pending.effective_at, message)
            self._signer.scheme_of(pending.key_id)
            completion = RecoveryCompletion(party, pending.key_id, self._deadline())
            self._queue(transaction, completion, pending.key_id)
            self._signer.adopt(party, pending.key_id)
            return pending.key_id

    def cancel_recovery(self, party: PartyId) -> KeyId:
        """Calls the recovery off: by the party's admin key if one is kept here, else by the registrar."""
        with self._store.writing() as transaction:
            pending = self._pending(transaction.projection, party)
            try:
                key = self._admin_key(transaction.projection, party)
            except NotFound:
                key = self._registrar
            self._queue(transaction, RecoveryCancellation(party, pending.key_id, self._deadline()), key)
            return pending.key_id

    def _pending(self, projection: Projection, party: PartyId) -> PendingRecovery:
        pending = projection.recovery_of(party)
        if pending is None:
            raise Refused.one("/party", "NoRecovery", f"{party:013d}", "no recovery of the party is under way")
        return pending

    def _require_known(self, projection: Projection, party: PartyId) -> None:
        if not projection.roles_of(party):
            raise NotFound(f"party {party:013d} is not registered")
