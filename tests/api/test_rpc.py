"""`POST /rpc`: what passes to the node, what is refused, and in which form."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from fake_services import FakeWorld

from api.app import create_app
from ledger.domain.errors import ChainUnavailable
from ledger.services.rpc_gate import MOST_BYTES, MOST_IN_A_BATCH, RpcGate
from ledger.services.rpc_policy import INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR, RpcPolicy
from ledger.services.token_buckets import TokenBuckets

OURS = bytes.fromhex("5f" * 20)
CHAIN_ID = {"jsonrpc": "2.0", "id": 7, "method": "eth_chainId", "params": []}
WRITE = {"jsonrpc": "2.0", "id": 8, "method": "eth_sendTransaction", "params": [{}]}


@dataclass
class FakeNode:
    """Answers with the method's name, in reverse order; keeps what it was given."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    down: bool = False
    forgets: bool = False

    async def forward(self, requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        if self.down:
            raise ChainUnavailable("the chain cannot be asked: ConnectError")
        self.asked += requests
        answers = [{"jsonrpc": "2.0", "id": one["id"], "result": one["method"]} for one in reversed(requests)]
        return answers[1:] if self.forgets else answers


class Still:
    """A clock that stands."""

    def now(self) -> float:
        return 0.0


@pytest.fixture
def node() -> FakeNode:
    return FakeNode()


@pytest.fixture
async def client(world: FakeWorld, node: FakeNode) -> AsyncIterator[httpx.AsyncClient]:
    gate = RpcGate(node, RpcPolicy(frozenset({OURS})), TokenBuckets(Still(), burst=200, per_second=10.0))
    transport = httpx.ASGITransport(create_app(replace(world.services, rpc=gate)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://trace.example") as client:
        yield client


async def test_a_call_goes_to_the_node_and_its_answer_comes_back(client: httpx.AsyncClient, node: FakeNode) -> None:
    response = await client.post("/rpc", json=CHAIN_ID)
    assert response.json() == {"jsonrpc": "2.0", "id": 7, "result": "eth_chainId"}
    assert [one["method"] for one in node.asked] == ["eth_chainId"]
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cache-control"] == "no-store"


async def test_in_a_batch_each_answer_stands_in_its_place(client: httpx.AsyncClient, node: FakeNode) -> None:
    number = {**CHAIN_ID, "id": 7, "method": "eth_blockNumber"}
    answers = (await client.post("/rpc", json=[CHAIN_ID, WRITE, number])).json()
    assert [one["id"] for one in answers] == [7, 8, 7]
    assert [one.get("result") for one in answers] == ["eth_chainId", None, "eth_blockNumber"]
    assert answers[1]["error"]["code"] == METHOD_NOT_FOUND
    assert [one["method"] for one in node.asked] == ["eth_chainId", "eth_blockNumber"]


async def test_what_is_refused_never_reaches_the_node(client: httpx.AsyncClient, node: FakeNode) -> None:
    response = await client.post("/rpc", json=WRITE)
    assert response.status_code == 200
    assert response.json()["error"]["code"] == METHOD_NOT_FOUND
    assert node.asked == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[1,"])
async def test_what_is_no_json_is_a_parse_error(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post("/rpc", content=body)
    assert response.status_code == 400
    answer = response.json()
    assert (answer["id"], answer["error"]["code"]) == (None, PARSE_ERROR)


@pytest.mark.parametrize("body", [b"1", b"null", b'"eth_chainId"', b"true"])
async def test_what_is_no_request_is_an_invalid_one(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post("/rpc", content=body)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == INVALID_REQUEST


@pytest.mark.parametrize("count", [0, MOST_IN_A_BATCH + 1])
async def test_a_batch_is_neither_empty_nor_too_long(client: httpx.AsyncClient, node: FakeNode, count: int) -> None:
    response = await client.post("/rpc", json=[CHAIN_ID] * count)
    assert response.status_code == 400
    answer = response.json()
    assert (answer["id"], answer["error"]["code"]) == (None, INVALID_REQUEST)
    assert node.asked == []


async def test_the_longest_batch_passes(client: httpx.AsyncClient) -> None:
    answers = (await client.post("/rpc", json=[CHAIN_ID] * MOST_IN_A_BATCH)).json()
    assert len(answers) == MOST_IN_A_BATCH


async def test_a_body_that_is_too_long_is_413(client: httpx.AsyncClient, node: FakeNode) -> None:
    response = await client.post("/rpc", content=b" " * (MOST_BYTES + 1))
    assert response.status_code == 413
    assert response.json()["type"] == "urn:silkroot:problem:too-long"
    assert response.headers["access-control-allow-origin"] == "*"
    assert node.asked == []


async def test_who_asks_too_often_waits(client: httpx.AsyncClient) -> None:
    for _ in range(2):
        assert (await client.post("/rpc", json=[CHAIN_ID] * 100)).status_code == 200
    response = await client.post("/rpc", json=[CHAIN_ID] * 25)
    assert response.status_code == 429
    assert response.headers["retry-after"] == "3"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.json()["type"] == "urn:silkroot:problem:too-many-requests"


async def test_refused_calls_and_broken_bodies_count_too(client: httpx.AsyncClient) -> None:
    assert (await client.post("/rpc", json=[WRITE] * 100)).status_code == 200
    assert (await client.post("/rpc", json=[WRITE] * 99)).status_code == 200
    assert (await client.post("/rpc", content=b"{")).status_code == 400
    assert (await client.post("/rpc", content=b"{")).status_code == 429


async def test_a_node_that_is_down_is_503(client: httpx.AsyncClient, node: FakeNode) -> None:
    node.down = True
    response = await client.post("/rpc", json=CHAIN_ID)
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["access-control-allow-origin"] == "*"
    assert "ConnectError" not in response.text


async def test_an_answer_that_the_node_leaves_out_is_an_error(client: httpx.AsyncClient, node: FakeNode) -> None:
    node.forgets = True
    first, second = (await client.post("/rpc", json=[CHAIN_ID, CHAIN_ID])).json()
    assert first["result"] == "eth_chainId"
    assert second["error"]["code"] == -32000


async def test_a_service_without_a_node_says_so(world: FakeWorld) -> None:
    transport = httpx.ASGITransport(create_app(replace(world.services, rpc=None)), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://trace.example") as client:
        assert (await client.post("/rpc", json=CHAIN_ID)).status_code == 503


async def test_a_browser_of_another_site_may_ask(client: httpx.AsyncClient) -> None:
    response = await client.options("/rpc")
    assert response.status_code == 204
    assert response.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert response.headers["access-control-allow-headers"] == "content-type"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_it_is_asked_with_post_alone(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/rpc")
    assert response.status_code == 405
    assert response.headers["allow"] == "POST, OPTIONS"
