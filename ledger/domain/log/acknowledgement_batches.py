"""
Acknowledgements of many leaves under one signature: the struct that is signed, and one leaf's place in it; no I/O.

"The leaves of entries firstIndex to firstIndex + count - 1 make this tree head (RFC 9162), and a checkpoint on chain
covers each of them by the deadline." So each leaf is promised at its own index, as by an `Acknowledgement` of its own.
Who holds one event shows its leaf and an audit path, which tells nothing of the others but hashes. The count is signed:
it says how long the path of an index is, so that no node of the tree passes for a leaf.

Raises `InvalidInput`: `eip712.*` for values that do not fit, `log.acknowledgement` for a batch of no leaf, a deadline
before the time, and a place that the leaf cannot have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from eth_hash.auto import keccak

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import UINT64_MAX, Digest
from ledger.domain.log.acknowledgements import Acknowledgement
from ledger.domain.merkle import SignatureHash, TreeHash, root_by_inclusion
from ledger.domain.signatures import recover_address
from ledger.domain.struct_types import check_bytes32, check_uint
from ledger.domain.typed_data import Domain, domain_separator


@dataclass(frozen=True, slots=True)
class AcknowledgementBatch:
    """
    Index of the first leaf in the log, how many there are, the 32-byte tree head over their hashes; time and deadline
    in Unix seconds.
    """

    TYPE: ClassVar[str] = (
        "AcknowledgementBatch(uint64 firstIndex,uint64 count,bytes32 root,uint64 time,uint64 mergeDeadline)"
    )

    first_index: int
    count: int
    root: TreeHash
    time: int
    merge_deadline: int

    def __post_init__(self) -> None:
        check_uint(self.first_index, "uint64", "firstIndex")
        check_uint(self.count, "uint64", "count")
        check_bytes32(self.root, "root")
        check_uint(self.time, "uint64", "time")
        check_uint(self.merge_deadline, "uint64", "mergeDeadline")
        if not 0 < self.count <= UINT64_MAX - self.first_index:
            raise _no_batch(self.count, "a batch has one leaf or more, and the log has indexes for them")
        if self.merge_deadline < self.time:
            raise _no_batch(self.merge_deadline, "the merge deadline is not before the time")


_TYPE_HASH = keccak(AcknowledgementBatch.TYPE.encode())


def batch_hash(batch: AcknowledgementBatch) -> bytes:
    """hashStruct, 32 bytes."""
    return keccak(
        _TYPE_HASH
        + batch.first_index.to_bytes(32, "big")
        + batch.count.to_bytes(32, "big")
        + batch.root
        + batch.time.to_bytes(32, "big")
        + batch.merge_deadline.to_bytes(32, "big")
    )


def batch_digest(domain: Domain, batch: AcknowledgementBatch) -> Digest:
    """keccak256(0x19 0x01 ‖ domainSeparator ‖ hashStruct): the 32 bytes that the operator signs."""
    return Digest(keccak(b"\x19\x01" + domain_separator(domain) + batch_hash(batch)))


def batch_signed_by(domain: Domain, batch: AcknowledgementBatch, signature: bytes) -> bytes:
    """The 20-byte address that signed it; see `acknowledgements.acknowledged_by`."""
    return recover_address(batch_digest(domain, batch), signature)


@dataclass(frozen=True, slots=True)
class SignedBatch:
    """A batch and the operator's 65-byte signature, which has not been verified."""

    batch: AcknowledgementBatch
    signature: bytes


@dataclass(frozen=True, slots=True)
class BatchPlace:
    """
    Where the leaf of an event is in a batch: `path` leads from it up to the tree head. `signature_hash` ties the event
    to the leaf: the signature is over leaves only.
    """

    signature_hash: SignatureHash
    first_index: int
    count: int
    path: tuple[TreeHash, ...]

    def batch_of(self, stated: Acknowledgement) -> AcknowledgementBatch:
        """The batch that promises this. `InvalidInput` where the event has no such leaf or the leaf no such place."""
        if not stated.is_of(stated.content_hash, self.signature_hash):
            raise _no_batch(stated.leaf_hash.hex(), "the leaf is not that of the content and the signature hash")
        root = root_by_inclusion(stated.leaf_hash, stated.log_index - self.first_index, self.path, self.count)
        if root is None:
            message = f"no audit path of entry {stated.log_index} among {self.count} from entry {self.first_index} on"
            raise _no_batch(len(self.path), message)
        return AcknowledgementBatch(self.first_index, self.count, root, stated.time, stated.merge_deadline)


def _no_batch(value: object, message: str) -> InvalidInput:
    return InvalidInput.one("acknowledgement", "log.acknowledgement", value, message)
