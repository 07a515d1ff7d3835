"""Families of lots written straight into the projection of a `World`: shapes that would take long to capture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import event_builders as b
from ledger_fixture import World
from sqlalchemy import insert

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import origin_bytes
from ledger.adapters.sql_store.database import Database
from ledger.domain.actions import Line, Output
from ledger.domain.custody_state import Origin
from ledger.domain.identifiers import Grams, LotRef
from ledger.domain.typed_data import origin_hash


def lot(number: int) -> LotRef:
    """The lot of that number."""
    return LotRef(b.BULK_MELON, f"F{number:06d}")


def grow(world: World, parents: Mapping[int, Sequence[int]]) -> None:
    """Lots by number, each of a kilogram and made by the farm from its parents; a lot without any is a birth."""
    names, lots, edges, origins = [], [], [], []
    for number, made_from in parents.items():
        ref = lot(number)
        inputs = tuple(Line(one, Grams(1000)) for one in sorted(lot(parent).id for parent in made_from))
        origin = Origin(inputs, (Output(ref.product, ref.code, Grams(1000)),))
        key = origin_hash(origin.inputs, origin.outputs) if inputs else None
        names.append({"lot": ref.id, "product": ref.product, "code": ref.code})
        lots.append({
            "lot": ref.id, "issuer": b.FARM, "grams": 1000, "entries": 1, "recalled_by": 0, "certified": 0,
            "inherited": False, "moved": False, "origin_hash": key, "yield_plot": None, "yield_season": None,
        })  # fmt: skip
        edges += [{"lot": ref.id, "parent": line.lot} for line in inputs]
        if key is not None:
            origins.append({"origin_hash": key, "lists": origin_bytes(origin)})
    database = Database(world.url)
    with database.writing() as connection:
        for table, rows in ((t.lot_names, names), (t.lots, lots), (t.lot_parents, edges), (t.origins, origins)):
            if rows:
                connection.execute(insert(table), rows)
    database.close()


def fan(lots: int, of: int = 8) -> dict[int, list[int]]:
    """Lot 0 and all that was made from it: so many from each, every tenth lot mixed from two."""
    return {
        number: sorted({(number - 1) // of, *([number // 2] if number % 10 == 0 else ())} if number else set())
        for number in range(lots)
    }
