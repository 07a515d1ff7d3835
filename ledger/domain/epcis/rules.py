"""
The rules that the typed view cannot say: conditions between members, GS1 keys, vocabulary, contexts; no I/O.

Sources: EPCIS 2.0 sections 7.4 (event types) and 10 (JSON-LD), CBV 2.0 section 7, and our own on top of them: the
published schema accepts a document without the standard context, a quantity of zero and a wrong check digit. All
functions take the raw tree, pass over members of a wrong type (the typed view reports those) and return every
violation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ledger.domain.digital_link import elements_of_uri
from ledger.domain.epcis.members import STANDARD_MEMBERS, pointer
from ledger.domain.epcis.names import (
    context_items,
    expand,
    has_standard_context,
    is_absolute,
    is_unknown_cbv_term,
    prefixes_of,
)
from ledger.domain.epcis.view import URI_PATTERN, matches
from ledger.domain.errors import InvalidGs1Key, Violation, shorten
from ledger.domain.sensors.reports import report_violations

Tree = Mapping[str, Any]

_CORRECTS = "https://silkroot.example/epcis/corrects"
_LISTS_OF_IDS = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_LISTS_OF_QUANTITIES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_SINGLE_IDS = ("parentID", "transformationID")
_KEYWORDS = frozenset({"@version", "@protected", "@language", "@direction", "@propagate"})
_SCHEMES = frozenset({"http", "https", "urn", "ni", "mailto", "tel", "data", "file", "ftp"})


def check_context(context: object, at: str) -> list[Violation]:
    """A document, or an event by itself, has the standard context; nothing in it redefines EPCIS's own terms."""
    found: list[Violation] = []
    if not has_standard_context(context):
        message = "@context has to name the EPCIS 2.0 context of GS1"
        found.append(Violation(at, "json-ld.standard-context", shorten(context), message))
    return found + check_declarations(context, at)


def check_declarations(context: object, at: str) -> list[Violation]:
    """What the objects in a `@context` may declare."""
    found: list[Violation] = []
    items = context_items(context)
    for index, item in enumerate(items):
        here = f"{at}/{index}" if isinstance(context, list) else at
        if not isinstance(item, dict) and not (isinstance(item, str) and matches(URI_PATTERN, item)):
            message = "@context is an absolute URI, an object, or a list of these"
            found.append(Violation(here, "epcis.type", shorten(item), message))
        if item in items[:index]:
            found.append(Violation(here, "json-ld.repeated-context", shorten(item), "the same context stands twice"))
        if not isinstance(item, dict):
            continue
        for term, definition in item.items():
            problem = _declaration_problem(term, definition, items[: index + 1])
            if problem:
                found.append(Violation(pointer(here, term), "json-ld.declaration", shorten(definition), problem))
    return found


def _declaration_problem(term: str, definition: object, contexts: list[object]) -> str:
    if term.startswith("@"):
        return "" if term in _KEYWORDS else f"{term} may not be set here"
    if not isinstance(definition, (str, dict)):
        return "a prefix is declared with an IRI"
    if term in STANDARD_MEMBERS or term in _SCHEMES or not term:
        return f"{term} has a meaning of its own and cannot be declared again"
    if isinstance(definition, str) and ":" not in term and not is_absolute(prefixes_of(contexts)[term]):
        return "a prefix has to stand for an absolute IRI"
    return ""


def check_rules(event: Tree, prefixes: Mapping[str, str]) -> list[Violation]:
    """All rules of one event under the prefixes that hold for it; pointers start at the event."""
    found: list[Violation] = []
    found += _check_conditions(event)
    found += _check_certification(event)
    found += _check_ids(event)
    found += _check_quantities(event, prefixes)
    found += _check_words(event)
    found += _check_times(event)
    # Members of a wrong type and times are others' business.
    found += [one for one in report_violations(event) if one.rule in ("sensor.unit", "sensor.range")]
    return found


