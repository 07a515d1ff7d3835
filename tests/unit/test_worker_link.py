"""The line between two processes of a service: words, wakes that are gathered, and the end."""

from __future__ import annotations

import asyncio
import socket

from api.workers.link import READY, RPC, WAKE, Link


async def test_words_arrive_and_the_end_of_the_other_one_is_noticed() -> None:
    ends = socket.socketpair()
    here, there = await Link.over(ends[0]), await Link.over(ends[1])
    here.say(RPC, "http://127.0.0.1:8545")
    here.say(READY)
    here.close()
    assert [word async for word in there.heard()] == [(RPC, "http://127.0.0.1:8545"), (READY, "")]
    there.say(WAKE)  # to nobody
    there.close()
    there.say(WAKE)


async def test_many_wakes_are_few_and_the_last_is_not_lost() -> None:
    ends = socket.socketpair()
    here, there = await Link.over(ends[0]), await Link.over(ends[1])
    heard = asyncio.Queue[str]()

    async def listen() -> None:
        async for word, _ in there.heard():
            heard.put_nowait(word)

    listening = asyncio.create_task(listen())
    for _ in range(2):
        for _ in range(1_000):
            here.wake()
        assert await asyncio.wait_for(heard.get(), 30) == WAKE
    here.close()
    await listening
    assert heard.empty()
    there.close()


async def test_one_that_does_not_listen_is_not_told_without_end() -> None:
    ends = socket.socketpair()
    here = await Link.over(ends[0])
    for _ in range(200_000):
        here.say(READY)  # until the socket takes no more
    held = here._writer.transport.get_write_buffer_size()
    assert held > 0
    here._wake()
    assert here._writer.transport.get_write_buffer_size() == held
    ends[1].close()
    here.close()
