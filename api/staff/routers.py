"""The routers of the pages and of the JSON for staff, for `create_app`."""

from __future__ import annotations

from fastapi import APIRouter

from api.staff import air, drafts, home, hub, hub_live

ROUTERS: tuple[APIRouter, ...] = (
    home.router, drafts.router,
    hub_live.router, hub.router, air.router,
)  # fmt: skip
