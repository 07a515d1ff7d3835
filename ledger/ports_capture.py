"""
What the capture interface needs of a store: its keys, and the jobs that say what became of documents.

Both are beside the ledger: nothing of them is signed, logged or verified, and losing them loses no event.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from ledger.domain.api_keys import ApiKey
from ledger.domain.capture_job import CapturedName, CaptureJob, JobPlace
from ledger.domain.identifiers import ContentHash, PartyId
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement


class ApiKeyStore(Protocol):
    """Keys of the capture interface. A key that ended stays, so that one can see whose it was."""

    def add(self, key: ApiKey) -> None:
        """Keeps a new key."""
        ...

    def get(self, key_id: str) -> ApiKey | None:
        """The key of that id."""
        ...

    def of(self, party: PartyId | None) -> list[ApiKey]:
        """All keys of the party, or of all parties; oldest first."""
        ...

    def revoke(self, key_id: str, at: int) -> bool:
        """Ends the key; False where there is none or it was revoked before."""
        ...

    def used(self, key_id: str, day: int) -> None:
        """The key was used on the day that begins then."""
        ...


class CaptureJobStore(Protocol):
    """Jobs that ended. Those that run are in the memory of whoever runs them."""

    def save(self, job: CaptureJob, *, forget_before: int) -> None:
        """Keeps the job, and forgets those that were made before that time (Unix seconds)."""
        ...

    def job(self, job_id: str, party: PartyId) -> CaptureJob | None:
        """The party's job of that id."""
        ...

    def jobs(self, party: PartyId, after: JobPlace | None, limit: int) -> list[CaptureJob]:
        """The first `limit` jobs of the party, newest first, from behind that place; without errors and events."""
        ...

    def names(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, CapturedName]:
        """Number and eventID of these events."""
        ...


class Receipts(Protocol):
    """The part of `ledger.ports_log.LogArchive` that has acknowledgements."""

    def acknowledgements(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, SignedAcknowledgement]:
        """The stored acknowledgements of these events."""
        ...
