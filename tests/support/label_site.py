"""The service with labels as readers and staff see it over HTTP: phones from anywhere, and a clerk of the packer's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_services import PUBLIC_URL, FakeWorld
from fastapi.testclient import TestClient
from story_samples import BEIJING, CASES, HUB, LOT, PACKER

from api.app import create_app
from api.dependencies import Services
from api.staff.access import COOKIE
from api.staff.desk import StaffDesk
from ledger.adapters.header_city import HeaderCity
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.labels import SqlLabels
from ledger.domain.identifiers import LotId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Role, Session, token_hash
from ledger.domain.serials import Scan, ScanRule
from ledger.services.label_desk import LabelDesk
from ledger.services.labels import Labels

PAGE = f"/01/{CASES:014d}/10/{LOT.code}"
RESOURCE = f"/lots/{CASES:014d}/{LOT.code}"
PHONE = {
    "accept": "text/html",
    "accept-language": "en",
    "user-agent": "Mozilla/5.0 (Linux; Android 14) Chrome/130 Mobile",
}
HERE = {"origin": PUBLIC_URL, "sec-fetch-site": "same-origin"}
CLERK = Person("22" * 8, PACKER, "Aygül", Role.STAFF)


class Clock:
    """Stands until a test moves it."""

    time = 1_785_902_400.0

    def now(self) -> float:
        """Unix seconds."""
        return self.time


@dataclass
class Shelf:
    """The fakes' shelf, with events that say who signed about the lot."""

    world: FakeWorld
    signers: dict[LotId, set[int]] = field(default_factory=lambda: {LOT.id: {PACKER, HUB, BEIJING}})

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world.shelf, name)

    def events_of_lot(self, lot: LotId) -> list[Any]:
        """One event a signer."""
        actions = [SimpleNamespace(party=party) for party in self.signers.get(lot, ())]
        return [SimpleNamespace(proof=SimpleNamespace(action=action)) for action in actions]


class Site:
    """The application with labels, a proxy that says the city, and a clerk who is signed in."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, roles: PartyRole = PartyRole.PACKER) -> None:
        self.world, self.clock = FakeWorld(), Clock()
        self.database = Database(f"sqlite:///{folder / 'labels.sqlite3'}")
        self.labels = Labels(SqlLabels(self.database), self.clock, ScanRule(a_day=6))
        shelf: Any = Shelf(self.world)
        monkeypatch.setattr("ledger.services.label_desk.signer_of", lambda action: action.party)
        self.person = CLERK
        sessions = SimpleNamespace(
            of_token=lambda token: (Session(token_hash(token), self.person.id, None, 0, 0), self.person)
        )
        self.roles = roles
        desk = StaffDesk(sessions, lambda party: self.roles, label_desk=LabelDesk(self.labels, shelf))
        self.services: Services = replace(
            self.world.services, labels=self.labels, city_of=HeaderCity("X-City"), staff=desk
        )
        self.app = create_app(self.services)

    def phone(self, number: int = 0, **headers: str) -> TestClient:
        """A phone with an address of its own."""
        return TestClient(
            self.app, base_url=PUBLIC_URL, headers={**PHONE, **headers}, follow_redirects=False,
            client=(f"198.51.{number // 200}.{number % 200}", 4000),
        )  # fmt: skip

    def clerk(self) -> TestClient:
        """The browser of somebody who is signed in."""
        browser = self.phone()
        browser.cookies.set(COOKIE, "clerk")
        return browser

    def serial(self) -> str:
        """A new one of the lot."""
        (serial,) = self.labels.issue(LOT, 1, cases=100)
        return serial

    def scans(self, serial: str) -> tuple[Scan, ...]:
        """What was counted."""
        return self.labels.look(LOT, serial).scans


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """With no label issued yet."""
    made = Site(tmp_path, monkeypatch)
    yield made
    made.database.close()


def report(site: Site, number: int = 0, headers: dict[str, str] | None = None, **data: str) -> Any:
    """A reader's report about the lot."""
    values = {"kind": "spoiled", "text": "soft", **data}
    return site.phone(number).post(f"{RESOURCE}/report", data=values, headers=HERE if headers is None else headers)
