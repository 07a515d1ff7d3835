"""The bench's group `served` with a small log: its rows; every answer is verified as it is measured."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks import served_proofs


def test_proofs_out_of_a_small_log_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"LOTS": 2, "EVENTS": 2, "ASKED": 25}.items():
        monkeypatch.setattr(served_proofs, name, value)
    found = served_proofs.measure(tmp_path, leaves=500)
    assert len(found) == 2
    assert all(figure.value.endswith(" ms") for figure in found)
