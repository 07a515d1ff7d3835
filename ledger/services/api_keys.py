"""
Keys of the capture interface: made and shown once, listed, revoked, and recognised in a request.

Raises `Refused` for a party that nobody admitted, `NotFound` for a key that is not there, and `Unauthenticated` where a
request shows no key that is good. Which of the reasons it is, is not told: only the key's owner could use the answer.
"""

from __future__ import annotations

import secrets

from ledger.domain.api_keys import (
    ID_BYTES,
    NAME_LENGTH,
    SECRET_BYTES,
    ApiAction,
    ApiKey,
    hash_of,
    read_token,
    token_of,
)
from ledger.domain.errors import InvalidInput, NotFound, Refused
from ledger.domain.identifiers import PartyId
from ledger.ports import Clock, EventStore
from ledger.ports_capture import ApiKeyStore

DAY = 86_400
MOST_DAYS = 3_660


class Unauthenticated(Exception):
    """The request shows no key, or none that is good."""


class ApiKeys:
    """`store` says which parties there are."""

    def __init__(self, keys: ApiKeyStore, store: EventStore, clock: Clock) -> None:
        self._keys = keys
        self._store = store
        self._clock = clock
        self._nobody = ApiKey("", PartyId(0), "", frozenset(), hash_of(secrets.token_bytes(SECRET_BYTES)), 0)

    def create(
        self, party: PartyId, actions: frozenset[ApiAction], *, name: str = "", days: int | None = None
    ) -> tuple[ApiKey, str]:
        """A new key, good for so many days or until it is revoked, and its text, which cannot be had again."""
        if len(name) > NAME_LENGTH or not name.isprintable():
            raise InvalidInput.one("name", "key.name", name, f"a name has at most {NAME_LENGTH} printable characters")
        if days is not None and not 0 < days <= MOST_DAYS:
            raise InvalidInput.one("expires", "key.days", days, f"a key is good for 1 to {MOST_DAYS} days")
        with self._store.rehearsing() as transaction:
            if not transaction.projection.roles_of(party):
                raise Refused.one("party", "UnknownParty", f"{party:013d}", "no such party is admitted")
        now = int(self._clock.now())
        secret = secrets.token_bytes(SECRET_BYTES)
        expires = None if days is None else now + days * DAY
        key = ApiKey(secrets.token_hex(ID_BYTES), party, name, actions, hash_of(secret), now, expires)
        self._keys.add(key)
        return key, token_of(key.id, secret)

    def of(self, party: PartyId | None = None) -> list[ApiKey]:
        """All keys of the party, or of all parties; those that ended too."""
        return self._keys.of(party)

    def revoke(self, key_id: str) -> None:
        """The key is good for nothing from now on. Its secret part is not needed, and not taken."""
        if not self._keys.revoke(key_id, int(self._clock.now())):
            raise NotFound(f"no key {key_id[:40]} is in use; `silkroot key list` lists them")

    def authenticate(self, token: str) -> ApiKey:
        """The key that the text is, and a note of the day on which it was used."""
        read = read_token(token)
        if read is None:
            raise Unauthenticated
        key_id, secret = read
        key = self._keys.get(key_id)
        # A key that is not there takes as long as one that is.
        fits = (key or self._nobody).fits(secret)
        now = self._clock.now()
        if key is None or not fits or not key.is_valid(now):
            raise Unauthenticated
        day = int(now) // DAY * DAY
        if key.last_used is None or key.last_used < day:
            self._keys.used(key_id, day)
        return key
