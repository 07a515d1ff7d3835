"""The routers of the pages and of the JSON for staff, for `create_app`."""

from __future__ import annotations

from fastapi import APIRouter

from api.staff import (
    air,
    dock,
    drafts,
    events,
    files,
    home,
    house,
    hub,
    hub_live,
    installable,
    joining,
    me,
    paper,
    protection,
    signing_in,
    system_keys,
    team,
    workbook,
)

ROUTERS: tuple[APIRouter, ...] = (
    hub_live.router,
    hub.router,
    air.router,
    home.router,
    protection.router,
    joining.router,
    signing_in.router,
    me.router,
    team.router,
    system_keys.router,
    drafts.router,
    files.router,
    events.router,
    house.router,
    dock.router,
    installable.router,
    paper.router,
    workbook.router,
)
