"""Promise certificates to print, for whoever has the lot: nothing is in them that the lot's page does not show."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.dependencies import services_of
from api.localization import N_
from api.problem_details import PROBLEM_SCHEMA, Kind, Problem
from ledger.adapters.qr_labels import lot_link
from ledger.domain.certificates import readable_certificate
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash

NO_SUCH_PROMISE = Kind(
    "unknown-certificate",
    404,
    N_("There is no such promise certificate"),
    N_("Look at the lot's page for those that are."),
)
NOT_PRINTABLE = Kind(
    "not-printable",
    422,
    N_("This certificate cannot be printed"),
    N_("A text in it has signs that the fonts lack, or is too long."),
)
_PROBLEM = {**PROBLEM_SCHEMA}
router = APIRouter(tags=["files"])


@router.get(
    "/certificates/{event}/promise.pdf",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {}}, "description": "A page of A6"}, 400: _PROBLEM, 404: _PROBLEM,
        422: _PROBLEM, 503: _PROBLEM,
    },
    summary="A promise certificate to print",
)  # fmt: skip
async def promise(
    request: Request,
    event: Annotated[str, Path(pattern="^0x[0-9a-f]{64}$", description="Content hash of the certificate's event")],
) -> Response:
    """The promise certificate 承诺达标合格证 that this event is, as a page to print."""
    from ledger.adapters.labels.promise import promise_pdf  # much memory, for those that print

    services = services_of(request)
    found = await asyncio.to_thread(services.store.event, ContentHash(bytes.fromhex(event[2:])))
    certificate = None if found is None else readable_certificate(found.body)
    if certificate is None or certificate.promise is None:
        raise Problem(NO_SUCH_PROMISE)
    try:
        link = lot_link(services.public_url, certificate.lots[0])
        data = await asyncio.to_thread(promise_pdf, certificate, link)
    except InvalidInput as error:
        raise Problem(NOT_PRINTABLE, violations=error.violations) from None
    headers = {"content-disposition": f'inline; filename="promise-{event[2:10]}.pdf"', "cache-control": "no-cache"}
    return Response(data, media_type="application/pdf", headers=headers)
