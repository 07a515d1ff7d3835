"""
fsck of the log: every leaf, acknowledgement, tile, bundle and root is derived again from what is stored.

A leaf has to follow from its event's content hash and one of its signature proofs, and to have one acknowledgement,
signed by the operator over all leaves that it is for; tiles and bundles have to be those of the leaves, and each
checkpoint's root, that of the tiles; a published note has to say the same. What events themselves are is `fsck`'s own
business.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.acknowledgement_batches import AcknowledgementBatch, batch_signed_by
from ledger.domain.log.acknowledgements import Acknowledgement, acknowledged_by
from ledger.domain.log.checkpoints import open_checkpoint
from ledger.domain.log.proofs import root_at
from ledger.domain.log.signed_notes import NoteKey
from ledger.domain.log.tile_names import TILE_HEIGHT, TILE_WIDTH, EntryBundle, Tile, hashes_at
from ledger.domain.log.tiles import TileHashes, encode_entries, encode_tile
from ledger.domain.merkle import EMPTY_ROOT, TreeHash, hash_proof, tree_root
from ledger.domain.typed_data import Domain
from ledger.ports_log import AuditedAcknowledgement, AuditedCheckpoint, AuditedLeaf, LogAudit, LogStore, StoredLeaf

_BUNDLES = -1
_PAGE = 4 * TILE_WIDTH
_ROOTS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class LogKeys:
    """Whose log it is: the EIP-712 domain of acknowledgements, the operator's address, the key of published notes."""

    domain: Domain
    operator: bytes
    notes: NoteKey | None


