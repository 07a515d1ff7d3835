"""
The contracts on an Anvil of their own whose clock the test sets: one entry a block, and what the chain said of it.

No outbox and no deployment record: the entries go to `submit` one by one, from an account that Anvil lets anybody use.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chain_fixtures import DEADLINE, TestKey, start_anvil
from eth_abi.abi import decode
from eth_hash.auto import keccak

from ledger.adapters import artifacts
from ledger.adapters.anvil_process import AnvilProcess
from ledger.adapters.contract_calls import ENTRY_SKIPPED, ErrorNames, encode_call, encode_submit
from ledger.adapters.creation import LEDGER, REGISTRY, creation_code, creation_order
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.transactions import create_address
from ledger.domain.actions import Action, EntryKind, Line, TransformationAmendment, cosigner_of, signer_of
from ledger.domain.custody_state import Origin
from ledger.domain.entry_codec import SHOWS_OPEN_LINES, encode_payload, encode_propagation, join_signatures
from ledger.domain.identifiers import KeyId, LotId, PartyId
from ledger.domain.registry_actions import Admission, RegistryAction
from ledger.domain.typed_data import Domain, digest, origin_hash, outputs_hash
from ledger.ports_outbox import SignedEntry

SENDER = "0x" + "5e" * 20
CHAIN_ID = 31337
_GAS = hex(12_000_000)
_NO_ORIGIN = Origin((), ())


@dataclass
class RulesChain:
    """`names` say the contracts' errors; `keys` are those of the parties, made on demand."""

    process: AnvilProcess
    rpc: JsonRpc
    registrar: TestKey
    registry: str = ""
    ledger: str = ""
    keys: dict[PartyId, TestKey] = field(default_factory=dict)
    names: ErrorNames = field(default_factory=lambda: ErrorNames([]))

    @classmethod
    async def start(cls, folder: Path) -> RulesChain:
        """A fresh Anvil with fresh contracts."""
        process = await start_anvil(folder)
        chain = cls(process, JsonRpc(process.rpc_url, 20.0), TestKey())
        await chain.rpc.call("anvil_impersonateAccount", SENDER)
        await chain.rpc.call("anvil_setBalance", SENDER, hex(10**24))
        await chain._deploy()
        return chain

    async def close(self) -> None:
        """Ends the Anvil."""
        await self.rpc.close()
        await self.process.stop()

    @property
    def domain(self) -> Domain:
        """What actions of the ledger are signed for."""
        return Domain.of_ledger(CHAIN_ID, bytes.fromhex(self.ledger[2:]))

    def key_of(self, party: PartyId) -> TestKey:
        return self.keys.setdefault(party, TestKey(keccak(int(party).to_bytes(8, "big"))))

    async def _deploy(self) -> None:
        placed: dict[str, bytes] = {}
        for name in creation_order():
            address = await self._create(creation_code(name, self.registrar.address, self.registrar.address, placed))
            placed[name] = bytes.fromhex(address[2:])
        self.registry, self.ledger = ("0x" + placed[name].hex() for name in (REGISTRY, LEDGER))
        self.names = ErrorNames([artifacts.load(name).abi for name in creation_order()])

    async def _create(self, code: bytes) -> str:
        nonce = int(await self.rpc.call("eth_getTransactionCount", SENDER, "latest"), 16)
        await self._send({"from": SENDER, "data": "0x" + code.hex(), "gas": hex(16_000_000)})
        address = "0x" + create_address(bytes.fromhex(SENDER[2:]), nonce).hex()
        assert len(await self.rpc.call("eth_getCode", address, "latest")) > 2, "nothing was created"
        return address

    async def _send(self, transaction: dict[str, str]) -> dict[str, Any]:
        sent = await self.rpc.call("eth_sendTransaction", transaction)
        async with asyncio.timeout(120):
            while (receipt := await self.rpc.call("eth_getTransactionReceipt", sent)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
        assert receipt["status"] == "0x1", receipt
        return dict(receipt)

    async def register(self, action: RegistryAction, signer: TestKey, witness: TestKey | None = None) -> None:
        """An entry of the registry, which has to be taken."""
        message = digest(Domain.of_registry(CHAIN_ID, bytes.fromhex(self.registry[2:])), action)
        payload = encode_payload(action, new_key_signature=witness.sign(message) if witness else None)
        answer = await self._submit(
            self.registry, SignedEntry(int(action.KIND), signer.id, payload, signer.sign(message))
        )
        assert answer == "", (action, answer)

    async def admit(self, party: PartyId, roles: int) -> None:
        """The party with a key of its own."""
        key = self.key_of(party)
        admission = Admission(party, roles, key.id, key.scheme, True, DEADLINE)
        await self.register(admission, self.registrar, key)

    async def answer(self, action: Action, at: int, lines: tuple[Line, ...], origin: Origin | None) -> str:
        """
        Sends the action in a block of that time; "" where it was recorded, else the error. `lines`: what is shown of a
        consignment; `origin`: what is shown of a transformation, None where nobody knows what is behind its hash.
        """
        message = digest(self.domain, action)
        key, cosigner = self.key_of(signer_of(action)), cosigner_of(action)
        signature = key.sign(message)
        if cosigner is not None:
            co = self.key_of(cosigner)
            signature = join_signatures(signature, co.id, co.sign(message))
        entry = SignedEntry(int(action.KIND), key.id, _payload(action, lines, origin), signature)
        return await self._submit(self.ledger, entry, at)

    async def carry(self, lot: LotId, at: int, origin: Origin | None) -> str:
        """Carries a recall to the lot, in a block of that time."""
        made = origin or _NO_ORIGIN
        payload = encode_propagation(lot, made.inputs, outputs_hash(made.outputs))
        return await self._submit(
            self.ledger, SignedEntry(int(EntryKind.PROPAGATION), KeyId(bytes(32)), payload, b""), at
        )

    async def _submit(self, target: str, entry: SignedEntry, at: int | None = None) -> str:
        if at is not None:
            await self.rpc.call("evm_setNextBlockTimestamp", hex(at))
        data = "0x" + encode_submit([entry]).hex()
        receipt = await self._send({"from": SENDER, "to": target, "data": data, "gas": _GAS})
        for log in receipt["logs"]:
            if log["topics"][0] == "0x" + ENTRY_SKIPPED.hex():
                _, reason = decode(["uint256", "bytes"], bytes.fromhex(log["data"][2:]))
                return self.names.describe(reason)
        return ""

    async def now(self) -> int:
        """The time of the last block."""
        return int((await self.rpc.call("eth_getBlockByNumber", "latest", False))["timestamp"], 16)

    async def ask(self, name: str, types: list[str], values: list[Any], answer: str) -> list[Any]:
        """What a function of the ledger returns."""
        data = "0x" + encode_call(name, types, values).hex()
        found = await self.rpc.call("eth_call", {"to": self.ledger, "data": data, "gas": hex(16_000_000)}, "latest")
        return list(decode([answer], bytes.fromhex(found[2:]))[0])


def _payload(action: Action, lines: tuple[Line, ...], origin: Origin | None) -> bytes:
    if isinstance(action, TransformationAmendment):
        if origin is not None:
            return encode_payload(action, origin=origin)
        # Whoever knows no lists behind the hash shows some all the same; our encoder would not.
        nothing = origin_hash((), ())
        honest = encode_payload(replace(action, origin_hash=nothing), origin=_NO_ORIGIN)
        return honest.replace(nothing, action.origin_hash, 1)
    return encode_payload(action, lines if isinstance(action, SHOWS_OPEN_LINES) else None)
