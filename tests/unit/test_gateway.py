"""A gateway on fakes: what is acknowledged, when, in which order; batches, refusals, halving, waiting, stopping."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from gateway_fakes import BAD, LIMITS, FakeService, all_recorded, event, numbers, rig

from ledger.domain.errors import StoreError, UnusableSettings
from ledger.domain.records import JsonTree
from ledger.ports_gateway import Answer, DeadLetter, Declined, ServiceAway


def away(events: Sequence[JsonTree]) -> Answer:
    raise ServiceAway("it answers 503")


def busy(events: Sequence[JsonTree]) -> Answer:
    raise ServiceAway("it answers 429", retry_after=0.02)


async def test_messages_become_batches_and_are_acknowledged_in_order() -> None:
    used = rig(FakeService())
    used.broker.add(*[event(n) for n in range(9)])
    tally = await used.until(lambda: len(used.broker.acknowledged) == 9)
    assert used.service.sent == [[0, 1, 2, 3], [4, 5, 6, 7], [8]]
    assert used.broker.acknowledged == list(range(9))
    assert (tally.messages, tally.recorded, tally.repeated, tally.refused) == (9, 9, 0, 0)


async def test_bytes_close_a_batch_too() -> None:
    used = rig(FakeService(), limits=replace(LIMITS, events=100, bytes=90))
    used.broker.add(*[event(n) for n in range(6)])
    await used.until(lambda: len(used.broker.acknowledged) == 6)
    assert [len(sent) for sent in used.service.sent] == [3, 3]


async def test_nothing_is_acknowledged_before_the_service_answered() -> None:
    used = rig(FakeService(lambda events: seen.append(list(used.broker.acknowledged)) or all_recorded(events)))
    seen: list[list[int]] = []
    used.broker.add(*[event(n) for n in range(8)])
    await used.until(lambda: len(used.broker.acknowledged) == 8)
    assert seen == [[], [0, 1, 2, 3]]


async def test_a_service_that_is_away_is_asked_again_with_the_same() -> None:
    used = rig(FakeService(away, away, away, away, all_recorded))
    used.broker.add(event(1), event(2))
    await used.until(lambda: len(used.broker.acknowledged) == 2)
    assert used.service.sent == [[1, 2]] * 5
    assert used.memory.waits == [0.001, 0.002, 0.004, 0.004]


async def test_what_the_service_asks_for_is_waited_up_to_a_bound() -> None:
    used = rig(FakeService(busy, busy, all_recorded))
    used.broker.add(event(1))
    await used.until(lambda: used.broker.acknowledged == [0])
    assert used.memory.waits == [0.02, 0.02]
    used = rig(FakeService(busy, all_recorded), limits=replace(LIMITS, longest_asked=0.01))
    used.broker.add(event(1))
    await used.until(lambda: used.broker.acknowledged == [0])
    assert used.memory.waits == [0.01]


async def test_refused_events_are_dead_letters_and_their_neighbours_stand() -> None:
    def second_refused(events: Sequence[JsonTree]) -> Answer:
        return Answer(frozenset({0, 2}), {1: (BAD,)}, repeated=1)

    used = rig(FakeService(second_refused))
    used.broker.add(b'{"type":"ObjectEvent",  "number":0}', [event(1), event(2)])
    tally = await used.until(lambda: len(used.broker.acknowledged) == 2)
    assert used.memory.letters == [DeadLetter("t/d", 0, b'{"type":"ObjectEvent","number":1}', (BAD,))]
    assert (tally.recorded, tally.repeated, tally.refused) == (1, 1, 1)


async def test_a_message_of_one_event_is_kept_as_it_came() -> None:
    used = rig(FakeService(lambda events: Answer(frozenset(), {0: (BAD,)})))
    used.broker.add(b'{"type":"ObjectEvent",  "number":0}')
    await used.until(lambda: used.broker.acknowledged == [0])
    assert used.memory.letters == [DeadLetter("t/d", None, b'{"type":"ObjectEvent",  "number":0}', (BAD,))]


async def test_messages_that_hold_no_events_never_reach_the_service() -> None:
    used = rig(FakeService())
    used.broker.add(b"\xff", b" " * 501, [7], [event(n) for n in range(11)])
    used.broker.waiting.append(("other/topic", b"{}"))
    await used.until(lambda: len(used.broker.acknowledged) == 5)
    rules = ["json.syntax", "gateway.size", "gateway.form", "gateway.count", "gateway.topic"]
    assert [letter.violations[0].rule for letter in used.memory.letters] == rules
    assert used.memory.letters[1].payload == b" " * 501
    assert used.service.sent == []


async def test_dead_letters_are_on_disk_before_anything_is_acknowledged() -> None:
    used = rig(FakeService())

    def fail(letters: Sequence[DeadLetter]) -> None:
        raise StoreError("the disk is full")

    used.memory.write = fail  # type: ignore[method-assign]
    used.broker.add(event(1), b"no event")
    with pytest.raises(StoreError, match="full"):
        await used.until(lambda: False)
    assert used.broker.acknowledged == []


async def test_a_document_that_is_declined_is_halved_until_the_reason_is_alone() -> None:
    def declines_three(events: Sequence[JsonTree]) -> Answer:
        if 3 in numbers(events):
            raise Declined([BAD])
        return all_recorded(events)

    used = rig(FakeService(declines_three), limits=replace(LIMITS, events=6))
    used.broker.add(*[event(n) for n in range(6)])
    tally = await used.until(lambda: len(used.broker.acknowledged) == 6)
    assert used.service.sent == [[0, 1, 2, 3, 4, 5], [0, 1, 2], [3, 4, 5], [3], [4, 5]]
    assert [letter.payload for letter in used.memory.letters] == [b'{"type": "ObjectEvent", "number": 3}']
    assert (tally.recorded, tally.refused) == (5, 1)


async def test_events_of_which_the_service_says_nothing_are_asked_for_again() -> None:
    used = rig(FakeService(lambda events: Answer(frozenset({1}), {0: (BAD,)}), all_recorded))
    used.broker.add(*[event(n) for n in range(4)])
    tally = await used.until(lambda: len(used.broker.acknowledged) == 4)
    assert used.service.sent == [[0, 1, 2, 3], [2, 3]]
    assert (tally.recorded, tally.refused) == (3, 1)


async def test_a_service_that_says_nothing_at_all_is_away() -> None:
    used = rig(FakeService(lambda events: Answer(frozenset(), {}), all_recorded))
    used.broker.add(event(1))
    await used.until(lambda: used.broker.acknowledged == [0])
    assert used.memory.told == ["away: the service says nothing about what it was sent"]


async def test_what_came_on_a_connection_that_is_gone_is_neither_acknowledged_nor_a_dead_letter() -> None:
    used = rig(FakeService())
    used.broker.live = False
    used.broker.add(event(1), b"no event")
    await used.until(lambda: used.service.sent == [[1]] and used.broker.taken == 2)
    assert (used.broker.acknowledged, used.memory.letters) == ([], [])


async def test_a_batch_that_the_broker_gives_again_is_not_waited_for() -> None:
    used = rig(FakeService(away, all_recorded))
    used.broker.live = False
    used.broker.add(event(1))
    await used.until(lambda: used.memory.waits != [] and used.broker.taken == 1)
    assert used.service.sent == [[1]]


async def test_stopping_ends_the_waiting_for_a_service_and_acknowledges_nothing() -> None:
    used = rig(FakeService(away), limits=replace(LIMITS, first_pause=60.0, longest_pause=60.0))
    used.broker.add(event(1))
    await used.until(lambda: used.memory.waits == [60.0])
    assert used.broker.acknowledged == []


class SlowService(FakeService):
    """Needs so many seconds for an answer."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    async def capture(self, events: Sequence[JsonTree]) -> Answer:
        answer = await super().capture(events)
        await asyncio.sleep(self.seconds)
        return answer


@pytest.mark.parametrize(("seconds", "acknowledged"), [(0.05, [0]), (60.0, [])])
async def test_a_request_under_way_gets_a_while_when_it_is_stopped(seconds: float, acknowledged: list[int]) -> None:
    used = rig(SlowService(seconds), limits=replace(LIMITS, grace=5.0 if seconds < 1 else 0.01))
    used.broker.add(event(1))
    await used.until(lambda: used.service.sent == [[1]])
    assert used.broker.acknowledged == acknowledged


async def test_a_broker_that_refuses_ends_the_run() -> None:
    used = rig(FakeService())
    used.broker.add(event(1))
    used.broker.ended = UnusableSettings("--broker: not authorised")
    with pytest.raises(UnusableSettings, match="authorised"):
        await used.until(lambda: False)


async def test_a_service_that_refuses_the_caller_ends_the_run_and_acknowledges_nothing() -> None:
    def refuses(events: Sequence[JsonTree]) -> Answer:
        raise UnusableSettings("the service answers 401")

    used = rig(FakeService(refuses))
    used.broker.add(event(1))
    with pytest.raises(UnusableSettings, match="401"):
        await used.until(lambda: False)
    assert used.broker.acknowledged == []
