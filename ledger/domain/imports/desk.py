"""
The desk at which rows become events: what all mappings share; no I/O.

Times: a sheet names days. The day's event is dated at 00:00 in the import's zone and says `datePrecision: day`; a cell
with a time of day is taken as it is. No clock and no chance come in, so the same row makes the same event every time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from ledger.domain import event_forms
from ledger.domain.event_forms import Spot, When
from ledger.domain.identifiers import FIRST_ALLOTTED_PARTY, LotRef, PartyId
from ledger.domain.imports import values
from ledger.domain.imports.address_book import AddressBook
from ledger.domain.imports.cells import BadCell, Cell, RowError, RowKey
from ledger.domain.imports.layouts import Row
from ledger.domain.imports.plan import Group, PlannedEvent, Token
from ledger.domain.imports.values import Amount, Moment
from ledger.domain.master_data import Place, Product
from ledger.domain.records import JsonTree


@dataclass
class Desk:
    """Collects groups and errors; `zone` is the offset of the sheets' local time, such as +08:00."""

    book: AddressBook
    zone: str
    groups: list[Group] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    def when(self, at: Moment) -> When:
        """The moment with the import's zone."""
        return When(f"{at.at.isoformat(timespec='seconds')}{self.zone}")

    def add(self, rows: Sequence[Row], stage: int, at: Moment, events: Iterable[PlannedEvent]) -> None:
        """Plans events that stand or fall with these rows. Stages order what happens on one day."""
        keys = tuple(row.key for row in rows)
        self.groups.append(Group(keys, tuple(events), (at.at.date().isoformat(), stage, keys[0])))

    def refuse_siblings(self, rows: Iterable[Row], bad: Iterable[RowError], what: str) -> None:
        """Lists the rows that cannot be recorded because another row of the same event is refused."""
        first = min((error.row for error in bad), default=0)
        for row in rows:
            self.errors.append(
                row.whole(
                    "row.incomplete", f"row {first} of the same {what} is refused, and it stands or falls as a whole"
                )
            )


def spot(place: Place) -> Spot:
    """The place as an event's read point."""
    return Spot(place.gln, place.extension)


def form_amount(lot: LotRef, amount: Amount) -> event_forms.Amount:
    """A quantity of a lot as the event forms take it."""
    return event_forms.Amount(lot, amount.grams, amount.cases or None)


def reference(shipper: PartyId, place: Place, document: Cell, pallet: Cell) -> str:
    """
    The consignment's reference: the document number under the shipper's GLN, or without one the pallet's SSCC. Both
    sides of a handoff make the same one from the same paper.
    """
    number = values.optional_text(document)
    if number:
        owner = shipper if shipper < FIRST_ALLOTTED_PARTY else PartyId(place.gln)
        return event_forms.transaction_urn(owner, quote(number, safe=""))
    if pallet.blank:
        raise BadCell(
            document, "consignment.reference", "a consignment needs a reference document or the SSCC of a pallet"
        )
    return f"https://id.gs1.org/00/{values.sscc(pallet)}"


def in_grams(product: Product, quantity: Cell, unit: Cell | None) -> Amount:
    """The quantity of a product; a product without net grams never gets this far."""
    return values.amount(quantity, unit, product.net_grams)


def planned(
    tree: JsonTree,
    party: PartyId,
    default: Cell,
    cells: Mapping[str, Cell],
    takes: Iterable[Token] = (),
    gives: Iterable[Token] = (),
    *,
    shared: bool = False,
) -> PlannedEvent:
    """An event with where its parts came from."""
    return PlannedEvent(tree, party, default, cells, frozenset(takes), frozenset(gives), shared)


def held(lot: LotRef, party: PartyId) -> Token:
    """The party holds some of the lot."""
    return ("held", lot, party)


def sent(shipper: PartyId, reference: str) -> Token:
    """The consignment is under way."""
    return ("sent", shipper, reference)


def row_sort(row: Row) -> RowKey:
    """Rows in the order of the file."""
    return row.key
