"""
Ethereum JSON-RPC over HTTP, one by one and in batches.

Source: JSON-RPC 2.0, section 6 (batch); EIP-1474. A node that does not answer, or answers something else than JSON-RPC,
is `ChainUnavailable`. What the node itself refuses is `RpcError`, raised by `call` and returned in place by `batch`.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from typing import Any

import httpx
import orjson

from ledger.adapters.http_codings import ASKED, HOOKS
from ledger.adapters.http_trust import trust_for
from ledger.domain.errors import ChainError, ChainUnavailable

_MOST_IN_A_BATCH = 100
if importlib.util.find_spec("sniffio") is None:
    # httpcore asks for it several times in every request. Where it is not installed, each time all folders of packages
    # would be searched; this entry says so at once.
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]


class RpcError(ChainError):
    """The node understood and said no. `data`: the ABI-encoded error of a reverted call, empty where there is none."""

    def __init__(self, method: str, code: int, message: str, data: bytes = b"") -> None:
        super().__init__(f"{method}: {message} ({code})")
        self.method = method
        self.code = code
        self.message = message
        self.data = data


class JsonRpc:
    """
    A client for one node; used by one event loop. `timeout` is in seconds, for a whole request. `url` may be changed
    between requests, where a node that was started again answers at another address; from `http` to `https` it may not.
    """

    def __init__(self, url: str, timeout: float = 3.0) -> None:
        self.url = url
        self._client = httpx.AsyncClient(
            timeout=timeout, trust_env=False, verify=trust_for(url), headers=ASKED, event_hooks=HOOKS
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def call(self, method: str, *params: Any, seconds: float | None = None) -> Any:
        """The result of one call; `seconds` replaces the timeout."""
        answer = await self._post(_request(0, method, params), seconds)
        result = _result(method, answer)
        if isinstance(result, RpcError):
            raise result
        return result

    async def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """The results in the order of the calls; an `RpcError` stands in the place of a call that failed."""
        results: list[Any] = []
        for start in range(0, len(calls), _MOST_IN_A_BATCH):
            part = calls[start : start + _MOST_IN_A_BATCH]
            answers = await self._post([_request(index, *call) for index, call in enumerate(part)], None)
            if not isinstance(answers, list):
                raise ChainUnavailable(f"{self.url} does not answer batches: {answers!r:.200}")
            by_id = {answer.get("id"): answer for answer in answers if isinstance(answer, dict)}
            results += [_result(call[0], by_id.get(index)) for index, call in enumerate(part)]
        return results

    async def results(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Like `batch`, but the first `RpcError` is raised."""
        results = await self.batch(calls)
        for result in results:
            if isinstance(result, RpcError):
                raise result
        return results

    async def _post(self, body: object, seconds: float | None) -> Any:
        timeout = httpx.USE_CLIENT_DEFAULT if seconds is None else seconds
        try:
            response = await self._client.post(
                self.url, content=orjson.dumps(body), headers={"content-type": "application/json"}, timeout=timeout
            )
            return orjson.loads(response.content)
        except (httpx.HTTPError, httpx.InvalidURL, orjson.JSONDecodeError) as error:
            reason = str(error) or type(error).__name__
            raise ChainUnavailable(f"the chain at {self.url} cannot be asked: {reason}") from error


def _request(number: int, method: str, params: Sequence[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}


def _result(method: str, answer: Any) -> Any:
    if not isinstance(answer, dict) or ("result" not in answer and "error" not in answer):
        raise ChainUnavailable(f"{method}: the node's answer is not JSON-RPC: {answer!r:.200}")
    error = answer.get("error")
    if error is None:
        return answer.get("result")
    data = error.get("data")
    return RpcError(method, int(error.get("code", 0)), str(error.get("message", "")), _bytes(data))


def _bytes(data: Any) -> bytes:
    """Error data is 0x hex; some nodes wrap it once more."""
    if isinstance(data, dict):
        data = data.get("data") or data.get("result")
    if not isinstance(data, str) or not data.startswith("0x"):
        return b""
    try:
        return bytes.fromhex(data[2:])
    except ValueError:
        return b""
