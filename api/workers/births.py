"""
Asks the nursery for processes, and is told when they end. A nursery that died, and all that it bore with it, is
replaced by a new one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from api.workers import nursery
from ledger.adapters.tied_process import die_with
from ledger.domain.errors import SilkrootError

KILLED = -9
_LONGEST = 256
_BIRTH_SECONDS = 120.0
"""For the first one, before which all is imported, on a busy machine."""


@dataclass(frozen=True, slots=True)
class Born:
    """A process, and its exit code when it has one."""

    pid: int
    ended: asyncio.Future[int]

    def signal(self, number: int) -> None:
        """Nothing where it has ended."""
        if not self.ended.done():
            # The nursery may have buried it just now, and told us a moment later.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Births:
    """Belongs to the event loop's thread. `environment` is that of all processes."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._asking = asyncio.Lock()
        self._nursery: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._answer: asyncio.Future[Born] | None = None
        self._rest = b""
        self._living: dict[int, Born] = {}

    async def process(self, kind: str, turn: int, link: socket.socket, listener: socket.socket) -> Born:
        """A new process of that kind. `SilkrootError` where the nursery ends, or does not answer."""
        async with self._asking:
            control = self._control or await self._start()
            self._answer = asyncio.get_running_loop().create_future()
            socket.send_fds(control, [f"{kind} {turn}".encode()], [link.fileno(), listener.fileno()])
            try:
                return await asyncio.wait_for(self._answer, _BIRTH_SECONDS)
            except TimeoutError:
                raise SilkrootError("the process that the others are forked from does not answer") from None

    async def close(self) -> None:
        """Ends the nursery."""
        self._gone()
        if self._nursery is not None:
            await self._nursery.wait()

    async def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._nursery = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", nursery.__name__, str(theirs.fileno())),
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                preexec_fn=die_with(os.getpid()),
            )
        ours.setblocking(False)
        self._control = ours
        asyncio.get_running_loop().add_reader(ours, self._hear, ours)
        return ours

    def _hear(self, control: socket.socket) -> None:
        try:
            data = control.recv(_LONGEST)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._gone()
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(line.decode().split())

    def _take(self, words: list[str]) -> None:
        if words[0] == "born":
            # Kept at once: that it ended may be the next thing that is heard.
            pid = int(words[1])
            self._living[pid] = born = Born(pid, asyncio.get_running_loop().create_future())
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(born)
        elif (dead := self._living.pop(int(words[1]), None)) is not None:
            dead.ended.set_result(int(words[2]))

    def _gone(self) -> None:
        """The nursery is no more, and neither are those that it bore."""
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control)
            self._control.close()
            self._control, self._rest = None, b""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(SilkrootError("the process that the others are forked from ended"))
        for born in self._living.values():
            born.ended.set_result(KILLED)
        self._living.clear()
