"""The capture interface stays within its bounds: places, bytes, time and rate; and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import event_builders as b
import pytest
from capture_client import capture_site
from capture_documents import cooling, document, jobs_of
from ledger_fixture import World, ledger_world

from api.capture_gate import Limits
from ledger.domain.records import JsonTree
from ledger.services.capture import CaptureResult
from ledger.services.capture_jobs import CaptureJobs

GZIP = {"content-encoding": "gzip"}
SMALL = Limits(documents=4, of_one_key=3, document_bytes=40_000, bytes=100_000, large_bytes=20_000)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[World]:
    made = ledger_world(tmp_path)
    yield made
    made.store.close()


class Held:
    """Capture that waits for a sign; `most` is how many were at it at once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self.go = threading.Event()
        self.inside = self.most = 0

    def capture(self, events: Sequence[JsonTree], party: Any = None, **options: Any) -> list[CaptureResult]:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        assert self.go.wait(30)
        try:
            return self._world.capturing.capture(events, party, **options)
        finally:
            with self._lock:
                self.inside -= 1

    def jobs(self) -> CaptureJobs:
        world = self._world
        return CaptureJobs(world.store.capture_jobs, self, world.signer, world.store.archive, world.clock)


async def until(is_so: Callable[[], bool]) -> None:
    """Lets others work until it is so."""
    while not is_so():  # noqa: ASYNC110 - what is waited for is no event of ours
        await asyncio.sleep(0.01)


async def test_many_documents_at_once_are_turned_away_or_stored(ledger: World) -> None:
    held = Held(ledger)
    site = capture_site(ledger, limits=SMALL, jobs=held.jobs())
    keys = [site.key(b.FARM), site.key(b.FARM)]
    async with site.client(keys[0]) as one, site.client(keys[1]) as other:
        sending = [
            asyncio.create_task((one, other)[number % 2].post("/epcis/capture", content=document([cooling(number)])))
            for number in range(40)
        ]
        await until(lambda: sum(task.done() for task in sending) == 40 - SMALL.documents)
        assert site.desk.gate.documents_held == SMALL.documents
        assert 0 < site.desk.gate.bytes_held <= SMALL.bytes
        held.go.set()
        answers = await asyncio.gather(*sending)
        statuses = [answer.status_code for answer in answers]
        assert set(statuses) == {202, 429}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers if answer.status_code == 429)
        # Whoever comes again is served, and every event that was acknowledged is there, once.
        for number, status in enumerate(statuses):
            if status == 429:
                again = await one.post("/epcis/capture", content=document([cooling(number)]))
                assert again.status_code == 202
    assert statuses.count(202) == SMALL.documents
    assert held.most <= SMALL.at_once
    stored = {event.event_id for event in ledger.store.events(0, 100)}
    assert stored == {cooling(number)["eventID"] for number in range(40)}
    gate = site.desk.gate
    assert (gate.documents_held, gate.bytes_held, dict(gate.by_key)) == (0, 0, {})


async def test_one_key_cannot_take_all_places(ledger: World) -> None:
    held = Held(ledger)
    site = capture_site(ledger, limits=SMALL, jobs=held.jobs())
    async with site.client(site.key(b.FARM)) as greedy, site.client(site.key(b.HUB)) as other:
        sending = [
            asyncio.create_task(greedy.post("/epcis/capture", content=document([cooling(number)])))
            for number in range(4)
        ]
        await until(lambda: any(task.done() for task in sending))
        late = asyncio.create_task(other.post("/epcis/capture", content=document([cooling(9, b.HUB)])))
        await asyncio.sleep(0.05)
        held.go.set()
        assert sorted(answer.status_code for answer in await asyncio.gather(*sending)) == [202, 202, 202, 429]
        assert (await late).status_code == 202


async def test_a_key_that_asks_too_often_waits(ledger: World) -> None:
    site = capture_site(ledger, burst=2)
    async with site.client(site.key()) as client:
        statuses = [(await client.post("/epcis/capture", content=document([cooling(1)]))).status_code for _ in "123"]
        assert statuses == [202, 202, 429]
        ledger.clock.time += 1
        assert (await client.post("/epcis/capture", content=document([cooling(1)]))).status_code == 202


