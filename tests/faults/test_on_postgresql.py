"""The whole service on PostgreSQL and a real chain: import, kill -9, start again, nothing lost, `fsck` clean."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from postgres_server import PostgresServer, postgres  # noqa: F401 - fixtures
from service_process import ServiceProcess

from ledger.adapters.data_dir_reset import look
from ledger.adapters.qr_labels import lot_link
from ledger.domain.errors import Refused
from ledger.domain.identifiers import LotRef, PartyId, ProductId
from ledger.settings import Settings

pytestmark = pytest.mark.chain

FARM, BULK = PartyId(9520001000010), ProductId(9520001000102)
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
LOT = f"{BULK:014d}/F-1"


def test_registered_verified_killed_started_again(tmp_path: Path, postgres: PostgresServer) -> None:  # noqa: F811
    master = tmp_path / "master.toml"
    master.write_text(MASTER)
    address = {"SILKROOT_DATABASE_URL": postgres.database()}
    running = ServiceProcess(tmp_path / "data", settings=address)
    register = ("register", LOT, "800kg", "--plot", f"{FARM}/P1", "--as", str(FARM))
    try:
        running.start()
        running.command("import", str(master))
        running.command(*register)
        running.kill()  # what is acknowledged is on disk, whether the chain has it or not

        running.start()
        running.wait_until_settled()
        assert len(running.ask("lots")["lots"]) == 1
        assert running.ask("show", LOT)["verdict"] == "verified"
        page = httpx.get(lot_link(running.url, LotRef(BULK, "F-1")), headers={"Accept": "text/html"})
        assert 'data-verdict="verified"' in page.text
        assert running.ask("fsck")["faults"] == []

        # The server goes away under the service for a moment: connections are made anew.
        postgres.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'silkroot'")
        running.command("register", f"{BULK:014d}/F-2", "5kg", "--plot", f"{FARM}/P1", "--as", str(FARM))
        running.wait_until_settled()
        assert running.ask("fsck")["faults"] == []
        assert not list((tmp_path / "data").glob("*.sqlite3*"))
    finally:
        if running.process is not None:
            running.kill()
    with pytest.raises(Refused, match=r"reset\.database-elsewhere"):
        look(Settings(data_dir=tmp_path / "data", database_url=address["SILKROOT_DATABASE_URL"]))
