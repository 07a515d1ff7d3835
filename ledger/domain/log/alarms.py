"""
What a monitor of a log raises, and with which evidence; no I/O.

An alarm is about the log or the chain, never about the network between: what could not be asked is not known to be
wrong. Its evidence is what was shown, as it was shown, so that somebody else comes to the same conclusion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class AlarmKind(StrEnum):
    """Kinds of alarm; docs/monitor.md says what to do about each."""

    FORK = "fork"
    """Two roots for one size, or a tree that does not begin with the one that was shown before."""
    ROLLBACK = "rollback"
    """A smaller checkpoint than before, or the chain lost one that was deeper than re-orgs go."""
    WITHHELD = "withheld"
    """A tile, bundle or checkpoint that was promised is not there, or has another length."""
    WRONG_ROOT = "wrong-root"
    """Entries, tiles and the published root do not belong together."""
    CHAIN_DIFFERS = "chain-differs"
    """What is published and what is on chain are not the same log."""
    BAD_NOTE = "bad-note"
    """A checkpoint that the log's key did not sign, or another key."""
    STALE = "stale"
    """No answer, or nothing new although the chain went on, for longer than is put up with."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """
    `sentence` says it to a person, in English. `evidence` is JSON: notes in full, hashes in hex, paths and numbers.
    `subject` tells two alarms of one kind apart; what stays wrong has the same one in every round.
    """

    kind: AlarmKind
    subject: str
    sentence: str
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same for the same finding, round after round."""
        return f"{self.kind}:{self.subject}"
