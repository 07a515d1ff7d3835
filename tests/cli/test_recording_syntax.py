"""What the commands that record something make of their arguments, before anybody is asked."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from api.cli import main
from api.cli.recording import amounts
from ledger.domain.errors import InvalidInput

LOT, OTHER = "09520001000102/H-1", "09520001000102/H-2"
HOUSE, FARM = "9520001000027", "9520001000010"


class Asked:
    """Stands for the service: keeps what it was asked, answers what a test says."""

    def __init__(self) -> None:
        self.operation = ""
        self.params: dict[str, Any] = {}
        self.answer: dict[str, Any] = {}

    def __call__(self, operation: str, as_json: bool = False, /, **params: Any) -> dict[str, Any]:
        self.operation, self.params = operation, params
        return self.answer


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The service that answers every command of this file."""
    stand_in = Asked()
    for module in ("recording", "growing", "recalling", "agreeing", "pledging", "keys"):
        monkeypatch.setattr(f"api.cli.{module}.ask", stand_in)
    return stand_in


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code of `silkroot` with those arguments and `--json`."""
    monkeypatch.setattr(sys, "argv", ["silkroot", *arguments, "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


PARSED: dict[str, tuple[tuple[str, ...], str, dict[str, Any]]] = {
    "a receipt in full": (
        ("receive", "WB-1", "--from", FARM, "--as", HOUSE),
        "receive",
        {"reference": "WB-1", "shipper": FARM, "party": HOUSE, "short": [], "refuse": [], "to_come": [], "over": []},
    ),
    "a receipt lot by lot": (
        (
            *("receive", "WB-1", "--from", FARM, "--as", HOUSE, "--short", f"{LOT}=2kg", "--refuse", f"{OTHER}=1kg"),
            *("--refuse", f"{LOT}=500g", "--return-ref", "R-1", "--over", f"{OTHER}=3kg"),
        ),
        "receive",
        {
            "short": [{"lot": LOT, "grams": 2000}],
            "refuse": [{"lot": OTHER, "grams": 1000}, {"lot": LOT, "grams": 500}],
            "to_come": [],
            "over": [{"lot": OTHER, "grams": 3000}],
            "return_reference": "R-1",
        },
    ),
    "a rejection": (
        ("reject", "WB-1", "--from", FARM, "--as", HOUSE, "--return-ref", "R-1", "--reason", "frozen"),
        "reject",
        {"return_reference": "R-1", "reason": "frozen", "shipper": FARM},
    ),
    "a notice by the shipper": (("notice", "WB-1", "--as", FARM), "notice", {"shipper": FARM, "party": FARM}),
    "a notice by the receiver": (
        ("notice", "WB-1", "--from", FARM, "--as", HOUSE),
        "notice",
        {"shipper": FARM, "party": HOUSE},
    ),
    "a void that is agreed": (("void", "WB-1", "--as", FARM), "void", {"alone": False, "reference": "WB-1"}),
    "a void after a notice": (("void", "WB-1", "--after-notice", "--as", FARM), "void", {"alone": True}),
    "a settlement": (
        ("settle", "WB-1", "--from", FARM, "--loss", f"{LOT}=1kg", "--received", f"{LOT}=2kg", "--as", HOUSE),
        "settle",
        {
            "loss": [{"lot": LOT, "grams": 1000}],
            "received": [{"lot": LOT, "grams": 2000}],
            "weight_loss": [],
            "returned": [],
            "alone": False,
            "shipper": FARM,
        },
    ),
    "a settlement alone": (("settle", "WB-1", "--alone", "--as", FARM), "settle", {"alone": True, "shipper": FARM}),
    "a harvest of another season": (
        ("register", LOT, "1t", "--plot", f"{FARM}/A", "--season", "2025", "--as", FARM),
        "harvest",
        {"season": 2025, "grams": 1_000_000},
    ),
    "a harvest": (("register", LOT, "1t", "--plot", f"{FARM}/A", "--as", FARM), "harvest", {"season": 0}),
    "a packing": (
        (
            *("pack", "--from", f"{LOT}=10kg", "--into", f"{OTHER}=8kg", "--culls", "1kg", "--remainder", "0g"),
            *("--as", HOUSE),
        ),
        "pack",
        {"culls": 1000, "remainder": 0, "process_loss": None},
    ),
    "a plot": (
        ("plot", "certify", f"{FARM}/A", "--producer", FARM, "--as", HOUSE),
        "certify-plot",
        {"plot": f"{FARM}/A", "producer": FARM},
    ),
    "a yield": (
        ("plot", "yield", f"{FARM}/A", "12t", "--season", "2026", "--as", HOUSE),
        "certify-yield",
        {"season": 2026, "grams": 12_000_000},
    ),
    "a birth corrected": (
        ("correct", LOT, "900kg", "--reason", "misread", "--as", FARM),
        "correct",
        {"grams": 900_000, "inputs": [], "outputs": [], "annul": False, "reason": "misread"},
    ),
    "a birth annulled": (
        ("correct", LOT, "--annul", "--reason", "twice", "--as", FARM),
        "correct",
        {"grams": None, "annul": True},
    ),
    "a packing corrected": (
        (
            *("correct", OTHER, "--input", f"{LOT}=9kg", "--output", f"{OTHER}=0g", "--culls", "1kg"),
            *("--reason", "scale", "--as", HOUSE),
        ),
        "correct",
        {
            "grams": None,
            "inputs": [{"lot": LOT, "grams": 9000}],
            "outputs": [{"lot": OTHER, "grams": 0}],
            "culls": 1000,
            "process_loss": None,
        },
    ),
    "a delivery corrected": (
        ("correct", LOT, "--delivery", "T-7=250kg", "--reason", "scale", "--as", HOUSE),
        "correct",
        {"deliveries": [{"lot": "T-7", "grams": 250_000}]},
    ),
    "a pledge": (
        ("pledge", "make", LOT, "5t", "--lender", HOUSE, "--until", "2026-12-31", "--as", FARM),
        "pledge",
        {"grams": 5_000_000, "lender": HOUSE, "until": 1_798_675_200},
    ),
    "a pledge let go": (
        ("pledge", "release", LOT, "--holder", FARM, "--as", HOUSE),
        "pledge-release",
        {"holder": FARM, "party": HOUSE},
    ),
    "an agreement": (
        ("agree", "7", "--as", HOUSE),
        "agree",
        {"proposal": 7, "party": HOUSE, "public_key": "", "signature": ""},
    ),
    "a withdrawal": (("withdraw", "7", "--as", FARM), "withdraw", {"proposal": 7, "party": FARM}),
    "a recall": (
        ("recall", LOT, "--reason", "residue", "--as", FARM),
        "recall",
        {"lot": LOT, "reason": "residue", "party": FARM},
    ),
    "a recall carried": (("recall", LOT, "--carry"), "carry-recall", {"lot": LOT}),
    "another signature": (("party", "key", "resign", FARM), "resign", {"party": FARM, "events": []}),
    "another signature for one": (
        ("party", "key", "resign", FARM, "--event", "4", "--event", "9"),
        "resign",
        {"events": [4, 9]},
    ),
}


@pytest.mark.parametrize("case", PARSED)
def test_a_command_asks_for_what_was_typed(asked: Asked, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    arguments, operation, params = PARSED[case]
    asked.answer = {"left": [], "again": []}
    assert run(monkeypatch, *arguments) == 0
    assert asked.operation == operation
    assert {name: asked.params.get(name) for name in params} == params


WRONG = {
    "a settlement alone with lots": ("settle", "WB-1", "--alone", "--loss", f"{LOT}=1kg", "--as", FARM),
    "a rejection without a number": ("reject", "WB-1", "--from", FARM, "--reason", "frozen", "--as", HOUSE),
    "a rejection without a reason": ("reject", "WB-1", "--from", FARM, "--return-ref", "R", "--as", HOUSE),
    "a correction of nothing": ("correct", LOT, "--reason", "x", "--as", FARM),
    "a correction without a reason": ("correct", LOT, "5kg", "--as", FARM),
    "a correction of both": ("correct", LOT, "5kg", "--input", f"{OTHER}=1kg", "--reason", "x", "--as", FARM),
    "an annulment with a mass": ("correct", LOT, "5kg", "--annul", "--reason", "x", "--as", FARM),
    "a recall without a reason": ("recall", LOT, "--as", FARM),
    "a recall by nobody": ("recall", LOT, "--reason", "x"),
    "a carried recall that is signed": ("recall", LOT, "--carry", "--as", FARM),
    "an amount without a lot": ("receive", "WB-1", "--from", FARM, "--short", "5kg", "--as", HOUSE),
    "a yield without a season": ("plot", "yield", f"{FARM}/A", "5t", "--as", HOUSE),
    "a season that is none": ("plot", "yield", f"{FARM}/A", "5t", "--season", "26", "--as", HOUSE),
    "a pledge without an end": ("pledge", "make", LOT, "5t", "--lender", HOUSE, "--as", FARM),
    "a proposal that has no number": ("agree", "first", "--as", HOUSE),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_makes_no_sense_is_refused_before_anybody_is_asked(
    asked: Asked, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    assert run(monkeypatch, *WRONG[case]) == 2
    assert asked.operation == ""


def test_a_signature_needs_the_key_that_made_it(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "agree", "7", "--signature", "0xaa", "--as", HOUSE) == 1
    assert asked.operation == ""


def test_events_that_cannot_be_signed_again_end_with_1(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    asked.answer = {"again": [], "left": [{"sequence": 4, "why": {"rule": "LotExists", "message": "there"}}]}
    assert run(monkeypatch, "party", "key", "resign", FARM) == 1


def test_nothing_is_an_amount_only_where_it_may_be() -> None:
    assert amounts([f"{LOT}=0g"], nothing=True) == [{"lot": LOT, "grams": 0}]
    for wrong in (f"{LOT}=0g", f"{LOT}=-1kg", f"{LOT}=5"):
        with pytest.raises(InvalidInput):
            amounts([wrong])
    with pytest.raises(InvalidInput):
        amounts([f"{LOT}=-1kg"], nothing=True)
