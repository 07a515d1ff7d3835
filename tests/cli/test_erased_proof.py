"""
From capture to the verdict: what was sealed in an event is erased, and everybody who asks is told so. Proof files still
verify, `fsck` finds no fault, and a chain and a service are real.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from command_desk import AT, BULK, FARM, LOT, MASTER, PLOT, Run, Said, runner
from service_process import ServiceProcess, service

from ledger.domain.event_forms import STANDARD_CONTEXT

pytestmark = pytest.mark.chain
PHONE, NAME = "13912345678", "Tursun Ablimit"


def inspection() -> dict[str, Any]:
    """An EPCIS document with one event, which names a driver and a telephone number."""
    event = {
        "type": "ObjectEvent",
        "eventTime": AT[1],
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "inspecting",
        "quantityList": [{"epcClass": f"https://id.gs1.org/01/{BULK}/10/H-1", "quantity": 1000, "uom": "KGM"}],
        "silkroot:party": FARM,
        "silkroot:driver": NAME,
        "silkroot:phone": PHONE,
    }
    return {
        "@context": [STANDARD_CONTEXT, {"silkroot": "https://silkroot.example/epcis/"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": AT[1],
        "epcisBody": {"eventList": [event]},
    }


def recorded(running: ServiceProcess, run: Run, folder: Path) -> None:
    """A harvest, and an inspection of it with two sealed members, confirmed and under a checkpoint."""
    master, document = folder / "master.toml", folder / "inspection.jsonld"
    master.write_text(MASTER)
    document.write_text(json.dumps(inspection()))
    running.operate("import", path=str(master))
    running.operate("harvest", party=FARM, lot=LOT, grams=1_000_000, where=PLOT, at=AT[1])
    assert run("import", str(document)).code == 0
    running.wait_until_settled()


def test_what_was_erased_is_called_erased_by_every_proof_and_they_still_verify(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with service(tmp_path / "data") as running:
        run = runner(running.data_dir, monkeypatch, capsys)
        recorded(running, run, tmp_path)

        def verified(*options: str) -> tuple[Said, Any]:
            """What `silkroot verify` says of a proof made now, in words and as JSON."""
            file = str(tmp_path / "proof.json")
            assert run("proof", LOT, "--out", file, *options).code == 0
            words = run("verify", file, "--rpc", f"{running.url}/rpc")
            told = run("verify", file, "--rpc", f"{running.url}/rpc", "--json")
            assert (words.code, told.code, told.json["verdict"]) == (0, 0, "verified"), words
            return words, told.json

        words, told = verified()
        assert "2 members withheld" in words.out
        assert "erased" not in words.out
        assert ([one["count"] for one in told["withheld"]], told["erased"]) == ([2], [])
        content = told["withheld"][0]["event"]

        assert run("erase", "--value", NAME, "--yes").code == 0

        words, told = verified()
        assert "1 member withheld" in words.out
        assert "1 member erased, says who made this file" in words.out
        assert told["withheld"] == told["erased"] == [{"event": content, "place": "", "count": 1}]
        words, told = verified("--disclosures")
        assert "withheld" not in words.out
        assert "1 member erased, says who made this file" in words.out
        assert told["disclosed"] == [{"event": content, "places": ["/silkroot:phone"]}]
        assert (told["withheld"], [one["count"] for one in told["erased"]]) == ([], [1])

        assert NAME not in json.dumps(told)
        public = httpx.get(f"{running.url}/lots/{BULK}/H-1/proof").json()
        assert [len(event.get("erased", ())) for event in public["events"]] == [0, 1]
        (_, told) = httpx.get(f"{running.url}/lots/{BULK}/H-1").json()["events"]
        assert told["withheld"] == [{"place": "", "count": 2, "erased": 1}]
        page = httpx.get(f"{running.url}/01/{BULK}/10/H-1", headers={"accept": "text/html"}).text
        assert "1 member is withheld" in page
        assert "1 sealed member was erased" in page
        assert "1 sealed member was erased" in run("fsck").out
        assert "1 sealed member was erased" in run("show", LOT).out
