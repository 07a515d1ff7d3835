"""
Mass balances of a party over a period, and of a lot, out of all events that moved grams; see `domain.mass_balance`.

A party's balance reads all events that the party ever signed, a page at a time, whatever the period: what it began
with is what was before. Entries that the chain refused for good moved nothing. Raises `NotFound` for a lot that no
event names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

from ledger.domain.actions import PartialReceipt, Settlement, Shipment
from ledger.domain.custody_state import Consignment, Origin
from ledger.domain.errors import NotFound
from ledger.domain.identifiers import ConsignmentId, LotId, LotRef, PartyId, consignment_id
from ledger.domain.mass_balance import LOT_OUT, PARTY_IN, PARTY_OUT, Account, Books, MassBalance
from ledger.domain.records import EntryState, RecordedEvent
from ledger.ports_questions import EventPlace, EventQuestion, FoundEvent

_PAGE = 500
_ASIDE = (Account.CULLS, Account.PROCESS_LOSS, Account.REMAINDER, Account.LOST, Account.WEIGHT_LOSS)


class Counted(Protocol):
    """What a store counts and finds for balances."""

    def events(self, question: EventQuestion, after: EventPlace | None, limit: int) -> Sequence[FoundEvent]:
        """Events page by page."""
        ...

    def settled_of(self, party: PartyId) -> dict[ConsignmentId, tuple[LotId, ...]]:
        """Settled consignments in which the party was a side, with their lots."""
        ...

    def held_by(self, party: PartyId) -> int:
        """Grams that the party holds, of all lots."""
        ...

    def held_of(self, lot: LotId) -> int:
        """Grams of the lot that lie with anybody."""
        ...

    def consignment(self, consignment: ConsignmentId) -> Consignment | None:
        """The consignment as it stands."""
        ...

    def origin(self, origin_hash: bytes) -> Origin | None:
        """What is behind an origin hash."""
        ...


def party_balance(counted: Counted, party: PartyId, since: int | None = None, before: int | None = None) -> MassBalance:
    """The party's balance from `since` up to but not including `before`, in Unix microseconds of what events say."""
    books = Books(counted.consignment, counted.origin)
    opening = 0
    inside: Counter[Account] = Counter()
    for found in _events_of(counted, party):
        time = found.place[0]
        if before is not None and time >= before:
            continue
        for posting in books.postings(found.event.proof.action):
            if posting.party != party:
                continue
            if since is None or time >= since:
                inside[posting.account] += posting.grams
            elif posting.account in PARTY_IN:
                opening += posting.grams
            elif posting.account in PARTY_OUT:
                opening -= posting.grams
    return MassBalance(
        opening,
        {account: inside[account] for account in PARTY_IN},
        {account: inside[account] for account in PARTY_OUT},
        None if before is not None else counted.held_by(party),
        {account.value: inside[account] for account in _ASIDE},
    )


def lot_balance(counted: Counted, lot: LotRef) -> MassBalance:
    """The lot's balance over all parties, from its making to now."""
    books = Books(counted.consignment, counted.origin)
    sums: Counter[Account] = Counter()
    sent: dict[ConsignmentId, None] = {}
    known = False
    for found in _paged(counted, EventQuestion(lots=(lot.id,))):
        known = True
        if not _stands(found.event):
            continue
        action = found.event.proof.action
        if isinstance(action, Shipment):
            sent[consignment_id(action.shipper, action.consignment_ref)] = None
        elif isinstance(action, PartialReceipt) and action.return_ref:
            sent[consignment_id(action.receiver, action.return_ref)] = None
        for posting in books.postings(action):
            if posting.lot == lot.id:
                sums[posting.account] += posting.grams
    if not known:
        raise NotFound(f"no event names lot {lot}")
    held, under_way, disputed = counted.held_of(lot.id), 0, 0
    for consignment in map(counted.consignment, sent):
        if consignment is not None:
            grams = sum(line.grams for line in consignment.open_lines if line.lot == lot.id)
            under_way += grams if consignment.state.under_way else 0
            disputed += grams if consignment.state.in_dispute else 0
    return MassBalance(
        0,
        {Account.MADE: sums[Account.MADE]},
        {account: sums[account] for account in LOT_OUT},
        held + under_way + disputed,
        {"onHand": held, "inTransit": under_way, "inDispute": disputed},
    )


def _events_of(counted: Counted, party: PartyId) -> Iterator[FoundEvent]:
    """The party's own events that stand, and what others settled with it."""
    for found in _paged(counted, EventQuestion(parties=(party,))):
        if _stands(found.event):
            yield found
    settled = counted.settled_of(party)
    lots = sorted({lot for some in settled.values() for lot in some})
    seen: set[int] = set()
    for lot in lots:
        for found in _paged(counted, EventQuestion(lots=(lot,))):
            action = found.event.proof.action
            if (
                isinstance(action, Settlement)
                and action.party != party
                and action.consignment in settled
                and found.event.sequence not in seen
                and _stands(found.event)
            ):
                seen.add(found.event.sequence)
                yield found


def _paged(counted: Counted, question: EventQuestion) -> Iterator[FoundEvent]:
    place: EventPlace | None = None
    while page := counted.events(question, place, _PAGE):
        yield from page
        place = page[-1].place


def _stands(event: RecordedEvent) -> bool:
    return event.state is not EntryState.REFUSED
