"""
GS1 identification keys: parse, check and print; no I/O.

Check digit: GS1 General Specifications, section 7.9 (weights 3, 1, 3, 1… from the right, without the check digit
itself). GTIN: section 3.3.2; GLN: 3.7.9; SSCC: 3.3.1. Voice pick code: Produce Traceability Initiative, "Voice Pick
Code" (CRC-16 of GTIN, lot and date). Raises `InvalidGs1Key`; never repairs a key.

>>> check_digit("0950600013435")
2
>>> parse_gtin("9520123456788")
9520123456788
>>> format_gtin14(9520123456788)
'09520123456788'
"""

from __future__ import annotations

import re

from ledger.domain.errors import InvalidGs1Key

GTIN_LENGTHS = (8, 12, 13, 14)

# `str.isdigit` and `\d` take digits of other scripts too; a key has ASCII digits only.
_DIGITS = re.compile(r"[0-9]+\Z")


def check_digit(digits: str) -> int:
    """The mod-10 check digit (0 to 9) that follows these digits."""
    if not _DIGITS.match(digits):
        raise InvalidGs1Key.one("digits", "gs1.digits", digits, "a check digit is computed over the digits 0 to 9 only")
    total = sum(map(int, digits[-2::-2])) + 3 * sum(map(int, digits[::-2]))
    return -total % 10


def has_check_digit(digits: str) -> bool:
    """Whether the last of these digits is the check digit of the others."""
    return check_digit(digits[:-1]) == int(digits[-1])


def with_check_digit(digits: str) -> str:
    """The digits with their check digit appended."""
    return f"{digits}{check_digit(digits)}"


def parse_gtin(text: str) -> int:
    """A GTIN-8, -12, -13 or -14 as an integer (the GTIN-14 without its leading zeros); never 0."""
    number = int(_checked("gtin", text, GTIN_LENGTHS, "8, 12, 13 or 14"))
    if number == 0:
        raise InvalidGs1Key.one("gtin", "gs1.gtin.zero", text, "a GTIN is not all zeros")
    return number


def parse_gln(text: str) -> int:
    """A 13-digit GLN as an integer; never 0."""
    number = int(_checked("gln", text, (13,), "13"))
    if number == 0:
        raise InvalidGs1Key.one("gln", "gs1.gln.zero", text, "a GLN is not all zeros")
    return number


def parse_sscc(text: str) -> str:
    """An 18-digit SSCC, as it was given (leading zeros belong to it)."""
    return _checked("sscc", text, (18,), "18")


def format_gtin14(number: int) -> str:
    """The 14 digits of a GTIN; `InvalidGs1Key` where the number is none."""
    text = f"{number:014d}"
    parse_gtin(text)
    return text


def format_gln(number: int) -> str:
    """The 13 digits of a GLN; `InvalidGs1Key` where the number is none."""
    text = f"{number:013d}"
    parse_gln(text)
    return text


def voice_pick_code(gtin14: str, lot: str, pack_date: str = "") -> str:
    """
    The four digits printed large and small on a PTI case label: CRC-16 (polynomial 0x8005 reflected, start 0) of
    GTIN-14, lot code and date (YYMMDD, or "" where the label has none), modulo 10,000.
    """
    parse_gtin(gtin14)
    if pack_date and not re.match(r"[0-9]{6}\Z", pack_date):
        raise InvalidGs1Key.one("packDate", "pti.date", pack_date, "the date of a voice pick code is YYMMDD")
    crc = 0
    for byte in f"{gtin14}{lot}{pack_date}".encode("ascii"):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return f"{crc % 10_000:04d}"


def _checked(key: str, text: str, lengths: tuple[int, ...], lengths_in_words: str) -> str:
    if not _DIGITS.match(text) or len(text) not in lengths:
        raise InvalidGs1Key.one(key, f"gs1.{key}.length", text, f"a {key.upper()} has {lengths_in_words} digits")
    if not has_check_digit(text):
        expected = check_digit(text[:-1])
        raise InvalidGs1Key.one(
            key, "gs1.check-digit", text, f"the check digit of this {key.upper()} should be {expected}, not {text[-1]}"
        )
    return text
