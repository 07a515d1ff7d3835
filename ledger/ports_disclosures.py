"""
What was sealed and can be shown, or was erased: the port between `ledger.services.disclose`, `ledger.services.erase`,
`ledger.services.proofs`, `ledger.services.story` and a store.

Disclosures are written with their event and never changed, but for one thing: an erasure destroys some of them for
good. The digests stay in the event, so that hashes, signatures and proofs stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ledger.domain.identifiers import ContentHash, PartyId
from ledger.domain.records import JsonTree
from ledger.domain.sealing import KeptDisclosure
from ledger.ports import EventStore


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """An event, or (`sequence` 0) one that still waits as a proposal, with what is kept of its sealed members."""

    sequence: int
    content_hash: ContentHash
    party: PartyId
    body: JsonTree
    disclosures: tuple[KeptDisclosure, ...]


@dataclass(frozen=True, slots=True)
class Erasure:
    """
    `digests` of the event are destroyed, and what lies in them, at `at` (Unix seconds). `request_mac` takes the place
    of the request's identity; random bytes do where another request has it.
    """

    content_hash: ContentHash
    digests: frozenset[str]
    request_mac: bytes
    at: int


class ErasedDigests(Protocol):
    """What of sealed events nobody can show any more. Reads nothing of what can be shown."""

    def erased_digests(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, frozenset[str]]:
        """The digests of these events whose disclosures were destroyed; events without any are left out."""
        ...


class KeptDisclosures(ErasedDigests, Protocol):
    """What of sealed events the operator still can show."""

    def disclosures_of(self, contents: Collection[ContentHash]) -> Mapping[ContentHash, tuple[KeptDisclosure, ...]]:
        """What is kept of the sealed members of these events; events without any are left out."""
        ...


class DisclosureStore(EventStore, KeptDisclosures, Protocol):
    """An event store that keeps disclosures too."""

    def event_named(self, event_id: str) -> ContentHash | None:
        """The event, no error declaration, under that eventID."""
        ...

    def sealed_events(self, after: int, limit: int) -> list[SealedRecord]:
        """The first `limit` events with a sequence number above `after` of which a disclosure is left."""
        ...

    def sealed_proposals(self) -> list[SealedRecord]:
        """The open proposals of which a disclosure is left."""
        ...

    def erase(self, erasures: Sequence[Erasure]) -> int:
        """
        Destroys the disclosures in one transaction, in events and in proposals; returns how many that were. The bytes
        are gone from the files only after `purge`.
        """
        ...

    def purge(self) -> None:
        """Makes the bytes of what was erased go from the files; does nothing where none was since the last time."""
        ...

    def saying(self, text: str) -> list[int]:
        """Sequence numbers of events whose bodies, which are signed, hold that text in the open."""
        ...
