"""
Builds a monitor: adapters for a published log, chain nodes, a state file and a webhook.

Apart from `ledger.wiring`, since whoever watches a ledger from outside has none: no store and no HTTP server is
imported.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.adapters.checkpoint_logs import CheckpointLogs
from ledger.adapters.http_log import HttpLog, Webhook
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.monitor_state import StateFile, default_state_path
from ledger.adapters.networks import local_network, network_of
from ledger.domain.errors import InvalidInput, UnusableSettings, WrongChain
from ledger.domain.json_tree import parse_json
from ledger.domain.log.contract import LogContract
from ledger.domain.log.signed_notes import NoteKey
from ledger.ports_monitor import CheckpointSource
from ledger.services.monitor import Tolerance
from ledger.services.watch import Given, Watch

RPC_SECONDS = 10.0
PAUSE_SECONDS = 1.0
"""Before a file that was not there is asked for a last time."""


@dataclass(frozen=True, slots=True)
class MonitorOptions:
    """
    What a monitor follows and how. Empty or None: the key or contract is taken from the service at first use, the
    state lies in the user's folder, nobody is told, confirmations are those of the network.
    """

    url: str
    rpcs: tuple[str, ...]
    key: str = ""
    deployment: Path | None = None
    state: Path | None = None
    webhook: str = ""
    max_age: float = 600.0
    confirmations: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("URL", self.url), *(("--rpc", one) for one in self.rpcs), ("--webhook", self.webhook)):
            if value and not value.startswith(("http://", "https://")):
                raise UnusableSettings(f"{name}: {value} does not begin with http:// or https://")

    @property
    def address(self) -> str:
        """The service's address, without a slash at its end."""
        return self.url.rstrip("/")

    @property
    def state_path(self) -> Path:
        """Where the state lies."""
        return self.state or default_state_path(self.address)

    @property
    def given(self) -> Given:
        """Key and contract, where they are given. `UnusableSettings` names the option."""
        try:
            key = NoteKey.parse(self.key) if self.key else None
        except InvalidInput as error:
            raise UnusableSettings(f"--key: {error}") from error
        try:
            record = None if self.deployment is None else parse_json(self.deployment.read_bytes())
            return Given(key, None if record is None else LogContract.from_json(record))
        except (InvalidInput, WrongChain, OSError) as error:
            raise UnusableSettings(f"--deployment: {error}") from error


class SystemClock:
    """The time of this machine."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()


@asynccontextmanager
async def open_watch(options: MonitorOptions) -> AsyncIterator[Watch]:
    """The monitor, which has its state file to itself while the block runs."""
    given = options.given
    async with AsyncExitStack() as stack:
        state = StateFile(options.state_path)
        stack.enter_context(state.locked())
        log = HttpLog(options.address)
        stack.push_async_callback(log.close)
        rpcs = [JsonRpc(url, RPC_SECONDS) for url in options.rpcs]
        for rpc in rpcs:
            stack.push_async_callback(rpc.close)
        webhook = Webhook(options.webhook) if options.webhook else None
        if webhook is not None:
            stack.push_async_callback(webhook.close)

        def nodes(contract: LogContract) -> Sequence[CheckpointSource]:
            return [CheckpointLogs(rpc, contract) for rpc in rpcs]

        def tolerance(contract: LogContract) -> Tolerance:
            return Tolerance(options.max_age, options.confirmations or _confirmations(contract.chain_id), PAUSE_SECONDS)

        yield Watch(options.address, log, nodes, tolerance, state, webhook, SystemClock(), given)


def _confirmations(chain_id: int) -> int:
    """Those of the network with that chain id; the local chain's id stands for what `silkroot up` manages."""
    local = local_network()
    return local.network.confirmations if chain_id == local.chain_id else network_of(chain_id).confirmations
