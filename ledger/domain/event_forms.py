"""
Builds the EPCIS 2.0 events that the ledger understands, from plain values; no I/O.

The forms are those of docs/events.md: one per critical tracking event. What is built here is what `binding.action_of`
reads back; a property test holds the two together. Masses are net grams and are written as kilograms (uom KGM) in
quantity lists, as grams in members of ours. Times are ISO 8601 with an offset. Extra members (FSMA 204 details, say) go
in as `extra`, with prefixed names. The builders stand in `ledger.domain.forms`, by what they are about.
"""

from __future__ import annotations

from ledger.domain.epcis.names import STANDARD_CONTEXT
from ledger.domain.forms.amendments import amendment, birth_amendment, transformation_amendment
from ledger.domain.forms.attached import attached_certificate
from ledger.domain.forms.base import Amount, Extra, Spot, When, quantity, transaction_urn
from ledger.domain.forms.handoffs import Arrival, Settled, notice, partial_receipt, settlement, void
from ledger.domain.forms.moves import (
    RosterLine,
    disposal,
    harvest,
    intake,
    recall,
    receiving,
    release,
    sale,
    shipping,
    statement,
    transformation,
)
from ledger.domain.forms.titles import pledge, pledge_release, plot_registration, yield_certificate
from ledger.domain.own_members import NAMESPACE

__all__ = [
    "STANDARD_CONTEXT",
    "Amount",
    "Arrival",
    "Extra",
    "RosterLine",
    "Settled",
    "Spot",
    "When",
    "amendment",
    "attached_certificate",
    "birth_amendment",
    "disposal",
    "harvest",
    "intake",
    "notice",
    "partial_receipt",
    "pledge",
    "pledge_release",
    "plot_registration",
    "quantity",
    "recall",
    "receiving",
    "release",
    "sale",
    "settlement",
    "shipping",
    "statement",
    "transaction_urn",
    "transformation",
    "transformation_amendment",
    "void",
    "yield_certificate",
]

SILKROOT_NAMESPACE = NAMESPACE
