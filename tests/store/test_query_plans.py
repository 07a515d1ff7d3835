"""No question reads a whole table: SQLite's own plans, on a ledger with some rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import event_builders as b
import pytest
from big_families import chain, fan, grow, lot
from ledger_fixture import LOG_DOMAIN, OPERATOR_KEY, FixedClock, World
from sqlalchemy import event

from ledger.adapters.log_operator import LogOperator
from ledger.adapters.sql_store import log, log_rows
from ledger.adapters.sql_store.store import SqlStore
from ledger.domain.identifiers import ContentHash, consignment_id
from ledger.domain.log.tile_names import Tile
from ledger.ports_questions import EventQuestion
from ledger.services.families import family_graph, reach_of
from ledger.services.follow import trace_page

PLACE = (1, 1)


def _contents(store: SqlStore) -> list[ContentHash]:
    return [record.content_hash for record in store.events(0, 3)]


def _covered(store: SqlStore) -> object:
    with store._database.reading() as connection:
        return log._covered(connection, _contents(store), 2)


def _tiles(store: SqlStore, count: int) -> object:
    with store._database.reading() as connection:
        return log_rows.tile_rows(connection, [Tile(level, index) for level in (0, 1, 2) for index in range(count)])


ASKED: dict[str, Callable[[SqlStore], object]] = {
    "trace forward": lambda store: trace_page(store, lot(0), forward=True, limit=5),
    "trace back": lambda store: trace_page(store, lot(40), forward=False, limit=5),
    "trace forward, long": lambda store: trace_page(store, lot(100), forward=True, limit=5),
    "trace back, long": lambda store: trace_page(store, lot(199), forward=False, limit=5),
    "stock": lambda store: store.questions.stock(b.FARM, 0, None, 5),
    "stock, next page": lambda store: store.questions.stock(b.FARM, 0, lot(1).id, 5),
    "all events, next page": lambda store: store.questions.events(EventQuestion(), PLACE, 5),
    "recalls to spread": lambda store: store.recalls_to_spread(),
    "recalls that stand": lambda store: store.families.open_recalls(lot(0).id, 5),
    "how far a recall reaches": lambda store: reach_of(store.families, lot(0)),
    "the graph of a family": lambda store: family_graph(store.families, lot(0), most=5),
    "on the road, of many lots": lambda store: store.families.on_the_road([lot(number).id for number in range(500)]),
    "expected": lambda store: store.hub.coming(b.HUB, 9, 9, None, 5, overdue=False),
    "overdue, next page": lambda store: store.hub.coming(b.HUB, 9, 9, (1, b"x"), 5, overdue=True),
    "leaving": lambda store: store.hub.leaving(b.FARM, 9, (1, b"x"), 5),
    "variances": lambda store: store.hub.variances(b.FARM, 9, None, 5),
    "here": lambda store: store.hub.here(b.PACKING_HOUSE, None, 5),
    "counts of a hub": lambda store: store.hub.counts(b.HUB, 9, 9),
    "one consignment": lambda store: store.hub.sight(consignment_id(b.FARM, b.REFERENCE), 9),
    "events of a consignment": lambda store: store.hub.events_about(consignment_id(b.FARM, b.REFERENCE)),
    "leaves that may be covered": lambda store: store.log.releasable(0),
    "leaves that have waited": lambda store: store.log.releasable(2**40),
    "a page of leaves": lambda store: store.log.leaves(2, 1),
    "the first leaf not covered": lambda store: store.log.first_uncovered_entry(),
    "events without a leaf": lambda store: store.acknowledge_by(LogOperator(OPERATOR_KEY, LOG_DOMAIN, FixedClock())),
    "receipts": lambda store: store.archive.acknowledgements(_contents(store)),
    "places in the log": _covered,
    "tiles of a proof": lambda store: _tiles(store, 2),
    "tiles of many proofs": lambda store: _tiles(store, 500),
    "an entry of the published log": lambda store: store.archive.inclusion(_contents(store)[0]),
    "events by content": lambda store: [store.event(one) for one in _contents(store)],
    "events of a lot": lambda store: store.events_of_lot(b.HARVEST_LOT.id),
    "air legs": lambda store: store.hub.air_legs(b.HUB, 0, 5),
}
QUESTIONS = {
    "time": EventQuestion(since=1, before=9),
    "step": EventQuestion(steps=("shipping",)),
    "steps": EventQuestion(steps=("shipping", "receiving")),
    "type": EventQuestion(types=("ObjectEvent",)),
    "read point": EventQuestion(read_points=("x",)),
    "location": EventQuestion(locations=("x",)),
    "party": EventQuestion(parties=(b.FARM,)),
    "lot": EventQuestion(lots=(lot(1).id,)),
    "lots": EventQuestion(lots=(lot(1).id, lot(2).id)),
    "eventID": EventQuestion(event_ids=("x",)),
    "error declarations": EventQuestion(declarations=True),
    "party, step and time": EventQuestion(since=1, steps=("shipping",), parties=(b.FARM,)),
    "lot and place": EventQuestion(lots=(lot(1).id,), read_points=("x", "y")),
}
for name, question in QUESTIONS.items():
    for after in (None, PLACE):
        ASKED[f"events by {name}{', next page' if after else ''}"] = (
            lambda store, question=question, after=after: store.questions.events(question, after, 5)  # type: ignore[misc]
        )
STORED = {
    "balances", "consignment_events", "consignment_lines", "consignment_names", "consignment_open_lines",
    "consignments", "event_index", "event_lots", "events", "log_acknowledgements", "log_leaves", "log_tiles",
    "lot_names", "lot_parents", "lots", "origins", "outbox_rows", "pledges",
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_no_stored_table_is_scanned(world: World, name: str) -> None:
    grow(world, fan(50) | chain(100, first=100))
    world.record(b.harvest(), b.shipping(), b.receiving())
    plans: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in cursor.fetchall())

    event.listen(world.store._database._engine, "before_cursor_execute", explain)
    ASKED[name](world.store)
    assert plans
    scanned = [plan for plan in plans if plan.startswith("SCAN ") and plan.split()[1] in STORED]
    # The index of declarations holds nothing else: reading it from its head is what is wanted.
    assert [plan for plan in scanned if not plan.endswith(" ix_event_index_declarations")] == []


def test_a_search_by_one_value_sorts_nothing(world: World) -> None:
    plans: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if "event_index" in statement:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in cursor.fetchall())

    event.listen(world.store._database._engine, "before_cursor_execute", explain)
    for name in ("time", "step", "type", "read point", "location", "party", "error declarations"):
        for after in (None, PLACE):
            world.store.questions.events(QUESTIONS[name], after, 5)
    assert len(plans) == 14
    assert [plan for plan in plans if "TEMP B-TREE" in plan] == []
