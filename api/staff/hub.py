"""
The pages of a hub: what is expected, overdue, here and leaving; alarms and what is missing; a consignment; the map.

Lists are of the party of whoever is signed in. They are whole without a script; with one they follow what is recorded
(`hub_live`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.dependencies import services_of
from api.localization import N_, language_of, words
from api.problem_details import Kind, Problem
from api.staff.access import SignedIn, Staff, desk_of
from api.staff.frame import staff_page
from api.staff.hub_map import Arc, MapViews, map_json
from api.staff.hub_views import HubViews, Row
from api.staff.hub_words import EMPTY, LISTS, STATES, moment
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import ConsignmentId
from ledger.ports_hub import HubCounts
from ledger.services.hub import TYPICAL_HOURS, ConsignmentFile, HubDesk, Page

PAGE_SIZE = 40
STYLE = "hub.css"
NO_HUB = Kind(
    "no-hub", 404, N_("This service has no pages for a hub"), N_("Ask whoever runs it."),
)  # fmt: skip
NO_SUCH_CONSIGNMENT = Kind(
    "unknown-consignment", 404, N_("There is no such consignment of yours"),
    N_("Only its sender and its receiver see what became of it."),
)  # fmt: skip
router = APIRouter(include_in_schema=False)
ConsignmentName = Annotated[str, Path(pattern="^0x[0-9a-f]{64}$")]
Show = Annotated[str, Query(pattern=f"^({'|'.join(LISTS)})$")]


@router.get("/staff/hub", response_class=HTMLResponse)
async def hub_page(
    request: Request, who: Staff, show: Show | None = None, after: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """One of the lists, with the counts of all; without `show` the first that has something."""
    context, sequence = await asyncio.to_thread(_lists, request, who, show, after)
    data = {"sequence": sequence, "words": live_words(request)}
    return staff_page(request, who, "staff/hub.html", context, styles=(STYLE,), scripts=("hub.js",), data=data)


@router.get("/staff/hub/map", response_class=HTMLResponse)
async def map_page(request: Request, who: Staff) -> Response:
    """What is under way, on a map and as a list."""
    arcs, sequence = await asyncio.to_thread(_arcs, request, who)
    context = {"arcs": arcs, "map": map_json(arcs, words(language_of(request)))}
    data = {"sequence": sequence, "words": live_words(request)}
    return staff_page(request, who, "staff/hub_map.html", context, styles=(STYLE,), scripts=("hub.js",), data=data)


@router.get("/staff/hub/{consignment}", response_class=HTMLResponse)
async def consignment_page(request: Request, who: Staff, consignment: ConsignmentName) -> Response:
    """A consignment: its lots, what was recorded of it, its air leg."""
    file, sequence = await asyncio.to_thread(_file, request, who, ConsignmentId(bytes.fromhex(consignment[2:])))
    views, speak, sight = views_of(request, who), words(language_of(request)), file.sight
    hub = hub_of(request)
    context = {
        "sight": sight,
        "number": views.leaving(sight).name,
        "shipper": views.name(sight.shipper),
        "receiver": views.name(sight.receiver),
        "state": speak(STATES[sight.state]),
        "tone": "warn" if sight.state.in_dispute else "wait" if sight.state.under_way else "good",
        "grams": speak.kilograms(sight.grams),
        "expected": moment(sight.expected_at, speak),
        "late": sight.state.under_way and sight.expected_at < hub.now,
        "lines": views.lines(file),
        "deeds": views.deeds(file),
        "air": None if file.air is None else views.air(file.air),
        "receives": sight.receiver == who.party and sight.state.under_way,
        "typical": TYPICAL_HOURS,
        "settle": views.settling(sight),
    }
    data = {"sequence": sequence, "words": live_words(request)}
    return staff_page(
        request, who, "staff/hub_consignment.html", context, styles=(STYLE,), scripts=("hub.js",), data=data
    )


def hub_of(request: Request) -> HubDesk:
    """The service behind these pages; a problem where there is none."""
    hub = desk_of(request).hub
    if hub is None:
        raise Problem(NO_HUB)
    return hub


def views_of(request: Request, who: SignedIn) -> HubViews:
    """What makes rows in the reader's language."""
    master = services_of(request).store.master_data()
    settles = desk_of(request).buyers is not None
    return HubViews(
        master, words(language_of(request)), who.party, hub_of(request).now, request.scope.get("root_path", ""), settles
    )


