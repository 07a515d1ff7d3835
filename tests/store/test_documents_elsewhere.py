"""
Documents that are prepared elsewhere and recorded together: the same events, jobs and refusals as when they are done
here, one after the other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import event_builders as b
import pytest
from batch_events import readings, together
from capture_documents import cooling, document, jobs_of, key_of, plain
from ledger_fixture import LEDGER_DOMAIN, SECRET, World
from presigned_events import enrol, presign
from signing_keys import p256_key, signing_key

from ledger.domain.errors import InvalidInput, NoWorker, StoreError, WorkerLost
from ledger.domain.identifiers import LotRef
from ledger.domain.json_tree import parse_json_object
from ledger.domain.sealing import DEFAULT
from ledger.services import capture_jobs, documents
from ledger.services.capture import BATCH, CaptureResult, Conclude
from ledger.services.capture_jobs import CaptureJobs
from ledger.services.documents import NotAllowed, TooManyEvents
from ledger.services.prepared_bytes import Ask, DocumentsElsewhere, PreparedDocument, configuration, preparer
from ledger.services.preparing import TOGETHER, Prepared, Preparing
from ledger.services.recording_together import Events, RecordingTogether

DEVICE = signing_key(71)
UNKNOWN = LotRef(b.BULK_MELON, "NOBODY-KNOWS")


@dataclass
class Here:
    """Does the work of the other process in this one; `lost` is raised instead, where it is given."""

    world: World
    lost: Exception | None = None
    asked: list[bytes] = field(default_factory=list)

    def work(self, request: bytes, answer: Ask) -> bytes:
        if self.lost is not None:
            raise self.lost

        def ask(question: bytes) -> bytes:
            self.asked.append(question)
            return answer(question)

        return preparer(configuration(LEDGER_DOMAIN, SECRET, DEFAULT), self.world.clock)(request, ask)


@pytest.fixture
def elsewhere(world: World) -> Here:
    return Here(world)


@pytest.fixture
def jobs(world: World, elsewhere: Here, monkeypatch: pytest.MonkeyPatch) -> CaptureJobs:
    monkeypatch.setattr(capture_jobs, "SMALL_BYTES", 0)
    parts = (world.store.capture_jobs, world.capturing, world.signer, world.store.archive, world.clock)
    return CaptureJobs(*parts, DocumentsElsewhere(elsewhere, world.store.limits_of))


def prepared(world: World, data: bytes) -> PreparedDocument:
    return DocumentsElsewhere(Here(world), world.store.limits_of).prepare(data, b.FARM)


def test_what_comes_signed_is_prepared_alike(world: World) -> None:
    phone = p256_key(5)
    events = [
        presign(b.inspection(), DEVICE), presign(b.harvest(), DEVICE), presign(b.inspection(party=b.HUB), phone),
        *together(readings(3), DEVICE),
        {**presign(b.inspection(), DEVICE), "action": "TAKE"}, {"type": "ObjectEvent"},
    ]  # fmt: skip
    found = prepared(world, document(events)).events
    assert [type(one).__name__ for one in found[:6]] == [
        "PreparedStatement", "Prepared", *["PreparedStatement"] * 4,
    ]  # fmt: skip
    for one, expected in zip(found, prepared_here(world, document(events)), strict=True):
        if isinstance(expected, InvalidInput):
            assert isinstance(one, InvalidInput)
            assert (type(one), one.violations) == (type(expected), expected.violations)
        else:
            assert not isinstance(one, InvalidInput)
            whole = one.whole()
            assert whole == expected
            assert (whole.tree, whole.body) == (None, expected.body)
            assert one.proof_form == whole.proof_form == expected.proof_form != b""


def prepared_here(world: World, data: bytes) -> Sequence[Any]:
    events = documents.events_of(parse_json_object(data))
    return Preparing(world.clock, LEDGER_DOMAIN, SECRET, DEFAULT).prepare_all(events, b.FARM)


def test_events_that_are_signed_here_ask_for_limits_and_are_recorded(
    world: World, jobs: CaptureJobs, elsewhere: Here
) -> None:
    job = jobs.take(document([plain(b.harvest()), cooling(1), plain(b.shipping())]), key_of())
    assert job.success, job.errors
    assert elsewhere.asked, "the limits of the product were not asked for"
    assert [event.body["type"] for event in world.store.events(0, 10)] == ["ObjectEvent"] * 3
    assert jobs.job(job.id, b.FARM) == job
    again = jobs.take(document([plain(b.harvest()), cooling(1)]), key_of())
    assert again.repeated == 2
    assert world.fsck() == []


def test_refusals_are_told_as_they_are_here(world: World, jobs: CaptureJobs) -> None:
    data = document([cooling(1), cooling(2) | {"action": "TAKE"}, plain(b.shipping(manifest=[b.amount(UNKNOWN, 5)]))])
    assert [one.violation for one in jobs.take(data, key_of(), rollback=False).errors] == [
        one.violation for one in jobs_of(world).take(data, key_of(), rollback=False).errors
    ]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"{", InvalidInput), (document([cooling(1, b.HUB) | {"silkroot:party": f"{b.HUB:013d}"}]), NotAllowed),
        (document([cooling(number) for number in range(4)]), TooManyEvents),
    ],
    ids=["no JSON", "another party's", "too many"],
)  # fmt: skip
def test_what_is_refused_as_a_whole_is_told_by_the_same_errors(
    jobs: CaptureJobs, world: World, data: bytes, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_EVENTS", 3)
    with pytest.raises(error) as there:
        jobs.take(data, key_of())
    with pytest.raises(error) as here:
        jobs_of(world).take(data, key_of())
    assert str(there.value) == str(here.value)
    assert world.store.events(0, 10) == []


def test_a_process_that_is_lost_leaves_nothing_and_the_document_can_be_sent_again(
    world: World, jobs: CaptureJobs, elsewhere: Here
) -> None:
    elsewhere.lost = WorkerLost("killed")
    with pytest.raises(WorkerLost):
        jobs.take(document([cooling(1)]), key_of())
    assert world.store.events(0, 10) == []
    assert jobs.jobs(b.FARM, None, 10) == []
    elsewhere.lost = None
    assert jobs.take(document([cooling(1)]), key_of()).success


def test_without_any_process_documents_are_prepared_here(jobs: CaptureJobs, elsewhere: Here) -> None:
    elsewhere.lost = NoWorker("there is none")
    assert jobs.take(document([cooling(1)]), key_of()).success


def test_small_documents_stay_here(world: World, jobs: CaptureJobs, elsewhere: Here) -> None:
    elsewhere.lost = AssertionError("it was sent to another process")
    assert jobs_of(world).take(document([cooling(1)]), key_of()).success
    capture_jobs.SMALL_BYTES = 16_384  # undone by the fixture
    assert jobs.take(document([cooling(2)]), key_of()).success


# ---------------------------------------------------------------------------------------------------- recorded together


@dataclass
class Counting:
    """Records as the world's capture does, once `go` is set; counts transactions."""

    world: World
    go: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    together: list[int] = field(default_factory=list)
    alone: int = 0

    def record(
        self, prepared: Events, *, rollback: bool = True, conclude: Conclude | None = None
    ) -> list[CaptureResult]:
        self.begun.set()
        assert self.go.wait(30)
        self.alone += 1
        return self.world.capturing.record(prepared, rollback=rollback, conclude=conclude)

    def record_together(self, documents: Sequence[tuple[Events, Conclude | None]]) -> list[list[CaptureResult]]:
        self.together.append(len(documents))
        return self.world.capturing.record_together(documents)


