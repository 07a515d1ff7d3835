"""
The CBV 2.0 event hash written plainly, without anything remembered: the oracle that the quick one of
`ledger.domain.cbv_hash` is held against. It repeats that code on purpose: a shared part could not tell a fault of it.

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
from typing import Any
from urllib.parse import quote, unquote

from ledger.domain.digital_link import elements_of_uri, parse_digital_link
from ledger.domain.epcis import vocabulary
from ledger.domain.epcis.document import check_structure, split_document
from ledger.domain.epcis.names import bare_word, expand, namespace_and_local, prefixes_of
from ledger.domain.errors import InvalidGs1Key

JsonTree = Mapping[str, Any]
VERSION = "CBV2.0/2025-10"
"""Which reading of CBV 2.0 this is; goes beside every stored hash."""

_QUANTITY = {"epcClass": None, "quantity": None, "uom": None}
_PLACE = {"id": None}
_EPCS = {"epc": None}
_QUANTITIES = {"quantityElement": _QUANTITY}
_METADATA = dict.fromkeys(
    "time startTime endTime deviceID deviceMetadata rawData dataProcessingMethod bizRules".split()  # noqa: SIM905
)
_REPORT = dict.fromkeys(
    [
        "type",
        "exception",
        "deviceID",
        "deviceMetadata",
        "rawData",
        "dataProcessingMethod",
        "bizRules",
        "time",
        "microorganism",
        "chemicalSubstance",
        "value",
        "component",
        "stringValue",
        "booleanValue",
        "hexBinaryValue",
        "uriValue",
        "minValue",
        "maxValue",
        "meanValue",
        "sDev",
        "percRank",
        "percValue",
        "uom",
        "coordinateReferenceSystem",
    ]
)
_ORDER: dict[str, Any] = {
    "eventTime": None,
    "eventTimeZoneOffset": None,
    "certificationInfo": None,
    "parentID": None,
    "epcList": _EPCS,
    "inputEPCList": _EPCS,
    "childEPCs": _EPCS,
    "quantityList": _QUANTITIES,
    "childQuantityList": _QUANTITIES,
    "inputQuantityList": _QUANTITIES,
    "outputEPCList": _EPCS,
    "outputQuantityList": _QUANTITIES,
    "action": None,
    "transformationID": None,
    "bizStep": None,
    "disposition": None,
    "persistentDisposition": {"set": None, "unset": None},
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "sensorElementList": {"sensorElement": {"sensorMetadata": _METADATA, "sensorReport": _REPORT}},
}
_PAIRS = {"bizTransactionList": "bizTransaction", "sourceList": "source", "destinationList": "destination"}
_LEFT_OUT = frozenset({"@context", "type", "recordTime", "eventID", "errorDeclaration", "comment"})
_COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment"

# Which class of vocabulary a bare word of that member belongs to.
_WORDS: dict[str, tuple[frozenset[str], str]] = {
    "bizStep": (vocabulary.BIZ_STEPS, vocabulary.CBV + "BizStep-"),
    "disposition": (vocabulary.DISPOSITIONS, vocabulary.CBV + "Disp-"),
    "set": (vocabulary.DISPOSITIONS, vocabulary.CBV + "Disp-"),
    "unset": (vocabulary.DISPOSITIONS, vocabulary.CBV + "Disp-"),
    "component": (vocabulary.COMPONENTS, vocabulary.CBV + "Comp-"),
    "type": (vocabulary.MEASUREMENT_TYPES, vocabulary.GS1_VOCABULARY),
    "exception": (vocabulary.SENSOR_ALERT_TYPES, vocabulary.GS1_VOCABULARY),
}
_PAIR_WORDS = {
    "bizTransaction": (vocabulary.BIZ_TRANSACTION_TYPES, vocabulary.CBV + "BTT-"),
    "source": (vocabulary.SOURCE_DESTINATION_TYPES, vocabulary.CBV + "SDT-"),
    "destination": (vocabulary.SOURCE_DESTINATION_TYPES, vocabulary.CBV + "SDT-"),
}
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\Z")
_TIME = re.compile(r"([0-9-]{10})T([0-9:]{8})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})\Z")
_ALIASES = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
    "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
    "cpv": "22", "lot": "10", "ser": "21", "cpsn": "8011", "glnx": "254",
}  # fmt: skip


def event_hash(tree: JsonTree, context: object = None, ignored: Iterable[str] = ()) -> str:
    """The hash as `ni:///sha-256;{hex}?ver=CBV2.0`; arguments as for `pre_hash`."""
    digest = hashlib.sha256(pre_hash(tree, context, ignored).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(tree: JsonTree, context: object = None, ignored: Iterable[str] = ()) -> str:
    """
    The string that is hashed, for reading. `context` is that of the document around the event; the event's own
    follows it. `ignored` are members to leave out, by prefixed or by full name.
    """
    prefixes = prefixes_of([] if context is None else context, tree.get("@context", []))
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
    """Writes one event's pre-hash string under fixed prefixes."""

    def __init__(self, prefixes: Mapping[str, str], ignored: frozenset[str]) -> None:
        self._prefixes = prefixes
        self._ignored = ignored

    def event(self, tree: JsonTree) -> str:
        text = "".join(self._member(name, tree[name], order) for name, order in _ORDER.items() if name in tree)
        rest: list[str] = []
        for name, value in tree.items():
            if name in _PAIRS:
                rest.append(name + "".join(sorted(self._pair(item, _PAIRS[name]) for item in value)))
            elif name == "ilmd":
                rest.append(name + self._extensions(value))
            elif name not in _ORDER and name not in _LEFT_OUT:
                rest.extend(self._extension(name, value))
        return text + "".join(sorted(rest))

    def _member(self, name: str, value: object, order: Mapping[str, Any] | None) -> str:
        """A member of the standard with all that lies in it; "" where there is nothing in it."""
        if name in ("epcList", "inputEPCList", "outputEPCList", "childEPCs") and isinstance(value, list):
            return self._named(name, sorted(self._scalar("epc", item) for item in value))
        if name.endswith("QuantityList") or name == "quantityList":
            return self._named(name, self._objects("quantityElement", value, _QUANTITY))
        if name == "sensorElementList":
            return self._named(name, self._objects("sensorElement", value, _ORDER[name]["sensorElement"]))
        if name == "sensorReport":
            return "".join(self._objects(name, value, _REPORT))
        if isinstance(value, dict):
            return self._named(name, [self._object(value, order or {})])
        if isinstance(value, list):
            return "".join(sorted(self._scalar(name, item) for item in value))
        return self._scalar(name, value)

    def _objects(self, name: str, items: Any, order: Mapping[str, Any]) -> list[str]:
        return sorted(name + self._object(item, order) for item in (items if isinstance(items, list) else [items]))

    def _object(self, node: JsonTree, order: Mapping[str, Any]) -> str:
        text = "".join(self._member(name, node[name], below) for name, below in order.items() if name in node)
        foreign = {name: value for name, value in node.items() if name not in order}
        return text + self._extensions(foreign)

    def _pair(self, item: JsonTree, member: str) -> str:
        kind = item.get("type")
        text = "" if kind is None else "type=" + self._word(kind, *_PAIR_WORDS[member])
        return text + self._scalar(member, item.get(member))

    def _extensions(self, node: JsonTree) -> str:
        return "".join(sorted(text for name, value in node.items() for text in self._extension(name, value)))

    def _extension(self, name: str, value: object) -> list[str]:
        """A member of another namespace: one text for each entry of a list."""
        full = expand(name, self._prefixes)
        if full in self._ignored or full == _COMMENT or name == "comment":
            return []
        parts = namespace_and_local(name, self._prefixes)
        key = name if parts is None else f"{{{parts[0]}}}{parts[1]}"
        if isinstance(value, list):
            return [text for item in value for text in self._extension(name, item)]
        if isinstance(value, dict):
            return [key + self._extensions(value)]
        text = self._value(value)
        return [f"{key}={text}" if text else key]

    def _scalar(self, name: str, value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, str) and "time" in name.lower() and "offset" not in name.lower():
            text = _time(value.strip())
        elif isinstance(value, str) and name in _WORDS:
            text = self._word(value.strip(), *_WORDS[name])
        else:
            text = self._value(value)
        return f"{name}={text}" if text else ""

    def _word(self, value: str, words: frozenset[str], namespace: str) -> str:
        return namespace + value if value in words else self._value(value)

    def _value(self, value: object) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return _number(repr(value))
        text = "" if value is None else str(value).strip()
        if text.startswith(("cbv:", "gs1:")):
            return expand(text, self._prefixes)
        if text.startswith("urn:epcglobal:cbv:"):
            return _cbv_urn(text)
        return _number(text) if _NUMBER.match(text) else _canonical_uri(text)

    def _named(self, name: str, parts: list[str]) -> str:
        text = "".join(parts)
        return name + text if text else ""


def _number(text: str) -> str:
    """Without superfluous zeros, sign or exponent, and exact: `452.0` is `452`, `007` is `7`."""
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
    moment = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone == 'Z' else zone}").astimezone(UTC)
    moment += timedelta(milliseconds=round(Decimal(f"0.{fraction or 0}") * 1000))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


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
