"""
Acknowledgements: what the log's operator signs when it takes an event in, and whether it kept its word; no I/O.

"The leaf with this hash is entry `log_index`, and a checkpoint on chain covers it by `merge_deadline`." The operator
signs that as EIP-712 struct with its secp256k1 key on chain, the owner of `EventLog`: for many leaves at once, see
`acknowledgement_batches`; the struct here was signed for each before. (A receipt, in this ledger, is what a receiver of
goods signs; so this has the other name.)

`breach_of` judges from facts on chain and a proof. It says broken only where that is proven; what a holder does
not show, or the operator withholds, proves nothing by itself.

Raises `InvalidInput` for values that do not fit (`eip712.*`), a deadline before the time (`log.acknowledgement`),
evidence that does not belong to the acknowledgement (the same), and a malformed signature (`signature.*`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from eth_hash.auto import keccak

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash, Digest
from ledger.domain.log.proofs import InclusionProof
from ledger.domain.merkle import SignatureHash, TreeHash, event_leaf
from ledger.domain.signatures import recover_address
from ledger.domain.struct_types import check_bytes32, check_uint
from ledger.domain.typed_data import VERSION, Domain, domain_separator

LOG_NAME = "Silkroot EventLog"
"""Name of the EIP-712 domain. The contract itself checks no signatures and has none."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Index in the log from 0; 32-byte hashes of event and leaf; time and deadline in Unix seconds."""

    TYPE: ClassVar[str] = (
        "Acknowledgement(uint64 logIndex,bytes32 contentHash,bytes32 leafHash,uint64 time,uint64 mergeDeadline)"
    )

    log_index: int
    content_hash: ContentHash
    leaf_hash: TreeHash
    time: int
    merge_deadline: int

    def __post_init__(self) -> None:
        check_uint(self.log_index, "uint64", "logIndex")
        check_bytes32(self.content_hash, "contentHash")
        check_bytes32(self.leaf_hash, "leafHash")
        check_uint(self.time, "uint64", "time")
        check_uint(self.merge_deadline, "uint64", "mergeDeadline")
        if self.merge_deadline < self.time:
            raise _no_acknowledgement(self.merge_deadline, "the merge deadline is not before the time")

    def is_of(self, content_hash: ContentHash, signature_hash: SignatureHash) -> bool:
        """Whether it is for the event of that identity and signature: the leaf is made of both."""
        return self.content_hash == content_hash and self.leaf_hash == event_leaf(content_hash, signature_hash)


_TYPE_HASH = keccak(Acknowledgement.TYPE.encode())


def log_domain(chain_id: int, contract: bytes) -> Domain:
    """The EIP-712 domain of the `EventLog` at that 20-byte address."""
    return Domain(LOG_NAME, VERSION, chain_id, contract)


def acknowledgement_hash(acknowledgement: Acknowledgement) -> bytes:
    """hashStruct, 32 bytes."""
    return keccak(
        _TYPE_HASH
        + acknowledgement.log_index.to_bytes(32, "big")
        + acknowledgement.content_hash
        + acknowledgement.leaf_hash
        + acknowledgement.time.to_bytes(32, "big")
        + acknowledgement.merge_deadline.to_bytes(32, "big")
    )


def acknowledgement_digest(domain: Domain, acknowledgement: Acknowledgement) -> Digest:
    """keccak256(0x19 0x01 ‖ domainSeparator ‖ hashStruct): the 32 bytes that the operator signs."""
    return Digest(keccak(b"\x19\x01" + domain_separator(domain) + acknowledgement_hash(acknowledgement)))


def acknowledged_by(domain: Domain, acknowledgement: Acknowledgement, signature: bytes) -> bytes:
    """
    The 20-byte address that signed it. Whether that was the log's operator then, the chain says: the owner of
    `EventLog` at the acknowledgement's time.
    """
    return recover_address(acknowledgement_digest(domain, acknowledgement), signature)


# ------------------------------------------------------------------------------------------------- kept or broken


class Standing(StrEnum):
    """What became of an acknowledgement. Only KEPT and BROKEN are proven."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_DUE = "not-yet-due"
    NOT_SHOWN = "not-shown"


class Reason(StrEnum):
    """Why."""

    INCLUDED = "included"
    """In time, the leaf itself, at its index."""
    OTHER_LEAF = "other-leaf"
    """Another leaf has its index."""
    LATE = "late"
    """The first checkpoint that covers the index came after the deadline."""
    NOT_COVERED = "not-covered"
    """The deadline is over and no checkpoint covers the index."""
    BEFORE_DEADLINE = "before-deadline"
    """No checkpoint covers the index, and there is time left."""
    NO_PROOF = "no-proof"
    """A checkpoint covers the index in time, and which leaf is there was not shown."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A standing and its reason."""

    standing: Standing
    reason: Reason


@dataclass(frozen=True, slots=True)
class Anchor:
    """A `Checkpoint` log of `EventLog`: sizes, root, and the time of its block in Unix seconds."""

    size: int
    root: TreeHash
    previous_size: int
    time: int


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Which leaf is at an index, and the proof of it."""

    leaf_hash: TreeHash
    proof: InclusionProof


def breach_of(
    acknowledgement: Acknowledgement,
    covering: Anchor | None,
    chain_time: int,
    inclusion: Inclusion | None = None,
    under: Anchor | None = None,
) -> Judgement:
    """
    What became of a promise, by what the chain says; the caller has checked the signature and read the chain.

    `covering`: the first checkpoint whose size is over the index (previous size <= index < size), on this log or a
    successor; None where there is none up to a block of time `chain_time` (Unix seconds). `inclusion` is for the
    checkpoint's size, or for that of `under`, any checkpoint of the same log: each extends those before it, so a leaf
    has one index under all of them. A proof that does not hold counts as none. The deadline itself is still in time.
    """
    index, deadline = acknowledgement.log_index, acknowledgement.merge_deadline
    if covering is None:
        if chain_time > deadline:
            return Judgement(Standing.BROKEN, Reason.NOT_COVERED)
        return Judgement(Standing.NOT_DUE, Reason.BEFORE_DEADLINE)
    if not covering.previous_size <= index < covering.size:
        raise _no_acknowledgement(
            f"{covering.previous_size} to {covering.size}", f"not the first checkpoint that covers entry {index}"
        )
    if covering.time > deadline:
        return Judgement(Standing.BROKEN, Reason.LATE)
    if inclusion is None or not _shows(inclusion, index, under or covering):
        return Judgement(Standing.NOT_SHOWN, Reason.NO_PROOF)
    if inclusion.leaf_hash != acknowledgement.leaf_hash:
        return Judgement(Standing.BROKEN, Reason.OTHER_LEAF)
    return Judgement(Standing.KEPT, Reason.INCLUDED)


def contradict(first: Acknowledgement, second: Acknowledgement) -> bool:
    """Whether both cannot be kept: one index promised to two leaves. Both signed is a breach, whatever is on chain."""
    return first.log_index == second.log_index and first.leaf_hash != second.leaf_hash


def _shows(inclusion: Inclusion, index: int, anchor: Anchor) -> bool:
    proof = inclusion.proof
    same = proof.index == index and proof.size == anchor.size
    return same and proof.holds(inclusion.leaf_hash, anchor.root)


def _no_acknowledgement(value: object, message: str) -> InvalidInput:
    return InvalidInput.one("acknowledgement", "log.acknowledgement", value, message)
