"""
GS1 Digital Link URIs: take apart, check, print; lots, places and parties in any of their URI forms; no I/O.

GS1 Digital Link URI Syntax 1.5: the primary key is the rightmost pair of the path whose AI is one, its qualifiers
follow in their order, other AIs stand in the query. Convenience names ("gtin") and GTINs without leading zeros are
refused. Raises `InvalidGs1Key`.

>>> parse_digital_link("https://example.com/01/09520123456788/10/A%2F1?17=261231").ais
{'01': '09520123456788', '10': 'A/1', '17': '261231'}
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from ledger.domain.epc_urn import parse_epc_urn
from ledger.domain.errors import InvalidGs1Key, InvalidInput
from ledger.domain.gs1 import format_gln, format_gtin14, parse_gln
from ledger.domain.gs1_elements import element_of, find_element, is_key_sequence
from ledger.domain.identifiers import (
    FIRST_ALLOTTED_PARTY,
    FIRST_ALLOTTED_PRODUCT,
    UINT64_MAX,
    LotRef,
    PartyId,
    ProductId,
)  # fmt: skip

CANONICAL_HOST = "https://id.gs1.org"
ALLOTTED_HOST = "https://silkroot.example"
"""Names lots of allotted products in events. GS1's own host has no such paths; any host is read."""
_PARTY_URN = "urn:silkroot:party:"

_URI_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*\Z")
_SCHEME = re.compile(r"(https|http|HTTPS|HTTP)://")
_BAD_IN_DOMAIN = re.compile(r"[_~?#@!$&'()*+,;=%]")
_DIGITS = re.compile(r"[0-9]+\Z")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class DigitalLink:
    """
    A Digital Link URI taken apart. `ais`: every Application Identifier with its decoded value, the path's first and
    in order. `stem`: the path before the key. `query`: the other parameters as they stood, undecoded, "" for one
    without a value.
    """

    scheme: str
    host: str
    stem: str
    ais: dict[str, str]
    path_ais: tuple[str, ...]
    query: tuple[tuple[str, str], ...] = field(default=())

    @property
    def key(self) -> str:
        """The AI of the primary key."""
        return self.path_ais[0]

    def canonical(self) -> str:
        """The URI on id.gs1.org, without anything but key, qualifiers and attributes; attributes sorted by AI."""
        path = "".join(f"/{ai}/{quote(self.ais[ai], safe='')}" for ai in self.path_ais)
        attributes = sorted(ai for ai in self.ais if ai not in self.path_ais)
        query = "&".join(f"{ai}={quote(self.ais[ai], safe='')}" for ai in attributes)
        return f"{CANONICAL_HOST}{path}{'?' if query else ''}{query}"

    def element_string(self) -> str:
        """The unbracketed element string, with `^` for FNC1 before the first AI and wherever a separator is needed."""
        text, separate = "", True
        for ai, value in self.ais.items():
            element = element_of(ai)
            text += f"{'^' if separate else ''}{ai}{value}"
            separate = element.needs_separator
        return text


def parse_digital_link(uri: str) -> DigitalLink:
    """The parts of a Digital Link; raises `InvalidGs1Key` with the rule that it breaks."""
    if not _URI_CHARACTERS.match(uri):
        raise _refuse("digital-link.characters", uri, "the URI holds a character that has to be percent-encoded")
    scheme = _SCHEME.match(uri)
    if scheme is None:
        raise _refuse("digital-link.scheme", uri, "a GS1 Digital Link begins with https:// or http://")
    domain, slash, rest = uri[scheme.end() :].partition("/")
    if not slash or not domain:
        raise _refuse("digital-link.no-path", uri, "the URI has no domain or no path")
    if _BAD_IN_DOMAIN.search(domain):
        raise _refuse("digital-link.domain", uri, "the domain name holds a character that it may not hold")
    path, _, query = rest.partition("#")[0].partition("?")
    segments = path.split("/")
    start = _find_key(segments)
    if start is None:
        raise _refuse("digital-link.no-key", uri, "the path holds no GS1 key")

    ais: dict[str, str] = {}
    for ai, value in zip(segments[start::2], segments[start + 1 :: 2], strict=True):
        _add(ais, ai, _decode(ai, value, plus_is_space=False), uri)
    path_ais = tuple(ais)
    if not is_key_sequence(path_ais):
        raise _refuse("digital-link.order", uri, f"the path may not hold AIs {', '.join(path_ais)} in that order")
    other = _read_query(query, ais, path_ais, uri)
    for ai, value in ais.items():
        element_of(ai).check(value)
    stem = "/" + "/".join(segments[:start]) if start else ""
    return DigitalLink(scheme[1].lower(), domain, stem, ais, path_ais, other)


