"""
The frame of every page for staff: navigation, the person's name, our scripts, and a policy that lets no others run.

`staff_page` renders a template that extends `staff/frame.html`; `open_page` one for people who are not signed in yet.
A page names its own style sheets (files of api/templates) and scripts (bundles of api/static) beside the common ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.dependencies import services_of
from api.localization import language_of, words
from api.rendering import page, style_hash
from api.routes.verify import script_json
from api.staff.access import SignedIn, desk_of
from api.staff.installable import worker_path
from api.staff.navigation import bar_for, entries_for
from api.static_files import static_path
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.master_data import text_in

STYLE = "staff.css"
SENDER = "sender.js"
"""On every page: what was signed without a network is sent from whichever is open."""


def staff_headers(styles: Sequence[str] = ()) -> dict[str, str]:
    """Our own scripts, addresses and workers and no others; the camera and the place for those who record."""
    hashes = " ".join(f"'{style_hash(name)}'" for name in ("silkroot.css", STYLE, *styles))
    policy = (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self' data: blob:; "
        f"media-src 'self' blob:; worker-src 'self'; manifest-src 'self'; style-src {hashes}; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "permissions-policy": "camera=(self), geolocation=(self), microphone=()",
        "cache-control": "no-store",
    }


def staff_page(
    request: Request,
    signed_in: SignedIn,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    """
    A page of the person who is signed in. Scripts find `data`, with `formToken` and who acts, in the element `#staff`.
    """
    roles = desk_of(request).party_roles(signed_in.party)
    who = who_json(request, signed_in)
    common = {
        "who": who,
        "entries": entries_for(roles, signed_in.person),
        "bar": bar_for(roles, signed_in.person),
        "here": request.url.path,
    }
    told = {**who, "formToken": signed_in.form_token, "worker": worker_path(), **(data or {})}
    return _page(request, template, {**common, **context}, status, styles, (*scripts, SENDER), told)


def open_page(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    """A page for somebody who is not signed in."""
    nobody: dict[str, Any] = {"who": None, "entries": (), "bar": (), "here": request.url.path}
    return _page(request, template, {**nobody, **context}, status, styles, scripts, data or {})


def who_json(request: Request, signed_in: SignedIn) -> dict[str, Any]:
    """Who acts, as pages and scripts are told."""
    person = signed_in.person
    return {
        "person": {"id": person.id, "name": person.name, "role": str(person.role)},
        "party": f"{signed_in.party:013d}",
        "partyName": party_name(request, signed_in.party),
        "partyRoles": role_names(desk_of(request).party_roles(signed_in.party)),
        "keyId": None if signed_in.key_id is None else "0x" + signed_in.key_id.hex(),
    }


def party_name(request: Request, party: PartyId) -> str:
    """The party's name in the reader's language; its number where it has none."""
    known = services_of(request).store.master_data().parties.get(party)
    return text_in(known.name, language_of(request)) if known else f"{party:013d}"


def role_names(roles: PartyRole) -> list[str]:
    """The names of the roles, in the order of the registry's bits."""
    return [str(role.name).lower() for role in PartyRole if role & roles]


def _page(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    status: int,
    styles: Sequence[str],
    scripts: Sequence[str],
    data: Mapping[str, Any],
) -> HTMLResponse:
    speak = words(language_of(request))
    root = request.scope.get("root_path", "")
    common = {
        "styles": (STYLE, *styles),
        "scripts": [f"{root}/{static_path(name)}" for name in scripts],
        "root": root,
        "data": script_json({"tag": speak.tag, "rightToLeft": speak.direction == "rtl", **data}),
    }
    return page(request, template, {**common, **context}, status=status, headers=staff_headers(styles))
