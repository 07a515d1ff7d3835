"""The EPCIS query interface over a real store: what is asked, what is refused, and an answer that the schema takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import event_builders as b
import httpx
import pytest
from fake_services import PUBLIC_URL, FakeWorld
from ledger_fixture import World, ledger_world

from api.app import create_app
from api.event_parameters import PARAMETERS

SECRET = {"silkroot:phone": "13912345678"}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A day's events: sequence 1 to 5."""
    made = ledger_world(tmp_path_factory.mktemp("ledger"))
    hour = [b.When(f"2026-08-05T{hour:02d}:00:00.000+08:00") for hour in range(24)]
    made.record(
        b.harvest(when=hour[9], extra=SECRET), b.shipping(when=hour[10]), b.receiving(when=hour[11]),
        b.packing(when=hour[14]), b.recall(when=hour[18]),
    )  # fmt: skip
    return made


@pytest.fixture
async def client(ledger: World) -> AsyncIterator[httpx.AsyncClient]:
    """A program that asks."""
    services = replace(FakeWorld().services, store=ledger.store, questions=ledger.store.questions)
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as made:
        yield made


def events(response: httpx.Response) -> list[dict[str, Any]]:
    """The events of an answer."""
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return found


def steps(response: httpx.Response) -> list[str]:
    """Their business steps."""
    return [event.get("bizStep", "") for event in events(response)]


FARM, LOT = f"{b.FARM:013d}", f"https://id.gs1.org/01/{b.MELON_CASE:014d}/10/{b.PACKED_LOT.code}"
EVENING = "2026-08-05T18:00:00+08:00"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"EQ_bizStep": "shipping"}, ["shipping"]),
        ({"EQ_bizStep": "https://ref.gs1.org/cbv/BizStep-shipping|cbv:BizStep-receiving"}, ["shipping", "receiving"]),
        ({"GE_eventTime": "2026-08-05T03:00:00Z", "LT_eventTime": EVENING}, ["receiving", "packing"]),
        ({"eventType": "TransformationEvent"}, ["packing"]),
        ({"EQ_readPoint": b.FARM_GATE.uri}, ["shipping"]),
        ({"EQ_readPoint": f"https://some.example/414/{b.FARM:013d}"}, ["shipping"]),
        ({"EQ_silkroot:party": FARM, "EQ_bizStep": "shipping|receiving"}, ["shipping"]),
        ({"EQ_silkroot:party": f"https://id.gs1.org/417/{FARM}", "EQ_bizStep": "receiving"}, []),
        ({"MATCH_anyEPCClass": LOT}, ["packing"]),
        ({"EXISTS_errorDeclaration": "true"}, []),
        ({"EXISTS_errorDeclaration": "false", "EQ_bizStep": "packing"}, ["packing"]),
        ({"EQ_bizLocation": "https://id.gs1.org/414/9520000000011"}, []),
    ],
)  # fmt: skip
async def test_what_is_asked_is_found(client: httpx.AsyncClient, asked: dict[str, str], found: list[str]) -> None:
    assert steps(await client.get("/epcis/events", params=asked)) == found


async def test_pages_follow_by_the_link_header(client: httpx.AsyncClient) -> None:
    whole = events(await client.get("/epcis/events"))
    address, pages = "/epcis/events?perPage=2&LT_eventTime=2027-01-01T00:00:00Z", []
    while address:
        response = await client.get(address)
        pages.append(events(response))
        link = response.headers.get("link", "")
        assert not link or link.endswith('>; rel="next"')
        address = link.partition(">")[0].lstrip("<")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [event for page in pages for event in page] == whole


async def test_sealed_members_stay_sealed(client: httpx.AsyncClient, ledger: World) -> None:
    (stored,) = (one for one in ledger.store.events() if one.sequence == 1)
    assert ledger.store.disclosures_of([stored.content_hash])
    for address in ("/epcis/events", f"/epcis/events/{quote(stored.event_id, safe='')}"):
        response = await client.get(address)
        assert "13912345678" not in response.text
        published = next(event for event in events(response) if event["eventID"] == stored.event_id)
        assert {key: value for key, value in published.items() if key != "recordTime"} == {
            **stored.body,
            "eventID": stored.event_id,
        }


