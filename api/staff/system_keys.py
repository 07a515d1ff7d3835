"""Keys for systems that send records by themselves, for admins of their party: made, shown once, revoked."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field, StringConstraints

from api.localization import CHINA_TIME, language_of, words
from api.problem_details import Problem
from api.staff.access import NO_STAFF_PAGES, SAME_ORIGIN, Admin, desk_of
from api.staff.answers import Text, done
from api.staff.frame import staff_page
from ledger.domain.api_keys import actions_of
from ledger.domain.errors import NotFound
from ledger.services.api_keys import ApiKeys

router = APIRouter(include_in_schema=False)


class NewKey(BaseModel):
    """What the key is called, what it is good for, and for how many days; 0: until it is revoked."""

    name: Text
    actions: Annotated[list[Text], Field(max_length=5)]
    days: Annotated[int, Field(ge=0)] = 0


class KeyName(BaseModel):
    """The 16 digits that name a key."""

    id: Annotated[str, StringConstraints(max_length=16)]


@router.get("/staff/keys", response_class=HTMLResponse)
async def keys_page(request: Request, who: Admin) -> Response:
    """The party's keys, those that ended last."""
    keys, speak = _keys(request), words(language_of(request))
    now = datetime.now(CHINA_TIME).timestamp()

    def day(seconds: int | None) -> str:
        return "" if seconds is None else speak.date(datetime.fromtimestamp(seconds, CHINA_TIME))

    rows = [
        {
            "id": key.id,
            "name": key.name,
            "capture": "capture" in key.actions,
            "made": day(key.created_at),
            "used": day(key.last_used),
            "until": day(key.expires_at),
            "valid": key.is_valid(now),
        }
        for key in await done(keys.of, who.party)
    ]
    rows.sort(key=lambda row: not row["valid"])
    return await asyncio.to_thread(
        staff_page, request, who, "staff/keys.html", {"keys": rows}, scripts=["people.js"], data={"page": "keys"}
    )


@router.post("/staff/api/keys", dependencies=[SAME_ORIGIN])
async def create(request: Request, who: Admin, body: NewKey) -> dict[str, Any]:
    """A key for the admin's own party; the only time that it is told."""
    key, token = await done(
        _keys(request).create, who.party, actions_of(body.actions), name=body.name.strip(), days=body.days or None
    )
    return {"id": key.id, "key": token}


@router.post("/staff/api/keys/revoke", dependencies=[SAME_ORIGIN])
async def revoke(request: Request, who: Admin, body: KeyName) -> dict[str, Any]:
    """Ends a key of the admin's own party."""
    await done(_revoke_own, _keys(request), who.party, body.id)
    return {"id": body.id}


def _revoke_own(keys: ApiKeys, party: int, key_id: str) -> None:
    if not any(key.id == key_id and key.party == party for key in keys.of()):
        raise NotFound(f"party {party:013d} has no key {key_id}")
    keys.revoke(key_id)


def _keys(request: Request) -> ApiKeys:
    keys = desk_of(request).api_keys
    if keys is None:
        raise Problem(NO_STAFF_PAGES)
    return keys
