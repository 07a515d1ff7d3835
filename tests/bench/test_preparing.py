"""The benchmark of preparers: it prepares what it says, with patterns and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from benchmarks import preparing

from ledger.services.pattern_reader import PatternReader


def test_rows_for_each_size_alone_and_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quickly: list[Any] = []
    read = PatternReader.prepared
    monkeypatch.setattr(PatternReader, "prepared", lambda *given: (quickly.append(read(*given)), quickly[-1])[1])
    figures = preparing.measure(tmp_path, {12: 3})
    assert [one.what for one in figures] == [
        "a preparer: documents of 12, a signature for each", "a preparer: documents of 12, one signature for all",
    ]  # fmt: skip
    assert all(one.value.endswith(" µs") and one.beside.endswith(" µs the long way") for one in figures)
    # In both kinds the first document makes the pattern, and its own event is the first to be read by it.
    assert len(quickly) == 2 * (1 + 2 * 12)
    assert None not in quickly
