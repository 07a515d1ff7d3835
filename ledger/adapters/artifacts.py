"""
The compiled contracts that ship with the package, made by scripts/build_contracts.

`load("ProduceLedger")` reads ledger/package_data/artifacts/ProduceLedger.json by importlib.resources, once a process.
Raises `MissingTool` where the package was built without the artifact or where it is not one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from ledger.domain.errors import MissingTool

ContractName = Literal["PartyRegistry", "ProduceLedger", "EventLog"]


@dataclass(frozen=True, slots=True)
class Artifact:
    """
    One contract. `abi` is the JSON ABI; `bytecode` what a deployment sends before the constructor's arguments;
    `deployed_bytecode` what then stands at the address, except for the 32-byte `immutables`, given by their offsets.
    """

    name: ContractName
    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    deployed_bytecode: bytes
    immutables: tuple[int, ...]
    compiler_version: str
    compiler_settings: dict[str, Any]
    source_hashes: dict[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of the creation bytecode, lowercase hex: names this build in a deployment record."""
        return hashlib.sha256(self.bytecode).hexdigest()

    @property
    def errors(self) -> tuple[dict[str, Any], ...]:
        """The custom errors among the ABI. A ledger's entry may also fail with an error of the registry."""
        return tuple(item for item in self.abi if item["type"] == "error")

    def is_code_at(self, code: bytes) -> bool:
        """Whether the code found at an address is this contract's, whatever its immutables hold."""
        return _without(self.immutables, code) == _without(self.immutables, self.deployed_bytecode)


@cache
def load(name: ContractName) -> Artifact:
    """The artifact of that contract."""
    try:
        text = (files("ledger.package_data") / "artifacts" / f"{name}.json").read_text(encoding="utf-8")
        return _artifact(name, json.loads(text))
    except (OSError, ModuleNotFoundError, KeyError, ValueError) as problem:
        raise MissingTool(
            f"the contract artifact {name}.json is missing or damaged ({problem}): run scripts/build_contracts"
        ) from problem


def _artifact(name: ContractName, raw: dict[str, Any]) -> Artifact:
    return Artifact(
        name=name,
        abi=tuple(raw["abi"]),
        bytecode=_bytes(raw["bytecode"]),
        deployed_bytecode=_bytes(raw["deployedBytecode"]),
        immutables=tuple(int(place["start"]) for place in raw["immutableReferences"]),
        compiler_version=str(raw["compiler"]["version"]),
        compiler_settings=dict(raw["compiler"]["settings"]),
        source_hashes={path: str(source["sha256"]) for path, source in raw["sources"].items()},
    )


def _bytes(text: str) -> bytes:
    if not text.startswith("0x") or len(text) == 2:
        raise ValueError("bytecode is 0x and hex digits")
    return bytes.fromhex(text[2:])


def _without(places: Iterable[int], code: bytes) -> bytes:
    masked = bytearray(code)
    for start in places:
        masked[start : start + 32] = bytes(len(masked[start : start + 32]))
    return bytes(masked)
