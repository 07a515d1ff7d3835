"""Builders of statements, which move nothing: an inspection."""

from __future__ import annotations

from ledger.domain import event_forms
from ledger.domain.errors import InvalidInput
from ledger.domain.event_forms import When
from ledger.domain.identifiers import PartyId
from ledger.domain.records import JsonTree
from ledger.ports import EventStore
from ledger.services.builders.common import Params
from ledger.services.lot_text import lot_of_text, spot_of_text

FOUND = ("conformant", "non_conformant")
"""What an inspection may find, in the words of CBV 2.0."""


def inspect(store: EventStore, party: PartyId, when: When, params: Params) -> JsonTree:
    if params["found"] not in FOUND:
        raise InvalidInput.one("found", "inspection.found", params["found"], f"write one of {', '.join(FOUND)}")
    lots = [lot_of_text(store, text) for text in params["lots"]]
    extra = {"silkroot:reason": params["reason"]} if params.get("reason") else None
    where = spot_of_text(params["where"], party)
    return event_forms.statement(party, "inspecting", lots, when, where, disposition=params["found"], extra=extra)
