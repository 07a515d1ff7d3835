"""
Command lines against a real service with a chain: one service for each file of tests.

Commands run in this process through the entry point that the `silkroot` script calls, so that a hundred of them take
seconds; they talk to the service over its socket like any other. `command_desk` has the same without a chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_desk import AT, BULK, CASES, FARM, HOUSE, PLOT, RULER, SHOP, Run, runner_in
from service_process import ServiceProcess

ALLOTTED = "10000000000007"
NAMELESS = "100000000000003"

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


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service of the file's own, with nothing registered."""
    service = ServiceProcess(tmp_path_factory.mktemp("cli") / "data")
    try:
        service.start()
        yield service
    finally:
        if service.process is not None:
            service.kill()


@pytest.fixture
def started(
    running: ServiceProcess,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Run:
    """Runs a command line against the service, in the test's folder: `started("ship", ...)`."""
    monkeypatch.chdir(tmp_path)
    return runner_in(running.environment, monkeypatch, capsys)


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
def ready(started: Run, prepared: None) -> Run:
    """The same as `started`, with something there."""
    return started
