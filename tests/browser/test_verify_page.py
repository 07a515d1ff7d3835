"""The page /verify in a real Chromium, against a real chain: steps, verdicts, tamperings, nodes, codes, languages."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from chain_fixtures import SystemClock, anvil_url  # noqa: F401 - fixtures
from fake_services import FakeWorld
from playwright.sync_api import Browser, Page, expect
from proof_world import ProofWorld, proof_world  # noqa: F401 - fixtures
from proof_world_lots import LOTS
from tamperings import Case, cases

from api.app import create_app
from api.localization import LANGUAGES, words
from api.views.phrases import VERDICTS
from api.views.verify_words import UI
from ledger.adapters.networks import confirmations_by_name
from ledger.adapters.pinned import pinned_json
from ledger.adapters.qr_labels import lot_link, qr_png
from ledger.adapters.rpc_forward import RpcForward
from ledger.domain.story_values import Verdict
from ledger.services.rpc_gate import RpcGate
from ledger.services.rpc_policy import RpcPolicy
from ledger.services.token_buckets import TokenBuckets

pytestmark = [pytest.mark.browser, pytest.mark.chain]
CHECKS = ["content", "signature", "anchored", "custody", "recall"]
PACKED = LOTS["packed"]


@dataclass(frozen=True)
class Site:
    """The application over the proof world, and where it listens."""

    url: str
    world: ProofWorld


@pytest.fixture(scope="module")
def site(proof_world: ProofWorld) -> Iterator[Site]:  # noqa: F811
    """The application with the world's contracts, its chain behind /rpc, and its proofs."""
    deployment = proof_world.deployment
    gate = RpcGate(
        RpcForward(lambda: proof_world.rpc_url),
        RpcPolicy(frozenset({deployment.registry, deployment.ledger, deployment.log})),
        TokenBuckets(SystemClock(), burst=100_000, per_second=10_000.0),
    )
    services = replace(
        FakeWorld().services,
        proofs=proof_world.proofs(),
        rpc=gate,
        deployment=pinned_json(deployment.pinned),
        confirmations=confirmations_by_name(),
    )
    app = create_app(services)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", proof_world)
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def table(proof_world: ProofWorld) -> list[Case]:  # noqa: F811
    return list(cases(proof_world))


@contextmanager
def opened(browser: Browser, site: Site, path: str = "/verify", **context: Any) -> Iterator[Page]:
    """The page in a phone's window; a console error, or a request to another host, fails the test."""
    shape = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}
    window = browser.new_context(**{**shape, "locale": "en-GB", **context})  # type: ignore[arg-type]
    page = window.new_page()
    errors: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]) if "://" in request.url else None)
    page.goto(site.url + path)
    yield page
    window.close()
    assert errors == []
    assert {host.partition(":")[0] for host in hosts} == {"127.0.0.1"}


def query_of(name: str) -> str:
    ref = LOTS[name]
    return f"/verify?lot={ref.product:014d}/{ref.code}"


def verdict_of(page: Page) -> str | None:
    """The verdict, once there is one."""
    page.wait_for_selector("main[data-verdict]", timeout=20_000)
    return page.locator("main").get_attribute("data-verdict")


