"""
Import of a file: an EPCIS document (JSON-LD), a packing house's own workbook, a sortable workbook of the Produce
Traceability Initiative, or master data (TOML).

Without `proceed`, nothing of a file is recorded if one of its rows is refused. With it, rows that can be recorded are;
what came from one row, and the rows of one consignment or order, still stand or fall together. Importing a file twice
changes nothing: the same row makes the same event, and capture knows it again. Master data that a workbook's own
sheets bring is registered before its events, since they need it; it stays, whatever becomes of them.

Refused rows are values in the report. Raised are `InvalidInput` for what is no such file at all (no workbook, broken
JSON, wrong TOML), and whatever stops capture as a whole (`KeyLocked`, `StoreError`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ledger.domain.canonical_json import canonical
from ledger.domain.epcis import check_document, split_document
from ledger.domain.errors import InvalidEvent, InvalidInput, Violation
from ledger.domain.identifiers import PartyId
from ledger.domain.imports.cells import RowError, RowKey, Sheet
from ledger.domain.imports.house_mapping import HouseMapping
from ledger.domain.imports.house_plan import plan_house
from ledger.domain.imports.house_reading import is_house, read_house
from ledger.domain.imports.plan import Group, Plan, PlannedEvent
from ledger.domain.imports.report import ImportReport
from ledger.domain.imports.workbook_plan import BEIJING, plan_workbook
from ledger.domain.json_tree import parse_json
from ledger.domain.master_data import MasterData
from ledger.domain.records import JsonTree, RecordedEvent
from ledger.ports import Progress

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
_CHUNK = 500
"""Events recorded in one go where rows may be refused."""
_EVENT_POINTER = re.compile(r"(/epcisBody(?:/queryResults/resultsBody)?/eventList)/(\d+)(/.*)?\Z")


class Outcome(Protocol):
    """What became of one event: see `ledger.services.capture.CaptureResult`."""

    @property
    def record(self) -> RecordedEvent | None: ...

    @property
    def violations(self) -> tuple[Violation, ...]: ...

    @property
    def repeated(self) -> bool: ...


class EventCapture(Protocol):
    """`ledger.services.capture.Capture`."""

    def capture(
        self,
        events: Sequence[JsonTree],
        party: PartyId | None = None,
        *,
        rollback: bool = True,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Sequence[Outcome]: ...


class Registration(Protocol):
    """`ledger.services.register.Register`: merges master data and registers what is new; returns counts."""

    def register(self, master: MasterData) -> Any: ...


class MasterDataStore(Protocol):
    """The part of `ledger.ports.EventStore` that names things."""

    def master_data(self) -> MasterData: ...


@dataclass(frozen=True, slots=True)
class _Unit:
    """Events that stand or fall together, the rows they came from, and how to tell a violation of each."""

    events: tuple[JsonTree, ...]
    rows: tuple[tuple[str, int], ...]
    explain: tuple[Callable[[Violation], RowError], ...]


@dataclass
class _Tally:
    recorded: int = 0
    repeated: int = 0


class Importer:
    """
    `read_workbook` and `read_master_data` are the adapters' readers; `zone` is the offset of the workbooks' local time.
    """

    def __init__(
        self,
        store: MasterDataStore,
        capture: EventCapture,
        register: Registration,
        *,
        read_workbook: Callable[[Path], Sequence[Sheet]],
        read_master_data: Callable[[Path, MasterData], MasterData],
        zone: str = BEIJING,
    ) -> None:
        self._store = store
        self._capture = capture
        self._register = register
        self._read_workbook = read_workbook
        self._read_master_data = read_master_data
        self._zone = zone

    def import_file(
        self,
        path: Path,
        *,
        dry_run: bool = False,
        proceed: bool = False,
        progress: Progress | None = None,
        mapping: HouseMapping | None = None,
    ) -> ImportReport:
        """
        Imports one file; its kind is told by its name's ending (.toml, .xlsx, .json, .jsonld). `mapping` says what a
        packing house calls its sheets and columns.
        """
        match path.suffix.lower():
            case ".toml":
                return self._master_data(path, dry_run)
            case ".xlsx" | ".xlsm" | ".xls":
                # The reader refuses macros and old formats, and says what to do.
                return self._workbook(path, dry_run, proceed, progress, mapping or HouseMapping())
            case ".json" | ".jsonld":
                return self._document(path, dry_run, proceed, progress)
        raise InvalidInput.one(
            path.name, "import.kind", path.suffix, "a file to import ends in .xlsx, .json, .jsonld or .toml"
        )

    def _master_data(self, path: Path, dry_run: bool) -> ImportReport:
        master = self._read_master_data(path, self._store.master_data())
        entries = _entries(master)
        counts = {} if dry_run else _counts(self._register.register(master))
        return ImportReport(path.name, rows=entries, registered=counts, dry_run=dry_run)

    def _workbook(
        self, path: Path, dry_run: bool, proceed: bool, progress: Progress | None, mapping: HouseMapping
    ) -> ImportReport:
        plan = plan_of(self._read_workbook(path), self._store.master_data(), mapping, self._zone)
        units = [_unit_of(group) for group in plan.groups]
        wanted = proceed or not plan.errors
        registered: Mapping[str, int] = {}
        rules_checked = True
        if _entries(plan.additions):
            if wanted and not dry_run:
                registered = _counts(self._register.register(plan.additions))
            else:
                # Parties and products that nobody registered would be refused for that alone.
                rules_checked = not (plan.additions.parties or plan.additions.products)
        tally, errors = _Tally(), list(plan.errors)
        if rules_checked:
            tally, refused = self._run(units, dry_run or not wanted, proceed, progress)
            errors += refused
        return ImportReport(
            path.name, plan.rows_read, len(_distinct(units)), tally.recorded if wanted else 0, tally.repeated,
            _in_sheet_order(errors, plan), registered, plan.ignored, dry_run, rules_checked, plan.notes,
        )  # fmt: skip

    def _document(self, path: Path, dry_run: bool, proceed: bool, progress: Progress | None) -> ImportReport:
        tree = parse_json(_read(path))
        if not isinstance(tree, dict):
            raise InvalidEvent.one("", "epcis.document", type(tree).__name__, "an EPCIS document is a JSON object")
        errors: list[RowError] = []
        try:
            check_document(tree)
        except InvalidEvent as error:
            errors = _by_event(path.name, error)
        bad = {error.row for error in errors}
        events = split_document(tree)
        units = [
            _document_unit(path.name, number, event) for number, event in enumerate(events, 1) if number not in bad
        ]
        wanted = proceed or not errors
        tally, refused = self._run(units, dry_run or not wanted, proceed, progress)
        errors = sorted((*errors, *refused), key=lambda error: error.row)
        recorded = tally.recorded if wanted else 0
        return ImportReport(
            path.name, len(events), len(events), recorded, tally.repeated, tuple(errors), dry_run=dry_run
        )

    def _run(
        self, units: Sequence[_Unit], dry_run: bool, proceed: bool, progress: Progress | None
    ) -> tuple[_Tally, list[RowError]]:
        """Records the units, all of them or (`proceed`) those that can be; or only asks what would become of them."""
        tally, errors = _Tally(), list[RowError]()
        if dry_run:
            self._rehearse(units, proceed, tally, errors, progress)
        elif not proceed:
            self._record(units, tally, errors, progress)
        else:
            done, total = 0, sum(len(unit.events) for unit in units)
            for chunk in _chunks(units):
                self._record_sound(chunk, tally, errors)
                done += sum(len(unit.events) for unit in chunk)
                if progress is not None:
                    progress(done, total, "recording")
        return tally, errors

    def _record(
        self, units: Sequence[_Unit], tally: _Tally, errors: list[RowError], progress: Progress | None = None
    ) -> bool:
        """Records all, or nothing and lists why. Whether it did."""
        events = _distinct(units)
        results = dict(zip(events, self._capture.capture(list(events.values()), progress=progress), strict=True))
        if any(result.violations for result in results.values()):
            for unit in units:
                errors.extend(_refusals(unit, [results[canonical(event)] for event in unit.events]))
            return False
        _count(results.values(), tally)
        return True

    def _record_sound(self, units: Sequence[_Unit], tally: _Tally, errors: list[RowError]) -> None:
        """
        Records every unit that can be, as if one after the other: where some of a run is refused, nothing of the run
        stands, and its halves are tried in turn.
        """
        found: list[RowError] = []
        if not units or self._record(units, tally, found):
            return
        if len(units) == 1:
            errors.extend(found)
            return
        middle = len(units) // 2
        self._record_sound(units[:middle], tally, errors)
        self._record_sound(units[middle:], tally, errors)

    def _rehearse(
        self, units: Sequence[_Unit], proceed: bool, tally: _Tally, errors: list[RowError], progress: Progress | None
    ) -> None:
        """What would be refused. With `proceed`, units that fall are taken out and the rest is asked again."""
        left = list(units)
        while left:
            events = _distinct(left)
            results = dict(
                zip(events, self._capture.capture(list(events.values()), dry_run=True, progress=progress), strict=True)
            )
            standing = []
            for unit in left:
                refused = _refusals(unit, [results[canonical(event)] for event in unit.events])
                errors.extend(refused)
                if not refused:
                    standing.append(unit)
            if len(standing) == len(left) or not proceed:
                _count(results.values(), tally)
                if len(standing) < len(left):
                    tally.recorded = 0
                return
            left = standing


def plan_of(sheets: Sequence[Sheet], master: MasterData, mapping: HouseMapping, zone: str = BEIJING) -> Plan:
    """What a workbook intends, be it a packing house's own or one of the Produce Traceability Initiative."""
    if is_house(sheets, mapping):
        return plan_house(read_house(sheets, mapping), master, zone)
    return plan_workbook(sheets, master, zone)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_DOCUMENT_BYTES:
            raise InvalidInput.one(
                path.name, "import.size", path.name, f"a document has at most {MAX_DOCUMENT_BYTES} bytes"
            )
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput.one(
            path.name, "import.missing", path.name, f"this file cannot be read: {error.strerror}"
        ) from None


