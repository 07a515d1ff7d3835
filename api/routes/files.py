"""
Photos and PDFs under their hash, for whoever knows it.

What stands under a hash never changes, so it is kept by whoever fetched it for as long as they like. It comes from
people, so nothing in it runs: the type is the one that was found in it, no other is guessed, and the policy is a
sandbox. A PDF is saved, not shown here.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.dependencies import services_of
from api.localization import N_
from api.problem_details import PROBLEM_SCHEMA, Kind, Problem
from ledger.domain.errors import NotFound
from ledger.domain.files import KeptFile, hash_in_hex

NO_SUCH_FILE = Kind(
    "unknown-file",
    404,
    N_("There is no such file"),
    N_("Nobody handed it in here, or it was erased. What was recorded about it stays."),
)
router = APIRouter(tags=["files"])
_PROBLEM = {**PROBLEM_SCHEMA}


@router.get(
    "/files/{hash}",
    response_class=Response,
    responses={
        200: {"content": {"image/jpeg": {}, "image/png": {}, "application/pdf": {}}, "description": "The file"},
        304: {"description": "It is the one that you have"},
        400: _PROBLEM,
        404: _PROBLEM,
        503: _PROBLEM,
    },
    summary="A photo or a PDF",
)
async def file(
    request: Request, name: Annotated[str, Path(alias="hash", description="SHA-256 of the file, 64 hex digits")]
) -> Response:
    """The file as it is kept; its bytes hash to its name."""
    named = hash_in_hex("hash", name)
    files = services_of(request).files
    if files is None:
        raise Problem(NO_SUCH_FILE)
    try:
        kept, data = await asyncio.to_thread(files.read, named)
    except NotFound:
        raise Problem(NO_SUCH_FILE) from None
    headers = file_headers(kept)
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=kept.media.value, headers=headers)


def file_headers(kept: KeptFile) -> dict[str, str]:
    """What a browser has to know of a file that somebody handed in."""
    name = f"{kept.hash.hex()[:16]}.{kept.media.ending}"
    return {
        "etag": f'"{kept.hash.hex()}"',
        "cache-control": "public, max-age=31536000, immutable",
        "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "content-disposition": f'{"inline" if kept.media.is_image else "attachment"}; filename="{name}"',
    }
