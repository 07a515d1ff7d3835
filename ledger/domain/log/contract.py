"""
Which `EventLog` on which chain a published log is anchored in, as its deployment record says; no I/O.

Read by somebody outside, so only what is needed is read: a record of another build of the contracts will do.
Raises `WrongChain` where a record does not say it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Self

from ledger.domain.errors import WrongChain

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


@dataclass(frozen=True, slots=True)
class LogContract:
    """`address` has 20 bytes. No checkpoint lies before `first_block`."""

    chain_id: int
    address: bytes
    first_block: int = 0

    @classmethod
    def from_json(cls, record: Any) -> Self:
        """From a deployment record: `chainId`, `eventLog` and, if it says so, `firstBlock`."""
        if not isinstance(record, dict):
            raise WrongChain("the deployment record is not a JSON object")
        chain_id, address, first = record.get("chainId"), record.get("eventLog"), record.get("firstBlock", 0)
        if type(chain_id) is not int or chain_id < 0 or type(first) is not int or first < 0:
            raise WrongChain(f"the deployment record has chainId {chain_id!r:.80} and firstBlock {first!r:.80}")
        if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
            raise WrongChain(f"the deployment record has no address as eventLog: {address!r:.80}")
        return cls(chain_id, bytes.fromhex(address[2:]), first)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return {"chainId": self.chain_id, "eventLog": "0x" + self.address.hex(), "firstBlock": self.first_block}

    def is_same_as(self, other: LogContract) -> bool:
        """Whether it is the same contract on the same chain, wherever reading begins."""
        return (self.chain_id, self.address) == (other.chain_id, other.address)
