"""
The ledger's node for everybody: read-only JSON-RPC, our contracts alone, so much and so often.

`POST /rpc` is what the page /verify asks unless its reader names another node. Any site may use it (CORS). A refused
call is an error in JSON-RPC's own form; so is a request that is no call at all, which has status 400 besides. The rest
is a problem (RFC 9457): 413 for a body that is too long, 429 for a caller that asks too often, 503 while the node is
down.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from api.dependencies import services_of
from api.localization import N_
from api.problem_details import NOT_CHECKED, Kind, problem
from api.routes.lot_refs import PROBLEMS
from ledger.domain.errors import ChainUnavailable
from ledger.services.rpc_gate import MOST_BYTES, MOST_IN_A_BATCH, TooMany

TOO_LONG = Kind("too-long", 413, N_("This request is too long"), N_("Ask in several smaller requests."))
TOO_MANY = Kind("too-many-requests", 429, N_("Too many requests"), N_("Wait a little, then ask again."))
_ANYBODY = {"access-control-allow-origin": "*", "cache-control": "no-store"}
_RPC: dict[int | str, dict[str, Any]] = {
    200: {"description": "The answer, in JSON-RPC 2.0", "content": {"application/json": {"schema": {}}}},
    400: {"description": "No JSON-RPC 2.0", "content": {"application/json": {"schema": {"type": "object"}}}},
    **PROBLEMS,
}
_ASKED = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [{"type": "object"}, {"type": "array", "minItems": 1, "maxItems": MOST_IN_A_BATCH}]}
            }
        },
    }
}
router = APIRouter(tags=["verification"])


@router.post(
    "/rpc", response_class=Response, responses=_RPC, openapi_extra=_ASKED,
    summary="Read the contracts on this ledger's own node",
)  # fmt: skip
async def rpc(request: Request) -> Response:
    """JSON-RPC 2.0, single or batch: chain id, blocks, and code, calls and logs of this ledger's contracts."""
    gate = services_of(request).rpc
    if gate is None:
        raise ChainUnavailable("this service offers no node")
    body = await _body(request)
    if body is None:
        return problem(request, TOO_LONG, more_headers={**_ANYBODY, "connection": "close"})
    try:
        answer = await gate.answer(request.client.host if request.client else "", body)
    except ChainUnavailable:
        return problem(request, NOT_CHECKED, more_headers={**_ANYBODY, "retry-after": "10"})
    except TooMany as refused:
        return problem(request, TOO_MANY, more_headers={**_ANYBODY, "retry-after": str(refused.seconds)})
    status = 200 if answer.understood else 400
    return Response(answer.body, status, media_type="application/json", headers=_ANYBODY)


@router.options("/rpc", include_in_schema=False)
def rpc_options() -> Response:
    """What a browser asks before it posts JSON from another site (Fetch standard, "CORS-preflight request")."""
    headers = {
        "allow": "POST, OPTIONS",
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "POST, OPTIONS",
        "access-control-allow-headers": "content-type",
        "access-control-max-age": "86400",
    }
    return Response(status_code=204, headers=headers)


async def _body(request: Request) -> bytes | None:
    """The body; None where it is longer than anybody needs. Read in parts, so that no more than that is ever kept."""
    data = bytearray()
    try:
        async for part in request.stream():
            data += part
            if len(data) > MOST_BYTES:
                return None
    except ClientDisconnect:
        return b""
    return bytes(data)
