"""
What a producer and a packing house see of their own lots: born today, on hand, on the way, what waits for a receipt;
and what to offer first on their forms.

From the local projection and the party's own events, without asking the chain; what is said of a lot's standing is how
far its newest event of the party has come, and whether a recall stands. Synchronous: call it in a worker thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from ledger.domain.actions import Harvest, Intake, Transformation
from ledger.domain.custody_state import Lot
from ledger.domain.identifiers import Grams, LotId, LotRef, PartyId, ProductId, lot_id
from ledger.domain.master_data import Product
from ledger.domain.records import EntryState, RecordedEvent
from ledger.ports import Clock
from ledger.ports_packing import HouseStore, Sent, Stock
from ledger.ports_questions import StockRow
from ledger.ports_receiving import NamedConsignment
from ledger.services.correcting import Standing, Weights, standing_of, weights_of
from ledger.services.habits import Habits, first_code, habits_of, next_code
from ledger.services.lot_text import lot_of_text

MOST_LOTS = 500
MOST_EVENTS = 300
MOST_SENT = 200
_ZONE = timezone(timedelta(hours=8))
_START = {"harvest": "H", "intake": "I", "pack": "P"}


@dataclass(frozen=True, slots=True)
class HouseLot:
    """
    A lot of which the party has something. `born`: what it was born with, as last amended. `made`: when and as what
    ("harvest", "intake", "pack") the party brought it into being, where its recent events tell. `state`: how far the
    party's newest event about it has come. `correctable`: the party made it, and its weight may still be corrected.
    """

    ref: LotRef
    born: Grams
    on_hand: Grams
    going: Grams
    coming: Grams
    missing: Grams
    pledged: Grams
    recalled: bool
    made: tuple[str, datetime] | None = None
    state: EntryState | None = None
    correctable: bool = False


@dataclass(frozen=True, slots=True)
class SentLine:
    """Grams of a lot in a consignment."""

    ref: LotRef | None
    grams: Grams


@dataclass(frozen=True, slots=True)
class SentOne:
    """A consignment of the party's that nobody has received yet; `since`: when it was shipped, where that is known."""

    reference: str
    receiver: PartyId
    lines: tuple[SentLine, ...]
    since: datetime | None

    @property
    def grams(self) -> int:
        """All of it."""
        return sum(line.grams for line in self.lines)


@dataclass(frozen=True, slots=True)
class Glance:
    """The party's lots now. `today`: born today, newest first, whatever became of them since."""

    today: tuple[HouseLot, ...]
    lots: tuple[HouseLot, ...]
    sent: tuple[SentOne, ...]
    is_cut: bool = False

    @property
    def on_hand(self) -> tuple[HouseLot, ...]:
        """Those of which something is here."""
        return tuple(lot for lot in self.lots if lot.on_hand)


