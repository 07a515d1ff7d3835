"""
Capture for a ledger that nobody started yet: what a file says is checked as far as it can be.

Until a party is known, nobody can be told that it may not act or does not hold what it ships. So only form is checked:
EPCIS, identifiers, quantities, and that the event means one thing. As soon as master data names parties, all rules are.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import PartyId
from ledger.domain.records import JsonTree
from ledger.ports import Progress
from ledger.services.capture import Capture, CaptureResult, Conclude


class FirstCapture(Capture):
    """As `Capture`; without any party known it records nothing, and refuses only what is not well formed."""

    def capture(
        self,
        events: Sequence[JsonTree],
        party: PartyId | None = None,
        *,
        rollback: bool = True,
        dry_run: bool = False,
        progress: Progress | None = None,
        conclude: Conclude | None = None,
    ) -> list[CaptureResult]:
        """One result an event, in order."""
        if self._store.master_data().parties:
            return super().capture(
                events, party, rollback=rollback, dry_run=dry_run, progress=progress, conclude=conclude
            )
        return [self._form(index, event, party) for index, event in enumerate(events)]

    def _form(self, index: int, event: JsonTree, party: PartyId | None) -> CaptureResult:
        try:
            self._prepare(index, event, party)
        except InvalidInput as error:
            return CaptureResult(index, violations=error.violations)
        return CaptureResult(index)
