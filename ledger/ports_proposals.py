"""
What two parties sign, while only the first of them has: the port between `ledger.services.proposals` and a store; and
what `ledger.services.propagation` and `ledger.services.resign` ask of one.

A proposal is no event yet: it has no number, changes no projection and is not on its way to the chain. It ends when the
other side agrees (the event is appended, with both signatures), or when either side takes it off.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from ledger.domain.actions import Action, Line
from ledger.domain.capture_job import CaptureJob
from ledger.domain.identifiers import ContentHash, Digest, LotId, PartyId
from ledger.domain.new_events import NewEvent
from ledger.domain.records import RecordedEvent, SignatureProof
from ledger.ports import EventStore, EventTransaction


@dataclass(frozen=True, slots=True)
class Proposal:
    """
    An event ready to be appended, but that its proof lacks the second signature: `counterparty`'s. `id` is never used
    again.
    """

    id: int
    counterparty: PartyId
    event: NewEvent

    @property
    def party(self) -> PartyId:
        """Who proposed it, and signed it first."""
        return self.event.party

    @property
    def action(self) -> Action:
        """What both sign."""
        return self.event.proof.action

    @property
    def content_hash(self) -> ContentHash:
        """The event's identity."""
        return self.event.content_hash

    @property
    def digest(self) -> Digest:
        """What the second key has to sign too."""
        return self.event.digest

    @property
    def deadline(self) -> int:
        """Until when both signatures are good, Unix seconds."""
        return self.event.proof.action.deadline


class ProposalTransaction(EventTransaction, Protocol):
    """A write transaction of the event store (or a rehearsal of one) that keeps proposals too."""

    def propose(self, event: NewEvent, counterparty: PartyId) -> Proposal:
        """Numbers and keeps the proposal."""
        ...

    def proposal(self, number: int) -> Proposal | None:
        """The open proposal of that number."""
        ...

    def find_proposal(self, mac: bytes) -> Proposal | None:
        """The open proposal that an equal request was kept as."""
        ...

    def proposals_of(self, party: PartyId) -> list[Proposal]:
        """The open proposals that the party made, or that wait for it; by number."""
        ...

    def close_proposal(self, number: int) -> None:
        """Forgets the proposal; its number is not used again."""
        ...

    def queue_propagation(self, lot: LotId, inputs: Sequence[Line], outputs_hash: bytes) -> None:
        """
        Queues the entry, which nobody signs, that carries a recall to the lot or lifts one there; its change was
        applied to the projection before. `inputs` are those that the lot was made from, `outputs_hash` is
        `typed_data.outputs_hash` of what was made with it.
        """
        ...

    def carry_later(self, lots: Collection[LotId]) -> None:
        """Keeps that recalls, or their ends, have to be carried from these lots to all that was made from them."""
        ...

    def line_up(self, lots: Sequence[LotId], spreading: Collection[LotId]) -> None:
        """
        Lots to carry to, behind all that wait, in this order; one that waits already moves. `spreading`: those among
        them whose descendants do not all stand there yet.
        """
        ...

    def first_in_line(self, limit: int) -> list[LotId]:
        """The first lots to carry to, as the line stood when the transaction began; parents first."""
        ...

    def spread_from(self, lots: Collection[LotId]) -> None:
        """All that was made from these lots stands in the line."""
        ...

    def carried_to(self, lots: Collection[LotId]) -> None:
        """These leave the line."""
        ...

    def refused_of(self, party: PartyId) -> list[RecordedEvent]:
        """The party's events that the contract refused for good, in order of sequence."""
        ...

    def sign_again(self, event: RecordedEvent, proof: SignatureProof, digest: Digest, payload: bytes) -> RecordedEvent:
        """
        A refused event gets another proof of the same content, and a new place in the outbox. The former proof is kept
        beside it. Its change was applied to the projection before.
        """
        ...

    def keep_job(self, job: CaptureJob, *, forget_before: int) -> None:
        """Keeps the capture job with what is appended, as `CaptureJobStore.save` does by itself."""
        ...


class ProposalStore(EventStore, Protocol):
    """An event store whose transactions keep proposals too."""

    def writing(self) -> AbstractContextManager[ProposalTransaction]:
        """Opens the one write transaction; commits (with fsync) when the block ends without error."""
        ...

    def rehearsing(self) -> AbstractContextManager[ProposalTransaction]:
        """The same, but nothing is ever stored and nobody is kept waiting."""
        ...

    def recalls_to_spread(self) -> list[LotId]:
        """Lots from which recalls have yet to spread to all that was made from them."""
        ...

    def recalls_waiting(self) -> int:
        """How many lots wait for a recall, or its end, to be carried to them."""
        ...