def elements_of_uri(uri: str) -> Sequence[tuple[str, str]] | None:
    """
    The key and qualifiers that a URI names, be it a Digital Link or an EPC URN; None where it is neither.
    Raises `InvalidGs1Key` where it means to be one and is broken.
    """
    return _remembered_elements(uri) if len(uri) <= _REMEMBERED_LENGTH else _elements(uri)


def _elements(uri: str) -> tuple[tuple[str, str], ...] | None:
    if uri.startswith("urn:"):
        epc = parse_epc_urn(uri)
        return None if epc is None else tuple(epc.elements)
    if not looks_like_digital_link(uri):
        return None
    link = parse_digital_link(uri)
    return tuple((ai, link.ais[ai]) for ai in link.path_ais)


# One event's URIs are read a dozen times on its way, by rules, binding and hash.
_REMEMBERED_LENGTH = 256
_remembered_elements = lru_cache(maxsize=2048)(_elements)


def looks_like_digital_link(uri: str) -> bool:
    """
    Whether a URI means to be a Digital Link: on id.gs1.org always, elsewhere where its path holds a GS1 key of the
    right length and characters. So `https://example.com/2026/01/15` is left alone and a wrong check digit is still
    found.
    """
    scheme = _SCHEME.match(uri)
    if scheme is None:
        return False
    domain, _, rest = uri[scheme.end() :].partition("/")
    if domain.lower() == "id.gs1.org":
        return True
    segments = re.split(r"[?#]", rest, maxsplit=1)[0].split("/")
    start = _find_key(segments)
    if start is None:
        return False
    element = element_of(segments[start])
    value = unquote_to_bytes(segments[start + 1]).decode("latin-1")
    # Keys of free text (GIAI, GINC, CPID, GMN) are shorter than a year; a page's address would match them by chance.
    return element.ai not in {"401", "8004", "8010", "8013"} and element.matches(value)


def lot_uri(lot: LotRef, host: str = "") -> str:
    """
    The lot's URI on a host: its Digital Link, or `{host}/lot/{product}/{lot}` where the product's number was allotted.

    Without a host it is the one that events carry, on `CANONICAL_HOST` or `ALLOTTED_HOST`.
    """
    code = quote(lot.code, safe="")
    if lot.product >= FIRST_ALLOTTED_PRODUCT:
        return f"{(host or ALLOTTED_HOST).rstrip('/')}/lot/{lot.product}/{code}"
    return f"{(host or CANONICAL_HOST).rstrip('/')}/01/{format_gtin14(lot.product)}/10/{code}"


def lot_of_class(uri: str) -> LotRef | None:
    """
    The lot that an `epcClass` names: Digital Link with 01 and 10, lgtin URN, or `/lot/{product}/{lot}` for an
    allotted product. None where it names none (a class without a lot, somebody else's URI); `InvalidGs1Key` where it
    is broken.
    """
    return _remembered_lot(uri) if len(uri) <= _REMEMBERED_LENGTH else _lot(uri)


def _lot(uri: str) -> LotRef | None:
    scheme = _SCHEME.match(uri)
    if scheme is not None and "/lot/" in uri and (lot := _allotted_lot(uri)) is not None:
        return lot
    elements = elements_of_uri(uri)
    if elements is None:
        return None
    found = dict(elements)
    if "01" not in found or "10" not in found:
        return None
    product = ProductId(int(found["01"]))
    if product == 0:
        raise InvalidGs1Key.one("01", "gs1.gtin.zero", uri, "a GTIN is not all zeros")
    return LotRef(product, found["10"])


_remembered_lot = lru_cache(maxsize=2048)(_lot)


def party_uri(party: PartyId) -> str:
    """The party's URI: `https://id.gs1.org/417/{gln}`, or `urn:silkroot:party:{number}` for an allotted number."""
    if party >= FIRST_ALLOTTED_PARTY:
        return f"{_PARTY_URN}{party}"
    return f"{CANONICAL_HOST}/417/{format_gln(party)}"


def party_of_uri(uri: str) -> PartyId:
    """The party that a URI names (AI 417, pgln URN, allotted number); `InvalidGs1Key` where it names none."""
    if uri.startswith(_PARTY_URN):
        return _allotted_party(uri)
    found = dict(elements_of_uri(uri) or ())
    if "417" not in found:
        raise _refuse(
            "party.uri", uri, "a party is https://id.gs1.org/417/{GLN}, a pgln URN or urn:silkroot:party:{number}"
        )
    return PartyId(parse_gln(found["417"]))


