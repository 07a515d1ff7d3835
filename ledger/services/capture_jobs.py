"""
Capture for systems: documents of many events, and what became of each, for the party of an API key.

A document is captured before its job is told: a job that ended without error is on disk, with the log's signed receipt
for every event, when the caller learns its number. Sent again, a document gives the same records and receipts, in a job
of its own. Jobs are kept for some weeks; events for good.

Events are signed with the key of the party that is kept here, and only for the party of the API key; those that come
signed are anybody's. Raises `InvalidInput` for what is no EPCIS document at all, `NotAllowed`, `TooMuch`, and
what stops capture as a whole (`KeyLocked`, `StoreError`, `LedgerBusy`, `WorkerLost`). Broken rules of single events are
in the job.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from ledger.domain.api_keys import ApiKey
from ledger.domain.capture_job import MOST_ERRORS, CapturedName, CaptureError, CaptureJob, JobPlace
from ledger.domain.epcis.view import EVENT_TYPES
from ledger.domain.errors import InvalidEvent, NotFound, NoWorker, Violation, shorten
from ledger.domain.identifiers import ContentHash, PartyId
from ledger.domain.json_tree import parse_json_object
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement
from ledger.domain.records import JsonTree
from ledger.ports import Clock, Progress, Signer
from ledger.ports_capture import CaptureJobStore, Receipts
from ledger.ports_proposals import ProposalTransaction
from ledger.services.capture import CaptureResult, Conclude
from ledger.services.documents import (
    NotAllowed,
    events_of,
    first_unsigned,
    is_signed,
    require_few_parts,
    stated_party,
)
from ledger.services.prepared_bytes import Documents
from ledger.services.recording_together import Recording, RecordingTogether

SMALL_BYTES = 16 * 1024
"""A smaller document, of some ten events, is prepared here: asking another process takes as long."""
KEEP_SECONDS = 30 * 24 * 3600
"""How long a job can be asked for."""


class Capturing(Recording, Protocol):
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
    """
    May be called from several threads. `elsewhere` prepares documents that are not small in other processes, and those
    that are ready at the same time are recorded together; without it each is prepared and recorded here.
    """

    def __init__(
        self, jobs: CaptureJobStore, capture: Capturing, signer: Signer, receipts: Receipts, clock: Clock,
        elsewhere: Documents | None = None,
    ) -> None:  # fmt: skip
        self._jobs = jobs
        self._capture = capture
        self._signer = signer
        self._receipts = receipts
        self._clock = clock
        self._elsewhere = elsewhere
        self._together = RecordingTogether(capture)
        self._running: dict[str, CaptureJob] = {}
        self._lock = threading.Lock()

    def take(self, data: bytes, key: ApiKey, *, rollback: bool = True) -> CaptureJob:
        """Captures an EPCIS document; the job has ended when it is given back, and what it recorded is on disk."""
        events, record = self._read(data, key)
        del data  # nobody needs it while the events wait to be written
        job = CaptureJob(secrets.token_hex(16), key.party, key.id, self._microseconds(), rollback, events)
        with self._lock:
            self._running[job.id] = job
        kept: list[CaptureJob] = []
        forget_before = int(self._clock.now()) - KEEP_SECONDS

        def conclude(transaction: ProposalTransaction, results: Sequence[CaptureResult]) -> None:
            kept.append(_ended(job, results, self._microseconds()))
            transaction.keep_job(kept[-1], forget_before=forget_before)

        try:
            results = record(rollback=rollback, conclude=conclude)
            # Concluded, done again and refused then: what was kept at first came to nothing.
            if not kept or (rollback and any(result.refused for result in results)):
                kept.append(_ended(job, results, self._microseconds()))
                self._jobs.save(kept[-1], forget_before=forget_before)
        finally:
            with self._lock:
                del self._running[job.id]
        return kept[-1]

    def _read(self, data: bytes, key: ApiKey) -> tuple[int, Callable[..., list[CaptureResult]]]:
        """How many events the document has, and what records them."""
        if self._elsewhere is not None and len(data) >= SMALL_BYTES:
            # Where no process can be had, it is done here: slower, and as well.
            with suppress(NoWorker):
                prepared = self._elsewhere.prepare(data, key.party)
                self._require_key(prepared.first_unsigned, key)
                return len(prepared.events), partial(self._together.record, prepared.events)
        require_few_parts(data)
        events = events_of(parse_json_object(data))
        self._require_key(first_unsigned(events, key.party), key)
        return len(events), partial(self._capture.capture, events, key.party)

    def take_one(self, data: bytes, key: ApiKey) -> CaptureResult:
        """Captures a single event; what it breaks is in the result."""
        require_few_parts(data)
        tree = parse_json_object(data)
        _require_event(tree)
        self._require_key(first_unsigned([tree], key.party), key)
        (result,) = self._capture.capture([tree], key.party)
        return result

    def take_signed(self, data: bytes, party: PartyId) -> CaptureResult:
        """Captures a single event that this party signed itself; `NotAllowed` for any other."""
        require_few_parts(data)
        tree = parse_json_object(data)
        _require_event(tree)
        if not is_signed(tree):
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

    def _require_key(self, first_unsigned: int | None, key: ApiKey) -> None:
        """`NotAllowed` where an event has to be signed here, and no signing key of the key's party is kept here."""
        if first_unsigned is None:
            return
        try:
            self._signer.key_of(key.party)
        except NotFound:
            message = "no signing key of this party is kept here: its events have to come signed"
            raise NotAllowed(
                Violation(f"event {first_unsigned}", "key.unsigned", f"{key.party:013d}", message)
            ) from None

    def _microseconds(self) -> int:
        return int(self._clock.now() * 1_000_000)


def _require_event(tree: JsonTree) -> None:
    if tree.get("type") not in EVENT_TYPES:
        kinds = ", ".join(EVENT_TYPES)
        raise InvalidEvent.one("/type", "epcis.event-type", tree.get("type"), f"an event is one of {kinds}")


def _ended(job: CaptureJob, results: Sequence[CaptureResult], at: int) -> CaptureJob:
    errors = [CaptureError(one.index, _short(violation)) for one in results for violation in one.violations]
    return replace(
        job,
        finished_at=at,
        success=not errors,
        contents=tuple([one.content_hash for one in results]),
        repeated=sum(one.repeated for one in results),
        errors=tuple(errors[:MOST_ERRORS]),
        error_count=len(errors),
    )


def _short(violation: Violation) -> Violation:
    """Values and messages may quote what a client sent; a job keeps little of it."""
    message = shorten(violation.message, 500)
    return Violation(shorten(violation.field, 300), violation.rule, shorten(violation.value), message)
