"""
Pages of a producer and a packing house: today's lots, harvest, intake, packing, shipping, labels.

Each form is laid out here with what the party used last first; its script (`forms.js`) asks for a draft, says what will
be signed, signs it with this device's key and records it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.dependencies import services_of
from api.localization import CHINA_TIME, LANGUAGES, N_, language_of, words
from api.problem_details import Kind, Problem
from api.staff.access import SignedIn, Staff, desk_of
from api.staff.frame import staff_page
from api.staff.house_views import Choice, HouseNames, lot_names, lot_view, sent_view
from api.staff.house_words import house_words
from api.staff.label_pages import with_form
from ledger.domain.identifiers import LotRef, ProductId
from ledger.domain.master_data import Role
from ledger.services.habits import Habits, next_code
from ledger.services.lot_text import new_lot_of_text
from ledger.services.packing_desk import PackingDesk

STYLE, SCRIPT = "house.css", "forms.js"
NO_HOUSE = Kind("no-house", 404, N_("There are no such pages here"), N_("This service only shows what is recorded."))
NOT_YOURS = Kind(
    "not-your-lot", 403, N_("This lot is not one of yours"), N_("Labels are printed by those who made or hold a lot.")
)
MOST_COPIES = 2_000
FORMATS = ("100x70", "60x40", "a4")
_RECEIVERS = Role.PACKER | Role.HUB | Role.BUYER
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class SerialForm:
    """What stands in the form for labels with serials: lot, number, format, and what is wrong with the number."""

    lot: str = ""
    number: str = ""
    format: str = FORMATS[0]
    wrong: str = ""


@router.get("/staff/lots", response_class=HTMLResponse)
def lots(request: Request, who: Staff) -> Response:
    """Born today, on hand, on the way, what waits for a receipt."""
    glance, names = house_of(request).glance(who.party), names_of(request)
    speak = names.speak
    context = {
        "today": [lot_view(lot, names) for lot in glance.today],
        "lots": [lot_view(lot, names) for lot in glance.lots],
        "sent": [sent_view(one, names) for one in glance.sent],
        "sums": [
            (N_("Born today"), speak.kilograms(sum(lot.born for lot in glance.today))),
            (N_("On hand"), speak.kilograms(sum(lot.on_hand for lot in glance.lots))),
            (N_("On the way"), speak.kilograms(sum(lot.going for lot in glance.lots))),
            (N_("Waiting for a receipt"), speak.number(len(glance.sent))),
        ],
        "is_cut": glance.is_cut,
    }
    return staff_page(request, who, "staff/lots.html", context, styles=(STYLE,))


@router.get("/staff/harvest", response_class=HTMLResponse)
def harvest(request: Request, who: Staff) -> Response:
    """A lot comes into being on a plot."""
    house, names = house_of(request), names_of(request)
    habits = house.habits(who.party)
    products, codes = _products(house, names, who, habits, "harvest", habits.harvested, bulk=True)
    context = {"plots": names.plots(who.party, habits.plots), "products": products}
    return house_form(request, who, "harvest", names, context, codes)


@router.get("/staff/intake", response_class=HTMLResponse)
def intake(request: Request, who: Staff) -> Response:
    """A lot comes into being from many growers' deliveries."""
    house, names = house_of(request), names_of(request)
    habits = house.habits(who.party)
    products, codes = _products(house, names, who, habits, "intake", habits.bought, bulk=True)
    context = {
        "places": names.places(who.party, habits.places),
        "products": products,
        "growers": habits.growers,
        "villages": list(dict.fromkeys(grower.village for grower in habits.growers)),
        "ticket": next_code(habits.tickets, "T-1"),
    }
    return house_form(request, who, "intake", names, context, codes)


@router.get("/staff/pack", response_class=HTMLResponse)
def pack(request: Request, who: Staff) -> Response:
    """Lots in, new lots out, and where every gram went."""
    house, names = house_of(request), names_of(request)
    habits, glance = house.habits(who.party), house.glance(who.party)
    products, codes = _products(house, names, who, habits, "pack", habits.packed, bulk=False)
    free = [lot_view(lot, names) for lot in glance.on_hand if not lot.recalled]
    context = {"places": names.places(who.party, habits.places), "products": products, "lots": free}
    refs = [lot.ref for lot in glance.on_hand]
    return house_form(request, who, "pack", names, context, codes, refs)


@router.get("/staff/ship", response_class=HTMLResponse)
def ship(
    request: Request,
    who: Staff,
    reference: Annotated[str, Query(max_length=100)] = "",
    to: Annotated[str, Query(max_length=20)] = "",
    lot: Annotated[list[str] | None, Query(max_length=50)] = None,
) -> Response:
    """Lots on hand go to somebody; what the address asks for is filled in, lots whole, and what cannot be is told."""
    house, names = house_of(request), names_of(request)
    habits, glance = house.habits(who.party), house.glance(who.party)
    today = house.today()
    lots = [lot_view(lot, names) for lot in glance.on_hand]
    receivers = names.others(who.party, habits.receivers, _RECEIVERS)
    asked = {*(lot or ()), *([to] if to else [])}
    context = {
        "places": names.places(who.party, habits.places),
        "lots": lots,
        "asked": asked,
        "in_vain": sorted(asked - {one.name for one in lots} - {one.value for one in receivers}),
        "receivers": receivers,
        "carriers": [
            Choice("", names.speak(N_("nobody else"))),
            *names.others(who.party, habits.carriers, Role.CARRIER),
        ],
        "vehicles": habits.vehicles,
        "reference": reference or next_code(habits.references, f"S-{today:%m%d}-1"),
    }
    return house_form(request, who, "ship", names, context, {}, [one.ref for one in glance.on_hand])


