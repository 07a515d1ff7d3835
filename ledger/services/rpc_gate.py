"""
The ledger's own node, as strangers may ask it: reading our contracts, so much at a time, so often.

`answer` takes the bytes of a JSON-RPC request, single or batch, and gives the response. What the policy refuses is
answered in its place, the rest goes to the node in one batch. Raises `ChainUnavailable` where the node does not answer
and `TooMany` where the caller has to wait.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from ledger.services.rpc_policy import INVALID_REQUEST, PARSE_ERROR, Json, Refusal, RpcPolicy
from ledger.services.token_buckets import TokenBuckets

MOST_IN_A_BATCH = 100
MOST_BYTES = 1024 * 1024
"""Of a request's body; a batch of calls for a thousand events takes a fifth of it."""
_AT_ONCE = 8


class RawNode(Protocol):
    """A chain node that is given JSON-RPC requests as they are."""

    async def forward(self, requests: Sequence[Json]) -> list[Json]:
        """The answers, in any order. `ChainUnavailable` where there are none."""
        ...


class TooMany(Exception):
    """The caller asked for more than it may; `seconds` until it may again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"ask again in {seconds} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Answer:
    """The response's bytes; `understood` is False where the request was no call, nor a batch of them, at all."""

    body: bytes
    understood: bool = True


class RpcGate:
    """Used by one event loop."""

    def __init__(self, node: RawNode, policy: RpcPolicy, buckets: TokenBuckets) -> None:
        self._node = node
        self._policy = policy
        self._buckets = buckets
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def answer(self, caller: str, body: bytes) -> Answer:
        """The response to the caller at that address."""
        try:
            asked = orjson.loads(body)
        except orjson.JSONDecodeError:
            self._take(caller, 1)
            return _not_understood(PARSE_ERROR, "the body is not JSON")
        if not isinstance(asked, dict | list):
            self._take(caller, 1)
            return _not_understood(INVALID_REQUEST, "a request is an object, or a list of them")
        requests = asked if isinstance(asked, list) else [asked]
        self._take(caller, max(1, len(requests)))
        if not 1 <= len(requests) <= MOST_IN_A_BATCH:
            return _not_understood(INVALID_REQUEST, f"a batch has 1 to {MOST_IN_A_BATCH} requests, not {len(requests)}")
        answers = await self._answers(requests)
        return Answer(orjson.dumps(answers if isinstance(asked, list) else answers[0]))

    def _take(self, caller: str, cost: int) -> None:
        seconds = self._buckets.wait_for(caller, cost)
        if seconds > 0:
            raise TooMany(math.ceil(seconds))

    async def _answers(self, requests: Sequence[Any]) -> list[Json]:
        refusals = [self._policy.refusal(request) for request in requests]
        # Numbers of our own, so that callers' ids need not differ.
        passed = [
            {**request, "id": number}
            for number, (request, refusal) in enumerate(zip(requests, refusals, strict=True))
            if refusal is None
        ]
        told: dict[object, Json] = {}
        if passed:
            async with self._turns:
                told = {answer.get("id"): answer for answer in await self._node.forward(passed)}
        return [
            _refused(_id_of(request), refusal) if refusal is not None else _given(request["id"], told.get(number))
            for number, (request, refusal) in enumerate(zip(requests, refusals, strict=True))
        ]


def _not_understood(code: int, message: str) -> Answer:
    return Answer(orjson.dumps(_refused(None, Refusal(code, message))), understood=False)


def _given(id_: object, answer: Json | None) -> Json:
    if answer is None:
        return {"jsonrpc": "2.0", "id": id_, "error": {"code": -32000, "message": "the node gave no answer"}}
    return {**answer, "id": id_}


def _refused(id_: object, refusal: Refusal) -> Json:
    return {"jsonrpc": "2.0", "id": id_, "error": {"code": refusal.code, "message": refusal.message}}


def _id_of(request: object) -> object:
    id_ = request.get("id") if isinstance(request, dict) else None
    return id_ if isinstance(id_, str | int) and not isinstance(id_, bool) else None
