"""The bench's group `workers` with a few documents, on a real PostgreSQL and chain: its rows; nothing is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from benchmarks import load, load_check, load_workers

pytestmark = pytest.mark.chain


def test_every_way_has_its_rows_and_what_was_sent_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"WARM_UP": 0, "SECONDS": 2, "CONNECTIONS": {20: 2}, "MOST": 400, "ANCHORED": 2}.items():
        monkeypatch.setattr(load, name, value)
    monkeypatch.setattr(load_workers, "SIZE", 20)
    monkeypatch.setattr(load_check, "RECEIPTS", 5)
    found = {figure.what: figure for figure in load_workers.measure(tmp_path)}
    for way in ("one process", "2 workers"):
        rate = found[f"PostgreSQL, {way}: capture over HTTP, documents of 20 events"].value
        match = re.fullmatch(r"([\d,]+) events/s", rate)
        assert match, rate
        assert int(match[1].replace(",", "")) > 0
        assert found[f"PostgreSQL, {way}: nothing lost"].value.endswith(" events")
        assert f"PostgreSQL, {way}: memory of the service under load" in found
    assert len(found) == 10
