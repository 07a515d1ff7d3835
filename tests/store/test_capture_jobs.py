"""Documents of the capture interface on a real store: what is recorded, what the job tells, what a repeat gives."""

from __future__ import annotations

import event_builders as b
import orjson
import pytest
from capture_documents import cooling, document, jobs_of, key_of, plain
from ledger_fixture import START, World
from presigned_events import enrol, presign
from signing_keys import signing_key

from ledger.domain.capture_job import MOST_ERRORS, JobPlace
from ledger.domain.errors import InvalidInput, StoreError
from ledger.domain.identifiers import PartyId
from ledger.services import capture_jobs, documents
from ledger.services.capture import CONFLICT
from ledger.services.capture_jobs import KEEP_SECONDS, CaptureJobs
from ledger.services.documents import NotAllowed, TooManyEvents, TooMuch

DEVICE = signing_key(71)


@pytest.fixture
def jobs(world: World) -> CaptureJobs:
    return jobs_of(world)


def test_all_events_of_a_document_are_recorded_with_receipts(world: World, jobs: CaptureJobs) -> None:
    job = jobs.take(document([plain(b.harvest()), cooling(1), cooling(2)]), key_of())
    assert (job.running, job.success, job.event_count, job.error_count) == (False, True, 3, 0)
    stored = world.store.events(0, 10)
    assert job.contents == tuple(event.content_hash for event in stored)
    told = jobs.captured(job)
    assert [one.name.sequence for one in told] == [1, 2, 3]
    assert [one.name.event_id for one in told] == [event.event_id for event in stored]
    assert [one.receipt.acknowledgement.log_index for one in told if one.receipt] == [0, 1, 2]
    assert jobs.job(job.id, b.FARM) == job


def test_the_same_document_again_gives_the_same_records_and_receipts(jobs: CaptureJobs) -> None:
    data = document([plain(b.harvest()), cooling(1)])
    first, again = jobs.take(data, key_of()), jobs.take(data, key_of())
    assert again.id != first.id
    assert (again.contents, again.success, again.repeated) == (first.contents, True, 2)
    assert jobs.captured(again) == jobs.captured(first)


def test_rollback_records_nothing_where_one_event_is_refused(world: World, jobs: CaptureJobs) -> None:
    bad = cooling(2) | {"action": "TAKE"}
    job = jobs.take(document([plain(b.harvest()), bad]), key_of())
    assert (job.success, job.contents) == (False, (None, None))
    (error,) = job.errors
    assert (error.event, error.violation.field) == (1, "/action")
    assert world.store.events(0, 10) == []
    assert jobs.job(job.id, b.FARM) == job


def test_proceed_records_what_can_be(world: World, jobs: CaptureJobs) -> None:
    bad = cooling(2) | {"action": "TAKE"}
    job = jobs.take(document([plain(b.harvest()), bad, cooling(3)]), key_of(), rollback=False)
    assert not job.success
    assert [content is not None for content in job.contents] == [True, False, True]
    assert [one.index for one in jobs.captured(job)] == [0, 2]
    assert len(world.store.events(0, 10)) == 2


def test_the_ledgers_rules_are_told_too(jobs: CaptureJobs) -> None:
    job = jobs.take(document([plain(b.shipping())]), key_of())
    assert not job.success
    assert job.errors[0].event == 0


def test_an_eventid_with_other_content_is_told_by_its_rule(jobs: CaptureJobs) -> None:
    jobs.take(document([cooling(1)]), key_of())
    job = jobs.take(document([cooling(1) | {"disposition": "damaged"}]), key_of())
    assert [error.violation.rule for error in job.errors] == [CONFLICT]


def test_errors_are_bounded_and_counted(jobs: CaptureJobs) -> None:
    bad = [{"type": "ObjectEvent", "number": number} for number in range(MOST_ERRORS)]
    job = jobs.take(document(bad), key_of())
    assert len(job.errors) == MOST_ERRORS
    assert job.error_count > MOST_ERRORS
    assert jobs.job(job.id, b.FARM) == job


def test_an_empty_document_is_a_job_without_events(jobs: CaptureJobs) -> None:
    job = jobs.take(document([]), key_of())
    assert (job.success, job.event_count) == (True, 0)
    assert jobs.captured(job) == []


