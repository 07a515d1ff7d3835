"""Closures over the relation of parents."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.trace import closure

EDGES = st.dictionaries(st.integers(0, 12), st.lists(st.integers(0, 12), max_size=4), max_size=13)


def test_nearest_first_with_distances() -> None:
    parents = {"juice": ["box", "crate"], "box": ["field"], "crate": ["field", "box"]}
    assert closure("juice", lambda lot: parents.get(lot, [])) == {"box": 1, "crate": 1, "field": 2}
    assert list(closure("juice", lambda lot: parents.get(lot, []))) == ["box", "crate", "field"]


def test_a_ring_ends_and_leaves_the_start_out() -> None:
    assert closure(1, {1: [2], 2: [3], 3: [1]}.__getitem__) == {2: 1, 3: 2}
    assert closure(1, {1: [1]}.__getitem__) == {}


@given(EDGES)
def test_descendants_are_ancestors_the_other_way_round(parents: dict[int, list[int]]) -> None:
    children = {lot: [child for child, its in parents.items() if lot in its] for lot in range(13)}
    for lot in range(13):
        for ancestor in closure(lot, lambda name: parents.get(name, [])):
            assert lot in closure(ancestor, lambda name: children.get(name, ())) or lot == ancestor


@given(EDGES)
def test_every_node_is_asked_for_once(parents: dict[int, list[int]]) -> None:
    asked: list[int] = []

    def parents_of(lot: int) -> list[int]:
        asked.append(lot)
        return parents.get(lot, [])

    closure(0, parents_of)
    assert len(asked) == len(set(asked))
