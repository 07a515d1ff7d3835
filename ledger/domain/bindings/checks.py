"""Checks that several forms share; no I/O. Each raises `InvalidEvent`, or `Refused` where another party has to act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.domain.errors import InvalidEvent, Refused, Violation
from ledger.domain.event_reading import cbv_word, elements_of
from ledger.domain.identifiers import PartyId
from ledger.domain.records import JsonTree

Own = Mapping[str, tuple[str, Any]]
"""Our members of an event by local name, as `own_members.own_members` gives them: JSON pointer and value."""


def require_action(event: JsonTree, *allowed: str) -> None:
    """The EPCIS action is one of those."""
    if event.get("action") not in allowed:
        message = f"{event.get('bizStep')} has the action {' or '.join(allowed)} here"
        raise InvalidEvent.one("/action", "form.action", event.get("action"), message)


def require_disposition(event: JsonTree, needed: str) -> None:
    """The disposition is that one."""
    if cbv_word(event.get("disposition")) != needed:
        message = f"{event.get('bizStep')} has the disposition {needed} here"
        raise InvalidEvent.one("/disposition", "form.disposition", event.get("disposition"), message)


def require_same(pointer: str, rule: str, named: PartyId, party: PartyId, message: str) -> None:
    """The party that the event names there is the one that acts."""
    if named != party:
        raise Refused([Violation(pointer, rule, f"{named:013d}", f"{message}, but {party:013d} acts")])


def require_lots(event: JsonTree) -> None:
    """The quantity list names something."""
    if not elements_of(event, "quantityList"):
        raise InvalidEvent.one("/quantityList", "form.lots", "0 lots", "the event names the lots that it is about")
