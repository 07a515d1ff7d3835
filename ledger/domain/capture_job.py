"""
Capture jobs: what became of one document sent to the capture interface (EPCIS 2.0, section 12.6.1); no I/O.

A job that ended says of each event, in the document's order, which event of the ledger it is (by content hash) or what
is wrong with it. Refused events of a document that was rolled back have neither.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.domain.errors import InvalidInput, Violation
from ledger.domain.identifiers import ContentHash, PartyId

MOST_ERRORS = 500
"""Errors that a job keeps; `error_count` counts all."""


@dataclass(frozen=True, slots=True)
class CaptureError:
    """A broken rule of the event at `event` of the document, from 0; the field is a pointer into the event."""

    event: int
    violation: Violation


@dataclass(frozen=True, slots=True)
class CapturedName:
    """How an event of the ledger is named besides its content hash."""

    sequence: int
    event_id: str


@dataclass(frozen=True, slots=True)
class CaptureJob:
    """
    `created_at` in Unix microseconds, `finished_at` too (None while it runs). `success`: no error so far. `rollback`:
    one error refuses all. `contents`: of each event its content hash, None where it was not recorded. `repeated`
    events were recorded before.
    """

    id: str
    party: PartyId
    key_id: str
    created_at: int
    rollback: bool
    event_count: int
    finished_at: int | None = None
    success: bool = True
    contents: tuple[ContentHash | None, ...] = ()
    repeated: int = 0
    errors: tuple[CaptureError, ...] = ()
    error_count: int = 0

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.finished_at is None

    @property
    def place(self) -> JobPlace:
        """Where it stands among its party's."""
        return JobPlace(self.created_at, self.id)


@dataclass(frozen=True, slots=True, order=True)
class JobPlace:
    """A place in the order of jobs: by time, then by id."""

    created_at: int
    id: str

    @property
    def token(self) -> str:
        """As the interface pages by it."""
        return f"{self.created_at}-{self.id}"

    @classmethod
    def parse(cls, token: str) -> JobPlace:
        """The place behind a token; `InvalidInput` for anything else."""
        time, dash, job_id = token.partition("-")
        if not dash or not (time.isascii() and time.isdigit() and len(time) <= 18) or not job_id.isalnum():
            raise InvalidInput.one("nextPageToken", "page.token", token, "this is no token that a page gave")
        return cls(int(time), job_id)
