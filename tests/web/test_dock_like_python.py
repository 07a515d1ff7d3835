"""The browser composes receipts exactly as the ledger's forms do, and reads the codes of pallets, cases and papers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import event_builders as b
import pytest
from fake_services import FakeWorld
from web_library import ask_dock, bundle_library

from api.localization import words
from api.staff.dock import expected_json
from ledger.domain import event_forms
from ledger.domain.action_json import to_json
from ledger.domain.binding import action_of
from ledger.domain.canonical_json import canonical
from ledger.domain.event_forms import Amount, Arrival, Spot, When
from ledger.domain.forms.base import between
from ledger.domain.identifiers import ConsignmentId, Grams, LotRef, ProductId, consignment_id
from ledger.domain.records import JsonTree
from ledger.services.receiving import Expected, ExpectedLine

GS = "\x1d"
BLIND = "0f0e0d0c0b0a09080706050403020100"
LOTS = (b.HARVEST_LOT, LotRef(ProductId(9520000001001), 'A/1"%'), LotRef(ProductId(10**14 + 5), "X"))
GRAMS = (412_500, 1, 9_007_199_254_740)
WHEN = "2026-08-06T09:30:00+08:00"
SSCC = b.sscc(7)
URN = event_forms.transaction_urn(b.FARM, "D-77")
LEG = {
    "epcClass": "x",
    "readings": 3,
    "minimum": 2000,
    "maximum": 4250,
    "degreeMinutes": 0,
    "last": "ab",
    "digest": "cd",
}


@pytest.fixture(scope="module")
def dock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle_library(tmp_path_factory.mktemp("dock"), "dock_library")


def sent(reference: str = SSCC, leg: tuple[JsonTree, ...] = (), kind: str = "desadv") -> dict[str, Any]:
    """A consignment of those lots as a phone has it."""
    lines = tuple(ExpectedLine(lot, Grams(grams), None) for lot, grams in zip(LOTS, GRAMS, strict=True))
    name: ConsignmentId = consignment_id(b.FARM, reference)
    expected = Expected(name, b.FARM, b.BUYER, reference, kind, lines, WHEN, "", "", "", leg, False)
    return expected_json(expected, FakeWorld().shelf.master, "Farm", words("en"))


def common(**changed: Any) -> dict[str, Any]:
    place = Spot(int(b.BUYER), "D2").uri
    return {"party": f"{b.BUYER:013d}", "time": WHEN, "place": place, "extra": {}, "celsius": None, **changed}


def asked(kind: str, reference: str = SSCC, *, leg: tuple[JsonTree, ...] = (), **more: Any) -> dict[str, Any]:
    return {"ask": kind, "sent": sent(reference, leg), "common": common(), **more}


def spread(*parts: tuple[int, int, int, int]) -> list[Arrival]:
    """Arrivals of the lots, each of accepted, refused, to come, short."""
    return [Arrival(lot, *line) for lot, line in zip(LOTS, parts, strict=True)]


def arrivals_json(arrivals: list[Arrival]) -> list[dict[str, int]]:
    return [
        {"accepted": one.accepted, "refused": one.refused, "toCome": one.to_come, "short": one.short}
        for one in arrivals
    ]


def same(answer: dict[str, Any], event: JsonTree) -> None:
    """The browser's tree and action are those of the ledger."""
    full = {**event, "silkroot:blind": BLIND}
    assert answer["tree"] == canonical(full).decode()
    assert json.loads(answer["action"]) == to_json(action_of(full, 1_786_500_000))


