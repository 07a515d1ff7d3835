"""
Joining by an invitation: the page that opens it, and the JSON by which a phone's new key is offered and registered.

The token stands behind `#` in the link, which browsers keep to themselves: it is in no log, and whoever previews the
link does not use it up. Nothing happens before the person taps.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel

from api.dependencies import services_of
from api.staff.access import (
    OWN_ORIGIN,
    REAL_BROWSER_ONLY,
    SAME_ORIGIN,
    Staff,
    desk_of,
    set_cookie,
)  # fmt: skip
from api.staff.answers import Hex, Text, Token, bytes_of, count_attempt, done, hex_of, people_of, sign_in_of
from api.staff.frame import open_page, party_name
from ledger.domain.errors import Refused
from ledger.domain.people import Device, Person, checked_pin
from ledger.domain.registry_actions import KeyGrant

router = APIRouter(include_in_schema=False)


class Opened(BaseModel):
    """A token."""

    token: Token


class Offer(BaseModel):
    """A new key: x ‖ y."""

    token: Token = ""
    publicKey: Hex


class Join(Offer):
    """The key again, with what it signed. `pin`: where several people use the phone."""

    deadline: int
    signature: Hex
    label: Text = ""
    pin: Text = ""


@router.get("/staff/join", response_class=HTMLResponse, dependencies=[REAL_BROWSER_ONLY])
def join_page(request: Request) -> Response:
    """Opens the invitation behind `#`."""
    desk_of(request)
    return open_page(request, "staff/join.html", {}, scripts=["people.js"], data={"page": "join"})


@router.post("/staff/api/join/open", dependencies=[REAL_BROWSER_ONLY, OWN_ORIGIN])
async def opened(request: Request, body: Opened) -> dict[str, Any]:
    """Who is invited by whom; the invitation stays as it is."""
    count_attempt(request)
    invitation = await done(people_of(request).opened, body.token)
    return {
        "name": invitation.name,
        "role": invitation.role,
        "party": f"{invitation.party:013d}",
        "partyName": party_name(request, invitation.party),
        "expiresAt": invitation.expires_at,
    }


@router.post("/staff/api/join/offer", dependencies=[REAL_BROWSER_ONLY, OWN_ORIGIN])
async def offer(request: Request, body: Offer) -> dict[str, Any]:
    """What the phone's key has to sign; the phone makes the digest itself, from the grant."""
    count_attempt(request)
    people = people_of(request)
    invitation = await done(people.opened, body.token)
    grant, _ = await done(people.grant_for, invitation.party, invitation.role, bytes_of(body.publicKey))
    return grant_json(request, grant)


@router.post("/staff/api/join", dependencies=[REAL_BROWSER_ONLY, OWN_ORIGIN])
async def join(request: Request, body: Join) -> JSONResponse:
    """The person comes in with the phone's key, and is signed in."""
    count_attempt(request)
    people, sign_in, desk = people_of(request), sign_in_of(request), desk_of(request)
    if body.pin:
        checked_pin(body.pin)
    person, device = await done(
        people.join, body.token, bytes_of(body.publicKey), body.deadline, bytes_of(body.signature), body.label
    )
    if body.pin:
        await done(sign_in.set_pin, person.id, body.pin)
    token = await done(sign_in.open, person, device.key_id)
    desk.wake()
    answer = JSONResponse(_joined_json(request, person, device))
    set_cookie(request, answer, token)
    return answer


@router.post("/staff/api/me/devices/offer", dependencies=[SAME_ORIGIN])
async def offer_own(request: Request, who: Staff, body: Offer) -> dict[str, Any]:
    """What a key on this browser has to sign, for somebody who came without one."""
    _require_no_device(who.key_id)
    grant, _ = await done(people_of(request).grant_for, who.party, who.person.role, bytes_of(body.publicKey))
    return grant_json(request, grant)


@router.post("/staff/api/me/devices", dependencies=[SAME_ORIGIN])
async def add_own(request: Request, who: Staff, body: Join) -> JSONResponse:
    """Another phone of the person, who is signed in on it by a passkey or a recovery code."""
    _require_no_device(who.key_id)
    device = await done(
        people_of(request).add_device, who.person, bytes_of(body.publicKey), body.deadline, bytes_of(body.signature),
        body.label,
    )  # fmt: skip
    token = await done(sign_in_of(request).open, who.person, device.key_id)
    desk_of(request).wake()
    answer = JSONResponse(_joined_json(request, who.person, device))
    set_cookie(request, answer, token)
    return answer


def _require_no_device(key_id: bytes | None) -> None:
    if key_id is not None:
        raise Refused.one("device", "device.here", hex_of(key_id), "this browser has a key of yours already")


def grant_json(request: Request, grant: KeyGrant) -> dict[str, Any]:
    """A grant, and the registry under whose domain it is signed."""
    record = services_of(request).deployment
    return {
        "grant": {
            "party": str(grant.party),
            "keyId": hex_of(grant.key_id),
            "scheme": int(grant.scheme),
            "admin": grant.admin,
            "hosted": grant.hosted,
            "validFrom": grant.valid_from,
            "validUntil": grant.valid_until,
            "deadline": grant.deadline,
        },
        "chainId": record["chainId"],
        "registry": record["partyRegistry"],
    }


def _joined_json(request: Request, person: Person, device: Device) -> dict[str, Any]:
    return {
        "person": person.id,
        "name": person.name,
        "role": person.role,
        "party": f"{person.party:013d}",
        "partyName": party_name(request, person.party),
        "keyId": hex_of(device.key_id),
        "state": device.state,
    }
