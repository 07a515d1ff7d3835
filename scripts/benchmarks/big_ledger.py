"""
A ledger of many lots, written into the tables as capture would have left them, but in seconds: one real event is
recorded and copied, and lots get parents, origins, balances and names. Its events are searched and listed; they would
not verify, since all but one carry another one's signature.

One family is the measured one: a harvest and what was packed and repacked from it, eight from each lot, every tenth
lot mixed from two. The others have a hundred lots each.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import event_builders as b
from ledger_fixture import World, ledger_world

from ledger.adapters.sql_store.codec import origin_bytes
from ledger.adapters.sql_store.columns import id_hash
from ledger.adapters.sql_store.event_rows import index_row
from ledger.domain.actions import Line, Output
from ledger.domain.custody_state import Origin
from ledger.domain.identifiers import Grams, LotId, LotRef
from ledger.domain.typed_data import origin_hash

FANNED, FAMILY = 8, 100
_PAGE = 5_000
_MINUTE = 60_000_000


@dataclass(frozen=True)
class BigLedger:
    """`root`: the lot whose family has `reach` lots, itself among them; of `lots` in all. One event a lot."""

    world: World
    root: LotRef
    reach: int
    lots: int


def big_ledger(folder: Path, lots: int, reach: int) -> BigLedger:
    """The ledger, on an empty folder."""
    world = ledger_world(folder)
    (first,) = world.record(b.harvest(lot=_ref(0)))
    with sqlite3.connect(world.database) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA foreign_keys = OFF")
        event = connection.execute("SELECT * FROM events").fetchone()
        connection.execute("DELETE FROM balances")
        _write(connection, lots, reach, event, dict(first.body))
    connection.close()
    return BigLedger(world, _ref(0), reach, lots)


def _write(
    connection: sqlite3.Connection, lots: int, reach: int, event: tuple[object, ...], body: dict[str, object]
) -> None:
    steps = ("packing", "shipping", "receiving", "inspecting", "storing")
    places = [f"https://id.gs1.org/414/952000{number:07d}" for number in range(200)]
    start = index_row(1, 0, body)["event_time"]
    names, edges, made, origins, held, rows, found, named = ([] for _ in range(8))
    for number in range(lots):
        ref = _ref(number)
        parents = sorted(_ref(parent).id for parent in _parents(number, reach))
        origin = Origin(
            tuple(Line(LotId(parent), Grams(1000)) for parent in parents),
            (Output(ref.product, ref.code, Grams(1000)),),
        )
        key = origin_hash(origin.inputs, origin.outputs) if parents else None
        if number:
            names.append((ref.id, int(ref.product), ref.code))
            made.append((ref.id, int(b.FARM), 1000, 1, 0, 0, 0, 0, key))
            edges += [(ref.id, parent) for parent in parents]
            if key is not None:
                origins.append((key, origin_bytes(origin)))
            mark = sha256(number.to_bytes(8, "big")).digest()
            name, is_declaration = f"urn:uuid:{number}", number % 50 == 0
            rows.append((number + 1, mark, name, id_hash(name), mark, *event[5:]))
            place = places[number * 7 % 200]
            found.append((
                number + 1, start + number * _MINUTE, "ObjectEvent", int(event[5]), steps[number % 5], place, place,  # type: ignore[call-overload]
                is_declaration, id_hash(name) if is_declaration else None,
            ))  # fmt: skip
            named.append((ref.id, number + 1))
        held.append((ref.id, int(b.HUB if number % 10 else b.BUYER), 1000 if number % 4 else 0))
    for statement, values in (
        ("INSERT INTO lot_names VALUES (?, ?, ?)", names),
        (
            "INSERT INTO lots (lot, issuer, grams, entries, recalled_by, certified, inherited, moved, origin_hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            made,
        ),
        ("INSERT INTO lot_parents VALUES (?, ?)", edges),
        ("INSERT INTO origins VALUES (?, ?)", origins),
        ("INSERT INTO balances VALUES (?, ?, ?)", held),
        ("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows),
        ("INSERT INTO event_index VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", found),
        ("INSERT INTO event_lots VALUES (?, ?)", named),
    ):
        connection.executemany(statement, values)


def _parents(number: int, reach: int) -> Iterator[int]:
    """The lots that the lot was made from."""
    first = 0 if number < reach else number - (number - reach) % FAMILY
    place = number - first
    if place:
        yield first + (place - 1) // FANNED
        if place % 10 == 0 and (place - 1) // FANNED != place // 2:
            yield first + place // 2


def _ref(number: int) -> LotRef:
    return LotRef(b.BULK_MELON, f"L{number:07d}")
