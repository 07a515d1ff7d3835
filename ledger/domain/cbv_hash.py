"""
The CBV 2.0 event hash: an event's name for interchange, computed from what it says; no I/O.

Source: GS1 Core Business Vocabulary 2.0, section 8.9 ("Event hash ID"), in the reading of the reference
implementation's test vectors of October 2025. The algorithm drifted between releases, so `VERSION` is to be stored
beside every hash. The pre-hash string is `key=value`, joined by nothing:

- the members of the standard in a fixed order, lists named once and their entries sorted; then, sorted as whole
  strings, bizTransactionList, destinationList, ilmd and sourceList (type before value), and members of other
  namespaces as `{namespace}name`. Members of other namespaces inside a standard object stay at the end of it;
- left out: recordTime, eventID, errorDeclaration, `type`, rdfs:comment, and what a document names in a member
  `ignoreFields`;
- times in UTC to the millisecond; numbers without superfluous zeros; CBV words as `https://ref.gs1.org/cbv/…`; EPC
  URNs and Digital Links as `https://id.gs1.org/…`, finest level only, without query.

An error declaration therefore hashes like the event that it declares wrong: never key anything on this hash alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from ledger.domain.cbv_members import (
    COMMENT,
    ELEMENT,
    EPC_LISTS,
    LEFT_OUT,
    LISTS,
    ORDER,
    PAIR_WORDS,
    PAIRS,
    QUANTITY,
    QUANTITY_LISTS,
    REPORT,
    TIMES,
    WORDS,
)  # fmt: skip
from ledger.domain.cbv_plan import EventPlan, Text
from ledger.domain.digital_link import elements_of_uri, parse_digital_link
from ledger.domain.epcis import vocabulary
from ledger.domain.epcis.document import check_structure, split_document
from ledger.domain.epcis.names import (
    Frozen,
    bare_word,
    expand,
    frozen_context,
    namespace_and_local,
    prefixes_of,
    prefixes_of_frozen,
)
from ledger.domain.errors import InvalidGs1Key
from ledger.domain.event_shape import KnownShape, Remembered

JsonTree = Mapping[str, Any]
VERSION = "CBV2.0/2025-10"
"""Which reading of CBV 2.0 this is; goes beside every stored hash."""

_REMEMBERED_LENGTH, _REMEMBERED_KEYS, _REMEMBERED_TEXTS = 256, 1024, 4096
_SHORT_NUMBER = re.compile(r"-?(?:[1-9][0-9]*|0)\.[0-9]*[1-9]\Z|-?[1-9][0-9]*\Z|0\Z")
# Digits have one way to match, so that a long row of them that is no number in the end is read once.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\Z")
_TIME = re.compile(r"([0-9-]{10})T([0-9:]{8})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})\Z")
_ALIASES = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
    "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
    "cpv": "22", "lot": "10", "ser": "21", "cpsn": "8011", "glnx": "254",
}  # fmt: skip


def event_hash(
    tree: JsonTree, context: object = None, ignored: Iterable[str] = (), known: KnownShape | None = None
) -> str:
    """The hash as `ni:///sha-256;{hex}?ver=CBV2.0`; arguments as for `pre_hash`."""
    return hash_of(pre_hash(tree, context, ignored, known))


def hash_of(text: str) -> str:
    """The hash of such a string."""
    return f"ni:///sha-256;{hashlib.sha256(text.encode()).hexdigest()}?ver=CBV2.0"


def pre_hash(
    tree: JsonTree, context: object = None, ignored: Iterable[str] = (), known: KnownShape | None = None
) -> str:
    """
    The string that is hashed, for reading. `context` is that of the document around the event; the event's own
    follows it. `ignored` are members to leave out, by prefixed or by full name. `known`: the event's shape, where that
    is at hand; members that the hash leaves out need not be in the tree any more.
    """
    contexts = ([] if context is None else context, tree.get("@context", []))
    frozen = frozen_context(*contexts)
    if frozen is not None and not ignored:
        if known is not None:
            return f"eventType={tree['type']}{_plan_of(known, frozen).text(tree)}"
        reader = _reader_of(frozen)
    else:
        prefixes = prefixes_of(*contexts)
        reader = _Reader(prefixes, frozenset(expand(name, prefixes) for name in ignored))
    return f"eventType={tree['type']}{reader.event(tree)}"


def document_hashes(tree: dict[str, Any]) -> list[str]:
    """The hashes of all events of a document, in its order; `InvalidEvent` where it is no EPCIS document."""
    check_structure(tree)
    ignored = ignored_fields(tree)
    return [event_hash(event, None, ignored) for event in split_document(tree)]


def document_pre_hashes(tree: dict[str, Any]) -> list[str]:
    """The pre-hash strings of all events of a document, in its order; `InvalidEvent` where it is no EPCIS document."""
    check_structure(tree)
    ignored = ignored_fields(tree)
    return [pre_hash(event, None, ignored) for event in split_document(tree)]


def ignored_fields(tree: JsonTree) -> list[str]:
    """
    The members that a repository added and lists in its own member `ignoreFields` (of any namespace), on the document
    or on the query's results: they were not there when the event was hashed first.
    """
    prefixes = prefixes_of(tree.get("@context", []))
    body = tree.get("epcisBody")
    results = body.get("queryResults") if isinstance(body, dict) else None
    found: list[str] = []
    for node in (tree, body, results, results.get("resultsBody") if isinstance(results, dict) else None):
        for key, value in node.items() if isinstance(node, dict) else ():
            name = namespace_and_local(key, prefixes)
            if name is not None and name[1] == "ignoreFields" and isinstance(value, list):
                found.extend(item for item in value if isinstance(item, str))
    return found


class _Reader:
    """Writes events' pre-hash strings under fixed prefixes; the names of members are worked out once."""

    def __init__(self, prefixes: Mapping[str, str], ignored: frozenset[str]) -> None:
        self._prefixes = prefixes
        self._ignored = ignored
        self._keys: dict[str, str | None] = {}

    def event(self, tree: JsonTree) -> str:
        text = "".join([self.member(name, tree[name], order) for name, order in ORDER.items() if name in tree])
        rest: list[str] = []
        for name, value in tree.items():
            if name not in ORDER and name not in LEFT_OUT:
                rest += self.rest(name, value)
        return text + "".join(sorted(rest))

    def rest(self, name: str, value: Any) -> list[str]:
        """A member that stands behind those of the order: the texts of which it makes one each."""
        if name in PAIRS:
            return [name + "".join(sorted([self._pair(item, PAIRS[name]) for item in value]))]
        return [name + self.extensions(value)] if name == "ilmd" else self._extension(name, value)

    def member(self, name: str, value: object, order: Mapping[str, Any] | None) -> str:
        """A member of the standard with all that lies in it; "" where there is nothing in it."""
        if type(value) is str and name not in LISTS:
            return _text(name, value, self._prefixes)
        if name in EPC_LISTS and isinstance(value, list):
            return self._named(name, sorted([self.scalar("epc", item) for item in value]))
        if name in QUANTITY_LISTS:
            return self._named(name, self._objects("quantityElement", value, QUANTITY))
        if name == "sensorElementList":
            return self._named(name, self._objects("sensorElement", value, ELEMENT))
        if name == "sensorReport":
            return "".join(self._objects(name, value, REPORT))
        if isinstance(value, dict):
            return self._named(name, [self._object(value, order or {})])
        if isinstance(value, list):
            return "".join(sorted([self.scalar(name, item) for item in value]))
        return self.scalar(name, value)

    def _objects(self, name: str, items: Any, order: Mapping[str, Any]) -> list[str]:
        found = [name + self._object(item, order) for item in (items if isinstance(items, list) else [items])]
        found.sort()
        return found

    def _object(self, node: JsonTree, order: Mapping[str, Any]) -> str:
        if node.keys() <= order.keys():
            return "".join([self.member(name, node[name], order[name]) for name in order if name in node])
        text = "".join([self.member(name, node[name], below) for name, below in order.items() if name in node])
        return text + self.extensions({name: value for name, value in node.items() if name not in order})

    def _pair(self, item: JsonTree, member: str) -> str:
        kind = item.get("type")
        text = "" if kind is None else "type=" + _word(kind, *PAIR_WORDS[member], self._prefixes)
        return text + self.scalar(member, item.get(member))

    def extensions(self, node: JsonTree) -> str:
        return "".join(sorted([text for name, value in node.items() for text in self._extension(name, value)]))

    def _extension(self, name: str, value: object) -> list[str]:
        """A member of another namespace: one text for each entry of a list."""
        key = self.extension_key(name)
        if key is None:
            return []
        if isinstance(value, list):
            return [text for item in value for text in self._extension(name, item)]
        if isinstance(value, dict):
            return [key + self.extensions(value)]
        text = self.value(value)
        return [f"{key}={text}" if text else key]

    def value(self, value: object) -> str:
        """A value of a member of another namespace."""
        return _value(value, self._prefixes)

    def extension_key(self, name: str) -> str | None:
        """How a member of another namespace is named in the string; None where it is left out."""
        try:
            return self._keys[name]
        except KeyError:
            return self._key_of(name)

    def _key_of(self, name: str) -> str | None:
        full = expand(name, self._prefixes)
        key: str | None = None
        if not (full in self._ignored or full == COMMENT or name == "comment"):
            parts = namespace_and_local(name, self._prefixes)
            key = name if parts is None else f"{{{parts[0]}}}{parts[1]}"
        if len(name) <= _REMEMBERED_LENGTH and len(self._keys) < _REMEMBERED_KEYS:
            self._keys[name] = key
        return key

    def scalar(self, name: str, value: object) -> str:
        if type(value) is str:
            return _text(name, value, self._prefixes)
        text = "" if value is None else _value(value, self._prefixes)
        return f"{name}={text}" if text else ""

    def _named(self, name: str, parts: list[str]) -> str:
        text = "".join(parts)
        return name + text if text else ""


