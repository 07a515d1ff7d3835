"""The page /verify as the service gives it: words, policy, addresses; and the files that it loads."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fake_services import FakeWorld
from story_samples import LOT

from api.app import create_app
from api.localization import LANGUAGES
from api.routes.verify import script_json
from api.static_files import MEDIA_TYPES, bundle_version
from api.views.finding_phrases import FINDINGS
from api.views.verify_words import MORE_FINDINGS, UI

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = {"format": "silkroot-deployment-3", "network": "local", "chainId": 31337, "partyRegistry": "0x" + "a1" * 20}


def data_of(html: str) -> dict[str, Any]:
    """What the page gives its script."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.mark.parametrize("language", [*LANGUAGES])
async def test_it_brings_its_words_in_the_readers_language(client: httpx.AsyncClient, language: str) -> None:
    response = await client.get(f"/verify?lang={language}")
    assert response.status_code == 200
    data = data_of(response.text)
    assert data["tag"] == LANGUAGES[language]
    assert data["rightToLeft"] is (language == "ug")
    assert set(data["findings"]) == {*FINDINGS, *MORE_FINDINGS}
    assert set(data["ui"]) == set(UI)
    assert f'lang="{LANGUAGES[language]}"' in response.text


async def test_it_says_no_verdict_of_its_own(client: httpx.AsyncClient) -> None:
    page = (await client.get(f"/verify?lot={LOT}")).text
    assert "data-verdict" not in page
    assert "hidden" in page


async def test_only_this_page_runs_scripts_and_only_ours(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/verify")).headers["content-security-policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "connect-src 'self' http: https:;" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "script-src" not in (await client.get("/")).headers["content-security-policy"]


async def test_the_addresses_are_those_that_the_service_pins(world: FakeWorld) -> None:
    services = replace(world.services, deployment=CONTRACTS, confirmations={"local": 1, "default": 12})
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://trace.example") as client:
        page = (await client.get("/verify")).text
    assert data_of(page)["deployment"] == CONTRACTS
    assert data_of(page)["confirmations"] == {"local": 1, "default": 12}
    assert "a1" * 20 in page.partition("<pre")[2].partition("</pre>")[0]


async def test_without_scripts_it_offers_the_file_and_the_command(client: httpx.AsyncClient) -> None:
    page = (await client.get(f"/verify?lot={LOT}")).text
    inside = page.partition("<noscript>")[2].partition("</noscript>")[0]
    assert f'href="lots/{LOT.product:014d}/{LOT.code}/proof"' in inside
    assert "silkroot verify" in inside


@pytest.mark.parametrize("lot", ["x", "1/2/3", '"><script>alert(1)</script>', "09521234567890/A"])
async def test_a_lot_that_is_none_is_left_to_the_script(client: httpx.AsyncClient, lot: str) -> None:
    response = await client.get("/verify", params={"lot": lot})
    assert response.status_code == 200
    assert "/proof" not in response.text.partition("<noscript>")[2].partition("</noscript>")[0]
    assert "alert(1)" not in response.text.replace("%3Cscript%3Ealert%281%29", "")


def test_no_words_can_end_the_script_that_holds_them() -> None:
    text = str(script_json({"a": "</script><!--&"}))
    assert "<" not in text
    assert ">" not in text
    assert json.loads(text) == {"a": "</script><!--&"}


async def test_files_are_kept_under_their_version_and_asked_again_without_it(client: httpx.AsyncClient) -> None:
    for name, media_type in MEDIA_TYPES.items():
        kept = await client.get(f"/static/{name}?v={bundle_version()}")
        assert kept.headers["content-type"] == media_type
        assert "immutable" in kept.headers["cache-control"]
        asked = await client.get(f"/static/{name}")
        assert asked.headers["cache-control"] == "no-cache"
        again = await client.get(f"/static/{name}", headers={"if-none-match": asked.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["verify.ts", "..%2Fapp.py", "%2e%2e%2fapp.py", "LICENSE", ""])
async def test_there_are_no_other_files(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/static/{name}")).status_code == 404


async def test_the_page_names_the_files_that_there_are(client: httpx.AsyncClient) -> None:
    page = (await client.get("/verify")).text
    for address in (re.search(r'type="module" src="([^"]+)"', page)[1], data_of(page)["scanner"]):  # type: ignore[index]
        assert parse_qs(urlsplit(address).query)["v"] == [bundle_version()]
        assert (await client.get("/" + address)).status_code == 200


def test_the_verifier_is_small() -> None:
    script = (ROOT / "api" / "static" / "verify.js").read_bytes()
    assert len(gzip.compress(script, 9)) < 60_000


def test_it_has_words_for_everything_that_it_says() -> None:
    source = "".join(path.read_text() for path in (ROOT / "api" / "web" / "page").glob("*.ts"))
    said = set(re.findall(r'\bui\(\s*"([a-z-]+)"', source))
    said |= {"node", "node-doubted", "kilograms", "grams", "branch", "branch-held"}
    assert said <= set(UI)
    verifier = "".join(path.read_text() for path in (ROOT / "api" / "web" / "verify").glob("*.ts"))
    codes = set(re.findall(r'"((?:content|signature|chain)\.[a-z-]+)"', verifier))
    codes |= {f"custody.{code}" for code in re.findall(r'(?:gap\(reading, |add\(|[^.]gap\()"([a-z-]+)"', verifier)}
    assert {code for code in codes if code not in {**FINDINGS, **MORE_FINDINGS}} == set()


async def test_the_lots_page_leads_to_it_without_a_script(client: httpx.AsyncClient) -> None:
    page = (await client.get(f"/01/{LOT.product:014d}/10/{LOT.code}")).text
    assert f'href="/verify?lot={LOT.product:014d}/{LOT.code}"' in page
    assert "<script" not in page
