"""
The same records as attestations on the Ethereum Attestation Service (EAS), the usual way to put signed claims on chain.

The contracts are those of npm's @ethereum-attestation-service/eas-contracts as that package ships them compiled: its
sources ask for exactly Solidity 0.8.29, which is not the compiler of ours. (The package depends on hardhat, which its
contracts do not need; `overrides` in package.json puts a small package that is there anyway in its place.) Where an
option exists, the cheaper one for EAS is taken: no resolver, no recipient, no reference to another attestation, nothing
revocable; and `deadline` is left out of the data, since EAS takes one with the signature.

Source: EAS.sol and EIP1271Verifier.sol of that package (EAS 1.4.0).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak

from benchmarks.figures import ROOT
from benchmarks.gas_account import GAS_CAP, GasAccount
from benchmarks.gas_records import DEADLINE, Record, Side
from ledger.adapters.contract_calls import encode_call
from ledger.adapters.json_rpc import JsonRpc
from ledger.domain.actions import Harvest, Receipt, Shipment
from ledger.domain.entry_codec import abi_type
from ledger.domain.struct_types import Struct, members_of, struct_named

PACKAGE = ROOT / "node_modules" / "@ethereum-attestation-service" / "eas-contracts"
CONTENT_SCHEMA = "bytes32 contentHash"
ATTESTED = keccak(b"Attested(address,address,bytes32,bytes32)")
_ATTEST_TYPE = keccak(
    b"Attest(address attester,bytes32 schema,address recipient,uint64 expirationTime,bool revocable,bytes32 refUID,"
    b"bytes data,uint256 value,uint256 nonce,uint64 deadline)"
)
_DATA = "(address,uint64,bool,bytes32,bytes,uint256)"
_SIGNATURE = "(uint8,bytes32,bytes32)"
_NOBODY = bytes(20)
_SKIPPED_MEMBER = "deadline"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a side's records took: gas of all its transactions, and how many of those there were."""

    gas: int
    calls: int


