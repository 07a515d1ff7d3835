"""
What two parties sign, corrections, certified yields, carried recalls and second proofs: through the services, the real
store and the submitter, on a real chain. The contract takes every entry that the local rules took.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import event_builders as build
import pytest
from chain_fixtures import TestKey, fund, start_anvil
from log_fixture import RunningLog, open_log

from ledger.adapters.chain_access import ChainAccess, open_chain
from ledger.adapters.holding_outbox import HoldingOutbox
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.keystore_signer import KeystoreSigner
from ledger.adapters.networks import local_network
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.event_forms import Arrival, Settled
from ledger.domain.identifiers import LotRef, PartyId, consignment_id
from ledger.domain.records import (
    ChainFacts,
    ChainQuestion,
    ConsignmentState,
    EntryState,
    JsonTree,
    LotState,
    RecordedEvent,
    Scheme,
)
from ledger.domain.story_values import LotStory, Verdict
from ledger.ports_proposals import Proposal
from ledger.services.capture import Capture
from ledger.services.keys import Keys
from ledger.services.proposals import Proposals
from ledger.services.register import Register
from ledger.services.resign import Resign
from ledger.services.story import ChainNetwork, Story

pytestmark = pytest.mark.chain
SECRET = bytes(32)
DAY = 24 * 3600
REPACKED = LotRef(build.MELON_CASE, "P-9")
CONSIGNMENT = consignment_id(build.FARM, build.REFERENCE)


@dataclass
class MovedClock:
    """The chain's time: that of the newest block when the test began, and what was added since."""

    time: float

    def now(self) -> float:
        """Unix seconds."""
        return self.time


@dataclass
class Service:
    """A whole ledger on one folder and one chain, whose time a test can move."""

    store: SqlStore
    outbox: HoldingOutbox
    access: ChainAccess
    clock: MovedClock
    capturing: Capture
    proposals: Proposals
    keys: Keys
    resign: Resign
    rpc: JsonRpc
    log: RunningLog

    def record(self, *events: JsonTree) -> list[RecordedEvent]:
        """Captures the events, all of which have to be accepted."""
        results = self.capturing.capture(events, None)
        assert not any(result.violations for result in results), [str(v) for r in results for v in r.violations]
        return [result.record for result in results if result.record is not None]

    def agree(self, event: JsonTree, party: PartyId, other: PartyId) -> RecordedEvent:
        """Proposed by the one, agreed to by the other."""
        proposal = self.proposals.propose(event, party)
        assert isinstance(proposal, Proposal)
        return self.proposals.agree(proposal.id, other)

    async def settle(self, refused: int = 0) -> None:
        """Brings everything to the chain; so many entries have to be refused there."""
        while self.outbox.first_open_row() is not None:
            await self.access.submitter.step()
            await self.log.checkpointer.step()
        await self.log.settle()
        counts = self.outbox.counts()
        rows = self.outbox.rows(range(1, counts.confirmed + counts.refused + counts.queued + 1))
        found = [row.refusal for row in rows if row.state is EntryState.REFUSED]
        assert len(found) == refused, found

    async def pass_time(self, seconds: int) -> None:
        """Time goes by, here and on chain."""
        await self.rpc.call("evm_increaseTime", hex(seconds))
        await self.rpc.call("evm_mine")
        block = await self.rpc.call("eth_getBlockByNumber", "latest", False)
        self.clock.time = int(block["timestamp"], 16)

    async def facts(self, **asked: object) -> ChainFacts:
        """What the chain says."""
        return await self.access.reader.facts(ChainQuestion(**asked))  # type: ignore[arg-type]

    async def lot(self, lot: LotRef) -> LotState:
        """The lot on chain."""
        return (await self.facts(lots=(lot.id,))).lots[lot.id]

    async def story(self, lot: LotRef) -> LotStory:
        """The lot's story, judged now."""
        network = ChainNetwork("local", single_operator=True)
        return await Story(self.store, self.access.reader, network, self.store.log).story(lot)


