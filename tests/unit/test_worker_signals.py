"""Signals to processes that another one buries: it may have done so, and not have told us yet."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from api.workers.births import Born


@pytest.fixture
def untold() -> Iterator[asyncio.Future[int]]:
    """The exit code that nobody told yet."""
    loop = asyncio.new_event_loop()
    yield loop.create_future()
    loop.close()


def test_a_process_that_was_buried_already_is_not_signalled(untold: asyncio.Future[int]) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    assert gone.wait(30) == 0
    born = Born(gone.pid, untold)
    born.signal(signal.SIGTERM)
    born.signal(signal.SIGCONT)
    assert not born.ended.done(), "that it ended is told by whoever buried it"


def test_one_that_lives_is(untold: asyncio.Future[int]) -> None:
    living = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Born(living.pid, untold).signal(signal.SIGTERM)
    assert living.wait(30) == -signal.SIGTERM


def test_one_of_which_it_was_told_is_not(untold: asyncio.Future[int]) -> None:
    living = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    untold.set_result(0)
    Born(living.pid, untold).signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        living.wait(1)
    living.kill()
    living.wait(30)
