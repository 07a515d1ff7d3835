"""How much a caller may ask for, and for how many callers that is kept."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from ledger.services.token_buckets import TokenBuckets


@dataclass
class Hand:
    """A clock that a test moves."""

    time: float = 1000.0

    def now(self) -> float:
        return self.time


def buckets(clock: Hand, most_callers: int = 3) -> TokenBuckets:
    return TokenBuckets(clock, burst=10, per_second=2.0, most_callers=most_callers)


def test_a_burst_then_a_rate() -> None:
    clock = Hand()
    table = buckets(clock)
    assert table.wait_for("192.0.2.1", 10) == 0
    assert table.wait_for("192.0.2.1", 4) == 2.0
    clock.time += 1.5
    assert table.wait_for("192.0.2.1", 4) == 0.5
    clock.time += 0.5
    assert table.wait_for("192.0.2.1", 4) == 0


def test_callers_do_not_wait_for_one_another() -> None:
    table = buckets(Hand())
    assert table.wait_for("192.0.2.1", 10) == 0
    assert table.wait_for("192.0.2.2", 10) == 0


def test_a_network_of_64_bits_is_one_caller() -> None:
    table = buckets(Hand())
    assert table.wait_for("2001:db8::1", 10) == 0
    assert table.wait_for("2001:db8::2", 1) > 0
    assert table.wait_for("2001:db8:0:1::1", 1) == 0
    assert table.wait_for("::ffff:192.0.2.1", 10) == 0
    assert table.wait_for("::ffff:192.0.2.2", 10) == 0


def test_more_than_a_burst_costs_a_burst() -> None:
    table = buckets(Hand())
    assert table.wait_for("a", 1000) == 0
    assert table.wait_for("a", 1000) == 5.0


def test_a_clock_set_back_fills_nothing() -> None:
    clock = Hand()
    table = buckets(clock)
    assert table.wait_for("192.0.2.1", 10) == 0
    clock.time -= 100
    assert table.wait_for("192.0.2.1", 2) == 1.0
    clock.time += 1
    assert table.wait_for("192.0.2.1", 2) == 0


@given(st.lists(st.integers(0, 50), max_size=60))
def test_the_table_is_bounded(callers: list[int]) -> None:
    table = buckets(Hand())
    for caller in callers:
        table.wait_for(f"192.0.2.{caller}", 1)
    assert len(table) <= 3


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(1, 12)), max_size=40))
def test_nobody_gets_more_than_burst_and_rate(asked: list[tuple[float, int]]) -> None:
    clock = Hand()
    table = buckets(clock)
    start, taken = clock.time, 0
    for pause, cost in asked:
        clock.time += pause
        if table.wait_for("192.0.2.1", cost) == 0:
            taken += min(cost, 10)
    assert taken <= 10 + 2.0 * (clock.time - start) + 1e-6