def sent_at_once(world: World, sent: Sequence[Sequence[Any]], most: int = BATCH) -> tuple[Counting, dict[int, Any]]:
    """The first of the documents is being recorded while the others come; what became of each, by its place."""
    counting = Counting(world)
    line = RecordingTogether(counting, most)
    found: dict[int, Any] = {}

    def record(place: int) -> None:
        concluded: list[int] = []
        events = prepared(world, document(sent[place])).events
        results = line.record(events, conclude=lambda transaction, all_of_it: concluded.append(len(all_of_it)))
        found[place] = (results, concluded)

    threads = [threading.Thread(target=record, args=(place,)) for place in range(len(sent))]
    threads[0].start()
    assert counting.begun.wait(30)
    for thread in threads[1:]:
        thread.start()
    while line.waiting < len(sent) - 1:
        time.sleep(0.01)
    counting.go.set()
    for thread in threads:
        thread.join()
    return counting, found


def test_documents_that_wait_are_one_transaction(world: World) -> None:
    counting, found = sent_at_once(world, [[cooling(10 * one), cooling(10 * one + 1)] for one in range(5)])
    assert (counting.alone, counting.together) == (1, [4])
    for results, concluded in found.values():
        assert [result.record is not None for result in results] == [True, True]
        assert all(result.acknowledgement is not None for result in results)
        assert concluded == [2]
    assert len(world.store.events(0, 100)) == 10
    assert world.fsck() == []