def live_words(request: Request) -> dict[str, str]:
    """What scripts of these pages say."""
    speak = words(language_of(request))
    return {
        "live": speak(N_("This page follows what is recorded.")),
        "lost": speak(N_("No connection. What you see may be old.")),
        "new": speak(N_("Something new was recorded.")),
        "ended": speak(N_("You are signed out. Sign in again.")),
        "map": speak(N_("Map of what is under way: rivers, cities, and lines from sender to receiver")),
    }


def _lists(request: Request, who: SignedIn, asked: str | None, after: str) -> tuple[dict[str, Any], int]:
    hub, views = hub_of(request), views_of(request, who)
    # First, so that nothing that is recorded meanwhile is missed: it is told again.
    sequence = hub.last_sequence()
    counts = hub.counts(who.party)
    alarms = desk_of(request).alarms
    open_alarms = [] if alarms is None else [views.alarm(one) for one in alarms.alarms(who.party, hub.now)]
    tabs = _tabs(counts, len(open_alarms))
    # Whoever asks for no list sees the first that is not empty, what is late before what is not.
    first = next((tab["show"] for tab in (tabs[1], *tabs) if tab["count"]), "expected")
    show = asked or first
    rows, following = _rows(hub, views, who, show, after) if show != "alarms" else (open_alarms, "")
    context = {
        "show": show,
        "tabs": tabs,
        "hint": LISTS[show][1],
        "rows": rows,
        "empty": EMPTY[show],
        "next": following,
        "typical": TYPICAL_HOURS,
    }
    return context, sequence


def _rows(hub: HubDesk, views: HubViews, who: SignedIn, show: str, after: str) -> tuple[list[Row], str]:
    def made(page: Page[Any], row: Callable[[Any], Row]) -> tuple[list[Row], str]:
        return [row(one) for one in page.rows], page.next

    party = who.party
    match show:
        case "here":
            return made(hub.here(party, after, PAGE_SIZE), views.here)
        case "leaving":
            return made(hub.leaving(party, after, PAGE_SIZE), views.leaving)
        case "variances":
            return made(hub.variances(party, after, PAGE_SIZE), views.variance)
    overdue = show == "overdue"
    page = hub.coming(party, after, PAGE_SIZE, overdue=overdue)
    return made(page, lambda sight: views.coming(sight, overdue=overdue))


def _tabs(counts: HubCounts, alarms: int) -> list[dict[str, Any]]:
    numbers = {
        "expected": counts.expected,
        "overdue": counts.overdue,
        "here": counts.here,
        "leaving": counts.leaving,
        "alarms": alarms,
        "variances": counts.variances,
    }
    bad = {"overdue", "alarms", "variances"}
    return [
        {"show": name, "label": LISTS[name][0], "count": count, "bad": bool(count) and name in bad}
        for name, count in numbers.items()
    ]


def _file(request: Request, who: SignedIn, consignment: ConsignmentId) -> tuple[ConsignmentFile, int]:
    hub = hub_of(request)
    sequence = hub.last_sequence()
    try:
        return hub.consignment(who.party, consignment), sequence
    except NotFound:
        raise Problem(NO_SUCH_CONSIGNMENT) from None


def _arcs(request: Request, who: SignedIn) -> tuple[list[Arc], int]:
    hub = hub_of(request)
    sequence = hub.last_sequence()
    speak = words(language_of(request))
    maps = MapViews(services_of(request).store.master_data(), speak, views_of(request, who), hub.now)
    return [maps.arc(one) for one in hub.under_way(who.party)], sequence
