"""The 24-hour spreadsheet: the rows of a family's events, and the workbook that the import's own reader understands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import event_builders as b
import pytest
from big_families import fan, grow, lot
from ledger_fixture import World

from ledger.adapters.tracking_workbook import TITLES, tracking_workbook
from ledger.adapters.workbook import read_workbook
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import LotRef
from ledger.domain.imports.layouts import REQUIRED, SheetKind, kind_of, read_sheet
from ledger.services import inspection
from ledger.services.inspection import Inspection
from ledger.services.tracking_records import SHEETS, TrackingRow

REPACKED = LotRef(b.MELON_CASE, "P-9")


def records(world: World, ref: LotRef = b.PACKED_LOT) -> dict[SheetKind, list[Mapping[str, str | float]]]:
    found: dict[SheetKind, list[Mapping[str, str | float]]] = {}
    for row in Inspection(world.store.families, world.store).records(ref):
        found.setdefault(row.sheet, []).append(row.cells)
    return found


def family(world: World) -> None:
    later = b.When("2026-08-05T23:30:00Z")
    world.record(
        b.harvest(),
        b.harvest(lot=LotRef(b.BULK_MELON, "ELSEWHERE")),
        b.shipping(),
        b.partial_receipt(),
        b.packing(inputs=[b.amount(grams=700_000)], outputs=[b.amount(b.PACKED_LOT, 690_000)]),
        b.packing(inputs=[b.amount(b.PACKED_LOT, 400_000)], outputs=[b.amount(REPACKED, 390_000)], when=later),
    )


def test_each_tracking_event_has_its_rows(world: World) -> None:
    family(world)
    found = records(world)
    (harvest,) = found[SheetKind.HARVEST]
    assert (harvest["lot_code"], harvest["quantity"], harvest["unit"]) == ("H-0001", 1000.0, "kg")
    assert harvest["date"] == "2026-08-05"
    master = world.store.master_data()
    assert harvest["recipient"] == master.parties[b.PACKING_HOUSE].name["en"]
    (sent,) = found[SheetKind.SHIPPING]
    assert (sent["batch"], sent["quantity"], sent["doc"]) == ("H-0001", "1000 kg", b.REFERENCE)
    assert (sent["from_id"], sent["to_id"]) == (f"{b.FARM:013d}", f"{b.PACKING_HOUSE:013d}")
    (received,) = found[SheetKind.RECEIVING]
    assert (received["quantity"], received["tlc_source_gln"]) == ("700 kg", f"{b.FARM:013d}")
    (packed,) = found[SheetKind.PACKING]
    assert (packed["lot_code"], packed["received"], packed["batch"], packed["packed"]) == (
        "H-0001", 700.0, b.PACKED_LOT.code, 690.0,
    )  # fmt: skip
    (made,) = found[SheetKind.TRANSFORMATION]
    assert (made["used_batch"], made["used"], made["made_batch"], made["made"]) == ("P-0001", 400.0, "P-9", 390.0)


def test_a_day_is_the_events_own(world: World) -> None:
    world.record(b.harvest(when=b.When("2026-08-04T23:30:00.000+08:00")))
    (harvest,) = records(world, b.HARVEST_LOT)[SheetKind.HARVEST]
    assert harvest["date"] == "2026-08-04"


def test_a_making_of_several_lots_has_a_row_for_each(world: World) -> None:
    other = LotRef(b.BULK_MELON, "H-2")
    house = b.PACKING_HOUSE
    world.record(
        b.intake(party=b.COOPERATIVE, lot=other),
        b.shipping(party=b.COOPERATIVE, receiver=house, reference=b.sscc(4), manifest=[b.amount(other, 600_000)]),
        b.receiving(party=house, shipper=b.COOPERATIVE, reference=b.sscc(4), manifest=[b.amount(other, 600_000)]),
        b.harvest(), b.shipping(), b.receiving(),
        b.packing(inputs=[b.amount(grams=500_000), b.amount(other, 600_000)],
                  outputs=[b.amount(b.PACKED_LOT, 1_000_000)]),
    )  # fmt: skip
    rows = records(world)[SheetKind.PACKING]
    assert {row.get("lot_code") for row in rows} == {"H-0001", "H-2"}
    assert [row.get("packed") for row in rows].count(1000.0) == 1
    assert len({row["doc"] for row in rows}) == 1


def test_the_imports_own_reader_finds_every_column(world: World, tmp_path: Path) -> None:
    family(world)
    rows = Inspection(world.store.families, world.store).records(b.PACKED_LOT)
    path = tmp_path / "records.xlsx"
    path.write_bytes(tracking_workbook(rows))
    sheets = read_workbook(path)
    assert [sheet.title for sheet in sheets] == list(TITLES.values())
    for index, sheet in enumerate(sheets):
        kind = kind_of(sheet.title)
        assert kind is not None
        assert REQUIRED[kind] <= set(SHEETS[kind])
        read, errors = read_sheet(index, kind, sheet)
        assert errors == []
        assert len(read) == len([row for row in rows if row.sheet is kind])


def test_a_text_is_never_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "records.xlsx"
    cells = {"farm": "=HYPERLINK(1)", "field": "a\x00b", "quantity": 1.5, "lot_code": "+1"}
    path.write_bytes(tracking_workbook([TrackingRow(SheetKind.HARVEST, cells)]))
    (sheet, *_) = read_workbook(path)
    ((row),) = read_sheet(0, SheetKind.HARVEST, sheet)[0]
    assert [row[name].value for name in ("farm", "field", "quantity", "lot_code")] == ["=HYPERLINK(1)", "ab", 1.5, "+1"]


def test_a_family_that_is_too_large_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MOST_RECORDED", 20)
    grow(world, fan(30))
    with pytest.raises(InvalidInput) as caught:
        records(world, lot(0))
    assert [(one.rule, one.value) for one in caught.value.violations] == [("records.too-many", "30")]
