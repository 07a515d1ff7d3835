"""
Logs as an operator publishes them, in memory, honest and not, and a chain that takes any checkpoint at all.

`PublishedLog` is made of leaves and gives the files that a service would give, by their paths below its address.
`MemoryChain` is a `CheckpointSource`; `MemoryLog` a `LogSource` over any mapping of paths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.domain.errors import ChainUnavailable, LogUnavailable
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.anchors import Anchor, ChainView
from ledger.domain.log.checkpoints import Checkpoint, sign_checkpoint
from ledger.domain.log.signed_notes import NoteKey
from ledger.domain.log.tile_names import bundles_of
from ledger.domain.log.tiles import Entry, encode_entries, grow
from ledger.domain.merkle import PerfectSubtrees, SignatureHash, TreeHash, root_of

ORIGIN = "log.silkroot.example/2026"
BLOCK_SECONDS = 2


@dataclass(frozen=True)
class MemorySigner:
    """A `NoteSigner` with a key made from a small number."""

    number: int = 1
    name: str = ORIGIN

    @property
    def _secret(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.number.to_bytes(32, "big"))

    @property
    def key(self) -> NoteKey:
        return NoteKey(self.name, self._secret.public_key().public_bytes_raw())

    def sign(self, text: bytes) -> bytes:
        return self._secret.sign(text)


def entries_of(count: int, seed: str = "", same: int = 0) -> tuple[Entry, ...]:
    """So many entries; the first `same` are those of the empty seed."""
    return tuple(_entry(index, "" if index < same else seed) for index in range(count))


def _entry(index: int, seed: str) -> Entry:
    content = sha256(f"{seed} event {index}".encode()).digest()
    return Entry(ContentHash(content), SignatureHash(sha256(content).digest()))


@dataclass(frozen=True)
class PublishedLog:
    """What lies under a service's address once it has published the checkpoints of these sizes, the last one shown."""

    entries: tuple[Entry, ...]
    signer: MemorySigner = MemorySigner()

    @cached_property
    def tree(self) -> PerfectSubtrees:
        return PerfectSubtrees.of([entry.leaf for entry in self.entries])

    def root(self, size: int) -> TreeHash:
        return root_of(size, self.tree.node)

    def note(self, size: int, root: TreeHash | None = None) -> bytes:
        tree_root = self.root(size) if root is None else root
        return bytes(sign_checkpoint(Checkpoint(self.signer.name, size, tree_root), self.signer))

    def files(self, size: int) -> dict[str, bytes]:
        """Checkpoint, key, tiles and bundles of that size."""
        entries = self.entries[:size]
        files = {"log/checkpoint": self.note(size), "log/key": f"{self.signer.key}\n".encode()}
        for tile, content in grow(0, [entry.leaf for entry in entries], PerfectSubtrees.of([])):
            files[f"log/{tile.path}"] = content
        for bundle in bundles_of(size):
            files[f"log/{bundle.path}"] = encode_entries(entries[bundle.first : bundle.first + bundle.width])
        return files


@dataclass
class MemoryLog:
    """Serves files. `down`: paths that give no answer at all, or everything where it has the empty path."""

    files: Mapping[str, bytes]
    down: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def fetch(self, path: str) -> bytes | None:
        self.asked.append(path)
        if path in self.down or "" in self.down:
            raise LogUnavailable(f"{path}: no answer")
        return self.files.get(path)


@dataclass
class MemoryChain:
    """A chain of one contract: `extend` puts a checkpoint into the next block and checks nothing."""

    name: str = "http://node.example"
    first_block: int = 3
    head: int = 3
    anchors: list[Anchor] = field(default_factory=list)
    down: bool = False
    alter: Callable[[ChainView], ChainView] | None = None

    def __post_init__(self) -> None:
        if not self.anchors:
            self.extend(0, TreeHash(sha256(b"").digest()), previous=0)

    def extend(self, size: int, root: TreeHash, previous: int | None = None) -> Anchor:
        self.head += 1
        before = self.anchors[-1].size if previous is None else previous
        unique = sha256(f"{self.head} {size} {root.hex()}".encode()).digest()
        anchor = Anchor(size, root, before, self.head, unique, unique, 0)
        self.anchors.append(anchor)
        return anchor

    def mine(self, blocks: int = 12) -> None:
        self.head += blocks

    async def read(self, since: int) -> ChainView:
        if self.down:
            raise ChainUnavailable(f"{self.name}: no answer")
        last = self.anchors[-1]
        shown: Sequence[Anchor] = [one for one in self.anchors if one.block_number >= since]
        view = ChainView(
            (self.name,), self.head, self.head * BLOCK_SECONDS, last.size, last.block_number * BLOCK_SECONDS,
            tuple(shown),
        )  # fmt: skip
        return view if self.alter is None else self.alter(view)
