"""The capture interface over HTTP: keys, documents, jobs, receipts, single events, and how each refusal looks."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import event_builders as b
import httpx
import orjson
import pytest
from batch_events import readings, together
from capture_client import CaptureSite, capture_site
from capture_documents import cooling, document, plain
from ledger_fixture import World, ledger_world
from presigned_events import enrol, presign
from signing_keys import signing_key

from api.public import capture_desk
from ledger.domain.api_keys import ApiAction
from ledger.domain.errors import KeyLocked, LedgerBusy, StoreError
from ledger.domain.log.acknowledgement_json import acknowledgement_from_json
from ledger.services import documents
from ledger.settings import Settings

PREFER = {"prefer": "return=representation"}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[World]:
    made = ledger_world(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def site(ledger: World) -> CaptureSite:
    return capture_site(ledger)


@pytest.fixture
async def farm(site: CaptureSite) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a key of the farm."""
    async with site.client(site.key()) as client:
        yield client


def problem_of(response: httpx.Response, status: int, name: str) -> list[str]:
    """The rules that the problem names, if it is of that kind."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert (told["type"], told["status"]) == (f"urn:silkroot:problem:{name}", status)
    return [violation["rule"] for violation in told.get("violations", ())]


async def test_a_document_is_on_disk_when_its_answer_comes(site: CaptureSite, farm: httpx.AsyncClient) -> None:
    sent = await farm.post("/epcis/capture", content=document([plain(b.harvest()), cooling(1)]))
    assert (sent.status_code, sent.content) == (202, b"")
    assert sent.headers["gs1-epcis-version"] == "2.0.0"
    stored = site.world.store.events(0, 10)
    assert len(stored) == 2
    assert site.woken == [1]
    job = (await farm.get(sent.headers["location"])).json()
    assert (job["running"], job["success"], job["captureErrorBehaviour"]) == (False, True, "rollback")
    assert (job["eventCount"], job["errorCount"], job["errors"]) == (2, 0, [])
    assert job["createdAt"] == job["finishedAt"] == "2026-08-05T04:00:00.000Z"
    for number, (told, event) in enumerate(zip(job["events"], stored, strict=True)):
        assert told["event"] == number
        assert told["contentHash"] == "0x" + event.content_hash.hex()
        assert (told["eventID"], told["sequence"]) == (event.event_id, event.sequence)
        receipt = acknowledgement_from_json(told["receipt"])
        assert receipt.acknowledgement.content_hash == event.content_hash


async def test_the_job_comes_along_where_it_is_preferred(farm: httpx.AsyncClient) -> None:
    sent = await farm.post("/epcis/capture", content=document([cooling(1)]), headers=PREFER)
    assert sent.headers["preference-applied"] == "return=representation"
    assert sent.json() == (await farm.get(sent.headers["location"])).json()


async def test_a_document_sent_again_gives_the_same_receipts(farm: httpx.AsyncClient) -> None:
    data = document([plain(b.harvest()), cooling(1)])
    first = (await farm.post("/epcis/capture", content=data, headers=PREFER)).json()
    again = (await farm.post("/epcis/capture", content=gzip.compress(data), headers=PREFER | GZIP)).json()
    assert again["events"] == first["events"]
    assert (again["repeated"], first["repeated"]) == (2, 0)


GZIP = {"content-encoding": "gzip"}


async def test_rollback_and_proceed(site: CaptureSite, farm: httpx.AsyncClient) -> None:
    data = document([cooling(1), cooling(2) | {"action": "TAKE"}])
    job = (await farm.post("/epcis/capture", content=data, headers=PREFER)).json()
    assert (job["success"], job["events"]) == (False, [])
    (error,) = job["errors"]
    assert error["type"] == "epcisException:ValidationException"
    assert (error["status"], error["event"], error["field"], error["value"]) == (400, 1, "/action", "TAKE")
    assert error["rule"]
    assert site.world.store.events(0, 10) == []
    proceed = PREFER | {"GS1-Capture-Error-Behaviour": "proceed"}
    job = (await farm.post("/epcis/capture", content=data, headers=proceed)).json()
    assert (job["success"], job["captureErrorBehaviour"]) == (False, "proceed")
    assert [one["event"] for one in job["events"]] == [0]
    wrong = await farm.post("/epcis/capture", content=data, headers={"GS1-Capture-Error-Behaviour": "guess"})
    problem_of(wrong, 400, "invalid-request")


async def test_jobs_are_listed_in_pages(farm: httpx.AsyncClient) -> None:
    made = {(await farm.post("/epcis/capture", content=document([cooling(n)]))).headers["location"] for n in range(3)}
    first = await farm.get("/epcis/capture?perPage=2")
    assert "events" not in first.json()["captureJobs"][0]
    rest = await farm.get(first.links["next"]["url"])
    assert "link" not in rest.headers
    listed = [job["captureID"] for page in (first, rest) for job in page.json()["captureJobs"]]
    assert {f"/epcis/capture/{name}" for name in listed} == made
    assert problem_of(await farm.get("/epcis/capture?nextPageToken=x"), 400, "invalid-request") == ["page.token"]
    problem_of(await farm.get("/epcis/capture?perPage=1000"), 400, "invalid-request")


async def test_jobs_of_others_are_not_shown(site: CaptureSite, farm: httpx.AsyncClient) -> None:
    sent = await farm.post("/epcis/capture", content=document([cooling(1)]))
    async with site.client(site.key(b.HUB)) as hub:
        problem_of(await hub.get(sent.headers["location"]), 404, "unknown-capture-job")
        assert (await hub.get("/epcis/capture")).json() == {"captureJobs": []}
    problem_of(await farm.get("/epcis/capture/" + "0" * 32), 404, "unknown-capture-job")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer silkroot_" + "0" * 81])
@pytest.mark.parametrize("path", ["/epcis/capture", "/epcis/events"])
async def test_without_a_good_key_nothing_is_taken(site: CaptureSite, authorization: str, path: str) -> None:
    async with site.client() as nobody:
        headers = {"authorization": authorization} if authorization else {}
        refused = await nobody.post(path, content=document([cooling(1)]), headers=headers)
    problem_of(refused, 401, "unauthenticated")
    assert refused.headers["www-authenticate"] == "Bearer"
    assert site.world.store.events(0, 10) == []


async def test_jobs_need_a_key_too(site: CaptureSite) -> None:
    async with site.client() as nobody:
        problem_of(await nobody.get("/epcis/capture"), 401, "unauthenticated")
        problem_of(await nobody.get("/epcis/capture/" + "0" * 32), 401, "unauthenticated")


async def test_a_revoked_key_is_good_for_nothing(site: CaptureSite) -> None:
    token = site.key()
    site.desk.keys.revoke(token.split("_")[1])
    async with site.client(token) as client:
        problem_of(await client.post("/epcis/capture", content=document([])), 401, "unauthenticated")


async def test_a_key_for_another_action_is_refused(site: CaptureSite) -> None:
    async with site.client(site.key(b.FARM, ApiAction.READ_JOBS)) as reader:
        refused = await reader.post("/epcis/capture", content=document([cooling(1)]))
        assert problem_of(refused, 403, "forbidden") == ["key.action"]
        assert (await reader.get("/epcis/capture")).status_code == 200


async def test_events_of_another_party_are_refused(site: CaptureSite, farm: httpx.AsyncClient) -> None:
    refused = await farm.post("/epcis/capture", content=document([cooling(1), b.inspection(party=b.HUB)]))
    assert problem_of(refused, 403, "forbidden") == ["key.party"]
    refused = await farm.post("/epcis/events", content=orjson.dumps(b.inspection(party=b.HUB)))
    assert problem_of(refused, 403, "forbidden") == ["key.party"]
    assert site.world.store.events(0, 10) == []


async def test_signed_events_come_with_anybodys_key(site: CaptureSite, farm: httpx.AsyncClient) -> None:
    device = signing_key(71)
    enrol(site.world, b.HUB, device)
    event = presign(b.inspection(party=b.HUB), device)
    job = (await farm.post("/epcis/capture", content=document([event]), headers=PREFER)).json()
    assert job["success"], job
    assert site.world.store.events(0, 10)[0].proof.key_id == device.id


async def test_a_document_may_hold_part_of_a_batch_and_be_told_what_is_none_of_it(
    site: CaptureSite, farm: httpx.AsyncClient
) -> None:
    device = signing_key(71)
    enrol(site.world, b.FARM, device)
    sent = together(readings(20), device)[5:15]
    sent[3]["silkroot:proof"]["batch"]["root"] = "0x" + "00" * 32
    headers = PREFER | {"gs1-capture-error-behaviour": "proceed"}
    job = (await farm.post("/epcis/capture", content=document(sent), headers=headers)).json()
    assert [one["event"] for one in job["events"]] == [0, 1, 2, *range(4, 10)]
    (error,) = job["errors"]
    assert (error["event"], error["field"], error["rule"]) == (3, "/silkroot:proof/batch/root", "batch.root")
    assert "does not lead from the event's digest" in error["detail"]


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b'{"type": "EPCISDocument"}', document([1]), b"\xff"])
async def test_what_is_no_document_is_a_problem(farm: httpx.AsyncClient, data: bytes) -> None:
    refused = await farm.post("/epcis/capture", content=data)
    assert problem_of(refused, 400, "invalid-request")
    assert (await farm.get("/epcis/capture")).json() == {"captureJobs": []}


@pytest.mark.parametrize(
    "headers",
    [{"content-type": "text/xml"}, {"content-type": ""}, {"content-encoding": "br"}, GZIP],
    ids=["xml", "none", "brotli", "no gzip at all"],
)
async def test_what_cannot_be_read_is_unsupported(farm: httpx.AsyncClient, headers: dict[str, str]) -> None:
    refused = await farm.post("/epcis/capture", content=document([cooling(1)]), headers=headers)
    problem_of(refused, 415, "unsupported-media-type")


@pytest.mark.parametrize("cut", [slice(0, -5), slice(0, 0)], ids=["cut off", "empty"])
async def test_a_broken_gzip_is_unsupported(farm: httpx.AsyncClient, cut: slice) -> None:
    data = gzip.compress(document([cooling(1)]))
    problem_of(await farm.post("/epcis/capture", content=data[cut], headers=GZIP), 415, "unsupported-media-type")
    problem_of(await farm.post("/epcis/capture", content=data + b"more", headers=GZIP), 415, "unsupported-media-type")


async def test_too_many_events_are_too_much(farm: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST_EVENTS", 1)
    problem_of(await farm.post("/epcis/capture", content=document([cooling(1), cooling(2)])), 413, "too-long")


async def test_plain_json_will_do(farm: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/json; charset=utf-8"}
    assert (await farm.post("/epcis/capture", content=document([cooling(1)]), headers=headers)).status_code == 202


async def test_a_single_event(site: CaptureSite, farm: httpx.AsyncClient) -> None:
    sent = await farm.post("/epcis/events", content=orjson.dumps(plain(b.harvest())))
    assert sent.status_code == 201
    (stored,) = site.world.store.events(0, 10)
    async with site.client() as anybody:
        read = await anybody.get(sent.headers["location"])
        assert read.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["eventID"] == stored.event_id
        problem_of(await anybody.get("/epcis/events/urn:uuid:0"), 404, "unknown-event")
    again = await farm.post("/epcis/events", content=orjson.dumps(plain(b.harvest())))
    assert (again.status_code, again.headers["location"]) == (201, sent.headers["location"])


async def test_the_same_eventid_with_other_content_is_a_conflict(farm: httpx.AsyncClient) -> None:
    assert (await farm.post("/epcis/events", content=orjson.dumps(cooling(1)))).status_code == 201
    other = await farm.post("/epcis/events", content=orjson.dumps(cooling(1) | {"disposition": "damaged"}))
    assert problem_of(other, 409, "event-exists") == ["event-id.conflict"]


async def test_a_single_event_that_breaks_a_rule(farm: httpx.AsyncClient) -> None:
    assert problem_of(
        await farm.post("/epcis/events", content=orjson.dumps(cooling(1) | {"action": "TAKE"})), 400, "invalid-request"
    )
    problem_of(await farm.post("/epcis/events", content=document([])), 400, "invalid-request")


@pytest.mark.parametrize("path", ["/epcis/capture", "/epcis/events"])
async def test_plain_http_from_elsewhere_is_refused(ledger: World, path: str) -> None:
    site = capture_site(ledger)
    token = site.key()
    for peer in ("192.168.1.20", "fe80::1", "not an address"):
        async with site.client(token, peer) as phone:
            problem_of(await phone.post(path, content=document([cooling(1)])), 403, "plain-http")
            problem_of(await phone.get("/epcis/capture"), 403, "plain-http")
    for peer in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"):
        async with site.client(token, peer) as here:
            assert (await here.get("/epcis/capture")).status_code == 200
    async with site.client(token, "192.168.1.20", "https://trace.example") as far:
        assert (await far.get("/epcis/capture")).status_code == 200


async def test_plain_http_is_taken_where_the_operator_says_so(ledger: World) -> None:
    site = capture_site(ledger, trusts_the_way=True)
    async with site.client(site.key(), "192.168.1.20") as phone:
        assert (await phone.post("/epcis/capture", content=document([cooling(1)]))).status_code == 202


async def test_what_can_be_asked_of_the_addresses(farm: httpx.AsyncClient) -> None:
    told = await farm.options("/epcis/capture")
    assert told.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert "POST" not in told.headers["access-control-allow-methods"]
    posted = await farm.options("/epcis/events")
    assert (posted.status_code, posted.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    assert "POST" not in posted.headers["access-control-allow-methods"]
    wrong = await farm.delete("/epcis/capture")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")
    assert "default-src 'none'" in wrong.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("settings", "trusted"),
    [
        ({}, False),
        ({"public_url": "http://192.168.1.5:8000"}, False),
        ({"public_url": "https://melons.example"}, True),
        ({"allow_plain_capture": True}, True),
    ],
    ids=["alone", "lan", "https", "allowed"],
)
def test_the_way_is_trusted_by_address_or_setting(ledger: World, settings: dict[str, Any], trusted: bool) -> None:
    site = capture_site(ledger)
    parts: Any = SimpleNamespace(
        settings=Settings(**settings), store=ledger.store, clock=ledger.clock, wake=lambda: None,
        api_keys=lambda: site.desk.keys, capture_jobs=lambda: site.desk.jobs, preparers=None,
    )  # fmt: skip
    assert capture_desk(parts).trusts_the_way is trusted


@pytest.mark.parametrize("error", [LedgerBusy("somebody writes"), StoreError("disk full"), KeyLocked("no passphrase")])
async def test_what_cannot_be_recorded_now_is_to_be_sent_again(ledger: World, error: Exception) -> None:
    class Failing:
        def take(self, *arguments: Any, **options: Any) -> Any:
            raise error

    site = capture_site(ledger, jobs=Failing())
    async with site.client(site.key()) as client:
        refused = await client.post("/epcis/capture", content=document([cooling(1)]))
    problem_of(refused, 503, "could-not-be-checked")
    assert refused.headers["retry-after"]
