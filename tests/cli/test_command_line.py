"""
Every command, as a person types it: what it prints, `--json`, and its exit code (0 yes, 1 no, 2 could not tell).

One service for the module. Commands run in this process through the entry point that the `silkroot` script calls, so
that a hundred of them take seconds; they talk to the service over its socket like any other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image
from service_process import SILKROOT, ServiceProcess, free_port

from api.cli import main
from ledger.domain.log.acknowledgement_json import read_acknowledgement

pytestmark = pytest.mark.chain

FARM, HOUSE, SHOP, RULER = "9520001000010", "9520001000027", "9520001000034", "9520001000041"
ALLOTTED = "10000000000007"
BULK, CASES, NAMELESS = "09520001000102", "09520001000119", "100000000000003"
PLOT = f"{FARM}/FIELD-7"
AT = ("--at", "2026-08-05T12:00:00+08:00")

MASTER = f"""
[[party]]
id = "{FARM}"
roles = ["producer"]
name = {{ en = "The farm", zh = "农场" }}
[[party]]
id = "{HOUSE}"
roles = ["packer"]
name = {{ en = "The packing house", zh = "包装厂" }}
[[party]]
id = "{SHOP}"
roles = ["buyer"]
name = {{ en = "The shop", zh = "商店" }}
[[party]]
id = "{RULER}"
roles = ["regulator"]
name = {{ en = "The regulator", zh = "监管" }}
[[party]]
id = "{ALLOTTED}"
roles = ["producer"]
name = {{ en = "A grower without a GLN", zh = "种植户" }}

[[product]]
gtin = "{BULK}"
owner = "{FARM}"
net_grams = 1000
name = {{ en = "Hami melon, loose", zh = "哈密瓜（散装）" }}
[[product]]
gtin = "{CASES}"
owner = "{HOUSE}"
net_grams = 8000
name = {{ en = "Hami melon", zh = "哈密瓜" }}
[[product]]
number = {NAMELESS}
owner = "{ALLOTTED}"
net_grams = 500
name = {{ en = "Sun-dried mulberries", zh = "桑葚干" }}
"""


@dataclass
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    service = ServiceProcess(tmp_path_factory.mktemp("cli") / "data")
    try:
        service.start()
        yield service
    finally:
        if service.process is not None:
            service.kill()


def runner(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> Run:
    for name in [name for name in os.environ if name.startswith("SILKROOT_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        if name.startswith("SILKROOT_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("SILKROOT_LANG", "en")
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(folder)

    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["silkroot", *arguments])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def run(
    running: ServiceProcess,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Run:
    """Runs a command line against the service: `run("ship", ...)`."""
    return runner(running.environment, monkeypatch, capsys, tmp_path)


@pytest.fixture(scope="module")
def prepared(running: ServiceProcess, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Parties, products, and a harvest of 1,000 kg of which half lies packed at the packing house."""
    master = tmp_path_factory.mktemp("prepared") / "master.toml"
    master.write_text(MASTER)
    bulk = {"lot": f"{BULK}/H-1", "grams": 500_000}
    at = {"at": AT[1], "where": ""}
    running.operate("import", path=str(master))
    running.operate("harvest", party=FARM, lot=f"{BULK}/H-1", grams=1_000_000, **at | {"where": PLOT})
    running.operate("ship", party=FARM, manifest=[bulk], to=HOUSE, reference="WB-1", **at)
    running.operate("receive", party=HOUSE, shipper=FARM, reference="WB-1", **at)
    running.operate("pack", party=HOUSE, inputs=[bulk], outputs=[{"lot": f"{CASES}/P-1", "grams": 480_000}], **at)
    running.wait_until_settled()


@pytest.fixture
def ready(run: Run, prepared: None) -> Run:
    """The same as `run`, with something there."""
    return run


# What works -----------------------------------------------------------------------------------------------------------


