"""The routers of the pages and of the JSON for staff, for `create_app`."""

from __future__ import annotations

from fastapi import APIRouter

from api.staff import drafts, home

ROUTERS: tuple[APIRouter, ...] = (
    home.router, drafts.router,
)  # fmt: skip
