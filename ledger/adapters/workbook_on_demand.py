"""
Reading workbooks, with a library that is imported when the first one comes: it takes memory that a service which meets
none does not need.
"""

from __future__ import annotations

from pathlib import Path

from ledger.domain.imports.cells import Sheet


def read_workbook(path: Path) -> tuple[Sheet, ...]:
    """As `ledger.adapters.workbook.read_workbook`."""
    from ledger.adapters import workbook

    return workbook.read_workbook(path)
