"""
Where the boxes of a family of lots lie when it is drawn: in layers from what came first to what came last; no I/O.

The layers are those of the longest way to each node, so that every arrow goes forward. An arrow over several layers
bends in each of them. The order within a layer is by barycentres (K. Sugiyama, S. Tagawa, M. Toda, "Methods for Visual
Understanding of Hierarchical System Structures", 1981): each node as near as can be to those that it goes with, swept
forward and back; of all orders met, the one with the fewest crossings. Then boxes move towards their neighbours, in
least squares, as far as those beside them let them.

Pure and deterministic: the same nodes in the same order give the same drawing. An arrow that would close a circle is
left out of the layers and drawn backward; the ledger makes none.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

N = TypeVar("N", bound=Hashable)
Point = tuple[int, int]
Size = tuple[int, int]
SWEEPS = 8


@dataclass(frozen=True, slots=True)
class Gaps:
    """Pixels between two layers, between two boxes of a layer, and around the whole; `bend`: what a bend takes up."""

    layer: int = 72
    box: int = 18
    edge: int = 12
    bend: int = 10


@dataclass(frozen=True, slots=True)
class Box(Generic[N]):
    """Where a node lies: its layer from 0, and its upper left corner."""

    node: N
    layer: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Way(Generic[N]):
    """An arrow, from the side of one box over its bends to the side of the other."""

    start: N
    end: N
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Drawing(Generic[N]):
    """Boxes by layer and from the top down, ways in the order of the edges, and the size of the whole."""

    boxes: tuple[Box[N], ...]
    ways: tuple[Way[N], ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Bend:
    edge: int
    layer: int


_Slot = Hashable
"""A node, or a bend of an edge."""


def layout(sizes: Mapping[N, Size], edges: Sequence[tuple[N, N]], gaps: Gaps = Gaps()) -> Drawing[N]:
    """
    The drawing of those nodes, each with its width and height. Both ends of an edge have to be among them; `KeyError`
    where one is not. The same edge twice is drawn once.
    """
    kept = list(dict.fromkeys(edges))
    for start, end in kept:
        _ = sizes[start], sizes[end]
    layers = layers_of(list(sizes), kept)
    routes = [_route(number, edge, layers) for number, edge in enumerate(kept)]
    rows = _ordered(_rows(list(sizes), layers, routes), routes)
    heights = {slot: sizes[slot][1] if slot in sizes else gaps.bend for row in rows for slot in row}  # type: ignore[index]
    centres = _centres(rows, routes, heights, gaps)
    top = min((centres[slot] - heights[slot] / 2 for row in rows for slot in row), default=0.0)
    lefts, widths, x = [], [], gaps.edge
    for row in rows:
        wide = max((sizes[slot][0] for slot in row if slot in sizes), default=0)  # type: ignore[index]
        lefts.append(x)
        widths.append(wide)
        x += wide + gaps.layer
    boxes: list[Box[N]] = []
    at: dict[_Slot, Box[N] | Point] = {}
    for number, row in enumerate(rows):
        for slot in row:
            y = round(centres[slot] - top) + gaps.edge
            if slot not in sizes:
                at[slot] = (lefts[number] + widths[number] // 2, y)
                continue
            node: N = slot  # type: ignore[assignment]
            width, height = sizes[node]
            left = lefts[number] + (widths[number] - width) // 2
            box = Box(node, number, left, y - height // 2, width, height)
            boxes.append(box)
            at[node] = box
    ways = tuple(Way(*edge, _points(route, at)) for edge, route in zip(kept, routes, strict=True))
    width = x - gaps.layer + gaps.edge if rows else 0
    height = max((box.y + box.height for box in boxes), default=0) + gaps.edge if boxes else 0
    return Drawing(tuple(boxes), ways, width, height)


def layers_of(nodes: Sequence[N], edges: Collection[tuple[N, N]]) -> dict[N, int]:
    """The longest way to each node from any that nothing leads to; an edge that would close a circle counts not."""
    following: dict[N, list[N]] = {node: [] for node in nodes}
    for start, end in edges:
        if start != end:
            following[start].append(end)
    order, state = list[N](), dict[N, int]()
    backward = set[tuple[N, N]]()
    for root in nodes:
        stack = [] if root in state else [(root, iter(following[root]))]
        state.setdefault(root, 1)
        while stack:
            node, rest = stack[-1]
            for child in rest:
                if child not in state:
                    state[child] = 1
                    stack.append((child, iter(following[child])))
                    break
                if state[child] == 1:
                    backward.add((node, child))
            else:
                state[node] = 2
                order.append(node)
                stack.pop()
    layers = dict.fromkeys(nodes, 0)
    for node in reversed(order):
        for child in following[node]:
            if (node, child) not in backward:
                layers[child] = max(layers[child], layers[node] + 1)
    return layers


def crossings(rows: Sequence[Sequence[_Slot]], routes: Sequence[Sequence[_Slot]]) -> int:
    """How many pairs of arrows cross between neighbouring layers."""
    place = {slot: index for row in rows for index, slot in enumerate(row)}
    level = {slot: number for number, row in enumerate(rows) for slot in row}
    pieces: dict[int, list[tuple[int, int]]] = {}
    for route in routes:
        for one, other in pairwise(route):
            pieces.setdefault(level[one], []).append((place[one], place[other]))
    total = 0
    for found in pieces.values():
        ends = [end for _, end in sorted(found)]
        starts = [start for start, _ in sorted(found)]
        total += sum(
            1
            for later in range(len(ends))
            for earlier in range(later)
            if ends[earlier] > ends[later] and starts[earlier] < starts[later]
        )
    return total


def _route(number: int, edge: tuple[N, N], layers: Mapping[N, int]) -> list[_Slot]:
    start, end = edge
    between = range(layers[start] + 1, layers[end])
    return [start, *(_Bend(number, layer) for layer in between), end]


def _rows(nodes: Sequence[N], layers: Mapping[N, int], routes: Sequence[Sequence[_Slot]]) -> list[list[_Slot]]:
    rows: list[list[_Slot]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for node in nodes:
        rows[layers[node]].append(node)
    for route in routes:
        for bend in route[1:-1]:
            rows[bend.layer].append(bend)  # type: ignore[attr-defined]
    return rows


def _neighbours(routes: Sequence[Sequence[_Slot]]) -> tuple[dict[_Slot, list[_Slot]], dict[_Slot, list[_Slot]]]:
    before: dict[_Slot, list[_Slot]] = {}
    behind: dict[_Slot, list[_Slot]] = {}
    for route in routes:
        for one, other in pairwise(route):
            behind.setdefault(one, []).append(other)
            before.setdefault(other, []).append(one)
    return before, behind


def _ordered(rows: list[list[_Slot]], routes: Sequence[Sequence[_Slot]]) -> list[list[_Slot]]:
    before, behind = _neighbours(routes)
    best, fewest = [list(row) for row in rows], crossings(rows, routes)
    rows = [list(row) for row in rows]
    for sweep in range(SWEEPS):
        if not fewest:
            break
        near = before if sweep % 2 == 0 else behind
        numbers = range(1, len(rows)) if sweep % 2 == 0 else range(len(rows) - 2, -1, -1)
        for number in numbers:
            place = {slot: index for row in rows for index, slot in enumerate(row)}

            def middle(slot: _Slot, place: dict[_Slot, int] = place, near: dict[_Slot, list[_Slot]] = near) -> float:
                found = near.get(slot)
                return sum(place[one] for one in found) / len(found) if found else float(place[slot])

            rows[number].sort(key=middle)
        if (now := crossings(rows, routes)) < fewest:
            best, fewest = [list(row) for row in rows], now
    return best


def _centres(
    rows: Sequence[Sequence[_Slot]], routes: Sequence[Sequence[_Slot]], heights: Mapping[_Slot, int], gaps: Gaps
) -> dict[_Slot, float]:
    before, behind = _neighbours(routes)
    centres: dict[_Slot, float] = {}
    for row in rows:
        wanted = [0.0] * len(row)
        centres.update(zip(row, _spread(wanted, [heights[slot] for slot in row], gaps.box), strict=True))
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        for row in rows if forward else reversed(rows):
            near = before if forward else behind
            wanted = [_mean([centres[one] for one in near.get(slot, ())], centres[slot]) for slot in row]
            centres.update(zip(row, _spread(wanted, [heights[slot] for slot in row], gaps.box), strict=True))
    return centres


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _spread(wanted: Sequence[float], heights: Sequence[int], gap: int) -> list[float]:
    """
    Centres as near to the wanted ones as the boxes' heights and the gap between them let them be, in the order given:
    isotonic regression by pooling neighbours that violate it.
    """
    offsets, offset = [], 0.0
    for index, height in enumerate(heights):
        offset += (height + heights[index - 1]) / 2 + gap if index else 0.0
        offsets.append(offset)
    blocks: list[tuple[float, int]] = []  # sum and count
    for want, moved in zip(wanted, offsets, strict=True):
        total, count = want - moved, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            more, others = blocks.pop()
            total, count = total + more, count + others
        blocks.append((total, count))
    free = [total / count for total, count in blocks for _ in range(count)]
    return [value + moved for value, moved in zip(free, offsets, strict=True)]


def _points(route: Sequence[_Slot], at: Mapping[_Slot, Box[N] | Point]) -> tuple[Point, ...]:
    start, end = at[route[0]], at[route[-1]]
    assert isinstance(start, Box)  # noqa: S101 - ends of an edge are nodes
    assert isinstance(end, Box)  # noqa: S101
    bends = [point for slot in route[1:-1] if not isinstance(point := at[slot], Box)]
    first = (start.x + start.width, start.y + start.height // 2)
    return (first, *bends, (end.x, end.y + end.height // 2))