class LogCheck:
    """Checks what `audit` lays bare."""

    def __init__(self, audit: LogAudit, store: LogStore, keys: LogKeys) -> None:
        self._audit = audit
        self._store = store
        self._keys = keys

    def problems(self) -> Iterator[str]:
        """Sentences that say where and what; none where everything is as it was written."""
        for sequence in self._audit.events_without_leaf():
            yield f"event {sequence}: it is not in the log"
        checkpoints = self._audit.audited_checkpoints()
        size = checkpoints[-1].size if checkpoints else 0
        above: list[TreeHash] = []  # the roots over full tiles of level 0
        acknowledgements = _Acknowledgements(self._audit, self._keys)
        first, rows = 0, 0
        while page := self._audit.audited_leaves(first, _PAGE):
            for index, audited in enumerate(page, start=first):
                if audited.leaf.index != index:
                    yield f"log: leaf {index} is missing"
                    return
                yield from self._leaf_problems(audited)
            yield from acknowledgements.problems([audited.leaf for audited in page])
            covered = [audited.leaf for audited in page][: max(0, size - first)]
            for start in range(0, len(covered), TILE_WIDTH):
                part = covered[start : start + TILE_WIDTH]
                yield from self._lowest_problems((first + start) // TILE_WIDTH, part)
                rows += 2
                if len(part) == TILE_WIDTH:
                    above.append(tree_root([leaf.leaf_hash for leaf in part]))
            first += len(page)
        yield from acknowledgements.problems_at_the_end()
        if first < size:
            yield f"log: a checkpoint has {size} leaves, and there are only {first}"
            return
        level = 1
        while above:
            yield from self._level_problems(level, above)
            rows += -(-len(above) // TILE_WIDTH)
            full = len(above) // TILE_WIDTH
            above = [tree_root(above[at * TILE_WIDTH : (at + 1) * TILE_WIDTH]) for at in range(full)]
            level += 1
        if (found := self._audit.tile_count()) != rows and self._store.integrated().size == size:
            yield f"log: there are {found} tiles and bundles, the leaves make {rows}"
        yield from self._checkpoint_problems(checkpoints, size)

    # ------------------------------------------------------------------------------------------ leaves

    def _leaf_problems(self, audited: AuditedLeaf) -> Iterator[str]:
        leaf = audited.leaf
        where = f"log: leaf {leaf.index}"
        if not leaf.is_intact:
            yield f"{where}: the row is not what was written"
        if (entry := leaf.entry()) is None:
            yield f"{where}: no signature proof of event {leaf.sequence} makes what it says"
        elif audited.is_present and entry.signature_hash != hash_proof(leaf.proofs[0]):
            yield f"{where}: it is not of the event's present proof, and says that it is"

    # ------------------------------------------------------------------------------------------ tiles

    def _lowest_problems(self, index: int, leaves: Sequence[StoredLeaf]) -> Iterator[str]:
        yield from self._row_problems(0, index, len(leaves), encode_tile(leaf.leaf_hash for leaf in leaves))
        entries = [entry for leaf in leaves if (entry := leaf.entry()) is not None]
        if len(entries) == len(leaves):  # else that leaf was told, and what the bundle has to hold is not known
            yield from self._row_problems(_BUNDLES, index, len(entries), encode_entries(entries))

    def _level_problems(self, level: int, hashes: Sequence[TreeHash]) -> Iterator[str]:
        for start in range(0, len(hashes), TILE_WIDTH):
            part = hashes[start : start + TILE_WIDTH]
            yield from self._row_problems(level, start // TILE_WIDTH, len(part), encode_tile(part))

    def _row_problems(self, level: int, index: int, width: int, content: bytes) -> Iterator[str]:
        name = EntryBundle(index, width) if level == _BUNDLES else Tile(level, index, width)
        row = self._audit.tile_row(level, index)
        if row is None:
            yield f"log: {name.path} is missing"
        elif row != (width, content) and not self._has_grown(level, index, row, content):
            yield f"log: {name.path} is not what the leaves make it"

    def _has_grown(self, level: int, index: int, row: tuple[int, bytes], content: bytes) -> bool:
        """Whether the row goes on from what we expect because the log grew while we looked."""
        room = hashes_at(max(level, 0), self._store.integrated().size) - (index << TILE_HEIGHT)
        return row[0] <= room and row[1].startswith(content) and len(row[1]) > len(content)

    # ------------------------------------------------------------------------------------------ checkpoints

    def _checkpoint_problems(self, checkpoints: Sequence[AuditedCheckpoint], size: int) -> Iterator[str]:
        previous = 0
        for start in range(0, len(checkpoints), _ROOTS_AT_ONCE):
            hashes = TileHashes(size, self._tile)
            for one in checkpoints[start : start + _ROOTS_AT_ONCE]:
                where = f"log: the checkpoint of size {one.size}"
                if not one.is_intact:
                    yield f"{where}: the row is not what was written"
                try:
                    root = root_at(one.size, hashes) if one.size else EMPTY_ROOT
                except InvalidInput as error:
                    yield f"{where}: its root cannot be made again: {error}"
                    continue
                if root != one.root:
                    yield f"{where}: the leaves make another root"
                if one.previous_size is not None:
                    if one.previous_size != previous:
                        yield f"{where}: it goes on from {one.previous_size} on chain, the one before it has {previous}"
                    previous = one.size
                if one.note is not None:
                    yield from self._note_problems(where, one, root)

    def _note_problems(self, where: str, one: AuditedCheckpoint, root: TreeHash) -> Iterator[str]:
        if self._keys.notes is None or one.note is None:
            return
        try:
            published = open_checkpoint(one.note, self._keys.notes).checkpoint
        except InvalidInput as error:
            yield f"{where}: its published note is not to be believed: {error}"
            return
        if (published.size, published.root) != (one.size, root):
            yield f"{where}: another one was published"

    def _tile(self, tile: Tile) -> bytes:
        content = self._store.tile_contents([tile]).get(tile)
        if content is None:
            raise InvalidInput.one("content", "log.tile-content", tile.path, "it is not stored")
        return content


_Leaf = tuple[ContentHash, TreeHash]


class _Acknowledgements:
    """
    Walks the acknowledgements beside the leaves: each is for those from its first one up to the next acknowledgement,
    whatever it says itself. Only the hashes of these are kept.
    """

    def __init__(self, audit: LogAudit, keys: LogKeys) -> None:
        self._audit = audit
        self._keys = keys
        self._read: deque[AuditedAcknowledgement] = deque()
        self._unread, self._is_over = 0, False
        self._present: AuditedAcknowledgement | None = None
        self._following = self._next()
        self._leaves: list[_Leaf] = []

    def problems(self, leaves: Sequence[StoredLeaf]) -> Iterator[str]:
        """With the next leaves, in order."""
        if self._following is None:  # it may have come with these leaves, because the log grew while we looked
            self._following = self._next()
        for leaf in leaves:
            while self._following is not None and self._following.first_index <= leaf.index:
                yield from self._end_of_one()
            if self._present is None:
                yield f"log: leaf {leaf.index}: it has no acknowledgement"
            self._leaves.append((leaf.content_hash, leaf.leaf_hash))

    def problems_at_the_end(self) -> Iterator[str]:
        """After the last leaf. What comes from now on has leaves that we do not look at."""
        self._is_over = True
        while self._present is not None or self._following is not None:
            yield from self._end_of_one()

    def _end_of_one(self) -> Iterator[str]:
        if self._present is not None:
            yield from self._problems_of(self._present, self._leaves)
        self._present, self._following, self._leaves = self._following, self._next(), []

    def _problems_of(self, one: AuditedAcknowledgement, leaves: Sequence[_Leaf]) -> Iterator[str]:
        where = f"log: leaf {one.first_index}, acknowledgement of {one.count}"
        if not one.is_intact:
            yield f"{where}: the row is not what was written"
        if one.count != len(leaves) or (one.count != 1 and not one.is_batch):
            yield f"{where}: there are {len(leaves)} leaves up to the next one"
            return
        try:
            signer = self._signer(one, leaves)
        except InvalidInput as error:
            yield f"{where}: it cannot be read: {error}"
            return
        if signer != self._keys.operator:
            yield f"{where}: it is not signed by 0x{self._keys.operator.hex()}, the log's operator"

    def _signer(self, one: AuditedAcknowledgement, leaves: Sequence[_Leaf]) -> bytes:
        if one.is_batch:
            root = tree_root([leaf for _, leaf in leaves])
            batch = AcknowledgementBatch(one.first_index, one.count, root, one.time, one.merge_deadline)
            return batch_signed_by(self._keys.domain, batch, one.signature)
        ((content, leaf),) = leaves
        stated = Acknowledgement(one.first_index, content, leaf, one.time, one.merge_deadline)
        return acknowledged_by(self._keys.domain, stated, one.signature)

    def _next(self) -> AuditedAcknowledgement | None:
        """The next row; None where there is none yet: asked again, there may be one."""
        if not self._read and not self._is_over:
            self._read.extend(self._audit.audited_acknowledgements(self._unread, _PAGE))
        if not self._read:
            return None
        one = self._read.popleft()
        self._unread = one.first_index + 1
        return one
