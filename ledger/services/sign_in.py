"""
Signing in and out: by the phone's key (with the PIN where there is one), by a recovery code, by whoever checked a
passkey; and the sessions that follow.

A challenge is good once, for two minutes. A PIN is tried ten times at most; then it opens nothing until an admin or a
recovery code clears it. A session ends after twelve hours without use, thirty days, or when it is told to.
Raises `Refused` with rules `sign-in.*`; which of a key's troubles it is is told only to whoever has the key.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress

from ledger.domain.errors import Refused, SilkrootError
from ledger.domain.identifiers import KeyId
from ledger.domain.people import (
    MOST_WRONG_PINS,
    RECOVERY_CODES,
    SESSION_SECONDS,
    Device,
    DeviceState,
    Person,
    Pin,
    Session,
    checked_pin,
    pin_fits,
    plain_code,
    recovery_code,
    scrypt_of,
    sign_in_message,
    signed_by_device,
    token_hash,
)
from ledger.ports import Clock
from ledger.ports_people import PeopleStore

CHALLENGE_SECONDS = 120
SEEN_SECONDS = 60
"""How old the note of a session's last use may be: not every request is a write."""


class SignIn:
    """`register` brings a device that still waits to the chain, where that can be done by now."""

    def __init__(self, people: PeopleStore, clock: Clock, register: Callable[[Device], Device]) -> None:
        self._people = people
        self._clock = clock
        self._register = register

    def challenge(self) -> str:
        """A text to sign, once, within two minutes."""
        text, now = secrets.token_urlsafe(24), self._now()
        self._people.add_challenge(token_hash(text), now + CHALLENGE_SECONDS, now)
        return text

    def take_challenge(self, text: str) -> None:
        """Uses it up; `Refused` where it was not given out, was used or is too old."""
        if not self._people.take_challenge(token_hash(text), self._now()):
            raise _refused("sign-in.challenge", "that took too long; try again")

    def with_device(
        self, origin: str, key_id: KeyId, challenge: str, signature: bytes, pin: str = ""
    ) -> tuple[str, Person]:  # fmt: skip
        """Whoever has the phone's key, and the PIN where one is set; the token of the session, told once."""
        self.take_challenge(challenge)
        device = self._people.device(key_id)
        message = sign_in_message(origin, key_id, challenge)
        if device is None or not signed_by_device(device.public_key, message, signature):
            raise _refused("sign-in.unknown-key", "this phone's key is not known here, or did not sign")
        person = self.enabled(device.person)
        if device.state is DeviceState.REVOKED:
            raise _refused("sign-in.revoked", "this phone was taken off the list; ask for a new invitation")
        self.check_pin(person, pin)
        if device.state is DeviceState.WAITING:
            # Where it still cannot be registered, the person comes in and sees that the phone waits.
            with suppress(SilkrootError):
                self._register(device)
        return self.open(person, device.key_id), person

    def with_code(self, code: str) -> tuple[str, Person]:
        """Whoever has one of the person's recovery codes, which is used up. The PIN is cleared: it may be forgotten."""
        found = self._people.take_code(token_hash(plain_code(code)), self._now())
        if found is None:
            raise _refused("sign-in.code", "this is no recovery code, or it was used")
        person = self.enabled(found)
        self._people.drop_pin(person.id)
        return self.open(person, None), person

    def open(self, person: Person, device: KeyId | None) -> str:
        """A session of the person; its token, of which only the hash is kept."""
        token, now = secrets.token_urlsafe(32), self._now()
        self._people.forget_sessions(now - 2 * SESSION_SECONDS)
        self._people.open_session(Session(token_hash(token), person.id, device, now, now))
        return token

    def of_token(self, token: str) -> tuple[Session, Person] | None:
        """The session that the cookie's text opens, and whose it is; None where it opens none any more."""
        found = self._people.session(token_hash(token))
        if found is None:
            return None
        session, person = found
        now = self._clock.now()
        if not session.is_valid(now) or person.disabled_at is not None:
            return None
        if now - session.seen_at >= SEEN_SECONDS:
            self._people.seen(session.token_hash, int(now))
        return session, person

    def out(self, token: str) -> None:
        """Ends the session."""
        self._people.end_session(token_hash(token), self._now())

    def out_everywhere(self, person: str) -> int:
        """Ends all sessions of the person; how many there were."""
        return self._people.end_sessions(person, self._now())

    def sessions(self, person: str) -> list[Session]:
        """The person's sessions that are open."""
        now = self._clock.now()
        return [session for session in self._people.sessions(person) if session.is_valid(now)]

    def has_pin(self, person: str) -> bool:
        """Whether the person has a PIN."""
        return self._people.pin(person) is not None

    def set_pin(self, person: str, pin: str) -> None:
        """This PIN from now on."""
        salt = secrets.token_bytes(16)
        self._people.set_pin(Pin(person, salt, scrypt_of(checked_pin(pin), salt)))

    def drop_pin(self, person: str) -> None:
        """No PIN any more: an admin opens what ten wrong ones closed, and the person chooses a new one."""
        self._people.drop_pin(person)

    def check_pin(self, person: Person, pin: str) -> None:
        """`Refused` where the person has a PIN and this is another; each attempt counts before it is compared."""
        kept = self._people.pin(person.id)
        if kept is None:
            return
        if not pin:
            raise _refused("sign-in.pin-needed", "enter your PIN")
        if not self._people.take_attempt(person.id, MOST_WRONG_PINS):
            raise _refused("sign-in.locked", "ten wrong PINs: an administrator, or a recovery code, opens it again")
        if not pin_fits(kept, pin):
            raise _refused("sign-in.pin", "this PIN is wrong")
        self._people.forgive(person.id)

    def new_codes(self, person: str) -> list[str]:
        """Eight codes to write down, told once; those before are good for nothing any more."""
        codes = [recovery_code(secrets.token_bytes(16)) for _ in range(RECOVERY_CODES)]
        self._people.set_codes(person, [token_hash(plain_code(code)) for code in codes])
        return codes

    def codes_left(self, person: str) -> int:
        """How many of the person's codes were not used."""
        return self._people.codes_left(person)

    def enabled(self, person: str) -> Person:
        """The person; `Refused` where there is none or it was disabled."""
        found = self._people.person(person)
        if found is None or found.disabled_at is not None:
            raise _refused("sign-in.disabled", "you may not sign in here any more; ask an administrator")
        return found

    def _now(self) -> int:
        return int(self._clock.now())


def _refused(rule: str, message: str) -> Refused:
    # Neither PIN, code nor signature is told again.
    return Refused.one("sign-in", rule, "…", message)
