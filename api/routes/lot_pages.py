"""
The consumer's page of a lot, under its GS1 Digital Link and, for allotted products, under /lot.

Machines that ask for `application/linkset+json` get the links of the lot instead (RFC 9264, in the manner of GS1
Digital Link resolvers). A page whose verdict could not be made is 503: it must not be cached or counted as an answer.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response

from api.dependencies import services_of
from api.localization import LANGUAGES, language_of, words
from api.rendering import page
from api.routes.lot_refs import PROBLEMS, GtinLot, LabelSerial, ProductLot
from api.views.lot_page import lot_page
from api.views.names import lot_path, resource_path, verify_path
from ledger.adapters.qr_labels import lot_link, qr_matrix, qr_path
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import LotRef
from ledger.domain.story_values import Verdict

LINKSET = "application/linkset+json"
GS1_VOC = "https://ref.gs1.org/voc/"
NO_STORE = {"cache-control": "no-store"}
"""A verdict is true at the moment it is asked for; a copy of yesterday's would hide today's recall."""

_PAGE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The lot's page, or its links",
        "content": {"text/html": {"schema": {"type": "string"}}, LINKSET: {"schema": {"type": "object"}}},
    },
    **PROBLEMS,
}
router = APIRouter(tags=["pages"])


@router.get("/01/{gtin}/10/{lot}", response_class=HTMLResponse, responses=_PAGE, summary="The page of a lot")
async def lot_by_gtin(request: Request, ref: GtinLot) -> Response:
    """The lot's page, checked against the chain now."""
    return await _answer(request, ref)


@router.get(
    "/01/{gtin}/10/{lot}/21/{serial}", response_class=HTMLResponse, responses=_PAGE, summary="The page of one label"
)
async def lot_by_serial(request: Request, ref: GtinLot, serial: LabelSerial) -> Response:
    """The lot's page with the number of the label that was scanned; the serial decides nothing yet."""
    return await _answer(request, ref, serial)


@router.get(
    "/lot/{product}/{lot}", response_class=HTMLResponse, responses=_PAGE, summary="The page of a lot by product number"
)
async def lot_by_product(request: Request, ref: ProductLot) -> Response:
    """The page of a lot whose product has a number that the registry allotted."""
    return await _answer(request, ref)


async def _answer(request: Request, ref: LotRef, serial: str = "") -> Response:
    services = services_of(request)
    link_type = request.query_params.get("linkType")
    if link_type == "linkset" or (link_type is None and LINKSET in request.headers.get("accept", "").lower()):
        if await run_in_threadpool(services.store.lot_ref, ref.id) is None:
            raise NotFound(f"no lot {ref}")
        headers = {"access-control-allow-origin": "*", "vary": "Accept"}
        return JSONResponse(linkset(ref, services.public_url), headers=headers, media_type=LINKSET)
    story = await services.story.story(ref)
    master = await run_in_threadpool(services.store.master_data)
    speak = words(language_of(request))
    link = lot_link(services.public_url, ref)
    matrix = qr_matrix(link)
    context = {
        "lot": lot_page(story, master, speak, link=link, serial=serial),
        "verify_path": verify_path(ref),
        "qr_path": qr_path(matrix),
        "qr_size": len(matrix),
    }
    status = 503 if story.verdict is Verdict.UNKNOWN else 200
    headers = {**NO_STORE, "link": f'<{link}>; rel="canonical"'}
    if status == 503:
        headers["retry-after"] = "10"
    return page(request, "lot.html", context, status=status, headers=headers)


def linkset(ref: LotRef, public_url: str) -> dict[str, object]:
    """What this service knows of the lot, as an RFC 9264 linkset."""
    base = public_url.rstrip("/")
    page_link = {"href": base + lot_path(ref), "title": "Lot page", "type": "text/html", "hreflang": [*LANGUAGES]}
    story_link = {"href": base + resource_path(ref), "title": "The lot's story", "type": "application/json"}
    return {
        "linkset": [
            {
                "anchor": lot_link(public_url, ref),
                f"{GS1_VOC}defaultLink": [page_link],
                f"{GS1_VOC}pip": [page_link],
                f"{GS1_VOC}traceability": [story_link],
            }
        ]
    }