@pytest.mark.parametrize("stated", [True, False], ids=["stated", "not stated"])
async def test_too_many_bytes_are_refused(ledger: World, stated: bool) -> None:
    site = capture_site(ledger, limits=SMALL)

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * 1_000

    async with site.client(site.key()) as client:
        content: Any = b" " * 50_000 if stated else parts()
        assert (await client.post("/epcis/capture", content=content)).status_code == 413
    assert site.desk.gate.bytes_held == 0


async def test_a_bomb_is_refused_before_it_is_unpacked(ledger: World) -> None:
    site = capture_site(ledger, limits=SMALL)
    bomb = gzip.compress(b" " * 30_000_000)
    assert len(bomb) < SMALL.document_bytes
    held = 0

    async with site.client(site.key()) as client:
        sending = asyncio.create_task(client.post("/epcis/capture", content=bomb, headers=GZIP))
        while not sending.done():
            held = max(held, site.desk.gate.bytes_held)
            await asyncio.sleep(0)
        assert sending.result().status_code == 413
    assert held <= SMALL.document_bytes + 1
    assert site.desk.gate.bytes_held == 0


async def test_a_body_that_does_not_come_is_given_up(ledger: World) -> None:
    site = capture_site(ledger, limits=replace(SMALL, body_seconds=0.2))

    async def dripping() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(30)

    async with site.client(site.key()) as client:
        answer = await client.post("/epcis/capture", content=dripping())
    assert answer.status_code == 408
    assert (site.desk.gate.documents_held, site.desk.gate.bytes_held) == (0, 0)


async def test_all_bodies_share_one_budget(ledger: World) -> None:
    held = Held(ledger)
    limits = Limits(documents=10, of_one_key=10, document_bytes=40_000, bytes=50_000)
    site = capture_site(ledger, limits=limits, jobs=held.jobs())
    padded = document([cooling(1)]) + b" " * 20_000
    async with site.client(site.key()) as client:
        sending = [asyncio.create_task(client.post("/epcis/capture", content=padded)) for _ in range(4)]
        await until(lambda: sum(task.done() for task in sending) == 2)
        assert site.desk.gate.bytes_held <= limits.bytes
        held.go.set()
        statuses = sorted(answer.status_code for answer in await asyncio.gather(*sending))
    assert statuses == [202, 202, 429, 429]


async def test_large_documents_are_taken_apart_one_at_a_time(ledger: World) -> None:
    held = Held(ledger)
    limits = Limits(large_bytes=20_000, at_once=3)
    site = capture_site(ledger, limits=limits, jobs=held.jobs())
    padded = [document([cooling(number)]) + b" " * 20_000 for number in range(3)]
    async with site.client(site.key()) as client:
        sending = [asyncio.create_task(client.post("/epcis/capture", content=data)) for data in padded]
        await until(lambda: held.inside > 0)
        await asyncio.sleep(0.05)
        held.go.set()
        assert [answer.status_code for answer in await asyncio.gather(*sending)] == [202, 202, 202]
    assert held.most == 1


async def test_a_failed_job_gives_its_place_back(ledger: World) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("a bug")

    site = capture_site(ledger, jobs=Broken())
    async with site.client(site.key()) as client:
        assert (await client.post("/epcis/capture", content=document([cooling(1)]))).status_code == 500
    assert (site.desk.gate.documents_held, site.desk.gate.bytes_held) == (0, 0)
    assert jobs_of(ledger).jobs(b.FARM, None, 10) == []


async def test_the_same_document_sent_at_once_is_recorded_once(ledger: World) -> None:
    site = capture_site(ledger)
    data, prefer = document([cooling(number) for number in range(5)]), {"prefer": "return=representation"}
    async with site.client(site.key()) as client:
        answers = await asyncio.gather(*(client.post("/epcis/capture", content=data, headers=prefer) for _ in range(4)))
    told = [answer.json()["events"] for answer in answers]
    assert len(told[0]) == 5
    assert told == [told[0]] * 4
    assert len(ledger.store.events(0, 100)) == 5
    assert sum(answer.json()["repeated"] for answer in answers) == 15
