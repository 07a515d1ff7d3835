"""
The process that derives pages of the log: when it is asked, and for how much; born when it is worth it, replaced when
it dies or hangs, and none where there is no file or nobody to bear it. One that is lost costs time, and nothing else.
What it derives: `test_log_derived_elsewhere`.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from derived_log import LEAVES, DerivedLog, processes
from worker_processes import runs, until

from ledger.domain.errors import NoWorker, WorkerLost
from ledger.services import integrate_elsewhere
from ledger.services.integrate import Grown, integrate
from ledger.settings import Settings
from ledger.wiring_preparers import integrating, nursery_for


def test_a_page_ends_where_a_tile_does_while_more_leaves_wait(log: DerivedLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrate_elsewhere, "PAGE_ELSEWHERE", 256)
    assert integrate(log.store.log, 10) == 10
    grows = log.elsewhere().integrate
    assert [grows(log.store.log, LEAVES), grows(log.store.log, LEAVES)] == [246, 256]
    assert [type(one) for one in log.here.answers] == [Grown, Grown]


def test_few_leaves_are_derived_here(log: DerivedLog) -> None:
    log.here.lost = AssertionError("it was sent to another process")
    assert log.elsewhere().integrate(log.store.log, 255) == 255
    with pytest.raises(AssertionError):
        log.elsewhere().integrate(log.store.log, 255 + 256)


@pytest.mark.parametrize("lost", [WorkerLost("killed"), NoWorker("there is none")])
def test_a_process_that_is_lost_costs_time_alone(log: DerivedLog, lost: Exception) -> None:
    log.here.lost = lost
    grows = log.elsewhere().integrate
    assert grows(log.store.log, 300) == 300
    log.here.lost = None
    assert grows(log.store.log, LEAVES) == LEAVES - 300
    assert [type(one) for one in log.here.answers] == [Grown]


def test_a_request_that_makes_no_sense_is_answered(log: DerivedLog) -> None:
    log.here.work(b"many", bytes)
    (answer,) = log.here.answers
    assert isinstance(answer, str)
    assert answer.startswith("ValueError")


def test_one_process_is_born_when_many_leaves_wait_and_replaced_when_it_dies_or_hangs(
    log: DerivedLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ledger.wiring_preparers._DERIVING_SECONDS", 1.0)
    monkeypatch.setattr(integrate_elsewhere, "WORTH_ASKING", 100)
    options = Settings(preparers=1, data_dir=tmp_path)

    def born() -> set[int]:
        return processes("silkroot-log")

    with nursery_for(options) as nursery, integrating(nursery, options) as grows:
        assert grows(log.store.log, 50, 1_000) == 50
        assert born() == set(), "few leaves waited"
        assert grows(log.store.log, 150, 1_000) == 100
        (first,) = born()
        os.kill(first, signal.SIGKILL)
        assert grows(log.store.log, 250, 1_000) == 100
        assert f"process {first}, which was at it, ended" in caplog.text
        assert grows(log.store.log, 350, 1_000) == 100
        (second,) = born()
        assert second != first
        os.kill(second, signal.SIGSTOP)
        started = time.monotonic()
        assert grows(log.store.log, 450, 1_000) == 100
        assert time.monotonic() - started >= 1
        assert f"process {second} did not answer for 1 s" in caplog.text
        assert grows(log.store.log, LEAVES, 1_000) == LEAVES - 450
        (third,) = born() - {first, second}
    until(lambda: not any(map(runs, (first, second, third))), "one lives on", 20)
    other = [record.message for record in caplog.records if "process" not in record.message]
    assert other == [], "a page was not sure"
    expected = log.tiles()
    log.sql("DELETE FROM log_tiles")
    log.sql("DELETE FROM log_checkpoints")
    while integrate(log.store.log, LEAVES):
        pass
    assert log.tiles() == expected


@pytest.mark.parametrize("options", [Settings(preparers=0), Settings(database_url="postgresql+psycopg:///a")])
def test_without_a_nursery_or_a_file_pages_are_derived_here(options: Settings) -> None:
    with integrating(None, options) as grows:
        assert grows is integrate
    with nursery_for(Settings(preparers=1)) as nursery, integrating(nursery, options) as grows:
        assert (grows is integrate) == options.uses_postgresql
