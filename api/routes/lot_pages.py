"""
The consumer's page of a lot, under its GS1 Digital Link and, for allotted products, under /lot.

Machines that ask for `application/linkset+json` get the links of the lot instead (RFC 9264, in the manner of GS1
Digital Link resolvers). A page whose verdict could not be made is 503: it must not be cached or counted as an answer.
Opening the page of a label, which has a serial, counts as a scan of it (`api.scanning`); what its scans say stands in
the verdict.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response

from api.dependencies import Services, services_of
from api.localization import LANGUAGES, language_of, words
from api.rendering import page, style_hash
from api.routes.lot_refs import PROBLEMS, ChosenHolder, GtinLot, LabelSerial, ProductLot
from api.scanning import is_scan, reader_of
from api.views.lot_page import Label, lot_page
from api.views.names import lot_path, resource_path, verify_path
from ledger.adapters.qr_labels import lot_link, qr_matrix, qr_path
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.label_check import LabelCheck, with_label
from ledger.domain.story_values import LotStory, Verdict
from ledger.services.labels import Reader

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
async def lot_by_gtin(request: Request, ref: GtinLot, at: ChosenHolder) -> Response:
    """The lot's page, checked against the chain now."""
    return await _answer(request, ref, at)


@router.get(
    "/01/{gtin}/10/{lot}/21/{serial}", response_class=HTMLResponse, responses=_PAGE, summary="The page of one label"
)
async def lot_by_serial(request: Request, ref: GtinLot, serial: LabelSerial, at: ChosenHolder) -> Response:
    """The page of the label that was scanned: a copied one is told from where and how often it was seen."""
    return await _answer(request, ref, at, serial)


@router.get(
    "/lot/{product}/{lot}", response_class=HTMLResponse, responses=_PAGE, summary="The page of a lot by product number"
)
async def lot_by_product(request: Request, ref: ProductLot, at: ChosenHolder) -> Response:
    """The page of a lot whose product has a number that the registry allotted."""
    return await _answer(request, ref, at)


@router.get(
    "/lot/{product}/{lot}/21/{serial}",
    response_class=HTMLResponse,
    responses=_PAGE,
    summary="The page of one label by product number",
)
async def label_by_product(request: Request, ref: ProductLot, serial: LabelSerial, at: ChosenHolder) -> Response:
    """The same for one label."""
    return await _answer(request, ref, at, serial)


def lot_headers() -> dict[str, str]:
    """No script; our own style sheets; and the one form, which reports to this service."""
    policy = (
        "default-src 'none'; img-src 'self' data:; "
        f"style-src '{style_hash()}' '{style_hash('lot.css')}'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    # Without a referrer a browser says "null" for where the form stood.
    return {"content-security-policy": policy, "referrer-policy": "same-origin", **NO_STORE}


async def _answer(request: Request, ref: LotRef, at: PartyId | None, serial: str = "") -> Response:
    services = services_of(request)
    link_type = request.query_params.get("linkType")
    if link_type == "linkset" or (link_type is None and LINKSET in request.headers.get("accept", "").lower()):
        if await run_in_threadpool(services.store.lot_ref, ref.id) is None:
            raise NotFound(f"no lot {ref}")
        headers = {"access-control-allow-origin": "*", "vary": "Accept"}
        return JSONResponse(linkset(ref, services.public_url), headers=headers, media_type=LINKSET)
    story = await services.story.story(ref)
    master = await run_in_threadpool(services.store.master_data)
    reader = reader_of(request, services, master, at)
    check = await run_in_threadpool(_looked, services, ref, serial, reader, counted=is_scan(request))
    story = labelled(services, story, check)
    speak = words(language_of(request))
    link = lot_link(services.public_url, ref)
    matrix = qr_matrix(link)
    context = {
        "lot": lot_page(story, master, speak, link=link, label=Label(serial, check, at, reader.city)),
        "verify_path": verify_path(ref),
        "qr_path": qr_path(matrix),
        "qr_size": len(matrix),
        "can_report": services.labels is not None,
        "reported": request.query_params.get("reported") == "1",
    }
    status = 503 if story.verdict is Verdict.UNKNOWN else 200
    headers = {**lot_headers(), "link": f'<{link}>; rel="canonical"'}
    if status == 503:
        headers["retry-after"] = "10"
    return page(request, "lot.html", context, status=status, headers=headers)


def _looked(services: Services, ref: LotRef, serial: str, reader: Reader, *, counted: bool) -> LabelCheck | None:
    """What is known of the label, once this scan is counted."""
    if services.labels is None:
        return None
    if counted and serial:
        services.labels.scanned(ref, serial, reader)
    return services.labels.look(ref, serial)


def labelled(services: Services, story: LotStory, check: LabelCheck | None) -> LotStory:
    """The story with what its label says."""
    if services.labels is None or check is None:
        return story
    return with_label(story, check, services.labels.rule)


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
