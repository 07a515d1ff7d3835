"""
The naive way to put events on a chain, as a tutorial would: web3.py, one signed transaction for each event.

It has contracts of its own (the same ones) on the chain that it is given, so both ways run on equal terms.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from eth_account import Account
from web3 import Web3

from benchmarks import orchard
from ledger.adapters import artifacts
from ledger.adapters.contract_calls import ENTRY_SKIPPED
from ledger.adapters.creation import LEDGER, REGISTRY, creation_code, creation_order
from ledger.domain.actions import Harvest
from ledger.domain.entry_codec import encode_payload
from ledger.domain.identifiers import ContentHash, Grams, key_id_of_address, plot_id
from ledger.domain.master_data import Role
from ledger.domain.records import Scheme
from ledger.domain.registry_actions import Admission, ProductAssignment
from ledger.domain.typed_data import Domain, digest

DEADLINE = 2**40
GAS = 1_000_000
Entry = tuple[int, bytes, bytes, bytes]


class NaivePeer:
    """One account, two contracts, and no patience for batches."""

    def __init__(self, web3: Web3) -> None:
        self._web3 = web3
        self._account = Account.create()
        self._farm = Account.create()
        self._fees = {"maxFeePerGas": 10**11, "maxPriorityFeePerGas": 10**9, "chainId": web3.eth.chain_id}
        self._nonce = 0
        web3.provider.make_request("anvil_setBalance", [self._account.address, hex(10**24)])  # type: ignore[arg-type]

    @classmethod
    def on(cls, url: str) -> NaivePeer:
        """Deploys the contracts and admits the farm."""
        peer = cls(Web3(Web3.HTTPProvider(url)))
        peer._open()
        return peer

    def sign(self, count: int, first: int = 0) -> list[Entry]:
        """So many harvests, each signed as EIP-712."""
        return [self._harvest(number) for number in range(first, first + count)]

    def pipelined(self, entries: list[Entry]) -> float:
        """Seconds to send all without waiting and then to have all receipts."""
        started = time.monotonic()
        hashes = [self._send(self._submit(self._ledger, entry)) for entry in entries]
        for one in hashes:
            self._receipt(one)
        return time.monotonic() - started

    def one_by_one(self, entries: list[Entry]) -> float:
        """Seconds to send each and wait for its receipt before the next."""
        started = time.monotonic()
        for entry in entries:
            self._receipt(self._send(self._submit(self._ledger, entry)))
        return time.monotonic() - started

    def _open(self) -> None:
        registrar = bytes.fromhex(self._account.address[2:])
        created: dict[str, Any] = {}
        for name in creation_order():
            addresses = {one: bytes.fromhex(address[2:]) for one, address in created.items()}
            created[name] = self._create(creation_code(name, registrar, registrar, addresses))
        registry, ledger = created[REGISTRY], created[LEDGER]
        self._registry = self._web3.eth.contract(registry, abi=artifacts.load(REGISTRY).abi)
        self._ledger = self._web3.eth.contract(ledger, abi=artifacts.load(LEDGER).abi)
        chain_id = self._fees["chainId"]
        self._domain = Domain.of_ledger(chain_id, bytes.fromhex(ledger[2:]))
        registry_domain = Domain.of_registry(chain_id, bytes.fromhex(registry[2:]))
        key = key_id_of_address(bytes.fromhex(self._farm.address[2:]))
        me = key_id_of_address(registrar)
        admission = Admission(orchard.FARM, int(Role.PRODUCER), key, Scheme.SECP256K1, True, DEADLINE)
        signed = digest(registry_domain, admission)
        payload = encode_payload(admission, new_key_signature=_signature(self._farm, signed))
        assignment = ProductAssignment(orchard.BULK, orchard.FARM, DEADLINE)
        for entry in (
            (int(admission.KIND), me, payload, _signature(self._account, signed)),
            (int(assignment.KIND), me, encode_payload(assignment),
             _signature(self._account, digest(registry_domain, assignment))),
        ):  # fmt: skip
            self._receipt(self._send(self._submit(self._registry, entry)))

    def _harvest(self, number: int) -> Entry:
        content = ContentHash(secrets.token_bytes(32))
        lot, plot = orchard.lot(number), plot_id(orchard.FARM, f"P{number % 7}")
        action = Harvest(orchard.FARM, lot.product, lot.code, plot, 2026, Grams(500_000 + number), content, DEADLINE)
        key = key_id_of_address(bytes.fromhex(self._farm.address[2:]))
        return int(action.KIND), key, encode_payload(action), _signature(self._farm, digest(self._domain, action))

    def _create(self, code: bytes) -> Any:
        return self._receipt(self._send({"data": code, "gas": 12_000_000}))["contractAddress"]

    def _submit(self, contract: Any, entry: Entry) -> dict[str, Any]:
        call = contract.functions.submit([entry])
        return dict(call.build_transaction({"gas": GAS, "nonce": self._nonce, "value": 0, **self._fees}))

    def _send(self, transaction: dict[str, Any]) -> bytes:
        full = {"value": 0, **self._fees, **transaction, "nonce": self._nonce}
        self._nonce += 1
        return bytes(self._web3.eth.send_raw_transaction(self._account.sign_transaction(full).raw_transaction))

    def _receipt(self, transaction: bytes) -> Any:
        receipt = self._web3.eth.wait_for_transaction_receipt(transaction, timeout=120, poll_latency=0.05)  # type: ignore[arg-type]
        skipped = any(bytes(log["topics"][0]) == ENTRY_SKIPPED for log in receipt["logs"])
        if receipt["status"] != 1 or skipped:
            raise SystemExit(f"the peer's transaction 0x{transaction.hex()} did nothing")
        return receipt


def _signature(account: Any, message: bytes) -> bytes:
    return bytes(account.unsafe_sign_hash(message).signature)
