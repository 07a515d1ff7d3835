"""
An `EventLog` and its operator's account in memory, for tests of the checkpointer: blocks come when a test says `mine`.

Like the contract, it takes no checkpoint without a valid consistency proof. Blocks have other hashes after a re-org.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from eth_hash.auto import keccak

from ledger.domain.errors import ChainUnavailable
from ledger.domain.merkle import EMPTY_ROOT, TreeHash
from ledger.domain.records import ChainCheckpoint
from ledger.ports_log import AnchoredCheckpoint, Extension, LogChainHead
from ledger.ports_outbox import BlockRef, SendResult

START = 1_785_902_400


@dataclass
class FakeLogChain:
    """One account, one contract, one chain."""

    confirmations: int = 1
    max_fee: int = 1000
    stuck_after_blocks: int = 5
    base_fee: int = 1
    down: bool = False
    refuses: str = ""
    """What `obstacle` says, and what the account or the contract would."""
    rejects: str = ""
    """What the node says to every transaction."""
    blocks: list[BlockRef] = field(default_factory=lambda: [BlockRef(0, bytes(32), START)])
    logs: list[AnchoredCheckpoint] = field(default_factory=list)
    pool: dict[int, tuple[Extension, int]] = field(default_factory=dict)
    sent: list[tuple[int, int, int]] = field(default_factory=list)
    """Nonce, size and fee of all that the node was handed."""
    nonces: list[int] = field(default_factory=list)
    """The block in which each mined transaction lies."""
    failed: int = 0
    _forks: int = 0

    # -- the test's side

    def mine(self, blocks: int = 1) -> None:
        """Blocks with all that is next in line and pays the base fee."""
        for _ in range(blocks):
            number = len(self.blocks)
            block = BlockRef(number, keccak(b"%d/%d" % (number, self._forks)), START + number)
            self.blocks.append(block)
            while (one := self.pool.get(len(self.nonces))) is not None and one[1] >= self.base_fee:
                del self.pool[len(self.nonces)]
                self._execute(one[0], block)
                self.nonces.append(number)

    def rollback(self, blocks: int) -> None:
        """The node is set back by so many blocks; what lay in them is gone."""
        del self.blocks[len(self.blocks) - blocks :]
        height = len(self.blocks)
        self.logs = [one for one in self.logs if one.checkpoint.block_number < height]
        self.nonces = [number for number in self.nonces if number < height]
        self._forks += 1

    def reorganise(self, blocks: int) -> None:
        """So many blocks are replaced by others, with the same transactions one block later."""
        taken = [one for one in self.logs if one.checkpoint.block_number >= len(self.blocks) - blocks]
        self.rollback(blocks)
        self.mine(blocks + 1)
        for one in taken:
            number = one.checkpoint.block_number + 1
            block = self.blocks[number]
            moved = replace(one.checkpoint, block_number=number, block_time=block.time)
            self.logs.append(AnchoredCheckpoint(moved, block.hash))
            self.nonces.append(number)

    def forget_everything(self) -> None:
        """A new chain with an empty log."""
        self.blocks, self.logs, self.nonces = [BlockRef(0, b"\x01" * 32, START)], [], []
        self.pool.clear()
        self._forks += 1

    @property
    def size(self) -> int:
        """The contract's."""
        return self.logs[-1].checkpoint.size if self.logs else 0

    @property
    def root(self) -> TreeHash:
        """The contract's."""
        return self.logs[-1].checkpoint.root if self.logs else EMPTY_ROOT

    def _execute(self, extension: Extension, block: BlockRef) -> None:
        proof = extension.proof
        good = proof.first == self.size and extension.size > self.size and proof.second == extension.size
        # From the empty tree, any root is an extension.
        if not good or not (self.size == 0 or proof.holds(self.root, extension.root)):
            self.failed += 1
            return
        transaction = keccak(block.hash + extension.root)
        checkpoint = ChainCheckpoint(
            extension.size, extension.root, self.size, block.number, block.time, transaction, 0
        )  # fmt: skip
        self.logs.append(AnchoredCheckpoint(checkpoint, block.hash))

    # -- ports_log.LogChain

    async def head(self) -> LogChainHead:
        """The newest block."""
        if self.down:
            raise ChainUnavailable("connection refused")
        return LogChainHead(self.blocks[-1], len(self.nonces), self.size, self.root)

    async def block_hash(self, number: int) -> bytes | None:
        """None beyond the head."""
        return self.blocks[number].hash if number < len(self.blocks) else None

    async def checkpoints(self, first_block: int | None) -> list[AnchoredCheckpoint]:
        """From that block on."""
        return [one for one in self.logs if one.checkpoint.block_number >= (first_block or 0)]

    async def obstacle(self, extension: Extension, max_fee: int) -> str:
        """What the test set."""
        return self.refuses

    async def fee(self) -> int:
        """Twice the base fee."""
        return 2 * self.base_fee

    async def extend(self, extension: Extension, nonce: int, max_fee: int) -> tuple[SendResult, str]:
        """Into the pool, as a node would."""
        self.sent.append((nonce, extension.size, max_fee))
        if self.rejects:
            return SendResult.REJECTED, self.rejects
        if nonce < len(self.nonces):
            return SendResult.NONCE_TOO_LOW, "nonce too low"
        waiting = self.pool.get(nonce)
        if waiting == (extension, max_fee):
            return SendResult.KNOWN, "already known"
        if waiting is not None and max_fee * 10 < waiting[1] * 11:
            return SendResult.UNDERPRICED, "replacement transaction underpriced"
        self.pool[nonce] = (extension, max_fee)
        return SendResult.ACCEPTED, ""
