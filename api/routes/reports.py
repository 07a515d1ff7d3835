"""
What a reader of a label reports: a form without scripts, answered by the lot's page again.

Nobody is asked who they are. Only a form of our own page may send it (`Origin`, `Sec-Fetch-Site`), a few from one
address in a while; the text is kept as text.
"""

from __future__ import annotations

import math
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from api.dependencies import services_of
from api.localization import N_
from api.problem_details import NO_SUCH_PAGE, Kind, Problem
from api.routes.lot_refs import PROBLEMS, ProductLot
from api.routes.rpc import TOO_MANY
from api.scanning import reader_of
from api.views.names import lot_path
from ledger.domain.errors import InvalidGs1Key, NotFound
from ledger.domain.identifiers import CHARACTER_SET_82
from ledger.services.labels import TooMany

router = APIRouter(tags=["pages"])
FOREIGN = Kind(
    "other-site", 403, N_("This form came from another site"), N_("Open the page of the lot and send it from there.")
)


@router.post("/lots/{product}/{lot}/report", responses=PROBLEMS, status_code=303, summary="Report a problem with a lot")
async def report_problem(
    request: Request,
    ref: ProductLot,
    kind: Annotated[str, Form(max_length=40)] = "",
    text: Annotated[str, Form(max_length=4_000)] = "",
    serial: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Keeps the report for those who hold the goods, and leads back to the page."""
    services = services_of(request)
    if services.labels is None:
        raise Problem(NO_SUCH_PAGE)
    if not _is_ours(request, services.public_url):
        raise Problem(FOREIGN)
    if serial and not CHARACTER_SET_82.match(serial):
        raise InvalidGs1Key.one(
            "serial", "gs1.ai21", serial, "a serial number has 1 to 20 characters of GS1 character set 82"
        )
    if await run_in_threadpool(services.store.lot_ref, ref.id) is None:
        raise NotFound(f"no lot {ref}")
    master = await run_in_threadpool(services.store.master_data)
    reader = reader_of(request, services, master)
    try:
        await run_in_threadpool(services.labels.report, ref, serial, kind, text, reader)
    except TooMany as told:
        raise Problem(TOO_MANY, headers={"retry-after": str(math.ceil(told.seconds))}) from None
    back = lot_path(ref) + (f"/21/{quote(serial, safe='')}" if serial else "")
    return RedirectResponse(f"{back}?reported=1#report", 303, headers={"cache-control": "no-store"})


def _is_ours(request: Request, public_url: str) -> bool:
    """Whether the form stood on a page of this service; a browser says so, a program that says nothing harms nobody."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    # Behind a proxy the host that the browser knows is the public one.
    return urlsplit(origin).netloc in (request.headers.get("host", ""), urlsplit(public_url).netloc)
