"""
What labels need of a store and of the way that requests come: serials, scans, reports, and the city of a reader.

All of it is beside the ledger: nothing is signed, logged or verified, and losing it loses no event.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from ledger.domain.identifiers import LotId
from ledger.domain.label_reports import Report
from ledger.domain.serials import Day, IssuedSerial, Scan, SerialHash


class LabelStore(Protocol):
    """Serials by their hashes, counts of scans, reports."""

    def issue(self, lot: LotId, hashes: Sequence[SerialHash], made_at: int, most: int) -> int | None:
        """Keeps them; the number of the first, or None and nothing kept where the lot would have more than `most`."""
        ...

    def issued(self, lot: LotId) -> int:
        """How many serials the lot has."""
        ...

    def serial(self, lot: LotId, serial: SerialHash) -> IssuedSerial | None:
        """The one of that hash."""
        ...

    def serials(self, lot: LotId) -> list[IssuedSerial]:
        """All of the lot, in order of their numbers."""
        ...

    def lots_with_serials(self, limit: int) -> list[LotId]:
        """Lots with serials, those first whose last serial was made last."""
        ...

    def sold(self, lot: LotId, serial: SerialHash, day: Day, city: str) -> bool:
        """Notes the first sale of the case; False where there is no such serial or it was noted before."""
        ...

    def scanned(self, lot: LotId, serial: SerialHash, day: Day, city: str, before: str | None = None) -> None:
        """One more scan. `before`: it was counted in that city a moment ago, and moves here from there."""
        ...

    def scans(self, lot: LotId, serial: SerialHash) -> tuple[Scan, ...]:
        """All scans of that label, by day and city."""
        ...

    def scans_of_lot(self, lot: LotId) -> Mapping[SerialHash, tuple[Scan, ...]]:
        """All scans of the lot's labels; under `UNISSUED` those of serials that nobody issued."""
        ...

    def add_report(self, report: Report) -> None:
        """Keeps a report."""
        ...

    def reports(self, limit: int) -> list[Report]:
        """Those that nobody saw to first, newest first."""
        ...

    def report_done(self, report_id: str) -> bool:
        """Somebody saw to it; False where there is none."""
        ...

    def report(self, report_id: str) -> Report | None:
        """The report of that id."""
        ...

    def named(self, lots: Collection[LotId]) -> Mapping[LotId, int]:
        """How many serials each of these lots has; those without any are left out."""
        ...


class CityOf(Protocol):
    """Says in which city a reader is, as far as the operator's own proxy knows it."""

    def city_of(self, headers: Mapping[str, str]) -> str:
        """A key of `ledger.domain.cities`, or ""; header names are asked for in lower case."""
        ...
