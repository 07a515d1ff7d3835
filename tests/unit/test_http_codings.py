"""What strangers answer is taken in gzip and deflate alone: 8 kB of zstd may be 256 MB before anybody measures it."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from zstandard import ZstdCompressor

from ledger.adapters.http_capture import HttpCapture
from ledger.adapters.http_codings import ASKED, HOOKS
from ledger.adapters.http_log import HttpLog, Webhook
from ledger.adapters.json_rpc import JsonRpc
from ledger.adapters.log_client import LogClient
from ledger.adapters.rpc_forward import RpcForward
from ledger.domain.errors import ChainUnavailable, LogUnavailable
from ledger.ports_gateway import ServiceAway

PLAIN = b'{"jsonrpc": "2.0", "id": 1, "result": "0x1"}'


class Stranger(ThreadingHTTPServer):
    """Answers everything in one coding; `asked`: which ones it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.coding, self.content = "zstd", ZstdCompressor().compress(PLAIN)
        self.asked: set[str | None] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    server: Stranger

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.asked.add(self.headers["accept-encoding"])
        self.send_response(200)
        self.send_header("content-encoding", self.server.coding)
        self.send_header("content-length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    with Stranger() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


async def _log(url: str) -> object:
    log = HttpLog(url, pause=0.0)
    try:
        return await log.fetch("checkpoint")
    finally:
        await log.close()


async def _webhook(url: str) -> object:
    webhook = Webhook(url, pause=0.0)
    try:
        return await webhook.send({})
    finally:
        await webhook.close()


async def _forward(url: str) -> object:
    forward = RpcForward(lambda: url)
    try:
        return await forward.forward([])
    finally:
        await forward.close()


async def _node(url: str) -> object:
    node = JsonRpc(url)
    try:
        return await node.call("eth_chainId", [])
    finally:
        await node.close()


async def _service(url: str) -> object:
    client = LogClient(url)
    try:
        return await client._get("log/checkpoint")
    finally:
        await client.close()


async def _capture(url: str) -> object:
    capture = HttpCapture(url, "key", lambda: 0.0)
    try:
        return await capture.capture([])
    finally:
        await capture.close()


Ask = Callable[[str], Awaitable[object]]


@pytest.mark.parametrize(
    ("ask", "error"),
    [(_log, LogUnavailable), (_forward, ChainUnavailable), (_node, ChainUnavailable), (_capture, ServiceAway)],
)
async def test_an_answer_in_zstd_is_none(stranger: Stranger, ask: Ask, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"not asked for|DecodingError"):
        await ask(stranger.url)
    assert stranger.asked == {"gzip, deflate"}


async def test_an_answer_in_zstd_to_a_webhook_or_a_verifier_is_none(stranger: Stranger) -> None:
    assert await _webhook(stranger.url) == "it answers in 'zstd', which was not asked for"
    assert await _service(stranger.url) is None
    assert stranger.asked == {"gzip, deflate"}


async def test_gzip_is_read(stranger: Stranger) -> None:
    stranger.coding, stranger.content = "gzip", gzip.compress(PLAIN)
    assert [await _log(stranger.url), await _service(stranger.url)] == [PLAIN, PLAIN]
    assert (await _node(stranger.url), await _webhook(stranger.url)) == ("0x1", "")


@pytest.mark.parametrize("coding", ["zstd", "gzip, zstd", "ZSTD", "br", "identity, unknown"])
async def test_nothing_is_read_of_another_coding(coding: str) -> None:
    async def content() -> object:
        raise AssertionError("it was read")
        yield b""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": coding}, content=content())  # type: ignore[arg-type]

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), headers=ASKED, event_hooks=HOOKS) as client:
        with pytest.raises(httpx.DecodingError, match="not asked for"):
            await client.get("http://log.example/")


@pytest.mark.parametrize("coding", ["", "identity", "Identity", "gzip, deflate"])
async def test_what_may_be_read_goes_through(coding: str) -> None:
    await HOOKS["response"][0](httpx.Response(200, headers={"content-encoding": coding}))
