"""
What makes the pages for staff installable: the web app manifest, icons, and the service worker.

Manifest and icons are the same for everybody and hold nothing of anybody; the worker is the bundle `worker.js` under an
address from which it may look after all pages below `/staff` (Service Workers, "Service-Worker-Allowed").
"""

from __future__ import annotations

import io
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.localization import N_, language_of, words
from api.static_files import bundle_version, static_file

ICONS = (192, 512)
_GREEN, _SAND = "#0a5c36", "#f6d9a2"
_LINES = (
    ((12, 12), (12, 5)), ((3.5, 12.5), (20.5, 12.5)), ((12, 12.5), (12, 21.5)), ((11, 15), (7, 20)),
    ((13, 15), (17, 20)),
)  # fmt: skip
_LEAF = ((12, 8), (12.6, 4.6), (15, 3), (18, 3), (17.4, 6), (15, 7.8))
router = APIRouter(include_in_schema=False)


@router.get("/staff/manifest.webmanifest")
def manifest(request: Request) -> Response:
    """Name, icons and first page, in the reader's language."""
    speak = words(language_of(request))
    body = {
        "name": speak(N_("Silkroot for staff")),
        "short_name": "Silkroot",
        "lang": speak.tag,
        "dir": speak.direction,
        "id": "/staff",
        "start_url": "/staff",
        "scope": "/staff",
        "display": "standalone",
        "background_color": "#faf6ec",
        "theme_color": _SAND,
        "icons": [
            {"src": f"/staff/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for size in ICONS
            for purpose in ("any", "maskable")
        ],
        "shortcuts": [
            {"name": speak(N_("Scan")), "url": "/staff/scan"},
            {"name": speak(N_("To send")), "url": "/staff/queue"},
        ],
    }
    headers = {"cache-control": "no-cache", "vary": "Accept-Language, Cookie"}
    return JSONResponse(body, headers=headers, media_type="application/manifest+json")


@router.get("/staff/icon-{size}.png")
def icon(size: Annotated[int, Path(ge=1, le=1024)]) -> Response:
    """The sign of Silkroot on a ground that may be cut to any shape."""
    if size not in ICONS:
        raise HTTPException(404)
    return Response(_icon(size), media_type="image/png", headers={"cache-control": "public, max-age=86400"})


@router.get("/staff/worker.js")
def worker() -> Response:
    """The service worker; browsers ask for it anew, so that a new version comes at once."""
    file = static_file("worker.js")
    if file is None:
        raise HTTPException(404)
    headers = {"cache-control": "no-cache", "service-worker-allowed": "/staff", "content-security-policy": _POLICY}
    return Response(file.data, media_type=file.media_type, headers=headers)


_POLICY = "default-src 'none'; connect-src 'self'"
"""A worker has a policy of its own: it asks this service and nobody else."""


def worker_path() -> str:
    """The address with the version of all files, by which the worker keeps them."""
    return f"/staff/worker.js?v={bundle_version()}"


@cache
def _icon(size: int) -> bytes:
    """Drawn four times as large and made smaller, so that edges are smooth; all of it within the safe zone."""
    from PIL import Image, ImageDraw  # by the first phone that installs the pages

    large = size * 4
    image = Image.new("RGB", (large, large), _SAND)
    draw = ImageDraw.Draw(image)
    scale, shift = large / 24 * 0.62, large * 0.19
    width = round(large / 24 * 1.3)
    for start, end in _LINES:
        points = [(x * scale + shift, y * scale + shift) for x, y in (start, end)]
        draw.line([points[0], points[1]], fill=_GREEN, width=width)
        for x, y in points:
            draw.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=_GREEN)
    draw.polygon([(x * scale + shift, y * scale + shift) for x, y in _LEAF], fill=_GREEN)
    out = io.BytesIO()
    image.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()
