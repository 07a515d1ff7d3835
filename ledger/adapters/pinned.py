"""
The pinned record: which contracts a verifier trusts, on which chain. Kept by the reader, never taken from a bundle.

What `GET /deployment.json` gives, or a ledger's own deployment record, of which it is a part. The members used are the
network's name, the chain's id, the three addresses and the block before which nothing was recorded. Imports nothing
that a service needs. Raises `NotFound` where there is no record, with how to pin one, and `WrongChain` where the file
is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import orjson

from ledger.domain.errors import NotFound, WrongChain

FORMAT = "silkroot-deployment-3"
HOW_TO_PIN = (
    "no contracts are pinned, and a bundle's own word for them proves nothing: fetch deployment.json once from a "
    "ledger that you trust, compare it with somebody else's copy, keep it, and name it with --deployment FILE"
)
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Pinned:
    """Addresses are 20 bytes. `first_block`: no entry lies in an earlier one."""

    network: str
    chain_id: int
    registry: bytes
    ledger: bytes
    log: bytes
    first_block: int


def find_pinned(named: Path | None, data_dir: Path, chain_id: int) -> Pinned:
    """The record of that file; else of the data directory; else of the networks that this package knows."""
    if named is not None:
        return load_pinned(named)
    own = data_dir / "deployment.json"
    if own.exists():
        return load_pinned(own)
    known = resources.files("ledger").joinpath("package_data", "deployments", f"{chain_id}.json")
    if known.is_file():
        return parse_pinned(known.read_bytes(), known.name)
    raise NotFound(HOW_TO_PIN)


def load_pinned(path: Path) -> Pinned:
    """Reads the record."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"there is no {path}") from None
    except OSError as error:
        raise WrongChain(f"{path} cannot be read: {error}") from error
    return parse_pinned(data, str(path))


def parse_pinned(data: bytes, name: str) -> Pinned:
    """The record in these bytes; `name` is for the message."""
    if len(data) > _LARGEST:
        raise WrongChain(f"{name} is no deployment record: it has {len(data)} bytes")
    try:
        return _from_json(orjson.loads(data))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WrongChain(f"{name} is no deployment record: {error!r}") from error


def pinned_json(record: Pinned) -> dict[str, Any]:
    """What is published: the part of a deployment record that anybody may pin."""
    return {
        "format": FORMAT,
        "network": record.network,
        "chainId": record.chain_id,
        "partyRegistry": "0x" + record.registry.hex(),
        "produceLedger": "0x" + record.ledger.hex(),
        "eventLog": "0x" + record.log.hex(),
        "firstBlock": record.first_block,
    }


def _from_json(tree: Mapping[str, Any]) -> Pinned:
    if tree["format"] != FORMAT:
        raise ValueError(f"format {tree['format']!r}")
    if not isinstance(tree["network"], str):
        raise ValueError(f"network {tree['network']!r}")
    return Pinned(
        network=tree["network"],
        chain_id=_number(tree["chainId"]),
        registry=_address(tree["partyRegistry"]),
        ledger=_address(tree["produceLedger"]),
        log=_address(tree["eventLog"]),
        first_block=_number(tree["firstBlock"]),
    )


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is not a number")
    return value


def _address(value: Any) -> bytes:
    if not isinstance(value, str) or len(value) != 42 or not value.startswith("0x"):
        raise ValueError(f"{value!r} is not an address")
    return bytes.fromhex(value[2:])
