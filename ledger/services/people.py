"""
People of a party: invited, joined with a device, disabled; their devices registered on chain and revoked.

An invitation is a token that is told once. Whoever opens it makes a key on the phone and signs, with it, the grant that
registers it; the party's admin key signs the grant too. Where that key is kept here, the invitation, which an admin of
the party made, is the authority to use it; where it is not, the device waits until an admin's own device signs.
Raises `Refused` with rules `invitation.*`, `person.*` and `device.*`, and `NotFound` for what another party has.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace

from ledger.domain.errors import InvalidInput, NotFound, Refused, SilkrootError
from ledger.domain.identifiers import Digest, KeyId, PartyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import (
    INVITATION_SECONDS,
    Device,
    DeviceState,
    Invitation,
    Person,
    Role,
    checked_label,
    checked_name,
    token_hash,
)
from ledger.domain.records import Scheme
from ledger.domain.registry_actions import KeyGrant, KeyRevocation
from ledger.ports import Clock, EventStore
from ledger.ports_people import PeopleStore
from ledger.services.keys import AdminSignature, DeviceKey, Keys

MOST_INVITATION_SECONDS = 30 * 24 * 3600
TOKEN_BYTES = 24
logger = logging.getLogger(__name__)


class People:
    """`store` says which parties there are; `keys` registers and revokes on chain."""

    def __init__(self, people: PeopleStore, store: EventStore, keys: Keys, clock: Clock) -> None:
        self._people = people
        self._store = store
        self._keys = keys
        self._clock = clock

    def party_roles(self, party: PartyId) -> PartyRole:
        """What the registry lets the party do; none for one that nobody admitted."""
        with self._store.rehearsing() as transaction:
            return PartyRole(transaction.projection.roles_of(party))

    def invite(
        self, party: PartyId, name: str, role: Role, made_by: str = "", seconds: int = INVITATION_SECONDS
    ) -> tuple[Invitation, str]:
        """An invitation and its token, which cannot be had again. `made_by`: the admin's id, "" for the operator."""
        name = checked_name(name)
        if not 0 < seconds <= MOST_INVITATION_SECONDS:
            raise InvalidInput.one("expires", "invitation.time", seconds, "an invitation is good for 1 s to 30 days")
        if not self.party_roles(party):
            raise Refused.one("party", "UnknownParty", f"{party:013d}", "no such party is admitted")
        now, token = self._now(), secrets.token_urlsafe(TOKEN_BYTES)
        invitation = Invitation(token_hash(token), party, name, role, made_by, now, now + seconds)
        self._people.invite(invitation)
        return invitation, token

    def opened(self, token: str) -> Invitation:
        """The invitation of the token; `Refused` where it is none, was used, has expired, or its maker was disabled."""
        found = self._people.invitation(token_hash(token))
        if found is None:
            raise _refused("invitation.unknown", "there is no such invitation, or it was withdrawn")
        if found.used_at is not None:
            raise _refused("invitation.used", "this invitation was used already; it is good for one person once")
        if found.expires_at <= self._now():
            raise _refused("invitation.expired", "this invitation has expired; ask for a new one")
        maker = self._people.person(found.made_by) if found.made_by else None
        if maker is not None and maker.disabled_at is not None:
            raise _refused("invitation.unknown", "whoever made this invitation may not invite any more")
        return found

    def grant_for(self, party: PartyId, role: Role, public_key: bytes, deadline: int = 0) -> tuple[KeyGrant, Digest]:
        """What the phone's key signs to become one of the party's; those of admins may add and revoke keys."""
        return self._keys.grant_of(
            party, _device_key(public_key), admin=role is Role.ADMIN, valid_until=0, deadline=deadline
        )

    def join(
        self, token: str, public_key: bytes, deadline: int, signature: bytes, label: str = ""
    ) -> tuple[Person, Device]:
        """The invited person with the phone's key, which signed the grant."""
        invitation = self.opened(token)
        person = Person(secrets.token_hex(8), invitation.party, invitation.name, invitation.role, self._now())
        device = self._checked_device(person, public_key, deadline, signature, label)
        if not self._people.redeem(invitation.token_hash, self._now(), person, device):
            raise _refused("invitation.used", "this invitation was used already; it is good for one person once")
        return person, self._registered_if_can_be(device)

    def add_device(
        self, person: Person, public_key: bytes, deadline: int, signature: bytes, label: str = ""
    ) -> Device:  # fmt: skip
        """Another phone of somebody who is signed in on it by a passkey or a recovery code."""
        device = self._checked_device(person, public_key, deadline, signature, label)
        self._people.add_device(device)
        return self._registered_if_can_be(device)

    def register(self, device: Device) -> Device:
        """
        The device's key becomes one of the party's on chain, by the admin key that is kept here; the same device,
        still waiting, where none is.
        """
        grant, _ = self.offered(device)
        try:
            self._keys.add(device.party, _device_key(device.public_key), grant, device.grant_signature)
        except NotFound:
            return device
        self._people.set_device(device.key_id, DeviceState.REGISTERED, self._now())
        return replace(device, state=DeviceState.REGISTERED)

    def _registered_if_can_be(self, device: Device) -> Device:
        """The person has come, whatever keeps the key from the chain (a suspended party, say): then it waits."""
        try:
            return self.register(device)
        except SilkrootError as error:
            logger.warning("device %s waits: %s", device.key_id.hex(), error)
            return device

    def approve(self, party: PartyId, key_id: KeyId, admin: KeyId, given: bytes) -> Device:
        """A device that waits is registered by the signature of an admin's own device over its grant."""
        device = self.device(party, key_id)
        if device.state is not DeviceState.WAITING:
            raise Refused.one("device", "device.not-waiting", key_id.hex(), "this phone does not wait any more")
        grant, _ = self.offered(device)
        by = AdminSignature(_device_key(self.device(party, admin).public_key), given)
        self._keys.add_signed(party, _device_key(device.public_key), grant, device.grant_signature, by)
        self._people.set_device(key_id, DeviceState.REGISTERED, self._now())
        return replace(device, state=DeviceState.REGISTERED)

    def offered(self, device: Device) -> tuple[KeyGrant, Digest]:
        """The grant that the device signed."""
        role = Role.ADMIN if device.admin else Role.STAFF
        return self.grant_for(device.party, role, device.public_key, device.grant_deadline)

    def people(self, party: PartyId) -> list[Person]:
        """All people of the party."""
        return self._people.people(party)

    def person(self, party: PartyId, person: str) -> Person:
        """A person of the party."""
        found = self._people.person(person)
        if found is None or found.party != party:
            raise NotFound(f"party {party:013d} has no person {person[:40]}")
        return found

    def devices(self, party: PartyId) -> list[Device]:
        """All devices of the party's people."""
        return self._people.devices(party)

    def device(self, party: PartyId, key_id: KeyId) -> Device:
        """A device of the party."""
        found = self._people.device(key_id)
        if found is None or found.party != party:
            raise NotFound(f"party {party:013d} has no device {key_id.hex()}")
        return found

    def invitations(self, party: PartyId) -> list[Invitation]:
        """Those of the party that can still be opened."""
        now = self._now()
        return [one for one in self._people.invitations(party) if one.used_at is None and one.expires_at > now]

    def withdraw(self, party: PartyId, invitation: str) -> None:
        """The invitation opens nothing any more."""
        if not self._people.withdraw(party, invitation):
            raise NotFound(f"party {party:013d} has no open invitation {invitation[:40]}")

    def revoke(self, party: PartyId, key_id: KeyId) -> None:
        """
        Ends the device: its key on chain first, then its sessions. What it signed before stays valid. `Refused` where
        the key that may revoke is not kept here.
        """
        device = self.device(party, key_id)
        if device.state is DeviceState.REGISTERED:
            try:
                self._keys.revoke(party, key_id)
            except NotFound:
                message = "the key that may revoke this one is not kept here: revoke it with your own admin key"
                raise Refused.one("device", "device.admin-elsewhere", key_id.hex(), message) from None
        self._people.set_device(key_id, DeviceState.REVOKED, self._now())

    def revocation_of(self, party: PartyId, key_id: KeyId) -> KeyRevocation:
        """What an admin's own device signs to end another one."""
        return self._keys.revocation_of(party, self.device(party, key_id).key_id)

    def revoke_signed(self, party: PartyId, key_id: KeyId, deadline: int, admin: KeyId, given: bytes) -> None:
        """As `revoke`, by the signature of an admin's own device."""
        device = self.device(party, key_id)
        if device.state is DeviceState.REGISTERED:
            by = AdminSignature(_device_key(self.device(party, admin).public_key), given)
            self._keys.revoke_signed(party, self._keys.revocation_of(party, key_id, deadline), by)
        self._people.set_device(key_id, DeviceState.REVOKED, self._now())

    def disable(self, admin: Person, person: str) -> list[Device]:
        """
        The person may not act any more: signed out everywhere, and all devices revoked. Those are returned that are
        not yet, since the key that may revoke them is not kept here: the admin's own device signs their end.
        """
        found = self.person(admin.party, person)
        if found.id == admin.id:
            message = "nobody disables themselves: ask another admin, so that one is left"
            raise Refused.one("person", "person.self", found.name, message)
        self._people.disable(found.id, self._now())
        left = []
        for device in self._people.devices(admin.party):
            if device.person == found.id and device.state is not DeviceState.REVOKED:
                try:
                    self.revoke(admin.party, device.key_id)
                except Refused:
                    left.append(device)
        return left

    def _checked_device(
        self, person: Person, public_key: bytes, deadline: int, signature: bytes, label: str
    ) -> Device:  # fmt: skip
        key = _device_key(public_key)
        grant, signed = self.grant_for(person.party, person.role, public_key, deadline)
        key.signature(signed, signature)
        if grant.deadline <= self._now():
            raise Refused.one("deadline", "DeadlinePassed", deadline, "the grant was signed too long ago")
        if self._people.device(key.id) is not None:
            raise Refused.one("publicKey", "device.known", key.id.hex(), "this key is somebody's already")
        is_admin = person.role is Role.ADMIN
        return Device(
            key.id, person.id, person.party, checked_label(label), key.public_key, is_admin, self._now(),
            grant.deadline, signature,
        )  # fmt: skip

    def _now(self) -> int:
        return int(self._clock.now())


def _device_key(public_key: bytes) -> DeviceKey:
    key = DeviceKey.parse(public_key)
    if key.scheme is not Scheme.P256:
        raise Refused.one("publicKey", "key.public", public_key.hex(), "a device's key is a point of P-256")
    return key


def _refused(rule: str, message: str) -> Refused:
    # The token itself is told to nobody: not in an answer, nor in a log.
    return Refused.one("invitation", rule, "…", message)
