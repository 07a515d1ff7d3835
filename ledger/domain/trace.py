"""
Ancestors and descendants over a relation of parents; pure, safe against cycles, breadth first.

A lot's parents are the inputs of the transformation that made it. The relation is given as a function, so that it may
come from loaded events or from a whole index; each lot is asked for once.

>>> closure("c", {"c": ["b"], "b": ["a"], "a": ["c"]}.__getitem__)
{'b': 1, 'a': 2}
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from ledger.domain.actions import Action, Transformation, TransformationAmendment
from ledger.domain.identifiers import LotId, lot_id

Node = TypeVar("Node", bound=Hashable)


def closure(start: Node, next_of: Callable[[Node], Iterable[Node]]) -> dict[Node, int]:
    """
    Every node that can be reached from `start`, without `start`, with its distance (1: a direct one), nearest first.

    `next_of` is called once for each node. A cycle ends where it closes.
    """
    distances: dict[Node, int] = {}
    seen = {start}
    level, distance = [start], 0
    while level:
        distance += 1
        following: list[Node] = []
        for node in level:
            for neighbour in next_of(node):
                if neighbour not in seen:
                    seen.add(neighbour)
                    distances[neighbour] = distance
                    following.append(neighbour)
        level = following
    return distances


def parents_in(action: Action | None, lot: LotId) -> tuple[LotId, ...]:
    """The lots that the action made `lot` from, ascending; none if it neither made `lot` nor corrects what did."""
    if isinstance(action, Transformation | TransformationAmendment) and lot in outputs_of(action):
        return tuple(sorted({line.lot for line in action.inputs}))
    return ()


def children_in(action: Action | None, lot: LotId) -> tuple[LotId, ...]:
    """The lots that the action made from `lot`, in the action's order."""
    if isinstance(action, Transformation | TransformationAmendment) and any(line.lot == lot for line in action.inputs):
        return outputs_of(action)
    return ()


def outputs_of(action: Transformation | TransformationAmendment) -> tuple[LotId, ...]:
    """The ids of the lots that the transformation gives birth to."""
    return tuple(lot_id(output.product, output.lot_code) for output in action.outputs)
