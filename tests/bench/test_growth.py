"""The bench's group `growth` with small ledgers: its rows, each the largest ledger beside the smallest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from benchmarks import growth


def test_every_cost_is_told_beside_that_of_the_smallest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SIZES": (300, 600), "SIZE": 20, "DOCUMENTS": 1, "AGAIN": 3}.items():
        monkeypatch.setattr(growth, name, value)
    found = growth.measure(tmp_path)
    assert len(found) == 4
    for figure in found:
        assert figure.what.endswith(", 600 events stored")
        assert re.fullmatch(r"[\d,]+ µs", figure.value)
        assert re.fullmatch(r"\d+\.\d\d ×", figure.beside)
