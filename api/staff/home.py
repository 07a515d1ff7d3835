"""The first page of staff: what there is to do, by role; and who is signed in, as JSON."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.staff.access import Staff, desk_of
from api.staff.frame import staff_page, who_json
from ledger.domain.people import DeviceState

router = APIRouter(include_in_schema=False)


@router.get("/staff", response_class=HTMLResponse)
def home(request: Request, who: Staff) -> Response:
    """Cards of what the person's party does."""
    people = desk_of(request).people
    waits = False
    if people is not None and who.key_id is not None:
        waits = people.device(who.party, who.key_id).state is DeviceState.WAITING
    return staff_page(request, who, "staff/home.html", {"waits": waits})


@router.get("/staff/api/me")
def me(request: Request, who: Staff) -> dict[str, Any]:
    """Who is signed in, and the token that requests of pages carry."""
    return {**who_json(request, who), "formToken": who.form_token, "session": who.session_id}
