"""
The log's checkpoints as they were on chain, made into transactions again: for a local chain that is rebuilt.

What statements rest on is the block time of the first checkpoint that covers them. A rebuilt chain that had all of them
in one new checkpoint of today would judge them by the keys of today, so it gets the checkpoints back at the times that
they had. The transactions are signed anew: their nonces are whatever the operator's account has there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from ledger.adapters.evm_log import EvmLog
from ledger.adapters.local_chain import PastTransaction
from ledger.domain.errors import InvalidInput, StoreError
from ledger.domain.log.proofs import nodes_of_consistency, prove_consistency
from ledger.domain.log.tiles import tiles_with
from ledger.ports_log import Extension, LogStore
from ledger.services.integrate import hashes_with

_LOG = logging.getLogger(__name__)


def checkpoints_of(store: LogStore, log: EvmLog) -> Callable[[int, int], Iterator[PastTransaction]]:
    """For `LocalChain.start`: the checkpoints in blocks after a time, from a nonce of the operator on."""

    def after(time: int, nonce: int) -> Iterator[PastTransaction]:
        of = store.integrated().size
        for offset, anchored in enumerate(store.anchored_since(time)):
            one = anchored.checkpoint
            tiles = tiles_with(nodes_of_consistency(one.previous_size, one.size), of)
            try:
                proof = prove_consistency(one.previous_size, one.size, hashes_with(store, tiles, of))
            except (
                StoreError,
                InvalidInput,
            ) as error:  # the chain starts all the same; the checkpointer says why it stops
                _LOG.warning("the log's past cannot be given back to the chain: %s", error)
                return
            raw = log.signed(Extension(one.size, one.root, proof), nonce + offset, log.max_fee)
            yield PastTransaction(nonce + offset, raw, one.block_time, one.block_number)

    return after
