"""
What a monitor of a log needs from the world, as Protocols: the published log, nodes of the chain, somebody to tell.

Nothing here is trusted; `ledger.domain.log.watching` weighs all of it. Errors are those of `ledger.domain.errors`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ledger.domain.log.anchors import ChainView


class LogSource(Protocol):
    """What a service publishes of its log, below one address."""

    async def fetch(self, path: str) -> bytes | None:
        """
        The bytes under a path, such as `log/checkpoint`; None where the service says that there is nothing.

        `LogUnavailable` where it gives no answer that means either, after a few attempts.
        """
        ...


class CheckpointSource(Protocol):
    """A node that is asked for the checkpoints of one `EventLog`."""

    @property
    def name(self) -> str:
        """What the node is called in reports: its address."""
        ...

    @property
    def first_block(self) -> int:
        """No checkpoint lies in an earlier block."""
        ...

    async def read(self, since: int) -> ChainView:
        """
        All checkpoints from that block on, up to a head that stays the same while it is read.

        `ChainUnavailable` or `WrongChain` where the node cannot say, or its answers contradict each other.
        """
        ...


class AlarmReceiver(Protocol):
    """Takes alarms to where people see them."""

    async def send(self, message: Mapping[str, Any]) -> str:
        """Hands over an alarm as JSON, with a few attempts; why it could not, or nothing."""
        ...
