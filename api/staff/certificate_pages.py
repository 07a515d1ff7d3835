"""
Pages of certificates: the archive with its search, the form by which a paper is handed in, and the one by which a
promise certificate (承诺达标合格证) is made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.dependencies import services_of
from api.localization import N_, language_of, words
from api.problem_details import Kind, Problem
from api.staff.access import SignedIn, Staff, desk_of
from api.staff.desk_words import desk_words
from api.staff.frame import party_name, staff_page
from api.staff.house_views import HouseNames
from api.views.archive import SOON_DAYS, archive_row
from api.views.certificates import BASES, KINDS, PROMISES
from api.views.names import text_name
from ledger.domain.certificates import CertificateKind
from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.master_data import MasterData, Role
from ledger.ports_certificates import CertificateQuestion, Certificates
from ledger.services.buyers_desk import BuyersDesk, StockLot
from ledger.services.lot_text import new_lot_of_text

STYLES, SCRIPT = ("house.css", "desk.css"), "desk.js"
PAGE = 20
NO_ARCHIVE = Kind(
    "no-archive", 404, N_("There are no such pages here"), N_("This service only shows what is recorded.")
)
STATES = {
    "": N_("All"),
    "soon": N_("Ends soon"),
    "expired": N_("Expired"),
}
router = APIRouter(include_in_schema=False)
Text = Annotated[str, Query(max_length=120)]


@router.get("/staff/certificates", response_class=HTMLResponse)
async def archive(
    request: Request, who: Staff, lot: Text = "", kind: Text = "", issuer: Text = "", state: Text = "",
    mine: Text = "", before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:  # fmt: skip
    """Certificates, the newest first; narrowed by lot, kind, issuer and end."""
    certificates, desk = certificates_of(request), buyers_of(request)
    question, problem = question_of(request, who, desk.today, lot, kind, issuer, state, mine)
    found = []
    if question is not None:
        found = await asyncio.to_thread(certificates.search, question, before, PAGE + 1)
    roles = desk_of(request).party_roles
    speak = words(language_of(request))
    rows = [
        archive_row(one, party_name(request, one.party), roles(one.party), desk.today, speak) for one in found[:PAGE]
    ]
    asked = {"lot": lot, "kind": kind, "issuer": issuer, "state": state, "mine": mine}
    older = found[PAGE - 1].event.sequence if len(found) > PAGE else None
    context = {
        "rows": rows, "asked": asked, "problem": problem, "is_narrowed": any(asked.values()),
        "kinds": [(one.value, speak(text)) for one, text in KINDS.items()],
        "states": [(name, speak(text)) for name, text in STATES.items()],
        "older": "" if older is None else "?" + urlencode({**asked, "before": older}),
    }  # fmt: skip
    return staff_page(request, who, "staff/certificates.html", context, styles=STYLES)


@router.get("/staff/certificates/new", response_class=HTMLResponse)
async def new_certificate(request: Request, who: Staff, lot: Text = "") -> Response:
    """The form by which a paper is handed in, about lots that lie here or on the lot that is named."""
    desk, speak = buyers_of(request), words(language_of(request))
    lots = await asyncio.to_thread(desk.stock_lots, who.party)
    context = {
        "lots": lot_choices(request, lots, lot),
        "kinds": [(one.value, speak(text)) for one, text in KINDS.items() if one is not CertificateKind.PROMISE],
        "today": desk.today.isoformat(),
        "own_number": f"{who.party:013d}" if desk_of(request).party_roles(who.party) & Role.CERTIFIER else "",
        "own_name": party_name(request, who.party),
    }
    return form_page(request, who, "staff/certificate_new.html", context, {"kind": "certificate"})


@router.get("/staff/certificates/promise", response_class=HTMLResponse)
async def new_promise(request: Request, who: Staff, lot: Text = "") -> Response:
    """The form by which a promise certificate is made for a batch of one's own."""
    desk, speak = buyers_of(request), words(language_of(request))
    lots = await asyncio.to_thread(desk.stock_lots, who.party)
    chosen = [one for one in lots if str(one.lot) == lot] or [one for one in lots if not one.promised][:1]
    master = services_of(request).store.master_data()
    party = master.parties.get(who.party)
    names = HouseNames(master, words("zh"))
    first = chosen[0].lot if chosen else None
    context = {
        "lots": lot_choices(request, lots, lot),
        "today": desk.today.isoformat(),
        "number": f"{desk.today:%Y%m%d}-{first.code}" if first else f"{desk.today:%Y%m%d}-1",
        "product": names.product(first.product) if first else "",
        "issuer": names.party(who.party),
        "contact": party.contact if party is not None else "",
        "origin": _origin(master, who.party),
        "bases": [(one.value, speak(text)) for one, text in BASES.items()],
        "promises": [speak(text) for text in PROMISES],
    }
    return form_page(request, who, "staff/promise_new.html", context, {"kind": "promise"})


