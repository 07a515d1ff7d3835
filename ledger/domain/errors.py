"""
The one error tree.

    SilkrootError
    ├── InvalidInput            the caller's data broke rules; carries every `Violation`
    │   ├── InvalidGs1Key       a GS1 identifier is not one
    │   ├── InvalidJson         bytes are not strict JSON (duplicate key, integer beyond 2^53, ...)
    │   ├── InvalidEvent        an EPCIS event or document breaks EPCIS or our rules
    │   └── Refused             well formed, but the ledger's own rules say no (role, stock, recall, replay)
    ├── NotFound                no such lot, party, key, capture job
    ├── Conflict                the same identity with other content
    ├── ChainError
    │   ├── ChainUnavailable    the node does not answer: the verdict is `unknown`, try again
    │   └── WrongChain          it answers, but it is not the chain of the deployment record
    ├── LogUnavailable          a published log does not answer: nothing was learnt about it
    ├── StoreError              the database failed or holds what it cannot hold
    ├── KeyLocked               a keystore cannot be opened with the passphrase given
    ├── LedgerBusy              another process owns the data directory
    ├── LeaseLost               another process does this one's work in the background by now; nothing was written
    ├── WorkerLost              a process that worked for this one ended; nothing came of it, and it may be tried again
    │   └── NoWorker            there is none any more: do it here
    ├── UnusableSettings        a setting of the environment, or an option in its place, cannot be used
    └── MissingTool             something that has to be installed is absent; the message says how to get it

A message names the field, the rule and the value, and says what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule. `field` is a JSON pointer or `sheet!cell`, `rule` a stable dotted name, `value` what was there."""

    field: str
    rule: str
    value: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message} [{self.rule}; got {self.value}]"


class SilkrootError(Exception):
    """Root of every error that Silkroot raises on purpose."""


class InvalidInput(SilkrootError):
    """The caller's data broke at least one rule; `violations` lists all that were found."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations: tuple[Violation, ...] = tuple(violations)
        super().__init__("; ".join(str(violation) for violation in self.violations))

    @classmethod
    def one(cls, field: str, rule: str, value: object, message: str) -> Self:
        """Build the error from a single violation; long values are cut to 120 characters."""
        return cls([Violation(field, rule, shorten(value), message)])


class InvalidGs1Key(InvalidInput):
    """A GS1 identifier has a wrong length, character or check digit. Never repaired."""


class InvalidJson(InvalidInput):
    """Bytes that are not the strict JSON we hash."""


class InvalidEvent(InvalidInput):
    """An EPCIS event or document that breaks the standard or our rules on top of it."""


class Refused(InvalidInput):
    """A well-formed action that the ledger's rules refuse: role, key, stock, recall, replay, expiry."""


class NotFound(SilkrootError):
    """There is nothing under that identifier."""


class Conflict(SilkrootError):
    """The same identity was used before with other content."""


class ChainError(SilkrootError):
    """Something about the chain."""


class ChainUnavailable(ChainError):
    """The node did not answer; nothing was learnt about the lot."""


class WrongChain(ChainError):
    """The node answers for another chain or has no such contract."""


class LogUnavailable(SilkrootError):
    """A published log that is followed does not answer, or not with what it publishes; nothing was learnt about it."""


class StoreError(SilkrootError):
    """The database failed, or holds something that it must not hold."""


class KeyLocked(SilkrootError):
    """A keystore file cannot be opened with the passphrase given."""


class LedgerBusy(SilkrootError):
    """Another process owns the data directory."""


class LeaseLost(SilkrootError):
    """Another process holds the lease that this write needs; nothing of it was written."""


class WorkerLost(SilkrootError):
    """A process that worked for this one ended, or hung; nothing came of it, and it may be tried again."""


class NoWorker(WorkerLost):
    """There is no such process any more, and no new one can be had."""


class UnusableSettings(SilkrootError):
    """A setting of the environment, or an option in its place, cannot be used; the message names it."""


class MissingTool(SilkrootError):
    """Something that has to be installed is absent; the message says how to get it."""


def shorten(value: object, limit: int = 120) -> str:
    """The value as a `Violation` shows it: at most `limit` characters."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
