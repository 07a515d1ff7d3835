"""
Words that a house workbook's cells hold, in Chinese, English and Uyghur, and what they mean; values only.

A jin (斤, 市斤) is 500 g exactly: the market jin of China's decree of 1959. 公斤 is the kilogram. 担 and other old
measures differ from place to place and are no unit here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ledger.domain.imports.house_types import Words
from ledger.domain.master_data import PlaceKind, Role

KILOGRAM = Words("公斤", "kg", "كىلوگرام")
CASE = Words("箱", "case", "يەشىك")
UNIT_WORDS = (KILOGRAM, Words("吨", "t", "توننا"), Words("克", "g", "گرام"), Words("斤", "jin", "جىڭ"), CASE)
"""What the drop-down list of units offers."""

MASS_UNITS: Mapping[str, Decimal] = {
    **dict.fromkeys(("克", "g", "gr", "gram", "grams", "grm", "گرام"), Decimal(1)),
    **dict.fromkeys(
        ("公斤", "千克", "kg", "kgs", "kgm", "kilo", "kilos", "kilogram", "kilograms", "كىلوگرام", "كىلو", "كگ"),
        Decimal(1000),
    ),
    **dict.fromkeys(("吨", "公吨", "t", "tne", "tonne", "tonnes", "توننا"), Decimal(1_000_000)),
    **dict.fromkeys(("斤", "市斤", "jin", "جىڭ"), Decimal(500)),
}
"""Grams of one unit, by its word, folded (NFKC, lower case, no spaces)."""

COUNT_UNITS = frozenset(
    ["件", "箱", "盒", "筐", "袋", "纸箱", "case", "cases", "box", "boxes", "carton", "cartons", "ctn", "cs", "يەشىك",
     "قۇتا", "دانە", "خالتا"]
)  # fmt: skip
"""Words for one trade item of the product that the row names."""

ROLE_WORDS: Mapping[Role, Words] = {
    Role.PRODUCER: Words("种植", "producer", "تېرىغۇچى"),
    Role.PACKER: Words("包装", "packer", "قاچىلىغۇچى"),
    Role.CARRIER: Words("承运", "carrier", "توشۇغۇچى"),
    Role.HUB: Words("物流枢纽", "hub", "ئەشيا ئوبوروت تۈگۈنى"),
    Role.BUYER: Words("采购", "buyer", "سېتىۋالغۇچى"),
    Role.CERTIFIER: Words("认证", "certifier", "گۇۋاھلىغۇچى"),
    Role.REGULATOR: Words("监管", "regulator", "نازارەتچى"),
    Role.LENDER: Words("金融", "lender", "قەرز بەرگۈچى"),
}
KIND_WORDS: Mapping[PlaceKind, Words] = {
    PlaceKind.FARM: Words("农场", "farm", "دېھقانچىلىق مەيدانى"),
    PlaceKind.PACKING_HOUSE: Words("包装厂", "packing house", "قاچىلاش زاۋۇتى"),
    PlaceKind.COLD_STORE: Words("冷库", "cold store", "توڭلىتىش ئامبىرى"),
    PlaceKind.HUB: Words("物流中心", "hub", "ئەشيا ئوبوروت مەركىزى"),
    PlaceKind.WAREHOUSE: Words("仓库", "warehouse", "ئامبار"),
    PlaceKind.SHOP: Words("门店", "shop", "دۇكان"),
    PlaceKind.VEHICLE: Words("车辆", "vehicle", "ماشىنا"),
}
YES_NO_WORDS = (Words("是", "yes", "ھەئە"), Words("否", "no", "ياق"))
