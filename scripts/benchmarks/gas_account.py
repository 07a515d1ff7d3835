"""An account that sends transactions to a test chain and reads what gas they took."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any

from eth_account import Account

from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.networks import local_network

GAS_CAP = local_network().network.gas_cap
"""Most gas of one transaction (EIP-7825), which the local chain enforces."""

_WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction that succeeded."""

    gas: int
    contract: bytes | None
    logs: tuple[dict[str, Any], ...]


class GasAccount:
    """A funded key. Also signs what is not a transaction."""

    def __init__(self, rpc: JsonRpc, chain_id: int) -> None:
        self._rpc = rpc
        self._account = Account.from_key(secrets.token_bytes(32))
        self._chain_id = chain_id
        self._nonce = 0

    @classmethod
    async def on(cls, rpc: JsonRpc) -> GasAccount:
        """A new account on that chain."""
        account = cls(rpc, int(await rpc.call("eth_chainId"), 16))
        await rpc.call("anvil_setBalance", "0x" + account.address.hex(), hex(10**24))
        return account

    @property
    def address(self) -> bytes:
        """20 bytes."""
        return bytes.fromhex(self._account.address[2:])

    def sign(self, digest: bytes) -> tuple[int, bytes, bytes]:
        """v (27 or 28), r and s of the signature of the digest."""
        signature = bytes(self._account.unsafe_sign_hash(digest).signature)
        return signature[64], signature[:32], signature[32:64]

    async def send(self, to: bytes | None, data: bytes) -> Mined:
        """Sends to a contract, or creates one, with all the gas that a transaction may have; fails if it reverts."""
        fields: dict[str, Any] = {
            "type": 2, "chainId": self._chain_id, "nonce": self._nonce, "gas": GAS_CAP, "value": 0, "data": data,
            "maxFeePerGas": 10**11, "maxPriorityFeePerGas": 10**9,
        }  # fmt: skip
        if to is not None:
            fields["to"] = to
        raw = bytes(self._account.sign_transaction(fields).raw_transaction)
        sent = await self._rpc.call("eth_sendRawTransaction", "0x" + raw.hex(), seconds=_WAIT_SECONDS)
        self._nonce += 1
        async with asyncio.timeout(_WAIT_SECONDS):
            while (receipt := await self._rpc.call("eth_getTransactionReceipt", sent)) is None:  # noqa: ASYNC110
                await asyncio.sleep(_POLL_SECONDS)
        if int(receipt["status"], 16) != 1:
            raise SystemExit(f"transaction {sent} failed with {int(receipt['gasUsed'], 16):,} gas used")
        created = receipt.get("contractAddress")
        contract = bytes.fromhex(created[2:]) if created else None
        return Mined(int(receipt["gasUsed"], 16), contract, tuple(receipt["logs"]))

    async def create(self, code: bytes) -> bytes:
        """The address of a contract made from that creation code and its arguments."""
        mined = await self.send(None, code)
        if mined.contract is None:
            raise SystemExit("the chain names no contract that was created")
        return mined.contract
