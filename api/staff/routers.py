"""The routers of the pages and of the JSON for staff, for `create_app`."""

from __future__ import annotations

from fastapi import APIRouter

from api.staff import dock, events, home, installable

ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    events.router,
    dock.router,
    installable.router,
)  # fmt: skip
