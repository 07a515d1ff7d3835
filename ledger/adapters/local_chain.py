"""
The managed local chain: Anvil with snapshots that a kill at any moment cannot destroy.

Anvil rewrites its own `--state` file in place, so we save `anvil_dumpState` (gzipped JSON as hex) ourselves: to a
temporary file, fsync, rename; the newest two are kept. Saving stops the chain for a moment, so it never takes more than
a twentieth of the time. A start loads the newest snapshot that parses, then sends the transactions that came after it
again, each in a block with the time that it had, and the log's checkpoints among them: signatures have deadlines and
keys have windows, and a rebuilt chain has to judge them as the first one did. Errors: `MissingTool`,
`ChainUnavailable`.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import heapq
import itertools
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from ledger.adapters.anvil_process import AnvilProcess, find_anvil, free_port
from ledger.adapters.json_rpc import JsonRpc, RpcError
from ledger.adapters.networks import LocalNetwork, local_network
from ledger.domain.errors import ChainError, ChainUnavailable

_LOG = logging.getLogger(__name__)
_DUMP_SECONDS = 120.0
_SHARE_OF_TIME = 20
_RELAY_BALANCE = 10**30  # wei; gas costs nothing here, but Anvil counts it
_STATE_MEMBERS = frozenset(("block", "accounts", "blocks", "transactions"))


@dataclass(frozen=True, slots=True)
class PastTransaction:
    """
    A transaction that the chain once had: its nonce, raw bytes, and the time (Unix seconds) and number of its block.
    """

    nonce: int
    raw: bytes
    time: int
    block: int = 0


History = Callable[[int], Iterable[PastTransaction]]
"""Settled transactions of the relay account from a nonce on, by nonce."""


Checkpoints = Callable[[int, int], Iterable[PastTransaction]]
"""Checkpoints of the log in blocks after that time, as transactions of its operator from that nonce on, by nonce."""


def _no_history(_: int) -> Iterable[PastTransaction]:
    return ()


def _no_checkpoints(_: int, __: int) -> Iterable[PastTransaction]:
    return ()


class LocalChain:
    """
    One Anvil with its files in `data_dir/chain`. `relay` is the 20-byte address of the account that pays; `operator`
    that of the log's operator, where it is another.

    `start` and `stop` belong to the event loop's thread; `rpc_url` is valid in between.
    """

    def __init__(
        self, data_dir: Path, relay: bytes, *, port: int = 0, network: LocalNetwork | None = None,
        binary: Path | None = None, operator: bytes | None = None,
    ) -> None:  # fmt: skip
        self._folder = data_dir / "chain"
        self._relay = "0x" + relay.hex()
        self._operator = "0x" + (operator or relay).hex()
        self._port = port
        self._network = network or local_network()
        self._binary = binary
        self._process: AnvilProcess | None = None
        self._rpc: JsonRpc | None = None
        self._saver: asyncio.Task[None] | None = None
        self._saving = asyncio.Lock()
        self._saved: tuple[str, str] | None = None

    @property
    def rpc_url(self) -> str:
        """Where it answers."""
        return self._running().rpc_url

    @property
    def pid(self) -> int:
        """Anvil's process id."""
        return self._running().pid

    @property
    def is_running(self) -> bool:
        """Whether Anvil is there."""
        return self._process is not None and self._process.is_running

    async def start(self, history: History = _no_history, checkpoints: Checkpoints = _no_checkpoints) -> None:
        """Starts Anvil where it was, sends again what it forgot, and lets blocks come by the clock from then on."""
        if self._process is not None:
            raise ChainUnavailable("the local chain is started already")
        self._folder.mkdir(parents=True, exist_ok=True)
        await self._start_from_best_snapshot(history)
        try:
            await self._bring_up_to_date(history, checkpoints)
        except BaseException:
            await self.kill()
            raise
        self._saver = asyncio.create_task(self._save_for_ever(), name="chain snapshots")

    async def restart(self, history: History = _no_history, checkpoints: Checkpoints = _no_checkpoints) -> None:
        """Starts it again after its process died; it answers at another address then."""
        await self.kill()
        await self.start(history, checkpoints)

    async def _bring_up_to_date(self, history: History, checkpoints: Checkpoints) -> None:
        self._rpc = rpc = JsonRpc(self.rpc_url, timeout=10.0)
        for account in (self._relay, self._operator):
            await rpc.call("anvil_setBalance", account, hex(_RELAY_BALANCE))
        try:
            await self._replay(rpc, history, checkpoints)
        except RpcError as error:  # the submitter sends what is missing, though in blocks of today
            _LOG.warning("the local chain does not take its past back: %s", error)
        head = await rpc.call("eth_getBlockByNumber", "latest", False)
        await rpc.call("evm_setTime", max(int(time.time()), int(head["timestamp"], 16)))
        await rpc.call("evm_setIntervalMining", self._network.block_seconds)

    async def stop(self) -> None:
        """Saves a last snapshot and ends Anvil; does nothing if it is not running."""
        if self._saver is not None:
            self._saver.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._saver
            self._saver = None
        if self.is_running:
            try:
                await self.save_snapshot()
            except (ChainError, OSError) as error:
                _LOG.warning("the last snapshot of the chain failed: %s", error)
        await self._end(graceful=True)

    async def kill(self) -> None:
        """Ends Anvil as a crash would, without a last snapshot."""
        if self._saver is not None:
            self._saver.cancel()
            self._saver = None
        await self._end(graceful=False)

    async def save_snapshot(self) -> bool:
        """Saves the state, unless no transaction came since the last time; says whether it did."""
        async with self._saving:
            rpc = self._rpc
            if rpc is None:
                raise ChainUnavailable("the local chain is not running")
            nonces = (
                str(await rpc.call("eth_getTransactionCount", self._relay, "latest")),
                str(await rpc.call("eth_getTransactionCount", self._operator, "latest")),
            )
            if nonces == self._saved:
                return False
            dump = await rpc.call("anvil_dumpState", seconds=_DUMP_SECONDS)
            await asyncio.to_thread(self._write_snapshot, dump)
            self._saved = nonces
            return True

    async def _save_for_ever(self) -> None:
        pause = self._network.snapshot_seconds
        while True:
            await asyncio.sleep(pause)
            started = time.monotonic()
            try:
                await self.save_snapshot()
            except (ChainError, OSError) as error:
                _LOG.warning("a snapshot of the chain failed: %s", error)
            spent = time.monotonic() - started
            pause = max(self._network.snapshot_seconds, spent * (_SHARE_OF_TIME - 1))

    async def _start_from_best_snapshot(self, history: History) -> None:
        for snapshot in await asyncio.to_thread(lambda: list(self._snapshots())):
            try:
                self._process = await self._spawn(["--load-state", str(snapshot)])
                return
            except ChainUnavailable as error:
                _LOG.warning("Anvil does not take the snapshot %s: %s", snapshot.name, error)
        first = next(iter(await asyncio.to_thread(lambda: list(itertools.islice(history(0), 1)))), None)
        # A block's time has to be later than its parent's, so a chain that replays begins before what it replays.
        birth = int(time.time()) if first is None else first.time - 1
        self._process = await self._spawn(["--timestamp", str(birth)])

    async def _spawn(self, arguments: list[str]) -> AnvilProcess:
        binary = self._binary or find_anvil()
        fixed = ["--chain-id", str(self._network.chain_id), "--cache-path", str(self._folder / "cache")]
        # No blocks yet: `start` replays the past first, and only then lets them come by the clock.
        every = ["--no-mining", *fixed, *self._network.anvil, *arguments]
        return await AnvilProcess.start(binary, every, self._port or free_port(), self._folder / "anvil.log")

    async def _replay(self, rpc: JsonRpc, history: History, checkpoints: Checkpoints) -> None:
        nonce = int(await rpc.call("eth_getTransactionCount", self._relay, "latest"), 16)
        log_nonce = int(await rpc.call("eth_getTransactionCount", self._operator, "latest"), 16)
        head = await rpc.call("eth_getBlockByNumber", "latest", False)
        head_time = int(head["timestamp"], 16)
        both = heapq.merge(history(nonce), checkpoints(head_time, log_nonce), key=_moment)
        past = await asyncio.to_thread(list, both)
        if not past:
            return
        await rpc.call("evm_setTime", head_time)  # a start sets Anvil's clock to now, which is too late for the past
        # Block by block, also where several have one time: what lies in which order decides what a key was good for.
        for (block_time, _), group in itertools.groupby(past, key=_moment):
            for item in group:
                try:
                    await rpc.call("eth_sendRawTransaction", "0x" + item.raw.hex())
                except RpcError as error:  # the submitter will see it, and report it if it stays so
                    _LOG.warning("the local chain does not take transaction %d back: %s", item.nonce, error)
            head_time = max(block_time, head_time + 1)
            await rpc.call("evm_setNextBlockTimestamp", head_time)
            await rpc.call("evm_mine")
        _LOG.info("the local chain took back %d transactions", len(past))

    def _snapshots(self) -> Iterator[Path]:
        """Snapshots that parse, the newest first."""
        for path in (self._newest, self._older):
            try:
                state = orjson.loads(path.read_bytes())
            except FileNotFoundError:
                continue
            except (OSError, orjson.JSONDecodeError) as error:
                _LOG.warning("the snapshot %s cannot be read: %s", path, error)
                continue
            if isinstance(state, dict) and state.keys() >= _STATE_MEMBERS:
                yield path
            else:
                _LOG.warning("the snapshot %s is not a state of Anvil", path)

    def _write_snapshot(self, dump: str) -> None:
        state = gzip.decompress(bytes.fromhex(dump.removeprefix("0x")))
        temporary = self._folder / "state.json.new"
        with temporary.open("wb") as file:
            file.write(state)
            file.flush()
            os.fsync(file.fileno())
        if self._newest.exists():
            self._newest.replace(self._older)
        temporary.replace(self._newest)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @property
    def _newest(self) -> Path:
        return self._folder / "state.json"

    @property
    def _older(self) -> Path:
        return self._folder / "state.previous.json"

    def _running(self) -> AnvilProcess:
        if self._process is None:
            raise ChainUnavailable("the local chain is not running")
        return self._process

    async def _end(self, *, graceful: bool) -> None:
        if self._rpc is not None:
            await self._rpc.close()
            self._rpc = None
        if self._process is not None:
            await (self._process.stop() if graceful else self._process.kill())
            self._process = None
        self._saved = None


def _moment(item: PastTransaction) -> tuple[int, int]:
    return item.time, item.block
