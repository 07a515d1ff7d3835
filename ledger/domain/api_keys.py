"""
Keys of the capture interface: what a client shows with each request; no I/O.

A key is `silkroot_{id}_{secret}`: 16 hex digits by which it is found and named, and 64 hex digits, 256 random bits, of
which only the SHA-256 is kept. So many bits cannot be guessed, which is why no slow password hash is needed. A key
speaks for one party, for some kinds of action, and signs nothing: it is no key of the chain's registry.
Raises `InvalidInput`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import PartyId

PREFIX = "silkroot_"
ID_BYTES = 8
SECRET_BYTES = 32
NAME_LENGTH = 100
_TOKEN = re.compile(r"silkroot_([0-9a-f]{16})_([0-9a-f]{64})\Z")


class ApiAction(StrEnum):
    """A kind of action that a key may be good for. Whoever captures may read what became of it too."""

    CAPTURE = "capture"
    READ_JOBS = "read-jobs"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """
    A key as it is kept. Times are Unix seconds. `expires_at` and `revoked_at`: None for never; `last_used`: the
    beginning of the day, in UTC, on which it was used last, None if it never was.
    """

    id: str
    party: PartyId
    name: str
    actions: frozenset[ApiAction]
    secret_hash: bytes
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None
    last_used: int | None = None

    def may(self, action: ApiAction) -> bool:
        """Whether it is good for that."""
        return action in self.actions or (action is ApiAction.READ_JOBS and ApiAction.CAPTURE in self.actions)

    def is_valid(self, now: float) -> bool:
        """Whether it was not revoked and has not expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def fits(self, secret: bytes) -> bool:
        """Whether this is its secret; takes as long whatever the answer."""
        return hmac.compare_digest(hash_of(secret), self.secret_hash)


def hash_of(secret: bytes) -> bytes:
    """What of a secret is kept: its SHA-256."""
    return hashlib.sha256(secret).digest()


def token_of(key_id: str, secret: bytes) -> str:
    """The key as its owner is shown it, once."""
    return f"{PREFIX}{key_id}_{secret.hex()}"


def read_token(token: str) -> tuple[str, bytes] | None:
    """Id and secret of a key; None where the text is none."""
    found = _TOKEN.match(token)
    return None if found is None else (found[1], bytes.fromhex(found[2]))


def actions_of(names: Collection[str]) -> frozenset[ApiAction]:
    """The kinds of action of these names, at least one."""
    known = [action.value for action in ApiAction]
    for name in names or ("",):
        if name not in known:
            raise InvalidInput.one("actions", "key.action", name, f"a key is good for: {', '.join(known)}")
    return frozenset(ApiAction(name) for name in names)
