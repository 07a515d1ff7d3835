"""
The season on a real chain, as `silkroot up --demo` loads it: every lot's story has the verdict that its state earns.

The service runs once for the module. Which lots exist and what they are comes from the store, not from this file; only
the exceptions are named here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from service_process import ServiceProcess

from api.season import season_folder, season_lots

pytestmark = pytest.mark.chain
RECALLED = {"PT-260812", "WG0812A", "WC0812B", "GG0814-1", "GG0814-2"}
SUSPECT = {"WG0820B", "KP1020A"}
"""One entry refused; twelve cases missing that nobody has settled."""
PENDING = {"SG-261122"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """`silkroot up --demo` with everything on the chain but what is kept back."""
    service = ServiceProcess(tmp_path_factory.mktemp("season") / "data", ("--demo",))
    try:
        service.start()
        deadline = time.monotonic() + 120
        while "Cheat:" not in service.log() or not is_settled(service.ask("chain")):
            assert time.monotonic() < deadline, service.log()
            time.sleep(0.3)
        yield service
    finally:
        if service.process is not None:
            service.kill()


def is_settled(status: dict[str, Any]) -> bool:
    """Whether only what is kept back waits, and the log has published everything."""
    log = status["log"]
    return bool(status["outbox"]["queued"] <= len(PENDING) and log["published"] == log["size"])


@pytest.fixture(scope="module")
def stories(running: ServiceProcess) -> dict[str, dict[str, Any]]:
    """Each lot's story, by lot code."""
    with httpx.Client(base_url=running.url, timeout=30) as client:
        rows = client.get("/lots", params={"limit": 500}).json()["lots"]
        return {row["lot"]: client.get(f"/lots/{row['product']}/{row['lot']}").json() for row in rows}


def test_every_lot_has_the_verdict_that_its_state_earns(stories: dict[str, dict[str, Any]]) -> None:
    expected = dict.fromkeys(stories, "verified")
    for verdict, codes in (("recalled", RECALLED), ("suspect", SUSPECT), ("pending", PENDING)):
        assert codes <= stories.keys()
        expected |= dict.fromkeys(codes, verdict)
    assert {code: story["verdict"] for code, story in stories.items()} == expected


def test_the_suspect_lot_has_one_entry_that_the_contract_refused_as_too_late(
    running: ServiceProcess, stories: dict[str, dict[str, Any]]
) -> None:
    assert running.ask("chain")["outbox"]["refused"] == 1
    told = str(stories["WG0820B"])
    assert "anchored.refused" in told
    assert "DeadlinePassed" in told


def test_nothing_is_left_of_what_was_sold_out_or_destroyed(stories: dict[str, dict[str, Any]]) -> None:
    for name in ("sold_out", "destroyed"):
        grams = stories[season_lots()[name].code]["grams"]
        assert grams["onHand"] == grams["inTransit"] == 0
        assert grams["born"] == grams["sold"] + grams["destroyed"]


def test_grams_are_under_way_to_the_hub(stories: dict[str, dict[str, Any]]) -> None:
    assert stories[season_lots()["under_way"].code]["grams"]["inTransit"] == 800 * 10_000


def test_certified_origin_is_whole_shared_or_none(stories: dict[str, dict[str, Any]]) -> None:
    shown = {code: stories[code]["certified"] for code in ("JT-260723-A2", "HS0724A", "HM0722A", "FB0920-1", "KP0915A")}
    assert shown == {"JT-260723-A2": 100, "HS0724A": 100, "HM0722A": 35, "FB0920-1": 8, "KP0915A": 0}
    assert [origin["lot"]["lot"] for origin in stories["HS0724A"]["certifiedOrigins"]] == ["JT-260723-A2"]


def test_only_the_branch_with_the_open_variance_is_suspect(stories: dict[str, dict[str, Any]]) -> None:
    branches = stories[season_lots()["variance"].code]["branches"]
    assert sorted(branch["verdict"] for branch in branches) == ["suspect", "verified"]


def test_grams_after_a_settlement_a_return_and_a_correction(stories: dict[str, dict[str, Any]]) -> None:
    settled, returned, corrected = (stories[season_lots()[name].code] for name in ("short", "returned", "corrected"))
    assert settled["grams"]["onHand"] == settled["lotGrams"] - 38_000
    assert returned["grams"]["onHand"] == returned["lotGrams"]
    assert corrected["lotGrams"] == corrected["grams"]["born"] == 464 * 10_000
    assert stories["E5-261024"]["lotGrams"] == 4_800_000


def test_one_pledge_stands_and_one_is_released(stories: dict[str, dict[str, Any]]) -> None:
    pledges = {code: story["pledges"] for code, story in stories.items() if story["pledges"]}
    assert set(pledges) == {season_lots()["pledged"].code, season_lots()["voided"].code}
    assert {code: [pledge["stands"] for pledge in found] for code, found in pledges.items()} == {
        "KP1020C": [True], "KP1006A": [False]
    }  # fmt: skip


def test_airlines_and_growers_are_declared(stories: dict[str, dict[str, Any]]) -> None:
    declared = {code for code, story in stories.items() if "declared" in story["qualifiers"]}
    assert {"MH-260720", "HM0721A", "HS0724A"} <= declared
    assert "JT-260723-A2" not in declared, "a harvest that its farm signed"


def test_the_store_agrees_with_itself(running: ServiceProcess) -> None:
    assert running.ask("fsck")["faults"] == []


def test_the_commands_of_the_seasons_page_do_what_it_says(running: ServiceProcess) -> None:
    with season_folder() as folder:
        page = (folder / "README.md").read_text(encoding="utf-8")
        lines = [line.strip().partition("#") for line in page.splitlines() if line.startswith("    silkroot ")]
        assert len(lines) >= 5
        for command, _, told in lines:
            words = [word.replace("ledger/package_data/demo", str(folder)) for word in command.split()[1:]]
            done = running.command(*words, check=False)
            assert done.returncode == (1 if "refused" in told else 0), command + done.stdout + done.stderr
            if "descendants" in told:
                assert all(code in done.stdout for code in RECALLED)
