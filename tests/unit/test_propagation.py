"""In which order a recall is carried: a lot behind all of its parents, whatever the shape of the family."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.identifiers import LotId
from ledger.ports_proposals import ProposalStore
from ledger.services.propagation import descendants


class Family:
    """A store that knows only which lots were made from which."""

    def __init__(self, parents: Mapping[LotId, tuple[LotId, ...]]) -> None:
        self.parents = parents

    def descent(self, lots: Collection[LotId]) -> dict[LotId, tuple[LotId, ...]]:
        """Those made from each lot, to the end."""
        found: dict[LotId, tuple[LotId, ...]] = {}
        unseen = list(lots)
        while unseen:
            one = unseen.pop()
            if one not in found:
                found[one] = tuple(lot for lot, made in self.parents.items() if one in made)
                unseen += found[one]
        return found


def lot(number: int) -> LotId:
    """A lot's id."""
    return LotId(number.to_bytes(32, "big"))


def of(family: Family, *roots: int, fresh: Mapping[LotId, tuple[LotId, ...]] | None = None) -> list[int]:
    """The descendants as numbers, without the roots."""
    found = descendants(cast(ProposalStore, family), [lot(root) for root in roots], fresh)
    return [number for one in found if (number := int.from_bytes(one, "big")) not in roots]


def test_a_merged_lot_comes_behind_both_of_its_parents() -> None:
    family = Family({lot(2): (lot(1),), lot(3): (lot(1), lot(2)), lot(4): (lot(3), lot(9))})
    assert of(family, 1) == [2, 3, 4]
    assert of(family, 4) == []


def test_what_a_transaction_made_is_followed_too() -> None:
    family = Family({lot(2): (lot(1),)})
    assert of(family, 1, fresh={lot(3): (lot(2),), lot(4): ()}) == [2, 3]


@given(st.lists(st.sets(st.integers(min_value=0, max_value=30), max_size=4), min_size=1, max_size=30))
def test_every_lot_stands_behind_its_parents_and_once(above: list[set[int]]) -> None:
    parents = {lot(index): tuple(lot(one) for one in sorted(made) if one < index) for index, made in enumerate(above)}
    found = of(Family(parents), 0)
    assert len(found) == len(set(found))
    reached = {0, *found}
    for place, number in enumerate(found):
        made_from = {int.from_bytes(one, "big") for one in parents[lot(number)]}
        assert made_from & reached
        assert made_from & reached <= {0, *found[:place]}
    for number, made in enumerate(above):
        assert not ({one for one in made if one < number} & reached) or number in reached