def test_no_more_events_than_one_transaction_has(world: World) -> None:
    counting, found = sent_at_once(world, [[cooling(10 * one), cooling(10 * one + 1)] for one in range(5)], most=4)
    assert (counting.alone, counting.together) == (1, [2, 2])
    assert len(found) == 5


def test_a_document_that_is_refused_takes_no_other_with_it(world: World) -> None:
    bad = cooling(31) | {"action": "TAKE"}
    unknown = plain(b.shipping(manifest=[b.amount(UNKNOWN, 5)]))
    sent = [[cooling(1)], [cooling(11)], [cooling(30), bad], [cooling(40), unknown], [cooling(51)]]
    _, found = sent_at_once(world, sent)
    recorded = {place: [result.record is not None for result in found[place][0]] for place in found}
    assert recorded == {0: [True], 1: [True], 2: [False, False], 3: [False, False], 4: [True]}
    assert any(result.refused for result in found[2][0])
    assert any(result.refused for result in found[3][0])
    assert len(world.store.events(0, 100)) == 3
    assert world.fsck() == []


def test_the_same_document_twice_at_once_is_recorded_once(world: World) -> None:
    _, found = sent_at_once(world, [[cooling(1)], [cooling(2)], [cooling(2)]])
    assert sorted(found[place][0][0].repeated for place in (1, 2)) == [False, True]
    contents = {found[place][0][0].record.content_hash for place in (1, 2)}
    assert len(contents) == 1
    assert len(world.store.events(0, 100)) == 2


def test_where_they_cannot_go_together_each_goes_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(documents: Any) -> Any:
        raise StoreError("this once")

    monkeypatch.setattr(world.capturing, "record_together", failing)
    counting, found = sent_at_once(world, [[cooling(1)], [cooling(2)], [cooling(3)]])
    assert counting.alone == 3
    assert all(found[place][0][0].record is not None for place in range(3))


def test_what_ends_a_common_transaction_is_raised_in_all_that_waited_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ending(_: Any) -> Any:
        raise SystemExit(7)

    monkeypatch.setattr(world.capturing, "record_together", ending)
    counting = Counting(world)
    line, said = RecordingTogether(counting), list[BaseException]()

    def record(number: int) -> None:
        try:
            line.record(prepared(world, document([cooling(number)])).events)
        except BaseException as error:
            said.append(error)

    threads = [threading.Thread(target=record, args=(number,)) for number in range(3)]
    threads[0].start()
    assert counting.begun.wait(30)
    for thread in threads[1:]:
        thread.start()
    while line.waiting < 2:
        time.sleep(0.01)
    counting.go.set()
    for thread in threads:
        thread.join()
    assert [(type(error), str(error)) for error in said] == [(SystemExit, "7")] * 2
    assert (counting.alone, line.waiting, len(world.store.events(0, 100))) == (1, 0, 1)


