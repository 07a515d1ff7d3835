"""
Signing in and out: the page, and the JSON by which a phone's key, a passkey or a recovery code opens a session.

What a key signs begins with a fixed text and names our origin, so that it is never an event's signature and of no use
to another site. All of it is counted by address.
"""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, StringConstraints

from api.problem_details import Problem
from api.staff.access import (
    COOKIE,
    NO_STAFF_PAGES,
    OWN_ORIGIN,
    REAL_BROWSER_ONLY,
    SAME_ORIGIN,
    Staff,
    clear_cookie,
    desk_of,
    origin_of,
    set_cookie,
)
from api.staff.answers import Hex, Text, bytes_of, count_attempt, done, sign_in_of
from api.staff.frame import open_page
from ledger.domain.identifiers import KeyId
from ledger.domain.people import Person
from ledger.services.passkeys import Passkeys

router = APIRouter(include_in_schema=False)
Answer = Annotated[str, StringConstraints(max_length=20_000)]
_BEFORE = [REAL_BROWSER_ONLY, OWN_ORIGIN]


class Signed(BaseModel):
    """A challenge and what the phone's key made of it. `pin`: where the person has one."""

    keyId: Hex
    challenge: Text
    signature: Hex
    pin: Text = ""


class Code(BaseModel):
    """A recovery code, as somebody typed it."""

    code: Text


class PasskeyAnswer(BaseModel):
    """What the browser answered to the options, as JSON text."""

    challenge: Text
    answer: Answer


@router.get("/staff/sign-in", response_class=HTMLResponse, dependencies=[REAL_BROWSER_ONLY])
def sign_in_page(request: Request, next: Annotated[str, Query(max_length=500)] = "/staff") -> Response:
    """The people of this phone, and the other ways in."""
    desk_of(request)
    data = {"page": "sign-in", "next": local_path(next)}
    return open_page(request, "staff/sign_in.html", {}, scripts=["people.js"], data=data)


def local_path(path: str) -> str:
    """A page of staff to go on to; the first one for anything else, so that no link leads from here elsewhere."""
    parts = urlsplit(path)
    inside = parts.path == "/staff" or parts.path.startswith("/staff/")
    if parts.scheme or parts.netloc or not inside or ".." in path or "\\" in path:
        return "/staff"
    return path


@router.post("/staff/api/sign-in/challenge", dependencies=_BEFORE)
async def challenge(request: Request) -> dict[str, Any]:
    """A text to sign within two minutes."""
    count_attempt(request)
    return {"challenge": await done(sign_in_of(request).challenge), "origin": origin_of(request)}


@router.post("/staff/api/sign-in", dependencies=_BEFORE)
async def sign_in(request: Request, body: Signed) -> JSONResponse:
    """Opens a session for whoever has the phone's key, and the PIN."""
    count_attempt(request)
    key, signature = KeyId(bytes_of(body.keyId)), bytes_of(body.signature)
    token, person = await done(
        sign_in_of(request).with_device, origin_of(request), key, body.challenge, signature, body.pin
    )
    desk_of(request).wake()
    return _opened(request, token, person)


@router.post("/staff/api/sign-in/code", dependencies=_BEFORE)
async def sign_in_with_code(request: Request, body: Code) -> JSONResponse:
    """Opens a session for whoever has a recovery code, which is used up."""
    count_attempt(request)
    token, person = await done(sign_in_of(request).with_code, body.code)
    return _opened(request, token, person)


@router.post("/staff/api/sign-in/passkey/options", dependencies=_BEFORE)
async def passkey_options(request: Request) -> dict[str, Any]:
    """What the browser asks the phone."""
    count_attempt(request)
    text, options = await done(passkeys_of(request).sign_in_options, origin_of(request))
    return {"challenge": text, "options": json.loads(options)}


@router.post("/staff/api/sign-in/passkey", dependencies=_BEFORE)
async def sign_in_with_passkey(request: Request, body: PasskeyAnswer) -> JSONResponse:
    """Opens a session for whoever has the passkey."""
    count_attempt(request)
    token, person = await done(passkeys_of(request).sign_in, origin_of(request), body.challenge, body.answer)
    return _opened(request, token, person)


@router.post("/staff/api/sign-out", dependencies=[SAME_ORIGIN])
async def sign_out(request: Request, who: Staff) -> JSONResponse:
    """Ends this session."""
    await done(sign_in_of(request).out, request.cookies.get(COOKIE, ""))
    answer = JSONResponse({"ended": 1})
    clear_cookie(request, answer)
    return answer


@router.post("/staff/api/sign-out/everywhere", dependencies=[SAME_ORIGIN])
async def sign_out_everywhere(request: Request, who: Staff) -> JSONResponse:
    """Ends all sessions of the person, this one too."""
    ended = await done(sign_in_of(request).out_everywhere, who.person.id)
    answer = JSONResponse({"ended": ended})
    clear_cookie(request, answer)
    return answer


def passkeys_of(request: Request) -> Passkeys:
    """Passkeys; a problem where this service has none."""
    passkeys = desk_of(request).passkeys
    if passkeys is None:
        raise Problem(NO_STAFF_PAGES)
    return passkeys


def _opened(request: Request, token: str, person: Person) -> JSONResponse:
    answer = JSONResponse({"person": person.id, "name": person.name})
    set_cookie(request, answer, token)
    return answer
