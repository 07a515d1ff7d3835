"""The scripts of the page /verify, from this service and nowhere else; kept by browsers under their version."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from api.static_files import bundle_version, static_file

router = APIRouter(include_in_schema=False)


@router.get("/static/{name}", response_class=Response)
def static(request: Request, name: str) -> Response:
    """One of the files of api/static."""
    file = static_file(name)
    if file is None:
        raise HTTPException(404)
    tag = f'"{file.version}"'
    current = request.query_params.get("v") == bundle_version()
    headers = {"etag": tag, "cache-control": "public, max-age=31536000, immutable" if current else "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(file.data, media_type=file.media_type, headers=headers)
