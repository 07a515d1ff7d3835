"""
Who may see a page of staff: the session behind the cookie, its person and party.

`Staff` and `Admin` are dependencies of routes. Without a session a page goes to `/staff/sign-in`, and JSON (under
`/staff/api/`) answers with a problem. Whatever changes something also depends on `require_same_origin`: the Origin is
ours, and the request carries the page's form token, which no other site can read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from api.dependencies import services_of
from api.localization import N_
from api.problem_details import Kind, Problem
from api.staff.desk import StaffDesk
from ledger.domain.identifiers import KeyId, PartyId
from ledger.domain.people import SESSION_SECONDS, Person, form_token

COOKIE = "silkroot-staff"
FORM_HEADER = "x-silkroot-form"
SIGN_IN = "/staff/sign-in"
API = "/staff/api/"

NO_STAFF_PAGES = Kind(
    "no-staff-pages", 404, N_("There are no pages for staff here"), N_("This service only shows what is recorded.")
)
SIGN_IN_NEEDED = Kind("sign-in-needed", 401, N_("You are not signed in"), N_("Sign in, then do it again."))
ADMINS_ONLY = Kind(
    "admins-only",
    403,
    N_("Only an administrator of your organisation may do this"),
    N_("Ask one of them; they see it on their own phone."),
)
OTHER_PARTY = Kind(
    "other-party",
    403,
    N_("You may only act for your own organisation"),
    N_("What you sent is about another one. Nothing was recorded."),
)
OTHER_SITE = Kind(
    "other-site",
    403,
    N_("This did not come from a page of this service"),
    N_("Load the page again and repeat what you did. Nothing was recorded."),
)
HTTPS_NEEDED = Kind(
    "https-needed",
    403,
    N_("Pages for staff need a protected connection (HTTPS)"),
    N_("Without it others in the same network could read along, and the browser makes no keys."),
)

REAL_BROWSER = Kind(
    "real-browser", 403,
    N_("Open this in the browser of your phone"),
    N_("WeChat’s own browser cannot keep your key. Tap ⋯ and choose “Open in browser”."),
)  # fmt: skip


class SignInNeeded(Exception):
    """A page was asked for without a session."""


class WrongBrowser(Exception):
    """A page was asked for over plain HTTP, or inside a messenger: it says what to do instead."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """
    The person who acts, for which party, by which device key (None where this browser has none), and the token that
    the page's requests carry.
    """

    person: Person
    party: PartyId
    key_id: KeyId | None
    session_id: str
    form_token: str

    def require_party(self, party: int) -> None:
        """Refuses to act for another party than one's own."""
        if party != self.party:
            raise Problem(OTHER_PARTY)


def desk_of(request: Request) -> StaffDesk:
    """The services of staff pages; a problem where this service has none."""
    desk = services_of(request).staff
    if desk is None:
        raise Problem(NO_STAFF_PAGES)
    return desk


def is_protected(request: Request) -> bool:
    """Whether the browser regards the page as secure: HTTPS (here or at a proxy), or this very machine."""
    if request.url.scheme == "https":
        return True
    host = (request.url.hostname or "").strip("[]")
    if host in ("localhost", "127.0.0.1", "::1"):
        return True
    public = urlsplit(services_of(request).public_url)
    return public.scheme == "https" and public.netloc == request.headers.get("host", "")


def is_in_messenger(request: Request) -> bool:
    """Whether this is WeChat's own browser: it keeps no keys for long, and shows no address."""
    return "micromessenger" in request.headers.get("user-agent", "").lower()


def require_real_browser(request: Request) -> None:
    """Over HTTPS, or on this machine, in a browser that keeps keys."""
    if is_protected(request) and not is_in_messenger(request):
        return
    if request.url.path.startswith(API):
        raise Problem(HTTPS_NEEDED if not is_protected(request) else REAL_BROWSER)
    raise WrongBrowser


def origin_of(request: Request) -> str:
    """The origin that the browser names for our pages."""
    host = request.headers.get("host", "")
    public = urlsplit(services_of(request).public_url)
    if public.scheme == "https" and public.netloc == host:
        return f"https://{host}"
    return f"{request.url.scheme}://{host}"


def signed_in(request: Request) -> SignedIn:
    """The session of the request's cookie."""
    desk = desk_of(request)
    require_real_browser(request)
    token = request.cookies.get(COOKIE, "")
    found = desk.sessions.of_token(token) if token else None
    if found is None:
        if request.url.path.startswith(API):
            raise Problem(SIGN_IN_NEEDED)
        raise SignInNeeded
    session, person = found
    return SignedIn(person, person.party, session.device, session.id, form_token(token))


Staff = Annotated[SignedIn, Depends(signed_in)]
"""Somebody who is signed in."""


def admin_signed_in(who: Staff) -> SignedIn:
    """The same, who has to be an admin of the party."""
    if not who.person.is_admin:
        raise Problem(ADMINS_ONLY)
    return who


Admin = Annotated[SignedIn, Depends(admin_signed_in)]
"""An admin who is signed in."""


def require_own_origin(request: Request) -> None:
    """For what is sent before there is a session: the Origin header is our own."""
    if request.headers.get("origin", "") != origin_of(request):
        raise Problem(OTHER_SITE)


def require_same_origin(request: Request, who: Staff) -> None:
    """The Origin header is our own, and the form token is that of the session."""
    require_own_origin(request)
    if request.headers.get(FORM_HEADER, "") != who.form_token:
        raise Problem(OTHER_SITE)


SAME_ORIGIN = Depends(require_same_origin)
"""For `dependencies=[...]` of every route that changes something."""


REAL_BROWSER_ONLY = Depends(require_real_browser)
"""For pages and JSON that come before there is a session."""
OWN_ORIGIN = Depends(require_own_origin)
"""For what changes something before there is a session."""


def set_cookie(request: Request, response: Response, token: str) -> None:
    """The session, which no script can read and no other site can send; over HTTPS never in the open."""
    response.set_cookie(
        COOKIE, token, max_age=SESSION_SECONDS, path="/", httponly=True, samesite="strict",
        secure=origin_of(request).startswith("https:"),
    )  # fmt: skip


def clear_cookie(request: Request, response: Response) -> None:
    """Takes it away again."""
    response.delete_cookie(
        COOKIE, path="/", httponly=True, samesite="strict", secure=origin_of(request).startswith("https:")
    )  # fmt: skip


def install(app: FastAPI) -> None:
    """Registers the way to the page on which people sign in."""
    app.add_exception_handler(SignInNeeded, _to_sign_in)


def _to_sign_in(request: Request, error: Exception) -> Response:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{SIGN_IN}?next={quote(wanted)}", 303, {"cache-control": "no-store"})
