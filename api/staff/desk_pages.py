"""
The buyer's desk: what is coming and what it lacks, claims and their settlement, returns, and mock recalls.

A mock recall records nothing: it is read, shown with the word MOCK on every part, and given away as a table.
"""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.dependencies import services_of
from api.localization import CHINA_TIME, N_, Words, language_of, words
from api.problem_details import Kind, Problem
from api.staff.access import SignedIn, Staff, desk_of
from api.staff.certificate_pages import STYLES, buyers_of, form_page, kilograms_text, lot_choices, lot_typed
from api.staff.dock import number_of
from api.staff.frame import party_name, staff_page
from api.staff.house_views import Choice, HouseNames
from api.staff.label_pages import sees_all
from api.views.names import lot_path, text_name
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import MasterData
from ledger.services.buyers_desk import Claim, Inbound, Lack
from ledger.services.mock_recall import Found, MockRecall, Whereabouts

MOST_SHOWN = 30
NO_CLAIM = Kind(
    "unknown-claim", 404, N_("There is no such open claim of yours"),
    N_("It may be settled by now. Look at the desk again."),
)  # fmt: skip
LACKS = {
    Lack.PROMISE: N_("no promise certificate"),
    Lack.TEMPERATURE: N_("no temperature of the way"),
    Lack.EXPIRED: N_("a certificate has expired"),
}
WHERE = {
    Whereabouts.HAS: N_("has it"),
    Whereabouts.COMING: N_("on the road to them"),
    Whereabouts.MISSING: N_("missing on the way from them"),
    Whereabouts.SOLD: N_("sold it"),
    Whereabouts.DESTROYED: N_("destroyed it"),
}
CSV_COLUMNS = ("exercise", "lot", "product", "distance", "party", "name", "contact", "what", "grams", "reference")
router = APIRouter(include_in_schema=False)


@router.get("/staff/desk", response_class=HTMLResponse)
async def desk(request: Request, who: Staff) -> Response:
    """What there is to do for a buyer today."""
    service, speak = buyers_of(request), words(language_of(request))
    inbound = await asyncio.to_thread(service.inbound, who.party)
    claims = await asyncio.to_thread(service.claims, who.party)
    stock = await asyncio.to_thread(service.stock_lots, who.party)
    reports = await asyncio.to_thread(_open_reports, request, who)
    names = HouseNames(services_of(request).store.master_data(), speak)
    context = {
        "reports": reports,
        "inbound": [inbound_view(request, one, names) for one in inbound[:MOST_SHOWN]],
        "more_inbound": max(0, len(inbound) - MOST_SHOWN),
        "claims": [claim_view(request, one, who.party, names) for one in claims],
        "unpromised": [
            {"code": one.lot.code, "name": str(one.lot), "product": names.product(one.lot.product),
             "weight": speak.kilograms(one.grams), "path": lot_path(one.lot), "made": one.made}
            for one in stock if not one.promised
        ][:MOST_SHOWN],
        "sums": [
            (N_("On the way"), speak.number(len(inbound))),
            (N_("Lacking something"), speak.number(sum(1 for one in inbound if one.lacks))),
            (N_("Open claims"), speak.number(len(claims))),
            (N_("Lots without a promise"), speak.number(sum(1 for one in stock if not one.promised))),
        ],
    }  # fmt: skip
    return staff_page(request, who, "staff/desk.html", context, styles=STYLES)


def _open_reports(request: Request, who: SignedIn) -> int | None:
    """How many the page of reports has open; None where there is no such page."""
    service = desk_of(request).label_desk
    return None if service is None else service.open_reports(who.party, sees_all=sees_all(request, who))


