"""
Pages for driver and dock: scan, receive, what waits to be sent; and the JSON that they keep on the phone.

The pages are shells: their script (`dock.js`) shows the list that it keeps in the browser, composes and signs receipts
without a network, and sends what was signed in order. So they answer with the same few bytes to everybody, but for who
is signed in.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response

from api.dependencies import services_of
from api.localization import N_, Words, language_of, words
from api.problem_details import Kind, Problem
from api.staff.access import Staff, desk_of
from api.staff.dock_words import dock_words
from api.staff.frame import party_name, staff_page
from api.static_files import static_path
from api.views.names import text_name
from ledger.domain.digital_link import lot_uri, party_uri, place_uri
from ledger.domain.gs1 import format_gtin14
from ledger.domain.identifiers import FIRST_ALLOTTED_PRODUCT, ConsignmentId, PartyId
from ledger.domain.master_data import MasterData
from ledger.services.receiving import Deed, Expected, ExpectedLine, Receiving

NO_CONSIGNMENT = Kind(
    "unknown-consignment", 404, N_("There is no such consignment of yours"),
    N_("Only its sender and its receiver see what became of it."),
)  # fmt: skip
STYLE = "dock.css"
router = APIRouter(include_in_schema=False)
ConsignmentName = Annotated[str, Path(pattern="^0x[0-9a-f]{64}$")]


@router.get("/staff/scan", response_class=HTMLResponse)
def scan(request: Request, who: Staff) -> Response:
    """Finds a consignment by the code on a pallet, a case or a paper."""
    return _shell(request, who, "scan")


@router.get("/staff/receive", response_class=HTMLResponse)
def receive(request: Request, who: Staff) -> Response:
    """What is on its way, and the form by which it is received."""
    return _shell(request, who, "receive")


@router.get("/staff/queue", response_class=HTMLResponse)
def queue(request: Request, who: Staff) -> Response:
    """What was signed on this phone and waits to be sent."""
    return _shell(request, who, "queue")


@router.get("/staff/api/inbound")
async def inbound(request: Request, who: Staff) -> dict[str, Any]:
    """All that a phone needs to receive what is on its way, for when there is no network."""
    receiving = receiving_of(request)
    expected = await asyncio.to_thread(receiving.expected, who.party)
    sealed = await asyncio.to_thread(receiving.sealed_members, who.party)
    services, speak = services_of(request), words(language_of(request))
    master = services.store.master_data()
    return {
        "party": f"{who.party:013d}",
        "partyName": party_name(request, who.party),
        "deployment": dict(services.deployment),
        "sealed": sealed,
        "places": _places(master, who.party, speak),
        "consignments": [expected_json(one, master, party_name(request, one.shipper), speak) for one in expected],
    }


@router.get("/staff/api/consignments/{consignment}")
async def consignment(request: Request, who: Staff, consignment: ConsignmentName) -> dict[str, Any]:
    """What became of a consignment of which the party is a side: who received it, when, and how much."""
    asked = ConsignmentId(bytes.fromhex(consignment[2:]))
    found = await asyncio.to_thread(receiving_of(request).happened, asked, who.party)
    if found is None:
        raise Problem(NO_CONSIGNMENT)
    return {
        "id": consignment,
        "reference": found.consignment.reference,
        "state": found.consignment.known.state.name.lower().replace("_", "-"),
        "deeds": [_deed_json(request, deed) for deed in found.deeds],
    }


def receiving_of(request: Request) -> Receiving:
    """The service behind these pages; a problem where there is none."""
    receiving = desk_of(request).receiving
    if receiving is None:
        raise Problem(NO_CONSIGNMENT)
    return receiving


def expected_json(one: Expected, master: MasterData, shipper: str, speak: Words) -> dict[str, Any]:
    """A consignment as `api/web/staff/dock/compose.ts` reads it."""
    return {
        "id": "0x" + one.id.hex(),
        "shipper": f"{one.shipper:013d}",
        "shipperUri": party_uri(one.shipper),
        "shipperName": shipper,
        "receiverUri": party_uri(one.receiver),
        "reference": one.reference,
        "number": number_of(one.reference),
        "sscc": sscc_of(one.reference),
        "transactionType": one.transaction_type,
        "shippedAt": one.shipped_at,
        "expectedAt": one.expected_at,
        "vehicle": one.vehicle,
        "seal": one.seal,
        "announced": one.announced,
        "lines": [_line_json(line, master, speak) for line in one.lines],
        "leg": list(one.leg),
    }


def number_of(reference: str) -> str:
    """The reference as it stands on paper: the SSCC, or the shipper's own number."""
    return sscc_of(reference) or reference.rpartition(":")[2] or reference


def sscc_of(reference: str) -> str:
    """The 18 digits, where the reference is an SSCC; else ""."""
    head, _, last = reference.rpartition("/")
    return last if head.endswith("/00") and len(last) == 18 and last.isascii() and last.isdigit() else ""


def _line_json(line: ExpectedLine, master: MasterData, speak: Words) -> dict[str, Any]:
    product = master.products.get(line.lot.product)
    number = line.lot.product
    return {
        "lot": "0x" + line.lot.id.hex(),
        "epcClass": lot_uri(line.lot),
        "product": str(text_name(product.name, speak.language)) if product else str(number),
        "code": line.lot.code,
        "gtin": format_gtin14(number) if number < FIRST_ALLOTTED_PRODUCT else str(number),
        "grams": line.grams,
        "cases": line.cases,
    }


def _places(master: MasterData, party: PartyId, speak: Words) -> list[dict[str, str]]:
    """The party's own places; its own number where it has none."""
    found = [place for place in master.places.values() if place.party == party]
    if not found:
        known = master.parties.get(party)
        return [{"uri": place_uri(int(party), ""), "name": str(text_name(known.name, speak.language)) if known else ""}]
    return [
        {"uri": place_uri(one.gln, one.extension), "name": str(text_name(one.name, speak.language))} for one in found
    ]


def _deed_json(request: Request, deed: Deed) -> dict[str, Any]:
    return {
        "what": deed.what,
        "party": f"{deed.party:013d}",
        "partyName": party_name(request, deed.party),
        "person": deed.person,
        "time": deed.time,
        "recorded": deed.recorded,
        "onPaper": deed.on_paper,
        "accepted": deed.accepted,
        "refused": deed.refused,
        "toCome": deed.to_come,
        "short": deed.short,
    }


def _shell(request: Request, who: Staff, name: str) -> Response:
    speak = words(language_of(request))
    data = {
        "page": name, "words": dock_words(speak), "minutes": speak.minute_forms(),
        "scanner": "/" + static_path("scanner.js"),
    }  # fmt: skip
    return staff_page(request, who, f"staff/{name}.html", {}, styles=(STYLE,), scripts=("dock.js",), data=data)
