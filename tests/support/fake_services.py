"""
`api.dependencies.Services` over the story samples: a shelf of lots in memory, a chain that can be switched off.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import event_builders
import story_samples

from api.capture_desk import CaptureDesk
from api.capture_gate import CaptureGate
from api.dependencies import ChainHealth, Health, Services
from ledger.adapters.pinned import Pinned, pinned_json
from ledger.domain.api_keys import ApiKey
from ledger.domain.binding import action_of
from ledger.domain.bundle import Bundle, BundleChain
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import ContentHash, KeyId, LotId, LotRef, PartyId, ProductId
from ledger.domain.master_data import MasterData
from ledger.domain.records import EntryState, RecordedEvent, Scheme, SignatureProof
from ledger.domain.story_values import LotStory
from ledger.ports_questions import EventPlace, EventQuestion, FoundEvent, StockRow
from ledger.services.api_keys import Unauthenticated
from ledger.services.rpc_gate import RpcGate
from ledger.services.rpc_policy import RpcPolicy
from ledger.services.token_buckets import TokenBuckets

PUBLIC_URL = "https://trace.example"
DEPLOYMENT = pinned_json(Pinned("local", 31337, b"\xa1" * 20, b"\x5f" * 20, b"\x4c" * 20, 0))
CONTRACTS = {"PartyRegistry": "0x" + "a1" * 20, "ProduceLedger": "0x" + "5f" * 20}


@dataclass
class FakeShelf:
    """Lots and master data in memory."""

    known: list[LotRef] = field(default_factory=lambda: [story_samples.PICKED, story_samples.LOT])
    master: MasterData = story_samples.MASTER

    def lots(self, after: LotRef | None, limit: int) -> list[LotRef]:
        """Sorted by product and code."""
        return [lot for lot in sorted(self.known) if after is None or lot > after][:limit]

    def lot_ref(self, lot: LotId) -> LotRef | None:
        """None for a lot that is not on the shelf."""
        return next((ref for ref in self.known if ref.id == lot), None)

    def lot_refs(self, lots: Collection[LotId]) -> dict[LotId, LotRef]:
        """Those that are on the shelf."""
        return {ref.id: ref for ref in self.known if ref.id in lots}

    def descent(self, lots: Collection[LotId]) -> dict[LotId, tuple[LotId, ...]]:
        """The first lot of the shelf was made into the second."""
        first, second, *_ = (ref.id for ref in self.known)
        return {first: (second,)} if first in lots else {}

    def ascent(self, lots: Collection[LotId]) -> dict[LotId, tuple[LotId, ...]]:
        """The same, seen from the second."""
        first, second, *_ = (ref.id for ref in self.known)
        return {second: (first,)} if second in lots else {}

    def lots_with_code(self, code: str) -> list[LotRef]:
        """Those on the shelf."""
        return [ref for ref in self.known if ref.code == code]

    def event(self, content_hash: ContentHash) -> RecordedEvent | None:
        """There are none."""
        return None

    def master_data(self) -> MasterData:
        """That of the samples unless a test sets another."""
        return self.master


@dataclass
class FakeStories:
    """Tells one story for every known lot; `failure` is raised instead if set."""

    shelf: FakeShelf
    told: LotStory = field(default_factory=story_samples.verified)
    failure: Exception | None = None

    async def story(self, lot: LotRef) -> LotStory:
        """The story, whatever the lot."""
        if self.failure is not None:
            raise self.failure
        if self.shelf.lot_ref(lot.id) is None:
            raise NotFound(f"no lot {lot}")
        return self.told


@dataclass
class FakeProofs:
    """Bundles without events for every known lot."""

    shelf: FakeShelf

    def bundle_of(self, lot: LotRef, *, disclosed: bool = False) -> Bundle:
        """It holds nothing, but it is one."""
        if self.shelf.lot_ref(lot.id) is None:
            raise NotFound(f"no event names lot {lot}")
        chain = BundleChain(31337, b"\xa1" * 20, b"\x5f" * 20, b"\x4c" * 20)
        return Bundle(lot, datetime(2026, 11, 29, 12, tzinfo=UTC), chain, None, ())


@dataclass
class FakeHealth:
    """A chain that is up until `detail` says why it is not."""

    detail: str = ""

    async def __call__(self) -> Health:
        """31337 at block 512, two entries behind."""
        if self.detail:
            return Health(None, self.detail)
        return Health(ChainHealth(31337, 512, CONTRACTS, 2))


class FakeNode:
    """A chain node that answers everything with nothing."""

    async def forward(self, requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """One answer a request."""
        return [{"jsonrpc": "2.0", "id": one["id"], "result": None} for one in requests]


class FakeQuestions:
    """One event answers every question; nobody has anything in stock."""

    def events(self, question: EventQuestion, after: EventPlace | None, limit: int) -> list[FoundEvent]:
        """The harvest of the builders."""
        body = event_builders.harvest()
        proof = SignatureProof(action_of(body, 0), KeyId(bytes(32)), Scheme.NONE, b"")
        at = datetime(2026, 11, 29, 12, tzinfo=UTC)
        content = ContentHash(bytes(32))
        return [FoundEvent(RecordedEvent(1, content, "urn:uuid:1", at, body, proof, EntryState.CONFIRMED), (0, 1))]

    def stock(self, party: PartyId, now: int, after: LotId | None, limit: int) -> list[StockRow]:
        """None of it."""
        return []


class StandingClock:
    """A clock that stands."""

    def now(self) -> float:
        """Always the same."""
        return 0.0


def fake_gate() -> RpcGate:
    """A gate to that node, for the contracts of the samples; nobody has to wait."""
    contracts = frozenset(bytes.fromhex(address[2:]) for address in CONTRACTS.values())
    return RpcGate(FakeNode(), RpcPolicy(contracts), TokenBuckets(StandingClock(), burst=10**9, per_second=1.0))


class NoKeys:
    """Keys of the capture interface: there are none."""

    def authenticate(self, token: str) -> ApiKey:
        """Nobody is known."""
        raise Unauthenticated


def closed_desk() -> CaptureDesk:
    """A capture interface for which nobody has a key, over a ledger without events."""
    gate = CaptureGate(TokenBuckets(StandingClock(), burst=10**9, per_second=1.0))
    nothing: Any = None
    keys: Any = NoKeys()
    return CaptureDesk(keys, nothing, gate, lambda: None, trusts_the_way=False)


@dataclass
class FakeWorld:
    """The fakes, to be bent by a test, and the services made of them."""

    shelf: FakeShelf = field(default_factory=FakeShelf)
    health: FakeHealth = field(default_factory=FakeHealth)
    stories: FakeStories = field(init=False)

    def __post_init__(self) -> None:
        self.stories = FakeStories(self.shelf)

    @property
    def services(self) -> Services:
        """What `create_app` takes."""
        return Services(
            story=self.stories, store=self.shelf, public_url=PUBLIC_URL, health=self.health,
            proofs=FakeProofs(self.shelf), deployment=DEPLOYMENT, rpc=fake_gate(),
            capture=closed_desk(), questions=FakeQuestions(),
        )  # fmt: skip

    def add(self, product: int, code: str) -> LotRef:
        """Puts another lot on the shelf."""
        ref = LotRef(ProductId(product), code)
        self.shelf.known.append(ref)
        return ref
