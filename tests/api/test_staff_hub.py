"""A hub's pages over a real store without a browser: what they show, whom, and how they refuse; server-sent events."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import event_builders as b
import httpx
import pytest
import uvicorn
from ledger_fixture import World, ledger_world
from staff_browser import TOKEN, FakeSessions, browser_over, services_of

from api.app import create_app
from api.dependencies import Services
from api.problem_details import Problem
from api.serve import PlainServer
from api.staff.access import COOKIE
from api.staff.live_feed import MOST_EACH, LiveFeed
from api.streams import end_streams
from ledger.domain import event_forms
from ledger.domain.event_forms import Amount, When
from ledger.domain.identifiers import Grams, PartyId, consignment_id
from ledger.domain.master_data import MasterData, Party
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.people import Person, Role
from ledger.services.hub import HubDesk

MORNING = When("2026-08-05T06:00:00+08:00")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = ledger_world(tmp_path)
    made.record(b.harvest(), b.shipping(), b.receiving(), b.packing(), ship(11))
    yield made
    made.store.close()


def ship(number: int) -> dict[str, Any]:
    event: dict[str, Any] = b.shipping(
        party=b.PACKING_HOUSE, receiver=b.HUB, reference=b.sscc(number),
        manifest=[Amount(b.PACKED_LOT, Grams(100_000))], when=MORNING, where=b.PACKING_LINE,
    )  # fmt: skip
    return event


def services(world: World, party: PartyId = b.HUB, feed: LiveFeed | None = None) -> Services:
    made = services_of(world, party, PartyRole.HUB)
    assert made.staff is not None
    desk = replace(made.staff, hub=HubDesk(world.store.hub, world.clock), live=feed)
    return replace(made, staff=desk)


def page(world: World, path: str, party: PartyId = b.HUB) -> str:
    response = browser_over(services(world, party)).get(path)
    assert response.status_code == 200, response.text
    return response.text


def test_what_is_on_its_way_is_shown_to_whom_it_goes(world: World) -> None:
    number = b.sscc(11).rpartition("/")[2]
    assert number in page(world, "/staff/hub")
    assert number in page(world, "/staff/hub?show=leaving", b.PACKING_HOUSE)
    assert number not in page(world, "/staff/hub?show=expected", b.BUYER)
    world.clock.time += 72 * 3600
    late = page(world, "/staff/hub")
    assert "late by" in late
    assert "usual time; the sender stated none" in late


def test_without_javascript_it_is_read_and_says_so(world: World) -> None:
    whole = page(world, "/staff/hub?show=expected")
    detail = "0x" + consignment_id(b.PACKING_HOUSE, b.sscc(11)).hex()
    for text in (whole, page(world, f"/staff/hub/{detail}")):
        told = text.partition("<noscript>")[2].partition("</noscript>")[0]
        assert "Without JavaScript you can read this page, but not sign" in told
        assert "needs JavaScript" not in text


def test_a_consignment_of_others_is_not_there(world: World) -> None:
    name = "0x" + consignment_id(b.PACKING_HOUSE, b.sscc(11)).hex()
    assert "Packing house" in page(world, f"/staff/hub/{name}")
    other = browser_over(services(world, b.BUYER)).get(f"/staff/hub/{name}")
    assert other.status_code == 404
    assert browser_over(services(world)).get("/staff/hub/0x12").status_code in (400, 404, 422)


@pytest.mark.parametrize(
    "path", ["/staff/hub?show=everything", "/staff/hub?after=nonsense", "/staff/hub?show=here&after=x"]
)
def test_what_no_page_asks_is_refused(world: World, path: str) -> None:
    assert browser_over(services(world)).get(path).status_code in (400, 422)


def test_what_is_missing_leads_to_where_it_is_settled(world: World) -> None:
    short = event_forms.Arrival(b.PACKED_LOT, accepted=90_000, short=10_000)
    name = "0x" + consignment_id(b.PACKING_HOUSE, b.sscc(11)).hex()
    link = f"/staff/desk/claims/{name}"
    assert link not in page(world, f"/staff/hub/{name}")
    world.record(
        b.partial_receipt(
            party=b.HUB, shipper=b.PACKING_HOUSE, reference=b.sscc(11), arrivals=[short], return_ref="",
            where=b.Spot(int(b.HUB)),
        )
    )  # fmt: skip
    for path in ("/staff/hub?show=variances", f"/staff/hub/{name}"):
        assert link in page(world, path)
        assert link in page(world, path, b.PACKING_HOUSE)
    assert browser_over(services(world)).get(link).status_code == 200
    made = services(world)
    plain = replace(made, staff=replace(made.staff, buyers=None))  # type: ignore[type-var]
    assert link not in browser_over(plain).get("/staff/hub?show=variances").text


def test_nobody_sees_a_hub_without_signing_in(world: World) -> None:
    stranger = browser_over(services(world), signed_in=False)
    for path in ("/staff/hub", "/staff/hub/map", "/staff/air", "/staff/air/new"):
        assert stranger.get(path).status_code == 303
    assert stranger.get("/staff/api/hub/events").status_code == 401


def test_a_service_without_a_hub_says_so(world: World) -> None:
    plain = services_of(world, b.HUB, PartyRole.HUB)
    browser = browser_over(plain)
    for path in ("/staff/hub", "/staff/hub/map", "/staff/air", "/staff/api/hub/events"):
        assert browser.get(path).status_code == 404


def test_a_name_is_text_and_never_markup(world: World) -> None:
    name = {"en": "</script><script>alert(1)</script>"}
    party = Party(b.PACKING_HOUSE, name, PartyRole.PACKER, city=name | {"en": "Hami</script><script>alert(1)</script>"})
    world.store.merge_master_data(MasterData(parties={party.id: party}))
    for path in ("/staff/hub", "/staff/hub/map", "/staff/hub/0x" + consignment_id(b.PACKING_HOUSE, b.sscc(11)).hex()):
        text = page(world, path)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


# Server-sent events -------------------------------------------------------------------------------------------------


class Served:
    """The application over the store, on a port of its own."""

    def __init__(self, world: World, **feed: float) -> None:
        self.feed = LiveFeed(world.store.hub.last_sequence, **feed)
        self.sessions = FakeSessions(Person("00" * 8, b.HUB, "Memet", Role.STAFF))
        made = services(world, feed=self.feed)
        assert made.staff is not None
        made = replace(made, staff=replace(made.staff, sessions=self.sessions))
        config = uvicorn.Config(create_app(made), host="127.0.0.1", port=0, log_level="warning", lifespan="off")
        self.server = PlainServer(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self) -> Served:
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/staff/api/hub/events"
        return self

    def __exit__(self, *error: object) -> None:
        self.server.should_exit = True
        self.thread.join(8)
        assert not self.thread.is_alive(), "the server waits for answers that do not end"

    def listen(self, **headers: str) -> Any:
        own = {"cookie": f"{COOKIE}={TOKEN}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.stream("GET", self.url, headers=own, timeout=10, params={"after": headers.get("after", "0")})


def messages(response: httpx.Response) -> Iterator[dict[str, str]]:
    """The messages of a stream, as a browser reads them; comments too."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if not line:
            yield fields
            fields = {}
            continue
        name, _, value = line.partition(":")
        fields[name] = value.strip()


