"""What capture and registration queue is recorded by the contracts as it is, and the local projection equals theirs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import event_builders as b
import pytest
from chain_fixtures import ChainWorld, SystemClock, TestKey, open_world
from ledger_fixture import SECRET
from log_fixture import RunningLog, open_log
from signing_keys import p256_key

from ledger.adapters.contract_calls import RECOVERY, decode_words, encode_call
from ledger.adapters.keystore_signer import KeystoreSigner
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.identifiers import Digest, LotRef, consignment_id
from ledger.domain.records import ChainQuestion, EntryState, JsonTree, Scheme
from ledger.services.capture import Capture
from ledger.services.keys import DeviceKey, Keys
from ledger.services.register import Register

pytestmark = pytest.mark.chain

CANCELLED = Digest(bytes(range(32)))


class Service:
    """Store, keys, capture and registration on one chain."""

    def __init__(self, folder: Path, chain: ChainWorld, registrar: TestKey, log: RunningLog) -> None:
        self.store, self.chain, self.log = log.store, chain, log
        self.signer = KeystoreSigner(folder / "keys")
        deployment, clock = chain.access.deployment, SystemClock()
        key = self.signer.registrar(registrar.secret)
        self.register = Register(log.store, self.signer, key, deployment.registry_domain, clock)
        self.keys = Keys(log.store, self.signer, key, deployment.registry_domain, clock)
        self.capturing = Capture(log.store, self.signer, clock, deployment.ledger_domain, SECRET)

    def record(self, *events: JsonTree) -> None:
        results = self.capturing.capture(events)
        assert not any(result.refused for result in results), [str(v) for r in results for v in r.violations]

    async def settle(self) -> None:
        async with asyncio.timeout(60):
            while self.store.outbox.first_open_row() is not None:
                await self.chain.access.submitter.step()
                await self.log.checkpointer.step()
            await self.log.settle()
        counts = self.store.outbox.counts()
        assert (counts.queued, counts.sent, counts.refused) == (0, 0, 0)


@pytest.fixture
async def service(anvil_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    store, registrar, operator = SqlStore(f"sqlite:///{tmp_path / 'silkroot.sqlite3'}"), TestKey(), TestKey()
    chain = await open_world(anvil_url, tmp_path, store.outbox, registrar=registrar, operator=operator)
    made = Service(tmp_path, chain, registrar, open_log(store, chain.access, operator, tmp_path))
    made.register.register(b.master_data())
    yield made
    await chain.access.close()
    store.close()


async def test_every_kind_of_entry_stands(service: Service) -> None:
    pooled = LotRef(b.BULK_MELON, "I-0001")
    old = service.signer.key_of(b.FARM)
    service.record(
        b.harvest(), b.inspection(), b.shipping(), b.receiving(), b.packing(), b.intake(),
        b.sale(party=b.COOPERATIVE, lines=[b.amount(pooled, 10_000)]),
        b.disposal(party=b.COOPERATIVE, lines=[b.amount(pooled, 5_000)]),
        b.recall(), b.release(),
    )  # fmt: skip
    new = service.keys.rotate(b.FARM)
    service.record(b.recall(when=b.When("2026-08-07T12:00:00.000+08:00")))
    service.keys.revoke(b.FARM, old)
    service.register.permit(b.BULK_MELON, b.COOPERATIVE, allowed=False)
    phone = p256_key(77)
    grant, signed = service.keys.grant_of(b.FARM, DeviceKey.parse(phone.point), admin=False, valid_until=2**33)
    service.keys.add(b.FARM, DeviceKey.parse(phone.point), grant, phone.raw(signed))
    newest = service.keys.rotate(b.FARM, Scheme.P256, keep_old=False)
    service.record(b.release(when=b.When("2026-08-07T12:30:00.000+08:00")))
    service.keys.suspend(b.HUB, suspended=True)
    service.keys.suspend(b.BUYER, suspended=True)
    service.keys.suspend(b.BUYER, suspended=False)
    service.keys.cancel(b.FARM, CANCELLED)
    service.keys.start_recovery(b.HUB, Scheme.P256)
    service.keys.cancel_recovery(b.HUB)
    service.keys.start_recovery(b.FARM)
    await service.settle()

    projection = service.store.registered()
    lots = (b.HARVEST_LOT.id, b.PACKED_LOT.id, pooled.id)
    balances = tuple((lot, party) for lot in lots for party in b.ROLES)
    consignment = consignment_id(b.FARM, b.REFERENCE)
    facts = await service.chain.access.reader.facts(
        ChainQuestion(
            lots=lots,
            balances=balances,
            consignments=(consignment,),
            keys=(old, new, newest, phone.id),
            parties=tuple(b.ROLES),
        )
    )
    local = service.store.lineage(lots)
    for lot in lots:
        on_chain = facts.lots[lot]
        assert (on_chain.issuer, on_chain.grams) == (local[lot].issuer, local[lot].grams)
        assert (on_chain.entries, on_chain.recalled_by) == (local[lot].entries, local[lot].recalled_by)
    assert dict(facts.balances) == {key: projection.held(*key) for key in balances}
    assert facts.consignments[consignment].shipper == b.FARM
    assert {party: facts.roles_of(party) for party in b.ROLES} == {
        party: projection.acting_roles_of(party) for party in b.ROLES
    }
    assert facts.roles_of(b.HUB) == 0
    for key, record in facts.keys.items():
        local_key = projection.key(key)
        assert local_key is not None
        assert (record.party, record.scheme, record.admin, record.hosted, bool(record.revoked_at)) == (
            local_key.party, local_key.scheme, local_key.admin, local_key.hosted, local_key.revoked,
        )  # fmt: skip
        assert record.valid_until == local_key.valid_until
    assert facts.keys[new].revoked_at
    await same_standing(service)
    assert all(event.state is EntryState.CONFIRMED for event in service.store.events(0, 100))


async def same_standing(service: Service) -> None:
    """Suspensions, recoveries and cancelled digests of the projection are those on chain."""
    projection, parties = service.store.registered(), list(b.ROLES)
    access = service.chain.access
    calls = [
        encode_call("suspendedOf", ["uint64[]"], [parties]),
        encode_call("recoveriesOf", ["uint64[]"], [parties]),
        *(encode_call("isCancelled", ["uint64", "bytes32"], [party, CANCELLED]) for party in parties),
    ]
    registry = "0x" + access.deployment.registry.hex()
    answers = await access.rpc.results(
        [("eth_call", [{"to": registry, "data": "0x" + call.hex()}, "latest"]) for call in calls]
    )
    suspended, recoveries, *cancelled = (bytes.fromhex(answer[2:]) for answer in answers)
    assert decode_words(["bool[]"], suspended, "")[0] == tuple(map(projection.is_suspended, parties))
    assert [decode_words(["bool"], answer, "")[0] for answer in cancelled] == [
        projection.is_cancelled(party, CANCELLED) for party in parties
    ]
    for party, found in zip(parties, decode_words([f"{RECOVERY}[]"], recoveries, "")[0], strict=True):
        pending = projection.recovery_of(party)
        expected = (bytes(32), 0, False, 0)
        if pending is not None:
            expected = (pending.key_id, int(pending.scheme), pending.hosted, pending.effective_at)
        assert found == expected


async def test_a_pause_keeps_entries_waiting_and_lets_revocations_through(service: Service) -> None:
    await service.settle()
    old = service.signer.key_of(b.HUB)
    service.keys.rotate(b.HUB)
    await service.settle()
    await administer(service, "pause")
    service.record(b.harvest())
    service.keys.revoke(b.HUB, old)
    for _ in range(12):
        await service.log.checkpointer.step()
        await service.chain.access.submitter.step()
    counts = service.store.outbox.counts()
    assert (counts.queued, counts.sent, counts.refused) == (1, 0, 0)
    assert "paused" in service.chain.access.submitter.status.problem
    facts = await service.chain.access.reader.facts(ChainQuestion(keys=(old,)))
    assert facts.keys[old].revoked_at
    await administer(service, "unpause")
    await service.settle()
    assert service.chain.access.submitter.status.problem == ""


async def administer(service: Service, function: str) -> None:
    """Calls a function of the registry as its default admin."""
    access = service.chain.access
    admin, registry = "0x" + access.deployment.registrar.hex(), "0x" + access.deployment.registry.hex()
    await access.rpc.call("anvil_setBalance", admin, hex(10**20))
    await access.rpc.call("anvil_impersonateAccount", admin)
    call = {"from": admin, "to": registry, "data": "0x" + encode_call(function, [], []).hex()}
    await access.rpc.call("eth_sendTransaction", call)