def form_page(
    request: Request, who: SignedIn, template: str, context: dict[str, Any], data: dict[str, Any]
) -> Response:
    """A page with a form that `desk.js` reads, signs and sends."""
    speak = words(language_of(request))
    told = {"words": desk_words(speak), "deployment": dict(services_of(request).deployment), **data}
    return staff_page(request, who, template, context, styles=STYLES, scripts=(SCRIPT,), data=told)


def lot_choices(request: Request, lots: Sequence[StockLot], chosen: str) -> list[dict[str, Any]]:
    """Lots of a form, the chosen one first and checked; one that does not lie here is offered too."""
    speak = words(language_of(request))
    names = HouseNames(services_of(request).store.master_data(), speak)
    rows = [
        {"name": str(one.lot), "code": one.lot.code, "product": names.product(one.lot.product),
         "weight": speak.kilograms(one.grams), "kilograms": kilograms_text(one.grams), "grams": one.grams,
         "promised": one.promised, "checked": str(one.lot) == chosen}
        for one in lots
    ]  # fmt: skip
    if chosen and not any(row["checked"] for row in rows) and (ref := lot_typed(request, chosen)) is not None:
        rows.append(
            {"name": str(ref), "code": ref.code, "product": names.product(ref.product), "weight": "", "kilograms": "",
             "grams": 0, "promised": False, "checked": True}
        )  # fmt: skip
    return sorted(rows, key=lambda row: not row["checked"])


def kilograms_text(grams: int) -> str:
    """Kilograms as they are typed, never rounded."""
    return f"{grams // 1000}.{grams % 1000:03d}".rstrip("0").rstrip(".")


def question_of(
    request: Request, who: SignedIn, today: date, lot: str, kind: str, issuer: str, state: str, mine: str
) -> tuple[CertificateQuestion | None, str]:
    """The search; None and a sentence where the lot is none. What is no kind and no state asks for nothing."""
    speak = words(language_of(request))
    ref = None
    if lot.strip():
        ref = lot_typed(request, lot.strip())
        if ref is None:
            return None, speak(N_("No lot here has this number or code."))
    soon = today + timedelta(days=SOON_DAYS + 1)
    return CertificateQuestion(
        lot=None if ref is None else ref.id,
        kind=CertificateKind(kind) if kind in {one.value for one in CertificateKind} else None,
        issuer=issuer.strip(),
        party=who.party if mine else None,
        ends_from=today if state == "soon" else None,
        ends_before=soon if state == "soon" else today if state == "expired" else None,
    ), ""


def certificates_of(request: Request) -> Certificates:
    """The archive; a problem where there is none."""
    certificates = desk_of(request).certificates
    if certificates is None:
        raise Problem(NO_ARCHIVE)
    return certificates


def buyers_of(request: Request) -> BuyersDesk:
    """The service behind these pages; a problem where there is none."""
    desk = desk_of(request).buyers
    if desk is None:
        raise Problem(NO_ARCHIVE)
    return desk


def lot_typed(request: Request, text: str) -> LotRef | None:
    """A lot by what people type: GTIN/LOT, or a lot code alone where only one product has it."""
    store = services_of(request).store
    try:
        if "/" in text:
            ref = new_lot_of_text(text)
            return ref if store.lot_ref(ref.id) is not None else None
    except (InvalidInput, NotFound):
        return None
    found = store.lots_with_code(text)
    return found[0] if len(found) == 1 else None


def _origin(master: MasterData, party: PartyId) -> str:
    """Where the party's own fields lie, as master data names the region; "" where it has none."""
    regions = [str(text_name(plot.region, "zh")) for plot in master.plots.values() if plot.producer == party]
    return next((region for region in regions if region), "")
