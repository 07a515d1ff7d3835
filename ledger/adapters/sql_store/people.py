"""
People in SQL: who they are, how they come, and their devices; implements half of `ledger.ports_people`.

Every method is one short transaction. `SqlPeople` adds the other half, of sessions and secrets.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, and_, delete, insert, select, update

from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.people_tables import devices, invitations, people, staff_sessions
from ledger.adapters.sql_store.sign_in import SqlSignIn
from ledger.domain.identifiers import KeyId, PartyId
from ledger.domain.people import Device, DeviceState, Invitation, Person, Role

_P, _I, _D, _S = people.c, invitations.c, devices.c, staff_sessions.c


class SqlPeople(SqlSignIn):
    """People of all parties, in one database."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)

    def invite(self, invitation: Invitation) -> None:
        """Keeps a new invitation."""
        row = {
            "token_hash": invitation.token_hash,
            "party": int(invitation.party),
            "name": invitation.name,
            "role": invitation.role.value,
            "made_by": invitation.made_by,
            "made_at": invitation.made_at,
            "expires_at": invitation.expires_at,
            "used_at": invitation.used_at,
            "person": invitation.person,
        }
        with self._database.writing() as connection:
            connection.execute(insert(invitations), row)

    def invitation(self, token_hash: bytes) -> Invitation | None:
        """The invitation of that token."""
        with self._database.reading() as connection:
            row = connection.execute(select(invitations).where(_I.token_hash == token_hash)).first()
        return None if row is None else _invitation(row)

    def invitations(self, party: PartyId) -> list[Invitation]:
        """All invitations of the party, newest first."""
        asked = select(invitations).where(_I.party == int(party)).order_by(_I.made_at.desc(), _I.token_hash)
        with self._database.reading() as connection:
            return [_invitation(row) for row in connection.execute(asked)]

    def redeem(self, token_hash: bytes, at: int, person: Person, device: Device) -> bool:
        """One statement takes the invitation; whoever comes second finds nothing to take."""
        open_one = and_(_I.token_hash == token_hash, _I.used_at.is_(None), _I.expires_at > at)
        with self._database.writing() as connection:
            taken = connection.execute(update(invitations).where(open_one).values(used_at=at, person=person.id))
            if taken.rowcount != 1:
                return False
            connection.execute(insert(people), _person_row(person))
            connection.execute(insert(devices), _device_row(device))
        return True

    def withdraw(self, party: PartyId, invitation_id: str) -> bool:
        """The id is the beginning of the hash."""
        with self._database.writing() as connection:
            rows = connection.execute(select(_I.token_hash).where(_I.party == int(party), _I.used_at.is_(None)))
            found = [row.token_hash for row in rows if row.token_hash[:8].hex() == invitation_id]
            for token_hash in found:
                connection.execute(delete(invitations).where(_I.token_hash == token_hash))
        return bool(found)

    def person(self, person: str) -> Person | None:
        """The person of that id."""
        with self._database.reading() as connection:
            row = connection.execute(select(people).where(_P.id == person)).first()
        return None if row is None else person_of(row)

    def people(self, party: PartyId) -> list[Person]:
        """All people of the party, oldest first."""
        asked = select(people).where(_P.party == int(party)).order_by(_P.added_at, _P.id)
        with self._database.reading() as connection:
            return [person_of(row) for row in connection.execute(asked)]

    def disable(self, person: str, at: int) -> bool:
        """Ends the sessions in the same transaction."""
        with self._database.writing() as connection:
            enabled = and_(_P.id == person, _P.disabled_at.is_(None))
            done = connection.execute(update(people).where(enabled).values(disabled_at=at)).rowcount == 1
            _end(connection, _S.person == person, at)
        return done

    def add_device(self, device: Device) -> None:
        """`Conflict` where its key is known."""
        with self._database.writing() as connection:
            connection.execute(insert(devices), _device_row(device))

    def device(self, key_id: KeyId) -> Device | None:
        """The device of that key."""
        with self._database.reading() as connection:
            row = connection.execute(select(devices).where(_D.key_id == key_id)).first()
        return None if row is None else _device(row)

    def devices(self, party: PartyId) -> list[Device]:
        """All devices of the party's people, oldest first."""
        asked = select(devices).where(_D.party == int(party)).order_by(_D.added_at, _D.key_id)
        with self._database.reading() as connection:
            return [_device(row) for row in connection.execute(asked)]

    def set_device(self, key_id: KeyId, state: DeviceState, at: int) -> None:
        """A revoked one's sessions end."""
        is_revoked = state is DeviceState.REVOKED
        changed = {"state": state.value, "revoked_at": at if is_revoked else None}
        with self._database.writing() as connection:
            connection.execute(update(devices).where(_D.key_id == key_id).values(**changed))
            if is_revoked:
                _end(connection, _S.device == key_id, at)


def _end(connection: Connection, which: Any, at: int) -> None:
    connection.execute(update(staff_sessions).where(which, _S.revoked_at.is_(None)).values(revoked_at=at))


def person_of(row: Any) -> Person:
    """A person from a row that has the columns of `people`."""
    return Person(row.id, PartyId(row.party), row.name, Role(row.role), row.added_at, row.disabled_at)


def _person_row(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "party": int(person.party),
        "name": person.name,
        "role": person.role.value,
        "added_at": person.added_at,
        "disabled_at": person.disabled_at,
    }


def _device_row(device: Device) -> dict[str, Any]:
    return {
        "key_id": device.key_id,
        "person": device.person,
        "party": int(device.party),
        "label": device.label,
        "public_key": device.public_key,
        "admin": device.admin,
        "added_at": device.added_at,
        "grant_deadline": device.grant_deadline,
        "grant_signature": device.grant_signature,
        "state": device.state.value,
        "revoked_at": device.revoked_at,
    }


def _device(row: Any) -> Device:
    return Device(
        KeyId(row.key_id), row.person, PartyId(row.party), row.label, row.public_key, row.admin, row.added_at,
        row.grant_deadline, row.grant_signature, DeviceState(row.state), row.revoked_at,
    )  # fmt: skip


def _invitation(row: Any) -> Invitation:
    return Invitation(
        row.token_hash, PartyId(row.party), row.name, Role(row.role), row.made_by, row.made_at, row.expires_at,
        row.used_at, row.person,
    )  # fmt: skip