def test_an_error_that_stops_one_is_raised_where_it_was_sent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any, **__: Any) -> Any:
        raise StoreError("disk full")

    monkeypatch.setattr(world.capturing, "record", failing)
    with pytest.raises(StoreError, match="disk full"):
        RecordingTogether(world.capturing).record(prepared(world, document([cooling(1)])).events)


@dataclass
class Reading:
    """Events that are read once `may` is set; `begun`: how many documents of such events somebody began to read."""

    may: threading.Event = field(default_factory=threading.Event)
    begun: int = 0

    def of(self, events: Events) -> Events:
        reading = self

        class Slow(list[Any]):
            def __iter__(self) -> Any:
                reading.begun += 1
                assert reading.may.wait(30)
                return super().__iter__()

        return Slow(events)


def test_of_documents_that_come_at_once_one_is_read_before_its_turn(world: World) -> None:
    counting, reading = Counting(world), Reading()
    line = RecordingTogether(counting)
    sent = [prepared(world, document([cooling(number)])).events for number in range(6)]
    first, *others = (
        threading.Thread(target=line.record, args=(events,)) for events in (sent[0], *map(reading.of, sent[1:]))
    )
    first.start()
    assert counting.begun.wait(30)
    for thread in others:
        thread.start()
    for _ in range(3_000):
        if line.waiting + reading.begun == len(others):
            break
        time.sleep(0.01)
    assert (line.waiting, reading.begun) == (4, 1)
    reading.may.set()
    counting.go.set()
    for thread in (first, *others):
        thread.join()
    assert len(world.store.events(0, 100)) == 6


def test_a_document_that_cannot_be_read_is_its_senders_alone(world: World) -> None:
    class Broken(list[Any]):
        def __iter__(self) -> Any:
            raise StoreError("not to be read")

    line, events = RecordingTogether(world.capturing), prepared(world, document([cooling(1)])).events
    for _ in range(2):
        with pytest.raises(StoreError, match="not to be read"):
            line.record(Broken([events[0]]))
        assert line.waiting == 0
    (result,) = line.record(events)
    assert result.record is not None


@pytest.fixture(autouse=True)
def _device(world: World) -> None:
    enrol(world, b.FARM, DEVICE)


@pytest.mark.parametrize("count", [1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 2 * TOGETHER, 2 * TOGETHER + 5])
def test_events_in_chunks_are_as_a_list_of_them(world: World, count: int) -> None:
    found = prepared(world, document([cooling(number) for number in range(count)])).events
    assert not isinstance(found, list)
    listed = list(found)
    assert (len(found), len(listed)) == (count, count)
    assert [one.index for one in listed if isinstance(one, Prepared)] == list(range(count))
    assert list(found) == listed
    assert [found[0], found[-1], *found[count // 2 :]] == [listed[0], listed[-1], *listed[count // 2 :]]
    assert [found[number] for number in range(count)] == listed
    with pytest.raises(IndexError):
        found[count]


def test_the_body_is_let_go_of_before_the_events_are_written(
    world: World, jobs: CaptureJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, seen = bytearray(document([cooling(1), cooling(2)])), []
    record = world.capturing.record

    def watched(*given: Any, **options: Any) -> Any:
        body.append(32)  # BufferError while anybody looks at it
        seen.append(len(given[0]))
        return record(*given, **options)

    monkeypatch.setattr(world.capturing, "record", watched)
    held: list[Any] = [memoryview(body)]
    job = jobs.take(held.pop(), key_of(b.FARM))
    assert (job.success, seen) == (True, [2])
