"""What programs read: lots, stories, health; and HEAD and OPTIONS everywhere."""

from __future__ import annotations

import httpx
import pytest
from fake_services import CONTRACTS, FakeWorld
from story_samples import CASES, LOT, PICKED, story

from ledger.domain.story_values import Verdict

STORY = f"/lots/{CASES:014d}/{LOT.code}"
PAGE = f"/01/{CASES:014d}/10/{LOT.code}"


async def test_lots_are_listed_with_their_addresses(client: httpx.AsyncClient) -> None:
    body = (await client.get("/lots")).json()
    assert [(item["product"], item["lot"]) for item in body["lots"]] == [
        (f"{PICKED.product:014d}", PICKED.code),
        (f"{LOT.product:014d}", LOT.code),
    ]
    assert body["lots"][1]["story"] == STORY
    assert body["lots"][1]["page"] == PAGE
    assert body["lots"][1]["name"] == {"zh": "哈密瓜", "en": "Hami melon", "ug": "قۇمۇل قوغۇنى"}
    assert "next" not in body


async def test_pages_of_lots_follow_each_other_without_gap_or_repeat(
    client: httpx.AsyncClient, world: FakeWorld
) -> None:
    for number in range(7):
        world.add(CASES, f"A/{number}%&")
    seen: list[tuple[str, str]] = []
    address: str | None = "/lots?limit=2"
    while address:
        body = (await client.get(address)).json()
        assert 0 < len(body["lots"]) <= 2
        seen += [(item["product"], item["lot"]) for item in body["lots"]]
        address = body.get("next")
    assert seen == [(f"{ref.product:014d}", ref.code) for ref in sorted(world.shelf.known)]


async def test_every_listed_address_leads_somewhere(client: httpx.AsyncClient, world: FakeWorld) -> None:
    world.add(CASES, "A/1%&")
    world.add(10**14 + 1, "B")
    for item in (await client.get("/lots")).json()["lots"]:
        assert (await client.get(item["story"])).status_code == 200
        assert (await client.get(item["page"])).status_code == 200


@pytest.mark.parametrize("verdict", [*Verdict])
async def test_the_story_as_json(client: httpx.AsyncClient, world: FakeWorld, verdict: Verdict) -> None:
    world.stories.told = story(verdict)
    response = await client.get(STORY)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert body["verdict"] == verdict.value
    assert {"qualifiers", "branches", "checks", "events"} <= set(body)


async def test_health(client: httpx.AsyncClient, world: FakeWorld) -> None:
    response = await client.get("/health")
    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert response.json()["chain"] == {"id": 31337, "head": 512, "contracts": CONTRACTS, "lag": 2}
    world.health.detail = "no answer"
    degraded = (await client.get("/health")).json()
    assert (degraded["status"], degraded["chain"], degraded["detail"]) == ("degraded", None, "no answer")


async def test_the_first_page_lists_lots_by_product(client: httpx.AsyncClient, world: FakeWorld) -> None:
    response = await client.get("/")
    assert response.status_code == 200
    assert f'href="{PAGE}"' in response.text
    assert "Hami melon, loose" in response.text
    world.shelf.known.clear()
    assert "No lot is registered yet" in (await client.get("/")).text


async def test_the_first_page_pages_too(client: httpx.AsyncClient, world: FakeWorld) -> None:
    for number in range(70):
        world.add(CASES, f"N-{number:03d}")
    first = (await client.get("/")).text
    assert "N-069" not in first
    following = first.split('class="button" href="')[1].split('"')[0]
    assert "N-069" in (await client.get("/" + following)).text


async def test_the_interface_describes_itself(client: httpx.AsyncClient) -> None:
    assert "/lots/{product}/{lot}" in (await client.get("/docs")).text
    assert (await client.get("/openapi.json")).json()["openapi"].startswith("3.")


ADDRESSES = ["/", PAGE, f"{PAGE}/21/7", "/lots", STORY, f"{STORY}/qr.svg", f"{STORY}/qr.png", "/health", "/docs"]


@pytest.mark.parametrize("path", [*ADDRESSES, "/nothing", f"/01/{CASES:014d}/10/NOPE"])
async def test_head_is_get_without_the_body(client: httpx.AsyncClient, path: str) -> None:
    got, head = await client.get(path), await client.head(path)
    assert head.status_code == got.status_code
    assert head.content == b""
    for name in ("content-type", "content-length", "content-security-policy"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("path", ADDRESSES)
async def test_options_says_what_is_allowed(client: httpx.AsyncClient, path: str) -> None:
    response = await client.options(path)
    assert response.status_code == 204
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
    assert response.headers["access-control-allow-origin"] == "*"


async def test_options_of_nothing_is_404(client: httpx.AsyncClient) -> None:
    assert (await client.options("/nothing")).status_code == 404
