"""
The compiled contracts that ship with the package, made by scripts/build_contracts.

`load("ProduceLedger")` reads ledger/package_data/artifacts/ProduceLedger.json by importlib.resources, once a process.
A contract may link libraries, each with an artifact of its own: their addresses, 20 bytes each, take the place of zeros
in its code before it is deployed.
Raises `MissingTool` where the package was built without the artifact or where it is not one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from ledger.domain.errors import MissingTool

ContractName = Literal["PartyRegistry", "ProduceLedger", "EventLog"]
"""The contracts that are used by themselves. What they link, they say themselves."""
_ADDRESS = 20
_IMMUTABLE = 32


@dataclass(frozen=True, slots=True)
class Link:
    """Where in a contract's code, in bytes, the address of that library belongs."""

    library: str
    start: int


@dataclass(frozen=True, slots=True)
class Artifact:
    """
    One contract or library. `abi` is the JSON ABI; `bytecode` what a deployment sends, once linked, before the
    constructor's arguments; `deployed_bytecode` what then stands at the address, except for the 32-byte `immutables`,
    given by their offsets, for the libraries' addresses, and for the 20 bytes of its own address at `self_address`,
    which a library has.
    """

    name: str
    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    deployed_bytecode: bytes
    immutables: tuple[int, ...]
    links: tuple[Link, ...]
    deployed_links: tuple[Link, ...]
    self_address: int | None
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

    @property
    def libraries(self) -> tuple[str, ...]:
        """The names of the libraries that it links, sorted."""
        return tuple(sorted({link.library for link in (*self.links, *self.deployed_links)}))

    def link(self, addresses: Mapping[str, bytes]) -> bytes:
        """The creation bytecode with the libraries' addresses, 20 bytes each; `KeyError` where one is not given."""
        code = bytearray(self.bytecode)
        for link in self.links:
            address = addresses[link.library]
            if len(address) != _ADDRESS:
                raise ValueError(f"{address.hex()} is not an address of {link.library}")
            code[link.start : link.start + _ADDRESS] = address
        return bytes(code)

    def is_code_at(self, code: bytes) -> bool:
        """Whether the code found at an address is this contract's, whatever its immutables and libraries are."""
        return self._masked(code) == self._masked(self.deployed_bytecode)

    def is_linked_to(self, code: bytes, addresses: Mapping[str, bytes]) -> bool:
        """Whether the code found at an address calls the libraries at those addresses, and no others."""
        return all(
            code[link.start : link.start + _ADDRESS] == addresses.get(link.library) for link in self.deployed_links
        )

    def _masked(self, code: bytes) -> bytes:
        addresses = [link.start for link in self.deployed_links]
        if self.self_address is not None:
            addresses.append(self.self_address)
        return _without(addresses, _ADDRESS, _without(self.immutables, _IMMUTABLE, code))


@cache
def load(name: str) -> Artifact:
    """The artifact of that contract or library."""
    try:
        text = (files("ledger.package_data") / "artifacts" / f"{name}.json").read_text(encoding="utf-8")
        return _artifact(name, json.loads(text))
    except (OSError, ModuleNotFoundError, KeyError, ValueError) as problem:
        raise MissingTool(
            f"the contract artifact {name}.json is missing or damaged ({problem}): run scripts/build_contracts"
        ) from problem


def _artifact(name: str, raw: dict[str, Any]) -> Artifact:
    return Artifact(
        name=name,
        abi=tuple(raw["abi"]),
        bytecode=_bytes(raw["bytecode"]),
        deployed_bytecode=_bytes(raw["deployedBytecode"]),
        immutables=tuple(int(place["start"]) for place in raw["immutableReferences"]),
        links=_links(raw["linkReferences"]),
        deployed_links=_links(raw["deployedLinkReferences"]),
        self_address=int(raw["selfAddress"]) if "selfAddress" in raw else None,
        compiler_version=str(raw["compiler"]["version"]),
        compiler_settings=dict(raw["compiler"]["settings"]),
        source_hashes={path: str(source["sha256"]) for path, source in raw["sources"].items()},
    )


def _bytes(text: str) -> bytes:
    if not text.startswith("0x") or len(text) == 2:
        raise ValueError("bytecode is 0x and hex digits")
    return bytes.fromhex(text[2:])


def _links(places: Iterable[Mapping[str, Any]]) -> tuple[Link, ...]:
    return tuple(Link(str(place["library"]), int(place["start"])) for place in places)


def _without(places: Iterable[int], size: int, code: bytes) -> bytes:
    masked = bytearray(code)
    for start in places:
        masked[start : start + size] = bytes(len(masked[start : start + size]))
    return bytes(masked)
