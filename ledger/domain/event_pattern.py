"""
Loggers' events that differ in values at known places alone, read from their text by one expression; no I/O.

A pattern is made of one event. Between the places stands the text of that event, byte by byte: its keys, its business
step, the type and unit of what it measures. A text that matches is therefore JSON in the one form that has no white
space and no escapes, with the keys of the first event and its values at all other places, and what follows from those
alone holds for it too. What follows from the values at the places is for whoever reads them
(`ledger.services.known_events`). The forms that are hashed and stored are written by filling in what was read.

No place takes a quotation mark or a backslash, so each ends where its text does, and matching takes one pass.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import Any

import orjson

from ledger.domain.canonical_json import canonical
from ledger.domain.cbv_hash import pre_hash
from ledger.domain.epcis import vocabulary
from ledger.domain.own_members import own_keys
from ledger.domain.records import JsonTree

Path = tuple[str | None, ...]
"""From the event's top; None for any element of a list."""
Fill = Callable[[Sequence[str]], str]
"""Writes a text with the values of all places, in the order of the event's text."""

PROOF_KEY = "silkroot:proof"
_HEX32, _SIGNATURE = "[0-9a-f]{64}", "[0-9a-f]{130}|[0-9a-f]{256}"
# As `ledger.domain.epcis.view` has it, of years in which all ways to write a time agree.
_TIME = (
    r"[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+\-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_URI = r"[!#-\[\]-~]{1,256}"
_REPORT: Path = ("sensorElementList", None, "sensorReport", None)
_METADATA: Path = ("sensorElementList", None, "sensorMetadata")
_BATCH: Path = (PROOF_KEY, "batch")
TIME, READ_POINT, LOCATION = ("eventTime",), ("readPoint", "id"), ("bizLocation", "id")
TIMES: tuple[Path, ...] = (TIME, (*_METADATA, "time"), (*_REPORT, "time"))
URIS: tuple[Path, ...] = (READ_POINT, LOCATION, (*_METADATA, "deviceID"), (*_REPORT, "deviceID"))
VALUE: Path = (*_REPORT, "value")
CLASS: Path = ("quantityList", None, "epcClass")
_CONTEXT: Path = ("@context",)
PARTY: Path = ("silkroot:party",)
BLIND: Path = ("silkroot:blind",)
STATED_PARTY: Path = (PROOF_KEY, "action", "party")
STATED_LOT: Path = (PROOF_KEY, "action", "lots", None)
CONTENT: Path = (PROOF_KEY, "action", "contentHash")
DEADLINE: Path = (PROOF_KEY, "action", "deadline")
KEY: Path = (PROOF_KEY, "keyId")
SIGNATURE: Path = (PROOF_KEY, "signature")
ROOT, COUNT, INDEX, PATH = (*_BATCH, "root"), (*_BATCH, "count"), (*_BATCH, "index"), (*_BATCH, "path")
_NEEDED = (TIMES[0], PARTY, BLIND, STATED_PARTY, CONTENT, DEADLINE, KEY, SIGNATURE)
_PLACES: Mapping[Path, tuple[str, str]] = {
    **dict.fromkeys(TIMES, ("", _TIME)),
    **dict.fromkeys((*URIS, CLASS), ("", _URI)),
    VALUE: ("", r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,17})?"),
    PARTY: ("", "[0-9]{13,20}"),
    BLIND: ("", "[0-9a-f]{32}"),
    STATED_PARTY: ("", "[1-9][0-9]{0,18}"),
    DEADLINE: ("", "[1-9][0-9]{0,18}"),
    **dict.fromkeys((STATED_LOT, CONTENT, KEY, ROOT), ("0x", _HEX32)),
    SIGNATURE: ("0x", _SIGNATURE),
    **dict.fromkeys((COUNT, INDEX), ("", "0|[1-9][0-9]{0,3}")),
    PATH: ("", "[A-Za-z0-9+/=]{0,640}"),
}
"""What stands before the value at a place, and the expression of the value; a number has no quotation marks."""
_NUMBERS = frozenset({VALUE, COUNT, INDEX})
_KEYS: Mapping[Path, frozenset[str]] = {
    (): frozenset({
        "@context", "type", "action", "bizStep", "disposition", "eventTime", "eventTimeZoneOffset", "readPoint",
        "bizLocation", "quantityList", "sensorElementList", "silkroot:party", "silkroot:blind", PROOF_KEY,
    }),
    ("readPoint",): frozenset({"id"}),
    ("bizLocation",): frozenset({"id"}),
    CLASS[:-1]: frozenset({"epcClass", "quantity", "uom"}),
    _REPORT[:-2]: frozenset({"sensorMetadata", "sensorReport"}),
    _METADATA: frozenset({"time", "deviceID"}),
    _REPORT: frozenset({"type", "value", "uom", "time", "deviceID"}),
    (PROOF_KEY,): frozenset({"action", "keyId", "scheme", "signature", "batch"}),
    (PROOF_KEY, "action"): frozenset({"type", "party", "step", "lots", "contentHash", "deadline"}),
    _BATCH: frozenset({"root", "count", "index", "path"}),
}  # fmt: skip
"""The members that there may be, of each object that may be there."""
_MARK = "\u241f"
_MARKED = re.compile(f"{_MARK}([0-9]+){_MARK}")
_ID_MARK = f'"eventID":"{_MARK}",'
_LONGEST = 8_192


@dataclass(frozen=True, slots=True, eq=False)
class EventPattern:
    """
    `expression` matches an event's text and gives the values at its places; `slots` tells at which index a place's is,
    or the first of several. `times`, `uris`: indices; `measured`: of each report that has a value its index, type and
    unit. `before` and `behind` are the RFC 8785 form of the event without its proof, cut where the eventID belongs;
    `proof_form` is that of the proof, `hashed` the CBV hash's string. `words`: type and business step, which all have.
    """

    expression: re.Pattern[str]
    slots: Mapping[Path, int]
    times: tuple[int, ...]
    uris: tuple[int, ...]
    measured: tuple[tuple[int, str, object], ...]
    words: JsonTree
    step: str
    scheme: int
    before: Fill
    behind: Fill
    proof_form: Fill
    hashed: Fill


def may_have_pattern(raw: JsonTree) -> bool:
    """Whether all that is in an event may be in one that has a pattern; it need not be a good one."""
    return _Writer([]).written(raw, (), copy.deepcopy(raw)) is not None


def pattern_of(raw: JsonTree, context: object) -> EventPattern | None:
    """
    The pattern of an event, as it stands in a document, where it is a statement of a logger and comes signed; None for
    any other event. `context`: what it has with the document's.
    """
    marked: JsonTree = copy.deepcopy(raw)
    places: list[Path] = []
    expression = _Writer(places).written(raw, (), marked)
    slots = {place: index for index, place in reversed(list(enumerate(places)))}
    text = orjson.dumps([raw, context]).decode()
    if expression is None or _MARK in text or len(text) > _LONGEST or not slots.keys() >= set(_NEEDED):
        return None
    proof = marked.pop(PROOF_KEY)
    event = {**marked, "@context": context}
    names = [name for name, _ in own_keys({**event, PROOF_KEY: proof})]
    reports = [report for element in raw.get("sensorElementList", ()) for report in element["sensorReport"]]
    if sorted(names) != ["blind", "party", "proof"] or not _are_apart([report.get("type") for report in reports]):
        return None
    before, behind = canonical({**event, "eventID": _MARK}).decode().split(_ID_MARK)
    measured = [index for index, place in enumerate(places) if place == VALUE]
    values = [report for report in reports if "value" in report]
    return EventPattern(
        expression=re.compile(expression),
        slots=slots,
        times=tuple(index for index, place in enumerate(places) if place in TIMES),
        uris=tuple(index for index, place in enumerate(places) if place in URIS),
        measured=tuple((at, one["type"], one.get("uom")) for at, one in zip(measured, values, strict=True)),
        words={name: raw[name] for name in ("type", "bizStep") if name in raw},
        step=proof["action"]["step"],
        scheme=proof["scheme"],
        before=_fill(before, places),
        behind=_fill(behind, places),
        proof_form=_fill(canonical(proof).decode(), places),
        hashed=_fill(pre_hash(event), places),
    )


class _Writer:
    """Writes the expression of an event, and puts marks at its places."""

    def __init__(self, places: list[Path]) -> None:
        self._places = places

    def written(self, node: Any, path: Path, holder: Any) -> str | None:
        """The expression of what stands there; None where no pattern has it. `holder`: the same in the marked tree."""
        if isinstance(node, dict) and path in _KEYS:
            if not node.keys() <= _KEYS[path]:
                return None
            return self._joined("{}", node.items(), path, holder)
        if isinstance(node, list) and (*path, None) in _LISTS:
            if len(node) > _LISTS[*path, None]:
                return None
            return self._joined("[]", enumerate(node), path, holder)
        if path != _CONTEXT and (isinstance(node, dict | list) or path in _KEYS or (*path, None) in _LISTS):
            return None
        return re.escape(orjson.dumps(node).decode())

    def _joined(self, brackets: str, items: Any, path: Path, holder: Any) -> str | None:
        parts = []
        for key, value in items:
            here = (*path, key if isinstance(key, str) else None)
            part = self._place(value, here, holder, key) if here in _PLACES else self.written(value, here, holder[key])
            if part is None:
                return None
            parts.append(f'"{re.escape(key)}":{part}' if isinstance(key, str) else part)
        return re.escape(brackets[0]) + ",".join(parts) + re.escape(brackets[1])

    def _place(self, value: object, path: Path, holder: Any, key: Any) -> str | None:
        is_number = path in _NUMBERS
        if (type(value) in (int, float)) is not is_number or (not is_number and not isinstance(value, str)):
            return None
        head, expression = _PLACES[path]
        holder[key] = f"{head}{_MARK}{len(self._places)}{_MARK}"
        self._places.append(path)
        return f"({expression})" if is_number else f'"{head}({expression})"'


_LISTS: Mapping[Path, int] = {
    CLASS[:-1]: 1,
    _REPORT[:-2]: 1,
    _REPORT: 4,
    STATED_LOT: 1,
}
"""The lists that may be there, and how many elements they have at most."""


def _are_apart(types: list[Any]) -> bool:
    """Whether the CBV hash, which sorts reports by their texts, puts them into one order whatever their values are."""
    words = sorted(str(one) for one in types)
    if not all(isinstance(one, str) and one in vocabulary.MEASUREMENT_TYPES for one in types):
        return False
    return all(not later.startswith(one) for one, later in pairwise(words))


def _fill(text: str, places: Sequence[Path]) -> Fill:
    """Writes the text with values in place of the marks."""
    for index, place in enumerate(places):
        if place in _NUMBERS:
            text = text.replace(f'"{_MARK}{index}{_MARK}"', f"{_MARK}{index}{_MARK}")
    indices = [int(index) for index in _MARKED.findall(text)]
    template = _MARKED.sub("%s", text.replace("%", "%%"))
    if not indices:
        whole = template % ()
        return lambda _: whole
    if len(indices) == 1:
        (only,) = indices
        return lambda values: template % (values[only],)
    take = itemgetter(*indices)
    return lambda values: template % take(values)
