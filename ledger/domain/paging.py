"""
Keyset paging: a page is asked for by the key of the last row of the page before, carried in an opaque token; no I/O.

A token is what its question makes of a key, in base64url (RFC 4648) without padding. It names a place in an order, and
no snapshot: what is recorded between two pages moves nothing, and is found if its place is still ahead.

>>> token_of(2, "0a")
'MiAwYQ'
>>> key_of("MiAwYQ", 2)
('2', '0a')
"""

from __future__ import annotations

import base64
import binascii
import re

from ledger.domain.errors import InvalidInput

_PARTS = re.compile(r"[0-9a-f-]{1,64}(?: [0-9a-f-]{1,64})*\Z")
_NUMBER = re.compile(r"-?[0-9]{1,18}\Z")
_LOT = re.compile(r"[0-9a-f]{64}\Z")
LONGEST_TOKEN = 200


def token_of(*parts: int | str) -> str:
    """The token of a key: numbers, and bytes in lower-case hexadecimal digits."""
    text = " ".join(str(part) for part in parts)
    return base64.urlsafe_b64encode(text.encode("ascii")).decode("ascii").rstrip("=")


def key_of(token: str, parts: int) -> tuple[str, ...]:
    """The key in a token of so many parts; `InvalidInput` for a token that was not made here."""
    try:
        data = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        text = data.decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    if len(token) > LONGEST_TOKEN or not _PARTS.match(text) or text.count(" ") != parts - 1:
        raise _refused(token)
    return tuple(text.split(" "))


def number_in(part: str, token: str) -> int:
    """A number out of a key."""
    if not _NUMBER.match(part):
        raise _refused(token)
    return int(part)


def lot_in(part: str, token: str) -> bytes:
    """The 32 bytes of a lot's id out of a key."""
    if not _LOT.match(part):
        raise _refused(token)
    return bytes.fromhex(part)


def _refused(token: str) -> InvalidInput:
    return InvalidInput.one(
        "nextPageToken", "paging.token", token, "this is no token of this list: take the one that the page before gave"
    )
