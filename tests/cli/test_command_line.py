"""
Every command, as a person types it: what it prints, `--json`, and its exit code (0 yes, 1 no, 2 could not tell); and
what commands say where another service runs, or none. What is refused: `test_command_refusals`.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import zxingcpp
from command_desk import AT, BULK, CASES, FARM, HOUSE, PLOT, Run
from command_service import ALLOTTED, MASTER, NAMELESS
from PIL import Image
from service_process import SILKROOT, ServiceProcess, free_port

from ledger.domain.log.acknowledgement_json import read_acknowledgement

pytestmark = pytest.mark.chain

# What works -----------------------------------------------------------------------------------------------------------


def test_the_whole_way_by_hand(started: Run, running: ServiceProcess, tmp_path: Path) -> None:
    (tmp_path / "master.toml").write_text(MASTER)
    report = started("import", "master.toml", "--json")
    assert (report.code, report.json[0]["refused"]) == (0, [])
    lot, packed = f"{BULK}/W-1", f"{CASES}/W-2"
    steps = [
        ("register", lot, "1.2t", "--plot", PLOT, "--as", FARM),
        ("ship", f"{lot}=1t", "--to", HOUSE, "--ref", "WB-W", "--as", FARM),
        ("receive", "WB-W", "--from", FARM, "--as", HOUSE),
        ("pack", "--from", f"{lot}=1t", "--into", f"{packed}=960kg", "--as", HOUSE),
        ("sell", packed, "100kg", "--as", HOUSE),
        ("dispose", packed, "500g", "--as", HOUSE),
        ("recall", packed, "--reason", "a test", "--as", HOUSE),
        ("release", packed, "--reason", "a test", "--as", HOUSE),
    ]
    hashes = []
    for step in steps:
        said = started(*step, *AT, "--json")
        assert (said.code, said.err) == (0, ""), step
        assert said.json["repeated"] is False, step
        hashes.append(said.json["content_hash"])
    assert len(set(hashes)) == len(steps)
    again = started(*steps[0], *AT, "--json")
    assert (again.code, again.json["repeated"], again.json["content_hash"]) == (0, True, hashes[0])

    running.wait_until_settled()
    told = started("show", packed, "--json")
    assert (told.code, told.json["verdict"]) == (0, "verified")
    assert {event["contentHash"] for event in told.json["events"]} >= set(hashes[3:])
    (branch,) = told.json["branches"]
    assert branch["grams"] == {**branch["grams"], "onHand": 859_500, "sold": 100_000, "destroyed": 500}
    words = started("show", "W-2")
    assert words.code == 0
    assert "verified" in words.out
    assert "custody" in words.out
    assert started("recall", packed, "--reason", "for good", "--as", HOUSE, *AT).code == 0
    running.wait_until_settled()
    assert (started("show", packed).code, started("show", packed, "--json").json["verdict"]) == (1, "recalled")


def test_lots_are_listed_page_by_page(ready: Run) -> None:
    every = ready("lots", "--json").json["lots"]
    assert {row["lot"] for row in every} >= {f"{BULK}/H-1", f"{CASES}/P-1"}
    first = ready("lots", "--limit", "1", "--json").json
    assert first["lots"] == every[:1]
    rest = ready("lots", "--after", first["next"], "--json").json
    assert rest["lots"] == every[1:]
    assert f"{CASES}/P-1" in ready("lots").out


def test_a_trace_goes_both_ways(ready: Run) -> None:
    back = ready("trace", "P-1", "--json").json["lots"]
    assert [(row["lot"], row["depth"]) for row in back] == [(f"{CASES}/P-1", 0), (f"{BULK}/H-1", 1)]
    forward = ready("trace", "H-1", "--forward", "--json").json["lots"]
    assert [row["lot"] for row in forward] == [f"{BULK}/H-1", f"{CASES}/P-1"]
    assert f"{BULK}/H-1" in ready("trace", "P-1").out


def test_an_export_is_what_hash_reads_and_import_knows(ready: Run, tmp_path: Path) -> None:
    assert ready("export", "P-1", "--out", "p.jsonld").code == 0
    document = json.loads((tmp_path / "p.jsonld").read_text())
    assert document == {**ready("export", "P-1", "--json").json, "creationDate": document["creationDate"]}
    events = document["epcisBody"]["eventList"]
    hashes = ready("hash", "p.jsonld")
    assert (hashes.code, hashes.out.split()) == (0, [event["eventID"] for event in events])
    assert ready("hash", "p.jsonld", "--json").json == hashes.out.split()
    (report,) = ready("import", "p.jsonld", "--json").json
    assert (report["recorded"], report["repeated"], report["refused"]) == (0, len(events), [])


def test_receipts_of_an_event_and_of_a_lot(ready: Run, running: ServiceProcess, tmp_path: Path) -> None:
    running.wait_until_settled()
    every = ready("receipt", "H-1", "--json").json
    assert len(every) > 1
    assert {one["format"] for one in every} == {"silkroot-receipt-2"}
    assert ready("receipt", "H-1").out.splitlines() == [json.dumps(one) for one in every]
    assert ready("receipt", every[0]["contentHash"], "--out", "receipt.json").code == 0
    data = (tmp_path / "receipt.json").read_bytes()
    assert json.loads(data) == every[0]
    signed = read_acknowledgement(data)
    note = httpx.get(f"{running.url}/log/checkpoint").text
    proof = httpx.get(f"{running.url}/log/proof", params={"hash": every[0]["contentHash"]}).json()
    assert (proof["logIndex"], proof["leafHash"]) == (every[0]["logIndex"], every[0]["leafHash"])
    assert int(note.splitlines()[1]) >= proof["size"] > signed.acknowledgement.log_index
    owner = ready("chain", "--json").json["chain"]["EventLog"]
    assert owner == every[0]["eventLog"]
    assert ready("receipt", "0x" + "00" * 32).code != 0
    assert ready("receipt", "999999").code != 0


def test_a_label_leads_to_its_page(ready: Run, running: ServiceProcess, tmp_path: Path) -> None:
    said = ready("label", "P-1", "--out", "p.png", "--json")
    assert said.code == 0
    with Image.open(tmp_path / "p.png") as picture:
        codes = {code.text for code in zxingcpp.read_barcodes(picture.convert("L"))}
    assert codes == {f"{running.url}/01/{CASES}/10/P-1"}


def test_an_allotted_party_and_product_go_the_same_way(ready: Run, running: ServiceProcess, tmp_path: Path) -> None:
    import httpx

    lot = f"{NAMELESS}/M-1"
    said = ready("register", lot, "20kg", "--plot", f"{FARM}/ORCHARD", "--as", ALLOTTED, *AT, "--json")
    assert said.code == 0, said.out
    running.wait_until_settled()
    assert ready("show", lot, "--json").json["verdict"] == "verified"
    ready("label", lot, "--out", "m.png")
    with Image.open(tmp_path / "m.png") as picture:
        codes = {code.text for code in zxingcpp.read_barcodes(picture.convert("L"))}
    assert codes == {f"{running.url}/lot/{NAMELESS}/M-1"}
    page = httpx.get(codes.pop(), headers={"accept": "text/html"})
    assert page.status_code == 200
    assert 'data-verdict="verified"' in page.text
    assert "Sun-dried mulberries" in page.text
    story = httpx.get(f"{running.url}/lots/{NAMELESS}/M-1").json()
    assert story["events"][0]["party"] == ALLOTTED


def test_parties_and_the_chain(ready: Run) -> None:
    rows = ready("party", "list", "--json").json
    assert {row["id"] for row in rows} >= {FARM, ALLOTTED}
    assert "The farm" in ready("party", "list").out
    status = ready("chain", "--json")
    assert (status.code, status.json["status"], status.json["chain"]["id"]) == (0, "ok", 31337)
    assert status.json["outbox"]["refused"] == 0
    assert "ProduceLedger" in ready("chain").out


def test_cheating_and_healing(ready: Run) -> None:
    done = ready("demo", "tamper", "P-1", "--json")
    assert done.code == 0
    assert done.json["before"] != done.json["after"]
    assert (ready("show", "P-1").code, ready("show", "P-1", "--json").json["verdict"]) == (1, "unverified")
    faults = ready("fsck", "--json")
    assert faults.code == 1
    assert faults.json["faults"]
    assert ready("demo", "restore", "P-1", "--json").json["restored"] == 1
    assert (ready("show", "P-1").code, ready("fsck").code) == (0, 0)
    assert ready("demo", "send", "P-1", "--json").json["sent"] == 0


def test_a_revoked_key_signs_nothing_more(ready: Run, running: ServiceProcess) -> None:
    story = ready("show", f"{BULK}/H-1", "--json").json
    key = next(event["proof"]["key"] for event in story["events"] if event["party"] == FARM)
    only = ready("party", "key", "revoke", FARM, key)
    assert only.code == 1  # it is the party's only admin key
    assert "LastAdminKey" in only.err


def test_a_digital_link_is_taken_apart(started: Run) -> None:
    link = f"https://id.gs1.org/01/{CASES}/10/P-1"
    assert started("link", link, "--json").json == {"ais": {"01": CASES, "10": "P-1"}}
    assert CASES in started("link", link).out


def test_a_reader_that_goes_away_is_no_error_worth_words(running: ServiceProcess) -> None:
    command = subprocess.Popen(
        [*SILKROOT, "lots", "--help"], env=running.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert command.stdout is not None
    command.stdout.close()
    assert command.stderr is not None
    said = command.stderr.read().decode()
    command.wait(30)
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


# With another service, or none ----------------------------------------------------------------------------------------


def test_a_second_service_on_the_same_folder_is_refused_in_words(started: Run) -> None:
    said = started("up", "--port", str(free_port()))
    assert said.code == 2
    assert "running already" in said.err
    assert "SILKROOT_DATA_DIR" in said.err


def test_a_taken_port_is_said_before_anything_is_started(started: Run, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SILKROOT_DATA_DIR", str(tmp_path / "other"))
    said = started("up")  # SILKROOT_PORT is the running service's
    assert said.code == 2
    assert "--port" in said.err
    assert not (tmp_path / "other" / "chain").exists()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SILKROOT_PORT", "eighty", "SILKROOT_PORT"),
        ("SILKROOT_RELAY_KEY", "0x12", "SILKROOT_RELAY_KEY"),
        ("SILKROOT_DATABASE_URL", "nonsense", "SILKROOT_DATABASE_URL"),
        ("SILKROOT_DATABASE_URL", "mysql://localhost/x", "not supported"),
        ("SILKROOT_RPC_URL", "http://127.0.0.1:9", "127.0.0.1:9"),
        ("SILKROOT_NETWORK", "nowhere", "nowhere"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    started: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv("SILKROOT_DATA_DIR", str(tmp_path / "other"))
    monkeypatch.setenv("SILKROOT_RPC_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SILKROOT_PORT", str(free_port()))
    monkeypatch.setenv(name, value)
    said = started("up")
    assert said.code == 2
    assert told in said.err


def test_before_anything_was_started_commands_say_what_to_do(
    started: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SILKROOT_DATA_DIR", str(tmp_path / "new"))
    said = started("lots")
    assert said.code == 2
    assert "silkroot up" in said.err


def test_with_no_service_commands_work_alone_and_what_they_record_waits(ready: Run, running: ServiceProcess) -> None:
    """Killed, so that its socket file stays behind; started again at the end, for whatever test comes next."""
    running.kill()
    assert (running.data_dir / "silkroot.sock").exists()
    assert f"{CASES}/P-1" in ready("lots").out
    unknown = ready("show", "P-1", "--json")
    assert (unknown.code, unknown.json["verdict"]) == (2, "unknown")
    assert ready("chain").code == 1
    assert ready("register", f"{BULK}/ALONE", "5kg", "--plot", PLOT, "--as", FARM, *AT).code == 0
    assert ready("fsck").code == 0
    running.start()
    running.wait_until_settled()
    assert ready("show", f"{BULK}/ALONE").code == 0
