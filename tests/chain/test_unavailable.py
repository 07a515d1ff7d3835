"""Nothing is learnt from a node that does not answer, or answers nonsense."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from chain_fixtures import ChainWorld, SystemClock, TestKey

from ledger.adapters.anvil_process import free_port
from ledger.adapters.chain_access import open_deployed
from ledger.adapters.deployment import Deployment, artifact_hashes
from ledger.adapters.json_rpc import JsonRpc, RpcError
from ledger.adapters.networks import local_network
from ledger.domain.errors import ChainUnavailable, WrongChain
from ledger.domain.identifiers import ContentHash
from ledger.domain.records import ChainQuestion

pytestmark = pytest.mark.chain


@asynccontextmanager
async def node_that_says(answer: Callable[[], bytes]) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65536)
        writer.write(answer())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage",
        b"HTTP/1.1 502 Bad\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n<a>",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull",
    ],
)
async def test_an_answer_that_is_not_json_rpc_is_unavailable(answer: bytes) -> None:
    async with node_that_says(lambda: answer) as url:
        rpc = JsonRpc(url)
        with pytest.raises(ChainUnavailable):
            await rpc.call("eth_chainId")
        with pytest.raises(ChainUnavailable):
            await rpc.batch([("eth_chainId", [])])
        await rpc.close()


async def test_a_node_that_hangs_is_unavailable_after_the_timeout() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    async with server:
        rpc = JsonRpc(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=0.2)
        with pytest.raises(ChainUnavailable, match="cannot be asked"):
            await rpc.call("eth_chainId")
        await rpc.close()


async def test_nobody_there_is_unavailable_for_reader_and_submitter() -> None:
    from memory_outbox import MemoryOutbox

    record = Deployment("local", 31337, *[bytes(20)] * 5, 0, artifact_hashes())
    access = open_deployed(
        record, store=MemoryOutbox(), rpc_url=f"http://127.0.0.1:{free_port()}", relay_key=TestKey().secret,
        network=local_network().network, clock=SystemClock(),
    )  # fmt: skip
    assert (await access.reader.domain()).chain_id == 31337  # from the record
    with pytest.raises(ChainUnavailable):
        await access.reader.facts(ChainQuestion())
    with pytest.raises(ChainUnavailable):
        await access.submitter.step()
    await access.close()


async def test_a_chain_without_our_contracts_is_the_wrong_one(chain_world: ChainWorld) -> None:
    record = Deployment("local", 31337, *(bytes([one]) * 20 for one in range(1, 6)), 0, artifact_hashes())
    from memory_outbox import MemoryOutbox

    access = open_deployed(
        record, store=MemoryOutbox(), rpc_url=chain_world.access.rpc.url, relay_key=TestKey().secret,
        network=local_network().network, clock=SystemClock(),
    )  # fmt: skip
    with pytest.raises(WrongChain, match="has no PartyRegistry at 0x0101"):
        await access.reader.facts(ChainQuestion())
    await access.close()


async def test_the_nodes_own_refusal_is_not_unavailability(chain_world: ChainWorld) -> None:
    with pytest.raises(RpcError, match="eth_noSuchMethod"):
        await chain_world.access.rpc.call("eth_noSuchMethod")


async def test_long_questions_are_cut_into_pieces_and_answered_whole(chain_world: ChainWorld) -> None:
    contents = tuple(ContentHash(number.to_bytes(32, "big")) for number in range(1, 1002))
    facts = await chain_world.access.reader.facts(ChainQuestion(contents=contents, parties=()))
    assert facts.entries == {}
    assert facts.chain_id == 31337
