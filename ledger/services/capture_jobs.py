"""
Capture for systems: documents of many events, and what became of each, for the party of an API key.

A document is captured before its job is told: a job that ended without error is on disk, with the log's signed receipt
for every event, when the caller learns its number. Sent again, a document gives the same records and receipts, in a job
of its own. Jobs are kept for some weeks; events for good.

Events are signed with the key of the party that is kept here, and only for the party of the API key; those that come
signed are anybody's. Raises `InvalidInput` for what is no EPCIS document at all, `NotAllowed`, `TooMuch`, and
what stops capture as a whole (`KeyLocked`, `StoreError`, `LedgerBusy`). Broken rules of single events are in the job.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ledger.domain.api_keys import ApiKey
from ledger.domain.capture_job import MOST_ERRORS, CapturedName, CaptureError, CaptureJob, JobPlace
from ledger.domain.epcis import check_document, split_document
from ledger.domain.epcis.view import EVENT_TYPES
from ledger.domain.errors import InvalidEvent, NotFound, Violation, shorten
from ledger.domain.identifiers import ContentHash, PartyId
from ledger.domain.json_tree import parse_json_object
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement
from ledger.domain.own_members import own_member
from ledger.domain.presigned import is_presigned
from ledger.domain.records import JsonTree
from ledger.ports import Clock, Progress, Signer
from ledger.ports_capture import CaptureJobStore, Receipts
from ledger.ports_proposals import ProposalTransaction
from ledger.services.capture import CaptureResult, Conclude

MOST_EVENTS = 5_000
"""Of one document."""
MOST_PARTS = 1_500_000
"""Commas, braces and brackets of one document: 300 an event, several times what an event of ours has."""
KEEP_SECONDS = 30 * 24 * 3600
"""How long a job can be asked for."""
_DIGITS = 20


class NotAllowed(Exception):
    """The key is not good for this; `violation` says for which event."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(str(violation))
        self.violation = violation


class TooMuch(Exception):
    """The document is more than one may be: send several."""


class TooManyEvents(TooMuch):
    """It has too many events."""

    def __init__(self, count: int) -> None:
        super().__init__(f"a document has at most {MOST_EVENTS} events, and this one has {count}: send several")


class TooManyParts(TooMuch):
    """It has too many members and elements: as objects they would take many times the room of their text."""

    def __init__(self, count: int) -> None:
        super().__init__(f"a document has at most {MOST_PARTS} commas and brackets, and this one has {count}")


class Capturing(Protocol):
    """`ledger.services.capture.Capture`."""

    def capture(
        self,
        events: Sequence[JsonTree],
        party: PartyId | None = None,
        *,
        rollback: bool = True,
        dry_run: bool = False,
        progress: Progress | None = None,
        conclude: Conclude | None = None,
    ) -> list[CaptureResult]:
        """One result an event, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Captured:
    """A recorded event of a job, at its place in the document, with the log's receipt for it."""

    index: int
    content_hash: ContentHash
    name: CapturedName
    receipt: SignedAcknowledgement | None


class CaptureJobs:
    """May be called from several threads."""

    def __init__(
        self, jobs: CaptureJobStore, capture: Capturing, signer: Signer, receipts: Receipts, clock: Clock
    ) -> None:
        self._jobs = jobs
        self._capture = capture
        self._signer = signer
        self._receipts = receipts
        self._clock = clock
        self._running: dict[str, CaptureJob] = {}
        self._lock = threading.Lock()

    def take(self, data: bytes, key: ApiKey, *, rollback: bool = True) -> CaptureJob:
        """Captures an EPCIS document; the job has ended when it is given back, and what it recorded is on disk."""
        _require_few_parts(data)
        events = events_of(parse_json_object(data))
        self._require_own(events, key)
        job = CaptureJob(secrets.token_hex(16), key.party, key.id, self._microseconds(), rollback, len(events))
        with self._lock:
            self._running[job.id] = job
        kept: list[CaptureJob] = []
        forget_before = int(self._clock.now()) - KEEP_SECONDS

        def conclude(transaction: ProposalTransaction, results: Sequence[CaptureResult]) -> None:
            kept.append(_ended(job, results, self._microseconds()))
            transaction.keep_job(kept[-1], forget_before=forget_before)

        try:
            results = self._capture.capture(events, key.party, rollback=rollback, conclude=conclude)
            if not kept:
                kept.append(_ended(job, results, self._microseconds()))
                self._jobs.save(kept[-1], forget_before=forget_before)
        finally:
            with self._lock:
                del self._running[job.id]
        return kept[-1]

    def take_one(self, data: bytes, key: ApiKey) -> CaptureResult:
        """Captures a single event; what it breaks is in the result."""
        _require_few_parts(data)
        tree = parse_json_object(data)
        _require_event(tree)
        self._require_own([tree], key)
        (result,) = self._capture.capture([tree], key.party)
        return result

    def take_signed(self, data: bytes, party: PartyId) -> CaptureResult:
        """Captures a single event that this party signed itself; `NotAllowed` for any other."""
        _require_few_parts(data)
        tree = parse_json_object(data)
        _require_event(tree)
        if not _signed(tree):
            raise NotAllowed(Violation("/silkroot:proof", "proof.missing", "", "sign the event on your device first"))
        stated = stated_party(tree)
        if stated is not None and stated != party:
            message = f"you act for {party:013d}, and for nobody else"
            raise NotAllowed(Violation("/silkroot:party", "key.party", f"{stated:013d}", message))
        (result,) = self._capture.capture([tree], party)
        return result

    def job(self, job_id: str, party: PartyId) -> CaptureJob | None:
        """The party's job of that id, running or ended."""
        running = self._running.get(job_id)
        if running is not None and running.party == party:
            return running
        return self._jobs.job(job_id, party)

    def jobs(self, party: PartyId, after: JobPlace | None, limit: int) -> list[CaptureJob]:
        """The first `limit` jobs of the party, newest first, from behind that place; without errors and events."""
        with self._lock:
            running = [job for job in self._running.values() if job.party == party]
        shown = [job for job in running if after is None or job.place < after]
        found = {job.id: job for job in (*shown, *self._jobs.jobs(party, after, limit))}
        return sorted(found.values(), key=lambda job: job.place, reverse=True)[:limit]

    def captured(self, job: CaptureJob) -> list[Captured]:
        """The recorded events of a job that ended, with their receipts."""
        contents = {content for content in job.contents if content is not None}
        names, receipts = self._jobs.names(contents), self._receipts.acknowledgements(contents)
        return [
            Captured(index, content, names[content], receipts.get(content))
            for index, content in enumerate(job.contents)
            if content is not None and content in names
        ]

    def _require_own(self, events: Sequence[JsonTree], key: ApiKey) -> None:
        """`NotAllowed` unless every event comes signed, or is the key's party's, whose signing key is kept here."""
        unsigned = [(index, stated_party(event)) for index, event in enumerate(events) if not _signed(event)]
        for index, stated in unsigned:
            if stated is not None and stated != key.party:
                message = f"this key speaks for {key.party:013d}; another party's events have to come signed"
                raise NotAllowed(Violation(f"event {index}", "key.party", f"{stated:013d}", message))
        if unsigned:
            try:
                self._signer.key_of(key.party)
            except NotFound:
                message = "no signing key of this party is kept here: its events have to come signed"
                raise NotAllowed(
                    Violation(f"event {unsigned[0][0]}", "key.unsigned", f"{key.party:013d}", message)
                ) from None

    def _microseconds(self) -> int:
        return int(self._clock.now() * 1_000_000)