@router.get("/staff/desk/claims/{consignment}", response_class=HTMLResponse)
async def claim(
    request: Request, who: Staff, consignment: Annotated[str, Path(pattern="^0x[0-9a-f]{64}$")]
) -> Response:
    """A claim: what is missing, and the form by which the two sides settle it."""
    claims = await asyncio.to_thread(buyers_of(request).claims, who.party)
    found = next((one for one in claims if f"0x{one.consignment.id.hex()}" == consignment), None)
    if found is None:
        raise Problem(NO_CLAIM)
    names = HouseNames(services_of(request).store.master_data(), words(language_of(request)))
    view = claim_view(request, found, who.party, names)
    data = {
        "kind": "claim",
        "shipper": f"{found.consignment.known.shipper:013d}",
        "reference": found.consignment.reference,
        "other": f"{found.other:013d}",
        "proposal": None if found.proposal is None else found.proposal.id,
        "lots": {f"0x{lot.id.hex()}": lot.code for lot, _ in found.missing},
        "missing": {f"0x{lot.id.hex()}": grams for lot, grams in found.missing},
    }
    return form_page(request, who, "staff/claim.html", {"claim": view}, data)


@router.get("/staff/desk/return", response_class=HTMLResponse)
async def give_back(request: Request, who: Staff, lot: Annotated[str, Query(max_length=60)] = "") -> Response:
    """The form by which goods go back to whoever they came from."""
    service = buyers_of(request)
    names = HouseNames(services_of(request).store.master_data(), words(language_of(request)))
    lots = await asyncio.to_thread(service.stock_lots, who.party)
    others = [one.id for one in names.master.parties.values() if one.id != who.party]
    context = {
        "lots": lot_choices(request, [one for one in lots if not one.made] or lots, lot),
        "receivers": sorted((Choice(f"{one:013d}", names.party(one)) for one in others), key=lambda one: one.text),
        "reference": f"R-{service.today:%m%d}-1",
        "places": names.places(who.party, ()),
    }
    return form_page(request, who, "staff/return.html", context, {"kind": "return"})


@router.get("/staff/desk/mock-recall", response_class=HTMLResponse)
async def mock_recall(request: Request, who: Staff, lot: Annotated[str, Query(max_length=60)] = "") -> Response:
    """Chooses a lot; then who would have to be called, and how long it took to find out."""
    speak = words(language_of(request))
    stock = await asyncio.to_thread(buyers_of(request).stock_lots, who.party)
    ref = lot_typed(request, lot.strip()) if lot.strip() else None
    problem = speak(N_("No lot here has this number or code.")) if lot.strip() and ref is None else ""
    names = HouseNames(services_of(request).store.master_data(), speak)
    context: dict[str, Any] = {"lots": lot_choices(request, stock, ""), "asked": lot, "problem": problem, "found": None}
    if ref is not None:
        found = await asyncio.to_thread(_mock(request), ref)
        context["found"] = mock_view(request, found, names)
    return staff_page(request, who, "staff/mock_recall.html", context, styles=STYLES)


@router.get("/staff/desk/mock-recall.csv", response_class=Response)
async def mock_table(request: Request, who: Staff, lot: Annotated[str, Query(max_length=60)]) -> Response:
    """The same as a table for a spreadsheet; every row says that it is an exercise."""
    ref = lot_typed(request, lot.strip())
    if ref is None:
        raise Problem(NO_CLAIM)
    found = await asyncio.to_thread(_mock(request), ref)
    names = HouseNames(services_of(request).store.master_data(), words(language_of(request)))
    name = f"MOCK-recall-{datetime.fromtimestamp(found.at, CHINA_TIME):%Y%m%d-%H%M}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(mock_csv(found, names), media_type="text/csv; charset=utf-8", headers=headers)


def inbound_view(request: Request, one: Inbound, names: HouseNames) -> dict[str, Any]:
    """A consignment on its way, with what it lacks in words."""
    speak, sent = names.speak, one.expected
    return {
        "id": "0x" + sent.id.hex(),
        "number": number_of(sent.reference),
        "shipper": party_name(request, sent.shipper),
        "weight": speak.kilograms(sum(lot.grams for lot in one.lots)),
        "lacks": [speak(LACKS[lack]) for lack in one.lacks],
        "lots": [
            {"code": lot.lot.code, "path": lot_path(lot.lot), "product": names.product(lot.lot.product),
             "weight": speak.kilograms(lot.grams), "lacks": [speak(LACKS[lack]) for lack in lot.lacks]}
            for lot in one.lots
        ],
    }  # fmt: skip


