"""A browser in which somebody of a party is signed in, over fakes and a store on disk; no socket, no scripts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fake_services import FakeWorld
from fastapi.testclient import TestClient
from httpx import Response
from ledger_fixture import World

from api.app import create_app
from api.dependencies import Services
from api.staff.access import COOKIE
from api.staff.desk import StaffDesk
from ledger.adapters.file_store import FolderFileStore
from ledger.adapters.image_cleaner import PillowCleaner
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Role, Session, form_token, token_hash
from ledger.services.files import Files

HOST = "http://localhost"
TOKEN = "hand"


@dataclass
class FakeSessions:
    """One person, whose cookie holds `TOKEN`."""

    person: Person
    device: bytes | None = None
    tokens: set[str] = field(default_factory=lambda: {TOKEN})

    def of_token(self, token: str) -> tuple[Session, Person] | None:
        """The person, where it is that token."""
        if token not in self.tokens:
            return None
        return Session(token_hash(token), self.person.id, None, 0, 0), self.person


def files_of(world: World) -> Files:
    """The files of a world, in its folder."""
    return Files(FolderFileStore(world.folder / "files"), world.store.files, PillowCleaner(), world.clock)


def services_of(world: World, party: PartyId, roles: PartyRole, name: str = "Aygül") -> Services:
    """Services over the world's store, at which that person works."""
    files = files_of(world)
    person = Person("00" * 8, party, name, Role.STAFF)
    desk = StaffDesk(FakeSessions(person), lambda _party: roles, files=files)
    return replace(FakeWorld().services, store=world.store, questions=world.store.questions, staff=desk, files=files)


def browser_over(services: Services, *, signed_in: bool = True) -> TestClient:
    """The browser; it follows no redirect."""
    browser = TestClient(create_app(services), base_url=HOST, follow_redirects=False)
    if signed_in:
        browser.cookies.set(COOKIE, TOKEN)
    return browser


def send(browser: TestClient, path: str, data: bytes = b"", **headers: str) -> Response:
    """POST as a page of ours does."""
    own = {"origin": HOST, "x-silkroot-form": form_token(TOKEN)}
    return browser.post(path, content=data, headers=own | {k.replace("_", "-"): v for k, v in headers.items()})
