"""
Documents are prepared, and large pages of the log derived, in processes of their own: whatever of them is killed, in
the middle of its work or with the whole service, nothing is stored in part, all that was acknowledged is on disk and
gets into the log, and no process is left behind.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from service_process import ServiceProcess, service_pids

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))

from benchmarks import load
from benchmarks.load_events import read_documents, write_documents

from ledger.adapters.deployment import load_deployment

pytestmark = pytest.mark.chain
EVENTS = 100
DOCUMENTS = 40
BULK, BULK_DOCUMENTS = 1_000, 8


class Site:
    """A service with a registered device, and documents of that device's readings, none alike."""

    def __init__(self, folder: Path) -> None:
        self.service = ServiceProcess(folder / "data", settings={"SILKROOT_PREPARERS": "2"})
        self.service.start(timeout=240)
        self.key = load.prepare(self.service, folder)
        domain = load_deployment(self.service.data_dir / "deployment.json").ledger_domain
        write_documents(folder / "documents", domain, load.DEVICE, count=DOCUMENTS, size=EVENTS, first=0)
        self.documents = list(read_documents(folder / "documents"))
        write_documents(folder / "bulk", domain, load.DEVICE, count=BULK_DOCUMENTS, size=BULK, first=DOCUMENTS * EVENTS)
        self.bulk = list(read_documents(folder / "bulk"))

    def send(self, body: bytes) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/ld+json"}
        return httpx.post(f"{self.service.url}/epcis/capture", content=body, headers=headers, timeout=60)

    def preparers(self) -> list[int]:
        return self.named("silkroot-work")

    def named(self, name: str) -> list[int]:
        return [pid for pid in service_pids(self.service.pid) if name_of(pid) == name]

    def size(self) -> int:
        """Events in the log."""
        return int(self.service.operate("status")["log"]["size"])

    def is_published(self) -> bool:
        """Whether all of them are under a published checkpoint."""
        log = self.service.operate("status")["log"]
        return bool(log["published"] == log["size"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("preparers"))
    yield made
    if made.service.process is not None:
        made.service.kill()


def name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except FileNotFoundError:
        return ""


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(is_so: Callable[[], bool], message: str) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline, message
        time.sleep(0.05)


def test_one_that_is_killed_at_work_stores_nothing_and_is_replaced(site: Site) -> None:
    assert site.send(site.documents[0]).status_code == 202
    (first,) = site.preparers()
    before = site.size()
    # Stopped, so that it is surely at the document when it is killed.
    os.kill(first, signal.SIGSTOP)
    threading.Timer(1.0, os.kill, (first, signal.SIGKILL)).start()
    refused = site.send(site.documents[1])
    assert refused.status_code == 503
    assert refused.json()["type"] == "urn:silkroot:problem:interrupted"
    assert refused.headers["retry-after"] == "1"
    assert site.size() == before
    again = site.send(site.documents[1])
    assert again.status_code == 202
    assert site.size() == before + EVENTS
    (second,) = site.preparers()
    assert second != first


def test_killed_under_load_what_was_acknowledged_is_there_and_nothing_in_part(site: Site) -> None:
    """Preparers are killed one after the other while several connections send; then the whole service is."""
    acknowledged: list[str] = []
    refused: list[int] = []
    stop = threading.Event()
    started = site.size()

    def murder() -> None:
        while not stop.wait(0.3):
            for pid in site.preparers()[:1]:
                os.kill(pid, signal.SIGKILL)

    def send(body: bytes) -> None:
        for _ in range(60):
            answer = site.send(body)
            if answer.status_code == 202:
                acknowledged.append(answer.headers["location"])
                return
            assert answer.status_code in (503, 429), answer.text
            refused.append(answer.status_code)
            time.sleep(0.2)

    killer = threading.Thread(target=murder)
    killer.start()
    with ThreadPoolExecutor(4) as senders:
        list(senders.map(send, site.documents[2:22]))
    stop.set()
    killer.join()
    assert len(acknowledged) == 20
    assert 503 in refused, "no document was at work when its process was killed: the test says nothing"
    assert site.size() == started + 20 * EVENTS

    sent: list[str] = []

    def send_until_killed(body: bytes) -> None:
        try:
            answer = site.send(body)
        except httpx.HTTPError:
            return
        if answer.status_code == 202:
            sent.append(answer.headers["location"])

    process = site.service.process
    assert process is not None
    with ThreadPoolExecutor(4) as senders:
        sending = [senders.submit(send_until_killed, body) for body in site.documents[22:]]
        until(lambda: len(sent) >= 3, "nothing was acknowledged")
        everyone = service_pids(process.pid)
        process.kill()
        for one in sending:
            one.result()
    process.wait()
    assert len(everyone) >= 3, "service, the one that forks, and a preparer"
    until(lambda: not any(map(runs, everyone)), "some live on")

    site.service.kill()
    site.service.start(timeout=240)
    size = site.size()
    assert size % EVENTS == 0, "a document was stored in part"
    assert size >= started + 20 * EVENTS + len(sent) * EVENTS
    with httpx.Client(base_url=site.service.url, headers={"authorization": f"Bearer {site.key}"}) as client:
        for location in (*acknowledged, *sent):
            job = client.get(location).json()
            assert (job["success"], len(job["events"])) == (True, EVENTS)
    assert site.service.ask("fsck")["faults"] == []


def test_the_process_that_derives_the_log_is_killed_again_and_again_and_all_is_published(site: Site) -> None:
    started, killed, stop = site.size(), set[int](), threading.Event()

    def murder() -> None:
        while not stop.wait(0.05):
            for pid in site.named("silkroot-log"):
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)

    killer = threading.Thread(target=murder)
    killer.start()
    try:
        with ThreadPoolExecutor(2) as senders:
            answers = list(senders.map(site.send, site.bulk[:-2]))
        until(site.is_published, "the log waits")
    finally:
        stop.set()
        killer.join()
    assert [one.status_code for one in answers] == [202] * len(answers)
    assert len(killed) >= 2, "none was there under load, or none came in place of the first"
    assert site.size() == started + BULK * len(answers)

    for body in site.bulk[-2:]:
        assert site.send(body).status_code == 202
    until(site.is_published, "the log waits")
    assert len(site.named("silkroot-log")) == 1
    assert site.service.ask("fsck")["faults"] == []


def test_ctrl_c_leaves_none_behind(site: Site) -> None:
    assert site.send(site.documents[-1]).status_code == 202
    everyone = service_pids(site.service.pid)
    assert site.preparers()
    assert site.named("silkroot-log")
    assert site.service.interrupt() == 0
    until(lambda: not any(map(runs, everyone)), "some live on")
