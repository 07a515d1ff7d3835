"""
Lots for programs: the paged list, and a lot's story as JSON.

The list is paged by key, not by offset, so that lots registered meanwhile move nothing: `next` is the address of the
next page, absent on the last. A story whose verdict is `unknown` is an answer, and therefore 200; its page for people
is 503.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.dependencies import services_of
from api.routes.lot_refs import PROBLEMS, ProductLot, parse_product
from api.views.names import lot_path, resource_path
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import LotRef
from ledger.domain.label_check import LabelCheck, with_label
from ledger.services.story_json import story_json

router = APIRouter(tags=["lots"])


class LotItem(BaseModel):
    """A lot in the list."""

    product: str = Field(description="14 digits or more: a GTIN, or an allotted product number")
    lot: str = Field(description="lot code (AI 10)")
    name: dict[str, str] = Field(description="the product's name by language")
    story: str = Field(description="path of the lot's story")
    page: str = Field(description="path of the lot's page")


class LotList(BaseModel):
    """A page of lots, by product number and lot code."""

    lots: list[LotItem]
    next: str | None = Field(default=None, description="address of the next page; absent on the last")


@router.get("/lots", responses=PROBLEMS, response_model_exclude_none=True, summary="All lots, page by page")
def list_lots(
    request: Request,
    after: Annotated[str, Query(max_length=60, description="last lot of the page before, as PRODUCT/LOT")] = "",
    limit: Annotated[int, Query(ge=1, le=500, description="lots on a page")] = 50,
) -> LotList:
    """Lots in order of product number and lot code."""
    store = services_of(request).store
    found = store.lots(parse_after(after), limit + 1)
    products = store.master_data().products
    lots = [
        LotItem(
            product=f"{ref.product:014d}",
            lot=ref.code,
            name=dict(products[ref.product].name) if ref.product in products else {},
            story=resource_path(ref),
            page=lot_path(ref),
        )
        for ref in found[:limit]
    ]
    following = None
    if len(found) > limit:
        following = str(request.url.include_query_params(after=str(found[limit - 1]), limit=limit).query)
    return LotList(lots=lots, next=f"/lots?{following}" if following else None)


def parse_after(text: str) -> LotRef | None:
    """The lot that a page starts after; `InvalidInput` where the text names none."""
    if not text:
        return None
    product, slash, code = text.partition("/")
    if not slash:
        raise InvalidInput.one("after", "lot.reference", text, "a lot is named PRODUCT/LOT")
    return LotRef(parse_product(product), code)


@router.get("/lots/{product}/{lot}", responses=PROBLEMS, summary="A lot's story, checked now")
async def lot_story(
    request: Request,
    ref: ProductLot,
    serial: Annotated[str, Query(max_length=20, description="the label at hand (AI 21); asking counts no scan")] = "",
) -> dict[str, Any]:
    """Verdict, qualifiers, branches, each check with its reason, and events; `labels` says what is known of labels."""
    services = services_of(request)
    story = await services.story.story(ref)
    told: dict[str, Any] = {}
    if services.labels is not None:
        check = await run_in_threadpool(services.labels.look, ref, serial)
        story = with_label(story, check, services.labels.rule)
        told = {"labels": labels_json(check)}
    body = {**story_json(story), **told}
    return JSONResponse(body, headers={"cache-control": "no-store"})  # type: ignore[return-value]


def labels_json(check: LabelCheck) -> dict[str, Any]:
    """
    How many serials the lot has; and of the label at hand, where one is: `number` (null: nobody issued it), `scans` by
    day and city, `soldOn`.
    """
    if not check.asked:
        return {"issued": check.issued, "label": None}
    scans = [
        {"day": date.fromordinal(scan.day).isoformat(), "city": scan.city or None, "count": scan.count}
        for scan in check.scans
    ]
    sold = date.fromordinal(check.sale.day).isoformat() if check.sale else None
    return {"issued": check.issued, "label": {"number": check.number, "scans": scans, "soldOn": sold}}
