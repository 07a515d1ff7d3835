"""Stories end to end: captured into the real store, confirmed on a real chain, judged live, tampered with, healed."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import event_builders as build
import pytest
from chain_fixtures import SystemClock, TestKey, fund
from log_fixture import RunningLog, open_log

from ledger.adapters.chain_access import ChainAccess, open_chain
from ledger.adapters.evm_chain import EvmChain
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.keystore_signer import KeystoreSigner
from ledger.adapters.networks import local_network
from ledger.adapters.sql_store.store import SqlStore
from ledger.adapters.sql_store.tampering import SqlBackDoor
from ledger.domain.actions import cosigner_of, signer_of
from ledger.domain.binding import action_of
from ledger.domain.event_forms import Arrival
from ledger.domain.identifiers import LotRef
from ledger.domain.records import JsonTree
from ledger.domain.story_values import LotStory, Outcome, Verdict
from ledger.services.capture import Capture
from ledger.services.erase import Choice, Erase
from ledger.services.fsck import Fsck
from ledger.services.keys import Keys
from ledger.services.proposals import Proposal, Proposals
from ledger.services.register import Register
from ledger.services.story import ChainNetwork, Story
from ledger.services.tamper import Tamper

pytestmark = pytest.mark.chain
NETWORK = ChainNetwork("local", single_operator=True)


@dataclass
class Service:
    """A whole ledger on one folder and one chain."""

    folder: Path
    store: SqlStore
    access: ChainAccess
    capturing: Capture
    stories: Story
    proposals: Proposals
    log: RunningLog

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'silkroot.sqlite3'}"

    def record(self, *events: JsonTree) -> None:
        """Captures the events one by one; what two parties sign is proposed and agreed to."""
        for event in events:
            action = action_of(event, 0)
            if (second := cosigner_of(action)) is not None:
                proposed = self.proposals.propose(event, signer_of(action))
                assert isinstance(proposed, Proposal)
                self.proposals.agree(proposed.id, second)
                continue
            (result,) = self.capturing.capture([event], None)
            assert not result.violations, [str(violation) for violation in result.violations]

    async def settle(self) -> None:
        while self.store.outbox.first_open_row() is not None:
            await self.access.submitter.step()
            await self.log.checkpointer.step()
        await self.log.settle()

    def sql(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.folder / "silkroot.sqlite3")) as database, database:
            assert database.execute(statement, values).rowcount == 1


@pytest.fixture
async def service(anvil_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    store = SqlStore(f"sqlite:///{tmp_path / 'silkroot.sqlite3'}")
    signer = KeystoreSigner(tmp_path / "keys")
    registrar, relay, operator, clock = signer.registrar(), TestKey(), TestKey(), SystemClock()
    await fund(anvil_url, relay.address)
    await fund(anvil_url, operator.address)
    access = await open_chain(
        tmp_path / "deployment.json",
        store=store.outbox,
        rpc_url=anvil_url,
        relay_key=relay.secret,
        registrar=registrar[12:],
        network=local_network().network,
        clock=clock,
        operator=operator.address,
    )
    log = open_log(store, access, operator, tmp_path)
    registry, ledger = access.deployment.registry_domain, access.deployment.ledger_domain
    Register(store, signer, registrar, registry, clock).register(build.master_data())
    capturing = Capture(store, signer, clock, ledger, bytes(32))
    keys = Keys(store, signer, registrar, registry, clock)
    proposals = Proposals(store, signer, clock, ledger, bytes(32), keys)
    yield Service(tmp_path, store, access, capturing, Story(store, access.reader, NETWORK, store.log), proposals, log)
    await access.close()
    store.close()


def season() -> list[JsonTree]:
    cases = [build.amount(build.PACKED_LOT, 500_000)]
    handoff = {"reference": build.sscc(2), "manifest": cases}
    return [
        build.harvest(),
        build.shipping(),
        build.receiving(),
        build.packing(),
        build.shipping(party=build.PACKING_HOUSE, receiver=build.BUYER, where=build.PACKING_LINE, **handoff),
        build.receiving(party=build.BUYER, shipper=build.PACKING_HOUSE, where=build.SHOP, **handoff),
        build.sale(party=build.BUYER, lines=[build.amount(build.PACKED_LOT, 50_000)]),
    ]


def failing(story: LotStory) -> set[str]:
    return {check.name.value for check in story.checks if check.outcome is not Outcome.PASSED}


async def test_pending_then_verified_then_recalled_then_released(service: Service) -> None:
    service.record(*season())
    story = await service.stories.story(build.PACKED_LOT)
    assert story.verdict is Verdict.PENDING, [reason.sentence for reason in story.reasons]
    await service.settle()
    story = await service.stories.story(build.PACKED_LOT)
    assert story.verdict is Verdict.VERIFIED, [reason.sentence for reason in story.reasons]
    assert [item.code.value for item in story.qualifiers] == [
        "hosted-key",
        "both-sides-hosted",
        "single-operator-chain",
        "temperature-not-recorded",
    ]
    assert {branch.holder: (branch.on_hand, branch.sold) for branch in story.branches} == {
        build.PACKING_HOUSE: (400_000, 0),
        build.BUYER: (450_000, 50_000),
    }
    assert all(event.entry is not None and event.entry.transaction for event in story.events)
    service.record(build.recall())
    await service.settle()
    recalled = await service.stories.story(build.PACKED_LOT)
    assert recalled.verdict is Verdict.RECALLED
    assert failing(recalled) == {"recall"}
    service.record(build.release())
    await service.settle()
    assert (await service.stories.story(build.PACKED_LOT)).verdict is Verdict.VERIFIED


async def test_a_lot_with_sealed_members_is_verified_before_and_after_they_are_erased(service: Service) -> None:
    secret = {"silkroot:phone": "13912345678", "silkroot:driver": "Tursun"}
    service.record(*({**event, **secret} for event in season()))
    await service.settle()
    before = await service.stories.story(build.PACKED_LOT)
    assert before.verdict is Verdict.VERIFIED, [reason.sentence for reason in before.reasons]
    assert all("silkroot:phone" not in event.body for event in before.events)
    erased = Erase(service.store, SystemClock(), bytes(32)).erase(Choice(value="13912345678"))
    assert len(erased) == len(season())
    after = await service.stories.story(build.PACKED_LOT)
    assert after.verdict is Verdict.VERIFIED
    assert [event.body for event in after.events] == [event.body for event in before.events]
    assert Fsck(service.store.audit, service.access.deployment.ledger_domain).run() == []


class SlowClock:
    """Eight days behind: what is signed by it is past its deadline by now."""

    def now(self) -> float:
        return SystemClock().now() - 8 * 86400


async def test_an_entry_that_waited_beyond_its_deadline_is_refused_and_makes_its_lot_suspect(service: Service) -> None:
    await service.settle()
    domain, signer = service.access.deployment.ledger_domain, KeystoreSigner(service.folder / "keys")
    (recorded,) = Capture(service.store, signer, SlowClock(), domain, bytes(32)).capture([build.harvest()], None)
    assert recorded.record is not None
    await service.settle()
    story = await service.stories.story(build.HARVEST_LOT)
    assert story.verdict is Verdict.SUSPECT
    reason = next(reason for reason in story.reasons if reason.code == "anchored.refused")
    assert str(reason.parameters["rule"]).startswith("DeadlinePassed(deadline=")
    # Its grams are free again: the harvest can be recorded anew, as another event.
    service.record(build.harvest(when=build.When("2026-08-05T12:00:01.000+08:00")))
    await service.settle()
    assert [event.state.value for event in service.store.events_of_lot(build.HARVEST_LOT.id)] == [
        "refused",
        "confirmed",
    ]


async def test_tampering_is_seen_told_and_healed(service: Service) -> None:
    service.record(*season())
    await service.settle()
    tamper = Tamper(service.store, SqlBackDoor(service.url), service.folder)
    changed = tamper.tamper(build.PACKED_LOT)
    story = await service.stories.story(build.PACKED_LOT)
    assert story.verdict is Verdict.UNVERIFIED
    assert failing(story) == {"content"}
    reason = story.reasons[0]
    assert (reason.code, reason.event) == ("content.changed", changed.event)
    assert [(item.member, item.signed, item.found) for item in reason.differences] == [
        ("outputs[0].grams", "900000", "9000000")
    ]
    assert reason.evidence.signed_hash == changed.event
    assert reason.evidence.found_hash not in (None, changed.event)
    assert tamper.restore(build.PACKED_LOT) == 1
    assert (await service.stories.story(build.PACKED_LOT)).verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE events SET body = x'7b' WHERE sequence = 1", "content"),
        ("UPDATE events SET body = replace(body, 'PLOT-7', 'PLOT-8') WHERE sequence = 1", "content"),
        ("DELETE FROM event_lots WHERE sequence = 6", "custody"),
    ],
)
async def test_a_row_changed_behind_the_services_back(service: Service, statement: str, check: str) -> None:
    service.record(*season())
    await service.settle()
    service.sql(statement)
    story = await service.stories.story(build.PACKED_LOT)
    assert story.verdict is Verdict.UNVERIFIED
    assert failing(story) == {check}


async def test_a_proof_that_cannot_be_read_proves_nothing(service: Service) -> None:
    service.record(*season())
    await service.settle()
    service.sql("UPDATE events SET proof = x'7b' WHERE sequence = 1")
    story = await service.stories.story(build.PACKED_LOT)
    assert story.verdict is Verdict.UNVERIFIED
    assert failing(story) >= {"content", "signature"}


async def test_a_chain_that_does_not_answer_gives_unknown(service: Service) -> None:
    service.record(build.harvest())
    await service.settle()
    first = await service.stories.story(build.HARVEST_LOT)
    assert first.verdict is Verdict.VERIFIED
    rpc = JsonRpc("http://127.0.0.1:9", 1.0)
    network = replace(local_network().network, timeout_seconds=1.0)
    dead = EvmChain(rpc, service.access.deployment, network, SystemClock())
    story = await Story(service.store, dead, NETWORK, service.store.log).story(build.HARVEST_LOT)
    await rpc.close()
    assert story.verdict is Verdict.UNKNOWN
    assert story.reasons[0].code == "chain.unavailable"


async def test_a_lot_of_many_ancestors(service: Service) -> None:
    lots = [LotRef(build.BULK_MELON, f"H-{index:04d}") for index in range(30)]
    handoff = {"reference": build.sscc(7), "manifest": [build.amount(lot, 1000) for lot in lots]}
    service.record(
        *(build.harvest(lot=lot, grams=1000) for lot in lots),
        build.shipping(**handoff),
        build.receiving(**handoff),
        build.packing(inputs=handoff["manifest"], outputs=[build.amount(build.PACKED_LOT, 30_000)]),
    )
    await service.settle()
    story = await service.stories.story(build.PACKED_LOT)
    assert story.verdict is Verdict.VERIFIED, [reason.sentence for reason in story.reasons]
    assert len(story.ancestors) == 30


async def test_a_dispute_and_corrections_on_a_real_chain(service: Service) -> None:
    """Two lots in one consignment: each story fits the chain at every step, the one that arrived in whole as well."""
    other = LotRef(build.BULK_MELON, "H-0002")
    lots = (build.HARVEST_LOT, other)

    async def told(*events: JsonTree) -> list[tuple[str, set[str]]]:
        service.record(*events)
        await service.settle()
        stories = [await service.stories.story(lot) for lot in lots]
        return [(story.verdict.value, {reason.code for reason in story.reasons}) for story in stories]

    fine = "verified"
    first = build.harvest(grams=1_010_000)
    manifest = [build.amount(), build.amount(other, 500_000)]
    start = await told(
        build.plot_registration(),
        build.yield_certificate(),
        first,
        build.harvest_amendment(original=first, grams=1_000_000),
        build.harvest(lot=other, grams=600_000),
        build.shipping(manifest=manifest),
    )
    assert [verdict for verdict, _ in start] == [fine, fine], start
    part = [Arrival(build.HARVEST_LOT, accepted=600_000, to_come=400_000), Arrival(other, accepted=500_000)]
    assert [verdict for verdict, _ in await told(build.partial_receipt(arrivals=part, return_ref=""))] == [fine, fine]
    last = [Arrival(build.HARVEST_LOT, accepted=100_000, refused=200_000, short=100_000)]
    short = await told(build.partial_receipt(arrivals=last))
    assert short[0] == ("suspect", {"custody.variance"})
    assert short[1][0] == fine
    settled = await told(build.settlement())
    assert [verdict for verdict, _ in settled] == [fine, fine], settled
    order = build.packing(inputs=[build.amount(grams=700_000)], outputs=[build.amount(build.PACKED_LOT, 650_000)])
    correction = build.packing_amendment(original=order, grams={build.HARVEST_LOT: 690_000, build.PACKED_LOT: 640_000})
    voided = [build.amount(other, 100_000)]
    after = await told(
        order,
        correction,
        build.shipping(reference=build.sscc(2), manifest=voided),
        build.notice(reference=build.sscc(2), lots=[other]),
        build.void(reference=build.sscc(2), manifest=voided),
        build.pledge(pledged=build.amount(grams=20_000)),
    )
    assert [verdict for verdict, _ in after] == [fine, fine], after
    packed = await service.stories.story(build.PACKED_LOT)
    assert packed.verdict is Verdict.VERIFIED, [reason.sentence for reason in packed.reasons]
    assert packed.certified is not None
    assert (packed.certified.grams, packed.certified.percent) == (640_000, 100)
    assert [origin.certifier for origin in packed.certified.origins] == [build.CERTIFIER]
    (pledge,) = (await service.stories.story(build.HARVEST_LOT)).pledges
    assert pledge.stands
