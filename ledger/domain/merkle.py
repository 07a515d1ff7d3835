"""
The Merkle tree of the event log: hashes, roots, inclusion and consistency proofs, and their verification; no I/O.

RFC 9162, section 2.1 (the tree of RFC 6962) over SHA-256: leaves are hashed behind 0x00, nodes behind 0x01, and a tree
over n leaves has the greatest power of 2 below n on its left. An event's leaf is `contentHash ‖ SHA-256(signature
proof)`, 64 bytes. `contracts/libraries/MerkleLog.sol` verifies the same proofs; tests/vectors/merkle.json binds both.

Proofs are made from perfect subtrees, which never change once they are full: whoever stores those (level, index) can
prove anything about any size in a few dozen reads. `PerfectSubtrees` keeps them in memory.

Raises `InvalidInput` where no such root or proof exists. Verification raises nothing: a proof is right or it is not.

>>> leaves = [hash_leaf(bytes([i])) for i in range(3)]
>>> tree = PerfectSubtrees.of(leaves)
>>> verify_inclusion(leaves[2], 2, inclusion_proof(2, 3, tree.node), 3, root_of(3, tree.node))
True
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NewType, Self

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import UINT64_MAX, ContentHash

TreeHash = NewType("TreeHash", bytes)
"""The hash of a leaf, a node or a whole tree; 32 bytes."""
SignatureHash = NewType("SignatureHash", bytes)
"""SHA-256 of an event's signature proof; 32 bytes."""
NodeSource = Callable[[int, int], TreeHash]
"""(level, index) -> the root over the leaves from index * 2^level up to, not including, (index + 1) * 2^level."""

EMPTY_ROOT = TreeHash(hashlib.sha256(b"").digest())
"""The root of the tree without leaves."""
LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
HASH_BYTES = 32


def event_leaf(content_hash: ContentHash, signature_hash: SignatureHash) -> TreeHash:
    """The leaf hash of an event in the log, from two hashes of 32 bytes; other lengths are `InvalidInput`."""
    if len(content_hash) == HASH_BYTES == len(signature_hash):
        return hash_leaf(content_hash + signature_hash)
    field, value = (
        ("signatureHash", signature_hash) if len(content_hash) == HASH_BYTES else ("contentHash", content_hash)
    )
    raise InvalidInput.one(field, "merkle.hash", value.hex(), f"a hash has {HASH_BYTES} bytes")


def hash_proof(form: bytes) -> SignatureHash:
    """Of a signature proof in its RFC 8785 form: what a leaf has of it, beside the content hash."""
    return SignatureHash(hashlib.sha256(form).digest())


def hash_leaf(data: bytes) -> TreeHash:
    """The hash of a leaf that holds `data`."""
    return TreeHash(hashlib.sha256(LEAF_PREFIX + data).digest())


def hash_node(left: TreeHash, right: TreeHash) -> TreeHash:
    """The hash of the node above two subtrees."""
    return TreeHash(hashlib.sha256(NODE_PREFIX + left + right).digest())


def hash_row(row: bytes) -> bytes:
    """
    The row of nodes above a row of hashes, both one hash behind the other: each over two; one that is left over at the
    end has none above it yet.
    """
    pairs = range(0, len(row) - 2 * HASH_BYTES + 1, 2 * HASH_BYTES)
    return b"".join([hashlib.sha256(NODE_PREFIX + row[at : at + 2 * HASH_BYTES]).digest() for at in pairs])


# ---------------------------------------------------------------------------------------------------- making


@dataclass(frozen=True, slots=True)
class PerfectSubtrees:
    """Every perfect subtree over some leaves, in memory: `levels[k][i]` is the root over 2^k leaves from i * 2^k on."""

    levels: tuple[tuple[TreeHash, ...], ...]

    @classmethod
    def of(cls, leaves: Sequence[TreeHash]) -> Self:
        """From leaf hashes, in their order."""
        levels = [tuple(leaves)]
        while len(below := levels[-1]) > 1:
            levels.append(tuple(hash_node(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)))
        return cls(tuple(levels))

    def node(self, level: int, index: int) -> TreeHash:
        """A `NodeSource`. A subtree that is not full here is `InvalidInput`."""
        if not (0 <= level < len(self.levels) and 0 <= index < len(self.levels[level])):
            raise InvalidInput.one("size", "merkle.size", f"{level}/{index}", "the tree has fewer leaves than that")
        return self.levels[level][index]