def test_a_query_document_is_taken(world: World, jobs: CaptureJobs) -> None:
    body = {
        "queryResults": {"subscriptionID": "s", "queryName": "q", "resultsBody": {"eventList": [plain(b.harvest())]}}
    }
    job = jobs.take(document([], type="EPCISQueryDocument", epcisBody=body), key_of())
    assert job.success, job.errors
    assert len(world.store.events(0, 10)) == 1


def test_a_document_may_declare_the_prefix_for_all(jobs: CaptureJobs) -> None:
    event = plain(b.harvest())
    context = event.pop("@context")
    assert jobs.take(document([event], **{"@context": context}), key_of()).success


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"{", b'{"a": 1, "a": 2}', b"{}", b'{"type": "EPCISDocument"}', document([1]),
        document([], epcisBody={"eventList": {}}), document([], creationDate="yesterday"), document([], more=1),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused(world: World, jobs: CaptureJobs, data: bytes) -> None:
    with pytest.raises(InvalidInput):
        jobs.take(data, key_of())
    assert jobs.jobs(b.FARM, None, 10) == []


def test_too_many_events_are_refused(jobs: CaptureJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_EVENTS", 2)
    with pytest.raises(TooManyEvents):
        jobs.take(document([cooling(1), cooling(2), cooling(3)]), key_of())


@pytest.mark.parametrize("filler", [b"{},", b"[],", b"1,"])
def test_too_many_parts_are_refused_before_they_are_objects(
    jobs: CaptureJobs, monkeypatch: pytest.MonkeyPatch, filler: bytes
) -> None:
    def never(data: bytes) -> object:
        raise AssertionError("it was parsed")

    monkeypatch.setattr(documents, "MOST_PARTS", 1_000)
    monkeypatch.setattr(capture_jobs, "parse_json_object", never)
    bomb = b'{"a": [' + filler * 1_000 + b"1]}"
    for take in (jobs.take, jobs.take_one):
        with pytest.raises(TooMuch):
            take(bomb, key_of())


def test_a_key_speaks_for_its_party_alone(world: World, jobs: CaptureJobs) -> None:
    with pytest.raises(NotAllowed, match=r"event 1: .*key\.party"):
        jobs.take(document([plain(b.harvest()), b.inspection(party=b.HUB)]), key_of(b.FARM))
    with pytest.raises(NotAllowed):
        jobs.take_one(orjson.dumps(b.harvest()), key_of(b.HUB))
    assert world.store.events(0, 10) == []


def test_a_party_whose_key_is_not_kept_here_has_to_sign_itself(world: World, jobs: CaptureJobs) -> None:
    stranger = key_of(PartyId(b.STRANGER))
    with pytest.raises(NotAllowed, match=r"key\.unsigned"):
        jobs.take(document([plain(b.inspection())]), stranger)
    enrol(world, b.FARM, DEVICE)
    assert jobs.take(document([presign(b.harvest(), DEVICE)]), stranger).success


def test_signed_events_of_several_parties_may_come_with_one_key(world: World, jobs: CaptureJobs) -> None:
    enrol(world, b.FARM, DEVICE)
    enrol(world, b.HUB, signing_key(72))
    events = [presign(b.harvest(), DEVICE), presign(b.inspection(party=b.HUB), signing_key(72)), cooling(1, b.BUYER)]
    job = jobs.take(document(events), key_of(b.BUYER))
    assert job.success, job.errors
    farm, hub, buyer = (event.proof for event in world.store.events(0, 10))
    assert (farm.key_id, hub.key_id) == (DEVICE.id, signing_key(72).id)
    assert buyer.key_id == world.signer.key_of(b.BUYER)
    assert world.fsck() == []


def test_jobs_are_the_partys_own_and_paged(world: World, jobs: CaptureJobs) -> None:
    made = []
    for number in range(5):
        world.clock.time = START + number
        made.append(jobs.take(document([cooling(number)]), key_of()))
    first = jobs.jobs(b.FARM, None, 2)
    assert [job.id for job in first] == [made[4].id, made[3].id]
    place = JobPlace.parse(first[-1].place.token)
    rest = jobs.jobs(b.FARM, place, 10)
    assert [job.id for job in rest] == [made[2].id, made[1].id, made[0].id]
    assert jobs.jobs(b.HUB, None, 10) == []
    assert jobs.job(made[0].id, b.HUB) is None
    assert jobs.job("0" * 32, b.FARM) is None


def test_jobs_of_one_moment_are_all_found(jobs: CaptureJobs) -> None:
    made = {jobs.take(document([cooling(number)]), key_of()).id for number in range(4)}
    seen, place = set(), None
    while page := jobs.jobs(b.FARM, place, 1):
        seen |= {job.id for job in page}
        place = page[-1].place
    assert seen == made


@pytest.mark.parametrize("token", ["", "-", "1", "x-1", "1-../x", "9" * 19 + "-a", "²-a"])
def test_what_no_page_gave_is_no_place(token: str) -> None:
    with pytest.raises(InvalidInput):
        JobPlace.parse(token)


def test_old_jobs_are_forgotten_and_their_events_are_not(world: World, jobs: CaptureJobs) -> None:
    old = jobs.take(document([cooling(1)]), key_of())
    world.clock.time = START + KEEP_SECONDS + 1
    new = jobs.take(document([cooling(2)]), key_of())
    assert [job.id for job in jobs.jobs(b.FARM, None, 10)] == [new.id]
    assert jobs.job(old.id, b.FARM) is None
    assert len(world.store.events(0, 10)) == 2


def test_a_job_is_running_while_it_is_captured(world: World) -> None:
    seen: list[tuple[bool, bool]] = []

    class Watching:
        def capture(self, events, party=None, *, rollback=True, dry_run=False, progress=None, conclude=None):  # type: ignore[no-untyped-def]
            (job,) = watched.jobs(b.FARM, None, 10)
            found = watched.job(job.id, b.FARM)
            assert found is not None
            assert watched.job(job.id, b.HUB) is None
            seen.append((found.running, found.success))
            return world.capturing.capture(events, party, rollback=rollback)

    watched = CaptureJobs(world.store.capture_jobs, Watching(), world.signer, world.store.archive, world.clock)
    job = watched.take(document([cooling(1)]), key_of())
    assert seen == [(True, True)]
    assert not job.running


def test_a_single_event_is_recorded(world: World, jobs: CaptureJobs) -> None:
    result = jobs.take_one(orjson.dumps(plain(b.harvest())), key_of())
    assert result.record is not None
    assert result.acknowledgement is not None
    with pytest.raises(InvalidInput):
        jobs.take_one(document([]), key_of())


def test_a_document_and_its_job_are_one_transaction(
    world: World, jobs: CaptureJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def alone(*_: object, **__: object) -> None:
        raise AssertionError("the job was written by itself")

    monkeypatch.setattr(world.store.capture_jobs, "save", alone)
    job = jobs.take(document([cooling(1), cooling(2)]), key_of())
    assert world.store.capture_jobs.job(job.id, b.FARM) == job
    again = jobs.take(document([cooling(1), cooling(2)]), key_of())
    assert world.store.capture_jobs.job(again.id, b.FARM) == again
    assert again.repeated == 2
    monkeypatch.undo()
    refused = jobs.take(document([cooling(3), {"type": "ObjectEvent"}]), key_of())
    assert world.store.capture_jobs.job(refused.id, b.FARM) == refused
    assert not refused.success


def test_without_its_job_nothing_of_a_document_is_recorded(
    world: World, jobs: CaptureJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise StoreError("no room")

    with monkeypatch.context() as patch:
        patch.setattr("ledger.adapters.sql_store.transaction.write_job", broken)
        with pytest.raises(StoreError):
            jobs.take(document([cooling(1)]), key_of())
    assert world.store.events(0, 10) == []
    assert jobs.jobs(b.FARM, None, 10) == []
    assert jobs.take(document([cooling(1)]), key_of()).repeated == 0


def test_a_job_tells_of_refused_and_recorded_events_in_their_order(world: World, jobs: CaptureJobs) -> None:
    job = jobs.take(document([cooling(1), {"type": "ObjectEvent"}, cooling(2)]), key_of(), rollback=False)
    assert [content is None for content in job.contents] == [False, True, False]
    assert world.store.capture_jobs.job(job.id, b.FARM) == job
    assert {error.event for error in job.errors} == {1}
