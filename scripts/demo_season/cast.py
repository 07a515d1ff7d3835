"""Who and what the demonstration season is about: the numbers of ledger/package_data/demo/master.toml by name."""

from __future__ import annotations

from ledger.domain.event_forms import Spot
from ledger.domain.identifiers import LotRef, PartyId, ProductId

FARM = PartyId(9520001000010)
VINEYARD = PartyId(9520001000027)
ORCHARD = PartyId(9520001000034)
PEAR_COOP = PartyId(9520001000041)
MELON_COOP = PartyId(9520001000201)
GRAPE_COOP = PartyId(9520001000218)
SILK_ROAD = PartyId(9520001000058)
EAST_TIANSHAN = PartyId(9520001000225)
CARRIER = PartyId(9520001000065)
HUB = PartyId(9520001000072)
BEIJING = PartyId(9520001000089)
SHANGHAI = PartyId(9520001000096)
GUANGZHOU = PartyId(9520001000102)
CERTIFIER = PartyId(9520001000249)
LENDER = PartyId(9520001000256)

MELONS_LOOSE = ProductId(9520001000119)
HUANGMENGCUI_LOOSE = ProductId(9520001000140)
GRAPES_LOOSE = ProductId(9520001000126)
PEARS_LOOSE = ProductId(9520001000133)
MELON_BOX = ProductId(19520001000017)
MELON_SINGLE = ProductId(19520001000055)
HUANGMENGCUI_BOX = ProductId(19520001000062)
GRAPE_BOX = ProductId(19520001000024)
GRAPE_CASE = ProductId(19520001000079)
PEAR_CASE = ProductId(19520001000031)
PEAR_GIFT = ProductId(19520001000048)
GRAPE_GIFT = ProductId(19520001000086)
FRUIT_BASKET = ProductId(19520001000093)

NET_GRAMS = {
    MELONS_LOOSE: 1000, HUANGMENGCUI_LOOSE: 1000, GRAPES_LOOSE: 1000, PEARS_LOOSE: 1000,
    MELON_BOX: 5000, MELON_SINGLE: 2500, HUANGMENGCUI_BOX: 5000, GRAPE_BOX: 2000, GRAPE_CASE: 5000,
    PEAR_CASE: 10000, PEAR_GIFT: 2500, GRAPE_GIFT: 1000, FRUIT_BASKET: 4000,
}  # fmt: skip

_PRODUCTS = {
    "MH": MELONS_LOOSE, "JT": MELONS_LOOSE, "MY": HUANGMENGCUI_LOOSE, "PT": GRAPES_LOOSE, "VY": GRAPES_LOOSE,
    "SG": PEARS_LOOSE, "E3": PEARS_LOOSE, "E5": PEARS_LOOSE, "HM": MELON_BOX, "HS": MELON_SINGLE,
    "HY": HUANGMENGCUI_BOX, "WG": GRAPE_BOX, "WC": GRAPE_CASE, "KP": PEAR_CASE, "GB": PEAR_GIFT, "GG": GRAPE_GIFT,
    "FB": FRUIT_BASKET,
}  # fmt: skip
"""The first two characters of the season's lot codes say what is in them."""


def lot(code: str) -> LotRef:
    """The lot of that code."""
    return LotRef(_PRODUCTS[code[:2]], code)


def grams(code: str, count: int) -> int:
    """The mass of so many trade items of the lot's product (of loose fruit: kilograms)."""
    return count * NET_GRAMS[_PRODUCTS[code[:2]]]


def at(party: PartyId, extension: str = "") -> Spot:
    """The party's place: its own GLN, with an extension where it has several."""
    return Spot(party, extension)
