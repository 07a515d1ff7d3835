"""What an import did: the values that the command line prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.domain.imports.cells import Note, RowError


@dataclass(frozen=True, slots=True)
class ImportReport:
    """
    Counts are of this file: `rows` read (for a document its events, for master data its entries), `events` they make,
    `recorded` now, `repeated` (recorded before), `refused` with every reason. `dry_run`: nothing was written, and
    `recorded` says what would have been. `rules_checked`: the ledger's own rules were asked; they cannot be for a dry
    run of a file that brings parties or products of its own. `notes` say what was taken for what, without being errors.
    """

    file: str
    rows: int = 0
    events: int = 0
    recorded: int = 0
    repeated: int = 0
    refused: tuple[RowError, ...] = ()
    registered: Mapping[str, int] = field(default_factory=dict)
    ignored_sheets: tuple[str, ...] = ()
    dry_run: bool = False
    rules_checked: bool = True
    notes: tuple[Note, ...] = ()

    @property
    def refused_rows(self) -> int:
        """How many rows (or events of a document) were refused."""
        return len({(error.sheet, error.row) for error in self.refused})

    @property
    def ok(self) -> bool:
        """Whether nothing was refused."""
        return not self.refused
