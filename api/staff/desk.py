"""
What the pages of staff need: one `StaffDesk` value in `Services.staff`.

Each kind of page adds its own field, with None where a test or a service has none of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from api.staff.live_feed import LiveFeed
from ledger.domain.files import KeptFile
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Session
from ledger.services.api_keys import ApiKeys
from ledger.services.drafts import Drafts
from ledger.services.hub import HubDesk
from ledger.services.hub_alarms import HubAlarms
from ledger.services.packing_desk import PackingDesk
from ledger.services.passkeys import Passkeys
from ledger.services.people import People
from ledger.services.receiving import Receiving
from ledger.services.sign_in import SignIn
from ledger.services.token_buckets import TokenBuckets
from ledger.services.workbook_preview import WorkbookPreview


class Sessions(Protocol):
    """Who is signed in."""

    def of_token(self, token: str) -> tuple[Session, Person] | None:
        """The session that the cookie's text opens, and whose it is; None where it opens none any more."""
        ...


class FileKeeper(Protocol):
    """Keeps what people attach."""

    def keep(self, data: bytes, party: PartyId, person: str, *, keep_location: bool = False) -> KeptFile:
        """Keeps a photo or a PDF; `InvalidInput` for anything else."""
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
    drafts: Drafts | None = None
    hub: HubDesk | None = None
    alarms: HubAlarms | None = None
    live: LiveFeed | None = None
    receiving: Receiving | None = None
    files: FileKeeper | None = None
    house: PackingDesk | None = None
    workbooks: WorkbookPreview | None = None
    labels: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    people: People | None = None
    sign_in: SignIn | None = None
    passkeys: Passkeys | None = None
    api_keys: ApiKeys | None = None
    certificate: bytes | None = None
    https_url: str = ""
