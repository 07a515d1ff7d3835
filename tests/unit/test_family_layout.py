"""Drawings of families: arrows go forward, boxes lie apart, and an order is never worse than the one that was given."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.family_layout import Drawing, Gaps, _ordered, _route, _rows, crossings, layers_of, layout

GAPS = Gaps()
SIZES = st.tuples(st.integers(1, 200), st.integers(1, 120))


@st.composite
def families(draw: st.DrawFn) -> tuple[dict[int, tuple[int, int]], list[tuple[int, int]]]:
    """Nodes with sizes, and edges from lower to higher numbers, in any order."""
    count = draw(st.integers(1, 14))
    sizes = {node: draw(SIZES) for node in draw(st.permutations(range(count)))}
    pairs = [(one, other) for one in range(count) for other in range(one + 1, count)]
    edges = draw(st.lists(st.sampled_from(pairs), max_size=30)) if pairs else []
    return sizes, edges


@given(families())
def test_every_node_is_drawn_once_with_its_size_within_the_whole(family: object) -> None:
    sizes, edges = family  # type: ignore[misc]
    drawing = layout(sizes, edges)
    assert sorted(box.node for box in drawing.boxes) == sorted(sizes)
    for box in drawing.boxes:
        assert (box.width, box.height) == sizes[box.node]
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= drawing.width
        assert box.y + box.height <= drawing.height


@given(families())
def test_no_two_boxes_overlap(family: object) -> None:
    sizes, edges = family  # type: ignore[misc]
    rows: dict[int, list[tuple[int, int, int, int]]] = {}
    for box in layout(sizes, edges).boxes:
        rows.setdefault(box.layer, []).append((box.y, box.y + box.height, box.x, box.x + box.width))
    for row in rows.values():
        for (_, bottom, *_), (top, *_) in pairwise(sorted(row)):
            assert top - bottom >= GAPS.box - 2  # centres and halves are rounded to whole pixels
    for number in range(1, len(rows)):
        assert max(right for *_, right in rows[number - 1]) < min(left for _, _, left, _ in rows[number])


@given(families())
def test_every_arrow_goes_forward_from_side_to_side(family: object) -> None:
    sizes, edges = family  # type: ignore[misc]
    drawing = layout(sizes, edges)
    boxes = {box.node: box for box in drawing.boxes}
    assert {(way.start, way.end) for way in drawing.ways} == set(edges)
    for way in drawing.ways:
        start, end = boxes[way.start], boxes[way.end]
        assert start.layer < end.layer
        assert way.points[0] == (start.x + start.width, start.y + start.height // 2)
        assert way.points[-1] == (end.x, end.y + end.height // 2)
        assert [x for x, _ in way.points] == sorted({x for x, _ in way.points})
        assert len(way.points) == end.layer - start.layer + 1


@given(families())
def test_layers_are_the_longest_ways(family: object) -> None:
    sizes, edges = family  # type: ignore[misc]
    layers = layers_of(list(sizes), edges)
    for node in sizes:
        before = [layers[start] for start, end in edges if end == node]
        assert layers[node] == (max(before) + 1 if before else 0)


@given(families())
def test_the_order_crosses_no_more_than_the_one_given(family: object) -> None:
    sizes, edges = family  # type: ignore[misc]
    kept = list(dict.fromkeys(edges))
    layers = layers_of(list(sizes), kept)
    routes = [_route(number, edge, layers) for number, edge in enumerate(kept)]
    rows = _rows(list(sizes), layers, routes)
    better = _ordered(rows, routes)
    assert [sorted(map(repr, row)) for row in better] == [sorted(map(repr, row)) for row in rows]
    assert crossings(better, routes) <= crossings(rows, routes)


def test_crossings_that_can_be_avoided_are() -> None:
    sizes = dict.fromkeys(("a", "b", "c", "y", "x", "z"), (10, 10))
    edges = [("a", "x"), ("b", "y"), ("c", "z")]
    rows: list[list[object]] = [["a", "b", "c"], ["y", "x", "z"]]
    routes: list[list[object]] = [list(edge) for edge in edges]
    assert crossings(rows, routes) == 1  # type: ignore[arg-type]
    ordered = _ordered(rows, routes)  # type: ignore[arg-type]
    assert crossings(ordered, routes) == 0  # type: ignore[arg-type]
    drawing = layout(sizes, edges)
    boxes = {box.node: box for box in drawing.boxes}
    assert [boxes[one].y for one in "abc"] == [boxes[one].y for one in "xyz"]


def test_a_line_is_drawn_straight() -> None:
    drawing = layout({1: (100, 40), 2: (20, 20), 3: (100, 60)}, [(1, 2), (2, 3)])
    assert len({box.y + box.height // 2 for box in drawing.boxes}) == 1
    assert drawing.width == 2 * GAPS.edge + 220 + 2 * GAPS.layer
    assert drawing.height == 2 * GAPS.edge + 60


def test_the_same_family_gives_the_same_drawing() -> None:
    sizes = dict.fromkeys(range(9), (30, 20))
    edges = [(one, other) for one in range(9) for other in range(one + 1, 9) if (one * other) % 3]
    assert layout(sizes, edges) == layout(dict(sizes), [*edges, edges[0]])


def test_a_circle_ends_where_it_closes() -> None:
    drawing = layout({1: (10, 10), 2: (10, 10), 3: (10, 10)}, [(1, 2), (2, 3), (3, 1), (2, 2)])
    assert [box.layer for box in drawing.boxes] == [0, 1, 2]
    assert len(drawing.ways) == 4


def test_nothing_is_drawn_of_nothing() -> None:
    assert layout({}, []) == Drawing((), (), 0, 0)


def test_an_end_that_is_no_node_is_refused() -> None:
    with pytest.raises(KeyError):
        layout({1: (10, 10)}, [(1, 2)])
