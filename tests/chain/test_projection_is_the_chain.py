"""What capture and registration queue is recorded by the contracts as it is, and the local projection equals theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import event_builders as b
import pytest
from chain_fixtures import ChainWorld, SystemClock, TestKey, open_world
from ledger_fixture import SECRET

from ledger.adapters.keystore_signer import KeystoreSigner
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.identifiers import LotRef, consignment_id
from ledger.domain.records import ChainQuestion, EntryState, JsonTree
from ledger.services.capture import Capture
from ledger.services.register import Register

pytestmark = pytest.mark.chain


class Service:
    """Store, keys, capture and registration on one chain."""

    def __init__(self, folder: Path, store: SqlStore, chain: ChainWorld, registrar: TestKey) -> None:
        self.store, self.chain = store, chain
        self.signer = KeystoreSigner(folder / "keys")
        deployment, clock = chain.access.deployment, SystemClock()
        key = self.signer.registrar(registrar.secret)
        self.register = Register(store, self.signer, key, deployment.registry_domain, clock)
        self.capturing = Capture(store, self.signer, clock, deployment.ledger_domain, SECRET)

    def record(self, *events: JsonTree) -> None:
        results = self.capturing.capture(events)
        assert not any(result.refused for result in results), [str(v) for r in results for v in r.violations]

    async def settle(self) -> None:
        await self.chain.settle()
        counts = self.store.outbox.counts()
        assert (counts.queued, counts.sent, counts.refused) == (0, 0, 0)


@pytest.fixture
async def service(anvil_url: str, tmp_path: Path) -> AsyncIterator[Service]:
    store, registrar = SqlStore(f"sqlite:///{tmp_path / 'silkroot.sqlite3'}"), TestKey()
    chain = await open_world(anvil_url, tmp_path, store.outbox, registrar=registrar)
    made = Service(tmp_path, store, chain, registrar)
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
    new = service.register.rotate_key(b.FARM)
    service.record(b.recall(when=b.When("2026-08-07T12:00:00.000+08:00")))
    service.register.revoke_key(b.FARM, old)
    service.register.permit(b.BULK_MELON, b.COOPERATIVE, allowed=False)
    await service.settle()

    projection = service.store.registered()
    lots = (b.HARVEST_LOT.id, b.PACKED_LOT.id, pooled.id)
    balances = tuple((lot, party) for lot in lots for party in b.ROLES)
    consignment = consignment_id(b.FARM, b.REFERENCE)
    facts = await service.chain.access.reader.facts(
        ChainQuestion(
            lots=lots, balances=balances, consignments=(consignment,), keys=(old, new), parties=tuple(b.ROLES)
        )
    )
    local = service.store.lineage(lots)
    for lot in lots:
        on_chain = facts.lots[lot]
        assert (on_chain.issuer, on_chain.grams) == (local[lot].issuer, local[lot].grams)
        assert (on_chain.entries, on_chain.recalled_by) == (local[lot].entries, local[lot].recalled_by)
    assert dict(facts.balances) == {key: projection.held(*key) for key in balances}
    assert facts.consignments[consignment].shipper == b.FARM
    assert [facts.roles_of(party) for party in b.ROLES] == [projection.roles_of(party) for party in b.ROLES]
    assert facts.keys[old].revoked_at
    assert not facts.keys[new].revoked_at
    assert all(event.state is EntryState.CONFIRMED for event in service.store.events(0, 100))
