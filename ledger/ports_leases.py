"""
Leases: of several processes on one database, one does each kind of work in the background.

A lease is for liveness: it says who should be at work, and runs out when that one is gone. Safety is its epoch, a
number that grows with each holder: every write transaction of a role looks whether its epoch is still the newest
(`LeaseLost` where it is not, and nothing is written). On chain it is the account's nonce and what the contracts refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What is done in the background: the outbox, the log, recalls on their way to large families."""

    SUBMITTER = "submitter"
    CHECKPOINTER = "checkpointer"
    CARRIER = "carrier"


@dataclass(frozen=True, slots=True)
class Standing:
    """What keeps a role from going on ("" where nothing does); `stuck`: and it will not pass by itself."""

    problem: str = ""
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """
    A role's lease as it stands. `acquired`: when its holder got it, in Unix seconds of the database's clock; `left`:
    seconds until it runs out, not above 0 where it has; `standing`: what the holder said when it renewed it last.
    """

    role: Role
    holder: str
    epoch: int
    acquired: float
    left: float
    standing: Standing = Standing()

    @property
    def is_held(self) -> bool:
        """Whether somebody is at work, as far as is known."""
        return self.left > 0


class Leases(Protocol):
    """The leases of one database. May be called from any thread."""

    def acquire(self, role: Role, holder: str, seconds: float) -> int | None:
        """The lease for so long, under a new epoch, which is given back; None where another has it."""
        ...

    def renew(self, role: Role, holder: str, epoch: int, seconds: float, standing: Standing) -> bool:
        """So long from now on; also one that has run out, if nobody took it. False where it is lost."""
        ...

    def release(self, role: Role, holder: str, epoch: int) -> None:
        """The next one need not wait for it to run out. Nothing where it is lost already."""
        ...

    def release_all(self, ledger: str) -> None:
        """As `release`, for all holders whose names begin with that; they are known to be gone."""
        ...

    def current(self) -> Mapping[Role, Lease]:
        """All leases that anybody ever had."""
        ...