def claim_view(request: Request, one: Claim, party: PartyId, names: HouseNames) -> dict[str, Any]:
    """A claim: who owes whom an answer, and whose turn it is."""
    speak, proposal = names.speak, one.proposal
    turn = "ours" if proposal is not None and proposal.counterparty == party else "theirs" if proposal else ""
    return {
        "id": "0x" + one.consignment.id.hex(),
        "number": number_of(one.consignment.reference),
        "other": party_name(request, one.other),
        "is_receiver": one.is_receiver,
        "weight": speak.kilograms(sum(grams for _, grams in one.missing)),
        "noticed": one.noticed,
        "alone": one.alone,
        "alone_from": speak.minute(datetime.fromtimestamp(one.alone_from or 0, CHINA_TIME)),
        "turn": turn,
        "proposal": None if proposal is None else proposal.id,
        "lots": [
            {"code": lot.code, "name": str(lot), "product": names.product(lot.product), "grams": grams,
             "weight": speak.kilograms(grams), "kilograms": kilograms_text(grams)}
            for lot, grams in one.missing
        ],
    }  # fmt: skip


def mock_view(request: Request, found: MockRecall, names: HouseNames) -> dict[str, Any]:
    """What the exercise found, for people: parties with what they have, how to reach them, and the sums."""
    speak, master, reach = names.speak, names.master, found.reach
    seconds = f"{max(found.seconds, 0.01):.2f}"
    parties = [
        {
            "name": names.party(party),
            "city": _city(master, party, speak),
            "contact": _contact(master, party),
            "rows": [_mock_row(row, names) for row in found.rows if row.party == party],
        }
        for party in found.parties
    ]
    sums = [
        (N_("In store"), reach.on_hand), (N_("On the road"), reach.on_the_road), (N_("Missing"), reach.missing),
        (N_("Sold, destroyed or lost"), reach.gone),
    ]  # fmt: skip
    return {
        "lot": found.lot.code,
        "name": str(found.lot),
        "product": names.product(found.lot.product),
        "when": speak.minute(datetime.fromtimestamp(found.at, CHINA_TIME)),
        "took": speak(N_("%(seconds)s seconds"), seconds=seconds),
        "seconds": seconds,
        "lots": speak.number(found.lots),
        "parties": parties,
        "count": speak.number(len(parties)),
        "sums": [(speak(label), speak.kilograms(grams)) for label, grams in sums],
        "accounted": speak.kilograms(reach.on_hand + reach.on_the_road + reach.missing + reach.gone),
        "all_read": found.all_read,
    }


def mock_csv(found: MockRecall, names: HouseNames) -> str:
    """Comma-separated, with a byte order mark so that spreadsheets read Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CSV_COLUMNS)
    for row in found.rows:
        writer.writerow(
            _safe(cell)
            for cell in (
                "MOCK - nothing was recalled", row.ref.code if row.ref else "0x" + row.lot.hex(),
                f"{row.ref.product:014d}" if row.ref else "", row.distance, f"{row.party:013d}", names.party(row.party),
                _contact(names.master, row.party), row.where.value, row.grams, number_of(row.reference),
            )
        )  # fmt: skip
    return "\ufeff" + out.getvalue()


def _safe(cell: object) -> object:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _mock_row(row: Found, names: HouseNames) -> dict[str, Any]:
    return {
        "code": row.ref.code if row.ref else f"0x{row.lot.hex()[:8]}…",
        "path": lot_path(row.ref) if row.ref else "",
        "where": names.speak(WHERE[row.where]),
        "weight": names.speak.kilograms(row.grams),
        "reference": number_of(row.reference) if row.reference else "",
    }


def _city(master: MasterData, party: PartyId, speak: Words) -> str:
    known = master.parties.get(party)
    return str(text_name(known.city, speak.language)) if known else ""


def _contact(master: MasterData, party: PartyId) -> str:
    known = master.parties.get(party)
    return known.contact if known else ""


def _mock(request: Request) -> Any:
    run = desk_of(request).mock_recall
    if run is None:
        raise Problem(NO_CLAIM)
    return run