def test_a_page_is_told_what_was_recorded(world: World) -> None:
    newest = world.store.hub.last_sequence()
    with Served(world, every=0.05) as served, served.listen() as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        assert "content-encoding" not in response.headers
        told = messages(response)
        assert next(told) == {"retry": "2000"}
        first = next(told)
        assert (first["event"], first["id"]) == ("changed", str(newest))
        assert json.loads(first["data"]) == {"expected": 1, "overdue": 0, "here": 0, "leaving": 0, "variances": 0}
        world.record(ship(12))
        second = next(told)
        assert (second["id"], json.loads(second["data"])["expected"]) == (str(newest + 1), 2)


def test_who_comes_back_is_told_what_was_missed_and_no_more(world: World) -> None:
    newest = world.store.hub.last_sequence()
    with Served(world, every=0.05, heartbeat=0.2) as served:
        with served.listen(last_event_id=str(newest)) as response:
            told = messages(response)
            assert next(told) == {"retry": "2000"}
            assert next(told) == {"": ""}, "a sign of life: nothing was missed"
        world.record(ship(12))
        with served.listen(last_event_id=str(newest)) as response:
            told = messages(response)
            assert next(told) == {"retry": "2000"}
            assert next(told)["id"] == str(newest + 1)
        with served.listen(last_event_id="no number") as response:
            assert response.status_code == 200


