"""
What the pages of staff need: one `StaffDesk` value in `Services.staff`.

Each kind of page adds its own field, with None where a test or a service has none of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Session
from ledger.services.api_keys import ApiKeys
from ledger.services.label_desk import LabelDesk
from ledger.services.passkeys import Passkeys
from ledger.services.people import People
from ledger.services.sign_in import SignIn
from ledger.services.token_buckets import TokenBuckets


class Sessions(Protocol):
    """Who is signed in."""

    def of_token(self, token: str) -> tuple[Session, Person] | None:
        """The session that the cookie's text opens, and whose it is; None where it opens none any more."""
        ...


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class StaffDesk:
    """
    `party_roles` are those that the registry gives a party. `wake` tells the workers that something was recorded; call
    it on the event loop's thread. `attempts` bounds how often one address may try to sign in. `certificate`: of the
    local authority that signed this service's own certificate, PEM; `https_url`: where the pages are over HTTPS.
    """

    sessions: Sessions
    party_roles: Callable[[PartyId], PartyRole]
    attempts: TokenBuckets | None = None
    wake: Callable[[], None] = _nothing
    people: People | None = None
    sign_in: SignIn | None = None
    passkeys: Passkeys | None = None
    api_keys: ApiKeys | None = None
    labels: LabelDesk | None = None
    certificate: bytes | None = None
    https_url: str = ""
