"""The commands of docs/capture.md, typed as written against a real service; and what a killed one has kept."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from capture_documents import cooling, document
from doc_pages import ROOT, Command, steps
from doc_shell import DocShell, is_printed
from service_process import ServiceProcess

from api.season import season_folder
from ledger.domain.identifiers import PartyId

pytestmark = pytest.mark.chain
COLD_CHAIN = "9520001000089"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service that knows the season's parties."""
    service = ServiceProcess(tmp_path_factory.mktemp("capture") / "data")
    try:
        service.start()
        with season_folder() as folder:
            service.command("import", str(folder / "master.toml"))
        yield service
    finally:
        if service.process is not None:
            service.kill()


def test_the_commands_of_the_page_work(running: ServiceProcess, tmp_path: Path) -> None:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    path = os.pathsep.join([str(Path(sys.executable).parent), running.environment["PATH"]])
    environment = {**running.environment, "PATH": path, "LANG": "C.UTF-8", "COLUMNS": "200"}
    with DocShell(tmp_path, environment) as shell:
        for step in steps(ROOT / "docs" / "capture.md"):
            assert isinstance(step, Command)
            code, printed = shell.run(step.text)
            assert code == step.exit, f"{step}\n{printed}"
            assert is_printed(step.printed, printed) == "", f"{step}\n{printed}"


def test_what_was_answered_outlives_a_kill(running: ServiceProcess) -> None:
    key = running.ask("key", "create", COLD_CHAIN)["key"]
    headers = {"authorization": f"Bearer {key}", "content-type": "application/ld+json"}
    data = document([cooling(number, PartyId(int(COLD_CHAIN))) for number in range(50)])
    prefer = headers | {"prefer": "return=representation"}
    first = httpx.post(f"{running.url}/epcis/capture", content=data, headers=prefer, timeout=60)
    assert first.status_code == 202, first.text
    running.kill()
    running.start()
    job = httpx.get(running.url + first.headers["location"], headers=headers, timeout=60)
    assert job.json() == first.json()
    again = httpx.post(f"{running.url}/epcis/capture", content=data, headers=prefer, timeout=60).json()
    assert (again["repeated"], again["events"]) == (50, first.json()["events"])
    assert re.fullmatch("[0-9a-f]{32}", again["captureID"])
