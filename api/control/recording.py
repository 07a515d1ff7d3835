"""
How an operation records one event: build it in the ledger's form, capture it for the party that acts, say what came
of it. What two parties have to sign becomes a proposal. Amounts are net grams; `at` is ISO 8601 with an offset.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from api.control.lot_text import party_of_text
from api.control.protocol import Params, ProgressCallback, Result
from ledger.domain.errors import InvalidInput
from ledger.domain.event_forms import When
from ledger.domain.records import RecordedEvent
from ledger.services.builders.common import Builder
from ledger.services.proposals import Proposal
from ledger.wiring import Ledger

Operation = Callable[[Ledger, Params, ProgressCallback], Awaitable[Result]]


def recording(build: Builder) -> Operation:
    """The operation that records what `build` makes for `party`."""

    def work(ledger: Ledger, params: Params) -> Result:
        party = party_of_text(params["party"])
        (outcome,) = ledger.capture().capture([build(ledger.store, party, When(params.get("at", "")), params)], party)
        if outcome.record is None:
            raise InvalidInput(outcome.violations)
        told = recorded(outcome.record, repeated=outcome.repeated)
        return told | {"carried": outcome.carried, "waiting": outcome.waiting}

    return _waking(work)


def proposing(build: Builder) -> Operation:
    """The same for what another party has to sign too; with `alone` it is recorded at once."""

    def work(ledger: Ledger, params: Params) -> Result:
        party = party_of_text(params["party"])
        event = build(ledger.store, party, When(params.get("at", "")), params)
        made = ledger.proposals().propose(event, party)
        return proposed(made) if isinstance(made, Proposal) else recorded(made, repeated=True)

    alone, together = recording(build), _waking(work)

    async def choose(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
        return await (alone if params.get("alone") else together)(ledger, params, progress)

    return choose


def recorded(event: RecordedEvent, *, repeated: bool = False) -> Result:
    """An acknowledged event as the command line tells it."""
    return {
        "sequence": event.sequence,
        "event_id": event.event_id,
        "content_hash": "0x" + event.content_hash.hex(),
        "repeated": repeated,
    }


def proposed(proposal: Proposal) -> Result:
    """A proposal that waits for its other side."""
    return {
        "proposal": proposal.id,
        "party": f"{proposal.party:013d}",
        "counterparty": f"{proposal.counterparty:013d}",
        "content_hash": "0x" + proposal.content_hash.hex(),
        "digest": "0x" + proposal.digest.hex(),
        "deadline": proposal.deadline,
    }


def _waking(work: Callable[[Ledger, Params], Result]) -> Operation:
    """Does the work in a thread, and wakes the submitter after it."""

    async def operate(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
        result = await asyncio.to_thread(work, ledger, params)
        ledger.wake()
        return result

    return operate