@lru_cache(maxsize=1024)
def parse_party(text: str) -> PartyId:
    """A party by its decimal number as events carry it: 13 digits of a GLN, or an allotted number from 10^13 up."""
    if len(text) <= 13:
        return PartyId(parse_gln(text))
    return _allotted_party(_PARTY_URN + text)


def place_of_uri(uri: str) -> tuple[int, str] | None:
    """
    GLN and extension ("" where there is none) of a place (AI 414 with or without 254, sgln URN); None where the URI
    names no place; `InvalidGs1Key` where it is broken.
    """
    found = dict(elements_of_uri(uri) or ())
    if "414" not in found:
        return None
    return parse_gln(found["414"]), found.get("254", "")


def place_uri(gln: int, extension: str = "") -> str:
    """`https://id.gs1.org/414/{gln}`, with `/254/{extension}` where there is an extension."""
    place = f"{CANONICAL_HOST}/414/{format_gln(gln)}"
    if not extension:
        return place
    element_of("254").check(extension)
    return f"{place}/254/{quote(extension, safe='')}"


def _find_key(segments: list[str]) -> int | None:
    """Index of the rightmost primary key, going back pair by pair from the end over qualifiers."""
    index = len(segments) - 2
    while index >= 0:
        element = find_element(segments[index])
        if element is None:
            return None
        if element.is_key:
            return index
        index -= 2
    return None


def _read_query(query: str, ais: dict[str, str], path_ais: tuple[str, ...], uri: str) -> tuple[tuple[str, str], ...]:
    """Adds the attributes of the query to `ais` and returns what is no AI."""
    other: list[tuple[str, str]] = []
    for parameter in query.split("&"):
        name, equals, value = parameter.partition("=")
        if not equals or not _DIGITS.match(name):
            if parameter:
                other.append((name, value))
            continue
        element = find_element(name)
        if element is None:
            raise _refuse("digital-link.unknown-ai", uri, f"there is no Application Identifier {name}")
        if name in ais:
            raise _refuse("digital-link.duplicate", uri, f"AI {name} stands twice")
        for place in range(1, len(path_ais) + 1):
            if is_key_sequence((*path_ais[:place], name, *path_ais[place:])):
                raise _refuse("digital-link.attribute", uri, f"AI {name} belongs into the path")
        if not (element.is_attribute or element.is_key):
            raise _refuse("digital-link.attribute", uri, f"AI {name} may not stand in the query")
        _add(ais, name, _decode(name, value, plus_is_space=True), uri)
    return tuple(other)


def _add(ais: dict[str, str], ai: str, value: str, uri: str) -> None:
    if not value:
        raise _refuse("digital-link.empty", uri, f"AI {ai} has no value")
    if ai in ais:
        raise _refuse("digital-link.duplicate", uri, f"AI {ai} stands twice")
    ais[ai] = value


def _decode(ai: str, value: str, *, plus_is_space: bool) -> str:
    if _ESCAPE.search(value):
        raise _refuse("digital-link.escape", value, f"AI {ai} holds a percent sign that begins no escape")
    # Latin-1 keeps one character per byte, so that a byte beyond ASCII is refused by the element and not by a decoder.
    return unquote_to_bytes(value.replace("+", " ") if plus_is_space else value).decode("latin-1")


def _allotted_lot(uri: str) -> LotRef | None:
    segments = re.split(r"[?#]", uri, maxsplit=1)[0].split("/")
    if len(segments) < 6 or segments[-3] != "lot" or not _DIGITS.match(segments[-2]):
        return None
    text, code = segments[-2], _decode("10", segments[-1], plus_is_space=False)
    if len(text) > 20 or not FIRST_ALLOTTED_PRODUCT <= int(text) <= UINT64_MAX or text.startswith("0"):
        raise _refuse("product.allotted", uri, "an allotted product number is 10^14 or more; a GTIN goes under /01/")
    try:
        return LotRef(ProductId(int(text)), code)
    except InvalidInput as error:
        raise InvalidGs1Key(error.violations) from None


def _allotted_party(uri: str) -> PartyId:
    text = uri[len(_PARTY_URN) :]
    if not _DIGITS.match(text) or len(text) > 20 or text.startswith("0") or not (
        FIRST_ALLOTTED_PARTY <= int(text) <= UINT64_MAX
    ):  # fmt: skip
        raise _refuse("party.allotted", uri, "an allotted party number is 10^13 or more and fits 64 bits")
    return PartyId(int(text))


def _refuse(rule: str, value: str, message: str) -> InvalidGs1Key:
    return InvalidGs1Key.one("uri", rule, value, message)
