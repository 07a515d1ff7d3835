"""A person's own page: phones, PIN, passkeys, recovery codes, where one is signed in."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel

from api.localization import CHINA_TIME, language_of, words
from api.staff.access import SAME_ORIGIN, Staff, desk_of, origin_of
from api.staff.answers import Hex, Text, bytes_of, done, hex_of, people_of, sign_in_of
from api.staff.frame import staff_page
from api.staff.signing_in import PasskeyAnswer, passkeys_of
from ledger.domain.people import DeviceState

router = APIRouter(include_in_schema=False)


class NewPin(BaseModel):
    """A PIN, and the one before where there is one; "" takes it away."""

    pin: Text
    current: Text = ""


class NewPasskey(PasskeyAnswer):
    """What the authenticator made, and what its owner calls it."""

    label: Text = ""


class Which(BaseModel):
    """A key, a credential: hex."""

    id: Hex


@router.get("/staff/me", response_class=HTMLResponse)
async def me_page(request: Request, who: Staff) -> Response:
    """What opens this person's sessions, and what is open."""
    people, sign_in, person = people_of(request), sign_in_of(request), who.person
    speak = words(language_of(request))
    devices = [device for device in await done(people.devices, who.party) if device.person == person.id]
    kept = desk_of(request).passkeys
    context = {
        "devices": [
            {
                "id": hex_of(device.key_id),
                "label": device.label,
                "state": device.state,
                "here": device.key_id == who.key_id,
                "day": speak.date(datetime.fromtimestamp(device.added_at, CHINA_TIME)),
            }
            for device in devices
            if device.state is not DeviceState.REVOKED
        ],
        "passkeys": [
            {
                "id": hex_of(one.credential_id),
                "label": one.label,
                "day": speak.date(datetime.fromtimestamp(one.added_at, CHINA_TIME)),
            }
            for one in (await done(kept.of, person.id) if kept else [])
        ],
        "sessions": len(await done(sign_in.sessions, person.id)),
        "has_pin": await done(sign_in.has_pin, person.id),
        "codes_left": await done(sign_in.codes_left, person.id),
    }
    return await asyncio.to_thread(
        staff_page, request, who, "staff/me.html", context, scripts=["people.js"], data={"page": "me"}
    )


@router.post("/staff/api/me/pin", dependencies=[SAME_ORIGIN])
async def set_pin(request: Request, who: Staff, body: NewPin) -> dict[str, Any]:
    """Another PIN; the one before has to be told, where there is one."""
    sign_in = sign_in_of(request)
    await done(sign_in.check_pin, who.person, body.current)
    if body.pin:
        await done(sign_in.set_pin, who.person.id, body.pin)
    else:
        await done(sign_in.drop_pin, who.person.id)
    return {"pin": bool(body.pin)}


@router.post("/staff/api/me/codes", dependencies=[SAME_ORIGIN])
async def new_codes(request: Request, who: Staff) -> dict[str, Any]:
    """Eight recovery codes, this once; those before are good for nothing any more."""
    return {"codes": await done(sign_in_of(request).new_codes, who.person.id)}


@router.post("/staff/api/me/passkeys/options", dependencies=[SAME_ORIGIN])
async def passkey_options(request: Request, who: Staff) -> dict[str, Any]:
    """What the browser asks the phone to make."""
    text, options = await done(passkeys_of(request).creation_options, origin_of(request), who.person)
    return {"challenge": text, "options": json.loads(options)}


@router.post("/staff/api/me/passkeys", dependencies=[SAME_ORIGIN])
async def add_passkey(request: Request, who: Staff, body: NewPasskey) -> dict[str, Any]:
    """Keeps the passkey that the phone made."""
    made = await done(
        passkeys_of(request).add, origin_of(request), who.person, body.challenge, body.answer, body.label
    )  # fmt: skip
    return {"id": hex_of(made.credential_id)}


@router.post("/staff/api/me/passkeys/remove", dependencies=[SAME_ORIGIN])
async def remove_passkey(request: Request, who: Staff, body: Which) -> dict[str, Any]:
    """The passkey opens nothing any more."""
    await done(passkeys_of(request).remove, who.person.id, bytes_of(body.id))
    return {"id": body.id}
