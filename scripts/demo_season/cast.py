"""Who and what the demonstration season is about: the numbers of ledger/package_data/demo/master.toml by name."""

from __future__ import annotations

from ledger.domain.event_forms import Spot
from ledger.domain.identifiers import LotRef, PartyId, ProductId

FARM = PartyId(9520001000010)
VINEYARD = PartyId(9520001000027)
ORCHARD = PartyId(9520001000034)
COOPERATIVE = PartyId(9520001000041)
PACKING_HOUSE = PartyId(9520001000058)
CARRIER = PartyId(9520001000065)
HUB = PartyId(9520001000072)
BEIJING = PartyId(9520001000089)
SHANGHAI = PartyId(9520001000096)
GUANGZHOU = PartyId(9520001000102)

NAMES = {
    FARM: "Golden Strand Melon Farm",
    VINEYARD: "Flaming Mountain Vineyard",
    PACKING_HOUSE: "Silk Road Packing House",
    CARRIER: "Tianshan Cold Chain",
    HUB: "Ürümqi Tianshan Airport Fruit Hub",
    BEIJING: "Jingguo Wholesale, Beijing",
    SHANGHAI: "Pujiang Fruit, Shanghai",
    GUANGZHOU: "Lingnan Fresh, Guangzhou",
}

PEARS_LOOSE = ProductId(9520001000133)
MELON_BOX = ProductId(19520001000017)
GRAPE_BOX = ProductId(19520001000024)
PEAR_CASE = ProductId(19520001000031)
PEAR_GIFT_BOX = ProductId(19520001000048)
NET_GRAMS = {MELON_BOX: 5000, GRAPE_BOX: 2000, PEAR_CASE: 10000, PEAR_GIFT_BOX: 2500}

MELON_A = LotRef(MELON_BOX, "HM2607A")
MELON_B = LotRef(MELON_BOX, "HM2608B")
MELON_C = LotRef(MELON_BOX, "HM2608C")
GRAPES_A = LotRef(GRAPE_BOX, "TG2608A")
GRAPES_B = LotRef(GRAPE_BOX, "TG2608B")
GRAPES_C = LotRef(GRAPE_BOX, "TG2609C")
PEARS_POOLED = LotRef(PEARS_LOOSE, "SG-260912")
PEARS_POOLED_LATE = LotRef(PEARS_LOOSE, "SG-261003")
PEARS_POOLED_NOW = LotRef(PEARS_LOOSE, "SG-261122")
PEARS_E3 = LotRef(PEARS_LOOSE, "E3-260914")
PEARS_A = LotRef(PEAR_CASE, "KP2609A")
PEARS_B = LotRef(PEAR_CASE, "KP2610B")
PEARS_C = LotRef(PEAR_CASE, "KP2610C")
GIFT_A = LotRef(PEAR_GIFT_BOX, "GB2609-1")
GIFT_B = LotRef(PEAR_GIFT_BOX, "GB2609-2")


def at(party: PartyId, extension: str = "") -> Spot:
    """The party's place: its own GLN, with an extension where it has several."""
    return Spot(party, extension)
