"""
Pages for driver and dock over a real store, without a chain: sessions of people in memory, everything else as it is.

    world = dock_world(tmp_path)
    with served(world) as address: ...

Goods are shipped with `ship`; `sign_in` gives a browser somebody's session, `enrol_browser` makes a key of theirs in
the browser itself.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import event_builders as b
import uvicorn
from fake_services import FakeWorld
from ledger_fixture import World, ledger_world
from playwright.sync_api import BrowserContext, Page

from api.app import create_app
from api.capture_desk import CaptureDesk
from api.capture_gate import CaptureGate
from api.dependencies import Services
from api.staff.access import COOKIE
from api.staff.desk import StaffDesk
from ledger.adapters.pinned import Pinned, pinned_json
from ledger.domain import event_forms
from ledger.domain.event_forms import Amount, When
from ledger.domain.identifiers import Grams, LotRef, PartyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Role, Session, token_hash
from ledger.domain.sealing import DEFAULT
from ledger.services.api_keys import ApiKeys
from ledger.services.capture_jobs import CaptureJobs
from ledger.services.keys import DeviceKey
from ledger.services.receiving import Receiving
from ledger.services.token_buckets import TokenBuckets

DEPLOYMENT = pinned_json(Pinned("local", 31337, b"\x22" * 20, b"\x11" * 20, b"\x33" * 20, 0))
AYGUL = Person("a" * 16, b.BUYER, "Aygül", Role.STAFF)
MEMET = Person("b" * 16, b.BUYER, "Memet", Role.STAFF)
STRANGER = Person("c" * 16, b.HUB, "Wang", Role.STAFF)
LOT = b.HARVEST_LOT
_MAKE_KEY = """async (told) => {
  const curve = {name: "ECDSA", namedCurve: "P-256"};
  const keyPair = await crypto.subtle.generateKey(curve, false, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", keyPair.publicKey)).subarray(1);
  const publicKey = "0x" + Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
  window.__made = {...told, partyName: "", publicKey, keyPair, pin: null};
  return Array.from(raw);
}"""
_KEEP_KEY = """async (keyId) => {
  const opened = await new Promise((done, fail) => {
    const request = indexedDB.open("silkroot-staff", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("keys", {keyPath: "keyId"});
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  const transaction = opened.transaction("keys", "readwrite");
  transaction.objectStore("keys").put({...window.__made, keyId});
  await new Promise((done) => (transaction.oncomplete = done));
  opened.close();
}"""
_SIGN = """async (digest) => {
  const [{privateKey}, way] = [window.__made.keyPair, {name: "ECDSA", hash: "SHA-256"}];
  return Array.from(new Uint8Array(await crypto.subtle.sign(way, privateKey, new Uint8Array(digest))));
}"""


@dataclass
class FakeSessions:
    """Tokens of people in memory."""

    people: dict[str, Person] = field(default_factory=lambda: {one.id: one for one in (AYGUL, MEMET, STRANGER)})

    def of_token(self, token: str) -> tuple[Session, Person] | None:
        """The person of that token."""
        person = self.people.get(token)
        return None if person is None else (Session(token_hash(token), person.id, None, 0, 0), person)


@dataclass
class DockWorld:
    """The ledger, the services of its application, and who is signed in by which token."""

    ledger: World
    services: Services
    sessions: FakeSessions

    def harvest(self, grams: int = 2_000_000) -> None:
        """The farm has a lot to ship."""
        self.ledger.record(b.harvest(grams=grams))

    def ship(
        self, number: str, grams: int = 412_500, receiver: PartyId = b.BUYER, lots: tuple[LotRef, ...] = (LOT,)
    ) -> str:
        """The farm ships that much of each lot; gives the reference, an SSCC where the number is one."""
        reference = (
            f"https://id.gs1.org/00/{number}" if len(number) == 18 else event_forms.transaction_urn(b.FARM, number)
        )
        manifest = [Amount(lot, Grams(grams), 33) for lot in lots]
        event = event_forms.shipping(
            b.FARM, receiver, reference, manifest, When("2026-08-05T13:00:00+08:00"), b.FARM_GATE
        )
        self.ledger.record(event)
        return reference

    def rules(self) -> list[str]:
        """Business steps of all events, in order."""
        return [str(event.body["bizStep"]) for event in self.ledger.store.events(0, 100)]


def dock_world(folder: Path) -> DockWorld:
    """A ledger on the folder, at the time that it is, with the cast of the builders."""
    ledger = ledger_world(folder)
    ledger.clock.time = time.time()
    sessions = FakeSessions()
    jobs = CaptureJobs(ledger.store.capture_jobs, ledger.capturing, ledger.signer, ledger.store.archive, ledger.clock)
    gate = CaptureGate(TokenBuckets(ledger.clock, burst=10_000, per_second=100))
    keys = ApiKeys(ledger.store.api_keys, ledger.store, ledger.clock)
    receiving = Receiving(ledger.store, ledger.store.consignments, DEFAULT)
    staff = StaffDesk(sessions, lambda party: PartyRole.BUYER, receiving=receiving)
    services = replace(
        FakeWorld().services, store=ledger.store, deployment=DEPLOYMENT, staff=staff,
        capture=CaptureDesk(keys, jobs, gate, lambda: None, True),
    )  # fmt: skip
    return DockWorld(ledger, services, sessions)


@contextmanager
def served(world: DockWorld) -> Iterator[str]:
    """The application on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(world.services), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def sign_in(context: BrowserContext, address: str, person: Person) -> None:
    """The browser has the session of that person."""
    # With an end, as the service's own: one without would be gone when the browser is closed.
    context.add_cookies(
        [
            {"name": COOKIE, "value": person.id, "url": address, "httpOnly": True, "sameSite": "Strict",
             "expires": time.time() + 3600}
        ]
    )  # fmt: skip


def enrol_browser(world: DockWorld, page: Page, address: str, person: Person) -> None:
    """The browser makes a key for the person, which becomes a key of the party; its private half stays there."""
    page.goto(f"{address}/staff/manifest.webmanifest")
    told: dict[str, Any] = {"person": person.id, "party": f"{person.party:013d}", "name": person.name}
    device = DeviceKey.parse(bytes(page.evaluate(_MAKE_KEY, told)))
    grant, digest = world.ledger.keys.grant_of(person.party, device, admin=False, valid_until=0)
    world.ledger.keys.add(person.party, device, grant, bytes(page.evaluate(_SIGN, list(digest))))
    page.evaluate(_KEEP_KEY, "0x" + device.id.hex())
