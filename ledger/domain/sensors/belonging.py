"""
Which consignments a statement names, what limits a lot was born with, and the order of events; no I/O.
"""

from __future__ import annotations

from collections.abc import Callable

from ledger.domain.identifiers import ConsignmentId, ContentHash, consignment_id
from ledger.domain.lot_history import LotHistory
from ledger.domain.records import JsonTree
from ledger.domain.sensors.limits import Limits, limits_of

Rank = tuple[int, int]
RankOf = Callable[[ContentHash], Rank]
"""Orders events by when they were recorded; larger is later."""


def born_limits(history: LotHistory) -> Limits | None:
    """The lot's limits, as it was born with them."""
    births = {birth.event for birth in history.births}
    born = (item for item in history.readings if item.event.content_hash in births)
    return next((limits_of(item.event.body, history.lot) for item in born), None)


def named_consignments(body: JsonTree, history: LotHistory) -> set[ConsignmentId]:
    """The consignments of the lot that an event names, as a business transaction or as an SSCC in `epcList`."""
    texts = references_in(body)
    return {
        handoff.consignment
        for handoff in history.handoffs.values()
        if any(consignment_id(handoff.shipper, text) == handoff.consignment for text in texts)
    }


def references_in(body: JsonTree) -> list[str]:
    """What may name a consignment."""
    if not isinstance(body, dict):
        return []
    things, transactions = body.get("epcList"), body.get("bizTransactionList")
    found = list(things) if isinstance(things, list) else []
    for one in transactions if isinstance(transactions, list) else ():
        found.append(one.get("bizTransaction") if isinstance(one, dict) else None)
    return [text for text in found if isinstance(text, str)]
