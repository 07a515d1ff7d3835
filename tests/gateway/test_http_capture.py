"""The gateway's side of the capture interface: against the service's own application, and against odd answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import event_builders as b
import httpx
import orjson
import pytest
from capture_client import CaptureSite, capture_site
from capture_documents import plain
from ledger_fixture import LEDGER_DOMAIN, START, World, ledger_world
from presigned_events import enrol, presign
from signing_keys import signing_key

from api.capture_gate import Limits
from ledger.adapters.http_capture import HttpCapture
from ledger.adapters.pinned import Pinned, pinned_json
from ledger.domain.api_keys import ApiAction
from ledger.domain.errors import UnusableSettings
from ledger.ports_gateway import Answer, Declined, ServiceAway

KEY = signing_key(91)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[World]:
    made = ledger_world(tmp_path)
    enrol(made, b.FARM, KEY)
    yield made
    made.store.close()


@pytest.fixture
def site(ledger: World) -> CaptureSite:
    return capture_site(ledger)


def at(site: CaptureSite, key: str | None = None, peer: str = "127.0.0.1") -> HttpCapture:
    """The service, asked with a key of the hub."""
    transport = httpx.ASGITransport(site.app, raise_app_exceptions=False, client=(peer, 1234))
    return HttpCapture("http://127.0.0.1:8000/", key or site.key(b.HUB), lambda: START, transport=transport)


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> HttpCapture:
    return HttpCapture("http://service", "silkroot_x", lambda: START, transport=httpx.MockTransport(answer))


def inspection(number: int) -> dict[str, Any]:
    event = b.inspection()
    blind = f"{number:030x}ff"
    return presign({**event, "silkroot:blind": blind}, KEY)


async def test_signed_events_are_recorded_and_known_again(site: CaptureSite) -> None:
    service, events = at(site), [inspection(n) for n in range(3)]
    assert await service.capture(events) == Answer(frozenset({0, 1, 2}), {}, 0)
    assert await service.capture(events) == Answer(frozenset({0, 1, 2}), {}, 3)


async def test_the_context_that_was_signed_is_the_one_that_is_stored(site: CaptureSite) -> None:
    standard, *own = b.inspection()["@context"]
    for blind, context in (
        ("0a" * 16, [standard, *own]),
        ("0b" * 16, [*own, standard]),
        ("0c" * 16, [standard, {"sr": "https://silkroot.example/epcis/"}, *own]),
    ):
        signed = presign({**b.inspection(), "@context": context, "silkroot:blind": blind}, KEY)
        assert (await at(site).capture([signed])).refused == {}


async def test_a_refused_event_is_told_with_its_rules(site: CaptureSite) -> None:
    other = presign({**b.inspection(), "silkroot:blind": "0a" * 16}, signing_key(92))
    answer = await at(site).capture([inspection(1), other, inspection(2)])
    assert answer.recorded == {0, 2}
    assert [(one.field, one.rule) for one in answer.refused[1]] == [("/silkroot:proof/keyId", "UnknownKey")]


async def test_an_unsigned_event_of_another_party_is_the_events_fault(site: CaptureSite) -> None:
    event = plain(b.inspection()) | {"silkroot:party": f"{b.FARM:013d}"}
    with pytest.raises(Declined) as error:
        await at(site).capture([event])
    assert [one.rule for one in error.value.violations] == ["key.party"]


async def test_a_document_that_is_none_is_the_events_fault(site: CaptureSite) -> None:
    deep: dict[str, Any] = {"type": "ObjectEvent"}
    for _ in range(62):
        deep = {"type": "ObjectEvent", "x": deep}
    with pytest.raises(Declined) as error:
        await at(site).capture([deep])
    assert [one.rule for one in error.value.violations] == ["json.depth"]


async def test_too_much_is_the_documents_fault(ledger: World) -> None:
    small = capture_site(ledger, limits=Limits(document_bytes=200))
    with pytest.raises(Declined) as error:
        await at(small).capture([inspection(1)])
    assert [(one.rule, one.value) for one in error.value.violations] == [("gateway.declined", "413")]
    assert "200 bytes" in error.value.violations[0].message


async def test_no_place_is_not_now(ledger: World) -> None:
    full = capture_site(ledger, limits=Limits(documents=0))
    with pytest.raises(ServiceAway, match="429") as error:
        await at(full).capture([inspection(1)])
    assert error.value.retry_after == 1.0


async def test_a_key_that_is_wrong_or_not_good_for_it_is_the_operators_affair(site: CaptureSite) -> None:
    with pytest.raises(UnusableSettings, match="401"):
        await at(site, "silkroot_0000000000000000_" + "0" * 40).capture([inspection(1)])
    with pytest.raises(UnusableSettings, match="403"):
        await at(site, site.key(b.HUB, ApiAction.READ_JOBS)).capture([inspection(1)])
    with pytest.raises(UnusableSettings, match="403"):
        await at(site, peer="192.0.2.1").capture([inspection(1)])


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_answers_that_mean_not_now(status: int) -> None:
    for header, seconds in (("7", 7.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("-1", 0.0), ("", 0.0)):
        service = answering(lambda _r, header=header: httpx.Response(status, headers={"retry-after": header}))
        with pytest.raises(ServiceAway, match=str(status)) as error:
            await service.capture([{}])
        assert error.value.retry_after == seconds


@pytest.mark.parametrize("status", [200, 201, 204, 301, 307, 401, 404, 405, 415])
async def test_answers_of_something_else_than_the_interface(status: int) -> None:
    service = answering(lambda _request: httpx.Response(status, headers={"location": "http://elsewhere"}))
    with pytest.raises(UnusableSettings, match=str(status)):
        await service.capture([{}])


async def test_a_network_that_fails_is_not_now() -> None:
    def fails(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("too slow", request=request)

    with pytest.raises(ServiceAway, match="too slow"):
        await answering(fails).capture([{}])


JOB: dict[str, Any] = {
    "running": False, "eventCount": 2, "repeated": 0, "errors": [], "events": [{"event": 0}, {"event": 1}],
}  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", *(orjson.dumps(JOB | change) for change in (
        {"running": True}, {"eventCount": 1}, {"events": [{"event": 2}]}, {"events": [{"event": "0"}]},
        {"events": None}, {"errors": [{"event": 0}]}, {"repeated": None}))],
)  # fmt: skip
async def test_a_202_that_does_not_say_what_became_of_it_settles_nothing(body: bytes) -> None:
    with pytest.raises(ServiceAway, match="202"):
        await answering(lambda _request: httpx.Response(202, content=body)).capture([{}, {}])
    assert (await answering(lambda _request: httpx.Response(202, json=JOB)).capture([{}, {}])).recorded == {0, 1}


async def test_the_domain_is_the_published_one() -> None:
    assert LEDGER_DOMAIN.contract == b"\x11" * 20
    pinned = Pinned("local", 31337, b"\x22" * 20, b"\x11" * 20, b"\x33" * 20, 0)
    service = answering(lambda _request: httpx.Response(200, json=pinned_json(pinned)))
    assert await service.domain() == LEDGER_DOMAIN
    for response in (httpx.Response(404), httpx.Response(200, json={})):
        with pytest.raises(UnusableSettings, match=r"deployment\.json"):
            await answering(lambda _request, response=response: response).domain()
