"""
Puts JSON-RPC requests to a node as they are, for `services.rpc_gate`.

`ChainUnavailable` where the node does not answer, answers no batch, or answers more than anybody should be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import httpx
import orjson

from ledger.adapters.http_codings import ASKED, HOOKS
from ledger.adapters.http_trust import authorities
from ledger.domain.errors import ChainUnavailable

MOST_BYTES = 16 * 1024 * 1024
"""Of an answer: a bound for the service's memory."""


class RpcForward:
    """Implements `services.rpc_gate.RawNode`. `url` is asked each time: a node that is started again moves."""

    def __init__(self, url: Callable[[], str], timeout: float = 10.0) -> None:
        self._url = url
        self._client = httpx.AsyncClient(
            timeout=timeout, trust_env=False, verify=authorities(), headers=ASKED, event_hooks=HOOKS
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def forward(self, requests: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The node's answers."""
        try:
            answers = orjson.loads(await self._post(orjson.dumps(requests)))
        except (httpx.HTTPError, httpx.InvalidURL, orjson.JSONDecodeError) as error:
            # Not where the node is: that is nobody's business outside.
            raise ChainUnavailable(f"the chain cannot be asked: {type(error).__name__}") from error
        if not isinstance(answers, list) or not all(isinstance(one, dict) for one in answers):
            raise ChainUnavailable("the chain's node does not answer batches")
        return answers

    async def _post(self, body: bytes) -> bytes:
        data = bytearray()
        headers = {"content-type": "application/json"}
        async with self._client.stream("POST", self._url(), content=body, headers=headers) as response:
            async for part in response.aiter_bytes():
                data += part
                if len(data) > MOST_BYTES:
                    raise ChainUnavailable(f"the answer is longer than {MOST_BYTES} bytes; ask for less")
        return bytes(data)
