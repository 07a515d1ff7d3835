"""The routers of the pages and of the JSON for staff, for `create_app`."""

from __future__ import annotations

from fastapi import APIRouter

from api.staff import (
    dock,
    drafts,
    events,
    files,
    home,
    house,
    inspect_pages,
    installable,
    joining,
    me,
    paper,
    plot_pages,
    protection,
    recall_pages,
    signing_in,
    system_keys,
    team,
)

ROUTERS: tuple[APIRouter, ...] = (
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
    paper.router,
    installable.router,
    plot_pages.router,  # before the families, whose product would be "plots"
    inspect_pages.router,
    recall_pages.router,
)  # fmt: skip
