"""
The transparency log for everybody, in the layout of C2SP tlog-tiles below `/log`: the signed checkpoint, tiles, bundles
of entries; and proofs as JSON for whoever does not want to read tiles.

Only what a published checkpoint covers is answered. A tile of a width that is there never changes, so it may be kept
for good. Nothing of an event's content is here: an entry is two hashes.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from api.dependencies import PublishedLog, services_of
from api.routes.lot_refs import PROBLEMS
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import UINT64_MAX, ContentHash
from ledger.domain.log.tile_names import parse_path
from ledger.domain.merkle import HASH_BYTES

router = APIRouter(prefix="/log", tags=["log"])
TEXT, BYTES = "text/plain; charset=utf-8", "application/octet-stream"
_OPEN = {"access-control-allow-origin": "*"}
_FRESH = {**_OPEN, "cache-control": "no-cache"}
_FOR_GOOD = {**_OPEN, "cache-control": "public, max-age=31536000, immutable"}
_FOR_A_DAY = {**_OPEN, "cache-control": "public, max-age=86400"}
_HASH = re.compile(rf"0x[0-9a-f]{{{2 * HASH_BYTES}}}\Z")


class Inclusion(BaseModel):
    """That an event's leaf is in the published log."""

    contentHash: str = Field(description="identity of the event")
    signatureHash: str = Field(description="SHA-256 of its signature proof")
    leafHash: str = Field(description="SHA-256(0x00 ‖ contentHash ‖ signatureHash)")
    logIndex: int = Field(description="place in the log, from 0")
    size: int = Field(description="leaves of the checkpoint that the proof is for")
    root: str = Field(description="its root")
    proof: list[str] = Field(description="RFC 9162, section 2.1.3.1; from the leaf up")


class Consistency(BaseModel):
    """That a log of the second size begins with that of the first."""

    first: int
    second: int
    proof: list[str] = Field(description="RFC 9162, section 2.1.4.1")


def _bytes(media_type: str, description: str) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "string", "format": "binary"} if media_type == BYTES else {"type": "string"}
    content = {media_type.partition(";")[0]: {"schema": schema}}
    return {200: {"description": description, "content": content}, **PROBLEMS}


def _log(request: Request) -> PublishedLog:
    log = services_of(request).log
    if log is None:
        raise HTTPException(404)
    return log


@router.get(
    "/checkpoint", response_class=Response, responses=_bytes(TEXT, "A signed note"), summary="The newest checkpoint"
)
def checkpoint(request: Request) -> Response:
    """C2SP tlog-checkpoint: one that is final on chain, signed with the log's key. 404 while there is none yet."""
    note = _log(request).archive.published()
    if note is None:
        raise HTTPException(404)
    return Response(note, media_type=TEXT, headers=_FRESH)


@router.get("/key", response_class=Response, responses=_bytes(TEXT, "A line"), summary="The log's key for checkpoints")
def key(request: Request) -> Response:
    """`origin+id+key`, as C2SP signed-note writes keys. Take it from elsewhere too before you trust it."""
    return Response(f"{_log(request).key}\n", media_type=TEXT, headers=_FOR_A_DAY)


@router.get(
    "/tile/{name:path}",
    response_class=Response,
    responses=_bytes(BYTES, "Hashes of 32 bytes, or entries of 64 behind their length"),
    summary="A tile, or a bundle of entries",
)
def tile(request: Request, name: str) -> Response:
    """`/log/tile/{L}/{N}[.p/{W}]` and `/log/tile/entries/{N}[.p/{W}]`, of any width up to what is published."""
    named = parse_path(f"tile/{name}")
    content = _log(request).archive.tile(named)
    if content is None:
        raise HTTPException(404)
    return Response(content, media_type=BYTES, headers=_FOR_GOOD if named.is_full else _FOR_A_DAY)


@router.get("/proof", response_model=Inclusion, responses=PROBLEMS, summary="Inclusion proof of an event")
def proof(
    request: Request, hash: Annotated[str, Query(description="contentHash, 0x and 64 hex digits")]
) -> JSONResponse:
    """For the newest published checkpoint, and the event's present signature. 404 where that is not covered yet."""
    if not _HASH.match(hash):
        raise InvalidInput.one("hash", "log.hash", hash, "a content hash is 0x and 64 hex digits in lower case")
    found = _log(request).archive.inclusion(ContentHash(bytes.fromhex(hash[2:])))
    if found is None:
        raise HTTPException(404)
    return JSONResponse(
        Inclusion(
            contentHash="0x" + found.entry.content_hash.hex(),
            signatureHash="0x" + found.entry.signature_hash.hex(),
            leafHash="0x" + found.entry.leaf.hex(),
            logIndex=found.proof.index,
            size=found.proof.size,
            root="0x" + found.root.hex(),
            proof=["0x" + one.hex() for one in found.proof.hashes],
        ).model_dump(),
        headers=_FRESH,
    )


@router.get("/consistency", response_model=Consistency, responses=PROBLEMS, summary="Consistency proof of two sizes")
def consistency(
    request: Request,
    first: Annotated[int, Query(ge=0, le=UINT64_MAX, description="the smaller size")],
    second: Annotated[int, Query(ge=0, le=UINT64_MAX, description="the larger one, up to what is published")],
) -> JSONResponse:
    """Between any two sizes of the published log."""
    found = _log(request).archive.consistency(first, second)
    body = Consistency(first=found.first, second=found.second, proof=["0x" + one.hex() for one in found.hashes])
    return JSONResponse(body.model_dump(), headers=_FOR_A_DAY)
