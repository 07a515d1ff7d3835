"""
How cold a lot stayed, for programs: series, excursions and standing of every branch, judged against the chain now.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.dependencies import services_of
from api.routes.lot_refs import PROBLEMS, ProductLot
from ledger.services.climate_json import temperature_json

router = APIRouter(tags=["lots"])


@router.get("/lots/{product}/{lot}/temperature", responses=PROBLEMS, summary="How cold a lot stayed, by branch")
async def lot_temperature(request: Request, ref: ProductLot) -> dict[str, Any]:
    """Every series of a branch with its limits, excursions and gaps; `standing` is open where it makes a verdict."""
    story = await services_of(request).story.story(ref)
    return JSONResponse(temperature_json(story), headers={"cache-control": "no-store"})  # type: ignore[return-value]
