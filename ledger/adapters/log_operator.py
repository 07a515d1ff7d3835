"""
The log's operator: signs acknowledgements with the secp256k1 key whose address owns `EventLog`.

The key lies in `operator.key` of the data directory, or comes from `SILKROOT_OPERATOR_KEY`; see `wiring`.
"""

from __future__ import annotations

from collections.abc import Sequence

import coincurve
from eth_hash.auto import keccak

from ledger.domain.log.acknowledgement_batches import AcknowledgementBatch, SignedBatch, batch_digest
from ledger.domain.merkle import TreeHash, tree_root
from ledger.domain.typed_data import Domain
from ledger.ports import Clock

MERGE_DELAY_SECONDS = 3_600
"""Why an hour: docs/adr/0109."""


class LogOperator:
    """
    Implements `ports_log.Acknowledger`. `key`: 32 bytes; `domain`: the EIP-712 domain of the log (`log_domain`);
    `merge_delay`: seconds within which a checkpoint covers what is acknowledged.
    """

    def __init__(self, key: bytes, domain: Domain, clock: Clock, merge_delay: int = MERGE_DELAY_SECONDS) -> None:
        self._key = coincurve.PrivateKey(key)
        self.domain = domain
        self._clock = clock
        self._merge_delay = merge_delay
        self.address = operator_address(key)

    def acknowledge(self, first_index: int, leaves: Sequence[TreeHash]) -> SignedBatch:
        """See the port."""
        now = int(self._clock.now())
        batch = AcknowledgementBatch(first_index, len(leaves), tree_root(leaves), now, now + self._merge_delay)
        signature = self._key.sign_recoverable(batch_digest(self.domain, batch), hasher=None)
        return SignedBatch(batch, signature[:64] + bytes([27 + signature[64]]))


def operator_address(key: bytes) -> bytes:
    """The 20-byte address of that key."""
    public = coincurve.PrivateKey(key).public_key.format(compressed=False)
    return keccak(public[1:])[12:]
