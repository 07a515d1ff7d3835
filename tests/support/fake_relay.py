"""
A `Relay` and its chain in memory, for tests of the submitter: blocks come when the test says `mine`.

An entry's payload is its script: `b"ok…"` is recorded, `b"no…"` is skipped with the rule that follows, `b"later N"` is
skipped until block N, `b"notice T"` while a notice runs, to time T. Set `starved` to let whole transactions revert,
`reject` to let the node refuse them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from eth_hash.auto import keccak

from ledger.domain.errors import ChainUnavailable
from ledger.domain.identifiers import ContentHash, Digest, KeyId
from ledger.ports_outbox import (
    BlockRef,
    NewRow,
    OutboxRow,
    Receipt,
    RelayHead,
    SendResult,
    SignedEntry,
    SignedTransaction,
    Target,
)

GAS_PER_ENTRY = 1000


@dataclass(slots=True)
class _Signed:
    nonce: int
    entries: Sequence[SignedEntry]
    fee: int
    hash: bytes


@dataclass
class FakeRelay:
    """One account, one chain. `before_send` is called with the raw bytes of everything that is sent."""

    confirmations: int = 1
    gas_cap: int = 5 * GAS_PER_ENTRY
    max_fee: int = 1000
    stuck_after_blocks: int = 3
    base_fee: int = 1
    starved: bool = False
    reject: str = ""
    down: bool = False
    before_send: Callable[[bytes], None] = lambda raw: None
    blocks: list[BlockRef] = field(default_factory=lambda: [BlockRef(0, bytes(32), 0)])
    pool: dict[int, _Signed] = field(default_factory=dict)
    mined: dict[bytes, Receipt] = field(default_factory=dict)
    nonce: int = 0
    sent: list[bytes] = field(default_factory=list)
    _signed: dict[bytes, _Signed] = field(default_factory=dict)
    _recorded: dict[bytes, tuple[bytes, int]] = field(default_factory=dict)
    _forks: int = 0

    # -- the test's side

    def mine(self, blocks: int = 1) -> None:
        """Blocks with all that is next in line and pays the base fee."""
        for _ in range(blocks):
            number = len(self.blocks)
            block = BlockRef(number, keccak(b"%d/%d" % (number, self._forks)), 10 * number)
            self.blocks.append(block)
            while (one := self.pool.get(self.nonce)) is not None and one.fee >= self.base_fee:
                del self.pool[self.nonce]
                self.mined[one.hash] = self._execute(one, block)
                self.nonce += 1

    def use_nonce_elsewhere(self) -> None:
        """Somebody else sends from the account."""
        self.pool.pop(self.nonce, None)
        self.nonce += 1
        self.mine()

    def roll_back(self, blocks: int) -> None:
        """The newest blocks never were; the pool is empty."""
        del self.blocks[-blocks:]
        self._forks += 1
        height = self.blocks[-1].number
        gone = [one for one, receipt in self.mined.items() if receipt.block.number > height]
        for one in gone:
            del self.mined[one]
        self.nonce -= len(gone)
        self._recorded = {key: value for key, value in self._recorded.items() if value[1] <= height}
        self.pool.clear()

    # -- the port

    async def head(self) -> RelayHead:
        if self.down:
            raise ChainUnavailable("the node is down")
        return RelayHead(self.blocks[-1], self.nonce)

    async def block_hash(self, number: int) -> bytes | None:
        return self.blocks[number].hash if number < len(self.blocks) else None

    async def fee(self) -> int:
        return min(self.max_fee, 2 * self.base_fee)

    def gas_bound(self, target: Target, entries: Sequence[SignedEntry]) -> int:
        return GAS_PER_ENTRY * len(entries)

    def sign(
        self, nonce: int, target: Target, entries: Sequence[SignedEntry], gas: int, max_fee: int
    ) -> SignedTransaction:
        raw = b"%d %s %d " % (nonce, target.value.encode(), max_fee) + b"".join(one.payload for one in entries)
        self._signed[raw] = _Signed(nonce, tuple(entries), max_fee, keccak(raw))
        return SignedTransaction(keccak(raw), raw)

    async def send(self, raw: bytes) -> tuple[SendResult, str]:
        self.before_send(raw)
        self.sent.append(raw)
        one = self._signed[raw]
        if self.reject:
            return SendResult.REJECTED, self.reject
        if one.nonce < self.nonce:
            return SendResult.NONCE_TOO_LOW, "nonce too low"
        rival = self.pool.get(one.nonce)
        if rival is not None and rival.hash == one.hash:
            return SendResult.KNOWN, "already known"
        if rival is not None and rival.fee >= one.fee:
            return SendResult.UNDERPRICED, "replacement transaction underpriced"
        self.pool[one.nonce] = one
        return SendResult.ACCEPTED, ""

    async def receipts(self, hashes: Sequence[bytes]) -> dict[bytes, Receipt]:
        return {one: self.mined[one] for one in hashes if one in self.mined}

    async def simulate(self, target: Target, entry: SignedEntry) -> str:
        return self._rule(entry) or ("Again()" if entry.payload in self._recorded else "")

    async def stands(self, row: OutboxRow) -> bytes | None:
        found = self._recorded.get(row.entry.payload)
        return found[0] if found is not None and row.digest == row.entry.signature else None

    # -- the chain

    def _execute(self, one: _Signed, block: BlockRef) -> Receipt:
        if self.starved and len(one.entries) > 1:
            return Receipt(block, False, frozenset(), {})
        recorded: set[tuple[ContentHash, Digest]] = set()
        skipped: dict[int, str] = {}
        for index, entry in enumerate(one.entries):
            rule = "Again()" if entry.payload in self._recorded else self._rule(entry)
            if rule:
                skipped[index] = rule
            else:
                self._recorded[entry.payload] = (one.hash, block.number)
                recorded.add((ContentHash(keccak(entry.payload)), Digest(entry.signature)))
        return Receipt(block, True, frozenset(recorded), skipped)

    def _rule(self, entry: SignedEntry) -> str:
        word, _, rest = entry.payload.decode().partition(" ")
        if word == "later":
            return "" if len(self.blocks) > int(rest) else "TooEarly()"
        if word == "notice":  # until that time of the chain
            return "" if self.blocks[-1].time >= int(rest) else f"NoticeNotOver(consignment=0x00, from={rest})"
        return rest if word == "no" else ""


def new_row(script: str, target: Target = Target.LEDGER) -> NewRow:
    """A row that the fake chain treats as the script says."""
    payload = script.encode()
    digest = Digest(keccak(b"digest" + payload))
    content = ContentHash(keccak(payload)) if target is Target.LEDGER else None
    return NewRow(target, SignedEntry(0, KeyId(bytes(32)), payload, digest), digest, content)
