"""
Command lines on a ledger that has no chain: contracts are only named, entries wait in the outbox. For tests of what
commands do and say; what the chain makes of it is tested with one.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from api.control.client import call
from ledger.adapters.deployment import save_deployment
from ledger.settings import Settings
from ledger.wiring import nowhere

FARM, HOUSE, SHOP, RULER = "9520001000010", "9520001000027", "9520001000034", "9520001000041"
CERTIFIER, LENDER = "9520001000058", "9520001000065"
BULK, CASES = "09520001000102", "09520001000119"
LOT, OTHER, PACKED = f"{BULK}/H-1", f"{BULK}/H-2", f"{CASES}/P-1"
PLOT = f"{FARM}/FIELD-7"
RECEIVING = ("--from", FARM, "--as", HOUSE)
AT = ("--at", "2026-08-05T12:00:00+08:00")

_ROLES = {
    FARM: "producer",
    HOUSE: "packer",
    SHOP: "buyer",
    RULER: "regulator",
    CERTIFIER: "certifier",
    LENDER: "lender",
}
MASTER = "\n".join(
    f'[[party]]\nid = "{party}"\nroles = ["{role}"]\nname = {{ en = "The {role}" }}' for party, role in _ROLES.items()
) + "".join(
    f'\n[[product]]\ngtin = "{product}"\nowner = "{owner}"\nnet_grams = 1000\nname = {{ en = "Melon" }}'
    for product, owner in ((BULK, FARM), (CASES, HOUSE))
)


@dataclass
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output read as JSON."""
        return json.loads(self.out)

    @property
    def rules(self) -> list[str]:
        """The rules that a refusal (with `--json`) names."""
        return [violation["rule"] for violation in self.json["error"]["violations"]]


Run = Callable[..., Said]


def runner(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("ship", ...)` in this process, on the ledger in `folder`."""
    return runner_in({"SILKROOT_DATA_DIR": str(folder)}, monkeypatch, capsys)


def runner_in(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """The same with those settings of the environment, and no others."""
    for name in [name for name in os.environ if name.startswith("SILKROOT_")]:
        monkeypatch.delenv(name)
    settings = {name: value for name, value in environment.items() if name.startswith("SILKROOT_")}
    for name, value in (settings | {"SILKROOT_LANG": "en", "COLUMNS": "300"}).items():
        monkeypatch.setenv(name, value)

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


def open_desk(folder: Path) -> None:
    """Names contracts that will never be, registers the cast, and harvests 1,000 kg and 500 kg."""
    settings = Settings(data_dir=folder)
    save_deployment(settings.deployment_path, nowhere())
    master = folder / "master.toml"
    master.write_text(MASTER)
    assert call(settings, "import", {"path": str(master)})["refused"] == []
    for lot, grams in ((LOT, 1_000_000), (OTHER, 500_000)):
        call(settings, "harvest", {"lot": lot, "grams": grams, "party": FARM, "where": PLOT, "at": AT[1]})


def done(run: Run, *arguments: str) -> Any:
    """The JSON of a command that has to work."""
    timeless = arguments[0] in ("agree", "withdraw", "proposals", "correct") or {"--at", "--carry"} & set(arguments)
    at = () if timeless else AT
    said = run(*arguments, *at, "--json")
    assert said.code == 0, said
    return said.json


def refused(run: Run, *arguments: str) -> str:
    """The rule that a refused command names, first in words, then as JSON."""
    at = () if arguments[0] in ("agree", "withdraw", "correct") or "--at" in arguments else AT
    words = run(*arguments, *at)
    said = run(*arguments, *at, "--json")
    assert (words.code, said.code) == (1, 1), said
    (rule,) = said.rules
    assert f"rule {rule}" in words.err
    return rule


def held(run: Run, lot: str, party: str) -> int:
    """Grams that the party holds."""
    grams = run("pledge", "list", lot, "--holder", party, "--json").json["held"]
    assert isinstance(grams, int)
    return grams
