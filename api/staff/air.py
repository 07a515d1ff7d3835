"""
The air leg on a phone: what flies, a button for every step that can come next, and the form for a new air waybill.

Each step is drafted by the service (`ledger.services.draft_air`), checked and signed in the browser, and recorded as
any other event of the party. The airline is named and signs nothing; the page says so.
"""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.dependencies import services_of
from api.localization import N_, language_of, words
from api.staff.access import SignedIn, Staff
from api.staff.frame import staff_page
from api.staff.hub import STYLE, hub_of, live_words, views_of
from api.staff.hub_views import ship_path
from ledger.domain.forms.air import BIZ_STEPS

MOST_LOTS = 60
router = APIRouter(include_in_schema=False)


@router.get("/staff/air", response_class=HTMLResponse)
async def air_page(request: Request, who: Staff) -> Response:
    """What flies, with what may be stated next."""
    context, sequence = await asyncio.to_thread(_legs, request, who)
    return _page(request, who, "staff/air.html", context, sequence)


@router.get("/staff/air/new", response_class=HTMLResponse)
async def new_air_page(request: Request, who: Staff) -> Response:
    """The form for goods that nothing was stated of yet."""
    context, sequence = await asyncio.to_thread(_form, request, who)
    return _page(request, who, "staff/air_new.html", context, sequence)


def _page(request: Request, who: SignedIn, template: str, context: dict[str, Any], sequence: int) -> Response:
    data = {
        "sequence": sequence,
        "words": live_words(request) | air_words(request),
        "deployment": dict(services_of(request).deployment),
        "steps": {step.value: biz_step for step, biz_step in BIZ_STEPS.items()},
    }
    return staff_page(request, who, template, context, styles=(STYLE,), scripts=("hub.js", "air.js"), data=data)


def air_words(request: Request) -> dict[str, str]:
    """What the script of these pages says."""
    speak = words(language_of(request))
    return {
        "signing": speak(N_("Signing …")),
        "recorded": speak(N_("Recorded: %(step)s")),
        "offline": speak(N_("No network: nothing was recorded. Try again when it is back.")),
        "busy": speak(N_("The service is busy: nothing was recorded. Try again in a moment.")),
        "signed-out": speak(N_("You are signed out: nothing was recorded. Sign in again.")),
        "stated": speak(N_("Air freight")),
        "kept-offline": speak(N_("No network: what you signed is kept on this phone and sent when it is back.")),
        "kept-busy": speak(N_("The service is busy: what you signed is kept on this phone and sent by itself.")),
        "kept-signed-out": speak(N_("You are signed out: what you signed is kept, and sent when you sign in again.")),
        "no-key": speak(N_("This browser has no key of yours, so it cannot sign. Open an invitation on this phone.")),
        "differs": speak(N_("What came back is not what you entered. Nothing was signed.")),
        "refused": speak(N_("Not recorded.")),
        "digits-left": speak(N_("%(count)s of 11 digits")),
        "check-good": speak(N_("The last digit fits.")),
        "check-bad": speak(N_("The last digit does not fit: read the number again.")),
        "no-lots": speak(N_("Choose at least one lot.")),
        "missing": speak(N_("This has to be filled in.")),
    }


def _legs(request: Request, who: SignedIn) -> tuple[dict[str, Any], int]:
    hub, views = hub_of(request), views_of(request, who)
    sequence = hub.last_sequence()
    root = request.scope.get("root_path", "")
    files = hub.air(who.party)
    legs = [
        {
            "view": views.air(one),
            "ship": "" if one.sight is not None else ship_path(root, one),
            "over": one.journey.is_over,
        }
        for one in files
    ]
    return {"legs": [one for one in legs if not one["over"]], "past": [one for one in legs if one["over"]]}, sequence


def _form(request: Request, who: SignedIn) -> tuple[dict[str, Any], int]:
    hub, views, speak = hub_of(request), views_of(request, who), words(language_of(request))
    sequence = hub.last_sequence()
    lots = [
        {"value": f"{row.ref.product:014d}/{row.ref.code}", "name": views.lot_name(row.ref, row.lot),
         "grams": speak.kilograms(row.grams)}
        for row in hub.here(who.party, "", MOST_LOTS).rows
        if row.ref is not None
    ]  # fmt: skip
    last = next((leg for file in hub.air(who.party) for leg, _ in reversed(file.legs)), None)
    # What was used last comes first.
    return {"lots": lots, "origin": last.origin if last is not None and last.origin else "URC"}, sequence
