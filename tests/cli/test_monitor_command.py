"""`silkroot monitor` over HTTP, against a site that cheats: alarms, exit codes, JSON, webhook, memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from log_site import CHAIN_ID, CONTRACT, LogSite
from published_logs import MemorySigner, PublishedLog, entries_of
from service_process import SILKROOT

from api.cli import main
from ledger import wiring_monitor
from ledger.adapters import http_log
from ledger.domain.merkle import TreeHash

HONEST = PublishedLog(entries_of(700))
OTHER = PublishedLog(entries_of(700, "other", same=150))
KEY = str(MemorySigner().key)
A_ROOT = TreeHash(bytes(range(32)))


@dataclass
class Desk:
    """Runs the command in this process, on a site and a state file of the test's own."""

    site: LogSite
    state: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def run(self, *more: str, json_too: bool = True) -> tuple[int, Any, str]:
        """Exit code, what was printed, what was said besides; one round."""
        arguments = ["monitor", self.site.url, "--rpc", self.site.rpc_url, "--state", str(self.state), "--once"]
        self.monkeypatch.setattr(sys, "argv", ["silkroot", *arguments, *(["--json"] * json_too), *more])
        with pytest.raises(SystemExit) as end:
            main()
        printed = self.capsys.readouterr()
        return int(end.value.code or 0), json.loads(printed.out) if json_too else printed.out, printed.err

    def kinds(self, *more: str) -> list[str]:
        """The kinds of the alarms, of which there has to be one."""
        code, report, _ = self.run(*more)
        kinds = [one["kind"] for one in report["alarms"]]
        assert code == bool(kinds), report
        return kinds

    def anchor(self, size: int, root: TreeHash | None = None) -> None:
        self.site.chain.extend(size, root or HONEST.root(size))
        self.site.chain.mine()


@pytest.fixture
def site() -> Iterator[LogSite]:
    with LogSite() as site:
        yield site


