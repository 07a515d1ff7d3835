"""
Documents that several senders repeat and contradict at once, each hoped to be new: the job that a sender gets is the
one that is kept, and every event is recorded once.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import event_builders as b
import pytest
from capture_documents import document, key_of
from hopeful_worlds import BATCH, HARVEST, LATE, ONE, STRANGE, TWO, declared, enrolled, named, ready, signed, stored
from ledger_fixture import World

from ledger.domain.capture_job import CaptureJob
from ledger.domain.identifiers import PartyId
from ledger.domain.json_tree import parse_json_object
from ledger.domain.records import JsonTree
from ledger.services import capture, looking_up
from ledger.services.capture_jobs import CaptureJobs
from ledger.services.documents import events_of
from ledger.services.prepared_bytes import PreparedDocument

POOL = (
    ONE, TWO, *BATCH, named(1), named(2), declared(3), declared(4), STRANGE, LATE, HARVEST,
    *(signed(60 + number) for number in range(10)),
)  # fmt: skip
DOCUMENTS, SENDERS = 40, 6


class Elsewhere:
    """Prepares as another process does, in this one."""

    def __init__(self, world: World) -> None:
        self._world = world

    def prepare(self, data: bytes, party: PartyId) -> PreparedDocument:
        return PreparedDocument(ready(self._world, events_of(parse_json_object(data))), None)


@pytest.mark.parametrize(("seed", "batch"), [(1, capture.BATCH), (2, 3)])
def test_jobs_are_those_of_what_came_of_them(
    seed: int, batch: int, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in transactions of three events, of which a longer document has several."""
    monkeypatch.setattr("ledger.services.capture_jobs.SMALL_BYTES", 0)
    monkeypatch.setattr(looking_up, "LOOK_UPS", 1)
    monkeypatch.setattr(capture, "BATCH", batch)
    farm = enrolled(world)
    parts = (farm.store.capture_jobs, farm.capturing, farm.signer, farm.store.archive, farm.clock)
    jobs, chosen = CaptureJobs(*parts, Elsewhere(farm)), random.Random(seed)
    sent = [(chosen.choices(POOL, k=chosen.randrange(6)), chosen.random() < 0.6) for _ in range(DOCUMENTS)]

    def send(one: tuple[list[JsonTree], bool]) -> CaptureJob:
        return jobs.take(document(one[0]), key_of(), rollback=one[1])

    with ThreadPoolExecutor(SENDERS) as pool:
        taken = list(pool.map(send, sent))
    contents = set()
    for job, (events, rollback) in zip(taken, sent, strict=True):
        assert (jobs.job(job.id, b.FARM), job.event_count) == (job, len(events))
        recorded = [content for content in job.contents if content is not None]
        found = jobs.captured(job)
        assert [one.content_hash for one in found] == recorded
        assert all(one.receipt is not None for one in found)
        if job.success or not rollback:
            assert len(recorded) + job.error_count >= len(events)
        contents.update(recorded)
    assert len(farm.store.capture_jobs.jobs(b.FARM, None, 2 * DOCUMENTS)) == DOCUMENTS
    events_there = [event.content_hash for event in farm.store.events(0, 1_000)]
    assert (len(events_there), set(events_there)) == (len(contents), contents)
    stored(farm)