@pytest.fixture(scope="module")
def anvil_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An Anvil of this file's own: its tests move the chain's time."""
    process = asyncio.run(start_anvil(tmp_path_factory.mktemp("anvil"), "--mixed-mining", "--block-time", "1"))
    yield process.rpc_url
    asyncio.run(process.stop())


@pytest.fixture
async def service(anvil_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    """The cast of `event_builders`, registered."""
    store = SqlStore(f"sqlite:///{tmp_path / 'silkroot.sqlite3'}")
    outbox = HoldingOutbox(store.outbox, tmp_path / "held.json")
    signer = KeystoreSigner(tmp_path / "keys")
    registrar, relay, operator = signer.registrar(), TestKey(), TestKey()
    await fund(anvil_url, relay.address)
    await fund(anvil_url, operator.address)
    rpc = JsonRpc(anvil_url)
    block = await rpc.call("eth_getBlockByNumber", "latest", False)
    clock = MovedClock(int(block["timestamp"], 16))
    access = await open_chain(
        tmp_path / "deployment.json",
        store=outbox,
        rpc_url=anvil_url,
        relay_key=relay.secret,
        registrar=registrar[12:],
        network=local_network().network,
        clock=clock,
        operator=operator.address,
    )
    log = open_log(store, access, operator, tmp_path, clock)
    registry, ledger = access.deployment.registry_domain, access.deployment.ledger_domain
    Register(store, signer, registrar, registry, clock).register(build.master_data())
    keys = Keys(store, signer, registrar, registry, clock)
    yield Service(
        store,
        outbox,
        access,
        clock,
        Capture(store, signer, clock, ledger, SECRET),
        Proposals(store, signer, clock, ledger, SECRET, keys),
        keys,
        Resign(store, signer, clock, ledger),
        rpc,
        log,
    )
    await access.close()
    await rpc.close()
    store.close()


async def test_a_disputed_consignment_is_settled_by_both(service: Service) -> None:
    service.record(build.harvest(), build.shipping(), build.partial_receipt())
    service.agree(build.settlement(), build.PACKING_HOUSE, build.FARM)
    back = {"party": build.FARM, "shipper": build.PACKING_HOUSE, "reference": build.RETURN_REFERENCE}
    service.record(build.receiving(manifest=[build.amount(grams=200_000)], where=build.FARM_GATE, **back))
    await service.settle()
    held = [(build.HARVEST_LOT.id, party) for party in (build.FARM, build.PACKING_HOUSE)]
    facts = await service.facts(consignments=(CONSIGNMENT,), balances=tuple(held))
    assert facts.consignments[CONSIGNMENT].state is ConsignmentState.SETTLED
    assert [facts.balances[place] for place in held] == [220_000, 710_000]
    story = await service.story(build.HARVEST_LOT)
    assert story.verdict is Verdict.VERIFIED, [reason.sentence for reason in story.reasons]


@pytest.mark.parametrize("scheme", [Scheme.SECP256K1, Scheme.P256])
async def test_both_schemes_sign_second(service: Service, scheme: Scheme) -> None:
    service.keys.rotate(build.LENDER, scheme, keep_old=False)
    service.record(build.harvest())
    pledge = build.pledge(until=until(service, 30))
    service.agree(pledge, build.FARM, build.LENDER)
    service.record(build.pledge_release(), build.sale())
    await service.settle()


async def test_a_consignment_is_voided_by_both_and_another_after_a_notice(service: Service) -> None:
    service.record(build.harvest(), build.shipping())
    service.agree(build.void(), build.FARM, build.PACKING_HOUSE)
    second = {"reference": build.sscc(2)}
    service.record(build.shipping(**second), build.notice(**second))
    await service.settle()
    await service.pass_time(3 * DAY + 60)
    service.record(build.void(agreed=False, when=build.When("2026-08-09T12:00:00+08:00"), **second))
    await service.settle()
    place = (build.HARVEST_LOT.id, build.FARM)
    assert (await service.facts(balances=(place,))).balances[place] == 1_000_000


async def test_what_is_missing_is_written_off_alone_after_a_notice(service: Service) -> None:
    arrivals = [Arrival(build.HARVEST_LOT, 900_000, 0, 0, 100_000)]
    service.record(
        build.harvest(),
        build.shipping(),
        build.partial_receipt(arrivals=arrivals, return_ref=""),
        build.notice(party=build.PACKING_HOUSE, about="write-off"),
    )
    await service.settle()
    await service.pass_time(3 * DAY + 60)
    service.record(build.settlement(lines=[Settled(build.HARVEST_LOT, loss=100_000)], alone=True))
    await service.settle()
    facts = await service.facts(consignments=(CONSIGNMENT,))
    assert facts.consignments[CONSIGNMENT].state is ConsignmentState.SETTLED


async def test_a_harvest_and_a_packing_are_corrected(service: Service) -> None:
    service.record(build.plot_registration(), build.yield_certificate())
    (harvest,) = service.record(build.harvest())
    service.record(build.harvest_amendment(original=harvest.body, grams=1_000_001))
    manifest = [build.amount(grams=1_000_001)]
    service.record(build.shipping(manifest=manifest), build.receiving(manifest=manifest))
    (packing,) = service.record(build.packing())
    service.record(build.packing_amendment(original=packing.body))
    await service.settle()
    packed = await service.lot(build.PACKED_LOT)
    assert (packed.grams, packed.certified_grams) == (880_000, 880_000)
    story = await service.story(build.PACKED_LOT)
    assert story.verdict is Verdict.VERIFIED, [reason.sentence for reason in story.reasons]


async def test_a_recall_and_its_end_reach_descendants_on_chain(service: Service) -> None:
    half = [build.amount(build.PACKED_LOT, 400_000)]
    repacked = build.packing(
        inputs=half, outputs=[build.amount(REPACKED, 390_000)], when=build.When("2026-08-05T13:00:00+08:00")
    )
    service.record(build.harvest(), build.shipping(), build.receiving(), build.packing(), repacked, build.recall())
    await service.settle()
    for lot in (build.PACKED_LOT, REPACKED):
        state = await service.lot(lot)
        assert (state.recalled_by, state.inherited) == (build.FARM, True)
    assert (await service.story(REPACKED)).verdict is Verdict.RECALLED
    service.record(build.release())
    await service.settle()
    assert (await service.lot(REPACKED)).recalled_by == 0
    story = await service.story(REPACKED)
    assert story.verdict is Verdict.VERIFIED, [reason.sentence for reason in story.reasons]


@pytest.mark.parametrize("scheme", [Scheme.SECP256K1, Scheme.P256])
async def test_what_a_revoked_key_signed_is_signed_again(service: Service, scheme: Scheme) -> None:
    await service.settle()
    with service.outbox.paused():
        (harvest,) = service.record(build.harvest())
        service.outbox.hold(harvest.content_hash)
    new = service.keys.rotate(build.FARM, scheme, keep_old=False)
    await service.settle()
    service.outbox.let_go(harvest.content_hash)
    await service.settle(refused=1)
    (waits,) = service.resign.refused(build.FARM)
    assert waits.refusal.startswith("KeyIsRevoked")
    assert (await service.story(build.HARVEST_LOT)).verdict is Verdict.SUSPECT

    (done,) = service.resign.resign(build.FARM)
    assert done.violations == ()
    await service.settle(refused=1)  # the former entry keeps its place
    facts = await service.facts(contents=(harvest.content_hash,), digests=frozenset())
    assert facts.entries[harvest.content_hash].key_id == new
    again = service.store.event(harvest.content_hash)
    assert again is not None
    assert (again.state, again.sequence) == (EntryState.CONFIRMED, harvest.sequence)
    story = await service.story(build.HARVEST_LOT)
    assert story.verdict is Verdict.VERIFIED, [reason.sentence for reason in story.reasons]


async def test_what_came_too_late_is_signed_again(service: Service) -> None:
    await service.settle()
    with service.outbox.paused():
        (harvest,) = service.record(build.harvest())
        service.outbox.hold(harvest.content_hash)
    await service.pass_time(8 * DAY)
    service.outbox.let_go(harvest.content_hash)
    await service.settle(refused=1)
    (waits,) = service.resign.refused(build.FARM)
    assert waits.refusal.startswith("DeadlinePassed")
    service.resign.resign(build.FARM)
    await service.settle(refused=1)
    assert (await service.lot(build.HARVEST_LOT)).grams == 1_000_000


async def test_a_withdrawn_proposal_is_void_on_chain(service: Service) -> None:
    service.record(build.harvest(), build.shipping(), build.partial_receipt())
    proposal = service.proposals.propose(build.settlement(), build.PACKING_HOUSE)
    assert isinstance(proposal, Proposal)
    service.proposals.withdraw(proposal.id, build.PACKING_HOUSE)
    other = build.settlement(when=build.When("2026-08-05T14:00:00+08:00"))
    service.agree(other, build.PACKING_HOUSE, build.FARM)
    await service.settle()


def until(service: Service, days: int) -> str:
    """So many days from the service's now."""
    return datetime.fromtimestamp(int(service.clock.time) + days * DAY, UTC).isoformat(timespec="seconds")
