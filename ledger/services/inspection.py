"""
What inspectors do: find a lot by what stands on its label, look at its family, see how far a recall went.

Everything is read from the local projection and from events; what the chain says of a lot is `story`'s. Raises
`InvalidInput` for what names no lot, `NotFound` for a lot that no event names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ledger.domain.actions import Recall, Release
from ledger.domain.custody_rules.recalls import may_recall
from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.event_reading import lots_of
from ledger.domain.gs1 import parse_gtin
from ledger.domain.identifiers import FIRST_ALLOTTED_PRODUCT, LotId, LotRef, PartyId, ProductId
from ledger.domain.master_data import MasterData
from ledger.domain.paging import lot_in
from ledger.domain.records import EntryState, RecordedEvent
from ledger.ports_families import FamilyStore, OpenRecall, Standing
from ledger.services.families import FamilyGraph, Reach, family_graph, reach_of
from ledger.services.follow import TracePage, trace_page
from ledger.services.lot_text import new_lot_of_text
from ledger.services.tracking_records import TrackingRow, too_many, tracking_rows

MOST_FOUND = 50
MOST_RECORDED = 2_000
"""Lots of one workbook of records: some ten thousand events, which are read one by one."""
PAGE = 50
_LAST_CODE = "z" * 20


class Records(Protocol):
    """The part of `ledger.ports.EventStore`, and of the line of recalls, that is asked here."""

    def events_of_lot(self, lot: LotId) -> Sequence[RecordedEvent]: ...

    def lots(self, after: LotRef | None, limit: int) -> Sequence[LotRef]: ...

    def lot_refs(self, lots: Collection[LotId]) -> Mapping[LotId, LotRef]: ...

    def recalls_waiting(self) -> int: ...

    def master_data(self) -> MasterData: ...


@dataclass(frozen=True, slots=True)
class RecallDeed:
    """A recall of the lot itself, or its end: by whom, when, why, and how far its own entry is on its way."""

    by: PartyId
    at: datetime
    reason: str
    state: EntryState
    refusal: str
    content_hash: bytes
    is_release: bool


@dataclass(frozen=True, slots=True)
class RecallProgress:
    """
    How far a recall, or its end, has come. `lots`: the lot and all made from it; `recalled`: how many of them are
    marked; `waiting`: lots, of all families, to which entries have yet to be queued for the chain.
    """

    deed: RecallDeed | None
    lots: int
    recalled: int
    waiting: int

    @property
    def is_followed(self) -> bool:
        """Whether the chain has the entry, and no lot waits for one."""
        return self.deed is not None and self.deed.state is EntryState.CONFIRMED and not self.waiting


class Inspection:
    """`families` and `records` are the store's; may be used from any thread."""

    def __init__(self, families: FamilyStore, records: Records) -> None:
        self.families = families
        self._records = records

    def find(self, text: str) -> list[LotRef]:
        """
        The lots that the text names: a label's link, `GTIN/LOT`, a lot code, or a GTIN alone; at most `MOST_FOUND`. A
        link or a pair names one lot, which has to be there.
        """
        asked = text.strip()
        if not asked:
            return []
        if "/" in asked or asked.startswith("urn:"):
            lot = new_lot_of_text(asked)
            return [lot] if self.families.lot_ref(lot.id) is not None else []
        found = list(self.families.lots_with_code(asked))[:MOST_FOUND]
        if found or not asked.isdigit() or len(asked) < 8:
            return found
        product = ProductId(int(asked)) if int(asked) >= FIRST_ALLOTTED_PRODUCT else ProductId(parse_gtin(asked))
        # Behind every lot of the product before.
        near = self._records.lots(LotRef(ProductId(product - 1), _LAST_CODE), MOST_FOUND) if product > 1 else []
        return [lot for lot in near if lot.product == product]

    def standing(self, lot: LotRef) -> Standing:
        """How the lot stands."""
        found = self.families.standings([lot.id]).get(lot.id)
        if found is None:
            raise NotFound(f"nobody made lot {lot}")
        return found

    def graph(self, lot: LotRef) -> FamilyGraph:
        """The part of the lot's family next to it."""
        return family_graph(self.families, lot)

    def page(self, lot: LotRef, *, forward: bool, token: str = "", limit: int = PAGE) -> TracePage:
        """A page of all that the lot was made from, or that was made from it, nearest first."""
        return trace_page(self.families, lot, forward=forward, limit=limit, token=token)

    def reach(self, lot: LotRef) -> Reach:
        """How far a recall of the lot reaches."""
        return reach_of(self.families, lot)

    def records(self, lot: LotRef) -> list[TrackingRow]:
        """
        What the 24-hour spreadsheet has of the lot, of all that it was made from, and of all that was made from it.
        `InvalidInput` where those are more than `MOST_RECORDED` lots.
        """
        family = {lot.id}
        for edges in (self.families.ascent([lot.id]), self.families.descent([lot.id])):
            family |= edges.keys() | {one for others in edges.values() for one in others}
        if len(family) > MOST_RECORDED:
            raise too_many(len(family), MOST_RECORDED)
        events = {event.sequence: event for one in family for event in self._records.events_of_lot(one)}
        named = {other.id for event in events.values() for other in lots_of(event.body)}
        names = self.families.lot_refs(family | named)
        return list(tracking_rows(list(events.values()), family, names, self._records.master_data()))

    def open_recalls(self, token: str = "", limit: int = PAGE) -> tuple[list[OpenRecall], str]:
        """Recalls that stand where they were issued, and the token of the next page; "" on the last."""
        found = list(self.families.open_recalls(LotId(lot_in(token, token)) if token else None, limit + 1))
        return found[:limit], found[limit - 1].lot.hex() if len(found) > limit else ""

    def last_deed(self, lot: LotRef) -> RecallDeed | None:
        """The last recall of the lot itself, or its end; None where there was none."""
        for event in reversed(self._records.events_of_lot(lot.id)):
            action = event.proof.action
            if isinstance(action, Recall | Release) and action.lot == lot.id:
                reason = event.body.get("silkroot:reason", "")
                return RecallDeed(
                    action.issuer, event.record_time, reason if isinstance(reason, str) else "", event.state,
                    event.refusal, event.content_hash, isinstance(action, Release),
                )  # fmt: skip
        return None

    def progress(self, lot: LotRef) -> RecallProgress:
        """How far the last recall of the lot, or its end, has come."""
        reach = self.reach(lot)
        return RecallProgress(self.last_deed(lot), reach.lots, reach.recalled, self._records.recalls_waiting())


def can_recall(party: PartyId, roles: int, standing: Standing) -> bool:
    """Whether the party may recall the lot as it stands; one to which a recall was carried may get its own."""
    return may_recall(party, standing.issuer, roles) and (not standing.is_recalled or standing.inherited)


def can_release(party: PartyId, standing: Standing) -> bool:
    """Whether the party may take back the recall that stands: its own, where it was issued."""
    return standing.is_recalled and not standing.inherited and standing.recalled_by == party


def require_text(text: str, longest: int) -> str:
    """What somebody typed into a search, of a length that can be searched for."""
    if len(text) > longest:
        raise InvalidInput.one("q", "search.length", text[:40], f"at most {longest} characters")
    return text
