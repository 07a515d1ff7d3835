"""The routers of the pages and of the JSON for staff, for `create_app`."""

from __future__ import annotations

from fastapi import APIRouter

from api.staff import home, joining, label_pages, me, protection, signing_in, system_keys, team

ROUTERS: tuple[APIRouter, ...] = (
    home.router,
    protection.router,
    joining.router,
    signing_in.router,
    me.router,
    team.router,
    system_keys.router,
    label_pages.router,
)