def test_the_whole_way_by_hand(run: Run, running: ServiceProcess, tmp_path: Path) -> None:
    (tmp_path / "master.toml").write_text(MASTER)
    report = run("import", "master.toml", "--json")
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
        said = run(*step, *AT, "--json")
        assert (said.code, said.err) == (0, ""), step
        assert said.json["repeated"] is False, step
        hashes.append(said.json["content_hash"])
    assert len(set(hashes)) == len(steps)
    again = run(*steps[0], *AT, "--json")
    assert (again.code, again.json["repeated"], again.json["content_hash"]) == (0, True, hashes[0])

    running.wait_until_settled()
    told = run("show", packed, "--json")
    assert (told.code, told.json["verdict"]) == (0, "verified")
    assert {event["contentHash"] for event in told.json["events"]} >= set(hashes[3:])
    (branch,) = told.json["branches"]
    assert branch["grams"] == {**branch["grams"], "onHand": 859_500, "sold": 100_000, "destroyed": 500}
    words = run("show", "W-2")
    assert words.code == 0
    assert "verified" in words.out
    assert "custody" in words.out
    assert run("recall", packed, "--reason", "for good", "--as", HOUSE, *AT).code == 0
    running.wait_until_settled()
    assert (run("show", packed).code, run("show", packed, "--json").json["verdict"]) == (1, "recalled")


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


def test_a_digital_link_is_taken_apart(run: Run) -> None:
    assert run("link", f"https://id.gs1.org/01/{CASES}/10/P-1", "--json").json == {"ais": {"01": CASES, "10": "P-1"}}
    assert CASES in run("link", f"https://id.gs1.org/01/{CASES}/10/P-1").out


# What is refused ------------------------------------------------------------------------------------------------------

