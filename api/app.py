"""
The web application: `create_app(services)` gives the ASGI app that `silkroot up` serves.

Pages for people, resources for programs. All of them only read, but for the capture interface under `/epcis` and the
pages of staff under `/staff`, which need a session.
Everything that a handler needs is in `Services`, so tests run it over fakes.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware

from api import problem_details
from api.dependencies import Services
from api.middleware import PathSegments, ReadMethods, SecurityHeaders, security_headers
from api.rendering import style_hash
from api.routes import (
    certificates,
    docs,
    epcis,
    epcis_query,
    files,
    health,
    home,
    labels,
    log,
    lot_pages,
    lots,
    proofs,
    reports,
    rpc,
    static,
    temperatures,
    traces,
    verify,
)
from api.staff import access, protection
from api.staff.routers import ROUTERS


def create_app(services: Services) -> FastAPI:
    """The application over these services."""
    app = FastAPI(
        title="Silkroot",
        summary="A provenance ledger for produce: lots, their way and their verdict",
        version=_version(),
        # Swagger UI and ReDoc load from other hosts; our own page stands at /docs.
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = services
    app.state.security_headers = security_headers(style_hash())
    problem_details.install(app)
    access.install(app)
    protection.install(app)
    for routes in (
        epcis, home, lot_pages, lots, traces, temperatures, epcis_query, proofs, labels, reports, files, certificates,
        log, health, verify, rpc, static, docs,
    ):  # fmt: skip
        app.include_router(routes.router)
    for router in ROUTERS:
        app.include_router(router)
    # The last one added is the outermost.
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(ReadMethods, router=app.router)
    app.add_middleware(PathSegments)
    app.add_middleware(SecurityHeaders, headers=app.state.security_headers)
    return app


def _version() -> str:
    try:
        return version("silkroot")
    except PackageNotFoundError:  # a checkout that was never installed
        return "0"
