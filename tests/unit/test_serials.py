"""Serials that nobody guesses, and the signs by which a copied label is known."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.cities import CITIES, city_key, city_of_names
from ledger.domain.identifiers import CHARACTER_SET_82, LotId
from ledger.domain.serials import (
    SERIAL_BITS,
    SERIAL_LENGTH,
    Day,
    Sale,
    Scan,
    ScanRule,
    Sign,
    copied,
    day_of,
    serial_hash,
    serial_text,
)

RULE = ScanRule(a_day=5, in_all=12, cities_a_day=2, cities_in_all=4, days_after_sale=10, days_after_sold_out=20)
CITY_NAMES = st.sampled_from(["", "Beijing", "Shanghai", "Guangzhou", "Tianjin", "Hami"])
SCANS = st.lists(st.builds(Scan, st.integers(100, 140).map(Day), CITY_NAMES, st.integers(1, 8)), max_size=12)
SALES = st.none() | st.builds(Sale, st.integers(95, 130).map(Day), CITY_NAMES, st.booleans())


def signs(*scans: Scan, sale: Sale | None = None) -> list[Sign]:
    return [alarm.sign for alarm in copied(scans, sale, RULE)]


def scan(day: int, city: str = "Beijing", count: int = 1) -> Scan:
    return Scan(Day(day), city, count)


@given(st.integers(0, (1 << SERIAL_BITS) - 1), st.integers(0, (1 << SERIAL_BITS) - 1))
def test_every_serial_is_of_its_own_and_fits_a_label(one: int, other: int) -> None:
    text = serial_text(one)
    assert len(text) == SERIAL_LENGTH
    assert CHARACTER_SET_82.match(text)
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]+", text), "no letter that is taken for a number"
    assert (text == serial_text(other)) == (one == other)


@pytest.mark.parametrize("bits", [-1, 1 << SERIAL_BITS])
def test_other_numbers_make_no_serial(bits: int) -> None:
    with pytest.raises(ValueError, match="85 bits"):
        serial_text(bits)


def test_the_hash_is_of_the_lot_too() -> None:
    assert serial_hash(LotId(bytes(32)), "A") != serial_hash(LotId(b"\1" * 32), "A")


def test_a_day_is_one_of_china() -> None:
    assert day_of(1_785_902_400.0) == date(2026, 8, 5).toordinal()
    assert day_of(1_785_902_400.0 + 12 * 3600 - 1) == date(2026, 8, 5).toordinal()
    assert day_of(1_785_902_400.0 + 12 * 3600) == date(2026, 8, 6).toordinal()


def test_what_one_case_may_see_raises_nothing() -> None:
    way = [scan(100, "Hami"), scan(100, "Ürümqi"), scan(101, "Beijing", 5), scan(103, "", 5)]
    assert signs(*way) == []
    assert signs(*way, sale=Sale(Day(101), "Beijing")) == []


def test_three_cities_on_a_day() -> None:
    (alarm,) = copied([scan(100, "Hami"), scan(101, "Beijing"), scan(101, "Shanghai"), scan(101, "Hami")], None, RULE)
    assert (alarm.sign, alarm.day, alarm.count) == (Sign.PLACES, 101, 3)


def test_five_cities_in_all() -> None:
    cities = ["Hami", "Ürümqi", "Beijing", "Tianjin", "Shanghai"]
    assert signs(*(scan(100 + at, city) for at, city in enumerate(cities))) == [Sign.PLACES]
    assert signs(*(scan(100 + at, city) for at, city in enumerate(cities[:4]))) == []


def test_too_often_on_a_day_and_in_all() -> None:
    assert signs(scan(100, count=6)) == [Sign.OFTEN]
    assert signs(scan(100, count=3), scan(100, "", 3)) == [Sign.OFTEN]
    assert signs(scan(100, count=5), scan(101, count=5), scan(102, count=2)) == []
    assert signs(scan(100, count=5), scan(101, count=5), scan(102, count=3)) == [Sign.OFTEN]


def test_long_after_the_sale() -> None:
    sale = Sale(Day(100), "Beijing")
    assert signs(scan(110), sale=sale) == []
    assert signs(scan(111), sale=sale) == [Sign.SOLD]
    assert signs(scan(111), sale=Sale(Day(100), of_lot=True)) == []
    assert signs(scan(121), sale=Sale(Day(100), of_lot=True)) == [Sign.SOLD]


def test_in_one_kitchen_after_the_sale() -> None:
    sale = Sale(Day(100), "Beijing")
    assert signs(scan(101), scan(102, "Tianjin"), sale=sale) == []
    assert signs(scan(101, "Tianjin"), scan(102, "Shanghai"), sale=sale) == [Sign.SOLD]
    assert signs(scan(99, "Hami"), scan(100, "Shanghai"), scan(101, "Tianjin"), sale=sale) == []
    nobody_said_where = Sale(Day(100))
    assert signs(scan(101, "Beijing"), scan(102, "Tianjin"), sale=nobody_said_where) == []


@given(SCANS, SALES)
def test_scans_in_any_order_and_in_parts_are_the_same(scans: list[Scan], sale: Sale | None) -> None:
    parts = [Scan(one.day, one.city, 1) for one in scans for _ in range(one.count)]
    assert copied(scans, sale, RULE) == copied(list(reversed(parts)), sale, RULE)


@given(SCANS, SCANS, SALES)
def test_more_scans_take_no_sign_away(scans: list[Scan], more: list[Scan], sale: Sale | None) -> None:
    before = {alarm.sign for alarm in copied(scans, sale, RULE)}
    assert before <= {alarm.sign for alarm in copied([*scans, *more], sale, RULE)}


@given(SCANS)
def test_where_nobody_said_the_city_no_place_is_implausible(scans: list[Scan]) -> None:
    nowhere = [Scan(one.day, "", one.count) for one in scans]
    assert Sign.PLACES not in {alarm.sign for alarm in copied(nowhere, None, RULE)}


@given(SCANS, SALES)
def test_a_label_within_every_number_is_never_called_copied(scans: list[Scan], sale: Sale | None) -> None:
    """The rule again, said the other way round."""
    days: dict[int, Counter[str]] = {}
    for one in scans:
        days.setdefault(one.day, Counter())[one.city] += one.count
    known = {one.city for one in scans} - {""}
    quiet = (
        all(len(day.keys() - {""}) <= RULE.cities_a_day and day.total() <= RULE.a_day for day in days.values())
        and len(known) <= RULE.cities_in_all
        and sum(one.count for one in scans) <= RULE.in_all
        and (sale is None or max(days, default=0) <= sale.day)
    )
    if quiet:
        assert copied(scans, sale, RULE) == ()


@pytest.mark.parametrize("said", ["北京", "北京市", "beijing", "BEIJING", "Beijing City", " بېيجىڭ "])
def test_a_city_is_known_by_any_of_its_names(said: str) -> None:
    assert city_key(said) == "Beijing"


@pytest.mark.parametrize("said", ["", "朝阳区", "Chaoyang, Beijing", "Sanlitun Road 4", "39.9,116.4", "x" * 5000])
def test_nothing_finer_than_a_city_is_one(said: str) -> None:
    assert city_key(said) == ""


def test_names_of_cities_are_told_apart() -> None:
    names = [name for city in CITIES.values() for name in city.name.values()]
    assert len(names) == len(set(names))
    assert all(city_key(name) == city.key for city in CITIES.values() for name in city.name.values())
    assert city_of_names({"zh": "乌鲁木齐", "en": "Urumqi"}) == "Ürümqi"
    assert city_of_names({}) == ""
