"""What the process that derives pages of the log makes of values that nobody wrote so: nothing that would pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.adapters.sql_store.log_pages import SqliteLogPages, _acknowledgement, as_written
from ledger.adapters.sql_store.log_statements import page_statements
from ledger.domain.errors import StoreError


@pytest.mark.parametrize("value", [None, 2, -1, "1", b"1", 1.5])
def test_what_is_no_truth_value_does_not_become_one(value: object) -> None:
    row = (1, 2, value, 3, 4, b"", bytes(32))
    assert _acknowledgement(row) == row
    assert [_acknowledgement((1, 2, bit))[2] for bit in (0, 1)] == [False, True]
    assert type(_acknowledgement((1, 2, 1))[2]) is bool


@pytest.mark.parametrize(("value", "kind"), [(None, "NoneType"), ("{}", "str"), (5, "int"), (1.5, "float")])
def test_what_is_stored_as_no_bytes_is_told(value: object, kind: str) -> None:
    with pytest.raises(StoreError, match=f"stored as {kind}, not as bytes"):
        as_written(value)


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite3").write_bytes(b"no database " * 1_000)
    pages = SqliteLogPages(tmp_path / "a.sqlite3", page_statements())
    with pytest.raises(StoreError, match="not a database"), pages.view() as view:
        view.integrated()
