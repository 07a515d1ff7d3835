"""
One signature over up to 1,000 statements: what it covers, and whether an event is among them; no I/O.

A device that states much signs once for all of it: `Batch(root, count)`, in the EIP-712 domain in which it would sign
each statement (`ProduceLedger`'s). `root` is that of the tree of RFC 9162, section 2.1, over `count` leaves; the data
of leaf i is the EIP-712 digest of the i-th statement, 32 bytes, so a leaf binds chain, contract, party, step, lots,
content and deadline; the key is bound by its signature. Each event keeps its place in the batch and is checked alone.
No other action may come under a batch: whoever signs it cannot read what it says. Vectors with their pre-images:
tests/vectors/batches.json.

Raises `InvalidInput` (`batch.…`). Whether a place or a signature is right is answered, not raised.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import cast

from eth_hash.auto import keccak

from ledger.domain.actions import Action, is_stated, signer_of
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import Digest, KeyId
from ledger.domain.merkle import (
    HASH_BYTES,
    PerfectSubtrees,
    TreeHash,
    hash_leaf,
    hash_node,
    inclusion_proof,
    root_by_inclusion,
    root_of,
)
from ledger.domain.records import BatchPlace, Scheme, SignatureProof
from ledger.domain.signatures import P256_LENGTH, verify
from ledger.domain.struct_types import check_bytes32
from ledger.domain.typed_data import Domain, digest, domain_separator

MOST = 1_000
"""Statements under one signature."""
BATCH_TYPE = "Batch(bytes32 root,uint32 count)"
_TYPE_HASH = keccak(BATCH_TYPE.encode())
_REMEMBERED = 1_024
"""Batches whose digest and signature's answer are kept, so that the events of a batch cost one check together."""


@lru_cache(maxsize=_REMEMBERED)
def batch_digest(domain: Domain, root: TreeHash, count: int) -> Digest:
    """What a key signs for a batch: keccak256(0x19 0x01 ‖ domainSeparator ‖ hashStruct); 32 bytes."""
    _check_count(count)
    hashed = keccak(_TYPE_HASH + check_bytes32(root, "root") + count.to_bytes(32, "big"))
    return Digest(keccak(b"\x19\x01" + domain_separator(domain) + hashed))


def batch_leaf(signed: Digest) -> TreeHash:
    """The leaf hash of the statement with that digest: SHA-256(0x00 ‖ digest)."""
    return hash_leaf(check_bytes32(signed, "digest"))


@lru_cache(maxsize=4 * MOST)
def path_length(index: int, count: int) -> int:
    """How many nodes an inclusion path has for leaf `index` of `count`; 0 <= index < count."""
    length, last = 0, count - 1
    while last:
        length += index & 1 or index < last
        index, last = index >> 1, last >> 1
    return length


def places_of(digests: Sequence[Digest]) -> tuple[BatchPlace, ...]:
    """The place of each statement in the batch of all of them, in the order given."""
    count = len(digests)
    _check_count(count)
    tree = PerfectSubtrees.of([batch_leaf(one) for one in digests])
    root = root_of(count, tree.node)
    return tuple(BatchPlace(root, count, index, inclusion_proof(index, count, tree.node)) for index in range(count))


def check_place(action: Action, place: BatchPlace, at: str = "") -> None:
    """`InvalidInput` for what can be no place in a batch, whatever was signed; fields are pointers behind `at`."""
    if not is_stated(action):
        message = "only statements are signed in batches: what moves grams is signed one by one"
        raise InvalidInput.one(at, "batch.action", type(action).__name__, message)
    _check_count(place.count, f"{at}/count")
    if not 0 <= place.index < place.count:
        message = f"an index is 0 to {place.count - 1} in a batch of {place.count}"
        raise InvalidInput.one(f"{at}/index", "batch.index", place.index, message)
    if len(place.path) != (needed := path_length(place.index, place.count)):
        message = f"the path of index {place.index} in a batch of {place.count} has {needed} hashes"
        raise InvalidInput.one(f"{at}/path", "batch.path", len(place.path), message)


