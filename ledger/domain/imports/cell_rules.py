"""
Which rule each column's cells must keep, whatever else the row says; no I/O.

Checked first and all together, so that a row's report names every bad cell at once. What needs several cells or the
master data is checked later, by the code that maps the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ledger.domain.gs1 import format_gtin14, voice_pick_code
from ledger.domain.imports import values
from ledger.domain.imports.cells import BadCell, Cell, RowError
from ledger.domain.imports.layouts import REQUIRED, Row, SheetKind

_Rule = Callable[[Cell], object]

_BY_COLUMN: dict[str, _Rule] = {
    **dict.fromkeys(("gtin", "used_gtin", "made_gtin"), values.gtin),
    **dict.fromkeys(("batch", "used_batch", "made_batch"), values.lot_code),
    **dict.fromkeys(("sscc", "pallet", "used_sscc", "made_sscc"), values.sscc),
    **dict.fromkeys(("to_id", "from_id", "gln", "party_gln", "owner_gln", "tlc_source_gln"), values.gln),
    **dict.fromkeys(
        ("date", "harvest_date", "cooling_date", "pack_date", "received_date", "tlc_date", "used_date", "made_date",
         "seed_harvest_date", "seed_conditioning_date", "seed_pack_date", "seed_received_date"),
        values.moment,
    ),
}  # fmt: skip
_OPTIONAL_ANYWAY = {
    # An order of several rows names each lot once; a consignment has a document or a pallet.
    SheetKind.TRANSFORMATION: frozenset(
        {"used_gtin", "used_batch", "used", "used_unit", "made_gtin", "made_batch", "made", "made_unit"}
    ),
    SheetKind.SHIPPING: frozenset({"doc"}),
    SheetKind.RECEIVING: frozenset({"doc"}),
}


def broken_cells(row: Row) -> Iterator[RowError]:
    """Every cell of the row that breaks the rule of its column, and every required one that is empty."""
    required = REQUIRED[row.kind] - _OPTIONAL_ANYWAY.get(row.kind, frozenset())
    for name in sorted(required | row.cells.keys()):
        cell = row[name]
        try:
            if cell.blank:
                if name in required:
                    raise BadCell(cell, "cell.missing", "this cell must not be empty")
            else:
                _BY_COLUMN.get(name, values.describe)(cell)
        except BadCell as error:
            yield error.row_error()
    yield from _wrong_voice_code(row)


def _wrong_voice_code(row: Row) -> Iterator[RowError]:
    """A voice pick code is computed from GTIN, lot and date: one that differs shows that one of them was mistyped."""
    if row["voice_code"].blank:
        return
    try:
        date = "" if row["tlc_date"].blank else f"{values.moment(row['tlc_date']).at:%y%m%d}"
        product, code = values.gtin(row["gtin"]), values.lot_code(row["batch"])
        stated = values.text(row["voice_code"])
    except BadCell:
        return  # listed already
    # A label may leave the date out of the code.
    if stated.zfill(4) not in {voice_pick_code(format_gtin14(product), code, day) for day in (date, "")}:
        yield row.refuse(
            "voice_code", "pti.voice-code", "this voice pick code belongs to another GTIN, lot or date"
        ).row_error()