def test_a_receipt_in_full(dock: Path) -> None:
    details = {
        "silkroot:leg": [LEG],
        "silkroot:seal": "S-1",
        "silkroot:damage": "箱子湿了",
        "silkroot:photos": ["ni:///x"],
    }
    own = {name.removeprefix("silkroot:"): value for name, value in details.items()}
    sensors = [{"sensorReport": [{"type": "Temperature", "value": 4.5, "uom": "CEL"}]}]
    bill = asked("whole", URN)
    bill["sent"]["transactionType"] = "bol"
    answers = ask_dock(
        dock, [asked("whole"), asked("whole", URN), asked("whole", common=common(extra=own, celsius=4.5)), bill]
    )
    manifest = [Amount(lot, Grams(grams)) for lot, grams in zip(LOTS, GRAMS, strict=True)]

    def form(reference: str, **more: Any) -> JsonTree:
        return event_forms.receiving(b.BUYER, b.FARM, reference, manifest, When(WHEN), Spot(int(b.BUYER), "D2"), **more)

    same(answers[0], form(SSCC))
    same(answers[1], form(URN))
    same(answers[2], form(SSCC, extra={**details, "sensorElementList": sensors}))
    same(answers[3], form(URN, transaction_type="bol"))


RETURN = event_forms.transaction_urn(b.BUYER, "R-1")
PARTS = {
    "short": (spread((400_000, 0, 0, 12_500), (1, 0, 0, 0), (GRAMS[2], 0, 0, 0)), ""),
    "refused and to come": (spread((12_500, 200_000, 200_000, 0), (0, 1, 0, 0), (0, 0, GRAMS[2], 0)), RETURN),
    "nothing of a lot": (spread((0, 0, 0, 412_500), (0, 0, 1, 0), (GRAMS[2], 0, 0, 0)), ""),
    "rejected": (spread((0, 412_500, 0, 0), (0, 1, 0, 0), (0, GRAMS[2], 0, 0)), RETURN),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_receipt_in_part(dock: Path, name: str) -> None:
    arrivals, return_ref = PARTS[name]
    question = asked("part", arrivals=arrivals_json(arrivals), returnRef=return_ref)
    (answer,) = ask_dock(dock, [question])
    place = Spot(int(b.BUYER), "D2")
    same(answer, event_forms.partial_receipt(b.BUYER, b.FARM, SSCC, arrivals, When(WHEN), place, return_ref=return_ref))


@pytest.mark.parametrize("name", ["short", "refused and to come"])
@pytest.mark.parametrize("over", [(1, 0, 0), (12_500, 0, GRAMS[2])])
def test_what_came_beyond_the_list(dock: Path, name: str, over: tuple[int, ...]) -> None:
    arrivals, return_ref = PARTS[name]
    question = asked("part", arrivals=arrivals_json(arrivals), returnRef=return_ref, over=over)
    (answer,) = ask_dock(dock, [question])
    beyond = [Amount(lot, Grams(grams)) for lot, grams in zip(LOTS, over, strict=True) if grams]
    place = Spot(int(b.BUYER), "D2")
    event = event_forms.partial_receipt(
        b.BUYER, b.FARM, SSCC, arrivals, When(WHEN), place, return_ref=return_ref, over=beyond
    )
    assert event["disposition"] == "mismatch_quantity"
    same(answer, event)


def test_a_note_moves_nothing(dock: Path) -> None:
    (answer,) = ask_dock(dock, [asked("note", common=common(extra={"note": "Two cases were open."}))])
    event = event_forms.statement(
        b.BUYER, "arriving", LOTS, When(WHEN), Spot(int(b.BUYER), "D2"), extra={"silkroot:note": "Two cases were open."}
    )
    same(answer, between(event, b.FARM, b.BUYER, SSCC, "desadv"))


DIGITS = SSCC.rpartition("/")[2]
GTIN = f"{int(b.HARVEST_LOT.product):014d}"
CODES: list[tuple[str, dict[str, str]]] = [
    (f"]C100{DIGITS}", {"00": DIGITS}),
    (f"00{DIGITS}", {"00": DIGITS}),
    (DIGITS, {"00": DIGITS}),
    (f" {DIGITS[:8]} {DIGITS[8:]} ", {"00": DIGITS}),
    (f"(00){DIGITS}", {"00": DIGITS}),
    (f"https://id.gs1.org/00/{DIGITS}", {"00": DIGITS}),
    (f"]d201{GTIN}10H-0001{GS}21S/7", {"01": GTIN, "10": "H-0001", "21": "S/7"}),
    (f"]C102{GTIN}3712{GS}10H-0001", {"02": GTIN, "37": "12", "10": "H-0001"}),
    (f"{GS}01{GTIN}11260805310300412510H-0001", {"01": GTIN, "11": "260805", "3103": "004125", "10": "H-0001"}),
    (f"01{GTIN}10H-0001", {"01": GTIN, "10": "H-0001"}),
    (f"(01){GTIN}(10)H(2)1", {"01": GTIN, "10": "H(2)1"}),
    (f"^01{GTIN}10AB^21X", {"01": GTIN, "10": "AB", "21": "X"}),
    (f"https://trace.example/01/{GTIN}/10/A%2F1/21/9", {"01": GTIN, "10": "A/1", "21": "9"}),
    ("D-77", {}),
    ("melons", {}),
]


def test_codes_of_pallets_and_cases(dock: Path) -> None:
    answers = ask_dock(dock, [{"ask": "code", "text": text} for text, _ in CODES])
    assert [answer.get("elements") for answer in answers] == [found for _, found in CODES]


DAMAGED = [
    (f"]C100{DIGITS[:-1]}", "code.damaged"),
    (f"]C100{DIGITS[:-1]}{(int(DIGITS[-1]) + 1) % 10}", "gs1.check-digit"),
    (f"]d201{GTIN}10", "gs1.format"),
    (f"]d201{GTIN}99", "gs1.format"),
    (f"]d201{GTIN}10A{GS}10B", "code.twice"),
    (f"]d201{GTIN}88A", "code.damaged"),
    (f"(01){GTIN}x(", "gs1.format"),
    ("(xx)12", "code.damaged"),
    ("(05)12", "gs1.unknown-ai"),
    (f"https://trace.example/01/{GTIN[:-1]}0/10/A", "gs1.check-digit"),
]


def test_damaged_codes_are_refused(dock: Path) -> None:
    answers = ask_dock(dock, [{"ask": "code", "text": text} for text, _ in DAMAGED])
    assert [answer.get("rule") for answer in answers] == [rule for _, rule in DAMAGED]


def test_what_a_code_means(dock: Path) -> None:
    known = [sent(), sent(URN)]
    cases = [
        (f"]C100{DIGITS}", [DIGITS]),
        (f"(01){GTIN}(10){b.HARVEST_LOT.code}", [DIGITS, "D-77"]),
        (f"(01){GTIN}", [DIGITS, "D-77"]),
        (f"(01){GTIN}(10)OTHER", []),
        ("d-77", ["D-77"]),
        (URN, ["D-77"]),
        (b.HARVEST_LOT.code, [DIGITS, "D-77"]),
        ("nothing", []),
    ]
    answers = ask_dock(dock, [{"ask": "meant", "text": text, "known": known} for text, _ in cases])
    assert [answer["numbers"] for answer in answers] == [numbers for _, numbers in cases]


def test_numbers_as_people_write_them(dock: Path) -> None:
    grams = [("12.5", 12_500), ("12,5", 12_500), ("", 0), (" 7 ", 7000), ("0.001", 1), ("１２", 12_000)]
    grams += [("1.2345", None), ("-1", None), ("1e3", None), ("a", None), ("1.000,5", None)]
    numbers = [("4.5", 4.5), ("-18", -18), ("−18", -18), ("4,5", 4.5)]
    asked = [{"ask": "grams", "text": text} for text, _ in grams] + [
        {"ask": "number", "text": text} for text, _ in numbers
    ]
    answers = ask_dock(dock, asked)
    assert [answer["value"] for answer in answers] == [value for _, value in (*grams, *numbers)]
    wrong = f"{DIGITS[:-1]}{(int(DIGITS[-1]) + 1) % 10}"
    typed = ask_dock(dock, [{"ask": "mistyped", "text": text} for text in (DIGITS, wrong, f"00{wrong}", "D-77")])
    assert [answer["value"] for answer in typed] == [False, True, True, False]
