"""
Kill -9 of the process that submits, and of its chain with it, at any moment: the next one completes the work.

The process runs the real SQL outbox and the managed local chain. It is killed several times at points that a seeded
random source chooses, so a failure can be repeated; then a last one runs to the end.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import pytest
from chain_fixtures import PRODUCT, ChainWorld, SystemClock, TestKey

from ledger.adapters import anvil_process
from ledger.adapters.chain_access import open_deployed
from ledger.adapters.deployment import load_deployment
from ledger.adapters.local_chain import LocalChain
from ledger.adapters.networks import local_network
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import Role
from ledger.domain.records import ChainQuestion, EntryState
from ledger.ports_outbox import TransactionState

pytestmark = pytest.mark.chain
ENTRIES = 200
KILLS = 2

SUBMITTER = """
import asyncio, sys, time
from pathlib import Path
from eth_account import Account
from ledger.adapters.chain_access import history_of, open_chain
from ledger.adapters.local_chain import LocalChain
from ledger.adapters.networks import local_network
from ledger.adapters.sql_store.store import SqlStore

class Clock:
    now = staticmethod(time.time)

async def main(folder, key, registrar):
    store = SqlStore(f"sqlite:///{folder}/ledger.sqlite3")
    chain = LocalChain(folder, bytes.fromhex(Account.from_key(key).address[2:]))
    await chain.start(history_of(store.outbox))
    access = await open_chain(
        folder / "deployment.json", store=store.outbox, rpc_url=chain.rpc_url, relay_key=key, registrar=registrar,
        network=local_network().network, clock=Clock(),
    )
    print("ready", flush=True)
    worker = asyncio.create_task(access.submitter.run())
    for _ in range(int(sys.argv[4])):
        if access.submitter.status.head and store.outbox.first_open_row() is None:
            break
        await asyncio.sleep(0.1)
    worker.cancel()
    await access.close()
    await chain.stop()
    print("done", flush=True)

asyncio.run(main(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3])))
"""


def submitter(folder: Path, relay: TestKey, registrar: TestKey, turns: int = 1_200) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SUBMITTER, str(folder), relay.secret.hex(), registrar.address.hex(), str(turns)],
        stdout=subprocess.PIPE, text=True, cwd=Path(anvil_process.__file__).resolve().parents[2],
    )  # fmt: skip
    assert process.stdout is not None
    return process


async def test_kill_9_of_submitter_and_chain_loses_and_doubles_nothing(tmp_path: Path) -> None:
    relay, registrar = TestKey(), TestKey()
    first = submitter(tmp_path, relay, registrar, turns=0)  # deploys
    assert first.communicate(timeout=180)[0].split() == ["ready", "done"]
    deployment = load_deployment(tmp_path / "deployment.json")

    store = SqlStore(f"sqlite:///{tmp_path}/ledger.sqlite3")
    access = open_deployed(
        deployment, store=store.outbox, rpc_url="http://127.0.0.1:9", relay_key=relay.secret,
        network=local_network().network, clock=SystemClock(),
    )  # fmt: skip
    world = ChainWorld(access, store.outbox, relay, registrar)
    parties = [PartyId(10**13 + number) for number in range(ENTRIES)]
    ids = world.queue(*(world.admission(party, Role.BUYER) for party in parties))
    refused = world.queue(world.assignment(PRODUCT, PartyId(1)))  # nobody of that number: refused, however often

    choose = random.Random(20)
    for _ in range(KILLS):
        process = submitter(tmp_path, relay, registrar)
        assert process.stdout is not None
        process.stdout.readline()
        await asyncio.sleep(choose.uniform(0.0, 1.5))
        process.kill()
        process.communicate()
    last = submitter(tmp_path, relay, registrar)
    assert last.communicate(timeout=180)[0].split() == ["ready", "done"]

    assert [row.state for row in store.outbox.rows(ids)] == [EntryState.CONFIRMED] * ENTRIES
    assert store.outbox.rows(refused)[0].refusal == "UnknownParty(party=1)"
    transactions = store.outbox.transactions(0, 1000)
    settled = [one.nonce for one in transactions if one.state is TransactionState.SETTLED]
    assert settled == list(range(len(settled)))  # no gap, no nonce twice
    carried = [row for one in transactions if one.state is TransactionState.SETTLED for row in one.rows]
    assert sorted(carried) == [*ids, *refused]  # each in exactly one call

    chain = LocalChain(tmp_path, relay.address)
    await chain.start()  # from its snapshot alone
    reader = open_deployed(
        deployment, store=store.outbox, rpc_url=chain.rpc_url, relay_key=relay.secret,
        network=local_network().network, clock=SystemClock(),
    )  # fmt: skip
    facts = await reader.reader.facts(ChainQuestion(parties=tuple(parties)))
    assert all(facts.roles_of(party) == Role.BUYER for party in parties)
    await reader.close()
    await access.close()
    await chain.stop()
    store.close()
