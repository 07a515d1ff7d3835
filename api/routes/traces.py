"""
A lot's family for programs: what it was made from, or what was made from it, page by page, nearest first.

It says what was recorded, and judges nothing: each lot's own story does.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from api.dependencies import services_of
from api.routes.lot_refs import PROBLEMS, ProductLot
from api.views.names import resource_path
from ledger.domain.errors import InvalidInput
from ledger.domain.paging import LONGEST_TOKEN
from ledger.services.follow import trace_page

router = APIRouter(tags=["lots"])
_KNOWN = ("direction", "perPage", "nextPageToken")


class Direction(StrEnum):
    """Which way a trace goes."""

    BACK = "back"
    FORWARD = "forward"


class TracedLot(BaseModel):
    """A lot on the way."""

    id: str = Field(description="the lot's id on chain, 0x and 64 hexadecimal digits")
    product: str | None = Field(default=None, description="14 digits or more; absent where only the id is known")
    lot: str | None = Field(default=None, description="lot code (AI 10)")
    name: dict[str, str] = Field(description="the product's name by language")
    distance: int = Field(description="makings between it and the lot asked for; 0: the lot itself")
    story: str | None = Field(default=None, description="path of the lot's story")


class Trace(BaseModel):
    """A page of a trace."""

    direction: Direction
    total: int = Field(description="lots of the whole trace, the lot asked for among them")
    lots: list[TracedLot] = Field(description="by distance, and then by id")
    next: str | None = Field(default=None, description="address of the next page; absent on the last")


@router.get(
    "/lots/{product}/{lot}/trace",
    responses=PROBLEMS,
    response_model_exclude_none=True,
    summary="What a lot was made from, or was made into",
)
def lot_trace(
    request: Request,
    ref: ProductLot,
    direction: Annotated[Direction, Query(description="to its fields, or to all made from it")] = Direction.BACK,
    perPage: Annotated[int, Query(ge=1, le=1000, description="lots on a page")] = 100,
    nextPageToken: Annotated[str, Query(max_length=LONGEST_TOKEN, description="as `next` carries it")] = "",
) -> Trace:
    """Lots by distance and then by id. A page starts behind the last lot of the one before."""
    if unknown := [name for name in request.query_params if name not in _KNOWN]:
        message = f"a trace takes {', '.join(_KNOWN)}"
        raise InvalidInput.one(unknown[0], "parameter.unknown", request.query_params[unknown[0]], message)
    store = services_of(request).store
    page = trace_page(store, ref, forward=direction is Direction.FORWARD, limit=perPage, token=nextPageToken)
    products = store.master_data().products
    lots = [
        TracedLot(
            id="0x" + step.id.hex(),
            product=f"{step.lot.product:014d}" if step.lot else None,
            lot=step.lot.code if step.lot else None,
            name=dict(products[step.lot.product].name) if step.lot and step.lot.product in products else {},
            distance=step.depth,
            story=resource_path(step.lot) if step.lot else None,
        )
        for step in page.steps
    ]
    following = None
    if page.next:
        asked = request.url.include_query_params(direction=direction.value, perPage=perPage, nextPageToken=page.next)
        following = f"{resource_path(ref)}/trace?{asked.query}"
    return Trace(direction=direction, total=page.total, lots=lots, next=following)
