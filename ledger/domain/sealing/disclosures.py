"""
Disclosures: a salt, a name and a value as one text, and the digest that stands for it; no I/O.

RFC 9901, section 4.2: `base64url(JSON [salt, name, value])`, or `[salt, value]` for an element of a list; the digest is
the base64url form of SHA-256 over that text. We write the JSON in its RFC 8785 form; a reader hashes the text as it is.
Raises `InvalidInput`; a refusal shows the digest and never the value.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Any

from ledger.domain.canonical_json import canonical
from ledger.domain.errors import InvalidInput, InvalidJson
from ledger.domain.json_tree import parse_json

SALT_BYTES = 16
"""The fewest: 128 bits."""
DIGEST = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+\Z")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """
    One disclosure. `text` is what is handed on; `name` is None for an element of a list; `place` is the JSON pointer in
    the event before sealing, "" where it is not known.
    """

    text: str
    name: str | None
    value: Any
    place: str = ""

    @property
    def digest(self) -> str:
        """What stands in the sealed event, 43 characters of base64url."""
        return digest_of(self.text)


def make_disclosure(salt: bytes, name: str | None, value: object, place: str = "") -> Disclosure:
    """A new disclosure; `InvalidInput` for a salt of less than 128 bits."""
    if len(salt) < SALT_BYTES:
        raise InvalidInput.one("salt", "sealing.salt", f"{len(salt)} bytes", f"a salt has {SALT_BYTES} bytes or more")
    parts = [to_base64url(salt), value] if name is None else [to_base64url(salt), name, value]
    return Disclosure(to_base64url(canonical(parts)), name, value, place)


def parse_disclosure(text: object, field: str) -> Disclosure:
    """The disclosure in a text; `field` names it in a refusal."""
    if not isinstance(text, str) or (data := from_base64url(text)) is None:
        raise InvalidInput.one(field, "disclosure.form", type(text).__name__, "a disclosure is a base64url text")
    try:
        parts = parse_json(data)
    except InvalidJson:
        # The parser's own message could quote what is confidential.
        raise _misshapen(field, text) from None
    if not isinstance(parts, list) or len(parts) not in (2, 3) or not all(isinstance(part, str) for part in parts[:-1]):
        raise _misshapen(field, text)
    salt = from_base64url(parts[0])
    if salt is None or len(salt) < SALT_BYTES:
        raise InvalidInput.one(
            field, "sealing.salt", digest_of(text), f"its salt is not base64url of {SALT_BYTES} bytes or more"
        )
    return Disclosure(text, parts[1] if len(parts) == 3 else None, parts[-1])


def digest_of(text: str) -> str:
    """The digest of a disclosure's text, which is ASCII."""
    return to_base64url(hashlib.sha256(text.encode("ascii")).digest())


def to_base64url(data: bytes) -> str:
    """RFC 4648, section 5, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes | None:
    """The bytes; None unless the text is exactly what `to_base64url` writes."""
    if not _BASE64URL.match(text) or len(text) % 4 == 1:
        return None
    # Python's decoder skips what it does not know, so the way back decides.
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return data if to_base64url(data) == text else None


def _misshapen(field: str, text: str) -> InvalidInput:
    message = "a disclosure holds JSON: [salt, name, value], or [salt, value] for an element of a list"
    return InvalidInput.one(field, "disclosure.form", digest_of(text), message)
