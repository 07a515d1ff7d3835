"""
The sheets of the sortable workbooks of the Produce Traceability Initiative: which columns they have; no I/O.

Sheets are known by their titles, columns by their headings, wherever they stand; legal citations such as '(a)(2)' and
footnote stars in a heading do not count. Columns beyond the Initiative's that Silkroot understands are listed under
`EXTRA`. Sheets of other titles (definitions, notes) hold no rows of ours and are named in the report.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.imports.cells import BadCell, Cell, CellFault, RowError, RowKey, Sheet, SheetRow, shown


class SheetKind(StrEnum):
    """What the rows of a sheet tell."""

    LOCATIONS = "locations"
    PRODUCTS = "products"
    HARVEST = "harvest"
    COOLING = "cooling"
    PACKING = "packing"
    POOLED_PACKING = "pooled_packing"
    TRANSFORMATION = "transformation"
    SHIPPING = "shipping"
    RECEIVING = "receiving"


_COMMODITY = {"commodity": "Commodity", "variety": "Variety"}
_REFERENCE = {"doc_type": "Reference Document Type", "doc": "Reference Document Number"}
_PACKED = {
    "gtin": "TLC - GTIN", "batch": "TLC - Batch", "sscc": "TLC - SSCC", "tlc_date": "TLC - Date",
    "tlc_date_type": "TLC - Date Type", "description": "Product Description", "packed": "Quantity Packed",
    "packed_unit": "UOM Packed", "packer": "Initial Packing Location- TLCS", "pack_date": "Pack Date",
}  # fmt: skip
_RECEIVED = {"received_date": "Date Received", "received": "Quantity Received", "received_unit": "UOM Received"}
_SEED = {
    "seed_grower": "Seed Grower Location", "seed_harvest_date": "Date of Seed Harvest",
    "seed_conditioner": "Seed Conditioner Location", "seed_lot": "Seed Lot Code",
    "seed_conditioning_date": "Date of Conditioning / Processing", "seed_packinghouse": "Seed Packinghouse Location",
    "seed_pack_date": "Seed Pack Date", "packed_seed_lot": "Packed Seed Lot Code",
    "seed_supplier": "Location Description for seed supplier", "seed_supplier_lot": "Seed Supplier Lot Code",
    "sprouter_seed_lot": "Any seed lot code assigned by sprouter", "seed_description": "Description of the Seed",
    "seed_type": "Seed Type", "taxonomic_name": "Taxonomic name", "growing_specifications": "Growing Specifications",
    "packaging": "Type of Packaging", "antimicrobial_treatment": "Antimicrobial Treatment",
    "seed_received_date": "Date of receipt of seed by sprouter",
}  # fmt: skip
SEED_COLUMNS = tuple(_SEED)
_SOURCE = {
    "tlc_source_gln": "TLC Source Reference GLN", "tlc_source_ffrn": "TLC Source Reference FFRN",
    "tlc_source_url": "TLC Source Reference URL", "tlc_source_ggn": "TLC Source Reference GGN",
    "tlc_source_assigned_by": "TLC Source Reference - Assigned By",
}  # fmt: skip
_ADDRESS = {
    "phone": "Phone Number", "address": "Physical Location Address (or geo-coordinates)", "city": "City",
    "region": "State or Region", "postal_code": "Zip or Postal Code", "country": "Country", "field": "Field Name",
    "coordinates": "Geo-Coordinates", "gln": "GLN", "ffrn": "FFRN", "lookup": "TLC Source Lookup Site",
}  # fmt: skip

COLUMNS: Mapping[SheetKind, Mapping[str, str]] = {
    SheetKind.LOCATIONS: {
        "name": "Business or Farm Name", **_ADDRESS, "party_gln": "Party GLN", "roles": "Roles", "kind": "Kind",
        "name_zh": "Business or Farm Name (zh)", "city_zh": "City (zh)",
    },
    SheetKind.PRODUCTS: {
        "category": "FTL List Category", "gtin": "GTIN", "name": "Product Name", "name_zh": "Product Name (zh)",
        "net_grams": "Net Grams", "owner_gln": "Brand Owner GLN", "commodity": "Commodity", "variety": "Variety",
        "bulk_of": "Bulk Of", "packer_glns": "Packer GLNs",
    },
    SheetKind.HARVEST: {
        **_REFERENCE, **_COMMODITY, "quantity": "Quantity", "unit": "Unit of Measure (UOM)", "farm": "Harvest Location",
        "field": "Field Name", "harvester": "Harvester Business Name & Number", "date": "Harvest Date",
        "recipient": "Immediate Subsequent Recipient (ISR) Location", "lot_code": "Harvest Lot Code",
    },
    SheetKind.COOLING: {
        **_REFERENCE, **_COMMODITY, "quantity": "Quantity", "unit": "Unit of Measure (UOM)",
        "place": "Cooling Location", "date": "Cooling Date", "farm": "Harvest Location",
        "recipient": "Immediate Subsequent Recipient (ISR) Location", "lot_code": "Harvest Lot Code",
        "temperature": "Temperature (C)",
    },
    SheetKind.PACKING: {
        **_REFERENCE, **_SEED, **_COMMODITY, **_RECEIVED, "farm": "Harvest Location", "field": "Field Name",
        "harvester": "Harvester Business Name & Number", "harvest_date": "Harvest Date",
        "cooling_place": "Cooling Location", "cooling_date": "Cooling Date", **_PACKED, "lot_code": "Harvest Lot Code",
    },
    SheetKind.POOLED_PACKING: {
        **_REFERENCE, **_COMMODITY, **_RECEIVED, **_PACKED, "farm": "Harvest Location",
        "from": "Received From Location",
    },
    SheetKind.TRANSFORMATION: {
        "doc_type": "Reference Document Type", "doc": "Reference Document Number for Transformation Event",
        "used_gtin": "FTL Food Used TLC - GTIN", "used_batch": "FTL Food Used TLC - Batch",
        "used_sscc": "FTL Food Used TLC - SSCC", "used_date": "FTL Food Used TLC - Date",
        "used_date_type": "FTL Food Used TLC - Date Type", "used": "FTL Food Used Qty",
        "used_unit": "FTL Food Used UOM",
        "used_description": "FTL Food Used Product Description", "made_gtin": "FTL Food Produced TLC - GTIN",
        "made_batch": "FTL Food Produced TLC - Batch", "made_sscc": "FTL Food Produced TLC - SSCC",
        "made_date": "FTL Food Produced TLC - Date", "made_date_type": "FTL Food Produced TLC - Date Type",
        "place": "Transform Location- TLCS", "tlc_source_gln": "TLCS Reference GLN",
        "tlc_source_ffrn": "TLCS Reference FFRN", "tlc_source_url": "TLCS Reference URL",
        "tlc_source_ggn": "TLCS Reference GGN", "date": "Date Transformed",
        "made_description": "FTL Food Produced Product Description", "made": "FTL Food Produced Qty",
        "made_unit": "FTL Food Produced UOM",
    },
    SheetKind.SHIPPING: {
        "gtin": "TLC - GTIN", "batch": "TLC - Batch", "tlc_date": "Date Code", "tlc_date_type": "Date Type",
        "voice_code": "VoiceCode", "pallet": "Pallet ID", "assigned_by": "TLC - Assigned By", "quantity": "Qty & UOM",
        "description": "Product Description", "to": "Ship-To Location", "to_id": "Ship-To Location ID",
        "from": "Ship-From Location", "from_id": "Ship-From Location ID", "date": "Ship Date", **_SOURCE,
        "doc": "Ref Doc Type and Number",
    },
    SheetKind.RECEIVING: {
        "gtin": "TLC - GTIN", "batch": "TLC - Batch", "tlc_date": "TLC - Date", "tlc_date_type": "TLC - Date Type",
        "pallet": "TLC - SSCC", "assigned_by": "TLC - Assigned By", "quantity": "Qty & UOM",
        "description": "Product Description",
        "from": "Immediate Previous Source (IPS) Location - (Shipped from Location)", "to": "Receive Location",
        "date": "Receive Date", **_SOURCE, "doc": "Ref Doc", "tlc_source_name": "TLC Source Name",
        "tlc_source_street": "TLC Source Street", "tlc_source_city": "TLC Source City",
        "tlc_source_state": "TLC Source State", "tlc_source_country": "TLC Source Country",
        "tlc_source_zip": "TLC Source Zip Code", "tlc_source_phone": "TLC Source Phone Number",
    },
}  # fmt: skip
"""Columns by our name for them; the value is the heading that the Initiative (or, for its extras, Silkroot) prints."""

REQUIRED: Mapping[SheetKind, frozenset[str]] = {
    SheetKind.LOCATIONS: frozenset({"name"}),
    SheetKind.PRODUCTS: frozenset({"gtin", "name"}),
    SheetKind.HARVEST: frozenset({"doc", "commodity", "quantity", "unit", "farm", "date"}),
    SheetKind.COOLING: frozenset({"doc", "commodity", "quantity", "unit", "place", "date", "farm"}),
    SheetKind.PACKING: frozenset(
        {"doc", "commodity", "received", "received_unit", "farm", "harvest_date", "gtin", "batch", "packed",
         "packed_unit", "packer", "pack_date"}
    ),
    SheetKind.POOLED_PACKING: frozenset(
        {"doc", "commodity", "received", "received_unit", "from", "gtin", "batch", "packed", "packed_unit", "packer",
         "pack_date"}
    ),
    SheetKind.TRANSFORMATION: frozenset(
        {"doc", "used_gtin", "used_batch", "used", "used_unit", "made_gtin", "made_batch", "made", "made_unit", "place",
         "date"}
    ),
    SheetKind.SHIPPING: frozenset({"gtin", "batch", "quantity", "to", "from", "date", "doc"}),
    SheetKind.RECEIVING: frozenset({"gtin", "batch", "quantity", "to", "from", "date", "doc"}),
}  # fmt: skip
"""Columns without which a sheet of that kind cannot be read."""

_HEADING_ROWS = 15
_CITATION = re.compile(r"^(\(\w+\))+\s*")
_NOT_WORD = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a known sheet: its cells by our names of the columns."""

    key: RowKey
    kind: SheetKind
    cells: Mapping[str, Cell]

    def __getitem__(self, name: str) -> Cell:
        """The cell under that name; an empty cell where the sheet lacks the column or the row ends before it."""
        return self.cells.get(name) or Cell(self.key.sheet, self.key.row, "", None)

    def refuse(self, name: str, rule: str, message: str) -> BadCell:
        """An error at that cell; raise it."""
        return BadCell(self[name], rule, message)

    def whole(self, rule: str, message: str, value: str = "") -> RowError:
        """An error of the row as a whole."""
        return RowError(self.key.sheet, self.key.row, "", value, rule, message)


