"""
What a verifier brings of its own: files, a pinned record, chain nodes; and how the nodes are told of.

Raises `NotFound` where no contracts are pinned, `OSError` for files that cannot be read.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from api.cli.output import out
from api.cli.words import _
from ledger.domain.errors import NotFound

if TYPE_CHECKING:
    from ledger.adapters.json_rpc import JsonRpc
    from ledger.adapters.networks import Network
    from ledger.adapters.pinned import Pinned
    from ledger.domain.bundle.values import BundleChain


def read_file(path: Path) -> bytes:
    """The file's bytes; of one longer than a bundle may be, one byte more than that."""
    from ledger.domain.bundle.values import MAX_BYTES

    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _data_dir() -> Path:
    if named := os.environ.get("SILKROOT_DATA_DIR"):
        return Path(named)
    from ledger.settings import default_data_dir

    return default_data_dir()


def pinned_record(deployment: Path | None, chain_id: int) -> Pinned:
    """The record in that file, else in the data directory, else of a network that the package knows."""
    from ledger.adapters.pinned import find_pinned

    return find_pinned(deployment, _data_dir(), chain_id)


def contracts_of(pinned: Pinned) -> BundleChain:
    """The contracts that the record names."""
    from ledger.domain.bundle.values import BundleChain

    return BundleChain(pinned.chain_id, pinned.registry, pinned.ledger, pinned.log)


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Unix seconds."""
        import time

        return time.time()


def connect(urls: Sequence[str], pinned: Pinned) -> tuple[list[JsonRpc], Network]:
    """A connection to each node, and how their chain is treated."""
    from ledger.adapters.json_rpc import JsonRpc
    from ledger.adapters.networks import network_named, network_of

    try:
        network = network_named(pinned.network)
    except NotFound:
        network = network_of(pinned.chain_id)
    return [JsonRpc(url, network.timeout_seconds) for url in urls], network


def tell_nodes(told: dict[str, Any]) -> None:
    """Prints who was asked and believed, and at which block."""
    for node in told["nodes"]:
        head = "" if node["head"] is None else _("head %(block)s", block=node["head"]["block"])
        if node["believed"]:
            line = _("believed: %(url)s, chain %(chain)s, %(head)s", url=node["url"], chain=told["chainId"], head=head)
        else:
            line = _("not believed: %(url)s %(head)s %(problem)s", url=node["url"], head=head, problem=node["problem"])
        out.print(Text("  " + line.rstrip()))
    chain = told["chain"]
    if chain is not None and "head" in chain:
        moment = utc(chain["headTime"])
        out.print(Text("  " + _("as of block %(block)s, %(time)s", block=chain["head"], time=moment)))


def utc(seconds: int) -> str:
    """Unix seconds as 2026-11-29T12:00:00Z."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
