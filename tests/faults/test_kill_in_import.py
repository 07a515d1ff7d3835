"""kill -9 of service and chain in mid-import: starting again completes it, nothing lost, nothing doubled."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from service_process import ServiceProcess

from ledger.domain import event_forms
from ledger.domain.errors import SilkrootError
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


def killed_while_rows_are_recorded(running: ServiceProcess, document: Path) -> None:
    """The service and its chain end when half of the file has gone through capture."""

    def progress(done: int, total: int, what: str) -> None:
        if running.process is not None and done >= total // 2:
            running.kill()

    with pytest.raises(SilkrootError, match=r"went away|closed the connection"):
        running.operate("import", progress, path=str(document), proceed=False, dry_run=False)
    assert running.process is None


def killed_while_the_chain_is_written(running: ServiceProcess, document: Path) -> None:
    """The file is imported; service and chain end with entries that were sent and are not confirmed."""
    report = running.operate("import", path=str(document), proceed=False, dry_run=False)
    assert report["recorded"] == ROWS
    deadline = time.monotonic() + 30
    while not running.operate("status")["outbox"]["sent"]:
        assert time.monotonic() < deadline, running.log()
    running.kill()


@pytest.mark.parametrize("kill", [killed_while_rows_are_recorded, killed_while_the_chain_is_written])
def test_killed_in_mid_import(tmp_path: Path, kill: Callable[[ServiceProcess, Path], None]) -> None:
    master = tmp_path / "master.toml"
    master.write_text(MASTER)
    document = season(tmp_path / "season.jsonld")
    running = ServiceProcess(tmp_path / "data")
    try:
        running.start()
        running.operate("import", path=str(master), proceed=False, dry_run=False)
        kill(running, document)

        running.start()
        report = running.ask("import", str(document))[0]
        assert report["refused"] == []
        assert report["recorded"] + report["repeated"] == ROWS
        outbox = running.wait_until_settled()["outbox"]
        # One confirmed entry for each event and the two registrations (a party, a product), none twice.
        assert (outbox["refused"], outbox["confirmed"]) == (0, ROWS + 2)
        again = running.ask("import", str(document))[0]
        assert (again["recorded"], again["repeated"]) == (0, ROWS)
        assert running.wait_until_settled()["outbox"] == outbox
        assert len(running.ask("lots", "--limit", "1000")["lots"]) == ROWS
        story = running.ask("show", f"{BULK:014d}/F-0123")
        assert story["verdict"] == "verified"
        assert running.ask("fsck")["faults"] == []
    finally:
        if running.process is not None:
            running.kill()
