"""Every lot of the demonstration season: the browser's verifier finds what the service's own story says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from service_process import ServiceProcess, service
from web_library import verify_all

pytestmark = pytest.mark.chain


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A real service with the demonstration season: on chain but for the entry that it keeps back, and in the log."""
    with service(tmp_path_factory.mktemp("season") / "data", "--demo") as running:
        deadline = time.monotonic() + 180
        while not is_loaded(running):
            assert time.monotonic() < deadline, running.log()
            time.sleep(0.5)
        yield running


def is_loaded(running: ServiceProcess) -> bool:
    if "Cheat:" not in running.log():
        return False
    health = httpx.get(f"{running.url}/health", timeout=10).json()
    return bool(health["chain"]["lag"] == 1 and health["log"]["covered"] == health["log"]["size"])


def lots_of(client: httpx.Client) -> list[str]:
    """The path of every lot's story."""
    found, following = [], "/lots?limit=500"
    while following:
        page = client.get(following).json()
        found += [lot["story"] for lot in page["lots"]]
        following = page.get("next", "")
    return found


def codes_of(check: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["code"], one["event"]) for one in check["findings"]]


def test_every_lot_has_the_verdict_and_the_codes_of_its_story(season: ServiceProcess, verifier: Path) -> None:
    with httpx.Client(base_url=season.url, timeout=60) as client:
        record = {**client.get("/deployment.json").json(), "confirmations": 1}
        paths = lots_of(client)
        stories = [client.get(path).json() for path in paths]
        texts = [client.get(f"{path}/proof").text for path in paths]
    cases = [{"text": text, "nodes": [f"{season.url}/rpc"], "deployment": record} for text in texts]
    found = verify_all(verifier, cases)
    assert len(paths) > 30
    for path, story, ours in zip(paths, stories, found, strict=True):
        assert ours["verdict"] == story["verdict"], (path, ours["reasons"])
        assert ours["qualifiers"] == [
            {"code": one["code"], "parties": list(map(int, one["parties"]))} for one in story["qualifierSources"]
        ], path
        for check, theirs in zip(ours["checks"], story["checks"], strict=True):
            assert (check["name"], check["outcome"]) == (theirs["name"], theirs["outcome"]), path
            assert codes_of(check) == codes_of(theirs), path
        assert [(one["holder"], one["verdict"]) for one in ours["branches"]] == [
            (int(one["holder"]), one["verdict"]) for one in story["branches"]
        ], path
        assert ours["steps"][-1] == "recall"
    assert {story["verdict"] for story in stories} >= {"verified", "recalled", "suspect"}
