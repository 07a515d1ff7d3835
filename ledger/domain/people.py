"""
People, their devices, invitations and sessions: who acts for a party; no I/O.

A person belongs to one party. A device is a person on a phone: a P-256 key that the phone made and keeps, registered on
chain under the party. Of every secret (the token of an invitation or a session, a recovery code) only the SHA-256 is
kept: each has at least 80 random bits, which nobody guesses. A PIN has few digits and is kept by a slow hash; what
guards it is that ten wrong ones close it. Times are Unix seconds.
Raises `InvalidInput`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import KeyId, PartyId

NAME_LENGTH = 60
LABEL_LENGTH = 60
MOST_WRONG_PINS = 10
SESSION_IDLE_SECONDS = 12 * 3600
SESSION_SECONDS = 30 * 24 * 3600
INVITATION_SECONDS = 3 * 24 * 3600
RECOVERY_CODES = 8
SIGN_IN_PREFIX = b"silkroot sign-in 1\n"
"""
What a device signs to sign in begins with this. An event's digest has 32 bytes; this text is longer, so that no answer
to a challenge can ever be the signature of an event.
"""
_CODE_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_PIN = re.compile(r"[0-9]{4,12}\Z")


class Role(StrEnum):
    """What a person may do for the party: admins invite, disable and revoke; staff record."""

    ADMIN = "admin"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts for one party. `id`: 16 hex digits."""

    id: str
    party: PartyId
    name: str
    role: Role
    added_at: int = 0
    disabled_at: int | None = None

    @property
    def is_admin(self) -> bool:
        """Whether the person may manage people, devices and keys of the party."""
        return self.role is Role.ADMIN


class DeviceState(StrEnum):
    """Where a device's key stands: waiting for an admin's signature, registered, or revoked."""

    WAITING = "waiting"
    REGISTERED = "registered"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Device:
    """
    A person's key on one phone. `public_key`: x ‖ y, 64 bytes. `grant_deadline` and `grant_signature`: what the device
    signed so that its key may be registered; `admin`: the key may add and revoke keys of the party.
    """

    key_id: KeyId
    person: str
    party: PartyId
    label: str
    public_key: bytes
    admin: bool
    added_at: int
    grant_deadline: int
    grant_signature: bytes
    state: DeviceState = DeviceState.WAITING
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A single use link by which a person comes to a party. `made_by`: the admin's person id, "" for the operator."""

    token_hash: bytes
    party: PartyId
    name: str
    role: Role
    made_by: str
    made_at: int
    expires_at: int
    used_at: int | None = None
    person: str = ""

    @property
    def id(self) -> str:
        """By which an admin names it: the beginning of the hash; it opens nothing."""
        return self.token_hash[:8].hex()


@dataclass(frozen=True, slots=True)
class Session:
    """
    A signed-in browser. `device`: the key that signed in; None after a passkey or a recovery code on a browser that
    has no key. `id`: hash of the token in the cookie.
    """

    token_hash: bytes
    person: str
    device: KeyId | None
    created_at: int
    seen_at: int
    revoked_at: int | None = None

    @property
    def id(self) -> str:
        """By which a person names it."""
        return self.token_hash[:8].hex()

    def is_valid(self, now: float) -> bool:
        """Whether it was not ended, was used in the last twelve hours and is not older than thirty days."""
        return (
            self.revoked_at is None
            and now < self.seen_at + SESSION_IDLE_SECONDS
            and now < self.created_at + SESSION_SECONDS
        )


@dataclass(frozen=True, slots=True)
class Pin:
    """A person's PIN as it is kept: scrypt of it. After ten wrong ones it opens nothing until it is set anew."""

    person: str
    salt: bytes
    hash: bytes
    failures: int = 0

    @property
    def is_locked(self) -> bool:
        """Whether too many wrong ones were entered."""
        return self.failures >= MOST_WRONG_PINS


@dataclass(frozen=True, slots=True)
class Passkey:
    """A WebAuthn credential of a person. `public_key`: COSE, as the authenticator gave it."""

    credential_id: bytes
    person: str
    public_key: bytes
    sign_count: int
    label: str
    added_at: int


def token_hash(token: str) -> bytes:
    """What is kept of a token: SHA-256 of its text."""
    return hashlib.sha256(token.encode()).digest()


def form_token(session_token: str) -> str:
    """
    What a page of the session sends back with whatever it changes: made from the cookie that no script can read, so
    that pages of other sites cannot know it.
    """
    return hmac.new(session_token.encode(), b"silkroot form", hashlib.sha256).hexdigest()


def sign_in_message(origin: str, key_id: KeyId, challenge: str) -> bytes:
    """What the device's key signs (ECDSA over its SHA-256) to sign in."""
    return SIGN_IN_PREFIX + f"{origin}\n{key_id.hex()}\n{challenge}\n".encode()


def signed_by_device(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the P-256 key x ‖ y signed the message: `signature` is r ‖ s, 64 bytes, as WebCrypto gives it."""
    if len(public_key) != 64 or len(signature) != 64:
        return False
    x, y = int.from_bytes(public_key[:32], "big"), int.from_bytes(public_key[32:], "big")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature):
        return False
    return True


def scrypt_of(pin: str, salt: bytes) -> bytes:
    """32 bytes; 16 MiB of memory and some 50 ms of a core."""
    return hashlib.scrypt(pin.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def pin_fits(kept: Pin, pin: str) -> bool:
    """Whether this is the PIN."""
    return hmac.compare_digest(scrypt_of(pin, kept.salt), kept.hash)


def checked_name(name: str, field: str = "name") -> str:
    """A person's name without white space around it."""
    return _text(name, field, "person.name", NAME_LENGTH, "a name has 1 to 60 printable characters")


def checked_label(label: str) -> str:
    """What somebody calls a device or a passkey; may be empty."""
    return _text(label, "label", "device.label", LABEL_LENGTH, "a label has at most 60 printable characters", least=0)


def checked_pin(pin: str) -> str:
    """Four to twelve digits, neither all the same nor in a row."""
    steps = {ord(b) - ord(a) for a, b in pairwise(pin)}
    if not _PIN.match(pin) or steps in ({0}, {1}, {-1}):
        # The value is not told again: it may be a PIN that is good elsewhere.
        message = "a PIN has 4 to 12 digits, not all the same and not in a row"
        raise InvalidInput.one("pin", "person.pin", f"{len(pin)} characters", message)
    return pin


def role_of(text: str) -> Role:
    """The role of that name."""
    try:
        return Role(text)
    except ValueError:
        raise InvalidInput.one("role", "person.role", text, "a person is admin or staff") from None


def recovery_code(random: bytes) -> str:
    """A code to write down, made from 16 random bytes: 16 characters in fours, 79 bits, none that look alike."""
    number, letters = int.from_bytes(random, "big"), []
    for _ in range(16):
        number, digit = divmod(number, len(_CODE_LETTERS))
        letters.append(_CODE_LETTERS[digit])
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 16, 4))


def plain_code(code: str) -> str:
    """A recovery code as it is hashed, however somebody typed it."""
    return "".join(letter for letter in code.lower()[:100] if letter in _CODE_LETTERS)


def _text(text: str, field: str, rule: str, most: int, message: str, least: int = 1) -> str:
    plain = text.strip()
    if not least <= len(plain) <= most or not plain.isprintable():
        raise InvalidInput.one(field, rule, text, message)
    return plain
