"""GS1 keys: check digits, parsing, printing, voice pick codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import gs1
from ledger.domain.errors import InvalidGs1Key

DIGITS = st.text("0123456789", min_size=1, max_size=17)


@given(DIGITS)
def test_check_digit_makes_the_weighted_sum_divisible_by_ten(digits: str) -> None:
    whole = gs1.with_check_digit(digits)
    assert sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(reversed(whole))) % 10 == 0


@given(DIGITS, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(digits: str, place: int, change: int) -> None:
    whole = gs1.with_check_digit(digits)
    place %= len(whole)
    wrong = whole[:place] + str((int(whole[place]) + change) % 10) + whole[place + 1 :]
    assert not gs1.has_check_digit(wrong)


@given(st.integers(1, 10**13 - 1))
def test_gtin_14_is_printed_and_read_back(body: int) -> None:
    number = int(gs1.with_check_digit(f"{body:013d}"))
    assert gs1.parse_gtin(gs1.format_gtin14(number)) == number


@given(st.integers(1, 10**12 - 1))
def test_gln_is_printed_and_read_back(body: int) -> None:
    number = int(gs1.with_check_digit(f"{body:012d}"))
    assert gs1.parse_gln(gs1.format_gln(number)) == number


@pytest.mark.parametrize(
    ("text", "number"), [("96385074", 96385074), ("614141999996", 614141999996), ("9520123456788", 9520123456788)]
)
def test_shorter_gtins_are_the_same_numbers(text: str, number: int) -> None:
    assert gs1.parse_gtin(text) == number


def test_sscc_keeps_its_leading_zeros() -> None:
    assert gs1.parse_sscc("006141411234567890") == "006141411234567890"


@pytest.mark.parametrize(
    ("parse", "text", "rule"),
    [
        (gs1.parse_gtin, "9520123456789", "gs1.check-digit"),
        (gs1.parse_gtin, "952012345678", "gs1.check-digit"),
        (gs1.parse_gtin, "95201234567", "gs1.gtin.length"),
        (gs1.parse_gtin, "952012345678A", "gs1.gtin.length"),
        (gs1.parse_gtin, "\u0669520123456788", "gs1.gtin.length"),
        (gs1.parse_gtin, "9520123456788\n", "gs1.gtin.length"),
        (gs1.parse_gtin, "00000000000000", "gs1.gtin.zero"),
        (gs1.parse_gln, "0071430010550", "gs1.check-digit"),
        (gs1.parse_gln, "111111111111", "gs1.gln.length"),
        (gs1.parse_gln, "0000000000000", "gs1.gln.zero"),
        (gs1.parse_sscc, "123456789012345883", "gs1.check-digit"),
        (gs1.parse_sscc, "", "gs1.sscc.length"),
        (gs1.check_digit, "12a", "gs1.digits"),
    ],
)
def test_refuses(parse: object, text: str, rule: str) -> None:
    with pytest.raises(InvalidGs1Key) as caught:
        parse(text)  # type: ignore[operator]
    assert caught.value.violations[0].rule == rule


@pytest.mark.parametrize("number", [9520123456789, 10**14])
def test_does_not_print_what_is_no_gtin(number: int) -> None:
    with pytest.raises(InvalidGs1Key):
        gs1.format_gtin14(number)


def test_voice_pick_code_is_crc_16_arc_modulo_ten_thousand() -> None:
    # CRC-16/ARC of "123456789" is 0xBB3D by the catalogue of CRCs; ours is checked against another way to compute it.
    def crc(data: bytes) -> int:
        register = 0
        for byte in data:
            for bit in range(8):
                feedback = (register ^ (byte >> bit)) & 1
                register = (register >> 1) ^ (0xA001 if feedback else 0)
        return register

    assert crc(b"123456789") == 0xBB3D
    expected = f"{crc(b'10850510002011' + b'46587443HG234' + b'030201') % 10_000:04d}"
    assert gs1.voice_pick_code("10850510002011", "46587443HG234", "030201") == expected


@pytest.mark.parametrize("date", ["0302", "2003-02-01", "03020a"])
def test_voice_pick_code_refuses_a_bad_date(date: str) -> None:
    with pytest.raises(InvalidGs1Key):
        gs1.voice_pick_code("10850510002011", "A", date)
