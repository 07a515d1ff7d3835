"""How queued rows are cut into calls."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_relay import GAS_PER_ENTRY, FakeRelay, new_row
from memory_outbox import MemoryOutbox

from ledger.ports_outbox import OutboxRow, Target
from ledger.services.batches import Batcher


def rows(count: int, target: Target = Target.LEDGER) -> list[OutboxRow]:
    store = MemoryOutbox()
    store.queue([new_row(f"ok {number}", target) for number in range(count)])
    return store.queued(count)


@pytest.mark.parametrize(("cap", "taken"), [(1, 1), (1000, 1), (1999, 1), (2000, 2), (7000, 7), (100_000, 10)])
def test_as_many_as_fit_under_the_gas_cap_and_at_least_one(cap: int, taken: int) -> None:
    assert len(Batcher(FakeRelay(gas_cap=cap)).take(rows(10))) == taken


def test_no_rows_no_batch() -> None:
    assert Batcher(FakeRelay()).take([]) == []


def test_the_first_row_of_another_target_ends_the_batch() -> None:
    mixed = rows(5)
    mixed[2] = replace(mixed[2], target=Target.REGISTRY)
    assert [row.id for row in Batcher(FakeRelay()).take(mixed)] == [1, 2]


def test_half_as_many_after_a_failure_and_twice_as_many_after_a_success() -> None:
    batcher = Batcher(FakeRelay(gas_cap=1000 * GAS_PER_ENTRY))
    batcher.learn(8, succeeded=False)
    assert len(batcher.take(rows(20))) == 4
    batcher.learn(1, succeeded=False)
    assert len(batcher.take(rows(20))) == 1
    batcher.learn(1, succeeded=True)
    assert len(batcher.take(rows(20))) == 2
    batcher.learn(0, succeeded=False)  # a transaction without rows teaches nothing
    assert len(batcher.take(rows(20))) == 2