@lru_cache(maxsize=64)
def _reader_of(frozen: Frozen) -> _Reader:
    """Documents of one sender have one context."""
    return _Reader(prefixes_of_frozen(frozen), frozenset())


def _plan(known: KnownShape, frozen: Frozen) -> EventPlan:
    return EventPlan(known.shape, _reader_of(frozen), _texts)


_plan_of: Remembered[EventPlan] = Remembered(_plan)


def _text(name: str, value: str, prefixes: Mapping[str, str]) -> str:
    """A member of the standard whose value is a text. Most come again and again; those of time do not."""
    if (known := _texts.get((name, value))) is not None:
        return known
    if name in TIMES:
        text = _remembered_time(value.strip()) if len(value) <= _REMEMBERED_TIME else _time(value.strip())
        return f"{name}={text}" if text else ""
    if len(value) > _REMEMBERED_LENGTH or value.lstrip().startswith(("cbv:", "gs1:")):
        return _plain_text(name, value, prefixes)
    if len(_texts) >= _REMEMBERED_TEXTS:
        _texts.clear()
    return _texts.setdefault((name, value), _plain_text(name, value, {}))


_texts: dict[tuple[str, str], Text] = {}
"""What members of the standard with that name and text are in the string: those that no prefix changes."""


def _plain_text(name: str, value: str, prefixes: Mapping[str, str]) -> str:
    text = _word(value.strip(), *WORDS[name], prefixes) if name in WORDS else _value(value, prefixes)
    return f"{name}={text}" if text else ""


