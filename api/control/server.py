"""
Answers operations on the control socket: `POST /op/{name}` with a JSON object, a stream of lines back.

The socket lies in the data directory with mode 0600: whoever may read the keys may write to the ledger, nobody else.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from api.control.operations import OPERATIONS, Operation
from api.control.protocol import Params, error_to_json
from ledger.domain.errors import SilkrootError
from ledger.wiring import Ledger

log = logging.getLogger(__name__)


def control_app(ledger: Ledger) -> Starlette:
    """The application that the control socket serves."""

    async def operate(request: Request) -> Response:
        operation = OPERATIONS.get(request.path_params["name"])
        if operation is None:
            return JSONResponse({"error": {"type": "NotFound", "message": "no such operation", "violations": []}}, 404)
        params = json.loads(await request.body() or b"{}")
        return StreamingResponse(_lines(ledger, operation, params), media_type="application/x-ndjson")

    return Starlette(routes=[Route("/op/{name}", operate, methods=["POST"])])


async def _lines(ledger: Ledger, operation: Operation, params: Params) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[dict[str, object] | None] = asyncio.Queue()

    def progress(done: int, total: int, what: str) -> None:
        # Called from worker threads too.
        line: dict[str, object] = {"progress": [done, total, what]}
        loop.call_soon_threadsafe(queue.put_nowait, line)

    async def work() -> None:
        try:
            outcome: dict[str, object] = {"result": await operation(ledger, params, progress)}
        except SilkrootError as error:
            outcome = {"error": error_to_json(error)}
        except Exception:
            log.exception("operation failed")
            outcome = {"error": {"type": "SilkrootError", "message": "internal error: see the log", "violations": []}}
        loop.call_soon(queue.put_nowait, outcome)
        loop.call_soon(queue.put_nowait, None)

    # The work goes on to its end when the client goes away: a write is never cut in the middle.
    task = asyncio.create_task(work())
    while (line := await queue.get()) is not None:
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"
    await task