def _unit_of(group: Group) -> _Unit:
    return _Unit(
        tuple(event.tree for event in group.events),
        tuple((key.sheet, key.row) for key in group.rows),
        tuple(_explainer(event) for event in group.events),
    )


def _explainer(event: PlannedEvent) -> Callable[[Violation], RowError]:
    return event.row_error


def _document_unit(name: str, number: int, event: JsonTree) -> _Unit:
    def explain(violation: Violation) -> RowError:
        return RowError(name, number, violation.field, violation.value, violation.rule, violation.message)

    return _Unit((event,), ((name, number),), (explain,))


def _by_event(name: str, error: InvalidEvent) -> list[RowError]:
    """Violations of a document by the event they stand in; one outside of all events condemns the document."""
    errors = []
    for violation in error.violations:
        found = _EVENT_POINTER.match(violation.field)
        if found is None:
            raise error
        number, below = int(found[2]) + 1, found[3] or ""
        errors.append(RowError(name, number, below, violation.value, violation.rule, violation.message))
    return errors


def _refusals(unit: _Unit, results: Sequence[Outcome]) -> list[RowError]:
    """Why the unit falls, in the words of its rows; empty where it stands. Rows that share its fate are named too."""
    errors = [
        explain(violation)
        for explain, result in zip(unit.explain, results, strict=True)
        for violation in result.violations
    ]
    if not errors:
        return []
    named = {(error.sheet, error.row) for error in errors}
    first = errors[0]
    return errors + [
        RowError(
            sheet,
            row,
            "",
            "",
            "row.incomplete",
            f"row {first.row} of the same event is refused, and it stands or falls whole",
        )
        for sheet, row in unit.rows
        if (sheet, row) not in named
    ]


