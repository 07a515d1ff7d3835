"""
QR codes and labels of lots as pictures. Only of lots that exist: a code that leads to a 404 is a bad label.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.dependencies import services_of
from api.routes.lot_refs import PROBLEMS, ProductLot
from ledger.adapters.qr_labels import label_png, label_svg, lot_link, qr_png, qr_svg
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import LotRef

SVG, PNG = "image/svg+xml", "image/png"
router = APIRouter(tags=["labels"])


def _picture(media_type: str) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "string", "format": "binary"} if media_type == PNG else {"type": "string"}
    return {200: {"description": "The picture", "content": {media_type: {"schema": schema}}}, **PROBLEMS}


def _known(request: Request, ref: LotRef) -> str:
    """The service's public URL, once the lot is known to exist."""
    services = services_of(request)
    if services.store.lot_ref(ref.id) is None:
        raise NotFound(f"no lot {ref}")
    return services.public_url


def _response(content: str | bytes, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"cache-control": "public, max-age=3600"})


@router.get("/lots/{product}/{lot}/qr.svg", response_class=Response, responses=_picture(SVG), summary="QR code as SVG")
def qr_as_svg(request: Request, ref: ProductLot) -> Response:
    """The lot's GS1 Digital Link as a QR code."""
    return _response(qr_svg(lot_link(_known(request, ref), ref)), SVG)


@router.get("/lots/{product}/{lot}/qr.png", response_class=Response, responses=_picture(PNG), summary="QR code as PNG")
def qr_as_png(request: Request, ref: ProductLot) -> Response:
    """The lot's GS1 Digital Link as a QR code."""
    return _response(qr_png(lot_link(_known(request, ref), ref)), PNG)


@router.get("/lots/{product}/{lot}/label.svg", response_class=Response, responses=_picture(SVG), summary="Label as SVG")
def label_as_svg(request: Request, ref: ProductLot) -> Response:
    """The QR code with product number and lot code below."""
    return _response(label_svg(_known(request, ref), ref), SVG)


@router.get("/lots/{product}/{lot}/label.png", response_class=Response, responses=_picture(PNG), summary="Label as PNG")
def label_as_png(request: Request, ref: ProductLot) -> Response:
    """The QR code with product number and lot code below."""
    return _response(label_png(_known(request, ref), ref), PNG)
