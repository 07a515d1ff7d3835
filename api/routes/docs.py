"""
What this service answers, as a page made from the OpenAPI description; nothing is loaded from another host.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from api.rendering import page

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """One address, what it gives, and its parameters."""

    path: str
    summary: str
    parameters: tuple[tuple[str, str], ...]
    media_types: tuple[str, ...]


@router.get("/docs", response_class=HTMLResponse)
def docs(request: Request) -> Response:
    """All addresses that can be read."""
    app: FastAPI = request.app
    return page(request, "docs.html", {"operations": _operations(app)})


def _operations(app: FastAPI) -> list[Operation]:
    described: list[Operation] = []
    for path, methods in app.openapi()["paths"].items():
        operation = methods.get("get") or methods["post"]
        parameters = tuple((each["name"], each.get("description", "")) for each in operation.get("parameters", ()))
        media_types = tuple(operation["responses"].get("200", {}).get("content", {}))
        described.append(Operation(path, operation.get("summary", ""), parameters, media_types))
    return described
