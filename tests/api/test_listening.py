"""The socket of the public pages: answers are sent at once, and a taken port is said."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from api import serve
from ledger.settings import Settings, UnusableSettings


async def test_answers_are_sent_without_delay(tmp_path: Path) -> None:
    listener = serve.listen(Settings(data_dir=tmp_path, port=0))
    accepted: asyncio.Queue[int] = asyncio.Queue()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        accepted.put_nowait(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    server = await asyncio.start_server(answer, sock=listener)
    async with server:
        _, writer = await asyncio.open_connection(*listener.getsockname())
        assert await asyncio.wait_for(accepted.get(), 30) == 1
        writer.close()


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UnusableSettings, match=f"127.0.0.1:{port} cannot be used"):
            serve.listen(Settings(data_dir=tmp_path, port=port))