def tree_root(leaves: Sequence[TreeHash]) -> TreeHash:
    """The root over leaf hashes, in their order; `EMPTY_ROOT` where there are none."""
    return root_of(len(leaves), PerfectSubtrees.of(leaves).node)


def root_of(size: int, node: NodeSource) -> TreeHash:
    """The root of the tree over the first `size` leaves (section 2.1.1)."""
    _check_size("size", size, 0)
    return _range_root(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: NodeSource) -> tuple[TreeHash, ...]:
    """That leaf `index` (from 0) is in the tree over the first `size` leaves; from the leaf up (section 2.1.3.1)."""
    _check_size("size", size, 1)
    if not 0 <= index < size:
        raise InvalidInput.one(
            "index", "merkle.index", index, f"an index is 0 to {size - 1} where there are {size} leaves"
        )
    start, end, siblings = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((start, middle))
            start = middle
    return tuple(_range_root(first, last, node) for first, last in reversed(siblings))


def consistency_proof(first: int, second: int, node: NodeSource) -> tuple[TreeHash, ...]:
    """
    That the tree over the first `second` leaves begins with that over the first `first` (section 2.1.4.1).

    Empty where `first` is 0 or `second`: there is nothing to prove.
    """
    _check_size("second", second, 0)
    if not 0 <= first <= second:
        raise InvalidInput.one("first", "merkle.size", first, f"the earlier size is 0 to {second}, the later one")
    if first in (0, second):
        return ()
    start, end, siblings = 0, second, []
    while end != first:
        middle = start + _split(end - start)
        if first <= middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((start, middle))
            start = middle
    if start != 0:  # else the verifier has that subtree: it is the whole first tree
        siblings.append((start, end))
    return tuple(_range_root(low, high, node) for low, high in reversed(siblings))


def _range_root(start: int, end: int, node: NodeSource) -> TreeHash:
    """The root over leaves start to end - 1; `start` is a multiple of a power of 2 that is no less than the count."""
    hashes, low = [], start
    while low < end:
        level = (end - low).bit_length() - 1
        hashes.append(node(level, low >> level))
        low += 1 << level
    root = hashes.pop()
    while hashes:
        root = hash_node(hashes.pop(), root)
    return root


def _split(count: int) -> int:
    """The greatest power of 2 below `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _check_size(field: str, size: int, least: int) -> None:
    if not least <= size <= UINT64_MAX:
        raise InvalidInput.one(field, "merkle.size", size, f"a tree that is asked for has {least} to 2^64 - 1 leaves")


# ---------------------------------------------------------------------------------------------------- verifying


def verify_inclusion(leaf: TreeHash, index: int, proof: Sequence[TreeHash], size: int, root: TreeHash) -> bool:
    """Whether the leaf hash is at `index` (from 0) in the tree of that size and root: section 2.1.3.2, step by step."""
    return _are_hashes(root) and root_by_inclusion(leaf, index, proof, size) == root


def root_by_inclusion(leaf: TreeHash, index: int, proof: Sequence[TreeHash], size: int) -> TreeHash | None:
    """The root to which an inclusion proof leads; None where it is none for that index and size, whatever the root."""
    if not 0 <= index < size <= UINT64_MAX or not _are_hashes(leaf, *proof):
        return None
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            r = hash_node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = hash_node(r, p)
        fn, sn = fn >> 1, sn >> 1
    return r if sn == 0 else None


def verify_consistency(
    first: int, first_root: TreeHash, second: int, second_root: TreeHash, proof: Sequence[TreeHash]
) -> bool:
    """
    Whether the tree of size and root `second` begins with that of `first`: section 2.1.4.2, step by step.

    Beyond the RFC's 0 < first < second: every tree begins with the empty one and with itself, by an empty proof. As in
    the RFC, both sizes are taken as given: a root alone does not tell its size.
    """
    if not 0 <= first <= second <= UINT64_MAX or not _are_hashes(first_root, second_root, *proof):
        return False
    if first == second:
        return not proof and first_root == second_root and (first > 0 or first_root == EMPTY_ROOT)
    if first == 0:
        return not proof and first_root == EMPTY_ROOT
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = hash_node(c, fr), hash_node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = hash_node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
