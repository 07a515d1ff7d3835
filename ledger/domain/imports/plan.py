"""
What an import intends: events in groups, each group with the rows that it came from; no I/O.

A group stands or falls as a whole: one row that makes two events (a receipt and the packing), or several rows that make
one event (the lines of a consignment). Every event remembers which cell each of its parts came from, so that a refusal
by EPCIS's rules or the ledger's can be told in the words of the sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.domain.errors import Violation
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.imports.cells import Cell, Note, RowError, RowKey, shown
from ledger.domain.master_data import MasterData
from ledger.domain.records import JsonTree

Token = tuple[object, ...]
"""What an event brings about or needs: ("held", lot, party), ("sent", shipper, reference) or ("born", lot)."""


@dataclass(frozen=True, slots=True)
class LineCells:
    """The cells behind one line of an event: product, lot code, quantity."""

    lot: LotRef
    product: Cell
    code: Cell
    quantity: Cell


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """
    An event, the party that acts in it, and the cells it came from: `cells` by JSON pointer, of the event
    ("/destinationList") or of the signed action ("/receiver"), longest match first. `takes` and `gives` say what it
    needs and what it brings about, for putting the events of one day in order.
    """

    tree: JsonTree
    party: PartyId
    default: Cell
    cells: Mapping[str, Cell]
    takes: frozenset[Token] = frozenset()
    gives: frozenset[Token] = frozenset()
    shared: bool = False
    """Whether other rows may imply the very same event (the receipt of a harvest that is packed in several rows)."""

    def row_error(self, violation: Violation) -> RowError:
        """A violation in terms of the sheet. The cell is the one whose pointer is the longest prefix of the field."""
        pointer = violation.field
        cell = self.default
        while pointer:
            if pointer in self.cells:
                cell = self.cells[pointer]
                break
            pointer = pointer.rpartition("/")[0]
        value = shown(cell.value) or violation.value
        message = violation.message if violation.value in ("", value) else f"{violation.message} ({violation.value})"
        return RowError(cell.sheet, cell.row, cell.column, value, violation.rule, message)


@dataclass(frozen=True, slots=True)
class Group:
    """Events that stand or fall together. `order` is what sorts groups: day, stage, first row."""

    rows: tuple[RowKey, ...]
    events: tuple[PlannedEvent, ...]
    order: tuple[str, int, RowKey]


@dataclass(frozen=True, slots=True)
class Plan:
    """
    All that a file would record. `rows_read` counts rows with data; `ignored` names sheets that hold none of ours.
    """

    groups: tuple[Group, ...]
    errors: tuple[RowError, ...]
    additions: MasterData = field(default_factory=MasterData)
    rows_read: int = 0
    ignored: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


def line_cells(event_list: str, action_list: str, lines: Sequence[LineCells]) -> Iterator[tuple[str, Cell]]:
    """
    Pointers of an event's list of quantities, in its own order, and of the action's list of lines: ascending by lot id
    for manifests and inputs, the event's order for outputs.
    """
    for index, line in enumerate(lines):
        yield f"/{event_list}/{index}", line.code
        yield f"/{event_list}/{index}/quantity", line.quantity
        yield f"/{event_list}/{index}/uom", line.quantity
    in_action = lines if action_list == "outputs" else sorted(lines, key=lambda line: line.lot.id)
    for index, line in enumerate(in_action):
        yield f"/{action_list}/{index}", line.code
        yield f"/{action_list}/{index}/grams", line.quantity
        yield f"/{action_list}/{index}/product", line.product