def drop(page: Page, text: str, name: str = "proof.json") -> None:
    """Drops a file on the page, as a hand would."""
    page.evaluate(
        """([text, name]) => {
            delete document.querySelector("main").dataset.verdict;
            const data = new DataTransfer();
            data.items.add(new File([text], name, { type: "application/json" }));
            document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        [text, name],
    )


def test_a_true_lot_becomes_verified_step_by_step(browser: Browser, site: Site) -> None:
    with opened(browser, site, query_of("packed")) as page:
        assert verdict_of(page) == "verified"
        steps = page.locator("#steps li[data-check]")
        assert [item.get_attribute("data-check") for item in steps.all()] == CHECKS
        assert {item.get_attribute("data-outcome") for item in steps.all()} == {"passed"}
        assert page.locator("#steps li").count() == 2 + len(CHECKS)
        assert page.locator("#verdict h2").inner_text() == VERDICTS[Verdict.VERIFIED].title
        assert PACKED.code in page.locator("#verdict").inner_text()
        expect(page.locator("#know-list li").first).to_be_visible()
        expect(page.locator("#why")).to_be_hidden()
        page.locator("#evidence summary").click()
        expect(page.locator("#proof")).to_contain_text("0x")


def test_a_lot_that_was_too_warm_says_how_long_and_at_what(browser: Browser, site: Site) -> None:
    with opened(browser, site, query_of("warm")) as page:
        assert verdict_of(page) == "suspect"
        told = page.locator("#why-list [data-code='custody.temperature']").inner_text()
        assert f"Lot {LOTS['warm'].code} was outside its temperature limits for 20 minutes, at worst at 12 °C" in told
    with opened(browser, site, query_of("inspected")) as page:
        assert verdict_of(page) == "verified"


def test_steps_are_seen_as_they_pass(browser: Browser, site: Site) -> None:
    with opened(browser, site) as page:
        page.evaluate(
            """() => {
                window.seen = [];
                new MutationObserver(() => {
                    const passed = document.querySelectorAll("#steps li.good").length;
                    const done = document.querySelector("main").dataset.verdict !== undefined;
                    window.seen.push([passed, done]);
                }).observe(document.querySelector("#steps"), { childList: true, subtree: true, attributes: true });
            }"""
        )
        page.fill("#link", f"{PACKED.product:014d}/{PACKED.code}")
        page.click("#go button")
        assert verdict_of(page) == "verified"
        seen = page.evaluate("window.seen")
        before = [passed for passed, done in seen if not done]
        assert {1, 2, 3, 4, 5, 6} <= set(before)


def test_every_tampering_has_its_verdict_and_its_reason(browser: Browser, site: Site, table: list[Case]) -> None:
    wrong = []
    with opened(browser, site) as page:
        for case in table:
            drop(page, case.text)
            verdict = verdict_of(page)
            codes = [item.get_attribute("data-code") for item in page.locator("#why-list .trouble").all()]
            words_told = page.locator("#why-list").inner_text() if codes else ""
            if verdict != case.verdict or (case.code and case.code not in codes) or "%(" in words_told:
                wrong.append((case.name, verdict, case.verdict, codes, case.code, words_told))
    assert wrong == []
    assert len(table) >= 30


def test_a_chosen_file_is_checked_as_a_dropped_one(browser: Browser, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(site.world.tree("recalled")))
    with opened(browser, site) as page:
        page.set_input_files("#file", file)
        assert verdict_of(page) == "recalled"


def test_what_is_no_proof_is_not_believed(browser: Browser, site: Site) -> None:
    with opened(browser, site) as page:
        for text in ("", "{}", "[1]", '{"format": "silkroot-proof-1"}', "no json"):
            drop(page, text)
            assert verdict_of(page) == "unverified"
            assert page.locator("#steps li.bad").count() == 1
            expect(page.locator("#evidence")).to_be_hidden()


def test_a_lot_that_nobody_has_is_no_verdict_on_fruit(browser: Browser, site: Site) -> None:
    window = browser.new_context()
    page = window.new_page()
    page.goto(f"{site.url}/verify?lot={PACKED.product:014d}/NOBODY")
    assert verdict_of(page) == "unknown"
    assert "404" in page.locator("#why-list").inner_text()
    window.close()


def test_another_node_changes_the_label(browser: Browser, site: Site) -> None:
    english = words("en")
    with opened(browser, site, query_of("packed")) as page:
        assert verdict_of(page) == "verified"
        assert page.locator("#label").inner_text() == english(UI["own-node"])
        assert english(UI["own-node"]) in page.locator("#verdict").inner_text()
        page.get_by_text("Ask somebody else").click()
        page.fill("#nodes", f"{site.world.rpc_url}\n{site.url}/rpc")
        hosts = ", ".join(url.split("/")[2] for url in (site.world.rpc_url, site.url))
        assert page.locator("#label").inner_text() == english(UI["other-nodes"], nodes=hosts)
        drop(page, json.dumps(site.world.tree("packed")))
        assert verdict_of(page) == "verified"
        assert hosts in page.locator("#verdict").inner_text()
        page.locator("#evidence summary").click()
        expect(page.locator("#proof")).to_contain_text(site.world.rpc_url)


def test_a_node_that_does_not_answer_is_no_verdict(browser: Browser, site: Site) -> None:
    window = browser.new_context()
    page = window.new_page()
    page.goto(f"{site.url}/verify")
    page.get_by_text("Ask somebody else").click()
    page.fill("#nodes", "http://127.0.0.1:9")
    drop(page, json.dumps(site.world.tree("packed")))
    assert verdict_of(page) == "unknown"
    codes = [item.get_attribute("data-code") for item in page.locator("#why-list .trouble").all()]
    assert codes[0] == "chain.unavailable"
    window.close()


def test_addresses_are_the_readers_not_the_proofs(browser: Browser, site: Site) -> None:
    record = {**pinned_json(site.world.deployment.pinned), "produceLedger": "0x" + "77" * 20}
    with opened(browser, site) as page:
        page.get_by_text("Which contracts are trusted").click()
        page.fill("#record", json.dumps(record))
        drop(page, json.dumps(site.world.tree("packed")))
        assert verdict_of(page) == "unknown"
        codes = [item.get_attribute("data-code") for item in page.locator("#why-list .trouble").all()]
        assert codes[0] == "bundle.other-chain"


def test_a_pasted_link_leads_to_its_lot(browser: Browser, site: Site) -> None:
    with opened(browser, site) as page:
        page.fill("#link", lot_link("https://trace.example", PACKED))
        page.click("#go button")
        assert verdict_of(page) == "verified"
        page.fill("#link", f"{site.url}/lots/{LOTS['recalled'].product:014d}/{LOTS['recalled'].code}/proof")
        page.click("#go button")
        page.wait_for_selector("main[data-verdict=recalled]")


def test_a_photograph_of_a_code_leads_to_its_lot(browser: Browser, site: Site, tmp_path: Path) -> None:
    picture = tmp_path / "code.png"
    picture.write_bytes(qr_png(lot_link("https://trace.example", PACKED)))
    with opened(browser, site) as page:
        page.set_input_files("#photo", picture)
        assert verdict_of(page) == "verified"
        assert page.locator("#link").input_value() == lot_link("https://trace.example", PACKED)


def test_a_picture_without_a_code_says_so(browser: Browser, site: Site, tmp_path: Path) -> None:
    from PIL import Image

    picture = tmp_path / "none.png"
    Image.new("RGB", (300, 300), "white").save(picture)
    with opened(browser, site) as page:
        page.set_input_files("#photo", picture)
        expect(page.locator("#hint")).to_have_text(words("en")(UI["no-code"]))


def test_what_is_sealed_is_told_as_withheld(browser: Browser, site: Site) -> None:
    sealed = next(name for name in LOTS if 'silkroot:sealed"' in json.dumps(site.world.tree(name)))
    with opened(browser, site) as page:
        drop(page, json.dumps(site.world.tree(sealed)))
        verdict_of(page)
        expect(page.locator("#hidden")).to_be_visible()
        assert [item.get_attribute("data-hidden") for item in page.locator("#hidden-list li").all()] == ["withheld"]
        drop(page, json.dumps(site.world.tree(sealed, disclosed=True)))
        verdict_of(page)
        expect(page.locator("#hidden")).to_be_hidden()


def test_what_was_erased_is_told_as_erased_and_by_whom(browser: Browser, site: Site) -> None:
    english = words("en")
    with opened(browser, site) as page:
        for disclosed, told in ((False, ["withheld", "erased"]), (True, ["erased"])):
            drop(page, json.dumps(site.world.tree("packed", disclosed=disclosed, erased=True)))
            assert verdict_of(page) == "verified"
            notes = page.locator("#hidden-list li")
            assert [item.get_attribute("data-hidden") for item in notes.all()] == told
            assert [item.inner_text().strip() for item in notes.all()] == [
                english(UI[name], count="1") for name in told
            ]
            assert "says whoever made this proof: 1." in notes.last.inner_text()
            page.locator("#evidence summary").click()
            expect(page.locator("#proof")).to_contain_text(english(UI["sealed-erased"]))


@pytest.mark.parametrize("language", [*LANGUAGES])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_speaks_every_language_and_scrolls_in_one_direction(
    browser: Browser, site: Site, language: str, width: int, tmp_path: Path
) -> None:
    shape = {"viewport": {"width": width, "height": 844 if width == 390 else 800}, "is_mobile": width == 390}
    with opened(browser, site, f"{query_of('recalled')}&lang={language}", **shape) as page:
        verdict = Verdict(verdict_of(page) or "")
        assert page.locator("#verdict h2").inner_text() == words(language)(VERDICTS[verdict].title)
        assert page.evaluate("getComputedStyle(document.body).direction") == words(language).direction
        page.locator("#evidence summary").click()
        expect(page.locator("#proof")).to_contain_text("0x")
        for details in page.locator("#input summary").all():
            details.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=tmp_path / f"{language}-{width}.png")


def test_without_scripts_the_page_says_what_it_is(browser: Browser, site: Site) -> None:
    with opened(browser, site, query_of("packed"), java_script_enabled=False) as page:
        assert page.locator("main").get_attribute("data-verdict") is None
        # What stands in <noscript> is seen in tests/api: a browser whose scripts are off for a debugger hides it.
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for part in ("#input", "#work", "#result"):
            expect(page.locator(part)).to_be_hidden()


def test_one_hand_reaches_everything(browser: Browser, site: Site) -> None:
    with opened(browser, site) as page:
        for control in page.locator(".choices .button:visible, #go button, #input summary").all():
            box = control.bounding_box()
            assert box is not None
            assert box["height"] >= 48, control.inner_text()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
