"""People of a party, for its admins: invited with a link and a QR, disabled; phones revoked, PINs cleared."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from api.dependencies import services_of
from api.localization import CHINA_TIME, language_of, words
from api.problem_details import Problem
from api.staff.access import ADMINS_ONLY, SAME_ORIGIN, Admin, SignedIn, Staff, desk_of, origin_of
from api.staff.answers import Hex, Text, bytes_of, done, hex_of, people_of, sign_in_of
from api.staff.frame import staff_page
from api.staff.joining import grant_json
from ledger.adapters.qr_labels import qr_svg
from ledger.domain.errors import Refused
from ledger.domain.identifiers import KeyId
from ledger.domain.people import Device, DeviceState, role_of

router = APIRouter(include_in_schema=False)


class Invite(BaseModel):
    """Who is invited, as what, and for how many hours the link is good."""

    name: Text
    role: Text
    hours: Annotated[int, Field(ge=1, le=720)] = 72


class PersonId(BaseModel):
    """A person, or an invitation."""

    id: Text


class DeviceId(BaseModel):
    """A phone, by its key."""

    keyId: Hex


class Approval(DeviceId):
    """The admin's signature: r and s."""

    signature: Hex


class SignedRevocation(Approval):
    """The same over a revocation with that deadline."""

    deadline: int


@router.get("/staff/people", response_class=HTMLResponse)
async def people_page(request: Request, who: Admin) -> Response:
    """Everybody of the party with their phones, and open invitations."""
    people = people_of(request)
    speak = words(language_of(request))
    devices = await done(people.devices, who.party)

    def day(seconds: int) -> str:
        return speak.date(datetime.fromtimestamp(seconds, CHINA_TIME))

    context = {
        "people": [
            {
                "id": person.id,
                "name": person.name,
                "role": person.role,
                "day": day(person.added_at),
                "disabled": person.disabled_at is not None,
                "me": person.id == who.person.id,
                "devices": [_device(device, day(device.added_at)) for device in devices if device.person == person.id],
            }
            for person in await done(people.people, who.party)
        ],
        "invitations": [
            {
                "id": one.id,
                "name": one.name,
                "role": one.role,
                "until": speak.minute(datetime.fromtimestamp(one.expires_at, CHINA_TIME)),
            }
            for one in await done(people.invitations, who.party)
        ],
    }
    return await asyncio.to_thread(
        staff_page, request, who, "staff/people.html", context, scripts=["people.js"], data={"page": "people"}
    )


def _device(device: Device, day: str) -> dict[str, Any]:
    return {"id": hex_of(device.key_id), "label": device.label, "state": device.state, "day": day}


@router.post("/staff/api/people/invite", dependencies=[SAME_ORIGIN])
async def invite(request: Request, who: Admin, body: Invite) -> dict[str, Any]:
    """A link, told this once, and its QR as SVG."""
    invitation, token = await done(
        people_of(request).invite, who.party, body.name, role_of(body.role), who.person.id, body.hours * 3600
    )
    link = f"{origin_of(request)}/staff/join#{token}"
    return {"id": invitation.id, "name": invitation.name, "link": link, "qr": qr_svg(link)}


@router.post("/staff/api/people/withdraw", dependencies=[SAME_ORIGIN])
async def withdraw(request: Request, who: Admin, body: PersonId) -> dict[str, Any]:
    """The invitation opens nothing any more."""
    await done(people_of(request).withdraw, who.party, body.id)
    return {"id": body.id}


@router.post("/staff/api/people/disable", dependencies=[SAME_ORIGIN])
async def disable(request: Request, who: Admin, body: PersonId) -> dict[str, Any]:
    """The person is signed out everywhere, and all phones are revoked; `left`: those that the admin has to sign off."""
    left = await done(people_of(request).disable, who.person, body.id)
    desk_of(request).wake()
    return {"id": body.id, "left": [hex_of(device.key_id) for device in left]}


@router.post("/staff/api/people/clear-pin", dependencies=[SAME_ORIGIN])
async def clear_pin(request: Request, who: Admin, body: PersonId) -> dict[str, Any]:
    """Opens what ten wrong PINs closed; the person chooses a new one."""
    person = await done(people_of(request).person, who.party, body.id)
    await done(sign_in_of(request).drop_pin, person.id)
    return {"id": body.id}


@router.post("/staff/api/devices/grant", dependencies=[SAME_ORIGIN])
async def waiting_grant(request: Request, who: Admin, body: DeviceId) -> dict[str, Any]:
    """What an admin's own device signs for a phone that waits."""
    people = people_of(request)
    device = await done(people.device, who.party, KeyId(bytes_of(body.keyId)))
    grant, _ = await done(people.offered, device)
    return grant_json(request, grant)


@router.post("/staff/api/devices/approve", dependencies=[SAME_ORIGIN])
async def approve(request: Request, who: Admin, body: Approval) -> dict[str, Any]:
    """Registers a phone that waits, by the signature of the admin's own device."""
    key, own = KeyId(bytes_of(body.keyId)), _own_key(who)
    await done(people_of(request).approve, who.party, key, own, bytes_of(body.signature))
    desk_of(request).wake()
    return {"keyId": body.keyId, "state": DeviceState.REGISTERED}


@router.post("/staff/api/devices/revocation", dependencies=[SAME_ORIGIN])
async def revocation(request: Request, who: Admin, body: DeviceId) -> dict[str, Any]:
    """What an admin's own device signs to end a phone, where the party's main key is kept elsewhere."""
    found = await done(people_of(request).revocation_of, who.party, KeyId(bytes_of(body.keyId)))
    record = services_of(request).deployment
    told = {"party": str(found.party), "keyId": hex_of(found.key_id), "deadline": found.deadline}
    return {"revocation": told, "chainId": record["chainId"], "registry": record["partyRegistry"]}


@router.post("/staff/api/devices/revoke-signed", dependencies=[SAME_ORIGIN])
async def revoke_signed(request: Request, who: Admin, body: SignedRevocation) -> dict[str, Any]:
    """Ends a phone by the signature of the admin's own device."""
    key, own = KeyId(bytes_of(body.keyId)), _own_key(who)
    await done(people_of(request).revoke_signed, who.party, key, body.deadline, own, bytes_of(body.signature))
    desk_of(request).wake()
    return {"keyId": body.keyId, "state": DeviceState.REVOKED}


def _own_key(who: SignedIn) -> KeyId:
    if who.key_id is None:
        raise Refused.one("device", "device.no-admin", "", "this browser has no key that could sign")
    return who.key_id


@router.post("/staff/api/devices/revoke", dependencies=[SAME_ORIGIN])
async def revoke(request: Request, who: Staff, body: DeviceId) -> dict[str, Any]:
    """Ends a phone: an admin any of the party's, others one of their own."""
    people, key = people_of(request), KeyId(bytes_of(body.keyId))
    device = await done(people.device, who.party, key)
    if not who.person.is_admin and device.person != who.person.id:
        raise Problem(ADMINS_ONLY)
    await done(people.revoke, who.party, key)
    desk_of(request).wake()
    return {"keyId": body.keyId, "state": DeviceState.REVOKED}
