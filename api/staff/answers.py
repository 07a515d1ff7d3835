"""What the JSON for staff has in common: addresses that try too often, hex, refusals with the status that fits them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Annotated, ParamSpec, TypeVar

from fastapi import Request
from pydantic import StringConstraints

from api.localization import N_
from api.problem_details import Kind, Problem
from api.routes.rpc import TOO_MANY
from api.staff.access import NO_STAFF_PAGES, desk_of
from ledger.domain.errors import Conflict, InvalidInput, NotFound, Refused
from ledger.services.people import People
from ledger.services.sign_in import SignIn

P = ParamSpec("P")
T = TypeVar("T")
Hex = Annotated[str, StringConstraints(pattern="^0x([0-9a-f]{2}){1,600}$", max_length=1202)]
Token = Annotated[str, StringConstraints(max_length=200)]
Text = Annotated[str, StringConstraints(max_length=200)]

NOT_NOW = Kind("refused", 403, N_("That was refused"), N_("See which rule it breaks below."))
NOT_YOURS = Kind(
    "not-here", 404, N_("Your organisation has no such person, phone or key"), N_("Load the page again.")
)  # fmt: skip
KNOWN = Kind("known-already", 409, N_("That is here already"), N_("Load the page again."))


def bytes_of(text: str) -> bytes:
    """The bytes behind 0x."""
    return bytes.fromhex(text.removeprefix("0x"))


def hex_of(data: bytes) -> str:
    """0x and lower-case digits."""
    return "0x" + data.hex()


def count_attempt(request: Request) -> None:
    """429 where this address asks too often before it is signed in. Call it on the event loop's thread."""
    buckets = desk_of(request).attempts
    if buckets is None:
        return
    address = request.client.host if request.client else "local"
    if (seconds := buckets.wait_for(address, 1)) > 0:
        raise Problem(TOO_MANY, headers={"retry-after": str(math.ceil(seconds))})


async def done(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs the work in a thread; what it refuses becomes a problem whose status says so."""
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except Refused as refused:
        raise Problem(NOT_NOW, violations=refused.violations) from refused
    except InvalidInput:
        raise
    except NotFound as missing:
        raise Problem(NOT_YOURS) from missing
    except Conflict as known:
        raise Problem(KNOWN) from known


def people_of(request: Request) -> People:
    """Who acts for parties; a problem where this service has none."""
    people = desk_of(request).people
    if people is None:
        raise Problem(NO_STAFF_PAGES)
    return people


def sign_in_of(request: Request) -> SignIn:
    """How people sign in; a problem where nobody can."""
    sign_in = desk_of(request).sign_in
    if sign_in is None:
        raise Problem(NO_STAFF_PAGES)
    return sign_in