REFUSED = {
    "a bad check digit": (("register", "09520001000101/X", "1kg", "--plot", PLOT, "--as", FARM), "gs1.check-digit"),
    "a bad check digit of a party": (
        ("register", f"{BULK}/X", "1kg", "--plot", PLOT, "--as", "9520001000011"),
        "gs1.check-digit",
    ),
    "an unknown party": (("register", f"{BULK}/X", "1kg", "--plot", PLOT, "--as", "9520001000997"), "UnknownParty"),
    "a role that is not allowed": (
        ("register", f"{CASES}/X", "1kg", "--plot", PLOT, "--as", HOUSE),
        "RoleMissing",
    ),
    "a second birth": (("register", f"{BULK}/H-1", "2t", "--plot", PLOT, "--as", FARM), "LotExists"),
    "somebody else's product": (
        ("register", f"{CASES}/X", "1kg", "--plot", PLOT, "--as", FARM),
        "ProductNotAllowed",
    ),
    "more shipped than held": (
        ("ship", f"{BULK}/H-1=501kg", "--to", HOUSE, "--ref", "R", "--as", FARM),
        "NotEnoughHeld",
    ),
    "more packed than came in": (
        ("pack", "--from", f"{BULK}/H-1=1kg", "--into", f"{BULK}/X=1001g", "--as", FARM),
        "RoleMissing|MoreOutThanIn",
    ),
    "a reference twice": (("ship", f"{BULK}/H-1=1kg", "--to", HOUSE, "--ref", "WB-1", "--as", FARM), "ConsignmentUsed"),
    "a receipt by another": (("receive", "WB-1", "--from", FARM, "--as", SHOP), "NotInTransit|NotTheReceiver"),
    "more sold than held": (("sell", "P-1", "481kg", "--as", HOUSE), "NotEnoughHeld"),
    "more destroyed than held": (("dispose", "P-1", "481kg", "--as", HOUSE), "NotEnoughHeld"),
    "a recall by another": (("recall", "P-1", "--reason", "no", "--as", SHOP), "MayNotRecall"),
    "a release of what is not recalled": (("release", "P-1", "--reason", "no", "--as", HOUSE), "NotRecalled"),
    "a mass without a unit": (("sell", "P-1", "480", "--as", HOUSE), "mass.unit"),
    "half a gram": (("sell", "P-1", "0.5g", "--as", HOUSE), "mass.whole"),
    "a link that is none": (("link", "somewhere"), "digital-link"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_names_its_rule_and_ends_with_1(ready: Run, case: str) -> None:
    arguments, rules = REFUSED[case]
    before = ready("lots", "--json").json
    words = ready(*arguments)
    assert words.code == 1
    assert any(rule in words.err for rule in rules.split("|")), words.err
    answer = ready(*arguments, "--json")
    assert answer.code == 1
    assert answer.json["error"]["violations"][0]["rule"].startswith(tuple(rules.split("|")))
    assert ready("lots", "--json").json == before


def test_a_recalled_lot_does_not_move(ready: Run) -> None:
    ready("register", f"{BULK}/R-1", "10kg", "--plot", PLOT, "--as", FARM, *AT)
    ready("recall", f"{BULK}/R-1", "--reason", "a test", "--as", RULER, *AT)
    for step in (
        ("ship", f"{BULK}/R-1=1kg", "--to", HOUSE, "--ref", "R-R", "--as", FARM),
        ("sell", f"{BULK}/R-1", "1kg", "--as", FARM),
    ):
        refused = ready(*step)
        assert (refused.code, "LotRecalled" in refused.err) == (1, True), step
    assert ready("dispose", f"{BULK}/R-1", "1kg", "--as", FARM, *AT).code == 0


WRONG_FILES = {
    "no TOML": ("m.toml", b"\xff\xfe", "master.toml"),
    "a product without net grams": ("m.toml", MASTER.replace("net_grams = 8000\n", "").encode(), "net_grams"),
    "no workbook": ("m.xlsx", b"PK", "workbook."),
    "no JSON": ("m.jsonld", b"{", "json."),
    "a key twice": ("m.json", b'{"type": "EPCISDocument", "type": "EPCISDocument"}', "json.duplicate-key"),
    "another kind": ("m.pdf", b"%PDF", "import.kind"),
}


@pytest.mark.parametrize("case", WRONG_FILES)
def test_a_file_that_cannot_be_imported_ends_with_1(run: Run, tmp_path: Path, case: str) -> None:
    name, data, rule = WRONG_FILES[case]
    (tmp_path / name).write_bytes(data)
    words = run("import", name)
    assert words.code == 1
    assert rule in words.err + words.out
    answer = run("import", name, "--json")
    assert answer.code == 1
    assert rule in answer.out


NOT_TOLD = {
    "an unknown lot": ("show", "NOBODY-HAS-THIS"),
    "an unknown lot's trace": ("trace", "NOBODY-HAS-THIS"),
    "an unknown lot's label": ("label", "NOBODY-HAS-THIS"),
    "an unknown lot's events": ("export", "NOBODY-HAS-THIS"),
    "nothing to cheat with": ("demo", "tamper", "NOBODY-HAS-THIS"),
    "a consignment that nobody sent": ("receive", "WB-NONE", "--from", FARM, "--as", SHOP),
    "a file that is not there": ("import", "nowhere.toml"),
    "a folder": ("hash", "."),
    "no command": ("fly",),
    "an option that is none": ("lots", "--limit", "none"),
    "an amount without its lot": ("ship", "5kg", "--to", HOUSE, "--ref", "R", "--as", FARM),
}


@pytest.mark.parametrize("case", NOT_TOLD)
def test_what_cannot_be_told_ends_with_2(ready: Run, case: str) -> None:
    said = ready(*NOT_TOLD[case])
    assert said.code == 2
    assert said.err
    assert said.out == ""


def test_a_file_that_cannot_be_written_is_named(ready: Run, tmp_path: Path) -> None:
    said = ready("label", "P-1", "--out", str(tmp_path / "no-such-folder" / "p.png"))
    assert said.code == 2
    assert "no-such-folder" in said.err


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


def test_a_second_service_on_the_same_folder_is_refused_in_words(run: Run) -> None:
    said = run("up", "--port", str(free_port()))
    assert said.code == 2
    assert "running already" in said.err
    assert "SILKROOT_DATA_DIR" in said.err


def test_a_taken_port_is_said_before_anything_is_started(run: Run, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SILKROOT_DATA_DIR", str(tmp_path / "other"))
    said = run("up")  # SILKROOT_PORT is the running service's
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
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv("SILKROOT_DATA_DIR", str(tmp_path / "other"))
    monkeypatch.setenv("SILKROOT_RPC_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SILKROOT_PORT", str(free_port()))
    monkeypatch.setenv(name, value)
    said = run("up")
    assert said.code == 2
    assert told in said.err


def test_before_anything_was_started_commands_say_what_to_do(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SILKROOT_DATA_DIR", str(tmp_path / "new"))
    said = run("lots")
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
