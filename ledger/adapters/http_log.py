"""
A published log over HTTP: `LogSource`, and the webhook that alarms are posted to.

C2SP tlog-tiles serves static files. 404 and 410 say that there is nothing; 200 gives the file; anything else, and a
network that fails, says nothing about the log and is tried again a few times, then `LogUnavailable`. Answers are read
up to a size that no file of a log reaches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from ledger.adapters.http_codings import ASKED, HOOKS
from ledger.adapters.http_trust import trust_for
from ledger.domain.errors import LogUnavailable
from ledger.domain.log.signed_notes import MOST_BYTES

ATTEMPTS = 3
_NOTHING = (404, 410)


class HttpLog:
    """
    Implements `ports_monitor.LogSource` for the service at an address, used by one event loop. `timeout` and `pause`
    (before the second attempt, then twice as long) in seconds.
    """

    def __init__(self, url: str, timeout: float = 10.0, pause: float = 0.5) -> None:
        self._url = url.rstrip("/")
        self._pause = pause
        self._client = httpx.AsyncClient(
            timeout=timeout, trust_env=False, verify=trust_for(url), headers=ASKED, event_hooks=HOOKS
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def fetch(self, path: str) -> bytes | None:
        """See `LogSource.fetch`."""
        reason = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(self._pause * 2 ** (attempt - 1))
            try:
                async with self._client.stream("GET", f"{self._url}/{path}") as response:
                    if response.status_code == 200:
                        return await _content(response)
                    if response.status_code in _NOTHING:
                        return None
                    reason = f"it answers {response.status_code}"
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                reason = str(error) or type(error).__name__
        raise LogUnavailable(f"{self._url}/{path} cannot be fetched: {reason}")


class Webhook:
    """Implements `ports_monitor.AlarmReceiver`: posts JSON; any 2xx means that it was taken."""

    def __init__(self, url: str, timeout: float = 10.0, pause: float = 0.5) -> None:
        self._url = url
        self._pause = pause
        self._client = httpx.AsyncClient(
            timeout=timeout, trust_env=False, verify=trust_for(url), headers=ASKED, event_hooks=HOOKS
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def send(self, message: Mapping[str, Any]) -> str:
        """See `AlarmReceiver.send`."""
        reason = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(self._pause * 2 ** (attempt - 1))
            try:
                response = await self._client.post(
                    self._url, content=orjson.dumps(message), headers={"content-type": "application/json"}
                )
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                reason = str(error) or type(error).__name__
                continue
            if response.is_success:
                return ""
            reason = f"it answers {response.status_code}"
        return reason


async def _content(response: httpx.Response) -> bytes:
    content = b""
    async for part in response.aiter_bytes():
        content += part
        if len(content) > MOST_BYTES:
            break  # longer than any file of a log, and told as such by whoever reads it
    return content
