"""
The line between a process and the one that started it: short words both ways, over a socket that they share.

    wake            something was recorded: whoever works in the background need not wait for the next turn
    rpc URL         the managed chain was started again, and answers there now
    ready           the process serves

The end of the line is the end of the other process.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

WAKE, RPC, READY = "wake", "rpc", "ready"
_GATHER_SECONDS = 0.02
"""Many wakes in so short a time are one."""


class Link:
    """One end. Belongs to the event loop's thread."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._waking: asyncio.TimerHandle | None = None

    @classmethod
    async def over(cls, end: socket.socket) -> Link:
        """The link over one end of a pair of sockets."""
        return cls(*await asyncio.open_connection(sock=end))

    def say(self, word: str, value: str = "") -> None:
        """Says it; nothing where nobody is there any more."""
        if not self._writer.is_closing():
            self._writer.write(f"{word} {value}\n".encode())

    def wake(self) -> None:
        """Says `wake` soon, once for all that ask for it until then."""
        if self._waking is None:
            self._waking = asyncio.get_running_loop().call_later(_GATHER_SECONDS, self._wake)

    async def heard(self) -> AsyncIterator[tuple[str, str]]:
        """What the other end says, until it is gone."""
        with contextlib.suppress(ConnectionError):
            while line := await self._reader.readline():
                word, _, value = line.decode().strip().partition(" ")
                yield word, value

    def close(self) -> None:
        """Ends the line."""
        if self._waking is not None:
            self._waking.cancel()
        self._writer.close()

    def _wake(self) -> None:
        self._waking = None
        # One that does not listen, because it is stopped, has to be woken only once.
        if not self._writer.is_closing() and not self._writer.transport.get_write_buffer_size():
            self.say(WAKE)
