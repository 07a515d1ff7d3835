"""
EPC URNs to GS1 keys and back; no I/O.

GS1 EPC Tag Data Standard, sections 6 (pure identity URIs), 7 (correspondence with GS1 keys) and 8 (classes and
patterns). A URN carries the length of the company prefix, which the key does not; to go back it has to be given.
Raises `InvalidGs1Key` for a GS1 scheme whose parts are wrong; schemes that are not of GS1 keys (gid, usdod, adi, bic,
imovn) are left alone.

>>> parse_epc_urn("urn:epc:class:lgtin:952012.0345678.ABC/1").elements
(('01', '09520123456788'), ('10', 'ABC/1'))
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from ledger.domain.errors import InvalidGs1Key
from ledger.domain.gs1 import with_check_digit
from ledger.domain.gs1_elements import element_of

Elements = tuple[tuple[str, str], ...]
"""AIs with their values, the primary key first."""

_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)\Z")
_DIGITS = re.compile(r"[0-9]*\Z")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class EpcUrn:
    """An EPC URN taken apart. `is_class`: it names a kind of thing (lgtin, or a pattern with `*`), not one thing."""

    scheme: str
    is_class: bool
    company_prefix: str
    elements: Elements


def parse_epc_urn(urn: str) -> EpcUrn | None:
    """The GS1 key behind a URN; None where it is no EPC URN of one. Raises `InvalidGs1Key` where it is a broken one."""
    match = _URN.match(urn)
    if match is None or match[2] not in _SCHEMES:
        return None
    kind, scheme, rest = match.groups()
    if (kind == "class") != (scheme == "lgtin"):
        raise _refuse(urn, f"the scheme {scheme} does not go with urn:epc:{kind}")
    count, convert = _SCHEMES[scheme]
    # The last part is a serial number of free text and may hold dots of its own.
    parts = rest.split(".", count - 1)
    if len(parts) != count:
        raise _refuse(urn, f"{scheme} has {count} parts, separated by dots")
    if _ESCAPE.search(rest):
        raise _refuse(urn, "a percent sign has to begin an escape of two hexadecimal digits")
    is_class = kind != "id"
    if kind == "idpat":
        serials = _PATTERN_SERIALS.get(scheme)
        if serials is None or any(part != "*" for part in parts[-serials:]) or "*" in "".join(parts[:-serials]):
            raise _refuse(urn, "a pattern has * for its serial number and for nothing else")
    prefix = parts[0]
    if not _DIGITS.match(prefix) or not 6 <= len(prefix) <= 12:
        raise _refuse(urn, "a GS1 company prefix has 6 to 12 digits")
    elements = convert(urn, [unquote(part) for part in parts], kind == "idpat")
    for ai, value in elements:
        element_of(ai).check(value)
    return EpcUrn(scheme, is_class, prefix, elements)


def format_epc_urn(elements: Elements, company_prefix_length: int) -> str:
    """
    The EPC URN of a GTIN with serial (01 + 21), a GTIN with lot (01 + 10), an SSCC (00), a place (414, 414 + 254) or a
    party (417), given how many digits of the key are the company prefix (6 to 12).
    """
    if not 6 <= company_prefix_length <= 12:
        raise InvalidGs1Key.one(
            "companyPrefix", "gs1.company-prefix", company_prefix_length, "a GS1 company prefix has 6 to 12 digits"
        )
    for ai, value in elements:
        element_of(ai).check(value)
    size = company_prefix_length
    match elements:
        case (("01", gtin), ("21", serial)):
            return f"urn:epc:id:sgtin:{gtin[1 : 1 + size]}.{gtin[0]}{gtin[1 + size : 13]}.{escape_urn(serial)}"
        case (("01", gtin), ("10", lot)):
            return f"urn:epc:class:lgtin:{gtin[1 : 1 + size]}.{gtin[0]}{gtin[1 + size : 13]}.{escape_urn(lot)}"
        case (("00", sscc),):
            return f"urn:epc:id:sscc:{sscc[1 : 1 + size]}.{sscc[0]}{sscc[1 + size : 17]}"
        case (("414", gln),):
            return f"urn:epc:id:sgln:{gln[:size]}.{gln[size:12]}.0"
        case (("414", gln), ("254", extension)):
            return f"urn:epc:id:sgln:{gln[:size]}.{gln[size:12]}.{escape_urn(extension)}"
        case (("417", gln),):
            return f"urn:epc:id:pgln:{gln[:size]}.{gln[size:12]}"
    names = " + ".join(ai for ai, _ in elements)
    raise InvalidGs1Key.one("elements", "epc.scheme", names, "these Application Identifiers have no EPC URN here")


def escape_urn(text: str) -> str:
    """Percent-encodes the characters that a URN may not hold (Tag Data Standard, table A-1)."""
    return re.sub(r'["%&/<>?#]', lambda match: f"%{ord(match[0]):02X}", text)


def _refuse(urn: str, message: str) -> InvalidGs1Key:
    return InvalidGs1Key.one("urn", "epc.urn", urn, message)


def _numeric(urn: str, total: int, *parts: str) -> str:
    """The parts joined, if they are digits and as many as the key has without its check digit."""
    joined = "".join(parts)
    if not _DIGITS.match(joined) or len(joined) != total:
        raise _refuse(urn, f"company prefix and reference have {total} digits together")
    return joined


def _gtin(urn: str, prefix: str, reference: str) -> str:
    if not reference:
        raise _refuse(urn, "the item reference begins with the indicator digit")
    return with_check_digit(_numeric(urn, 13, reference[0], prefix, reference[1:]))


def _sgtin(urn: str, parts: list[str], pattern: bool) -> Elements:
    key = ("01", _gtin(urn, parts[0], parts[1]))
    return (key,) if pattern else (key, ("21", parts[2]))


def _lgtin(urn: str, parts: list[str], _pattern: bool) -> Elements:
    return (("01", _gtin(urn, parts[0], parts[1])), ("10", parts[2]))


def _upui(urn: str, parts: list[str], pattern: bool) -> Elements:
    key = ("01", _gtin(urn, parts[0], parts[1]))
    return (key,) if pattern else (key, ("235", parts[2]))


def _itip(urn: str, parts: list[str], pattern: bool) -> Elements:
    pieces = _numeric(urn, 4, parts[2], parts[3])
    key = ("8006", _gtin(urn, parts[0], parts[1]) + pieces)
    return (key,) if pattern else (key, ("21", parts[4]))


def _sscc(urn: str, parts: list[str], _pattern: bool) -> Elements:
    if not parts[1]:
        raise _refuse(urn, "the serial reference begins with the extension digit")
    return (("00", with_check_digit(_numeric(urn, 17, parts[1][0], parts[0], parts[1][1:]))),)


def _sgln(urn: str, parts: list[str], _pattern: bool) -> Elements:
    key = ("414", with_check_digit(_numeric(urn, 12, parts[0], parts[1])))
    return (key,) if parts[2] == "0" else (key, ("254", parts[2]))


def _pgln(urn: str, parts: list[str], _pattern: bool) -> Elements:
    return (("417", with_check_digit(_numeric(urn, 12, parts[0], parts[1]))),)


def _grai(urn: str, parts: list[str], pattern: bool) -> Elements:
    key = "0" + with_check_digit(_numeric(urn, 12, parts[0], parts[1]))
    return (("8003", key if pattern else key + parts[2]),)


def _serialised(ai: str) -> Callable[[str, list[str], bool], Elements]:
    def convert(urn: str, parts: list[str], pattern: bool) -> Elements:
        key = with_check_digit(_numeric(urn, 12, parts[0], parts[1]))
        return ((ai, key if pattern else key + parts[2]),)

    return convert


def _joined(ai: str) -> Callable[[str, list[str], bool], Elements]:
    return lambda _urn, parts, _pattern: ((ai, parts[0] + parts[1]),)


def _counted(ai: str, total: int) -> Callable[[str, list[str], bool], Elements]:
    return lambda urn, parts, _pattern: ((ai, with_check_digit(_numeric(urn, total, parts[0], parts[1]))),)


def _cpi(_urn: str, parts: list[str], pattern: bool) -> Elements:
    key = ("8010", parts[0] + parts[1])
    return (key,) if pattern else (key, ("8011", parts[2]))


_SCHEMES: dict[str, tuple[int, Callable[[str, list[str], bool], Elements]]] = {
    "sgtin": (3, _sgtin),
    "lgtin": (3, _lgtin),
    "upui": (3, _upui),
    "itip": (5, _itip),
    "sscc": (2, _sscc),
    "sgln": (3, _sgln),
    "pgln": (2, _pgln),
    "grai": (3, _grai),
    "giai": (2, _joined("8004")),
    "gsrn": (2, _counted("8018", 17)),
    "gsrnp": (2, _counted("8017", 17)),
    "gdti": (3, _serialised("253")),
    "sgcn": (3, _serialised("255")),
    "ginc": (2, _joined("401")),
    "gsin": (2, _counted("402", 16)),
    "cpi": (3, _cpi),
}
# How many parts at the end of a pattern stand for any serial number; the others have no class in EPCIS.
_PATTERN_SERIALS = {"sgtin": 1, "upui": 1, "itip": 1, "grai": 1, "gdti": 1, "sgcn": 1, "cpi": 1}