@router.get("/staff/labels", response_class=HTMLResponse)
def labels(request: Request, who: Staff, lot: str = "") -> Response:
    """Chooses lots and a format; the labels themselves are a file."""
    return labels_page(request, who, SerialForm(lot))


def labels_page(request: Request, who: SignedIn, filled: SerialForm, *, status: int = 200) -> Response:
    """The same, with what somebody filled in for labels with serials and what is wrong with it."""
    glance, names = house_of(request).glance(who.party), names_of(request)
    own = {str(one.ref): one for one in (*glance.today, *glance.lots)}
    service = desk_of(request).label_desk
    packed = service.packed([one.ref for one in own.values()], who.party) if service is not None else []
    context = {
        "lots": [lot_view(one, names) for one in own.values()],
        "chosen": filled.lot if filled.lot in own else next(iter(own), ""),
        "packed": [(lot_view(own[str(ref)], names), issued) for ref, issued in packed],
        "filled": filled,
        "formats": FORMATS,
        "languages": [(code, tag) for code, tag in LANGUAGES.items()],
        "language": language_of(request),
        "copies": MOST_COPIES,
        "token": who.form_token,
    }
    page = staff_page(request, who, "staff/labels.html", context, status=status, styles=(STYLE,))
    return with_form(page)


@router.get("/staff/labels/labels.{kind}", response_class=Response)
def label_file(
    request: Request,
    who: Staff,
    kind: str,
    lot: Annotated[list[str], Query(max_length=50)],
    form: Annotated[str, Query(alias="format")] = "100x70",
    language: Annotated[list[str] | None, Query(max_length=3)] = None,
    copies: Annotated[int, Query(ge=1, le=MOST_COPIES)] = 1,
) -> Response:
    """The labels of the party's own lots as PDF, or the label of one as PNG."""
    make = desk_of(request).labels
    if make is None or kind not in ("pdf", "png") or form not in FORMATS:
        raise Problem(NO_HOUSE)
    glance = house_of(request).glance(who.party)
    own = {one.ref for one in (*glance.today, *glance.lots)}
    wanted = [new_lot_of_text(text) for text in lot]
    if not set(wanted) <= own:
        raise Problem(NOT_YOURS)
    spoken = [code for code in language or [language_of(request)] if code in LANGUAGES]
    made = make(
        {
            "format": form, "type": kind, "lots": [str(ref) for ref in wanted[: None if kind == "pdf" else 1]],
            "files": [], "languages": spoken or ["zh"], "copies": copies, "per_case": False, "skip": 0,
        }
    )  # fmt: skip
    name, data = made["files"][0]["name"], base64.b64decode(made["files"][0]["data"])
    media = "application/pdf" if kind == "pdf" else "image/png"
    headers = {"cache-control": "no-store", "content-disposition": f'inline; filename="{name}"'}
    return Response(data, media_type=media, headers=headers)


def house_of(request: Request) -> PackingDesk:
    """The service behind these pages; a problem where there is none."""
    house = desk_of(request).house
    if house is None:
        raise Problem(NO_HOUSE)
    return house


def names_of(request: Request) -> HouseNames:
    """Names in the reader's language."""
    return HouseNames(services_of(request).store.master_data(), words(language_of(request)))


def script_data(request: Request, names: HouseNames, kind: str, lots: Sequence[LotRef] = ()) -> dict[str, Any]:
    """What `forms.js` needs of every form."""
    master = names.master
    return {
        "kind": kind,
        "words": house_words(names.speak),
        "deployment": dict(services_of(request).deployment),
        "names": {
            "products": {str(int(one)): names.product(one) for one in master.products},
            "parties": {str(int(one)): names.party(one) for one in master.parties},
            "places": names.place_names(),
            "lots": lot_names(lots, names),
        },
    }


def house_form(
    request: Request,
    who: SignedIn,
    kind: str,
    names: HouseNames,
    context: Mapping[str, Any],
    codes: Mapping[ProductId, str],
    lots: Sequence[LotRef] = (),
) -> Response:
    """The page of a form that `forms.js` reads; `codes`: the next lot code of each product, `lots`: those it names."""
    data = script_data(request, names, kind, lots)
    data["codes"] = {f"{product:014d}": code for product, code in codes.items()}
    now = f"{datetime.now(CHINA_TIME):%Y-%m-%dT%H:%M}"
    first = next(iter(codes.values()), "")
    shared = {"kind": kind, "code": first, "now": now, **context}
    return staff_page(
        request, who, f"staff/{kind}.html", shared, styles=(STYLE,), scripts=(SCRIPT,), data=data
    )  # fmt: skip


def _products(
    house: PackingDesk,
    names: HouseNames,
    who: SignedIn,
    habits: Habits,
    kind: str,
    used: Sequence[ProductId],
    *,
    bulk: bool,
) -> tuple[list[Choice], dict[ProductId, str]]:
    found = house.products(who.party, used, bulk=bulk)
    codes = house.next_codes(habits, kind, [product.id for product in found])
    return [Choice(f"{one.id:014d}", names.product(one.id), one.id in used) for one in found], codes
