"""
How the service is: `ok`, or `degraded` while the chain does not answer or the log is stuck.

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


class Log(BaseModel):
    """The transparency log."""

    size: int = Field(description="events acknowledged in it")
    covered: int = Field(description="events under a checkpoint on chain")
    published: int = Field(description="events under a published checkpoint")
    problem: str = Field(default="", description="what keeps it from going on")


class HealthReport(BaseModel):
    """Status, the chain if it answers, and the log."""

    status: Literal["ok", "degraded"]
    chain: Chain | None
    detail: str = Field(default="", description="why the chain does not answer")
    log: Log | None = None


@router.get("/health", response_model=HealthReport, responses=PROBLEMS, summary="Whether service and chain answer")
async def health(request: Request) -> JSONResponse:
    """Never cached."""
    found = await services_of(request).health()
    chain = None
    if found.chain is not None:
        each = found.chain
        chain = Chain(id=each.id, head=each.head, contracts=dict(each.contracts), lag=each.lag)
    log = None
    if found.log is not None:
        one = found.log
        log = Log(size=one.size, covered=one.covered, published=one.published, problem=one.problem)
    healthy = chain is not None and not (found.log is not None and found.log.is_stuck)
    report = HealthReport(status="ok" if healthy else "degraded", chain=chain, detail=found.detail, log=log)
    return JSONResponse(report.model_dump(), headers={"cache-control": "no-store"})
