"""
Sessions, PINs, passkeys, recovery codes and challenges in SQL; implements half of `ledger.ports_people`.

Every method is one short transaction. What may be used once is taken by the statement that finds it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.dialect import upsert
from ledger.adapters.sql_store.people_tables import (
    passkeys,
    people,
    pins,
    recovery_codes,
    sign_in_challenges,
    staff_sessions,
)  # fmt: skip
from ledger.domain.identifiers import KeyId, PartyId
from ledger.domain.people import Passkey, Person, Pin, Role, Session

_P, _S, _N, _K, _R, _C = (
    people.c, staff_sessions.c, pins.c, passkeys.c, recovery_codes.c, sign_in_challenges.c,
)  # fmt: skip


class SqlSignIn:
    """How people sign in, in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_session(self, session: Session) -> None:
        """Keeps a new session."""
        row = {
            "token_hash": session.token_hash,
            "person": session.person,
            "device": session.device,
            "created_at": session.created_at,
            "seen_at": session.seen_at,
            "revoked_at": session.revoked_at,
        }
        with self._database.writing() as connection:
            connection.execute(insert(staff_sessions), row)

    def session(self, token_hash: bytes) -> tuple[Session, Person] | None:
        """The session of that token, and whose it is."""
        asked = (
            select(staff_sessions, people)
            .join(people, _P.id == _S.person)
            .where(_S.token_hash == token_hash)
        )  # fmt: skip
        with self._database.reading() as connection:
            row = connection.execute(asked).first()
        if row is None:
            return None
        person = Person(row.id, PartyId(row.party), row.name, Role(row.role), row.added_at, row.disabled_at)
        return _session(row), person

    def sessions(self, person: str) -> list[Session]:
        """All sessions of the person, newest first."""
        asked = select(staff_sessions).where(_S.person == person).order_by(_S.created_at.desc(), _S.token_hash)
        with self._database.reading() as connection:
            return [_session(row) for row in connection.execute(asked)]

    def seen(self, token_hash: bytes, at: int) -> None:
        """The session was used."""
        with self._database.writing() as connection:
            connection.execute(update(staff_sessions).where(_S.token_hash == token_hash).values(seen_at=at))

    def end_session(self, token_hash: bytes, at: int) -> None:
        """The session opens nothing any more."""
        open_one = (_S.token_hash == token_hash, _S.revoked_at.is_(None))
        with self._database.writing() as connection:
            connection.execute(update(staff_sessions).where(*open_one).values(revoked_at=at))

    def end_sessions(self, person: str, at: int) -> int:
        """Ends all sessions of the person; how many were open."""
        with self._database.writing() as connection:
            ended = connection.execute(
                update(staff_sessions).where(_S.person == person, _S.revoked_at.is_(None)).values(revoked_at=at)
            )
        return ended.rowcount

    def forget_sessions(self, before: int) -> None:
        """Forgets sessions that were made before that time."""
        with self._database.writing() as connection:
            connection.execute(delete(staff_sessions).where(_S.created_at < before))

    def pin(self, person: str) -> Pin | None:
        """The person's PIN, as it is kept."""
        with self._database.reading() as connection:
            row = connection.execute(select(pins).where(_N.person == person)).first()
        return None if row is None else Pin(row.person, row.salt, row.hash, row.failures)

    def set_pin(self, pin: Pin) -> None:
        """Keeps the PIN instead of the one before."""
        row = {"person": pin.person, "salt": pin.salt, "hash": pin.hash, "failures": pin.failures}
        with self._database.writing() as connection:
            upsert(connection, pins, [row])

    def drop_pin(self, person: str) -> None:
        """The person has no PIN any more."""
        with self._database.writing() as connection:
            connection.execute(delete(pins).where(_N.person == person))

    def take_attempt(self, person: str, most: int) -> bool:
        """Counted before the PIN is compared, so that many tries at once are no more than so many."""
        left = (_N.person == person, _N.failures < most)
        with self._database.writing() as connection:
            return connection.execute(update(pins).where(*left).values(failures=_N.failures + 1)).rowcount == 1

    def forgive(self, person: str) -> None:
        """No attempts count any more."""
        with self._database.writing() as connection:
            connection.execute(update(pins).where(_N.person == person).values(failures=0))

    def add_passkey(self, passkey: Passkey) -> None:
        """`Conflict` where it is known."""
        row = {
            "credential_id": passkey.credential_id,
            "person": passkey.person,
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
            "label": passkey.label,
            "added_at": passkey.added_at,
        }
        with self._database.writing() as connection:
            connection.execute(insert(passkeys), row)

    def passkey(self, credential_id: bytes) -> Passkey | None:
        """The passkey of that credential."""
        with self._database.reading() as connection:
            row = connection.execute(select(passkeys).where(_K.credential_id == credential_id)).first()
        return None if row is None else _passkey(row)

    def passkeys(self, person: str) -> list[Passkey]:
        """The person's passkeys, oldest first."""
        asked = select(passkeys).where(_K.person == person).order_by(_K.added_at, _K.credential_id)
        with self._database.reading() as connection:
            return [_passkey(row) for row in connection.execute(asked)]

    def used_passkey(self, credential_id: bytes, sign_count: int) -> None:
        """The authenticator's counter, as it told it last."""
        with self._database.writing() as connection:
            connection.execute(
                update(passkeys).where(_K.credential_id == credential_id).values(sign_count=sign_count)
            )  # fmt: skip

    def drop_passkey(self, person: str, credential_id: bytes) -> bool:
        """False where the person has none such."""
        own = (_K.person == person, _K.credential_id == credential_id)
        with self._database.writing() as connection:
            return connection.execute(delete(passkeys).where(*own)).rowcount == 1

    def set_codes(self, person: str, hashes: Collection[bytes]) -> None:
        """These recovery codes instead of all before."""
        with self._database.writing() as connection:
            connection.execute(delete(recovery_codes).where(_R.person == person))
            rows = [{"code_hash": code, "person": person, "used_at": None} for code in hashes]
            connection.execute(insert(recovery_codes), rows)

    def codes_left(self, person: str) -> int:
        """How many of the codes were not used."""
        asked = select(func.count()).select_from(recovery_codes).where(_R.person == person, _R.used_at.is_(None))
        with self._database.reading() as connection:
            return int(connection.execute(asked).scalar_one())

    def take_code(self, code_hash: bytes, at: int) -> str | None:
        """Whose it is, None where it is none or was used."""
        open_one = (_R.code_hash == code_hash, _R.used_at.is_(None))
        with self._database.writing() as connection:
            if connection.execute(update(recovery_codes).where(*open_one).values(used_at=at)).rowcount != 1:
                return None
            return str(connection.execute(select(_R.person).where(_R.code_hash == code_hash)).scalar_one())

    def add_challenge(self, challenge_hash: bytes, expires_at: int, now: int) -> None:
        """Remembers that it was given out, and forgets those that expired."""
        row = {"challenge_hash": challenge_hash, "expires_at": expires_at}
        with self._database.writing() as connection:
            connection.execute(delete(sign_in_challenges).where(_C.expires_at <= now))
            connection.execute(insert(sign_in_challenges), row)

    def take_challenge(self, challenge_hash: bytes, now: int) -> bool:
        """False where it was not given out, was used, or expired."""
        given = (_C.challenge_hash == challenge_hash, _C.expires_at > now)
        with self._database.writing() as connection:
            return connection.execute(delete(sign_in_challenges).where(*given)).rowcount == 1


def _session(row: Any) -> Session:
    device = None if row.device is None else KeyId(row.device)
    return Session(row.token_hash, row.person, device, row.created_at, row.seen_at, row.revoked_at)


def _passkey(row: Any) -> Passkey:
    return Passkey(row.credential_id, row.person, row.public_key, row.sign_count, row.label, row.added_at)
