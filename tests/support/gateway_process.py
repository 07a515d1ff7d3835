"""A real `silkroot gateway` in a process of its own, and devices that sign events for a real service."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import event_builders as b
import httpx
from database_rows import sql
from mqtt_broker import MqttBroker
from presigned_events import carrying
from service_process import SILKROOT, ServiceProcess
from signing_keys import P256Key, SigningKey

from ledger.adapters.pinned import parse_pinned
from ledger.domain import event_forms
from ledger.domain.binding import action_of
from ledger.domain.content_hash import content_hash
from ledger.domain.identifiers import Digest, PartyId
from ledger.domain.records import JsonTree, SignatureProof
from ledger.domain.typed_data import Domain, digest


@dataclass
class GatewayProcess:
    """The command between a broker and a service; `process` is None while it is down."""

    broker: MqttBroker
    service: str
    folder: Path
    key: str
    arguments: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def dead_letters(self) -> list[dict[str, Any]]:
        """What it refused, in order."""
        file = self.folder / "dead.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def start(self) -> None:
        """Starts it; it need not be connected when this returns."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SILKROOT_")}
        with (self.folder / "gateway.log").open("ab") as log, (self.folder / "gateway.out").open("wb") as out:
            self.process = subprocess.Popen(
                [*SILKROOT, "gateway", "--broker", f"mqtt://127.0.0.1:{self.broker.port}", "--service", self.service,
                 "--dead-letters", str(self.folder / "dead.jsonl"), "--json", *self.arguments],
                env={**kept, "SILKROOT_LANG": "en", "SILKROOT_GATEWAY_KEY": self.key, **self.settings},
                stdout=out, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def wait_for(self, words: str, timeout: float = 30) -> None:
        """Until it has said so."""
        until(lambda: words in self.log(), self.log, timeout)

    def log(self) -> str:
        """What it said so far."""
        return (self.folder / "gateway.log").read_text(errors="replace")

    def printed(self) -> str:
        """What it printed as JSON when it ended."""
        return (self.folder / "gateway.out").read_text()

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def end(self, timeout: float = 30) -> tuple[int, dict[str, int]]:
        """A TERM signal; its exit code, and what it counted."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout)
        self.process = None
        return code, json.loads(self.printed())


def until(done: Callable[[], bool], told: Callable[[], str], timeout: float = 40) -> None:
    """Waits until it is done; fails with what is told."""
    deadline = time.monotonic() + timeout
    while not done():
        assert time.monotonic() < deadline, told()
        time.sleep(0.05)


@dataclass(frozen=True)
class Logger:
    """A device that signs what it measures, as a key of its party."""

    name: str
    party: PartyId
    key: SigningKey | P256Key
    domain: Domain

    @property
    def topic(self) -> str:
        """Where it publishes."""
        return f"silkroot/{self.party:013d}/{self.name}/events"

    def event(self, number: int, party: PartyId | None = None) -> JsonTree:
        """One of many inspections that differ, signed."""
        acting = party or self.party
        event = event_forms.statement(acting, "inspecting", (b.HARVEST_LOT,), b.NOON, event_forms.Spot(acting))
        # Drawn from the number: CBV hashes read a blind of digits and one `e` as a number, so that many were the same.
        event = b.sealed(event, acting, hashlib.sha256(str(number).encode()).digest()[:16])
        action = action_of(event, int(time.time()) + 3 * 86_400)
        signature = self.key.sign(digest(self.domain, action))
        return carrying(event, SignatureProof(action, self.key.id, self.key.scheme, signature))

    def message(self, *numbers: int) -> tuple[str, bytes]:
        """Topic and payload of one event, or of several in an array."""
        events = [self.event(number) for number in numbers]
        return self.topic, json.dumps(events[0] if len(events) == 1 else events).encode()


def enrolled(service: ServiceProcess, name: str, party: PartyId, key: SigningKey | P256Key) -> Logger:
    """The device, whose key is one of the party's from now on."""
    public = (key.point if isinstance(key, P256Key) else key.address).hex()
    asked = service.ask("party", "key", "add", f"{party:013d}", "--public-key", f"0x{public}")
    given = key.sign(Digest(bytes.fromhex(asked["digest"][2:])))
    added = service.ask(
        "party", "key", "add", f"{party:013d}", "--public-key", f"0x{public}", "--signature", f"0x{given.hex()}",
        "--deadline", str(asked["deadline"]),
    )  # fmt: skip
    assert added["added"], added
    return Logger(name, party, key, domain_of(service))


def domain_of(service: ServiceProcess) -> Domain:
    """What is signed for."""
    pinned = parse_pinned(httpx.get(f"{service.url}/deployment.json").content, "deployment.json")
    return Domain.of_ledger(pinned.chain_id, pinned.ledger)


def hash_of(event: JsonTree) -> bytes:
    """The content hash of a signed event."""
    return bytes(content_hash({name: value for name, value in event.items() if name != "silkroot:proof"}))


def rows_of(service: ServiceProcess, events: Sequence[JsonTree]) -> int:
    """How many rows the service's database has of these events."""
    url = f"sqlite:///{service.data_dir / 'silkroot.sqlite3'}"
    wanted = {hash_of(event) for event in events}
    return sum(bytes(found) in wanted for (found,) in sql(url, "SELECT content_hash FROM events"))