def _check_conditions(event: Tree) -> Iterator[Violation]:
    kind, action = event.get("type"), event.get("action")
    deleting = action == "DELETE"
    if kind == "ObjectEvent":
        readings = _filled(event, "sensorElementList") and "readPoint" in event
        if "epcList" not in event and not _filled(event, "quantityList") and not readings:
            yield _condition(
                "/epcList", "an ObjectEvent has epcList or quantityList, or sensorElementList with readPoint"
            )
        if "ilmd" in event and action != "ADD":
            yield Violation("/ilmd", "epcis.ilmd", shorten(action), "ilmd goes with action ADD only")
    elif kind in ("AggregationEvent", "AssociationEvent"):
        if not deleting and not _filled(event, "childEPCs") and not _filled(event, "childQuantityList"):
            yield _condition(
                "/childEPCs", "childEPCs or childQuantityList has to have an entry, unless action is DELETE"
            )
    elif kind == "TransactionEvent":
        if not deleting and "epcList" not in event and not _filled(event, "quantityList"):
            yield _condition("/epcList", "a TransactionEvent has epcList or quantityList, unless action is DELETE")
    elif kind == "TransformationEvent":
        inputs = _filled(event, "inputEPCList") or _filled(event, "inputQuantityList")
        outputs = _filled(event, "outputEPCList") or _filled(event, "outputQuantityList")
        if not (inputs and outputs) and not ("transformationID" in event and (inputs or outputs)):
            message = "a TransformationEvent has inputs and outputs, or transformationID with one of them"
            yield _condition("/inputQuantityList", message)
    persistent = event.get("persistentDisposition")
    if isinstance(persistent, dict):
        if "set" not in persistent and "unset" not in persistent:
            yield _condition("/persistentDisposition", "persistentDisposition has set or unset")
        for name in ("set", "unset"):
            yield from _check_distinct(persistent.get(name), f"/persistentDisposition/{name}")


def _check_certification(event: Tree) -> Iterator[Violation]:
    if "certificationInfo" not in event:
        return
    value = event["certificationInfo"]
    for index, item in enumerate(value if isinstance(value, list) else [value]):
        if not isinstance(item, str) or not matches(URI_PATTERN, item):
            here = f"/certificationInfo/{index}" if isinstance(value, list) else "/certificationInfo"
            yield Violation(
                here, "epcis.value", shorten(item), "certificationInfo is an absolute URI, or a list of them"
            )


def _check_ids(event: Tree) -> Iterator[Violation]:
    for name in _SINGLE_IDS:
        if name in event:
            yield from _check_id(event[name], f"/{name}")
    for name in _LISTS_OF_IDS:
        values = event.get(name) if name in event else None
        if isinstance(values, list):
            yield from _check_distinct(values, f"/{name}")
            for index, value in enumerate(values):
                yield from _check_id(value, f"/{name}/{index}")
    for name in ("readPoint", "bizLocation"):
        place = event.get(name)
        if isinstance(place, dict):
            yield from _check_id(place.get("id"), f"/{name}/id")
    for name, key in (
        ("sourceList", "source"),
        ("destinationList", "destination"),
        ("bizTransactionList", "bizTransaction"),
    ):
        if name in event:
            for at, item in _objects(event, name):
                yield from _check_id(item.get(key), f"{at}/{key}")
    for at, element in _objects(event, "sensorElementList"):
        reports = list(_objects(element, "sensorReport", at))
        metadata = element.get("sensorMetadata")
        if isinstance(metadata, dict):
            reports.append((f"{at}/sensorMetadata", metadata))
        for below, report in reports:
            if "deviceID" in report:
                yield from _check_id(report["deviceID"], f"{below}/deviceID")


def _check_id(value: object, at: str) -> Iterator[Violation]:
    if isinstance(value, str):
        try:
            elements_of_uri(value)
        except InvalidGs1Key as error:
            for violation in error.violations:
                yield Violation(at, violation.rule, shorten(value), violation.message)


