"""
Proof bundles of lots, and the record to pin that they are checked against; see docs/proofs.md.

Both may be read from any page (CORS), so that a verifier on another site needs no help of ours. A bundle is given as a
file, without disclosures: whoever asks has not said who they are.
"""

from __future__ import annotations

import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from api.dependencies import services_of
from api.routes.lot_refs import PROBLEMS, ProductLot
from ledger.domain.bundle.writing import bundle_bytes
from ledger.domain.identifiers import LotRef

router = APIRouter(tags=["proofs"])
_ANYBODY = {"access-control-allow-origin": "*"}
_JSON: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"application/json": {"schema": {"type": "object"}}}}
}
_NOT_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9._-]")


@router.get(
    "/lots/{product}/{lot}/proof", response_class=Response, responses={**_JSON, **PROBLEMS}, summary="Proof bundle"
)
def lot_proof(request: Request, ref: ProductLot) -> Response:
    """Everything that is needed to check the lot without this service, but the contracts to trust and a chain node."""
    bundle = services_of(request).proofs.bundle_of(ref)
    headers = {
        **_ANYBODY,
        "access-control-expose-headers": "content-disposition",
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="{file_name(ref)}"',
    }
    return Response(bundle_bytes(bundle), media_type="application/json", headers=headers)


@router.get("/deployment.json", responses=_JSON, summary="Contracts to pin")
def deployment(request: Request) -> dict[str, Any]:
    """Chain and contracts of this ledger: keep a copy, and compare it with somebody else's."""
    record = dict(services_of(request).deployment)
    return JSONResponse(record, headers={**_ANYBODY, "cache-control": "public, max-age=3600"})  # type: ignore[return-value]


def file_name(ref: LotRef) -> str:
    """A name for the file that every system takes."""
    return f"silkroot-proof-{ref.product:014d}-{_NOT_IN_FILE_NAMES.sub('_', ref.code)}.json"
