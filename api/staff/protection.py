"""
What somebody sees who opens a page for staff over plain HTTP, or inside a messenger: why not, and what to do.

This page and the certificate of the local authority are all that staff get without HTTPS.
"""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from api.staff.access import WrongBrowser, desk_of, is_in_messenger, is_protected
from api.staff.frame import open_page

router = APIRouter(include_in_schema=False)


@router.get("/staff/https", response_class=HTMLResponse)
def https_page(request: Request) -> Response:
    """How this phone comes to trust the service's certificate, and where the pages are."""
    return _how(request, 200)


@router.get("/staff/ca.crt", response_class=Response)
def certificate(request: Request) -> Response:
    """The certificate of the local authority, for phones to install; it is no secret."""
    data = desk_of(request).certificate
    if data is None:
        raise HTTPException(404)
    headers = {"content-disposition": 'attachment; filename="silkroot-ca.crt"', "cache-control": "no-store"}
    return Response(data, media_type="application/x-x509-ca-cert", headers=headers)


def install(app: FastAPI) -> None:
    """Registers the page for the wrong browser."""
    app.add_exception_handler(WrongBrowser, _wrong_browser)


def _wrong_browser(request: Request, error: Exception) -> Response:
    return _how(request, 403)


def _how(request: Request, status: int) -> Response:
    desk = desk_of(request)
    path = request.url.path
    context = {
        "messenger": is_in_messenger(request),
        "protected": is_protected(request),
        "https": desk.https_url + ("/staff" if path == "/staff/https" else path) if desk.https_url else "",
        "certificate": desk.certificate is not None,
    }
    return open_page(request, "staff/https.html", context, status=status)