def is_among(signed: Digest, place: BatchPlace) -> bool:
    """
    Whether the statement with that digest is in the batch of that root and count, at that place.

    Paths of one batch share most of their nodes, so a climb ends where an earlier one that came to the root went on
    with the same node and the same rest of its path. What `root_by_inclusion` says; a property test holds them equal.
    """
    node, index, last, path = batch_leaf(signed), place.index, place.count - 1, place.path
    if not 0 <= index <= last < MOST:
        return root_by_inclusion(node, index, path, place.count) == place.root
    passed: dict[tuple[TreeHash, int, int], tuple[TreeHash, tuple[TreeHash, ...]]] = {}
    for used, sibling in enumerate(path, 1):
        if last == 0 or len(sibling) != HASH_BYTES:
            return False
        if index & 1 or index == last:
            node = hash_node(sibling, node)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = hash_node(node, sibling)
        index, last = index >> 1, last >> 1
        state, ahead = (place.root, index, last), (node, path[used:])
        if _climbed.get(state) == ahead:
            break
        passed[state] = ahead
    else:
        if last != 0 or node != place.root:
            return False
    if len(_climbed) > _REMEMBERED_NODES:
        _climbed.clear()
    _climbed.update(passed)
    return True


_REMEMBERED_NODES = 2_048
_climbed: dict[tuple[TreeHash, int, int], tuple[TreeHash, tuple[TreeHash, ...]]] = {}
"""Root, and place in the climb, of climbs that came to that root: the node there, and the hashes still ahead."""


def batch_digest_of(domain: Domain | None, proof: SignatureProof) -> Digest | None:
    """
    What the key signed where the proof is one of a batch; None where it is none, or none that can be, or no contract is
    known.
    """
    if domain is None or proof.batch is None or not 1 <= proof.batch.count <= MOST:
        return None
    return batch_digest(domain, proof.batch.root, proof.batch.count)


def is_signed(signed: Digest, key: KeyId, proof: SignatureProof, batch: Digest | None) -> bool:
    """
    Whether the key's signature in the proof covers that digest: alone, or with its batch, whose digest is `batch`
    (`batch_digest_of`).
    """
    if proof.batch is None:
        return verify(signed, key, proof.scheme, proof.signature)
    return batch is not None and is_among(signed, proof.batch) and is_batch_signed(batch, key, proof)


def is_batch_signed(batch: Digest, key: KeyId, proof: SignatureProof) -> bool:
    """Whether the key signed the batch; reckoned once for all events of it."""
    # What cannot be a signature is not remembered either: it may be long.
    return len(proof.signature) <= P256_LENGTH and _verify_once(batch, key, proof.scheme, proof.signature)


_verify_once = lru_cache(maxsize=_REMEMBERED)(verify)


def sign_together(
    actions: Sequence[Action], domain: Domain, key: KeyId, scheme: Scheme, sign: Callable[[Digest], bytes]
) -> tuple[SignatureProof, ...]:
    """
    The proofs of statements of one party under one signature, which `sign` makes of the batch's digest, in the form of
    the scheme. `InvalidInput`: none or more than 1,000 (`batch.count`), others than statements (`batch.action`), of
    several parties (`batch.party`).
    """
    _check_count(len(actions))
    for index, action in enumerate(actions):
        if not is_stated(action):
            message = "only statements are signed in batches: what moves grams is signed one by one"
            raise InvalidInput.one(f"/{index}", "batch.action", type(action).__name__, message)
        if signer_of(action) != signer_of(actions[0]):
            message = "a batch has one signature, so all of it is of one party"
            raise InvalidInput.one(f"/{index}", "batch.party", f"{signer_of(action):013d}", message)
    places = places_of([digest(domain, action) for action in actions])
    signature = sign(batch_digest(domain, places[0].root, places[0].count))
    return tuple(
        SignatureProof(action, key, scheme, signature, batch=place)
        for action, place in zip(actions, places, strict=True)
    )


def path_text(path: Sequence[TreeHash]) -> str:
    """The path as one base64 text (RFC 4648, section 4), from the leaf up; "" where it is empty."""
    return base64.b64encode(b"".join(path)).decode("ascii")


def path_of(text: str) -> tuple[TreeHash, ...] | None:
    """The path behind its text; None where it is not in the one form that `path_text` writes."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError):
        return None
    # Python's decoder overlooks bits that belong to no byte, so the way back decides.
    if len(data) % HASH_BYTES or binascii.b2a_base64(data, newline=False).decode("ascii") != text:
        return None
    count = len(data) // HASH_BYTES
    cut = _CUTTERS[count] if count < len(_CUTTERS) else struct.Struct(f"{HASH_BYTES}s" * count)
    return cast(tuple[TreeHash, ...], cut.unpack(data))


_CUTTERS = tuple(struct.Struct(f"{HASH_BYTES}s" * count) for count in range(1 + MOST.bit_length()))
"""Each cuts so many hashes apart; no batch has a longer path."""


def _check_count(count: int, at: str = "count") -> None:
    if not 1 <= count <= MOST:
        raise InvalidInput.one(at, "batch.count", count, f"a batch has 1 to {MOST:,} statements")