@pytest.fixture
def desk(site: LogSite, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An honest log of 300 entries that was seen once."""
    monkeypatch.setattr(http_log, "ATTEMPTS", 2)
    monkeypatch.setattr(wiring_monitor, "PAUSE_SECONDS", 0.01)
    monkeypatch.setenv("COLUMNS", "200")
    desk = Desk(site, tmp_path / "state" / "monitor.json", capsys, monkeypatch)
    site.publish(HONEST.files(300))
    desk.anchor(300)
    assert desk.kinds() == []
    return desk


def test_what_is_pinned_at_first_use_is_said_aloud(desk: Desk) -> None:
    desk.state.unlink()
    code, report, said = desk.run()
    assert (code, report["result"]) == (0, "well")
    assert report["pinned"] == [f"key {KEY}", f"EventLog 0x{CONTRACT.hex()} on chain {CHAIN_ID}"]
    assert KEY in said
    assert report["verified"] == {"size": 300, "root": HONEST.root(300).hex()}
    assert report["chain"]["size"] == 300
    assert report["chain"]["nodes"] == [desk.site.rpc_url]
    code, report, said = desk.run()
    assert (code, report["pinned"], said) == (0, [], "")


def test_what_is_given_is_not_pinned_and_has_to_be_what_was_pinned(desk: Desk, tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    record.write_bytes(desk.site.files["deployment.json"])
    desk.state.unlink()
    code, report, said = desk.run("--key", KEY, "--deployment", str(record))
    assert (code, report["pinned"], said) == (0, [], "")
    code, report, _ = desk.run("--key", str(MemorySigner(2).key))
    assert code == 2
    assert "--key" in report["error"]["message"]
    record.write_text(json.dumps({"chainId": CHAIN_ID, "eventLog": "0x" + "ab" * 20}))
    assert desk.run("--deployment", str(record))[0] == 2


def test_words_for_people(desk: Desk) -> None:
    code, printed, _ = desk.run(json_too=False)
    assert code == 0
    assert "all well: 300 entries verified, 300 on chain at block" in printed
    desk.site.publish(OTHER.files(300))
    code, printed, _ = desk.run(json_too=False)
    assert code == 1
    assert "✗ fork: The log published two roots for size 300." in printed
    assert "(as before)" in desk.run(json_too=False)[1]


# ------------------------------------------------------------------------------------------------- every alarm


def test_fork(desk: Desk) -> None:
    desk.site.publish(OTHER.files(600))
    assert desk.kinds() == ["fork"]


def test_rollback_that_is_published(desk: Desk) -> None:
    desk.site.publish(HONEST.files(300) | {"log/checkpoint": HONEST.note(200)})
    assert desk.kinds() == ["rollback"]


def test_rollback_on_chain(desk: Desk) -> None:
    desk.anchor(500)
    desk.site.publish(HONEST.files(500))
    assert desk.kinds() == []
    desk.site.chain.anchors.pop()
    assert desk.kinds() == ["rollback"]


@pytest.mark.parametrize("path", ["log/tile/0/001", "log/tile/entries/002.p/88", "log/tile/1/000.p/2"])
def test_withheld(desk: Desk, path: str) -> None:
    files = HONEST.files(600)
    desk.site.publish({name: content for name, content in files.items() if name != path})
    assert desk.kinds() == ["withheld"]
    desk.site.publish(files | {path: files[path] + b"more"})
    assert desk.kinds() == ["withheld"]
    desk.site.publish(files | {path: bytes(3 << 20)})
    assert desk.kinds() == ["withheld"], "however much it is"
    desk.site.publish(files)
    assert desk.kinds() == []


def test_wrong_root(desk: Desk) -> None:
    desk.site.publish(HONEST.files(600) | {"log/tile/0/001": bytes(8192)})
    assert desk.kinds() == ["wrong-root"]
    desk.site.publish(HONEST.files(600) | {"log/checkpoint": HONEST.note(600, A_ROOT)})
    assert desk.kinds() == ["fork"], "the true root of size 600 was published before"


def test_chain_differs(desk: Desk) -> None:
    desk.site.publish(HONEST.files(600))
    desk.anchor(400, A_ROOT)
    assert desk.kinds() == ["chain-differs"]


def test_bad_note(desk: Desk) -> None:
    thief = replace(HONEST, signer=MemorySigner(2))
    desk.site.publish(thief.files(300))
    assert desk.kinds() == ["bad-note", "bad-note"]
    desk.site.publish(HONEST.files(300) | {"log/checkpoint": b"<html>"})
    assert desk.kinds() == ["bad-note"]


def test_stale(desk: Desk) -> None:
    desk.anchor(400)
    assert desk.kinds("--max-age", "100000") == []
    assert desk.kinds("--max-age", "1") == ["stale"]


# ---------------------------------------------------------------------------------------------- could not tell


def test_a_service_that_fails_could_not_be_told_and_a_fault_that_passes_is_not_noticed(desk: Desk) -> None:
    desk.site.statuses["log/checkpoint"] = [503]
    code, report, _ = desk.run()
    assert (code, report["result"]) == (2, "could-not-tell")
    assert "503" in report["reasons"][0]
    desk.site.statuses["log/checkpoint"] = [503, 200]
    assert desk.run()[0] == 0


def test_nobody_answers(desk: Desk, tmp_path: Path) -> None:
    with LogSite() as gone:
        url = gone.url
    nobody = ("--rpc", f"{url}/rpc")
    code, report, _ = desk.run(*nobody)
    assert code == 2, "one of two nodes"
    assert report["chain"]["nodes"] == [desk.site.rpc_url]
    desk.site.statuses["rpc"] = [500]
    desk.site.rpc = lambda request: "no JSON-RPC"  # type: ignore[method-assign]
    code, report, _ = desk.run()
    assert (code, report["chain"]) == (2, None)


def test_a_node_that_leaves_out_a_checkpoint_or_is_another_chain(desk: Desk) -> None:
    desk.anchor(400)
    desk.anchor(500)
    desk.site.publish(HONEST.files(500))
    for size, said in ((400, "leaves out checkpoints"), (500, "as the last checkpoint")):
        desk.site.leave_out = size
        code, report, _ = desk.run()
        assert code == 2
        assert said in report["reasons"][0]
    desk.site.leave_out, desk.site.chain_id = None, 1
    code, report, _ = desk.run()
    assert code == 2
    assert "is chain 1" in report["reasons"][0]


def test_a_node_that_allows_short_ranges_only(desk: Desk) -> None:
    desk.site.widest_range = 7
    desk.state.unlink()
    assert desk.run()[0] == 0
    desk.site.widest_range = 0
    assert desk.run()[0] == 2


# ------------------------------------------------------------------------------------------ webhook and memory


def test_the_webhook_gets_each_alarm_once_and_again_when_it_comes_back(desk: Desk) -> None:
    hook = ("--webhook", desk.site.hook_url)
    desk.site.publish(OTHER.files(600))
    assert desk.kinds(*hook) == ["fork"]
    assert desk.kinds(*hook) == ["fork"]
    [message] = desk.site.posted
    assert (message["url"], message["kind"]) == (desk.site.url, "fork")
    assert message["evidence"]["note"].encode() == OTHER.note(600)
    assert message["evidence"]["noteBefore"].encode() == HONEST.note(300)
    desk.site.publish(HONEST.files(300))
    assert desk.kinds(*hook) == []
    desk.site.publish(OTHER.files(600))
    assert desk.kinds(*hook) == ["fork"]
    assert len(desk.site.posted) == 2


def test_a_webhook_that_fails_is_said_and_hides_nothing(desk: Desk) -> None:
    desk.site.publish(OTHER.files(300))
    desk.site.statuses["hook"] = [500]
    code, report, _ = desk.run("--webhook", desk.site.hook_url)
    assert code == 1
    assert [one["kind"] for one in report["alarms"]] == ["fork", "chain-differs"]
    assert report["unsent"] == ["it answers 500"] * 2


def test_the_evidence_stays_in_the_state(desk: Desk) -> None:
    desk.site.publish(OTHER.files(300))
    desk.kinds()
    desk.site.publish(HONEST.files(300))
    assert desk.kinds() == []
    raised = json.loads(desk.state.read_bytes())["raised"]
    assert [one["kind"] for one in raised] == ["fork", "chain-differs"]
    assert raised[0]["evidence"]["note"].encode() == OTHER.note(300)


def test_a_state_that_was_damaged_or_is_another_logs_is_not_used_and_not_overwritten(desk: Desk) -> None:
    good = desk.state.read_text()
    tree = json.loads(good)
    damaged: list[Callable[[], str]] = [
        lambda: good[:-40],
        lambda: json.dumps(tree | {"format": "other"}),
        lambda: json.dumps(tree | {"url": "http://elsewhere.example"}),
        lambda: json.dumps(tree | {"watched": tree["watched"] | {"size": 301}}),
        lambda: json.dumps(tree | {"watched": tree["watched"] | {"rows": ["00" * 32 * 44]}}),
    ]
    for make in damaged:
        text = make()
        desk.state.write_text(text)
        code, report, _ = desk.run()
        assert code == 2
        assert "--state" in report["error"]["message"]
        assert desk.state.read_text() == text


@pytest.mark.parametrize("wrong", [("--key", "no-key"), ("--webhook", "ftp://x"), ("--rpc", "node")])
def test_bad_usage_is_no_alarm(desk: Desk, wrong: tuple[str, str]) -> None:
    code, report, _ = desk.run(*wrong)
    assert code == 2
    assert wrong[0] in report["error"]["message"]


def test_it_follows_until_it_is_stopped_and_ends_with_1_after_an_alarm(desk: Desk) -> None:
    command = ["monitor", desk.site.url, "--rpc", desk.site.rpc_url, "--state", str(desk.state), "--interval", "0.1"]
    process = subprocess.Popen([*SILKROOT, *command, "--json"], stdout=subprocess.PIPE, env=os.environ, text=True)
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["result"] == "well"
        code, report, _ = desk.run()
        assert code == 2, "one monitor a state"
        assert "another monitor" in report["error"]["message"]
        desk.site.publish(OTHER.files(300))
        lines = (json.loads(line) for line in process.stdout)
        assert any(report["result"] == "alarm" for report in lines)
    finally:
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 1


def test_neither_store_nor_server_is_imported(desk: Desk) -> None:
    command = ["monitor", desk.site.url, "--rpc", desk.site.rpc_url, "--state", str(desk.state), "--once"]
    program = (
        f"import sys; sys.argv[1:] = {command!r}\n"
        "from api.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    print([one for one in ('sqlalchemy', 'fastapi', 'uvicorn') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("[]")
