"""Masses on the command line carry their unit; nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cli.arguments import grams_of
from ledger.domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "grams"),
    [("1200kg", 1_200_000), ("1.2t", 1_200_000), ("500 g", 500), ("1,200 kg", 1_200_000), ("0.001kg", 1)],
)
def test_a_mass_with_its_unit_is_whole_grams(text: str, grams: int) -> None:
    assert grams_of(text) == grams


@pytest.mark.parametrize("text", ["1200", "", "kg", "12 lbs", "1e400kgs", "twelve kg", "0kg", "-5kg", "0.5g", "nan g"])
def test_a_mass_without_unit_or_not_whole_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        grams_of(text)
    assert caught.value.violations[0].field == "mass"


@given(st.integers(min_value=1, max_value=10**15))
def test_every_whole_number_of_grams_can_be_written(grams: int) -> None:
    assert grams_of(f"{grams}g") == grams
    assert grams_of(f"{grams // 1000}.{grams % 1000:03d}kg") == grams
