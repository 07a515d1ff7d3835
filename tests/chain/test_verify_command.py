"""`silkroot verify` as a process: exit codes, words, JSON, and nothing loaded that a verifier does not need."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from proof_world import ProofWorld
from proof_world_lots import EXPECTED
from receipts import moments, receipt_text
from tamperings import TAMPERINGS

from ledger.adapters.pinned import pinned_json

pytestmark = pytest.mark.chain
EXITS = {"verified": 0, "recalled": 1, "unverified": 1, "suspect": 1, "pending": 2, "unknown": 2}
FORBIDDEN = ("sqlalchemy", "sqlite3", "fastapi", "starlette", "uvicorn", "jinja2", "alembic")
LOUD = f"""
import sys
sys.argv[0] = "silkroot"
from api.cli import main
try:
    main()
finally:
    found = sorted(set({FORBIDDEN!r}) & set(sys.modules))
    if found:
        print("loaded:", *found, file=sys.stderr)
"""


class Desk:
    """A folder with a pinned record and files; no ledger lives there."""

    def __init__(self, world: ProofWorld, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.record = self.file("pinned.json", json.dumps(pinned_json(world.deployment.pinned)))

    def file(self, name: str, text: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    def verify(self, *arguments: str, pinned: bool = True, asked: bool = True) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SILKROOT_")}
        own = {"SILKROOT_DATA_DIR": str(self.folder / "none"), "LC_ALL": "C.UTF-8"}
        every = [
            *arguments,
            *(("--deployment", self.record) if pinned else ()),
            *(("--rpc", self.world.rpc_url) if asked else ()),
        ]
        done = subprocess.run(
            [sys.executable, "-c", LOUD, "verify", *every], env=kept | own, capture_output=True, text=True, timeout=60
        )
        assert "loaded:" not in done.stderr, done.stderr
        return done


@pytest.fixture
def desk(proof_world: ProofWorld, tmp_path: Path) -> Desk:
    return Desk(proof_world, tmp_path)


@pytest.mark.parametrize("lot", ["packed", "descendant", "refused", "waiting", "warm"])
def test_true_bundles(desk: Desk, lot: str) -> None:
    bundle = desk.file("bundle.json", json.dumps(desk.world.tree(lot)))
    done = desk.verify(bundle, "--json")
    told = json.loads(done.stdout)
    assert (told["verdict"], done.returncode) == (EXPECTED[lot], EXITS[EXPECTED[lot]])
    assert [node["believed"] for node in told["nodes"]] == [True]


def test_how_cold_it_stayed_is_told_by_branch(desk: Desk) -> None:
    told = json.loads(desk.verify(desk.file("bundle.json", json.dumps(desk.world.tree("warm"))), "--json").stdout)
    (branch,) = told["branches"]
    assert (branch["verdict"], branch["temperature"]["standing"]) == ("suspect", "open")
    assert (branch["temperature"]["highest"], branch["temperature"]["degreeMinutes"]) == (12.0, 80.0)


@pytest.mark.parametrize(
    "name",
    [
        "mass in the event",
        "receipt dropped",
        "event twice",
        "another chain",
        "statement that its party took back",
        "places in a batch swapped",
    ],
)
def test_tampered_bundles(desk: Desk, name: str) -> None:
    one = next(one for one in TAMPERINGS if one.name == name)
    done = desk.verify(desk.file("bundle.json", one.text(desk.world)), "--json")
    told = json.loads(done.stdout)
    assert (told["verdict"], done.returncode) == (one.verdict, EXITS[one.verdict])
    assert one.code in {reason["code"] for reason in told["reasons"]}


def test_words_tell_evidence_nodes_and_what_is_withheld(desk: Desk) -> None:
    done = desk.verify(desk.file("bundle.json", json.dumps(desk.world.tree("packed"))), "--rpc", "http://127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    for words in (
        "09520000001018/P-0001  verified", "✓ custody", f"believed: {desk.world.rpc_url}, chain 31337",
        "not believed: http://127.0.0.1:9", "; key 0x", "; transaction 0x",
        "2 members withheld: 0x", "others may exist",
    ):  # fmt: skip
        assert words in done.stdout
    assert re.search(r"; log [0-9]+ of [0-9]+", done.stdout), "where in the log"
    assert "erased" not in done.stdout


def test_what_is_said_to_be_erased_is_told_apart_and_by_whom(desk: Desk) -> None:
    bundle = desk.file("bundle.json", json.dumps(desk.world.tree("packed", erased=True)))
    words = desk.verify(bundle)
    assert words.returncode == 0, words.stderr
    assert "1 member withheld: 0x" in words.stdout
    assert "1 member erased, says who made this file: 0x" in words.stdout
    told = json.loads(desk.verify(bundle, "--json").stdout)
    assert [(one["place"], one["count"]) for one in told["erased"]] == [("", 1)]
    assert told["withheld"] == told["erased"]
    (first, _) = next(iter(desk.world.disclosures.values()))
    shown = desk.verify(bundle, "--disclosures", desk.file("kept.json", json.dumps([first.text])))
    assert shown.returncode == 0, "who was given the disclosure before still reads it"
    assert first.place in shown.stdout
    assert "erased" not in shown.stdout


def test_disclosures_of_ones_own(desk: Desk) -> None:
    bundle = desk.file("bundle.json", json.dumps(desk.world.tree("packed")))
    texts = [one.text for found in desk.world.disclosures.values() for one in found]
    shown = desk.verify(bundle, "--disclosures", desk.file("shown.json", json.dumps({"disclosures": texts[:1]})))
    assert shown.returncode == 0
    assert "1 member withheld" in shown.stdout
    foreign = desk.verify(bundle, "--disclosures", desk.file("other.json", json.dumps(["WyJh"])), "--json")
    assert foreign.returncode == 1
    assert json.loads(foreign.stdout)["reasons"][0]["code"] == "content.disclosure"
    assert desk.verify(bundle, "--disclosures", desk.file("none.json", "5")).returncode == 2


def test_what_cannot_be_told_is_2(desk: Desk) -> None:
    bundle = desk.file("bundle.json", json.dumps(desk.world.tree("packed")))
    offline = desk.verify(bundle, asked=False)
    assert offline.returncode == 2
    assert "could not be checked: signature, anchored, custody, recall" in offline.stdout
    assert "fit what was signed: 9 of 9" in offline.stdout
    alone = desk.verify(bundle, asked=False, pinned=False)
    assert alone.returncode == 2
    assert "--deployment FILE" in alone.stdout
    unpinned = desk.verify(bundle, pinned=False)
    assert unpinned.returncode == 2
    assert "--deployment FILE" in unpinned.stderr
    assert desk.verify(str(desk.folder / "nothing.json")).returncode == 2
    assert desk.verify().returncode == 2
    assert desk.verify(bundle, "--receipt", bundle).returncode == 2


async def test_acknowledgements(desk: Desk) -> None:
    first, _, _ = await moments(desk.world)
    bundle = desk.file("bundle.json", json.dumps(desk.world.tree("packed")))
    kept = desk.file("kept.json", receipt_text(desk.world, 3, time=first - 1, deadline=first))
    former = desk.file("former.json", receipt_text(desk.world, 3, time=first - 1, deadline=first, former=True))
    late = desk.file("late.json", receipt_text(desk.world, 3, time=first - 1, deadline=first - 1))
    shown = desk.verify("--receipt", kept, "--bundle", bundle)
    assert (shown.returncode, "kept" in shown.stdout) == (0, True), shown.stdout + shown.stderr
    before = desk.verify("--receipt", former, "--bundle", bundle)
    assert (before.returncode, "kept" in before.stdout) == (0, True), before.stdout + before.stderr
    assert json.loads(desk.verify("--receipt", kept, "--json").stdout)["standing"] == "not-shown"
    assert desk.verify("--receipt", kept).returncode == 2
    broken = desk.verify("--receipt", late)
    assert (broken.returncode, "covered first by the checkpoint" in broken.stdout) == (1, True)
    assert desk.verify("--receipt", desk.file("junk.json", "{}")).returncode == 2
