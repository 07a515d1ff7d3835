"""
How the service is: `ok`, or `degraded` while the chain does not answer.

Both are 200, because the service itself serves: pages then say that they could not check. A load balancer that took
it out would leave people with no page at all.
"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.dependencies import services_of
from api.routes.lot_refs import PROBLEMS

router = APIRouter(tags=["service"])


class Chain(BaseModel):
    """The chain that answers."""

    id: int = Field(description="EIP-155 chain id")
    head: int = Field(description="number of the newest block")
    contracts: dict[str, str] = Field(description="contract addresses by name")
    lag: int = Field(description="entries acknowledged and not yet confirmed on chain")


class HealthReport(BaseModel):
    """Status, and the chain if it answers."""

    status: Literal["ok", "degraded"]
    chain: Chain | None
    detail: str = Field(default="", description="why the chain does not answer")


@router.get("/health", response_model=HealthReport, responses=PROBLEMS, summary="Whether service and chain answer")
async def health(request: Request) -> JSONResponse:
    """Never cached."""
    found = await services_of(request).health()
    chain = None
    if found.chain is not None:
        each = found.chain
        chain = Chain(id=each.id, head=each.head, contracts=dict(each.contracts), lag=each.lag)
    report = HealthReport(status="ok" if chain else "degraded", chain=chain, detail=found.detail)
    return JSONResponse(report.model_dump(), headers={"cache-control": "no-store"})
