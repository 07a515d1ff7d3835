"""
An event on its way into the store: ready to be appended, and appended.

Both are made once for every event that is captured, thousands at a time, and kept for milliseconds: so they are structs
of msgspec, which are made in C, and what few of them are asked for is made when it is asked for.
"""

from __future__ import annotations

from operator import attrgetter
from typing import cast

import msgspec
import orjson

from ledger.domain.actions import is_stated
from ledger.domain.identifiers import ContentHash, Digest, LotRef, PartyId
from ledger.domain.packed_bytes import unpacked
from ledger.domain.packed_events import Packed
from ledger.domain.proof_json import proof_of_form
from ledger.domain.records import EntryState, JsonTree, RecordedEvent, SignatureProof
from ledger.domain.sealing import KeptDisclosure
from ledger.domain.searched import Searched
from ledger.domain.times import from_microseconds


class NewEvent(msgspec.Struct, frozen=True, gc=False, eq=False):
    """
    An event ready to be appended: sealed, hashed, signed, checked against the rules.

    `body`, given as `plain`, is the RFC 8785 form of what is published (with its eventID, without recordTime).
    `is_declaration`: an error declaration, which carries the eventID of another event. `digest` is what was signed,
    `payload` what the entry carries to the chain. `record_time` in Unix seconds. `lots`: all that the event names.
    `disclosures`: of what was sealed in it. `request_mac`: the identity of the request; None where the content hash
    tells as much, since the event came signed. `given` is the proof; None of a statement that came packed: `packed` has
    its body and its proof, which are read when they are asked for, and `plain` is empty. Beside what the event is,
    where it is at hand, so that nobody has to make it again: `proof_form`, the RFC 8785 form of the proof; `tree`, what
    `body` is the form of; `event_time` (Unix microseconds) and `searched`, as `domain.searched` has them of that.
    """

    content_hash: ContentHash
    event_id: str
    is_declaration: bool
    request_mac: bytes | None
    party: PartyId
    plain: bytes
    given: SignatureProof | None
    digest: Digest
    payload: bytes
    record_time: float
    lots: tuple[LotRef, ...]
    disclosures: tuple[KeptDisclosure, ...] = ()
    proof_form: bytes = b""
    tree: JsonTree | None = None
    event_time: int = 0
    searched: Searched | None = None
    packed: Packed | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NewEvent) and _EVENT(self) == _EVENT(other)

    def __ne__(self, other: object) -> bool:  # the struct's own compares all members
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    @property
    def body(self) -> bytes:
        """What is published of it."""
        return self.plain if self.packed is None else unpacked(self.packed[0])

    @property
    def proof(self) -> SignatureProof:
        """What was signed, and by which key."""
        return cast(SignatureProof, self.given) if self.packed is None else proof_of_form(unpacked(self.packed[1]))

    @property
    def is_stated(self) -> bool:
        """Whether it moves nothing."""
        return self.given is None or is_stated(self.given.action)

    def read(self) -> JsonTree:
        """What `body` is the form of."""
        return cast(JsonTree, orjson.loads(self.body)) if self.tree is None else self.tree


_EVENT = attrgetter(
    "content_hash", "event_id", "is_declaration", "request_mac", "party", "body", "proof", "digest", "payload",
    "record_time", "lots", "disclosures",
)  # fmt: skip
"""What it is, without what is beside that."""


class Appended(msgspec.Struct, frozen=True, gc=False):
    """An event that was given its number. Of thousands that are appended, few are asked for what `recorded` says."""

    sequence: int
    event: NewEvent

    @property
    def microseconds(self) -> int:
        """When it was recorded."""
        return round(self.event.record_time * 1_000_000)

    def recorded(self) -> RecordedEvent:
        """The event as the store gives it from now on."""
        event = self.event
        return RecordedEvent(
            sequence=self.sequence,
            content_hash=event.content_hash,
            event_id=event.event_id,
            record_time=from_microseconds(self.microseconds),
            body=event.read(),
            proof=event.proof,
            state=EntryState.QUEUED,
        )
