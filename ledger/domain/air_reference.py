"""
Which consignment a step of the air leg is about; no I/O.

The steps come before the shipment that hands the goods over, so that they name its reference: a URI as it stands,
anything else as a document number of the party that states the step, which is how shipments are named too.
"""

from __future__ import annotations

from ledger.domain.air_leg import AirLeg
from ledger.domain.forms.base import transaction_urn
from ledger.domain.identifiers import PartyId


def reference_of(party: PartyId, leg: AirLeg) -> str:
    """The reference of the consignment that the leg names, else the number of its waybill; "" where it has neither."""
    number = leg.consignment or ("" if leg.waybill is None else str(leg.waybill))
    return number if not number or ":" in number else transaction_urn(party, number)
