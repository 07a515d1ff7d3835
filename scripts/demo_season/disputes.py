"""
What did not go as it was written down at first: consignments that arrived in parts, short, too warm or not at all, two
corrections, and two pledges. As EPCIS 2.0 documents, because the house workbook has no sheet for these; the shipments
stand in the parties' books.

What two parties sign is in a file of its own: `silkroot import` records what one party signs.
"""

from __future__ import annotations

import hashlib

from demo_season.cast import BEIJING, GUANGZHOU, HUB, LENDER, ORCHARD, PEAR_COOP, at, grams, lot
from ledger.domain import event_forms as forms
from ledger.domain.event_forms import Amount, Arrival, Settled, When, transaction_urn
from ledger.domain.identifiers import Grams
from ledger.domain.records import JsonTree

TERM = "2027-05-31T18:00:00+08:00"
"""Until when the pledges stand, as written; the service that loads the season puts a day half a year ahead."""


def parts_returns_and_corrections() -> list[JsonTree]:
    """62-parts-returns-and-corrections.jsonld: what one party signs."""
    return [*_in_two_parts(), *_open_variance(), *_short(), *_refused(), *_corrected()]


def agreed() -> list[JsonTree]:
    """63-settled-pledged-voided-agreed.jsonld: what two parties sign."""
    pears = lot("KP0917B")
    return [
        forms.pledge(PEAR_COOP, LENDER, _amount("KP1006A", 250), TERM, moment("10-10T10:00"), at(PEAR_COOP, "COLD-1")),
        forms.settlement(
            HUB, PEAR_COOP, HUB, transaction_urn(PEAR_COOP, "TL-1024-1"),
            [Settled(pears, loss=20_000, weight_loss=18_000)], moment("10-27T11:00"), at(HUB),
        ),
        forms.pledge(PEAR_COOP, LENDER, _amount("KP1020C", 200), TERM, moment("10-28T10:30"), at(PEAR_COOP, "COLD-1")),
        # The road over the Tianshan was closed by snow, and the truck turned round.
        forms.void(
            PEAR_COOP, HUB, transaction_urn(PEAR_COOP, "TL-1112-1"), [_amount("KP1006A", 150)], moment("11-14T10:30"),
            at(PEAR_COOP), agreed=True,
        ),
    ]  # fmt: skip


def pledge_released() -> list[JsonTree]:
    """64-pledge-released.jsonld: the lender alone signs that."""
    return [forms.pledge_release(LENDER, PEAR_COOP, lot("KP1006A"), moment("11-18T15:00"))]


def _in_two_parts() -> list[JsonTree]:
    """One container missed the flight and came with the next day's."""
    reference = transaction_urn(HUB, "URC-0913-CAN")
    box = grams("WG0902A", 1)
    return [
        forms.partial_receipt(
            GUANGZHOU, HUB, reference, [Arrival(lot("WG0902A"), accepted=540 * box, to_come=360 * box)],
            moment("09-13T17:20"), at(GUANGZHOU),
        ),
        forms.receiving(
            GUANGZHOU, HUB, reference, [_amount("WG0902A", 360)], moment("09-14T17:40"), at(GUANGZHOU)
        ),
        forms.sale(GUANGZHOU, [_amount("WG0902A", 620)], moment("09-18T19:30"), at(GUANGZHOU)),
    ]  # fmt: skip


def _open_variance() -> list[JsonTree]:
    """Twelve cases are missing, and nobody has said yet what became of them."""
    case = grams("KP1020A", 1)
    return [
        forms.partial_receipt(
            HUB, PEAR_COOP, transaction_urn(PEAR_COOP, "TL-1022-1"),
            [Arrival(lot("KP1020A"), accepted=388 * case, short=12 * case)], moment("10-23T05:30"), at(HUB),
        )
    ]  # fmt: skip


def _short() -> list[JsonTree]:
    """Two cases are missing, and the others are lighter than when they left. It is settled: see `agreed`."""
    return [
        forms.partial_receipt(
            HUB, PEAR_COOP, transaction_urn(PEAR_COOP, "TL-1024-1"),
            [Arrival(lot("KP0917B"), accepted=2_962_000, short=38_000)], moment("10-25T05:40"), at(HUB),
        )
    ]  # fmt: skip


def _refused() -> list[JsonTree]:
    """13.8 °C on arrival: Beijing refuses all of it, and it goes back to the hub with the next day's flight."""
    pears, back = lot("KP1020B"), transaction_urn(BEIJING, "TH-1023-1")
    return [
        forms.statement(
            BEIJING, "inspecting", [pears], moment("10-23T17:10"), at(BEIJING), disposition="non_conformant"
        ),
        forms.partial_receipt(
            BEIJING, HUB, transaction_urn(HUB, "URC-1023-PEK"), [Arrival(pears, refused=grams("KP1020B", 380))],
            moment("10-23T17:20"), at(BEIJING), return_ref=back,
        ),
        forms.receiving(HUB, BEIJING, back, [_amount("KP1020B", 380)], moment("10-24T21:30"), at(HUB)),
    ]  # fmt: skip


def _corrected() -> list[JsonTree]:
    """
    A harvest typed as 8,400 kg that was 4,800, and a packing of 470 cases that were 464: each is corrected before its
    lot moves. A correction names the event by its content hash, so these two carry blinds that are no secret.
    """
    harvested, packed = lot("E5-261024"), lot("KP1026A")
    way = transaction_urn(ORCHARD, "LS-261024")
    harvest = forms.harvest(
        ORCHARD, Amount(harvested, Grams(8_400_000)), moment("10-24T09:20"), at(ORCHARD, "E5"), extra=blind("E5-261024")
    )
    packing = forms.transformation(
        PEAR_COOP, [_amount("E5-261024", 4800)], [_amount("KP1026A", 470)], moment("10-26T10:00"), at(PEAR_COOP),
        culls=70_000, process_loss=30_000, extra=blind("KP1026A"),
    )  # fmt: skip
    fruit = [Amount(harvested, Grams(4_800_000))]
    return [
        harvest,
        forms.amendment(harvest, {harvested: Grams(4_800_000)}),
        forms.shipping(ORCHARD, PEAR_COOP, way, fruit, moment("10-24T17:20"), at(ORCHARD)),
        forms.receiving(PEAR_COOP, ORCHARD, way, fruit, moment("10-24T18:35"), at(PEAR_COOP)),
        packing,
        forms.amendment(packing, {packed: Grams(grams("KP1026A", 464))}, culls=130_000, process_loss=30_000),
    ]


def blind(name: str) -> dict[str, str]:
    """A blind that everybody can work out, for an event that another one names by its content hash."""
    return {"silkroot:blind": hashlib.sha256(f"demonstration {name}".encode()).hexdigest()[:32]}


def moment(time: str) -> When:
    """A minute in Beijing time, which all of China keeps."""
    return When(f"2026-{time}:00+08:00")


def _amount(code: str, count: int) -> Amount:
    """So many trade items; cases are counted where the lot is one of cases."""
    mass = Grams(grams(code, count))
    return Amount(lot(code), mass) if grams(code, 1) == 1000 else Amount(lot(code), mass, count)
