"""The routers of the pages and of the JSON for staff, for `create_app`."""

from __future__ import annotations

from fastapi import APIRouter

from api.staff import (
    agreements,
    air,
    certificate_pages,
    desk_pages,
    dock,
    drafts,
    events,
    files,
    home,
    house,
    hub,
    hub_live,
    inspect_pages,
    installable,
    joining,
    label_pages,
    me,
    paper,
    plot_pages,
    protection,
    recall_pages,
    serial_labels,
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
    agreements.router,
    certificate_pages.router,
    desk_pages.router,
    events.router,
    dock.router,
    installable.router,
    house.router,
    paper.router,
    workbook.router,
    plot_pages.router,  # before the families, whose product would be "plots"
    inspect_pages.router,
    recall_pages.router,
    label_pages.router,
    serial_labels.router,
)
