"""
The relay account on an Ethereum chain: signs, sends and reads back the transactions of the outbox.

EIP-1559 transactions (type 2). The account pays gas and decides nothing; see `contracts/interfaces/IEntryRelay.sol`.
Raises `ChainUnavailable`, and `WrongChain` where the node is on another chain than the one signed for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coincurve import PrivateKey

from ledger.adapters.contract_calls import (
    ENTRY_RECORDED,
    ENTRY_SKIPPED,
    KEY,
    RECOVERY,
    ErrorNames,
    decode_words,
    encode_apply,
    encode_call,
    encode_submit,
)
from ledger.adapters.json_rpc import JsonRpc, RpcError
from ledger.adapters.log_operator import operator_address
from ledger.adapters.networks import GWEI, Network
from ledger.adapters.transactions import sign_transaction
from ledger.domain.actions import EntryKind
from ledger.domain.errors import ChainError, ChainUnavailable, WrongChain
from ledger.domain.identifiers import ContentHash, Digest
from ledger.domain.registry_actions import RegistryKind
from ledger.domain.signatures import P256_LENGTH
from ledger.ports_outbox import (
    BlockRef,
    OutboxRow,
    Receipt,
    RelayHead,
    SendResult,
    SignedEntry,
    SignedTransaction,
    Target,
)

# The contracts' own rule (`EntryRelay.allowanceOf`): a `submit` reverts unless every entry can have that much.
_ALLOWANCE_BASE = 150_000
_ALLOWANCE_PER_BYTE = 600
_P256_ALLOWANCE = 350_000
_MAX_ENTRY_SIZE = {Target.LEDGER: 24_576, Target.REGISTRY: 2_048}
_MAX_PARTIAL_RECEIPT = 20_480
_MAX_SIGNATURE = 5 * 32 + 2 * P256_LENGTH
_PER_ENTRY = 20_000
_INTRINSIC = 60_000
_FLOOR_PER_BYTE = 40  # EIP-7623
_CREATION_GAS = 12_000_000
_PLAIN_GAS = 21_000
_EXECUTION_ERROR = 3

_SAID: tuple[tuple[str, SendResult], ...] = (
    ("already known", SendResult.KNOWN),
    ("already imported", SendResult.KNOWN),
    ("known transaction", SendResult.KNOWN),
    ("nonce too low", SendResult.NONCE_TOO_LOW),
    ("underpriced", SendResult.UNDERPRICED),
    ("max fee per gas less than block base fee", SendResult.UNDERPRICED),
)


class EvmRelay:
    """
    Implements `ports_outbox.Relay`. `key`: the account's private key, 32 bytes. `registry` and `ledger` are the
    contracts' 20-byte addresses; they need not exist yet. `abis`: where the errors' names stand.
    """

    def __init__(
        self, rpc: JsonRpc, network: Network, chain_id: int, key: bytes, registry: bytes, ledger: bytes,
        abis: Sequence[Any],
    ) -> None:  # fmt: skip
        self._rpc = rpc
        self._network = network
        self._chain_id = chain_id
        self._key = PrivateKey(key)
        self._address = operator_address(key)
        self._targets = {Target.REGISTRY: registry, Target.LEDGER: ledger}
        self._errors = ErrorNames(abis)
        self._chain_checked = False

    @property
    def address(self) -> bytes:
        """The account's address, 20 bytes."""
        return self._address

    @property
    def confirmations(self) -> int:
        """See the port."""
        return self._network.confirmations

    @property
    def gas_cap(self) -> int:
        """See the port."""
        return self._network.gas_cap

    @property
    def max_fee(self) -> int:
        """See the port."""
        return self._network.max_fee

    @property
    def stuck_after_blocks(self) -> int:
        """See the port."""
        return self._network.stuck_after_blocks

    async def head(self) -> RelayHead:
        """See the port."""
        if not self._chain_checked:
            chain_id = int(await self._rpc.call("eth_chainId"), 16)
            if chain_id != self._chain_id:
                raise WrongChain(f"{self._rpc.url} is chain {chain_id}, but this ledger lives on {self._chain_id}")
            self._chain_checked = True
        block, nonce = await self._rpc.results(
            [("eth_getBlockByNumber", ["latest", False]), ("eth_getTransactionCount", [_hex(self.address), "latest"])]
        )
        return RelayHead(block_ref(block), int(nonce, 16))

    async def block_hash(self, number: int) -> bytes | None:
        """See the port."""
        block = await self._rpc.call("eth_getBlockByNumber", hex(number), False)
        return None if block is None else _bytes(block["hash"])

    async def fee(self) -> int:
        """Twice the base fee and a tip, within the network's bounds."""
        block = await self._rpc.call("eth_getBlockByNumber", "latest", False)
        base = int(block.get("baseFeePerGas") or "0x0", 16)
        return min(max(2 * base + 2 * GWEI, self._network.min_fee), self._network.max_fee)

    def gas_bound(self, target: Target, entries: Sequence[SignedEntry]) -> int:
        """The sum of the allowances that `submit` insists on, with what calling and reporting cost."""
        if target is Target.NOTHING:
            return _PLAIN_GAS
        sizes = [len(entry.payload) + len(entry.signature) for entry in entries]
        allowances = sum(_allowance(target, entry) * 64 // 63 + _PER_ENTRY for entry in entries)
        # Each entry costs up to 10 words of offsets, lengths and padding beside its bytes.
        return _INTRINSIC + allowances + sum((size + 320) * _FLOOR_PER_BYTE for size in sizes)

    def sign(
        self, nonce: int, target: Target, entries: Sequence[SignedEntry], gas: int, max_fee: int
    ) -> SignedTransaction:
        """See the port."""
        if target is Target.NOTHING:
            return self._sign(nonce, self.address, b"", gas, max_fee)
        return self._sign(nonce, self._targets[target], encode_submit(entries), gas, max_fee)

    def sign_creation(self, nonce: int, code: bytes, max_fee: int) -> tuple[SignedTransaction, int]:
        """A transaction that deploys the creation code, and its gas."""
        gas = min(_CREATION_GAS, self.gas_cap)
        return self._sign(nonce, None, code, gas, max_fee), gas

    def sign_call(self, nonce: int, to: bytes, data: bytes, gas: int, max_fee: int) -> SignedTransaction:
        """A call of any contract from this account."""
        return self._sign(nonce, to, data, gas, max_fee)

    async def send(self, raw: bytes) -> tuple[SendResult, str]:
        """See the port."""
        try:
            await self._rpc.call("eth_sendRawTransaction", _hex(raw))
        except RpcError as error:
            said = error.message.lower()
            for words, result in _SAID:
                if words in said:
                    return result, error.message
            return SendResult.REJECTED, error.message
        return SendResult.ACCEPTED, ""

    async def receipts(self, hashes: Sequence[bytes]) -> dict[bytes, Receipt]:
        """See the port."""
        if not hashes:
            return {}
        answers = await self._rpc.results([("eth_getTransactionReceipt", [_hex(one)]) for one in hashes])
        mined = [answer for answer in answers if answer is not None and answer.get("blockHash")]
        numbers = sorted({answer["blockHash"] for answer in mined})
        blocks = await self._rpc.results([("eth_getBlockByHash", [number, False]) for number in numbers])
        by_hash = {block["hash"]: block_ref(block) for block in blocks if block is not None}
        return {
            _bytes(answer["transactionHash"]): self._receipt(answer, by_hash[answer["blockHash"]])
            for answer in mined
            if answer["blockHash"] in by_hash  # a re-org between the two questions: ask again later
        }

    async def simulate(self, target: Target, entry: SignedEntry) -> str:
        """See the port. `applyEntry` is called by the contract itself, with the gas that `submit` would give it."""
        size, limit = len(entry.payload) + len(entry.signature), _max_size(target, entry.kind)
        if len(entry.signature) > _MAX_SIGNATURE:
            size, limit = len(entry.signature), _MAX_SIGNATURE
        if size > limit:
            return f"EntryTooLarge(size={size}, limit={limit})"
        contract, data = _hex(self._targets[target]), encode_apply(entry)
        gas = min(_allowance(target, entry) + _INTRINSIC + _FLOOR_PER_BYTE * len(data), self.gas_cap)
        call = {"from": contract, "to": contract, "data": _hex(data), "gas": hex(gas), "gasPrice": "0x0"}
        try:
            await self._rpc.call("eth_call", call, "latest")
        except RpcError as error:
            if error.data or error.code == _EXECUTION_ERROR or _is_revert(error.message):
                return self._errors.describe(error.data)
            raise ChainUnavailable(f"the chain does not simulate: {error}") from error
        return ""

    async def stands(self, row: OutboxRow) -> bytes | None:
        """See the port."""
        if row.target is Target.REGISTRY:
            return bytes(32) if await self._registry_shows(row.entry) else None
        if row.content_hash is None:
            return None
        wanted = {
            "fromBlock": "0x0", "toBlock": "latest", "address": _hex(self._targets[Target.LEDGER]),
            "topics": [_hex(ENTRY_RECORDED), _hex(row.content_hash)],
        }  # fmt: skip
        for log in await self._rpc.call("eth_getLogs", wanted):
            if _digest(log) == row.digest:
                return _bytes(log["transactionHash"])
        return None

    def _sign(self, nonce: int, to: bytes | None, data: bytes, gas: int, max_fee: int) -> SignedTransaction:
        return sign_transaction(
            self._key, chain_id=self._chain_id, nonce=nonce, gas=gas, to=to, data=data, max_fee=max_fee,
            priority_fee=min(max_fee, max(2 * GWEI, max_fee // 10)),
        )  # fmt: skip

    def _receipt(self, answer: dict[str, Any], block: BlockRef) -> Receipt:
        recorded: set[tuple[ContentHash, Digest]] = set()
        skipped: dict[int, str] = {}
        for log in answer["logs"]:
            address, topics = _bytes(log["address"]), [_bytes(topic) for topic in log["topics"]]
            if address not in self._targets.values() or not topics:
                continue
            if topics[0] == ENTRY_RECORDED and address == self._targets[Target.LEDGER]:
                recorded.add((ContentHash(topics[1]), _digest(log)))
            elif topics[0] == ENTRY_SKIPPED:
                index, reason = decode_words(["uint256", "bytes"], _bytes(log["data"]), "EntrySkipped")
                skipped[index] = self._errors.describe(reason)
        return Receipt(block, int(answer["status"], 16) == 1, frozenset(recorded), skipped)

    async def _registry_shows(self, entry: SignedEntry) -> bool:
        """Whether the registry's state is as after the entry."""
        words = [int.from_bytes(entry.payload[start : start + 32], "big") for start in range(0, 160, 32)]
        if entry.kind in (RegistryKind.ADMISSION, RegistryKind.KEY_GRANT, RegistryKind.RECOVERY_COMPLETION):
            start = 64 if entry.kind == RegistryKind.ADMISSION else 32
            key = (await self._registry("keysOf", "bytes32[]", [entry.payload[start : start + 32]], f"{KEY}[]"))[0]
            return bool(key[0] == words[0])
        match entry.kind:
            case RegistryKind.KEY_REVOCATION:
                key = (await self._registry("keysOf", "bytes32[]", [entry.payload[32:64]], f"{KEY}[]"))[0]
                return bool(key[0] == words[0] and key[6] != 0)
            case RegistryKind.PRODUCT_ASSIGNMENT:
                owners = await self._registry("ownersOf", "uint64[]", [words[0]], "uint64[]")
                return bool(owners[0] == words[1])
            case RegistryKind.ROLE_CHANGE:
                roles = await self._registry("rolesOf", "uint64[]", [words[0]], "uint16[]")
                return bool(roles[0] == words[1])
            case RegistryKind.PRODUCT_PERMIT:
                data = encode_call("mayUse", ["uint64", "uint64"], [words[0], words[2]])
                return bool((await self._read(data, ["bool"]))[0] == bool(words[3]))
            case RegistryKind.SUSPENSION:
                suspended = await self._registry("suspendedOf", "uint64[]", [words[0]], "bool[]")
                return bool(suspended[0] == bool(words[1]))
            case RegistryKind.RECOVERY:
                pending = await self._registry("recoveriesOf", "uint64[]", [words[0]], f"{RECOVERY}[]")
                return bool(pending[0][0] == entry.payload[32:64])
            case RegistryKind.CANCELLATION:
                data = encode_call("isCancelled", ["uint64", "bytes32"], [words[0], entry.payload[32:64]])
                return bool((await self._read(data, ["bool"]))[0])
            case RegistryKind.ROLE_ACCEPTANCE:
                account = "0x" + entry.key_id[12:].hex()
                data = encode_call("hasRole", ["bytes32", "address"], [entry.payload[:32], account])
                return bool((await self._read(data, ["bool"]))[0])
        return False

    async def _registry(self, name: str, takes: str, values: list[Any], gives: str) -> Sequence[Any]:
        answer: Sequence[Any] = (await self._read(encode_call(name, [takes], [values]), [gives]))[0]
        return answer

    async def _read(self, data: bytes, gives: list[str]) -> tuple[Any, ...]:
        call = {"to": _hex(self._targets[Target.REGISTRY]), "data": _hex(data)}
        return decode_words(gives, _bytes(await self._rpc.call("eth_call", call, "latest")), "PartyRegistry")


def block_ref(block: Any) -> BlockRef:
    """A block of the node's as number, hash and time."""
    if not isinstance(block, dict):
        raise ChainError(f"not a block: {block!r:.200}")
    return BlockRef(int(block["number"], 16), _bytes(block["hash"]), int(block["timestamp"], 16))


def _allowance(target: Target, entry: SignedEntry) -> int:
    """
    An entry of the registry may carry a second signature in its payload, the new key's. One that two parties sign
    carries both in its signature, which is so much longer.
    """
    signatures = (target is Target.REGISTRY) + len(entry.signature) // P256_LENGTH
    size = len(entry.payload) + len(entry.signature)
    return _ALLOWANCE_BASE + _P256_ALLOWANCE * signatures + _ALLOWANCE_PER_BYTE * size


def _max_size(target: Target, kind: int) -> int:
    """A partial receipt has its own limit, which leaves room for a settlement of all its lines."""
    if target is Target.LEDGER and kind == EntryKind.PARTIAL_RECEIPT:
        return _MAX_PARTIAL_RECEIPT
    return _MAX_ENTRY_SIZE[target]


def _digest(log: Any) -> Digest:
    return Digest(decode_words(["uint8", "bytes32", "bytes32"], _bytes(log["data"]), "EntryRecorded")[2])


def _is_revert(message: str) -> bool:
    return any(words in message.lower() for words in ("revert", "out of gas", "outofgas", "evm error"))


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