def kind_of(title: str) -> SheetKind | None:
    """What a sheet of that title holds; None where it is none of ours."""
    words = _plain(title)
    if "init" in words and ("pack" in words or "pck" in words):
        return SheetKind.POOLED_PACKING if "nonfsma" in words else SheetKind.PACKING
    for kind, word in (
        (SheetKind.LOCATIONS, "locations"), (SheetKind.PRODUCTS, "products"), (SheetKind.HARVEST, "harvest"),
        (SheetKind.COOLING, "cooling"), (SheetKind.TRANSFORMATION, "transformation"), (SheetKind.SHIPPING, "shipping"),
        (SheetKind.RECEIVING, "receiving"),
    ):  # fmt: skip
        if words in (word, f"cte{word}"):
            return kind
    return None


def read_sheet(index: int, kind: SheetKind, sheet: Sheet) -> tuple[list[Row], list[RowError]]:
    """The rows under the headings of a sheet, and why the sheet cannot be read where that is so."""
    heading_row, columns, errors = _headings(kind, sheet)
    missing = REQUIRED[kind] - set(columns.values())
    if missing:
        wanted = ", ".join(sorted(repr(COLUMNS[kind][name]) for name in missing))
        return [], [
            RowError(sheet.title, heading_row or 1, "", "", "sheet.columns", f"the sheet lacks the columns {wanted}")
        ]
    if errors:
        return [], errors
    rows = []
    for row in sheet.rows:
        if row.number > heading_row and not _footnote(row):
            cells = {columns[letters]: cell for letters, cell in row.cells.items() if letters in columns}
            if any(not cell.blank for cell in cells.values()):
                rows.append(Row(RowKey(index, sheet.title, row.number), kind, cells))
    return rows, []


