"""kill -9 of service and chain in mid-import: starting again completes it, nothing lost, nothing doubled."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest
from service_process import SILKROOT, ServiceProcess

from ledger.domain import event_forms
from ledger.domain.event_forms import Amount, Spot, When
from ledger.domain.identifiers import Grams, LotRef, PartyId, ProductId

pytestmark = pytest.mark.chain

FARM, BULK = PartyId(9520001000010), ProductId(9520001000102)
ROWS = 400

MASTER = """
[[party]]
id = "9520001000010"
roles = ["producer"]
name = { en = "A farm", zh = "农场" }

[[product]]
gtin = "09520001000102"
owner = "9520001000010"
net_grams = 1000
name = { en = "Hami melon, loose", zh = "哈密瓜（散装）" }
"""


def season(path: Path) -> Path:
    """A document of many harvests."""
    events = [
        event_forms.harvest(
            FARM, Amount(LotRef(BULK, f"F-{n:04d}"), Grams(500_000 + n)), When("2026-08-05T09:00:00+08:00"),
            Spot(FARM, f"P{n % 7}"),
        )
        for n in range(ROWS)
    ]  # fmt: skip
    document = {
        "@context": [event_forms.STANDARD_CONTEXT, {"silkroot": event_forms.SILKROOT_NAMESPACE}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-08-06T00:00:00+08:00",
        "epcisBody": {"eventList": [{k: v for k, v in e.items() if k != "@context"} for e in events]},
    }
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("moment", ["while rows are read", "while the chain is written"])
def test_killed_in_mid_import(tmp_path: Path, moment: str) -> None:
    master = tmp_path / "master.toml"
    master.write_text(MASTER)
    document = season(tmp_path / "season.jsonld")
    running = ServiceProcess(tmp_path / "data")
    try:
        running.start()
        running.command("import", str(master))
        importing = subprocess.Popen(
            [*SILKROOT, "import", str(document)],
            env=running.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if moment == "while rows are read":
            time.sleep(0.9)
        else:
            assert importing.wait(60) == 0
            time.sleep(0.4)
        running.kill()
        importing.wait(60)

        running.start()
        report = running.ask("import", str(document))[0]
        assert report["refused"] == []
        assert report["recorded"] + report["repeated"] == ROWS
        status = running.wait_until_settled()
        # One confirmed entry for each event, and three registrations: admission, product, nothing twice.
        assert status["outbox"]["refused"] == 0
        again = running.ask("import", str(document))[0]
        assert (again["recorded"], again["repeated"]) == (0, ROWS)
        assert running.wait_until_settled()["outbox"]["confirmed"] == status["outbox"]["confirmed"]
        assert len(running.ask("lots", "--limit", "1000")["lots"]) == ROWS
        story = running.ask("show", f"{BULK:014d}/F-0123")
        assert story["verdict"] == "verified"
        assert running.ask("fsck")["faults"] == []
    finally:
        if running.process is not None:
            running.kill()
