"""
Names in the place of ids: the ledger's own rules know lots, plots and consignments by 32 bytes, people by what the
event calls them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledger.domain.digital_link import place_of_uri
from ledger.domain.errors import InvalidInput, Violation
from ledger.domain.event_reading import consignment_reference, possessing_party
from ledger.domain.identifiers import LotRef, PartyId, consignment_id, plot_id
from ledger.domain.records import JsonTree


def readable(violations: Sequence[Violation], event: JsonTree, lots: Sequence[LotRef]) -> tuple[Violation, ...]:
    """The same, with the names that the event has for lots, plots (GLN/EXT) and its consignment (the reference)."""
    names = {ref.id.hex(): str(ref) for ref in lots} | _plots(event) | _consignment(event)
    named = []
    for violation in violations:
        value = violation.value
        for found, name in names.items():
            value = value.replace(found, name)
        named.append(replace(violation, value=value))
    return tuple(named)


def _plots(event: JsonTree) -> dict[str, str]:
    read_point, listed = event.get("readPoint"), event.get("epcList")
    uris = [read_point.get("id")] if isinstance(read_point, dict) else []
    uris += listed if isinstance(listed, list) else []
    names = {}
    for uri in uris:
        try:
            place = place_of_uri(uri) if isinstance(uri, str) else None
        except InvalidInput:
            continue
        if place and place[1]:
            names[plot_id(PartyId(place[0]), place[1]).hex()] = f"{place[0]:013d}/{place[1]}"
    return names


def _consignment(event: JsonTree) -> dict[str, str]:
    try:
        _, shipper = possessing_party(event, "sourceList", "source")
        reference = consignment_reference(event)
    except InvalidInput:
        return {}
    return {consignment_id(shipper, reference).hex(): reference}
