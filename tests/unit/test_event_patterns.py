"""
Patterns of events: which events have one, what they write, how many a preparer keeps; and the parts that serve them
(objects within a text, digests of statements, keyed hashes).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import event_builders as b
import orjson
import pytest
from batch_events import together
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ledger_fixture import LEDGER_DOMAIN
from prepared_documents import (
    ALONE,
    CONTEXT,
    COUNT,
    DEVICE,
    KINDS,
    bare_document,
    both,
    long_outcome,
    new_preparer,
    outcome,
    reading,
    without,
)
from presigned_events import DEADLINE, presign

from ledger.domain.actions import Statement
from ledger.domain.event_pattern import EventPattern, pattern_of
from ledger.domain.identifiers import ContentHash, LotId, PartyId
from ledger.domain.json_tree import parse_compact, parse_compact_at
from ledger.domain.keyed_hash import KeyedHash
from ledger.domain.records import JsonTree
from ledger.domain.typed_data import StatementDigests, digest, lots_hash
from ledger.services import known_events, pattern_reader
from ledger.services.known_events import KnownEvents
from ledger.services.pattern_reader import PatternReader
from ledger.services.preparing import Preparing


@pytest.fixture
def only_patterns(monkeypatch: pytest.MonkeyPatch) -> Any:
    """From when it is called no event may go the long way."""
    return lambda: monkeypatch.setattr(Preparing, "prepare_strictly", None)


# -------------------------------------------------------------------------------------------------------------- bounds


def _readers(known: KnownEvents) -> list[list[PatternReader]]:
    return list(known._readers.values())


def test_no_more_than_so_many_patterns_contexts_parties_and_batches_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[KnownEvents] = []
    build = KnownEvents.__init__
    monkeypatch.setattr(KnownEvents, "__init__", lambda self, *given: (made.append(self), build(self, *given))[1])
    for module, names in ((known_events, ("PATTERNS", "CONTEXTS")), (pattern_reader, ("PARTIES", "BATCHES"))):
        for name in names:
            monkeypatch.setattr(module, f"_MOST_{name}", 2)
    work = new_preparer()
    for action in ("OBSERVE", "ADD", "DELETE"):
        for more in ({}, {"a": "https://a.example/"}, {"b": "https://b.example/"}):
            for party in (b.FARM, b.HUB, b.BUYER):
                named = {"action": action, "@context": [*CONTEXT, more], "silkroot:party": f"{party:013d}"}
                events = [reading(number, **named) for number in range(COUNT)]
                data = bare_document(together(events, DEVICE), **{"@context": [*CONTEXT, more]})
                assert outcome(work, data) == long_outcome(data)
    known = made[0]
    assert 1 <= len(_readers(known)) <= 2
    for readers in _readers(known):
        assert 1 <= len(readers) <= 2
        for reader in readers:
            assert len(reader._signers) <= 2
            assert len(reader._batches) <= 2


def test_small_documents_leave_no_pattern(only_patterns: Any) -> None:
    work = new_preparer()
    outcome(work, bare_document(ALONE[:-1]))
    only_patterns()
    with pytest.raises(TypeError):
        outcome(work, bare_document(ALONE))


# ------------------------------------------------------------------------------------------------------------- patterns


def _pattern(**changed: Any) -> EventPattern | None:
    event = presign(reading(1, **changed), DEVICE)
    return pattern_of(without(event, "@context"), CONTEXT)


def test_what_a_pattern_writes_is_what_it_was_made_of() -> None:
    pattern = _pattern()
    assert pattern is not None
    raw = without(ALONE[3], "@context")
    match = pattern.expression.fullmatch(orjson.dumps(raw).decode())
    assert match is not None
    proof = raw.pop("silkroot:proof")
    form = orjson.dumps({**raw, "@context": CONTEXT}, option=orjson.OPT_SORT_KEYS).decode()
    assert pattern.before(match.groups()) + pattern.behind(match.groups()) == form
    assert pattern.proof_form(match.groups()) == orjson.dumps(proof, option=orjson.OPT_SORT_KEYS).decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"silkroot:remark": "x"}, {"eventID": "urn:uuid:1"}, {"disposition": "\u241f"}, {"disposition": "x" * 9_000},
        {"quantityList": [{"epcClass": "urn:x:1"}, {"epcClass": "urn:x:2"}]},
        {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 4}] * 2}]},
        {"sensorElementList": [{"sensorReport": [{"type": "gs1:Temperature", "value": 4}]}]},
        {"sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": "4"}]}]},
        {"sensorElementList": 7}, {"eventTime": 7},
    ],
)  # fmt: skip
def test_events_that_have_no_pattern(changed: JsonTree) -> None:
    assert pattern_of(without({**ALONE[0], **changed}, "@context"), CONTEXT) is None


def test_an_event_whose_context_has_a_mark_in_it_has_no_pattern() -> None:
    raw = without(ALONE[0], "@context")
    assert pattern_of(raw, [*CONTEXT, {"x": "https://x/"}]) is not None
    assert pattern_of(raw, [*CONTEXT, {"x": "https://x/\u241f9\u241f"}]) is None


@pytest.mark.parametrize("mark", ["\u241f99\u241f", "\u241f1\u241f", "%s", "%(x)s"])
def test_marks_and_percent_signs_in_a_context_are_nothing_else(mark: str) -> None:
    work, tree = (
        new_preparer(),
        orjson.loads(bare_document(ALONE, **{"@context": [*CONTEXT, {"x": "https://x/" + mark}]})),
    )
    events = [presign({**reading(number), "@context": tree["@context"]}, DEVICE) for number in range(2 * COUNT)]
    for some in (events[:COUNT], events[COUNT:]):
        tree["epcisBody"]["eventList"] = [without(event, "@context") for event in some]
        data = json.dumps(tree, separators=(",", ":")).encode()  # of ASCII alone
        assert outcome(work, data) == outcome(work, orjson.dumps(tree)) == long_outcome(data)


# --------------------------------------------------------------------------------------------------------------- parts


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_keyed_hash(key: bytes, text: bytes) -> None:
    keyed = KeyedHash(key)
    for _ in range(2):
        assert keyed.digest(text) == hmac.digest(key, text, hashlib.sha256)


@given(
    st.integers(1, 2**64 - 1), st.text("abc_é"), st.lists(st.binary(min_size=32, max_size=32), max_size=4),
    st.binary(min_size=32, max_size=32), st.integers(0, 2**64 - 1),
)  # fmt: skip
def test_digests_of_statements(party: int, step: str, lots: list[bytes], content: bytes, deadline: int) -> None:
    ids = tuple(LotId(lot) for lot in lots)
    digests = StatementDigests(LEDGER_DOMAIN, PartyId(party), step)
    statement = Statement(PartyId(party), step, ids, ContentHash(content), deadline)
    word = deadline.to_bytes(32, "big")
    assert digests.digest(lots_hash(ids), content, word) == digest(LEDGER_DOMAIN, statement)


@settings(max_examples=200)
@given(st.sampled_from(KINDS), st.data())
@example(ALONE, None)
def test_an_object_within_a_text_is_read_as_one_alone(kind: list[JsonTree], data: st.DataObject | None) -> None:
    text = orjson.dumps(kind[0]).decode()
    if data is not None:
        at = data.draw(st.integers(0, len(text) - 1))
        text = (
            text[:at]
            + data.draw(st.sampled_from(["", "0", '"', "\\", ",", "}", " ", "NaN", "é", "1e999"]))
            + text[at + 1 :]
        )
    found = parse_compact_at("[" + text + "]", 1)
    alone = parse_compact(text.encode())
    if found is not None and found[1] == len(text) + 1:
        assert found[0] == alone
    else:
        assert alone is None


def test_the_deadline_of_these_is_no_matter_here() -> None:
    data = bare_document([presign(reading(number), DEVICE, deadline=DEADLINE + number) for number in range(4)])
    both(data)
