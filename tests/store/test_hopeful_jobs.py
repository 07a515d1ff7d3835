"""
Documents that several senders repeat and contradict at once, each hoped to be new: the job that a sender gets is the
one that is kept, and every event is recorded once.
"""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import event_builders as b
import pytest
from capture_documents import document, key_of
from hopeful_worlds import (
    BATCH,
    HARVEST,
    LATE,
    ONE,
    STRANGE,
    THREE,
    TWO,
    Elsewhere,
    declared,
    enrolled,
    named,
    signed,
    stored,
)
from ledger_fixture import World

from ledger.domain.capture_job import CaptureJob
from ledger.domain.records import JsonTree
from ledger.services import capture, looking_up
from ledger.services.capture_jobs import CaptureJobs

POOL = (
    ONE, TWO, *BATCH, named(1), named(2), declared(3), declared(4), STRANGE, LATE, HARVEST,
    *(signed(60 + number) for number in range(10)),
)  # fmt: skip
DOCUMENTS, SENDERS = 40, 6


@pytest.fixture
def farm(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The farm has a device, and no document is small."""
    monkeypatch.setattr("ledger.services.capture_jobs.SMALL_BYTES", 0)
    return enrolled(world)


@pytest.fixture
def jobs(farm: World) -> CaptureJobs:
    parts = (farm.store.capture_jobs, farm.capturing, farm.signer, farm.store.archive, farm.clock)
    return CaptureJobs(*parts, Elsewhere(farm))


def test_a_job_that_hoped_in_vain_is_the_one_of_what_came_of_it(farm: World, jobs: CaptureJobs) -> None:
    assert jobs.take(document([named(1)]), key_of()).success
    refused = jobs.take(document([TWO, named(2)]), key_of())
    assert (refused.success, refused.contents) == (False, (None, None))
    assert [one.violation.rule for one in refused.errors] == ["event-id.conflict"]
    assert jobs.job(refused.id, b.FARM) == refused
    farm.capturing._hope = looking_up.Hope()
    again = jobs.take(document([named(1), THREE]), key_of())
    assert (again.success, again.repeated) == (True, 1)
    assert jobs.job(again.id, b.FARM) == again
    assert [len(jobs.captured(job)) for job in (refused, again)] == [0, 2]
    assert len(farm.store.capture_jobs.jobs(b.FARM, None, 10)) == 3


def test_a_document_without_events_keeps_its_job_whatever_the_others_come_to(jobs: CaptureJobs) -> None:
    jobs.take(document([named(1)]), key_of())
    line = jobs._together
    with ThreadPoolExecutor(2) as pool:
        with line._turn:
            nothing = pool.submit(jobs.take, document([]), key_of())
            while not line.waiting and not nothing.done():
                time.sleep(0.001)
            before = line.waiting
            other = pool.submit(jobs.take, document([named(2)]), key_of())
            while line.waiting == before:
                time.sleep(0.001)
        empty, refused = nothing.result(), other.result()
    assert (empty.success, empty.contents, refused.success) == (True, (), False)
    assert [jobs.job(job.id, b.FARM) for job in (empty, refused)] == [empty, refused]


def test_one_that_goes_on_behind_refusals_keeps_its_job(jobs: CaptureJobs) -> None:
    jobs.take(document([named(1)]), key_of())
    job = jobs.take(document([TWO, named(2), named(1)]), key_of(), rollback=False)
    assert (job.success, job.repeated, [one.event for one in job.errors]) == (False, 1, [1])
    assert jobs.job(job.id, b.FARM) == job
    assert [one.index for one in jobs.captured(job)] == [0, 2]


@pytest.mark.parametrize(("seed", "batch"), [(1, capture.BATCH), (2, 3)])
def test_jobs_are_those_of_what_came_of_them(
    seed: int, batch: int, farm: World, jobs: CaptureJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in transactions of three events, of which a longer document has several."""
    monkeypatch.setattr(looking_up, "LOOK_UPS", 1)
    monkeypatch.setattr(capture, "BATCH", batch)
    chosen = random.Random(seed)
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
