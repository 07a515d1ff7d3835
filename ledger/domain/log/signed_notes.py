"""
Signed notes: a text, and Ed25519 signatures of named keys below it; no I/O, no private key.

C2SP signed-note. A note is UTF-8: the text, which ends in a newline, an empty line, and signature lines

    — <name> base64(key id ‖ signature)

The key id is SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)[:4]. Lines of keys that are not known are passed over; a line of
a known key that does not verify condemns the whole note, and so does a note that no known key signed.

Strict where the specification leaves room: one base64 form for one signature, at most 100 signatures and 1 MiB.
Raises `InvalidInput`: `log.note` for what is no note or no key, `log.note-signature` for a note not to be believed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.domain.errors import InvalidInput

ED25519 = b"\x01"
"""The signature type of Ed25519 over the note's text."""
KEY_ID_BYTES = 4
PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64
MOST_SIGNATURES = 100
MOST_BYTES = 1 << 20
_DASH = "— "


@dataclass(frozen=True, slots=True)
class NoteKey:
    """An Ed25519 public key (32 bytes, RFC 8032) under its name, which has no space and no plus."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.public_key) != PUBLIC_KEY_BYTES:
            raise _no_note(self.public_key.hex(), "an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that stand in front of each of its signatures."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        """`name+hex of the key id+base64(0x01 ‖ public key)`: how keys of notes are handed round."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public_key).decode()}"

    @classmethod
    def parse(cls, text: str) -> NoteKey:
        """The key that `str` wrote. Another signature type, or an id that is not this key's, is refused."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise _no_note(text, "a key is written name+id+key")
        material = _decode(parts[2])
        if material is None or material[:1] != ED25519:
            raise _no_note(text, "behind the id stands base64 of 0x01 and the Ed25519 public key")
        key = cls(parts[0], material[1:])
        if key.key_id.hex() != parts[1]:
            raise _no_note(text, f"the id of this key under this name is {key.key_id.hex()}")
        return key

    def verify(self, text: str, signature: bytes) -> bool:
        """Whether the key signed this text; `signature` without the key id."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except (InvalidSignature, ValueError):  # ValueError: the 32 bytes are no point of the curve
            return False
        return True


class NoteSigner(Protocol):
    """Keeps an Ed25519 private key and signs notes with it; the key never leaves it."""

    @property
    def key(self) -> NoteKey:
        """The public half and its name."""
        ...

    def sign(self, text: bytes) -> bytes:
        """The 64 bytes of RFC 8032 over the note's text in UTF-8."""
        ...


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """A signature line: who says to have signed, and 4 bytes or more of signature; of any type."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line, with its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"

    def is_by(self, key: NoteKey) -> bool:
        """Whether name and id are those of the key. Says nothing about the signature."""
        return self.name == key.name and self.key_id == key.key_id


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures, of which none has been verified."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __bytes__(self) -> bytes:
        """As it is published."""
        return (self.text + "\n" + "".join(signature.line for signature in self.signatures)).encode()

    def signers(self, known: Collection[NoteKey]) -> tuple[NoteKey, ...]:
        """The known keys that signed it, at least one, each once, in the order of their lines."""
        found: dict[NoteKey, None] = {}
        for signature in self.signatures:
            for key in known:
                if signature.is_by(key):
                    if not key.verify(self.text, signature.signature):
                        raise _not_believed(signature.line, f"{key.name} did not sign this text")
                    found[key] = None
        if not found:
            names = ", ".join(signature.name for signature in self.signatures)
            raise _not_believed(names, "none of the keys that we know signed the note")
        return tuple(found)


def sign_note(text: str, signers: Sequence[NoteSigner]) -> Note:
    """The text with the signatures of all signers. A signature that does not verify is not published."""
    check_text(text)
    lines = []
    for signer in signers:
        key, signature = signer.key, signer.sign(text.encode())
        if not key.verify(text, signature):
            raise _not_believed(signature.hex(), f"what {key.name} signed is not this text")
        lines.append(NoteSignature(key.name, key.key_id, signature))
    return parse_note(bytes(Note(text, tuple(lines))))


def parse_note(data: bytes) -> Note:
    """The note in these bytes; `bytes` of it are the same again. Verifies nothing."""
    if len(data) > MOST_BYTES:
        raise _no_note(len(data), f"a note has at most {MOST_BYTES} bytes")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _no_note(data[:40], "a note is UTF-8") from error
    # The text may hold empty lines; the last one divides it from the signatures.
    before, divider, after = whole.rpartition("\n\n")
    if not divider:
        raise _no_note(whole, "between the text and the signatures is an empty line")
    text = before + "\n"
    check_text(text)
    if not after.endswith("\n"):
        raise _no_note(after, "below the empty line are signatures, each a line")
    lines = after[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise _no_note(len(lines), f"a note has at most {MOST_SIGNATURES} signatures")
    return Note(text, tuple(_parse_line(line) for line in lines))


def check_text(text: str) -> None:
    """Raises unless a note can have this text: it ends in a newline and has no other control character."""
    if not text.endswith("\n"):
        raise _no_note(text, "the text of a note ends in a newline")
    if any((char < " " and char != "\n") or "\ud800" <= char <= "\udfff" for char in text):
        raise _no_note(text, "the text of a note has no control characters but newlines")


def check_key_name(name: str) -> None:
    """Raises unless a key can have this name: not empty, no space, plus or control character."""
    if not name or any(char.isspace() or char == "+" or char < " " or "\ud800" <= char <= "\udfff" for char in name):
        raise _no_note(name, "the name of a key is not empty and has no space, no plus and no control character")


def _parse_line(line: str) -> NoteSignature:
    if not line.startswith(_DASH):
        raise _no_note(line, "a signature line begins with an em dash and a space")
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    check_key_name(name)
    data = _decode(encoded) if space else None
    if data is None or len(data) <= KEY_ID_BYTES:
        raise _no_note(line, "behind the name stands base64 of the key id and the signature")
    return NoteSignature(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])


def _decode(text: str) -> bytes | None:
    """The bytes behind base64 (RFC 4648, section 4) in the one form that encoding gives; None for another."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def _no_note(value: object, message: str) -> InvalidInput:
    return InvalidInput.one("note", "log.note", value, message)


def _not_believed(value: object, message: str) -> InvalidInput:
    return InvalidInput.one("note", "log.note-signature", value, message)
