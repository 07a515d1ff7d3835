"""
The deployment record: which contracts, on which chain, this ledger trusts. Pinned: written once, never looked up again.

JSON with every member typed and none optional; addresses as 0x hex in lower case. Raises `NotFound` where there is no
record yet and `WrongChain` where it is not one, or was made for contracts of another build.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ledger.adapters import artifacts
from ledger.adapters.creation import creation_order
from ledger.adapters.pinned import FORMAT as _FORMAT
from ledger.adapters.pinned import Pinned
from ledger.domain.errors import NotFound, WrongChain
from ledger.domain.log.acknowledgements import log_domain
from ledger.domain.typed_data import Domain

_FORMER_FORMATS = ("silkroot-deployment-1", "silkroot-deployment-2")


@dataclass(frozen=True, slots=True)
class Deployment:
    """
    Addresses are 20 bytes. `deployer` is the relay account. `first_block`: no entry lies in an earlier one.
    `artifacts`: SHA-256 of the creation bytecode of each contract and library, by name. `libraries`: the addresses of
    the libraries that the ledger's code is linked to, by name.
    """

    network: str
    chain_id: int
    registry: bytes
    ledger: bytes
    log: bytes
    deployer: bytes
    registrar: bytes
    first_block: int
    artifacts: Mapping[str, str]
    libraries: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def ledger_domain(self) -> Domain:
        """The EIP-712 domain of `ProduceLedger`."""
        return Domain.of_ledger(self.chain_id, self.ledger)

    @property
    def registry_domain(self) -> Domain:
        """The EIP-712 domain of `PartyRegistry`."""
        return Domain.of_registry(self.chain_id, self.registry)

    @property
    def pinned(self) -> Pinned:
        """The part that anybody may pin, to check proofs with."""
        return Pinned(self.network, self.chain_id, self.registry, self.ledger, self.log, self.first_block)

    @property
    def log_domain(self) -> Domain:
        """The EIP-712 domain of acknowledgements."""
        return log_domain(self.chain_id, self.log)


def artifact_hashes() -> dict[str, str]:
    """The builds that this package carries."""
    return {name: artifacts.load(name).digest for name in creation_order()}


def load_deployment(path: Path) -> Deployment:
    """Reads the record."""
    try:
        tree = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise NotFound(f"nothing is deployed yet: there is no {path}") from None
    except (OSError, orjson.JSONDecodeError) as error:
        raise WrongChain(f"the deployment record {path} cannot be read: {error}") from error
    if isinstance(tree, dict) and tree.get("format") in _FORMER_FORMATS:
        raise _other_build(path)
    try:
        record = _from_json(tree)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WrongChain(f"the deployment record {path} is not one: {error}") from error
    if dict(record.artifacts) != artifact_hashes():
        raise _other_build(path)
    return record


def save_deployment(path: Path, record: Deployment) -> None:
    """Writes the record whole or not at all, and durably."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write(orjson.dumps(_to_json(record), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _other_build(path: Path) -> WrongChain:
    return WrongChain(
        f"the contracts of {path} were built from other sources than this Silkroot's; "
        "run the Silkroot that deployed them, or begin a new ledger with another SILKROOT_DATA_DIR"
    )


def _to_json(record: Deployment) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "network": record.network,
        "chainId": record.chain_id,
        "partyRegistry": "0x" + record.registry.hex(),
        "produceLedger": "0x" + record.ledger.hex(),
        "eventLog": "0x" + record.log.hex(),
        "deployer": "0x" + record.deployer.hex(),
        "registrar": "0x" + record.registrar.hex(),
        "firstBlock": record.first_block,
        "libraries": {name: "0x" + address.hex() for name, address in record.libraries.items()},
        "artifacts": dict(record.artifacts),
    }


def _from_json(tree: Any) -> Deployment:
    if tree["format"] != _FORMAT:
        raise ValueError(f"format {tree['format']!r}")
    return Deployment(
        network=str(tree["network"]),
        chain_id=_number(tree["chainId"]),
        registry=_address(tree["partyRegistry"]),
        ledger=_address(tree["produceLedger"]),
        log=_address(tree["eventLog"]),
        deployer=_address(tree["deployer"]),
        registrar=_address(tree["registrar"]),
        first_block=_number(tree["firstBlock"]),
        artifacts={str(name): str(digest) for name, digest in tree["artifacts"].items()},
        libraries={str(name): _address(address) for name, address in tree["libraries"].items()},
    )


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is not a number")
    return value


def _address(value: Any) -> bytes:
    if not isinstance(value, str) or len(value) != 42 or not value.startswith("0x"):
        raise ValueError(f"{value!r} is not an address")
    return bytes.fromhex(value[2:])
