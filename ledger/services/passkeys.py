"""
Passkeys: made by somebody who is signed in, good to sign in on another browser that has no key of the phone's kind.

A session that a passkey opened has no device: it may look, and make a key for its browser. Whoever signs in so showed
the authenticator a finger, a face or its own PIN (user verification), so no PIN of ours is asked.
Raises `Refused` with `passkey.*`, and `sign-in.*` of the session's service.
"""

from __future__ import annotations

from typing import Protocol

from ledger.domain.errors import NotFound, Refused
from ledger.domain.people import Passkey, Person, checked_label
from ledger.ports import Clock
from ledger.ports_people import PeopleStore
from ledger.services.sign_in import SignIn

MOST_PASSKEYS = 10


class Ceremony(Protocol):
    """
    WebAuthn, level 3: what an authenticator is asked, and whether what it answers is right; JSON as browsers have it.
    `origin` is our pages', its host the relying party's id. `ValueError` where an answer is not right.
    """

    def registration_options(
        self, origin: str, challenge: bytes, person: Person, known: list[bytes]
    ) -> str:  # fmt: skip
        """What a browser gives to `navigator.credentials.create`."""
        ...

    def registered(self, origin: str, challenge: bytes, answer: str) -> tuple[bytes, bytes, int]:
        """Credential id, public key and counter of what was made."""
        ...

    def sign_in_options(self, origin: str, challenge: bytes) -> str:
        """What a browser gives to `navigator.credentials.get`."""
        ...

    def credential_in(self, answer: str) -> bytes:
        """Which credential the answer is of."""
        ...

    def signed(self, origin: str, challenge: bytes, answer: str, public_key: bytes, count: int) -> int:
        """The new counter."""
        ...


class Passkeys:
    """`ceremony` knows WebAuthn; `sign_in` gives challenges and opens sessions."""

    def __init__(self, people: PeopleStore, ceremony: Ceremony, sign_in: SignIn, clock: Clock) -> None:
        self._people = people
        self._ceremony = ceremony
        self._sign_in = sign_in
        self._clock = clock

    def of(self, person: str) -> list[Passkey]:
        """The person's passkeys."""
        return self._people.passkeys(person)

    def creation_options(self, origin: str, person: Person) -> tuple[str, str]:
        """A challenge, and what the browser is asked with it, as JSON."""
        known = self._people.passkeys(person.id)
        if len(known) >= MOST_PASSKEYS:
            message = f"somebody has at most {MOST_PASSKEYS} passkeys; remove one first"
            raise Refused.one("passkey", "passkey.many", len(known), message)
        challenge = self._sign_in.challenge()
        ids = [one.credential_id for one in known]
        return challenge, self._ceremony.registration_options(origin, challenge.encode(), person, ids)

    def add(self, origin: str, person: Person, challenge: str, answer: str, label: str = "") -> Passkey:
        """Keeps what the authenticator made."""
        self._sign_in.take_challenge(challenge)
        try:
            credential, public_key, count = self._ceremony.registered(origin, challenge.encode(), answer)
        except ValueError as error:
            raise _refused(error) from error
        made = Passkey(credential, person.id, public_key, count, checked_label(label), int(self._clock.now()))
        self._people.add_passkey(made)
        return made

    def remove(self, person: str, credential_id: bytes) -> None:
        """The passkey opens nothing any more."""
        if not self._people.drop_passkey(person, credential_id):
            raise NotFound("no such passkey")

    def sign_in_options(self, origin: str) -> tuple[str, str]:
        """A challenge, and what the browser is asked with it, as JSON; it names nobody, the phone shows whom it has."""
        challenge = self._sign_in.challenge()
        return challenge, self._ceremony.sign_in_options(origin, challenge.encode())

    def sign_in(self, origin: str, challenge: str, answer: str) -> tuple[str, Person]:
        """The token of the session of whoever has the passkey."""
        self._sign_in.take_challenge(challenge)
        try:
            known = self._people.passkey(self._ceremony.credential_in(answer))
            if known is None:
                raise ValueError("nobody here has this passkey")
            count = self._ceremony.signed(origin, challenge.encode(), answer, known.public_key, known.sign_count)
        except ValueError as error:
            raise _refused(error) from error
        person = self._sign_in.enabled(known.person)
        self._people.used_passkey(known.credential_id, count)
        return self._sign_in.open(person, None), person


def _refused(error: ValueError) -> Refused:
    return Refused.one("passkey", "passkey.answer", "…", f"the passkey did not answer as it has to: {error}")
