"""
A real MQTT broker for tests: Debian's mosquitto on a free port of this machine, with a session store that outlives it.

`saved` has the broker write its store now: mosquitto acknowledges a publisher first and writes afterwards, so a kill
in between loses what was acknowledged. What a gateway has to answer for begins with what the broker has on disk.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from service_process import free_port

from ledger.domain.errors import MissingTool

_STORE = "mosquitto.db"


def mosquitto() -> str:
    """Path of the broker; `MissingTool` where it is not installed."""
    found = shutil.which(
        "mosquitto", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    )
    if found is None:
        raise MissingTool("these tests need the broker mosquitto: apt-get install mosquitto (scripts/test does it)")
    return found


@dataclass
class MqttBroker:
    """The broker in a folder of its own; `process` is None while it is down. `settings` are lines of its file."""

    folder: Path
    settings: tuple[str, ...] = ("allow_anonymous true",)
    listener: str = ""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it listens."""
        lines = [
            f"listener {self.port} 127.0.0.1",
            *self.listener.splitlines(),
            "persistence true",
            f"persistence_location {self.folder}/",
            f"persistence_file {_STORE}",
            "autosave_interval 1",
            "autosave_on_changes true",
            "max_inflight_messages 1000",
            "max_queued_messages 1000000",
            *self.settings,
        ]
        if os.geteuid() == 0:
            lines.append("user root")  # else it changes to a user who does not reach the folder
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
        with (self.folder / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen(
                [mosquitto(), "-c", str(self.folder / "mosquitto.conf")],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise AssertionError(f"the broker does not listen:\n{self.log()}")

    def log(self) -> str:
        """The end of what it printed."""
        return (self.folder / "mosquitto.log").read_text(errors="replace")[-4000:]

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def saved(self) -> None:
        """Returns when all that it has acknowledged so far is in its store."""
        assert self.process is not None
        before = self._store()
        # It has one thread: a store that appears after this moment holds all that was acknowledged before.
        self.process.send_signal(signal.SIGUSR1)
        deadline = time.monotonic() + 20
        while self._store() == before:
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.01)

    def _store(self) -> tuple[int, int]:
        try:
            state = (self.folder / _STORE).stat()
        except FileNotFoundError:
            return (0, 0)
        return (state.st_ino, state.st_mtime_ns)

    def publish(self, messages: Sequence[tuple[str, bytes]], *, qos: int = 1, timeout: float = 30) -> None:
        """Publishes the messages and returns when the broker has acknowledged each."""
        client = Client(CallbackAPIVersion.VERSION2, client_id="logger", protocol=MQTTv5)
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        try:
            for sent in [client.publish(topic, payload, qos) for topic, payload in messages]:
                sent.wait_for_publish(timeout)
                assert sent.is_published()
        finally:
            client.disconnect()
            client.loop_stop()


@contextlib.contextmanager
def broker(folder: Path, **settings: object) -> Iterator[MqttBroker]:
    """A running broker that is gone when the block ends."""
    folder.mkdir()
    running = MqttBroker(folder, **settings)  # type: ignore[arg-type]
    running.start()
    try:
        yield running
    finally:
        if running.process is not None:
            running.kill()
