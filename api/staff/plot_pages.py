"""
Plots and their yields: what is certified for a season, what waits for it, and the forms by which a certifier signs.

A plot is registered by one certifier, once, and that one alone states its yield of a season; a stated yield is only
ever lowered. The forms are drafted and signed in the browser (kinds `certify-plot` and `certify-yield`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.localization import N_
from api.staff.family_view import FamilyNames
from api.staff.frame import staff_page
from api.staff.inspect_pages import STYLES, names_of
from api.staff.inspecting import Inspector, inspection_of, roles_of
from api.views.names import Name, text_name
from ledger.domain.custody_state import Plot as RegisteredPlot
from ledger.domain.custody_state import Yield
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import Plot
from ledger.domain.master_data import Role as PartyRole

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class PlotRow:
    """
    A plot in a season. `state`: "new" (nobody registered it), "open" (no yield is stated), "certified"; `mine`: this
    party may sign the next step. `share` is what was harvested of what was certified, in hundredths.
    """

    spot: str
    name: Name
    region: Name
    producer: str
    producer_number: str
    certifier: str
    state: str
    word: str
    mine: bool
    certified: str
    harvested: str
    left: str
    share: int


@router.get("/staff/inspect/plots", response_class=HTMLResponse)
async def plots(
    request: Request, who: Inspector, season: Annotated[int | None, Query(ge=2000, le=2099)] = None
) -> Response:
    """All plots, those first that wait for something."""
    inspection, names = inspection_of(request), names_of(request)
    year = season or datetime.now(UTC).year
    master = list(names.master.plots.values())
    registered = await to_thread.run_sync(inspection.families.plots, [plot.id for plot in master])
    yields = await to_thread.run_sync(inspection.families.yields, [(plot.id, year) for plot in master])
    may = bool(roles_of(request, who) & PartyRole.CERTIFIER)
    rows = [
        _row(plot, registered.get(plot.id), yields.get((plot.id, year)), names, who.party if may else None)
        for plot in master
    ]
    order = {"open": 0, "new": 1, "certified": 2}
    rows.sort(key=lambda row: (not row.mine, order[row.state], row.producer_number, row.spot))
    context = {
        "season": year,
        "seasons": (year - 1, year + 1),
        "waiting": [row for row in rows if row.state != "certified"],
        "certified": [row for row in rows if row.state == "certified"],
        "may_certify": may,
    }
    return staff_page(
        request, who, "staff/plots.html", context, styles=STYLES, scripts=["inspect.js"], data={"page": "plots"}
    )


def _row(
    plot: Plot, known: RegisteredPlot | None, stated: Yield | None, names: FamilyNames, certifier: PartyId | None
) -> PlotRow:
    speak = names.speak
    if known is None:
        state, word = "new", speak(N_("not registered"))
    elif stated is None:
        state, word = "open", speak(N_("no yield certified"))
    else:
        state, word = "certified", speak(N_("certified"))
    certified, harvested = (stated.certified, stated.harvested) if stated else (0, 0)
    return PlotRow(
        f"{plot.gln:013d}/{plot.extension}",
        text_name(plot.name, speak.language),
        text_name(plot.region, speak.language),
        names.party(plot.producer),
        f"{plot.producer:013d}",
        names.party(known.certifier) if known else "",
        state,
        word,
        certifier is not None and (known is None or known.certifier == certifier),
        speak.kilograms(certified) if stated else "",
        speak.kilograms(harvested) if stated else "",
        speak.kilograms(certified - harvested) if stated else "",
        min(100, harvested * 100 // certified) if certified else 0,
    )