class PackingDesk:
    """May be used from any thread."""

    def __init__(self, store: HouseStore, stock: Stock, sent: Sent, clock: Clock) -> None:
        self._store = store
        self._stock = stock
        self._sent = sent
        self._clock = clock

    def today(self) -> date:
        """The day by the clock of China."""
        return datetime.fromtimestamp(self._clock.now(), _ZONE).date()

    def glance(self, party: PartyId) -> Glance:
        """All that the first page of a packing house says."""
        events = self._stock.recent(party, MOST_EVENTS)
        rows = self._stock.stock(party, int(self._clock.now()), None, MOST_LOTS + 1)
        makings = _makings(events)
        states = _states(events)
        known = {row.lot: row for row in rows[:MOST_LOTS] if row.ref is not None}
        today = [lot for lot, (_kind, moment) in makings.items() if moment.astimezone(_ZONE).date() == self.today()]
        refs = self._store.lot_refs({*known, *today})
        lineage = self._store.lineage(list(refs))

        def told(lot: LotId) -> HouseLot:
            row = known.get(lot) or StockRow(lot, refs[lot], *(Grams(0) for _part in range(5)))
            of_lot = lineage.get(lot)
            born = of_lot.grams if of_lot is not None else Grams(0)
            own = of_lot is not None and of_lot.issuer == party and standing_of(of_lot) is Standing.FREE
            return HouseLot(
                refs[lot], born, row.on_hand, row.going, row.coming, row.disputed, row.pledged,
                _is_recalled(lot, lineage), makings.get(lot), states.get(lot), own,
            )  # fmt: skip

        lots = sorted(map(told, known), key=_newest_first)
        fresh = [told(lot) for lot in today if lot in refs]
        return Glance(tuple(fresh), tuple(lots), tuple(self._sent_ones(party, events)), len(rows) > MOST_LOTS)

    def weights(self, text: str, party: PartyId) -> Weights:
        """The weights of the party's own lot, `GTIN/LOT` or its code, as they may be corrected: see `weights_of`."""
        return weights_of(self._store, lot_of_text(self._store, text), party)

    def habits(self, party: PartyId) -> Habits:
        """What the party did last."""
        return habits_of(self._stock.recent(party, MOST_EVENTS))

    def next_codes(self, habits: Habits, kind: str, products: Sequence[ProductId]) -> dict[ProductId, str]:
        """A free lot code for each product, in the row of the codes that were used last."""
        start = first_code(_START[kind], self.today())

        def code(product: ProductId) -> str:
            def is_free(text: str) -> bool:
                return self._store.lot_ref(lot_id(product, text)) is None

            return next_code(habits.codes.get(kind, ()), start, is_free)

        return {product: code(product) for product in products}

    def products(self, party: PartyId, first: Sequence[ProductId], *, bulk: bool) -> list[Product]:
        """
        The products that the party may make lots of: those used last first, then loose fruit (`bulk`) or cases, then
        the others.
        """
        usable = [
            product
            for product in self._store.master_data().products.values()
            if product.owner == party or party in product.packers
        ]
        order = {product: index for index, product in enumerate(first)}
        return sorted(usable, key=lambda one: (order.get(one.id, len(order)), bool(one.bulk_of) != bulk, one.id))

    def _sent_ones(self, party: PartyId, events: Sequence[RecordedEvent]) -> list[SentOne]:
        found = self._sent.outbound(party, MOST_SENT)
        refs = self._store.lot_refs({line.lot for one in found for line in one.known.open_lines})
        times = {
            getattr(event.proof.action, "consignment_ref", ""): _moment(event)
            for event in reversed(events)
        }  # fmt: skip

        def told(one: NamedConsignment) -> SentOne:
            lines = tuple(SentLine(refs.get(line.lot), line.grams) for line in one.known.open_lines)
            return SentOne(one.reference, one.known.receiver, lines, times.get(one.reference))

        last = datetime.max.replace(tzinfo=UTC)
        return sorted(map(told, found), key=lambda one: one.since or last, reverse=True)


def _makings(events: Sequence[RecordedEvent]) -> dict[LotId, tuple[str, datetime]]:
    """When and as what lots were made, newest first."""
    found: dict[LotId, tuple[str, datetime]] = {}
    for event in events:
        match event.proof.action:
            case Harvest(product=product, lot_code=code):
                found.setdefault(lot_id(product, code), ("harvest", _moment(event)))
            case Intake(product=product, lot_code=code):
                found.setdefault(lot_id(product, code), ("intake", _moment(event)))
            case Transformation(outputs=outputs):
                for output in outputs:
                    found.setdefault(lot_id(output.product, output.lot_code), ("pack", _moment(event)))
    return found


def _states(events: Sequence[RecordedEvent]) -> dict[LotId, EntryState]:
    """How far the newest event of the party about each lot has come; a refused one stands out whatever came after."""
    found: dict[LotId, EntryState] = {}
    for event in events:
        for lot in _named(event):
            if event.state is EntryState.REFUSED:
                found[lot] = event.state
            found.setdefault(lot, event.state)
    return found


def _named(event: RecordedEvent) -> set[LotId]:
    action = event.proof.action
    lines = [line for name in ("inputs", "manifest", "lines") for line in getattr(action, name, ())]
    lots = {line.lot for line in lines}
    match action:
        case Harvest(product=product, lot_code=code) | Intake(product=product, lot_code=code):
            lots.add(lot_id(product, code))
        case Transformation(outputs=outputs):
            lots |= {lot_id(output.product, output.lot_code) for output in outputs}
    return lots


def _is_recalled(lot: LotId, known: Mapping[LotId, Lot]) -> bool:
    above, seen = [lot], set[LotId]()
    while above:
        one = above.pop()
        if one in seen or (found := known.get(one)) is None:
            continue
        seen.add(one)
        if found.recalled_by:
            return True
        above += found.parents
    return False


def _newest_first(lot: HouseLot) -> tuple[float, LotRef]:
    return (-lot.made[1].timestamp() if lot.made else 0.0, lot.ref)


def _moment(event: RecordedEvent) -> datetime:
    try:
        return datetime.fromisoformat(str(event.body.get("eventTime")))
    except ValueError:
        return event.record_time
