"""
What the hub and the buyers saw, sold and destroyed, and the recalls, as EPCIS 2.0 documents: the house workbook has no
sheet for these.
"""

from __future__ import annotations

from collections.abc import Sequence

from demo_season.cast import (
    BEIJING,
    EAST_TIANSHAN,
    GRAPE_COOP,
    GUANGZHOU,
    HUB,
    SHANGHAI,
    at,
    grams,
    lot,
)  # fmt: skip
from ledger.domain import event_forms as forms
from ledger.domain.event_forms import Amount, When
from ledger.domain.identifiers import Grams, PartyId
from ledger.domain.records import JsonTree

SHOP = "SHOP-3"


def inspections_and_sales() -> list[JsonTree]:
    """61-inspections-and-sales.jsonld."""
    return [
        _inspection(HUB, ["HM0721A", "HM0722A"], "07-24T06:10"),
        _inspection(BEIJING, ["HM0721A", "HM0722A"], "07-24T17:10"),
        _inspection(SHANGHAI, ["HM0721A", "HM0722A"], "07-24T20:50"),
        _inspection(HUB, ["HM0723A", "HS0723B", "HS0724A"], "07-25T06:30"),
        _sale(SHANGHAI, "HM0721A", 880, "07-26T21:00", SHOP),
        _sale(BEIJING, "HM0721A", 620, "07-26T18:00"),
        _sale(BEIJING, "HM0722A", 900, "07-27T18:30"),
        _sale(SHANGHAI, "HM0722A", 600, "07-27T21:00", SHOP),
        _sale(GUANGZHOU, "HM0723A", 700, "07-28T19:30"),
        _sale(GUANGZHOU, "HS0723B", 350, "07-28T19:40"),
        _sale(BEIJING, "HS0723B", 300, "07-28T18:20"),
        _sale(BEIJING, "HS0724A", 800, "07-29T18:10"),
        _inspection(HUB, ["HM0805A", "HM0806A", "HS0806B"], "08-08T05:40"),
        # Sold to the last box: the lot is still verified, and its page says that nothing of it is left.
        _sale(GUANGZHOU, "HM0805A", 1300, "08-09T19:30"),
        _sale(GUANGZHOU, "HM0805A", 780, "08-11T19:20"),
        _sale(SHANGHAI, "HM0806A", 900, "08-11T21:00", SHOP),
        _sale(SHANGHAI, "HS0806B", 500, "08-11T21:10", SHOP),
        _sale(BEIJING, "HS0806B", 450, "08-10T18:20"),
        # 21 °C on arrival: refused by the inspector, destroyed to the last box.
        _inspection(GUANGZHOU, ["HY0807B"], "08-10T08:30", "non_conformant"),
        _disposal(GUANGZHOU, "HY0807B", 1440, "08-10T15:00"),
        _inspection(GUANGZHOU, ["WG0812C"], "08-13T17:40"),
        _sale(GUANGZHOU, "WG0812C", 900, "08-15T20:00"),
        _sale(SHANGHAI, "GG0814-1", 120, "08-15T21:00", SHOP),
        _sale(BEIJING, "WG0813A", 1100, "08-16T18:20"),
        _sale(BEIJING, "WG0820B", 500, "08-23T18:10"),
        _sale(SHANGHAI, "WC0821A", 500, "08-24T20:50", SHOP),
        _sale(GUANGZHOU, "WC0821A", 400, "08-24T19:30"),
        _inspection(HUB, ["HY0820A", "HM0821A", "HS0822A"], "08-23T05:40"),
        _sale(BEIJING, "HM0821A", 800, "08-25T18:30"),
        _disposal(BEIJING, "HM0821A", 24, "08-28T09:00"),
        _sale(BEIJING, "HY0820A", 350, "08-26T18:10"),
        _sale(GUANGZHOU, "HY0820A", 300, "08-26T19:40"),
        _sale(SHANGHAI, "HM0821A", 620, "08-26T21:00", SHOP),
        _sale(SHANGHAI, "HS0822A", 900, "08-27T21:00", SHOP),
        _sale(BEIJING, "WC0904A", 300, "09-08T18:20"),
        _inspection(HUB, ["KP0912A"], "09-14T06:30"),
        _sale(BEIJING, "KP0912A", 410, "09-18T18:30"),
        _sale(SHANGHAI, "KP0912A", 200, "09-18T21:00", SHOP),
        _inspection(HUB, ["KP0915A", "KP0917A"], "09-19T08:00"),
        _sale(BEIJING, "FB0920-1", 760, "09-24T19:00"),
        _sale(BEIJING, "FB0920-2", 310, "09-24T19:10"),
        _sale(SHANGHAI, "GB0921-1", 640, "09-24T21:00", SHOP),
        _sale(BEIJING, "KP0915A", 620, "09-30T18:30"),
        _sale(GUANGZHOU, "KP0917A", 480, "10-02T19:30"),
        _sale(GUANGZHOU, "KP1005B", 300, "10-16T19:40"),
    ]


def recall() -> list[JsonTree]:
    """70-recall.jsonld: the pool PT-260812, and with it the four lots made from it."""
    reason = {"en": "Residue above the limit in a retained sample of one grower", "zh": "一户留样检测农药残留超标"}
    return [
        forms.recall(GRAPE_COOP, lot("PT-260812"), _at("08-16T11:20"), extra={"silkroot:reason": reason}),
        _disposal(SHANGHAI, "GG0814-1", 680, "08-17T10:00"),
        _disposal(SHANGHAI, "GG0814-2", 560, "08-17T10:10"),
        _disposal(GUANGZHOU, "WC0812B", 400, "08-17T11:30"),
    ]


def recall_lifted() -> list[JsonTree]:
    """71-recall-lifted.jsonld: a suspicion that the laboratory did not confirm; the rest of the lot is sold."""
    return [
        forms.recall(
            EAST_TIANSHAN, lot("HM0807A"), _at("08-12T10:00"),
            extra={"silkroot:reason": {"en": "Retained sample under suspicion", "zh": "留样待复检"}},
        ),
        forms.release(
            EAST_TIANSHAN, lot("HM0807A"), _at("08-14T16:30"),
            extra={"silkroot:reason": {"en": "Second test: nothing found", "zh": "复检合格，解除召回"}},
        ),
        _sale(SHANGHAI, "HM0807A", 600, "08-16T20:30", SHOP),
    ]  # fmt: skip


def late() -> list[JsonTree]:
    """80-late.jsonld: a sale whose signature reaches the chain after its deadline."""
    return [_sale(BEIJING, "WG0820B", 40, "08-25T17:30")]


def _at(time: str) -> When:
    """A minute in Beijing time, which all of China keeps."""
    return When(f"2026-{time}:00+08:00")


def _amount(code: str, count: int) -> Amount:
    return Amount(lot(code), Grams(grams(code, count)), count)


def _sale(party: PartyId, code: str, count: int, time: str, extension: str = "") -> JsonTree:
    return forms.sale(party, [_amount(code, count)], _at(time), at(party, extension))


def _disposal(party: PartyId, code: str, count: int, time: str) -> JsonTree:
    return forms.disposal(party, [_amount(code, count)], _at(time), at(party))


def _inspection(party: PartyId, codes: Sequence[str], time: str, found: str = "conformant") -> JsonTree:
    return forms.statement(party, "inspecting", [lot(code) for code in codes], _at(time), at(party), disposition=found)
