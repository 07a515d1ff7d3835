"""
Documents of events as systems send them, before any event of theirs is looked at closely: how much may be in one, which
events it has, and whether all that comes unsigned is of the party that sent it.

Raises `InvalidInput` for what is no EPCIS document at all, `NotAllowed`, `TooMuch`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger.domain.epcis import check_document, split_document
from ledger.domain.epcis.view import EVENT_TYPES
from ledger.domain.errors import InvalidEvent, Violation
from ledger.domain.identifiers import PartyId
from ledger.domain.own_members import own_member
from ledger.domain.presigned import is_presigned
from ledger.domain.records import JsonTree

MOST_EVENTS = 5_000
"""Of one document."""
MOST_PARTS = 1_500_000
"""Commas, braces and brackets of one document: 300 an event, several times what an event of ours has."""
_DIGITS = 20


class NotAllowed(Exception):
    """The key is not good for this; `violation` says for which event."""

    def __init__(self, violation: Violation) -> None:
        super().__init__(str(violation))
        self.violation = violation


class TooMuch(Exception):
    """The document is more than one may be: send several."""


class TooManyEvents(TooMuch):
    """It has too many events."""

    def __init__(self, count: int) -> None:
        super().__init__(f"a document has at most {MOST_EVENTS} events, and this one has {count}: send several")
        self.count = count


class TooManyParts(TooMuch):
    """It has too many members and elements: as objects they would take many times the room of their text."""

    def __init__(self, count: int) -> None:
        super().__init__(f"a document has at most {MOST_PARTS} commas and brackets, and this one has {count}")
        self.count = count


def first_unsigned(events: Sequence[JsonTree], party: PartyId) -> int | None:
    """
    Where the first event stands that does not come signed; None where all do. `NotAllowed` where one of them is another
    party's than `party`, which sent them.
    """
    unsigned = [(index, stated_party(event)) for index, event in enumerate(events) if not is_signed(event)]
    for index, stated in unsigned:
        if stated is not None and stated != party:
            message = f"this key speaks for {party:013d}; another party's events have to come signed"
            raise NotAllowed(Violation(f"event {index}", "key.party", f"{stated:013d}", message))
    return unsigned[0][0] if unsigned else None


def events_of(tree: JsonTree) -> list[JsonTree]:
    """As `loose_events`; `TooManyEvents` where there are more than a document may have."""
    return loose_events(tree, most=MOST_EVENTS)


def loose_events(tree: JsonTree, most: int | None = None) -> list[JsonTree]:
    """
    The events of a document, each with its own context, unchecked; or the one event that the tree is. `InvalidEvent`
    where anything around the events is wrong.
    """
    if tree.get("type") in EVENT_TYPES:
        return [tree]
    path = _path_of(tree)
    events: Any = tree
    for name in path:
        events = events.get(name) if isinstance(events, dict) else None
    if most is not None and isinstance(events, list) and len(events) > most:
        raise TooManyEvents(len(events))
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        check_document(tree)
        raise InvalidEvent.one("/type", "epcis.document-type", tree.get("type"), "this is no document of events")
    # The events are checked one by one as they are captured, so that each has its own errors.
    check_document(_hollow(tree, path))
    return split_document(tree)


def without_events(tree: JsonTree) -> JsonTree:
    """What is around the events of a document that `loose_events` takes apart; nothing where the tree is an event."""
    return {} if tree.get("type") in EVENT_TYPES else _hollow(tree, _path_of(tree))


def _path_of(tree: JsonTree) -> tuple[str, ...]:
    """Where the list of events is."""
    if tree.get("type") == "EPCISQueryDocument":
        return ("epcisBody", "queryResults", "resultsBody", "eventList")
    return ("epcisBody", "eventList")


def stated_party(event: JsonTree) -> PartyId | None:
    """The party that the event names as the one that acts; None where it names none, or nothing that is one."""
    try:
        stated = own_member(event, "party")
    except InvalidEvent:
        return None
    text = stated[1] if stated is not None else None
    if not isinstance(text, str) or not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        return None
    return PartyId(int(text))


def require_few_parts(data: bytes) -> None:
    """Counted in the text, where a comma may stand in a string too: before there is any object."""
    if len(data) > MOST_PARTS and (count := sum(data.count(mark) for mark in (b",", b"{", b"["))) > MOST_PARTS:
        raise TooManyParts(count)


def _hollow(tree: JsonTree, path: tuple[str, ...]) -> JsonTree:
    """The document without its events."""
    name, *below = path
    return {**tree, name: _hollow(tree[name], tuple(below)) if below else []}


def is_signed(event: JsonTree) -> bool:
    """Whether the event brings a proof; also where it brings two, for which capture refuses it."""
    try:
        return is_presigned(event)
    except InvalidEvent:
        return True  # Two proofs: capture refuses the event.
