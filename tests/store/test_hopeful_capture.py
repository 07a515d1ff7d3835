"""
What came signed is recorded in the hope that it is new. Results, errors and what is stored are those of a ledger that
always asks first; what is asked, and when.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hopeful_worlds import (
    BATCH,
    CASES,
    HARVEST,
    LATE,
    NEVER,
    ONE,
    STRANGE,
    THREE,
    TWO,
    UNSIGNED_HARVEST,
    Document,
    Outcome,
    all_together,
    declared,
    enrolled,
    named,
    one_by_one,
    ready,
    stored,
    unsigned,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_fixture import LEDGER_DOMAIN, LOG_DOMAIN, OPERATOR_KEY, SECRET, World, ledger_world

from ledger.adapters.log_operator import LogOperator
from ledger.adapters.sql_store import transaction as transaction_module
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.errors import Conflict, LedgerBusy, StoreError
from ledger.domain.sealing import Entry, Policy
from ledger.services import capture as capture_module
from ledger.services import looking_up
from ledger.services.capture import Capture, CaptureResult
from ledger.services.recording_together import RecordingTogether

WAYS = {
    "rollback": lambda world, documents: one_by_one(world, documents, rollback=True),
    "proceed": lambda world, documents: one_by_one(world, documents, rollback=False),
    "together": lambda world, documents: all_together(world, documents, rollback=True),
}
POOL: tuple[dict[str, Any], ...] = (
    ONE, TWO, THREE, *BATCH, named(1), named(2), declared(3), declared(4), unsigned(1), unsigned(2), STRANGE, LATE,
    HARVEST, UNSIGNED_HARVEST, unsigned(5) | {"eventID": declared(3)["eventID"]},
)  # fmt: skip


@pytest.fixture
def farm(world: World) -> World:
    """The farm has a device, and nothing was in vain yet."""
    return enrolled(world)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Columns of `events` that were looked into, with how many values."""
    found: list[tuple[str, int]] = []
    present = transaction_module.present

    def counting(connection: Any, column: Any, values: Any) -> Any:
        found.append((column.name, len(values)))
        return present(connection, column, values)

    monkeypatch.setattr(transaction_module, "present", counting)
    return found


def record(world: World, *events: dict[str, Any], rollback: bool = True) -> list[CaptureResult]:
    return world.capturing.record(ready(world, events), rollback=rollback)


def repeats(results: Sequence[CaptureResult]) -> list[bool]:
    return [one.repeated for one in results]


