"""What a record costs on Silkroot's ledger and as an attestation on EAS: gas on the same chain in the same run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from chain_fixtures import ChainWorld, open_world, start_anvil

from benchmarks.eas_peer import Cost, EasPeer
from benchmarks.figures import Figure
from benchmarks.gas_account import GasAccount
from benchmarks.gas_records import CERTIFIER, Case, Record, Side, cases, plots
from benchmarks.orchard import BULK, BUYER, FARM
from ledger.adapters.contract_calls import ENTRY_RECORDED, encode_submit
from ledger.adapters.json_rpc import JsonRpc
from ledger.domain.master_data import Role
from ledger.domain.records import EntryState
from ledger.ports_outbox import NewRow

COUNT = 200
_FITTING = "about as many as fit a transaction"
_RPC_SECONDS = 30.0
_SETUP_SECONDS = 60.0


def measure(folder: Path) -> list[Figure]:
    """200 records of each kind, on an Anvil of its own."""
    return asyncio.run(_measure(folder))


async def figures_on(rpc_url: str, folder: Path, count: int) -> list[Figure]:
    """The figures for so many records of each kind, on contracts of their own on that Anvil."""
    rpc = JsonRpc(rpc_url, _RPC_SECONDS)
    world = await open_world(rpc_url, folder)
    try:
        await _admit(world)
        account, peer = await GasAccount.on(rpc), await EasPeer.on(rpc)
        figures = []
        for case in cases(count):
            for side in case.before:
                await _submit(world, account, side)
            ours = [await _submit(world, account, side) for side in case.sides]
            figures += await _compared(case, ours, peer)
        return figures
    finally:
        await world.access.close()
        await rpc.close()


async def _measure(folder: Path) -> list[Figure]:
    anvil = await start_anvil(folder / "anvil", "--mixed-mining", "--block-time", "1")
    try:
        return await figures_on(anvil.rpc_url, folder, COUNT)
    finally:
        await anvil.stop()


async def _admit(world: ChainWorld) -> None:
    """The parties, the product, and plots with certified yields."""
    ids = world.queue(
        world.admission(FARM, Role.PRODUCER),
        world.admission(BUYER, Role.BUYER),
        world.admission(CERTIFIER, Role.CERTIFIER),
        world.assignment(BULK, FARM),
    )
    await world.settle(_SETUP_SECONDS)
    ids += world.queue(*(_row(world, record) for record in plots()))
    await world.settle(_SETUP_SECONDS)
    refused = [row.refusal for row in world.store.rows(ids) if row.state is not EntryState.CONFIRMED]
    if refused:
        raise SystemExit(f"Silkroot refused what the records need: {refused[0]}")


async def _submit(world: ChainWorld, account: GasAccount, side: Side) -> Cost:
    """Gas of one `submit` with the whole side."""
    call = encode_submit([_row(world, record).entry for record in side])
    mined = await account.send(world.access.deployment.ledger, call)
    recorded = sum(log["topics"][0] == "0x" + ENTRY_RECORDED.hex() for log in mined.logs)
    if recorded != len(side):
        raise SystemExit(f"Silkroot recorded {recorded} of {len(side)} records like {side[0].action}")
    return Cost(mined.gas, 1)


def _row(world: ChainWorld, record: Record) -> NewRow:
    return world.row(record.action, manifest=record.manifest)


async def _compared(case: Case, ours: list[Cost], peer: EasPeer) -> list[Figure]:
    """Silkroot's row and those of the same records on EAS."""
    own = _per_record(case, ours)
    figures = [Figure(
        f"{case.name}: Silkroot", f"{own:,} gas", case.target, "",
        f"`submit`, {_calls(case, ours)}, each entry signed by its party; {case.ours}",
    )]  # fmt: skip
    methods: tuple[tuple[str, str, Callable[[Side], Awaitable[Cost]]], ...] = (
        ("`attest`", "sent by the party itself", peer.one_by_one),
        ("`multiAttest`", f"{_FITTING}, sent by the party itself", peer.in_bulk),
        ("`multiAttestByDelegation`", f"{_FITTING}, each signed by its party, as Silkroot's entries are",
         peer.signed_in_bulk),
        ("`multiAttestByDelegation`, content hash alone", f"{_FITTING}, signed; the record itself is nowhere on chain",
         lambda side: peer.signed_in_bulk(side, content_only=True)),
    )  # fmt: skip
    for name, how, method in methods:
        theirs = [await method(side) for side in case.sides]
        gas = _per_record(case, theirs)
        figures.append(Figure(
            f"{case.name}: EAS, {name}", f"{gas:,} gas", "", f"{gas / own:.1f} × Silkroot's",
            f"{_calls(case, theirs)}, {how}; {case.theirs}",
        ))  # fmt: skip
    return figures


def _per_record(case: Case, costs: list[Cost]) -> int:
    return round(sum(cost.gas for cost in costs) / case.count)


def _calls(case: Case, costs: list[Cost]) -> str:
    """Such as "200 a call" or "40 shipments or 50 receipts a call"."""
    sizes = [-(-len(side) // cost.calls) for side, cost in zip(case.sides, costs, strict=True)]
    if len(set(sizes)) == 1:
        return f"{sizes[0]} a call"
    return f"{sizes[0]} shipments or {sizes[1]} receipts a call"