def _check_quantities(event: Tree, prefixes: Mapping[str, str]) -> Iterator[Violation]:
    # Nothing may be what a correction of ours leaves of a lot.
    corrects = any(expand(key, prefixes) == _CORRECTS for key in event)
    for name in _LISTS_OF_QUANTITIES:
        if name not in event:
            continue
        for at, item in _objects(event, name):
            yield from _check_id(item.get("epcClass"), f"{at}/epcClass")
            quantity = item.get("quantity")
            if isinstance(quantity, (int, float)) and not (quantity > 0 or (corrects and quantity == 0)):
                yield Violation(f"{at}/quantity", "epcis.quantity", shorten(quantity), "a quantity is more than zero")
            if "uom" in item and "quantity" not in item:
                yield Violation(f"{at}/uom", "epcis.quantity", shorten(item["uom"]), "uom goes with a quantity only")


def _check_words(event: Tree) -> Iterator[Violation]:
    yield from _check_word(event, "bizStep", "")
    yield from _check_word(event, "disposition", "")
    for name in ("sourceList", "destinationList", "bizTransactionList"):
        if name in event:
            for at, item in _objects(event, name):
                yield from _check_word(item, "type", at)
    persistent = event.get("persistentDisposition")
    if isinstance(persistent, dict):
        for name in ("set", "unset"):
            values = persistent.get(name)
            for index, value in enumerate(values if isinstance(values, list) else ()):
                yield from _check_term(value, f"/persistentDisposition/{name}/{index}")


def _check_word(node: Tree, name: str, at: str) -> Iterator[Violation]:
    yield from _check_term(node.get(name), f"{at}/{name}")


def _check_term(value: object, at: str) -> Iterator[Violation]:
    if isinstance(value, str) and ":" in value and is_unknown_cbv_term(value):
        yield Violation(at, "cbv.term", shorten(value), "the Core Business Vocabulary 2.0 has no such term")


def _check_times(event: Tree) -> Iterator[Violation]:
    """The view's pattern lets the 31st of every month through; a calendar does not."""
    yield from _check_time(event.get("eventTime"), "/eventTime")
    yield from _check_time(event.get("recordTime"), "/recordTime")
    declaration = event.get("errorDeclaration")
    if isinstance(declaration, dict):
        yield from _check_time(declaration.get("declarationTime"), "/errorDeclaration/declarationTime")
    for at, element in _objects(event, "sensorElementList"):
        metadata = element.get("sensorMetadata")
        if isinstance(metadata, dict):
            for name in ("time", "startTime", "endTime"):
                yield from _check_time(metadata.get(name), f"{at}/sensorMetadata/{name}")
        for below, report in _objects(element, "sensorReport", at):
            yield from _check_time(report.get("time"), f"{below}/time")


def _check_time(value: object, at: str) -> Iterator[Violation]:
    if isinstance(value, str) and not is_calendar_day(value):
        yield Violation(at, "epcis.date", shorten(value), "there is no such day in the calendar")


def is_calendar_day(time: str) -> bool:
    """
    Whether a time begins with a day that the calendar has. The first and the last day of all, in the years 1 and 9999,
    count as none: told in UTC, the time may lie on no day.
    """
    try:
        return date.min < date.fromisoformat(time[:10]) < date.max
    except ValueError:
        return False


def _check_distinct(values: object, at: str) -> Iterator[Violation]:
    if isinstance(values, list) and all(isinstance(value, str) for value in values) and len(set(values)) != len(values):
        for index, value in enumerate(values):
            if value in values[:index]:
                yield Violation(f"{at}/{index}", "epcis.repeated", shorten(value), "the same entry stands twice")


def _objects(node: Tree, name: str, at: str = "") -> Iterator[tuple[str, Tree]]:
    items = node.get(name)
    if isinstance(items, list):
        for index, item in enumerate(items):
            if isinstance(item, dict):
                yield f"{at}/{name}/{index}", item


def _filled(event: Tree, name: str) -> bool:
    value = event.get(name)
    return isinstance(value, list) and len(value) > 0


def _condition(at: str, message: str) -> Violation:
    return Violation(at, "epcis.required", "nothing", message)