def _word(value: str, words: frozenset[str], namespace: str, prefixes: Mapping[str, str]) -> str:
    return namespace + value if value in words else _value(value, prefixes)


def _value(value: object, prefixes: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number(repr(value))
    text = "" if value is None else str(value).strip()
    if text.startswith(("cbv:", "gs1:")):
        return expand(text, prefixes)
    if text.startswith("urn:epcglobal:cbv:"):
        return _cbv_urn(text)
    return _number(text) if _NUMBER.match(text) else _canonical_uri(text)


def _number(text: str) -> str:
    """Without superfluous zeros, sign or exponent, and exact: `452.0` is `452`, `007` is `7`."""
    if text.isdigit() and text.isascii():
        return text.lstrip("0") or "0"
    if _SHORT_NUMBER.match(text):
        return text
    plain = format(Decimal(text), "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in ("-0", "") else plain


def _time(text: str) -> str:
    """UTC to the millisecond, halves to even; what is no time comes back as it is."""
    match = _TIME.match(text)
    if match is None:
        return text
    day, clock, fraction, zone = match.groups()
    whole = fraction is None or len(fraction) <= 3
    if whole and clock[2] == clock[5] == ":" and clock[6:].isdigit() and clock[6:] < "60":
        minute = _minute(f"{day}T{clock[:5]}{'+00:00' if zone == 'Z' else zone}")
        # As `strftime` writes it, but for the years before 1000, which it does not fill with zeros everywhere.
        if minute[0] != "0":
            return f"{minute}{clock[5:]}.{fraction or '':0<3}Z"
    moment = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone == 'Z' else zone}").astimezone(UTC)
    fraction = fraction or "0"
    moment += timedelta(milliseconds=round(Decimal(f"0.{fraction}") * 1000))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@lru_cache(maxsize=256)
def _minute(text: str) -> str:
    """A minute with its zone in UTC, to which the second and its parts are the same."""
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()[:16]


# Most readings state one time twice, and their logger's next ones the next.
_REMEMBERED_TIME = 64
_remembered_time = lru_cache(maxsize=256)(_time)


def text_of_time(value: str) -> str:
    """What of a time stands in the string; `ValueError` where the calendar or the clock has no such time."""
    return _remembered_time(value)


def text_of_value(value: str | float) -> str:
    """What of a number, or of a URI with no prefix of a context in front, stands in the string."""
    return _value(value, {})


def _cbv_urn(text: str) -> str:
    word = bare_word(text)
    name = text.split(":")[3]
    return text if word == text else f"{vocabulary.CBV}{vocabulary.CBV_URNS[name]}{word}"


def _canonical_uri(text: str) -> str:
    """An EPC URN or Digital Link in its canonical form at its finest level; anything else as it is."""
    if not text.startswith(("urn:epc:", "http://", "https://")):
        return text
    try:
        if text.startswith("urn:"):
            elements = elements_of_uri(text)
        else:
            link = parse_digital_link(_without_aliases(text))
            elements = tuple((ai, link.ais[ai]) for ai in link.path_ais)
    except InvalidGs1Key:
        return text
    if elements is None:
        return text
    (key, value), *qualifiers = elements
    finest = next((pair for pair in reversed(qualifiers) if pair[0] in ("21", "235", "10", "254", "8011")), None)
    # GS1 Digital Link section 4.8 leaves the apostrophe as it is, and so do the vectors.
    path = "".join(
        f"/{ai}/{quote(part, safe=_UNESCAPED)}" for ai, part in ((key, value), *([finest] if finest else []))
    )
    return f"https://id.gs1.org{path}"


_UNESCAPED = "'"


def _without_aliases(uri: str) -> str:
    """Convenience names become AIs, short GTINs GTIN-14 (older Digital Links have them); query and fragment go."""
    head, *segments = re.split(r"[?#]", uri, maxsplit=1)[0].rstrip("/").split("/")
    named = [_ALIASES.get(segment, segment) if index > 1 else segment for index, segment in enumerate(segments)]
    for index in range(2, len(named) - 1):
        if named[index] == "01" and re.fullmatch(r"[0-9]{8}|[0-9]{12,13}", unquote(named[index + 1])):
            named[index + 1] = named[index + 1].zfill(14)
    return "/".join((head, *named))
