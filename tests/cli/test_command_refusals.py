"""
What commands refuse, in words and as JSON: a rule of the ledger or a file that is none ends with 1, and what cannot be
told with 2. Nothing is recorded of it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from command_desk import AT, BULK, CASES, FARM, HOUSE, PLOT, RULER, SHOP, Run
from command_service import MASTER

pytestmark = pytest.mark.chain

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
def test_a_file_that_cannot_be_imported_ends_with_1(started: Run, tmp_path: Path, case: str) -> None:
    name, data, rule = WRONG_FILES[case]
    (tmp_path / name).write_bytes(data)
    words = started("import", name)
    assert words.code == 1
    assert rule in words.err + words.out
    answer = started("import", name, "--json")
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
