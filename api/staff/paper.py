"""The manifest of a consignment on paper, for a dock without a phone: `GET /staff/manifest/{consignment}.pdf`."""

from __future__ import annotations

import asyncio
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.dependencies import services_of
from api.localization import N_, Words, language_of, words
from api.problem_details import Problem
from api.staff.access import Staff
from api.staff.dock import NO_CONSIGNMENT, ConsignmentName, number_of, receiving_of
from api.staff.frame import party_name
from api.views.names import text_name
from ledger.domain.identifiers import ConsignmentId
from ledger.domain.manifests import Manifest, PaperLine
from ledger.domain.master_data import MasterData
from ledger.services.receiving import Expected, ExpectedLine

router = APIRouter(include_in_schema=False)


@router.get("/staff/manifest/{consignment}.pdf", response_class=Response)
async def manifest(request: Request, who: Staff, consignment: ConsignmentName) -> Response:
    """The consignment's lines, its code, and room for what is written and signed by hand; for both of its sides."""
    from ledger.adapters.manifest_pdf import manifest_pdf  # much memory, for those that print

    asked = ConsignmentId(bytes.fromhex(consignment[2:]))
    found = await asyncio.to_thread(receiving_of(request).manifest, asked, who.party)
    if found is None or not found.lines:
        raise Problem(NO_CONSIGNMENT)
    speak, master = words(language_of(request)), services_of(request).store.master_data()
    sides = party_name(request, found.shipper), party_name(request, found.receiver)
    data = await asyncio.to_thread(manifest_pdf, paper_of(found, master, sides, speak))
    headers = {"content-disposition": 'inline; filename="manifest.pdf"', "cache-control": "no-store"}
    return Response(data, media_type="application/pdf", headers=headers)


def paper_of(sent: Expected, master: MasterData, sides: tuple[str, str], speak: Words) -> Manifest:
    """What stands on the paper, in that language."""
    facts = [
        (speak(N_("Sender")), sides[0]),
        (speak(N_("Receiver")), sides[1]),
        (speak(N_("Shipped")), _moment(sent.shipped_at, speak)),
        (speak(N_("Vehicle")), sent.vehicle),
        (speak(N_("Seal")), sent.seal),
    ]
    total = sum(line.grams for line in sent.lines)
    return Manifest(
        title=speak(N_("Manifest")),
        code=sent.reference,
        number=number_of(sent.reference),
        facts=tuple((caption, value) for caption, value in facts if value),
        columns=(
            speak(N_("Product")), speak(N_("Lot")), speak(N_("Net weight")), speak(N_("Cases")),
            speak(N_("Arrived, kg")),
        ),
        lines=tuple(_line(line, master, speak) for line in sent.lines),
        total=(speak(N_("Together")), speak.kilograms(total)),
        blanks=(
            speak(N_("Temperature of the fruit, °C")),
            speak(N_("Number of the seal")),
            speak(N_("What is damaged or missing, and why something goes back")),
        ),
        signatures=(speak(N_("Handed over by")), speak(N_("Received by"))),
        signature_captions=(speak(N_("Name")), speak(N_("Signature")), speak(N_("Date and time"))),
        note=speak(
            N_(
                "Whoever has a phone later enters what is written here, on the page Receive, as entered from paper."
                " Keep this sheet: it is the only thing that was signed by hand."
            )
        ),
        is_right_to_left=speak.direction == "rtl",
    )  # fmt: skip


def _line(line: ExpectedLine, master: MasterData, speak: Words) -> PaperLine:
    product = master.products.get(line.lot.product)
    name = str(text_name(product.name, speak.language)) if product else str(line.lot.product)
    return PaperLine(
        name, line.lot.code, speak.kilograms(line.grams), "" if line.cases is None else speak.number(line.cases)
    )


def _moment(text: str, speak: Words) -> str:
    try:
        return speak.minute(datetime.fromisoformat(text))
    except ValueError:
        return ""