async def test_one_event_by_its_id(client: httpx.AsyncClient) -> None:
    (_, shipped, *_) = events(await client.get("/epcis/events"))
    for event_id in (shipped["eventID"],):
        response = await client.get(f"/epcis/events/{quote(event_id, safe='')}")
        assert events(response) == [shipped]
    missing = await client.get("/epcis/events/urn:uuid:0", headers={"accept": "application/json"})
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:silkroot:problem:unknown-event")


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("EQ_type", "Temperature", "parameter.unknown"),
        ("MATCH_epc", "urn:epc:id:sgtin:1.2.3", "parameter.unknown"),
        ("nonsense", "", "parameter.unknown"),
        ("GE_eventTime", "yesterday", "parameter.time"),
        ("GE_eventTime", "2026-08-05T12:00:00", "parameter.time"),
        ("LT_eventTime", "", "parameter.time"),
        ("eventType", "ObjectEvent|Event", "parameter.event-type"),
        ("EQ_bizStep", "", "parameter.values"),
        ("EQ_bizStep", "a||b", "parameter.values"),
        ("EQ_bizStep", "|".join(map(str, range(21))), "parameter.values"),
        ("EQ_readPoint", "a\0b", "parameter.values"),
        ("MATCH_anyEPCClass", "urn:epc:idpat:sgtin:952.1.*", "parameter.lot"),
        ("MATCH_anyEPCClass", "https://id.gs1.org/01/09520001000101", "parameter.lot"),
        ("EQ_silkroot:party", "9520001000011", "parameter.party"),
        ("EXISTS_errorDeclaration", "yes", "parameter.flag"),
        ("perPage", "0", "parameter.range"),
        ("perPage", "1001", "parameter.range"),
        ("perPage", "²", "parameter.range"),
        ("nextPageToken", "abc", "paging.token"),
    ],
)
async def test_refusals_name_parameter_rule_and_value(
    client: httpx.AsyncClient, name: str, value: str, rule: str
) -> None:
    response = await client.get("/epcis/events", params={name: value}, headers={"accept": "application/json"})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    (violation,) = response.json()["violations"]
    assert (violation["field"], violation["rule"]) == (name, rule)
    assert violation["value"] in value


async def test_a_parameter_that_stands_twice_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.get(
        "/epcis/events?EQ_bizStep=shipping&EQ_bizStep=packing", headers={"accept": "application/json"}
    )
    assert [one["rule"] for one in response.json()["violations"]] == ["parameter.repeated"]


async def test_every_parameter_is_described(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()["paths"]["/epcis/events"]["get"]["parameters"]
    assert [one["name"] for one in described] == list(PARAMETERS)


async def test_a_trace_page_by_page(client: httpx.AsyncClient) -> None:
    lot = f"/lots/{b.HARVEST_LOT.product:014d}/{b.HARVEST_LOT.code}"
    first = (await client.get(f"{lot}/trace?direction=forward&perPage=1")).json()
    assert (first["direction"], first["total"]) == ("forward", 2)
    assert first["lots"][0] | {"name": {}} == {
        "id": "0x" + b.HARVEST_LOT.id.hex(), "product": f"{b.BULK_MELON:014d}", "lot": "H-0001", "name": {},
        "distance": 0, "story": lot,
    }  # fmt: skip
    second = (await client.get(first["next"])).json()
    assert [(one["lot"], one["distance"]) for one in second["lots"]] == [(b.PACKED_LOT.code, 1)]
    assert "next" not in second
    back = (await client.get(second["lots"][0]["story"] + "/trace")).json()
    assert [one["lot"] for one in back["lots"]] == [b.PACKED_LOT.code, "H-0001"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("direction=up", 400), ("perPage=0", 400), ("nextPageToken=abc", 400), ("limit=1", 400),
        ("perPage=1001", 400),
    ],
)  # fmt: skip
async def test_traces_that_cannot_be(client: httpx.AsyncClient, query: str, status: int) -> None:
    address = f"/lots/{b.HARVEST_LOT.product:014d}/{b.HARVEST_LOT.code}/trace"
    response = await client.get(f"{address}?{query}", headers={"accept": "application/json"})
    assert response.status_code == status
    assert response.json()["violations"]


async def test_a_trace_of_a_lot_that_nobody_knows(client: httpx.AsyncClient) -> None:
    response = await client.get(f"/lots/{b.BULK_MELON:014d}/NOBODY/trace", headers={"accept": "application/json"})
    assert response.status_code == 404
