"""Trace over the database: forward and back, by distance, page by page, whatever the shape of the family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import event_builders as b
import pytest
from big_families import chain, fan, grow, lot
from ledger_fixture import World
from sqlalchemy import event

from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.identifiers import LotRef
from ledger.domain.trace import closure
from ledger.services.follow import trace_back, trace_forward, trace_page

RINGS = {0: [2], 1: [0], 2: [1], 3: [3], 4: [2, 3]}
LADDER = {0: [], 1: [0], **{number: [number - 1, number - 2] for number in range(2, 60)}}
"""As many ways through it as Fibonacci's numbers say."""
LINE = {**chain(120), 0: [119], 120: [100, 3], **{number: [110] for number in range(121, 150)}, 150: [148, 40]}
"""A ring so long and thin that what is left of it is asked for at once, with short cuts, and broad at one place."""


def depths(world: World, start: int, *, forward: bool) -> dict[LotRef | None, int]:
    """How far everything is from the lot."""
    steps = (trace_forward if forward else trace_back)(world.store, lot(start))
    return {step.lot: step.depth for step in steps}


def expected(family: Mapping[int, Sequence[int]], start: int, *, forward: bool) -> dict[LotRef | None, int]:
    """The same, counted in memory."""
    children = {number: [child for child, above in family.items() if number in above] for number in family}
    found = closure(start, (children if forward else family).__getitem__)
    return {lot(start): 0, **{lot(number): depth for number, depth in found.items()}}


@pytest.mark.parametrize("family", [RINGS, LADDER, LINE, fan(90)], ids=["rings", "ladder", "line", "fan"])
@pytest.mark.parametrize("forward", [True, False])
def test_every_lot_is_found_once_at_its_shortest_distance(
    world: World, family: Mapping[int, Sequence[int]], forward: bool
) -> None:
    grow(world, family)
    for start in (0, 3, max(family)):
        assert depths(world, start, forward=forward) == expected(family, start, forward=forward)


def test_pages_are_the_trace_cut_in_pieces(world: World) -> None:
    grow(world, fan(50))
    whole = trace_forward(world.store, lot(0))
    assert [(step.depth, step.id) for step in whole] == sorted((step.depth, step.id) for step in whole)
    pages, token = [], ""
    while token or not pages:
        pages.append(trace_page(world.store, lot(0), forward=True, limit=7, token=token))
        token = pages[-1].next
    assert [len(page.steps) for page in pages] == [7] * 7 + [1]
    assert {page.total for page in pages} == {50}
    assert [step for page in pages for step in page.steps] == whole


def test_a_page_goes_on_though_lots_were_made_meanwhile(world: World) -> None:
    grow(world, {0: [], 1: [0], 2: [0], 3: [0]})
    first = trace_page(world.store, lot(0), forward=True, limit=2)
    grow(world, {4: [1]})
    rest = trace_page(world.store, lot(0), forward=True, limit=10, token=first.next)
    assert {step.lot for page in (first, rest) for step in page.steps} == {lot(number) for number in range(5)}


def test_many_lots_at_once_are_more_than_one_statement(world: World) -> None:
    family = {0: [], **{number: [0] for number in range(1, 1001)}, 1001: [1, 1000]}
    grow(world, family)
    below = world.store.descent([lot(number).id for number in range(1001)])
    assert {key: sorted(value) for key, value in below.items()} == {
        lot(0).id: sorted(lot(number).id for number in range(1, 1001)),
        lot(1).id: [lot(1001).id],
        lot(1000).id: [lot(1001).id],
    }
    assert len(world.store.lot_refs([lot(number).id for number in range(1002)])) == 1002


def test_a_long_line_is_not_a_statement_for_each_lot(world: World) -> None:
    grow(world, chain(300))
    asked: list[str] = []
    event.listen(world.store._database._engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    below, above = world.store.descent([lot(0).id]), world.store.ascent([lot(299).id])
    assert below == {lot(number - 1).id: (lot(number).id,) for number in range(1, 300)}
    assert above == {lot(number).id: (lot(number - 1).id,) for number in range(1, 300)}
    assert len(asked) < 120


def test_refusals(world: World) -> None:
    grow(world, {0: []})
    with pytest.raises(NotFound, match="no event names"):
        trace_page(world.store, b.HARVEST_LOT, forward=True, limit=1)
    with pytest.raises(InvalidInput, match="no token of this list"):
        trace_page(world.store, lot(0), forward=True, limit=1, token="abc")