class EasPeer:
    """EAS and its schema registry on a chain, with a schema for each kind of record. Each method has its own keys."""

    def __init__(self, rpc: JsonRpc, account: GasAccount, eas: bytes, separator: bytes) -> None:
        self._rpc = rpc
        self._account = account
        self._eas = eas
        self._separator = separator
        self._schemas: dict[str, bytes] = {}
        self._per_call: dict[bytes, int] = {}  # by schema

    @classmethod
    async def on(cls, rpc: JsonRpc) -> EasPeer:
        """Deploys both contracts and registers the schemas."""
        account = await GasAccount.on(rpc)
        registry = await account.create(_creation_code("SchemaRegistry"))
        eas = await account.create(_creation_code("EAS") + encode(["address"], [registry]))
        asked = {"to": "0x" + eas.hex(), "data": "0x" + encode_call("getDomainSeparator", [], []).hex()}
        peer = cls(rpc, account, eas, bytes.fromhex((await rpc.call("eth_call", asked, "latest"))[2:]))
        for schema in (*map(schema_of, (Harvest, Shipment, Receipt)), CONTENT_SCHEMA):
            arguments = [schema, _NOBODY, False]
            await account.send(registry, encode_call("register", ["string", "address", "bool"], arguments))
            peer._schemas[schema] = keccak(schema.encode() + _NOBODY + b"\0")  # SchemaRegistry._getUID
        await peer._single(account, peer._schemas[CONTENT_SCHEMA], secrets.token_bytes(32))
        return peer

    async def one_by_one(self, side: Side) -> Cost:
        """`attest`, a transaction for each record, sent by the party itself."""
        party = await GasAccount.on(self._rpc)
        schema = self._schema(side)
        gas = [await self._single(party, schema, data_of(record)) for record in side]
        return Cost(sum(gas), len(gas))

    async def in_bulk(self, side: Side) -> Cost:
        """`multiAttest`, sent by the party itself, as many records a call as fit; after `one_by_one`."""
        party = await GasAccount.on(self._rpc)
        schema, gas = self._schema(side), []
        for part in _parts(side, self._per_call[schema]):
            requests = [_request(data_of(record)) for record in part]
            call = encode_call("multiAttest", [f"(bytes32,{_DATA}[])[]"], [[(schema, requests)]])
            gas.append(await self._attest(party, call, len(part)))
        return Cost(sum(gas), len(gas))

    async def signed_in_bulk(self, side: Side, *, content_only: bool = False) -> Cost:
        """`multiAttestByDelegation`: the party signs each, somebody else sends as many as fit; after `one_by_one`."""
        party = await GasAccount.on(self._rpc)
        schema = self._schemas[CONTENT_SCHEMA] if content_only else self._schema(side)
        gas: list[int] = []
        nonce = 0
        for part in _parts(side, self._per_call[schema]):
            every = [record.action.content_hash if content_only else data_of(record) for record in part]
            signatures = [
                party.sign(self._digest(party.address, schema, data, nonce + number))
                for number, data in enumerate(every)
            ]
            nonce += len(part)
            requests = [_request(data) for data in every]
            call = encode_call(
                "multiAttestByDelegation", [f"(bytes32,{_DATA}[],{_SIGNATURE}[],address,uint64)[]"],
                [[(schema, requests, signatures, party.address, DEADLINE)]],
            )  # fmt: skip
            gas.append(await self._attest(self._account, call, len(part)))
        return Cost(sum(gas), len(gas))

    async def _single(self, sender: GasAccount, schema: bytes, data: bytes) -> int:
        gas = await self._attest(sender, encode_call("attest", [f"(bytes32,{_DATA})"], [(schema, _request(data))]), 1)
        # A record in a larger call costs less than in a transaction of its own, so that many surely fit.
        self._per_call[schema] = min(GAS_CAP // gas, self._per_call.get(schema, GAS_CAP))
        return gas

    async def _attest(self, sender: GasAccount, call: bytes, count: int) -> int:
        mined = await sender.send(self._eas, call)
        attested = sum(log["topics"][0] == "0x" + ATTESTED.hex() for log in mined.logs)
        if attested != count:
            raise SystemExit(f"EAS attested {attested} of {count} records")
        return mined.gas

    def _schema(self, side: Side) -> bytes:
        return self._schemas[schema_of(type(side[0].action))]

    def _digest(self, attester: bytes, schema: bytes, data: bytes, nonce: int) -> bytes:
        """EIP-712, as EIP1271Verifier._verifyAttest has it."""
        types = ["bytes32", "address", "bytes32", "address", "uint64", "bool", "bytes32", "bytes32", "uint256",
                 "uint256", "uint64"]  # fmt: skip
        values = [
            _ATTEST_TYPE, attester, schema, _NOBODY, 0, False, bytes(32), keccak(data), 0, nonce, DEADLINE,
        ]  # fmt: skip
        return keccak(b"\x19\x01" + self._separator + keccak(encode(types, values)))


def schema_of(struct: type[Struct]) -> str:
    """The struct's members as an EAS schema, such as "uint64 producer,string lotCode"; all but the deadline."""
    return ",".join(
        f"{_schema_type(member.type)} {member.name}" for member in members_of(struct) if member.name != _SKIPPED_MEMBER
    )


def data_of(record: Record) -> bytes:
    """The record's members, ABI-encoded one after the other as EAS's own SDK does; all but the deadline."""
    struct = type(record.action)
    members = [member for member in members_of(struct) if member.name != _SKIPPED_MEMBER]
    values = [getattr(record.action, member.attribute) for member in members]
    return encode([_abi_type(member.type) for member in members], [_plain(value) for value in values])


def _schema_type(name: str) -> str:
    struct = struct_named(name.removesuffix("[]"))
    return name if struct is None else f"({schema_of(struct)})[]"


def _abi_type(name: str) -> str:
    struct = struct_named(name.removesuffix("[]"))
    return name if struct is None else f"{abi_type(struct)}[]"


def _plain(value: Any) -> Any:
    """Structs of an array as tuples."""
    if not isinstance(value, tuple):
        return value
    return [tuple(getattr(item, member.attribute) for member in members_of(type(item))) for item in value]


def _request(data: bytes) -> tuple[bytes, int, bool, bytes, bytes, int]:
    return _NOBODY, 0, False, bytes(32), data, 0


def _parts(side: Side, size: int) -> list[Sequence[Record]]:
    """Equal parts, so that none is so small that the price of a call shows."""
    calls = -(-len(side) // size)
    each = -(-len(side) // calls)
    return [side[start : start + each] for start in range(0, len(side), each)]


def _creation_code(name: str) -> bytes:
    path: Path = PACKAGE / "artifacts" / "contracts" / f"{name}.sol" / f"{name}.json"
    return bytes.fromhex(json.loads(path.read_text())["bytecode"][2:])