def columns_of(kind: SheetKind, sheet: Sheet) -> tuple[int, dict[str, str]]:
    """The number of the row of headings (0: none found), and our names of the columns by their letters."""
    heading_row, columns, _ = _headings(kind, sheet)
    return heading_row, columns


def _headings(kind: SheetKind, sheet: Sheet) -> tuple[int, dict[str, str], list[RowError]]:
    headings = {_plain(heading): name for name, heading in COLUMNS[kind].items()}
    best: tuple[int, dict[str, str], list[RowError]] = (0, {}, [])
    for row in sheet.rows:
        if row.number > _HEADING_ROWS:
            break
        columns, doubled = _columns_in(row, headings)
        if len(columns) > len(best[1]):
            best = (row.number, columns, doubled)
    return best


def _columns_in(row: SheetRow, headings: Mapping[str, str]) -> tuple[dict[str, str], list[RowError]]:
    columns: dict[str, str] = {}
    doubled = []
    for letters, cell in row.cells.items():
        if not isinstance(cell.value, str):
            continue
        name = headings.get(_plain(_CITATION.sub("", cell.value.strip())))
        if name is None:
            continue
        if name in columns.values():
            doubled.append(
                RowError(
                    cell.sheet, cell.row, letters, shown(cell.value), "sheet.columns", "this heading stands there twice"
                )
            )
        columns[letters] = name
    return columns, doubled


def _footnote(row: SheetRow) -> bool:
    """Whether all that stands in the row are remarks such as '* if applicable'."""
    values = [cell.value for cell in row.cells.values() if not cell.blank]
    return all(isinstance(value, str) and value.lstrip().startswith("*") for value in values) and not any(
        isinstance(value, CellFault) for value in values
    )


def _plain(heading: str) -> str:
    return _NOT_WORD.sub("", heading.casefold().replace("&", "and"))
