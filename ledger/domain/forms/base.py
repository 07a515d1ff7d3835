"""
What every builder of events shares: amounts, times, places, and the members that all events have; no I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ledger.domain.digital_link import lot_uri, party_uri, place_uri
from ledger.domain.epcis.names import STANDARD_CONTEXT
from ledger.domain.errors import InvalidEvent
from ledger.domain.identifiers import Grams, LotRef, PartyId
from ledger.domain.own_members import NAMESPACE
from ledger.domain.records import JsonTree

Extra = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Amount:
    """Grams of a lot, with the count of cases that they make, where one was stated."""

    lot: LotRef
    grams: Grams
    cases: int | None = None


@dataclass(frozen=True, slots=True)
class When:
    """When something happened: ISO 8601 with offset, e.g. 2026-08-05T09:30:00+08:00."""

    time: str

    @property
    def offset(self) -> str:
        """The zone offset as EPCIS wants it: +08:00."""
        if self.time.endswith("Z"):
            return "+00:00"
        offset = self.time[-6:]
        if len(offset) != 6 or offset[0] not in "+-" or offset[3] != ":":
            raise InvalidEvent.one("/eventTime", "epcis.time", self.time, "a time needs its zone offset")
        return offset


@dataclass(frozen=True, slots=True)
class Spot:
    """A place: GLN (AI 414) with an optional extension (AI 254)."""

    gln: int
    extension: str = ""

    @property
    def uri(self) -> str:
        """Its GS1 Digital Link."""
        return place_uri(self.gln, self.extension)


def transaction_urn(party: PartyId, number: str) -> str:
    """A consignment reference from the shipper's own document number: `urn:epcglobal:cbv:bt:{gln}:{number}`."""
    return f"urn:epcglobal:cbv:bt:{party:013d}:{number}"


def quantity(amount: Amount) -> JsonTree:
    """An element of a quantity list: the lot and its mass in kilograms."""
    kilograms = Decimal(amount.grams) / 1000
    whole = kilograms == kilograms.to_integral_value()
    return {
        "epcClass": lot_uri(amount.lot),
        "quantity": int(kilograms) if whole else float(kilograms),
        "uom": "KGM",
    }


def bare_event(
    kind: str, party: PartyId, when: When, biz_step: str, disposition: str, where: Spot | None, extra: Extra | None
) -> JsonTree:
    """What every event has; `extra`, with prefixed names, rides along."""
    event: JsonTree = {
        "@context": [STANDARD_CONTEXT, {"silkroot": NAMESPACE}],
        "type": kind,
        "eventTime": when.time,
        "eventTimeZoneOffset": when.offset,
        "bizStep": biz_step,
        "disposition": disposition,
        "silkroot:party": f"{party:013d}",
    }
    if where is not None:
        event["readPoint"] = {"id": where.uri}
    event.update(extra or {})
    return event


def object_event(
    party: PartyId,
    when: When,
    action: str,
    biz_step: str,
    disposition: str,
    amounts: Sequence[Amount],
    *,
    read_point: Spot | None,
    extra: Extra | None,
) -> JsonTree:
    """An ObjectEvent about amounts of lots."""
    event = bare_event("ObjectEvent", party, when, biz_step, disposition, read_point, extra)
    event["action"] = action
    event["quantityList"] = [quantity(amount) for amount in amounts]
    add_cases(event, amounts)
    return event


def between(event: JsonTree, shipper: PartyId, receiver: PartyId, reference: str, transaction_type: str) -> JsonTree:
    """The event with the two sides of a handoff and the consignment's reference."""
    event["sourceList"] = [{"type": "possessing_party", "source": party_uri(shipper)}]
    event["destinationList"] = [{"type": "possessing_party", "destination": party_uri(receiver)}]
    event["bizTransactionList"] = [{"type": transaction_type, "bizTransaction": reference}]
    return event


def add_cases(event: JsonTree, amounts: Sequence[Amount]) -> None:
    """Adds the counts of cases, where some were stated."""
    cases = [{"epcClass": lot_uri(a.lot), "count": a.cases} for a in amounts if a.cases is not None]
    if cases:
        event["silkroot:cases"] = cases
