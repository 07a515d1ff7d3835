"""
Files that staff hand in: photos and PDFs, as raw bodies. What they are is told from what is in them.

A photo loses all that the camera wrote beside the pixels, the place included, unless `?location=keep` asks for that.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from api.dependencies import services_of
from api.localization import N_
from api.problem_details import INVALID, Kind, Problem
from api.staff.access import SAME_ORIGIN, Staff
from ledger.domain.errors import InvalidInput
from ledger.domain.files import MOST_BYTES, KeptFile, check_size

TOO_LARGE = Kind(
    "file-too-large",
    413,
    N_("This file is too large"),
    N_("A photo or a PDF has at most 8 MB. Make it smaller, or take the photo with a lower resolution."),
)
NOT_A_FILE = Kind(
    "unsupported-file",
    415,
    N_("This is no photo and no PDF"),
    N_("A photo (JPEG, PNG or WebP) or a PDF is needed, whatever the file is called."),
)
TOO_SLOW = Kind(
    "file-too-slow", 408, N_("The file did not arrive in time"), N_("Send it again when the network is better.")
)
_SECONDS = 120.0
"""For a body of 8 MB over a slow network."""
_KINDS = {"file.too-large": TOO_LARGE, "file.kind": NOT_A_FILE, "file.not-an-image": NOT_A_FILE}

router = APIRouter(include_in_schema=False)


@router.post("/staff/api/files", status_code=201, dependencies=[SAME_ORIGIN])
async def keep_file(
    request: Request, who: Staff, location: Annotated[str, Query(pattern="^(strip|keep)$")] = "strip"
) -> JSONResponse:
    """Keeps the body; the same file twice is one. On disk when it answers."""
    desk = services_of(request).staff
    keeper = desk.files if desk is not None else None
    if keeper is None:
        raise Problem(NOT_A_FILE)
    try:
        data = await _body(request)
        kept = await asyncio.to_thread(keeper.keep, data, who.party, who.person.id, keep_location=location == "keep")
    except InvalidInput as error:
        raise Problem(_KINDS.get(error.violations[0].rule, INVALID), violations=error.violations) from None
    return JSONResponse(file_json(kept), 201, {"cache-control": "no-store", "location": f"/files/{kept.hash.hex()}"})


def file_json(kept: KeptFile) -> dict[str, Any]:
    """What an event needs of a file."""
    return {"hash": kept.hash.hex(), "uri": kept.uri, "media": kept.media.value, "size": kept.size}


async def _body(request: Request) -> bytes:
    """The body, of which not more is read than may be."""
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit():
        check_size(int(length[:18]))
    data = bytearray()
    try:
        async with asyncio.timeout(_SECONDS):
            async for part in request.stream():
                data += part
                if len(data) > MOST_BYTES:
                    check_size(len(data))
    except (TimeoutError, ClientDisconnect):
        raise Problem(TOO_SLOW) from None
    return bytes(data)
