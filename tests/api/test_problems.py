"""Errors: each with its own status and words, as problem details or as a page."""

from __future__ import annotations

import re

import httpx
import pytest
from fake_services import FakeWorld
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Route
from story_samples import CASES, LOT

from api.app import create_app
from api.staff import access, label_pages
from ledger.domain.errors import ChainUnavailable, StoreError

JSON = {"accept": "application/json"}
BAD_CHECK_DIGIT = f"{CASES + 1:014d}"


async def test_a_broken_check_digit_is_a_400_page_that_names_the_rule(client: httpx.AsyncClient) -> None:
    response = await client.get(f"/01/{BAD_CHECK_DIGIT}/10/{LOT.code}")
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/html")
    assert 'data-problem="malformed-link"' in response.text
    assert "gs1.check-digit" in response.text
    assert BAD_CHECK_DIGIT in response.text
    assert "data-verdict" not in response.text
    chinese = await client.get(f"/01/{BAD_CHECK_DIGIT}/10/{LOT.code}", headers={"accept-language": "zh"})
    assert "校验码" in chinese.text


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/01/123/10/A", "gs1.gtin.length"),
        ("/01/abcdefghijklmn/10/A", "gs1.gtin.length"),
        ("/01/00000000000000/10/A", "gs1.gtin.zero"),
        (f"/01/{CASES:014d}/10/{'A' * 21}", "gs1.ai10"),
        (f"/01/{CASES:014d}/10/%E7%93%9C", "gs1.ai10"),
        (f"/01/{CASES:014d}/10/A%20B", "gs1.ai10"),
        (f"/01/{CASES:014d}/10/{LOT.code}/21/{'9' * 21}", "gs1.ai21"),
        ("/lot/99999999999999999999/A", "product.range"),
        ("/lots/1/A", "gs1.gtin.length"),
        ("/lots/1/A/qr.svg", "gs1.gtin.length"),
        ("/lots?after=nonsense", "lot.reference"),
        ("/lots?limit=0", "greater_than_equal"),
        ("/lots?limit=many", "int_parsing"),
        ("/?after=1%2FA", "gs1.gtin.length"),
    ],
)
async def test_each_malformed_address_names_its_rule(client: httpx.AsyncClient, path: str, rule: str) -> None:
    response = await client.get(path, headers=JSON)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == 400
    assert rule in [violation["rule"] for violation in body["violations"]]
    assert {"type", "title", "detail"} <= set(body)
    page = await client.get(path)
    assert page.status_code == 400
    assert rule in page.text


async def test_an_unknown_lot_is_a_404_page_of_its_own(client: httpx.AsyncClient) -> None:
    response = await client.get(f"/01/{CASES:014d}/10/NOPE")
    assert response.status_code == 404
    assert 'data-problem="unknown-lot"' in response.text
    assert "data-verdict" not in response.text
    as_json = await client.get(f"/lots/{CASES:014d}/NOPE", headers=JSON)
    assert as_json.status_code == 404
    assert as_json.json()["type"] == "urn:silkroot:problem:unknown-lot"


async def test_an_address_that_is_none_is_another_404(client: httpx.AsyncClient) -> None:
    response = await client.get("/nothing/here")
    assert response.status_code == 404
    assert 'data-problem="not-found"' in response.text


@pytest.mark.parametrize("failure", [ChainUnavailable("no node"), StoreError("disk")])
async def test_a_failure_underneath_is_503_and_unknown(
    client: httpx.AsyncClient, world: FakeWorld, failure: Exception
) -> None:
    world.stories.failure = failure
    response = await client.get(f"/01/{CASES:014d}/10/{LOT.code}")
    assert response.status_code == 503
    assert 'data-verdict="unknown"' in response.text
    assert "verified" not in response.text.partition("</style>")[2]
    assert response.headers["retry-after"] == "10"
    assert str(failure) not in response.text


async def test_an_unexpected_error_is_500_and_tells_nothing(client: httpx.AsyncClient, world: FakeWorld) -> None:
    world.stories.failure = RuntimeError("secret inside")
    response = await client.get(f"/01/{CASES:014d}/10/{LOT.code}")
    assert response.status_code == 500
    assert "secret inside" not in response.text
    assert "Traceback" not in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/lots", f"/01/{CASES:014d}/10/{LOT.code}", "/health"])