def events_of(tree: JsonTree) -> list[JsonTree]:
    """As `loose_events`; `TooManyEvents` where there are more than a document may have."""
    return loose_events(tree, most=MOST_EVENTS)


def loose_events(tree: JsonTree, most: int | None = None) -> list[JsonTree]:
    """
    The events of a document, each with its own context, unchecked; or the one event that the tree is. `InvalidEvent`
    where anything around the events is wrong.
    """
    if tree.get("type") in EVENT_TYPES:
        return [tree]
    path: tuple[str, ...] = ("epcisBody", "eventList")
    if tree.get("type") == "EPCISQueryDocument":
        path = ("epcisBody", "queryResults", "resultsBody", "eventList")
    events: Any = tree
    for name in path:
        events = events.get(name) if isinstance(events, dict) else None
    if most is not None and isinstance(events, list) and len(events) > most:
        raise TooManyEvents(len(events))
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        check_document(tree)
        raise InvalidEvent.one("/type", "epcis.document-type", tree.get("type"), "this is no document of events")
    # The events are checked one by one as they are captured, so that each has its own errors.
    check_document(_hollow(tree, path))
    return split_document(tree)


def stated_party(event: JsonTree) -> PartyId | None:
    """The party that the event names as the one that acts; None where it names none, or nothing that is one."""
    try:
        stated = own_member(event, "party")
    except InvalidEvent:
        return None
    text = stated[1] if stated is not None else None
    if not isinstance(text, str) or not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        return None
    return PartyId(int(text))


def _require_event(tree: JsonTree) -> None:
    if tree.get("type") not in EVENT_TYPES:
        kinds = ", ".join(EVENT_TYPES)
        raise InvalidEvent.one("/type", "epcis.event-type", tree.get("type"), f"an event is one of {kinds}")


def _require_few_parts(data: bytes) -> None:
    """Counted in the text, where a comma may stand in a string too: before there is any object."""
    if (count := sum(data.count(mark) for mark in (b",", b"{", b"["))) > MOST_PARTS:
        raise TooManyParts(count)


def _hollow(tree: JsonTree, path: tuple[str, ...]) -> JsonTree:
    """The document without its events."""
    name, *below = path
    return {**tree, name: _hollow(tree[name], tuple(below)) if below else []}


def _signed(event: JsonTree) -> bool:
    try:
        return is_presigned(event)
    except InvalidEvent:
        return True  # Two proofs: capture refuses the event.


def _ended(job: CaptureJob, results: Sequence[CaptureResult], at: int) -> CaptureJob:
    errors = [CaptureError(one.index, _short(violation)) for one in results for violation in one.violations]
    return replace(
        job,
        finished_at=at,
        success=not errors,
        contents=tuple(one.record.content_hash if one.record is not None else None for one in results),
        repeated=sum(one.repeated for one in results),
        errors=tuple(errors[:MOST_ERRORS]),
        error_count=len(errors),
    )


def _short(violation: Violation) -> Violation:
    """Values and messages may quote what a client sent; a job keeps little of it."""
    message = shorten(violation.message, 500)
    return Violation(shorten(violation.field, 300), violation.rule, shorten(violation.value), message)