def test_it_ends_with_the_session(world: World) -> None:
    with Served(world, every=0.05, heartbeat=0.1) as served, served.listen() as response:
        told = messages(response)
        assert next(told) == {"retry": "2000"}
        assert next(told)["event"] == "changed"
        served.sessions.tokens.clear()
        assert {"event": "ended", "data": "{}"} in list(told)
    assert served.feed.listeners == 0


def test_listeners_are_bounded_and_give_their_places_back(world: World) -> None:
    with Served(world, every=0.05, heartbeat=0.1) as served:
        streams = [served.listen() for _ in range(MOST_EACH)]
        # Kept: a reader that is let go of closes its connection.
        readers = [messages(stream.__enter__()) for stream in streams]
        assert [next(reader) for reader in readers] == [{"retry": "2000"}] * MOST_EACH
        with served.listen() as refused:
            assert refused.status_code == 503
            assert refused.headers["retry-after"] == "30"
        for stream in streams:
            stream.__exit__(None, None, None)
        deadline = time.monotonic() + 5
        while served.feed.listeners and time.monotonic() < deadline:
            time.sleep(0.05)
        assert served.feed.listeners == 0
        with served.listen() as again:
            assert again.status_code == 200


def test_a_server_that_stops_ends_them(world: World) -> None:
    with Served(world, every=0.05) as served, served.listen() as response:
        told = messages(response)
        next(told)
        served.server.should_exit = True
        list(told)
        assert response.is_stream_consumed


async def test_nobody_is_asked_while_nobody_listens() -> None:
    asked = 0

    def newest() -> int:
        nonlocal asked
        asked += 1
        return asked

    feed = LiveFeed(newest, every=0.01)
    await asyncio.sleep(0.05)
    assert asked == 0
    feed.join("a")
    numbers = [number async for number in _some(feed, 2)]
    assert numbers == sorted(set(numbers))
    feed.leave("a")
    await asyncio.sleep(0.03)
    before = asked
    await asyncio.sleep(0.05)
    assert asked == before


async def test_a_session_has_so_many_places() -> None:
    feed = LiveFeed(lambda: 1)
    for _ in range(MOST_EACH):
        feed.join("a")
    with pytest.raises(Problem):
        feed.join("a")
    feed.join("b")
    for session in ["a"] * MOST_EACH + ["b"]:
        feed.leave(session)
    assert feed.listeners == 0


async def test_streams_end_together() -> None:
    feed = LiveFeed(lambda: 0)
    feed.join("a")
    listening = asyncio.create_task(_all(feed))
    await asyncio.sleep(0.02)
    end_streams()
    assert await asyncio.wait_for(listening, 2) == []
    feed.leave("a")


async def _some(feed: LiveFeed, count: int) -> Any:
    async for number in feed.changes(0):
        yield number
        count -= 1
        if not count:
            return


async def _all(feed: LiveFeed) -> list[int | None]:
    return [number async for number in feed.changes(0)]
