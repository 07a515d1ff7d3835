"""
A packing house's day on a real ledger: 300 rows and 40 lots, from `silkroot template` to stickers, in four commands.
"""

from __future__ import annotations

from pathlib import Path

import packing_day
import pytest
from service_process import service

pytestmark = pytest.mark.chain


def test_a_day_from_template_to_labels(tmp_path: Path) -> None:
    book, labels = tmp_path / "day.xlsx", tmp_path / "labels.pdf"
    with service(tmp_path / "data") as running:  # the first command: silkroot up
        running.command("template", "--lang", "zh", "--out", str(book))
        packing_day.fill(book)
        (report,) = running.ask("import", str(book))
        assert report["refused"] == []
        assert report["rows"] == packing_day.EVENT_ROWS + len(packing_day.master_rows())
        running.command("label", "--of", str(book), "--format", "a4", "--lang", "zh", "--out", str(labels))
        assert labels.read_bytes().startswith(b"%PDF-")
        lots = running.ask("lots")
        assert len(lots["lots"]) == packing_day.LOTS
        assert running.wait_until_settled()["outbox"]["refused"] == 0
        assert running.ask("show", "HM0805-1A")["verdict"] == "verified"
