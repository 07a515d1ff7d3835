"""
The networks of `networks.toml` (package data): how many confirmations, how much gas, which fees.

Raises `NotFound` for a name that is not in the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ledger.domain.errors import NotFound

GWEI = 10**9


@dataclass(frozen=True, slots=True)
class Network:
    """How to treat a chain; see the comments of `networks.toml`. Fees are in wei per gas."""

    name: str
    chain_id: int | None
    confirmations: int
    gas_cap: int
    min_fee: int
    max_fee: int
    stuck_after_blocks: int
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class LocalNetwork:
    """The managed chain: its network, and Anvil's own settings."""

    network: Network
    chain_id: int
    block_seconds: int
    snapshot_seconds: float
    anvil: tuple[str, ...]


def network_named(name: str) -> Network:
    """The network under that name of the file; `NotFound` lists the names that are there."""
    networks = _file()["networks"]
    if name not in networks:
        raise NotFound(f"no network {name!r} in networks.toml; there are {', '.join(networks)}")
    return _network(name, networks[name])


def network_of(chain_id: int) -> Network:
    """The network with that chain id, else the defaults with it."""
    for name, members in _file()["networks"].items():
        if members["chain_id"] == chain_id and name != "local":
            return _network(name, members)
    return _network(f"chain-{chain_id}", {"chain_id": chain_id})


def confirmations_by_name() -> dict[str, int]:
    """After how many blocks an entry is final, by network; "default" stands for those that the file does not name."""
    default: int = _file()["default"]["confirmations"]
    named = {name: members.get("confirmations", default) for name, members in _file()["networks"].items()}
    return {"default": default, **named}


def local_network() -> LocalNetwork:
    """The managed local chain."""
    members = _file()["networks"]["local"]
    return LocalNetwork(
        network=_network("local", members),
        chain_id=members["chain_id"],
        block_seconds=members["block_seconds"],
        snapshot_seconds=members["snapshot_seconds"],
        anvil=tuple(members["anvil"]),
    )


def _network(name: str, members: Mapping[str, Any]) -> Network:
    merged = {**_file()["default"], **members}
    return Network(
        name=name,
        chain_id=merged.get("chain_id"),
        confirmations=merged["confirmations"],
        gas_cap=merged["gas_cap"],
        min_fee=merged["min_fee_gwei"] * GWEI,
        max_fee=merged["max_fee_gwei"] * GWEI,
        stuck_after_blocks=merged["stuck_after_blocks"],
        timeout_seconds=merged["timeout_seconds"],
    )


@cache
def _file() -> dict[str, Any]:
    text = resources.files("ledger").joinpath("package_data", "networks.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