async def test_nothing_can_be_written(client: httpx.AsyncClient, method: str, path: str) -> None:
    response = await client.request(method, path, headers=JSON)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
    assert response.json()["type"] == "urn:silkroot:problem:method-not-allowed"


def every_route() -> list[Route]:
    """Each route of the public application, those of included routers too."""
    routes: list[BaseRoute] = []
    for route in create_app(FakeWorld().services).routes:
        included = getattr(route, "original_router", None)
        routes += [route] if included is None else included.routes
    assert all(isinstance(route, Route) for route in routes), "a mounted application may take what it likes"
    return [route for route in routes if isinstance(route, Route)]


def every_path() -> list[str]:
    """Their paths, with the parameters of a lot that exists."""
    known = {"gtin": f"{CASES:014d}", "product": f"{CASES:014d}", "lot": LOT.code, "serial": "1"}
    return [re.sub(r"{(\w+)(:\w+)?}", lambda found: known.get(found[1], "x"), route.path) for route in every_route()]


@pytest.mark.parametrize("path", every_path())
async def test_no_route_takes_a_method_that_writes(client: httpx.AsyncClient, path: str) -> None:
    # What is posted to /rpc are questions to the chain's node; which of them pass is seen in test_rpc. What writes is
    # seen in test_capture_routes; what staff write, in the tests of their pages;
    # reports of readers, in test_label_pages.
    posted = {"/rpc", "/epcis/capture", "/epcis/events", f"/lots/{CASES:014d}/{LOT.code}/report"}
    is_posted = path in posted or path.startswith("/staff/")
    methods = {"POST", "PUT", "DELETE", "PATCH", "MKCOL", "PROPPATCH"} - ({"POST"} if is_posted else set())
    for method in methods:
        assert (await client.request(method, path, headers=JSON)).status_code == 405, method


def writing_routes() -> list[Route]:
    """Those that take more than GET and HEAD."""
    return [route for route in every_route() if not (route.methods or set()) <= {"GET", "HEAD"}]


def calls_of(dependant: Dependant) -> set[object]:
    """All that is called before the route's own function."""
    return {one.call for one in dependant.dependencies}.union(*map(calls_of, dependant.dependencies))


def test_whatever_staff_change_asks_whose_page_sent_it() -> None:
    """Each route for staff that takes a POST depends on the form token; before there is a session, on the origin."""
    before = ("/staff/api/join", "/staff/api/sign-in")
    posted = [route for route in writing_routes() if route.path.startswith("/staff")]
    assert len(posted) > 20
    for route in posted:
        assert isinstance(route, APIRoute)
        assert route.methods == {"POST"}, route.path
        called = calls_of(route.dependant)
        if route.path.startswith(before):
            assert access.require_own_origin in called, route.path
            assert access.require_real_browser in called, route.path
        else:
            assert access.signed_in in called, route.path
            assert {access.require_same_origin, label_pages.signed_form} & called, route.path


def test_every_route_is_looked_at() -> None:
    assert {"/", "/health", "/lots", "/openapi.json", f"/01/{CASES:014d}/10/{LOT.code}"} <= set(every_path())
    others = [route for route in writing_routes() if not route.path.startswith("/staff/")]
    assert [(route.path, route.methods) for route in others] == [
        ("/epcis/capture", {"POST"}),
        ("/epcis/events", {"POST"}),
        ("/lots/{product}/{lot}/report", {"POST"}),
        ("/rpc", {"POST"}),
        ("/rpc", {"OPTIONS"}),
    ]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "text/html"),
        ("", "text/html"),
        ("text/html", "text/html"),
        ("application/json", "application/problem+json"),
        ("application/problem+json", "application/problem+json"),
        ("text/html;q=0.1, application/json", "application/problem+json"),
        ("application/json;q=nonsense, text/html", "text/html"),
    ],
)
async def test_accept_chooses_page_or_problem_details(client: httpx.AsyncClient, accept: str, kind: str) -> None:
    response = await client.get(f"/01/{CASES:014d}/10/NOPE", headers={"accept": accept})
    assert response.headers["content-type"].split(";")[0] == kind


async def test_resources_answer_problem_details_where_accept_says_nothing(client: httpx.AsyncClient) -> None:
    response = await client.get(f"/lots/{CASES:014d}/NOPE", headers={"accept": "*/*"})
    assert response.headers["content-type"] == "application/problem+json"