# ------------------------------------------------------------------------------------------------------------ the same


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", CASES)
def test_what_comes_of_it_is_what_comes_of_asking_first(
    case: str, way: str, world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The other ledger is always on SQLite: so both databases are held against one."""
    hoped = WAYS[way](enrolled(world), CASES[case])
    other = enrolled(ledger_world(tmp_path_factory.mktemp("asking")), NEVER)
    try:
        assert hoped == WAYS[way](other, CASES[case])
    finally:
        other.store.close()


Call = tuple[str, list[Document]]


def _calls(few: Sequence[int]) -> st.SearchStrategy[list[Call]]:
    """Of few different events, so that most come again, beside what they contradict."""
    documents = st.lists(st.sampled_from([POOL[place] for place in few]), min_size=1, max_size=5)
    call = st.tuples(st.sampled_from(sorted(WAYS)), st.lists(documents, min_size=1, max_size=3))
    return st.lists(call, min_size=1, max_size=3)


_CONTESTED = [place for place, event in enumerate(POOL) if "eventID" in event]
_PLACES = st.one_of(st.sampled_from(_CONTESTED), st.integers(0, len(POOL) - 1))
CALLS = st.lists(_PLACES, min_size=2, max_size=5, unique=True).flatmap(_calls)


def outcome(calls: Sequence[Call], pause: int, looking: int) -> list[Outcome]:
    with TemporaryDirectory() as folder:
        world = enrolled(ledger_world(Path(folder)), looking)
        try:
            with patch.object(looking_up, "LOOK_UPS", pause), patch.object(capture_module, "BATCH", 3):
                return [WAYS[way](world, documents) for way, documents in calls]
        finally:
            world.store.close()


@given(CALLS, st.integers(0, 3))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_comes_in_whatever_order_gives_the_same(calls: list[Call], pause: int) -> None:
    """In transactions of three events, so that longer documents are rehearsed and have several."""
    assert outcome(calls, pause, 0) == outcome(calls, 0, NEVER)


def test_what_was_recorded_unsigned_when_more_was_sealed_is_a_repeat(farm: World) -> None:
    """Its content is another one, so no unique value of the database would tell."""
    policy = Policy((Entry(("remark",)),))
    sealing = Capture(farm.store, farm.signer, farm.clock, LEDGER_DOMAIN, SECRET, policy)
    (first,) = sealing.capture([unsigned(1)])
    assert first.record is not None
    assert "silkroot:remark" not in first.record.body
    (again,) = record(farm, ONE)
    assert (again.repeated, again.record) == (True, first.record)
    assert len(farm.store.events(0, 10)) == 1


# -------------------------------------------------------------------------------------------------------- what is asked


def test_of_what_is_new_neither_content_nor_event_id_is_asked(farm: World, asked: list[tuple[str, int]]) -> None:
    results = record(farm, ONE, TWO, named(1), declared(3))
    assert repeats(results) == [False] * 4
    assert asked == [("request_mac", 4)]
    farm.capturing.record_together([(ready(farm, [THREE]), None), (ready(farm, BATCH), None)])
    assert asked[1:] == [("request_mac", 4)]
    assert len(farm.store.events(0, 100)) == 8


def test_what_stands_in_the_transaction_itself_is_known_without_asking(
    farm: World, asked: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = failing(farm, monkeypatch)
    assert repeats(record(farm, ONE, declared(3), ONE, declared(3))) == [False, False, True, True]
    assert (len(begun), asked) == (1, [("request_mac", 4)])
    (first, second) = farm.capturing.record_together([(ready(farm, [TWO]), None), (ready(farm, [THREE, TWO]), None)])
    assert (repeats(first), repeats(second), len(begun)) == ([False], [False, True], 2)
    (_, other) = record(farm, named(1), named(2), rollback=False)
    assert [one.rule for one in other.violations] == ["event-id.conflict"]
    assert len(begun) == 3


def test_what_did_not_come_signed_is_asked_for_beside_it(farm: World, asked: list[tuple[str, int]]) -> None:
    record(farm, ONE, UNSIGNED_HARVEST, TWO)
    assert asked == [("request_mac", 3), ("content_hash", 1), ("claimed_id", 1)]


def test_a_trial_asks(farm: World, asked: list[tuple[str, int]]) -> None:
    record(farm, ONE)
    asked.clear()
    (found,) = farm.capturing.record(ready(farm, [ONE]), dry_run=True)
    assert found.repeated
    assert [name for name, _ in asked] == ["request_mac", "content_hash", "claimed_id"]


def test_after_a_duplicate_the_next_ones_are_asked_for_and_then_one_hopes_again(
    farm: World, asked: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_up, "LOOK_UPS", 2)
    record(farm, ONE)
    asked.clear()
    in_vain, asking = [("request_mac", 2)], [("request_mac", 2), ("content_hash", 2), ("claimed_id", 2)]
    assert repeats(record(farm, ONE, TWO)) == [True, False]
    assert asked == in_vain + asking
    asked.clear()
    assert repeats(record(farm, ONE, TWO)) == [True, True]
    record(farm, unsigned(7))  # has nothing to hope for, and is not counted
    asked.clear()
    assert repeats(record(farm, ONE, THREE)) == [True, False]
    assert asked == asking
    asked.clear()
    record(farm, *BATCH)
    assert asked == [("request_mac", 3)]


def test_a_refusal_is_told_by_what_was_asked_for(farm: World, asked: list[tuple[str, int]]) -> None:
    """In vain the eventID would be that of event 3, which is none."""
    record(farm, TWO, named(1))
    asked.clear()
    results = record(farm, named(1), named(2))
    assert [one.message for one in results[1].violations] == ["event 2 has this eventID and another content"]
    assert ("claimed_id", 2) in asked
    assert len(farm.store.events(0, 10)) == 2


def test_a_transaction_in_vain_gives_out_no_receipt_and_no_number(farm: World) -> None:
    record(farm, ONE)
    told: list[list[tuple[int, int]]] = []

    def conclude(_: object, results: list[CaptureResult]) -> None:
        signed = [one.acknowledgement for one in results]
        told.append([(place.acknowledgement.log_index, place.acknowledgement.time) for place in signed if place])

    farm.clock.time += 7
    results = farm.capturing.record(ready(farm, [ONE, TWO]), conclude=conclude)
    start = int(farm.clock.time)
    assert told == [[(1, start), (2, start)], [(0, start - 7), (1, start)]]
    given = [one.acknowledgement for one in results]
    archived = farm.store.archive.acknowledgements([one.content_hash for one in results if one.content_hash])
    assert given == [archived[one.content_hash] for one in results if one.content_hash]
    stored(farm)


# -------------------------------------------------------------------------------------------------------------- faults


def failing(world: World, monkeypatch: pytest.MonkeyPatch, *errors: Exception | None) -> list[int]:
    """The next write transactions end so, before they begin; how many were begun."""
    writing, coming, begun = world.store.writing, list(errors), list[int]()

    def wrapped() -> Any:
        begun.append(1)
        if coming and (error := coming.pop(0)) is not None:
            raise error
        return writing()

    monkeypatch.setattr(world.store, "writing", wrapped)
    return begun


@pytest.mark.parametrize("error", [LedgerBusy("another process"), StoreError("disk full")], ids=["busy", "full"])
def test_a_fault_after_the_conflict_loses_nothing(
    farm: World, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(farm, ONE)
    before = stored(farm)
    begun = failing(farm, monkeypatch, None, error)
    with pytest.raises(type(error), match=str(error)):
        record(farm, TWO, ONE)
    assert (len(begun), stored(farm)) == (2, before)
    assert repeats(record(farm, TWO, ONE)) == [False, True]
    assert len(begun) == 3, "it hoped again, though it had been in vain"


def test_another_fault_is_no_duplicate(farm: World, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = failing(farm, monkeypatch, StoreError("disk full"))
    with pytest.raises(StoreError, match="disk full"):
        record(farm, ONE)
    assert len(begun) == 1
    assert repeats(record(farm, ONE)) == [False]


def test_a_conflict_from_elsewhere_is_raised_as_ever(farm: World, asked: list[tuple[str, int]]) -> None:
    called = []

    def conclude(*_: object) -> None:
        called.append(len(asked))
        raise Conflict("another unique value")

    with pytest.raises(Conflict, match="another unique value"):
        farm.capturing.record(ready(farm, [ONE]), conclude=conclude)
    assert called == [1, 4]
    assert farm.store.events(0, 10) == []
    with pytest.raises(Conflict, match="another unique value"):
        farm.capturing.record_together([(ready(farm, [ONE]), conclude), (ready(farm, [TWO]), None)])
    assert farm.store.events(0, 10) == []
    assert repeats(record(farm, ONE)) == [False]


# ------------------------------------------------------------------------------------------ documents that come at once


def test_in_the_line_a_common_transaction_is_done_again_together(
    farm: World, asked: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    record(farm, ONE)
    asked.clear()
    begun = failing(farm, monkeypatch)
    found = recorded_at_once(farm, [ONE, TWO], [THREE], [TWO])
    assert found == [[True, False], [False], [True]]
    assert len(begun) == 2
    assert asked == [("request_mac", 4), ("request_mac", 4), ("content_hash", 4), ("claimed_id", 4)]


def test_where_one_of_them_is_refused_each_goes_alone_and_asks(
    farm: World, asked: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    record(farm, named(1))
    begun = failing(farm, monkeypatch)
    asked.clear()
    found = recorded_at_once(farm, [ONE], [named(1), named(2)], [THREE])
    assert found == [[False], [True, False], [False]]
    assert len(begun) == 1 + 3
    assert [name for name, _ in asked[1:]].count("content_hash") >= 3
    assert [event.sequence for event in farm.store.events(0, 10)] == [1, 2, 3]


def recorded_at_once(world: World, *documents: Document) -> list[list[bool]]:
    """In one turn of the line; which of their events are repeats."""
    line = RecordingTogether(world.capturing)
    with ThreadPoolExecutor(len(documents)) as pool:
        with line._turn:
            taken = []
            for place, one in enumerate(documents, 1):
                taken.append(pool.submit(line.record, ready(world, one)))
                while line.waiting < place:
                    assert not taken[-1].done(), "it does not wait in the line"
                    time.sleep(0.001)
        return [repeats(one.result()) for one in taken]


def test_two_services_on_one_database_record_each_event_once(farm: World) -> None:
    other = SqlStore(farm.url)
    other.acknowledge_by(LogOperator(OPERATOR_KEY, LOG_DOMAIN, farm.clock))
    captures = (farm.capturing, Capture(other, farm.signer, farm.clock, LEDGER_DOMAIN, SECRET))
    prepared = [ready(farm, one) for one in ([ONE, TWO], [TWO, THREE], [THREE, ONE], list(BATCH))]

    def send(capture: Capture) -> list[CaptureResult]:
        return [result for one in prepared for result in capture.record(one)]

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(send, captures))
    other.close()
    assert not any(result.refused for results in found for result in results)
    assert [sum(not result.repeated for results in found for result in results)] == [6]
    contents = {result.content_hash for results in found for result in results}
    assert {event.content_hash for event in farm.store.events(0, 100)} == contents
    assert len(contents) == 6
    assert farm.fsck() == []
