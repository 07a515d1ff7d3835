"""
The leaves of one batch and the operator's signature over it, from which the receipt of each follows; no I/O.

A receipt's audit path is made when somebody asks for it: hardly anybody does at once for all events of a document. The
tree is built once for all that ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from ledger.domain.identifiers import ContentHash
from ledger.domain.log.acknowledgement_batches import BatchPlace
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement
from ledger.domain.log.acknowledgements import Acknowledgement
from ledger.domain.merkle import PerfectSubtrees, SignatureHash, TreeHash, event_leaf, inclusion_proof
from ledger.domain.typed_data import Domain


class AcknowledgedLeaves:
    """
    `leaves`: the hashes of entries `first_index` and on, at least one; `time` and `merge_deadline` in Unix seconds;
    `domain`: the EIP-712 domain of the log.
    """

    def __init__(
        self,
        domain: Domain,
        first_index: int,
        leaves: Sequence[TreeHash],
        time: int,
        merge_deadline: int,
        signature: bytes,
    ) -> None:
        self._domain = domain
        self._first = first_index
        self._leaves = leaves
        self._time = time
        self._deadline = merge_deadline
        self._signature = signature

    def receipt(self, index: int, content: ContentHash, signature_hash: SignatureHash) -> SignedAcknowledgement:
        """
        That of the event at this index of the log, one of the batch's. What does not belong together shows in the
        signature.
        """
        leaf = event_leaf(content, signature_hash)
        stated = Acknowledgement(index, content, leaf, self._time, self._deadline)
        count = len(self._leaves)
        path = inclusion_proof(index - self._first, count, self._tree.node)
        place = BatchPlace(signature_hash, self._first, count, path)
        return SignedAcknowledgement(self._domain.chain_id, self._domain.contract, stated, self._signature, place)

    @cached_property
    def _tree(self) -> PerfectSubtrees:
        return PerfectSubtrees.of(self._leaves)


Placed = tuple[AcknowledgedLeaves, int, SignatureHash]
"""The batch that an event's leaf is in, its index in the log, and the hash of its signature proof."""


class Receipts(Mapping[ContentHash, SignedAcknowledgement]):
    """Receipts by event, each made when it is asked for, the same each time."""

    def __init__(self, known: Mapping[ContentHash, Placed | SignedAcknowledgement]) -> None:
        self._known = known

    def __getitem__(self, content: ContentHash) -> SignedAcknowledgement:
        found = self._known[content]
        if isinstance(found, SignedAcknowledgement):
            return found
        leaves, index, signature_hash = found
        return leaves.receipt(index, content, signature_hash)

    def __iter__(self) -> Iterator[ContentHash]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)
