"""
Checks events and documents of EPCIS 2.0 whole, and takes documents apart; no I/O.

An event is accepted when the typed view takes it, every foreign member carries a declared namespace and the rules
hold. Raises `InvalidEvent` with every violation, each at its JSON pointer.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ledger.domain.epcis.document_view import Document, QueryDocument
from ledger.domain.epcis.members import DOCUMENT_SHAPES, EVENT_SHAPES, Shape, foreign_members, mistakes
from ledger.domain.epcis.names import (
    Frozen,
    context_items,
    frozen_context,
    has_standard_context,
    prefixes_of,
    prefixes_of_frozen,
)
from ledger.domain.epcis.quick_rules import keeps_all_rules
from ledger.domain.epcis.rules import check_context, check_declarations, check_rules, is_calendar_day
from ledger.domain.epcis.view import EVENT_TYPES
from ledger.domain.errors import InvalidEvent, Violation, shorten
from ledger.domain.event_shape import KnownShape, Remembered, look_at, skeleton

JsonTree = dict[str, Any]
_DOCUMENT_TYPES: dict[str, type[Document | QueryDocument]] = {
    "EPCISDocument": Document,
    "EPCISQueryDocument": QueryDocument,
}


def check_event(tree: JsonTree, context: object = None, known: KnownShape | None = None) -> None:
    """
    Raises `InvalidEvent` unless the tree is a valid event. `context` is that of the document around it; without one the
    event has to have the standard context in its own `@context`. `known`: its shape, where that is at hand.
    """
    if found := _event_violations(tree, context, "", known):
        raise InvalidEvent(found)


def check_document(tree: JsonTree) -> None:
    """Raises `InvalidEvent` unless the tree is a valid EPCISDocument, EPCISQueryDocument or single event."""
    if found := _document_violations(tree):
        raise InvalidEvent(found)


def split_document(tree: JsonTree) -> list[JsonTree]:
    """
    The events of a document (or of a single event) in order, each with its own `@context`: what the document's
    declares and, after it, what the event's declares. The trees are new at the top level and share what lies below.
    The document has to have passed `check_document`.
    """
    if tree.get("type") in EVENT_TYPES:
        return [dict(tree)]
    body = tree["epcisBody"]
    events = (
        body["queryResults"]["resultsBody"]["eventList"] if tree["type"] == "EPCISQueryDocument" else body["eventList"]
    )
    outer = tree.get("@context", [])
    alone = _merged(outer, [])
    return [
        {"@context": _merged(outer, event["@context"])} | _without_context(event)
        if "@context" in event
        else {"@context": alone} | event
        for event in events
    ]


def _merged(outer: object, inner: object) -> list[object]:
    merged: list[object] = []
    for item in (*context_items(outer), *context_items(inner)):
        # A prefix may be declared once more after another meaning in between, so only a direct repetition is dropped.
        if not merged or item != merged[-1]:
            if item in merged:
                merged.remove(item)
            merged.append(item)
    return merged


def _without_context(event: JsonTree) -> JsonTree:
    return {key: value for key, value in event.items() if key != "@context"}


def check_structure(tree: object) -> None:
    """Raises `InvalidEvent` unless every member of the standard has the right type: the typed view alone, no rules."""
    kind = tree.get("type") if isinstance(tree, dict) else None
    if not isinstance(tree, dict) or not isinstance(kind, str) or kind not in {**_DOCUMENT_TYPES, **EVENT_TYPES}:
        raise InvalidEvent(_document_violations(tree))
    if kind in EVENT_TYPES:
        found = _view_violations(tree, EVENT_TYPES[kind], EVENT_SHAPES[kind])
    else:
        found = _view_violations(tree, _DOCUMENT_TYPES[kind], DOCUMENT_SHAPES[kind])
        for index, event in enumerate(_events_of(tree)[1]):
            name = event.get("type") if isinstance(event, dict) else None
            if not isinstance(event, dict) or not isinstance(name, str) or name not in EVENT_TYPES:
                found += _event_violations(event, [], f"/{index}")
            else:
                found += _view_violations(event, EVENT_TYPES[name], EVENT_SHAPES[name])
    if found:
        raise InvalidEvent(found)


def _event_violations(tree: object, context: object, at: str, known: KnownShape | None = None) -> list[Violation]:
    if not isinstance(tree, dict):
        return [Violation(at, "epcis.type", shorten(tree), "an event is an object")]
    kind = tree.get("type")
    struct = EVENT_TYPES.get(kind) if isinstance(kind, str) else None
    if struct is None:
        return [
            Violation(f"{at}/type", "epcis.event-type", shorten(kind), f"an event is one of {', '.join(EVENT_TYPES)}")
        ]
    shape = EVENT_SHAPES[struct.__name__]
    found: list[Violation] = []
    own = tree.get("@context")
    frozen = frozen_context(own) if context is None else frozen_context(context, own)
    if context is None:
        if frozen is None or not _has_good_context(frozen, isinstance(own, list)):
            found += check_context(own, "/@context")
    elif "@context" in tree:
        found += check_declarations(own, "/@context")
    found += _view_violations(tree, struct, shape)
    prefixes = prefixes_of(context, own) if frozen is None else prefixes_of_frozen(frozen)
    known = look_at(tree)[0] if known is None else known
    if frozen is None or not _has_known_members(str(kind), known, frozen):
        found += foreign_members(tree, shape, prefixes, "")
    if not keeps_all_rules(tree):
        found += check_rules(tree, prefixes)
    if not at:
        return found
    return [Violation(at + item.field, item.rule, item.value, item.message) for item in found]


def _knows_members(kind: str, known: KnownShape, frozen: Frozen) -> bool:
    """Whether `foreign_members` finds nothing in an event of that type and shape: it looks at keys alone."""
    return not foreign_members(skeleton(known.shape), EVENT_SHAPES[kind], prefixes_of_frozen(frozen), "")


def _declares_well(frozen: Frozen, is_list: bool) -> bool:
    """Whether `check_context` finds nothing in these entries."""
    items = [item if isinstance(item, str) else dict(item) for item in frozen]
    return not check_context(items if is_list else items[0], "/@context")


_has_known_members = Remembered(_knows_members)
_has_good_context = Remembered(_declares_well)


def _view_violations(tree: JsonTree, struct: type[msgspec.Struct], shape: Shape) -> list[Violation]:
    try:
        msgspec.convert(tree, struct)
    except msgspec.ValidationError as error:
        # The walk finds every mistake; should it find none, the one that msgspec found still counts.
        return mistakes(tree, shape, "") or [Violation("", "epcis.type", shorten(tree), str(error))]
    return []


def _document_violations(tree: object) -> list[Violation]:
    if not isinstance(tree, dict):
        return [Violation("", "epcis.type", shorten(tree), "a document is an object")]
    kind = tree.get("type")
    if isinstance(kind, str) and kind in EVENT_TYPES:
        return _event_violations(tree, None, "")
    struct = _DOCUMENT_TYPES.get(kind) if isinstance(kind, str) else None
    if struct is None:
        choices = ", ".join((*_DOCUMENT_TYPES, *EVENT_TYPES))
        return [Violation("/type", "epcis.document-type", shorten(kind), f"the type is one of {choices}")]
    shape = DOCUMENT_SHAPES[str(kind)]
    context = tree.get("@context")
    found = _view_violations(tree, struct, shape)
    if "@context" in tree:
        found += check_context(context, "/@context")
    found += foreign_members(tree, shape, prefixes_of(context), "")
    created = tree.get("creationDate")
    if isinstance(created, str) and not is_calendar_day(created):
        message = "there is no such day in the calendar"
        found.append(Violation("/creationDate", "epcis.date", shorten(created), message))
    at, events = _events_of(tree)
    for index, event in enumerate(events):
        found += _event_violations(event, context if has_standard_context(context) else [], f"{at}/{index}")
    return found


def _events_of(tree: JsonTree) -> tuple[str, list[object]]:
    """Pointer and events of a document that may be broken."""
    path = ["epcisBody", "eventList"]
    if tree.get("type") == "EPCISQueryDocument":
        path[1:1] = ["queryResults", "resultsBody"]
    node: object = tree
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return "/" + "/".join(path), node if isinstance(node, list) else []
