"""
Several processes, a real PostgreSQL and a real chain: events through every worker, all of them anchored; whoever works
in the background is killed or stopped, and another one goes on; whoever serves is killed, and another one serves.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import httpx
import pytest
from postgres_server import PostgresServer, postgres  # noqa: F401 - fixtures
from worker_processes import BACKGROUND, WEB, Held, Workers, parent_of, runs, stopped, until, workers

from ledger.ports_leases import Role

pytestmark = pytest.mark.chain
TAKEN_OVER_WITHIN = 10.0


def taken_over(service: Workers, role: Role, before: Held, since: float) -> Held:
    """Waits until another process has the lease; by the times of the lease, that took less than ten seconds."""
    until(lambda: service.held(role).epoch > before.epoch, f"nobody took over as {role}")
    after = service.held(role)
    assert after.pid != before.pid
    assert after.acquired - since < TAKEN_OVER_WITHIN
    return after


def test_events_through_every_worker_whoever_is_killed_or_stopped(tmp_path: Path, postgres: PostgresServer) -> None:  # noqa: F811
    with workers(tmp_path, postgres) as service:
        first, second = service.pids(WEB)
        assert len(service.pids(BACKGROUND)) == 2

        # One at a time stands still, so the other one serves.
        for other in (first, second):
            with stopped(other):
                service.send()
        service.settled()

        # Killed: another one goes on.
        submitter = service.held(Role.SUBMITTER)
        at = service.now()
        os.kill(submitter.pid, signal.SIGKILL)
        service.send()
        taken_over(service, Role.SUBMITTER, submitter, at)
        service.settled()
        until(lambda: len(service.pids(BACKGROUND)) == 2, "the one that was killed was not replaced")

        # Stopped: another one goes on, and the one that is woken finds its time over and writes nothing.
        checkpointer = service.held(Role.CHECKPOINTER)
        at = service.now()
        with stopped(checkpointer.pid):
            service.send()
            after = taken_over(service, Role.CHECKPOINTER, checkpointer, at)
            service.settled()
        until(lambda: "another process goes on" in service.service.log(), "the one that was woken did not notice")
        service.send()
        service.settled()
        assert service.held(Role.CHECKPOINTER) == after
        assert runs(checkpointer.pid)

        # One that serves is killed: the others serve, and soon there are two again.
        os.kill(first, signal.SIGKILL)
        service.send()
        until(lambda: len(service.pids(WEB)) == 2, "no new web worker")
        (new,) = set(service.pids(WEB)) - {second}
        with stopped(second):
            service.send()
        assert runs(new)
        service.settled()

        # The one that all are forked from is killed, and they with it: new ones go on.
        before = {*service.pids(WEB), *service.pids(BACKGROUND)}
        os.kill(parent_of(new), signal.SIGKILL)
        until(lambda: len({*service.pids(WEB), *service.pids(BACKGROUND)} - before) == 4, "no new processes")
        service.send()
        service.settled()
        assert not any(map(runs, before))

        # The chain is killed and started again, at another address.
        (chain,) = [pid for pid in service.all() if "anvil" in Path(f"/proc/{pid}/comm").read_text()]
        os.kill(chain, signal.SIGKILL)
        service.send()
        service.settled()
        # What a role says of itself is told with its lease, so a moment after it goes on.
        health = f"{service.service.url}/health"
        until(lambda: httpx.get(health, timeout=60).json()["status"] == "ok", "it did not get well again")
        assert service.service.ask("fsck")["faults"] == []


def test_none_is_left_behind(tmp_path: Path, postgres: PostgresServer) -> None:  # noqa: F811
    with workers(tmp_path, postgres) as service:
        process = service.service.process
        assert process is not None
        # The first one, the one that forks, the workers, the chain; what one starts for a moment is not counted.
        until(lambda: len(service.all()) == 1 + 1 + 4 + 1, "there are not as many processes as there should be")
        everyone = service.all()
        service.send()
        # In order: also one that stands still ends.
        with stopped(service.pids(WEB)[0]):
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        assert not any(map(runs, everyone))
        leases = service.postgres.run("SELECT role FROM leases WHERE expires > 0", service.url)
        assert leases == [], "given back"

        # kill -9 of the one that keeps the others.
        service.service.start()
        everyone = service.all()
        os.kill(service.pids(BACKGROUND)[0], signal.SIGSTOP)
        service.service.process.kill()
        service.service.process.wait()
        until(lambda: not any(map(runs, everyone)), "some live on")
        service.service.start()
        service.settled()
        assert service.service.ask("fsck")["faults"] == []