def _distinct(units: Sequence[_Unit]) -> dict[bytes, JsonTree]:
    """The units' events by their canonical form, in order: an event that several rows imply is recorded once."""
    return {canonical(event): event for unit in units for event in unit.events}


def _chunks(units: Sequence[_Unit]) -> Iterator[list[_Unit]]:
    chunk: list[_Unit] = []
    size = 0
    for unit in units:
        if chunk and size + len(unit.events) > _CHUNK:
            yield chunk
            chunk, size = [], 0
        chunk.append(unit)
        size += len(unit.events)
    if chunk:
        yield chunk


def _count(results: Iterator[Outcome] | Any, tally: _Tally) -> None:
    for result in results:
        if result.repeated:
            tally.repeated += 1
        elif not result.violations:
            tally.recorded += 1


def _entries(master: MasterData) -> int:
    return len(master.parties) + len(master.places) + len(master.plots) + len(master.products)


def _counts(counts: Any) -> Mapping[str, int]:
    """Registration's counts as a mapping, whatever value class it uses for them."""
    if isinstance(counts, Mapping):
        return dict(counts)
    slots = getattr(type(counts), "__dataclass_fields__", {})
    return {name: getattr(counts, name) for name in slots if isinstance(getattr(counts, name), int)}


def _in_sheet_order(errors: Sequence[RowError], plan: Plan) -> tuple[RowError, ...]:
    order = {key.sheet: key.sheet_index for group in plan.groups for key in group.rows}
    return tuple(
        sorted(
            dict.fromkeys(errors), key=lambda error: (order.get(error.sheet, 0), error.sheet, error.row, error.column)
        )
    )


__all__ = ["EventCapture", "ImportReport", "Importer", "Registration", "RowError", "RowKey"]
