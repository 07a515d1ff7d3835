"""
What keeps the capture interface within bounds, whatever its clients do: so many documents at once, so many bytes, so
much time for a body, and so many requests of one key.

A request takes a place before its body is read, and its body counts against one budget of bytes while it arrives and
until it is captured. Bodies are kept as they came, decompressed; at most two documents are taken apart at a time (more
where that is done in other processes, of which there are few), and one where it is large, so that trees of objects,
many times larger than their text, are never many. Nobody waits for a place: whoever finds none is told to come again
(`Busy`). Used by one event loop.
"""

from __future__ import annotations

import asyncio
import contextvars
import math
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from starlette.requests import Request

from ledger.services.token_buckets import TokenBuckets

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Limits:
    """
    `documents` in flight, `of_one_key` of them; `document_bytes` of a body, decompressed; `bytes` of all bodies in
    flight; `body_seconds` for a body to arrive; from `large_bytes` on a document is taken apart alone, else `at_once`.
    """

    documents: int = 32
    of_one_key: int = 24
    document_bytes: int = 16 * 1024 * 1024
    bytes: int = 48 * 1024 * 1024
    body_seconds: float = 30.0
    large_bytes: int = 2 * 1024 * 1024
    at_once: int = 2


class Busy(Exception):
    """There is no place, or the key asks too often; come again in so many `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"come again in {seconds} s")
        self.seconds = seconds


class TooLarge(Exception):
    """The body is longer than a document may be."""


class TooSlow(Exception):
    """The body did not arrive in time."""


class BadEncoding(Exception):
    """The body is not in the encoding that its header says, or in one that is not read here."""


@dataclass(slots=True)
class Place:
    """The place of one request; `held` bytes of its body count against the budget."""

    gate: CaptureGate
    held: int = 0

    async def body(self, request: Request) -> bytes:
        """The body, decompressed. Raises `TooLarge`, `TooSlow`, `BadEncoding`, `Busy`."""
        encoding = request.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip", ""):
            raise BadEncoding(encoding)
        length = request.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:18]) > self.gate.limits.document_bytes:
            raise TooLarge
        try:
            async with asyncio.timeout(self.gate.limits.body_seconds):
                return await (self._gunzipped(request) if encoding == "gzip" else self._plain(request))
        except TimeoutError:
            raise TooSlow from None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits until this document may be taken apart."""
        async with AsyncExitStack() as stack:
            if self.held >= self.gate.limits.large_bytes:
                await stack.enter_async_context(self.gate.large)
            await stack.enter_async_context(self.gate.turns)
            yield

    async def _plain(self, request: Request) -> bytes:
        data = bytearray()
        async for part in request.stream():
            self._hold(len(part))
            data += part
        return bytes(data)

    async def _gunzipped(self, request: Request) -> bytes:
        data, inflate = bytearray(), zlib.decompressobj(wbits=31)
        async for part in request.stream():
            while part and not inflate.eof:
                # One byte more than may be: so a bomb is seen without being unpacked.
                try:
                    out = inflate.decompress(part, self.gate.limits.document_bytes - self.held + 1)
                except zlib.error as error:
                    raise BadEncoding(str(error)) from None
                self._hold(len(out))
                data += out
                part = inflate.unconsumed_tail
            if inflate.eof and (part or inflate.unused_data):
                raise BadEncoding("something follows the compressed document")
        if not inflate.eof:
            raise BadEncoding("the compressed document is cut off")
        return bytes(data)

    def _hold(self, count: int) -> None:
        self.held += count
        self.gate.bytes_held += count
        if self.held > self.gate.limits.document_bytes:
            raise TooLarge
        if self.gate.bytes_held > self.gate.limits.bytes:
            raise Busy(1)


@dataclass(slots=True)
class CaptureGate:
    """`buckets` say how often one key may ask. What is held now can be looked at."""

    buckets: TokenBuckets
    limits: Limits = field(default_factory=Limits)
    bytes_held: int = 0
    documents_held: int = 0
    by_key: Counter[str] = field(default_factory=Counter)
    turns: asyncio.Semaphore = field(init=False)
    large: asyncio.Lock = field(default_factory=asyncio.Lock)
    threads: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self.turns = asyncio.Semaphore(self.limits.at_once)
        # Their own: documents that wait for each other leave those alone that all else is done in.
        self.threads = ThreadPoolExecutor(self.limits.at_once, thread_name_prefix="capture")

    async def taken_apart(self, work: Callable[..., _T], *arguments: object) -> _T:
        """What comes of the work, which is done in a thread."""
        within = partial(contextvars.copy_context().run, work, *arguments)
        return await asyncio.get_running_loop().run_in_executor(self.threads, within)

    @asynccontextmanager
    async def place(self, key_id: str) -> AsyncIterator[Place]:
        """A place for one request of that key; `Busy` where there is none."""
        if (seconds := self.buckets.wait_for(key_id, 1)) > 0:
            raise Busy(max(1, math.ceil(seconds)))
        if self.documents_held >= self.limits.documents or self.by_key[key_id] >= self.limits.of_one_key:
            raise Busy(1)
        taken = Place(self)
        self.documents_held += 1
        self.by_key[key_id] += 1
        try:
            yield taken
        finally:
            self.documents_held -= 1
            self.bytes_held -= taken.held
            self.by_key[key_id] -= 1
            if not self.by_key[key_id]:
                del self.by_key[key_id]
