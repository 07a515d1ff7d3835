"""
Events of loggers, prepared from their text alone where one like them was prepared before.

A document of 1,000 readings is mostly one event 1,000 times, with other times, values, lots and proofs. Where an event
matches a pattern (`ledger.domain.event_pattern`), what its keys and its words imply was found out with the first of its
kind, by the steps of `ledger.services.preparing`; what its values imply, `ledger.services.pattern_reader` finds out.
All that this road is not sure of, above all whatever is wrong with an event, goes the long way, which says what is
wrong. So this gives what the long way gives or nothing; a pattern is kept only if it gives for its own event what the
long way gave, and property tests hold the two equal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from ledger.domain.actions import Statement
from ledger.domain.epcis import split_document
from ledger.domain.epcis.names import Frozen, frozen_context
from ledger.domain.epcis.quick_rules import keeps_all_rules
from ledger.domain.errors import InvalidInput
from ledger.domain.event_pattern import PROOF_KEY, may_have_pattern, pattern_of
from ledger.domain.identifiers import PartyId
from ledger.domain.json_tree import parse_compact_at, parse_json_object
from ledger.domain.keyed_hash import KeyedHash
from ledger.domain.records import JsonTree
from ledger.domain.sealing import Policy
from ledger.domain.sealing.quick import leaves_open
from ledger.domain.typed_data import Domain
from ledger.services.documents import MOST_EVENTS, events_of, is_signed
from ledger.services.pattern_reader import PatternReader
from ledger.services.preparing import Prepared, Preparing

_MOST_CONTEXTS, _MOST_PATTERNS, _MOST_OTHERS = 16, 8, 8
_LONGEST_AROUND = 16_384
"""Characters around the events of a document."""
LEARNED_FROM = 8
"""Of documents of fewer events no pattern is made: that takes as long as some dozen events."""
_LIST, _PROOF = '"eventList":[', f'"{PROOF_KEY}":{{'.encode()


@dataclass(slots=True)
class Found:
    """
    The signed events of a document. `context`: the document's; `events`: the reader of the pattern that one matches and
    the match, or the event itself. `unlike`: the first that matches none, as it stands in the document. `vain`: how
    many matched and went the long way all the same.
    """

    context: object
    events: list[tuple[PatternReader, re.Match[str]] | JsonTree]
    unlike: JsonTree | None
    vain: int = 0


class KnownEvents:
    """
    The patterns of a process that prepares documents; bounded, so that nobody can fill its memory. `domain`, `secret`
    and `policy` as for `Preparing`.
    """

    def __init__(self, domain: Domain, secret: bytes, policy: Policy) -> None:
        self._domain = domain
        self._identities = KeyedHash(secret)
        self._policy = policy
        self._readers: dict[Frozen, list[PatternReader]] = {}

    def find(self, data: bytes) -> Found | None:
        """
        The events of a document, as far as they match patterns. None where most match none, or one does not come
        signed, or anything is wrong around them: then nothing is known.
        """
        if (around := _around(data)) is None:
            return None
        text, start, end, context = around
        frozen = frozen_context(context)
        readers = None if frozen is None else self._readers.get(frozen)
        return None if readers is None else _found(text, start, end, readers, context)

    def prepare(
        self, found: Found, first: int, count: int, preparing: Preparing, party: PartyId
    ) -> tuple[list[Prepared | InvalidInput], bool]:
        """
        So many of the events from the first on, as `Preparing.prepare_strictly` does. Where too many went the long way
        in vain, as where a device signs for another ledger, the others go it at once.
        """
        some = found.events[first : first + count]
        prepared: list[Prepared | InvalidInput] = []
        are_sure = True
        for index, known in enumerate(some, first):
            if found.vain > _MOST_OTHERS + index // 4:
                others = [_event(one, found.context) for one in some[len(prepared) :]]
                found.vain += len(others)
                more, is_sure = preparing.prepare_strictly(others, party, index)
                return prepared + more, are_sure and is_sure
            one: Prepared | InvalidInput | None = None
            if isinstance(known, tuple):
                reader, match = known
                one = reader.prepared(index, match.groups())
            if one is None:
                event = _event(known, found.context)
                (one,), is_sure = preparing.prepare_strictly([event], party, index)
                are_sure = are_sure and is_sure
                if isinstance(known, tuple):
                    found.vain += 1
                    if is_sure and isinstance(one, Prepared) and self._is_open(event):
                        reader.admit(one.party, match.groups())
            prepared.append(one)
        return prepared, are_sure

    def learn_first(self, data: bytes, preparing: Preparing, party: PartyId) -> None:
        """Keeps the pattern of the first event of a document that came the long way."""
        if data.count(_PROOF) < LEARNED_FROM or (around := _around(data)) is None:
            return
        text, start, _, context = around
        if (read := parse_compact_at(text, start)) is not None:
            self.learn(read[0], context, preparing, party)

    def learn(self, raw: JsonTree, context: object, preparing: Preparing, party: PartyId) -> None:
        """Keeps the pattern of an event, as it stands in a document with that context, if it has one."""
        frozen = frozen_context(context)
        if frozen is None or not may_have_pattern(raw):
            return
        event = _whole(raw, context)
        (one,), is_sure = preparing.prepare_strictly([event], party)
        if not is_sure or not isinstance(one, Prepared) or one.disclosures or not self._is_open(event):
            return
        if not isinstance(one.action, Statement) or (pattern := pattern_of(raw, event["@context"])) is None:
            return
        reader = PatternReader(pattern, self._domain, self._identities)
        if (match := reader.match(orjson.dumps(raw).decode())) is None:
            return
        reader.admit(one.party, match.groups())
        if reader.prepared(0, match.groups()) == one:
            self._keep(frozen, reader)

    def _keep(self, context: Frozen, reader: PatternReader) -> None:
        if len(self._readers) >= _MOST_CONTEXTS and context not in self._readers:
            self._readers.clear()
        self._readers[context] = [reader, *self._readers.get(context, [])][:_MOST_PATTERNS]

    def _is_open(self, event: JsonTree) -> bool:
        bare = {key: value for key, value in event.items() if key != PROOF_KEY}
        return keeps_all_rules(bare) and leaves_open(bare, self._policy.selection(bare))


def _found(text: str, start: int, end: int, readers: Sequence[PatternReader], context: object) -> Found | None:
    """The events that stand in the text from `start` to `end`."""
    found: list[tuple[PatternReader, re.Match[str]] | JsonTree] = []
    unlike: JsonTree | None = None
    others, at = 0, start
    while len(found) < MOST_EVENTS:
        for reader in readers:
            if (match := reader.match(text, at)) is not None:
                found.append((reader, match))
                at = match.end()
                if reader is not readers[0]:  # the next event is mostly like this one
                    readers = [reader, *(one for one in readers if one is not reader)]
                break
        else:
            if (read := parse_compact_at(text, at)) is None:
                return None
            raw, at = read
            event = _whole(raw, context)
            others += 1
            if others > _MOST_OTHERS + len(found) // 2 or not is_signed(event):
                return None
            unlike = raw if unlike is None else unlike
            found.append(event)
        if at == end:
            return Found(context, found, unlike)
        if text[at] != ",":
            return None
        at += 1
    return None


def _around(data: bytes) -> tuple[str, int, int, object] | None:
    """
    The text of a document, where its events begin and end, and its context; None where there is no list of events, or
    anything is wrong around it, or the text is not of ASCII alone, which loggers' documents are.
    """
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        return None
    start, end = text.find(_LIST) + len(_LIST), text.rfind("]")
    if start < len(_LIST) or len(text) - end + start > _LONGEST_AROUND:
        return None
    head, tail = text[:start], text[end:]
    try:
        tree = parse_json_object(head + tail)
        with_one = parse_json_object(f"{head}{{}}{tail}")
        # Something stands in the list if and only if it stands there.
        if tree.get("type") != "EPCISDocument" or (_list_of(tree), _list_of(with_one)) != ([], [{}]):
            return None
        (event,) = events_of(with_one)
    except InvalidInput:
        return None
    return text, start, end, event["@context"]


def _event(known: tuple[PatternReader, re.Match[str]] | JsonTree, context: object) -> JsonTree:
    """The event, whole, of a document with that context."""
    return _whole(orjson.loads(known[1][0]), context) if isinstance(known, tuple) else known


def _whole(raw: JsonTree, context: object) -> JsonTree:
    """The event with its context, as it stands in a document that has that context."""
    (event,) = split_document({"type": "EPCISDocument", "@context": context, "epcisBody": {"eventList": [raw]}})
    return event


def _list_of(tree: JsonTree) -> object:
    body = tree.get("epcisBody")
    return body.get("eventList") if isinstance(body, dict) else None
