"""Grams are exact: what a JSON number prints as is what is weighed."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import InvalidInput
from ledger.domain.quantities import GRAMS_PER_UNIT, grams


@pytest.mark.parametrize(
    ("text", "uom", "expected"),
    [
        ("1", "GRM", 1),
        ("1", "KGM", 1_000),
        ("1", "TNE", 1_000_000),
        ("0.1", "KGM", 100),
        ("0.001", "KGM", 1),
        ("1e-06", "TNE", 1),
        ("1.005", "KGM", 1_005),
        ("12.0", "GRM", 12),
        ("4.35", "TNE", 4_350_000),
        ("8.2", "KGM", 8_200),
        ("9007199254740991", "KGM", 9007199254740991000),
        ("18446744073.709", "TNE", 18446744073709000),
    ],
)
def test_known_masses(text: str, uom: str, expected: int) -> None:
    assert grams(json.loads(text), uom) == expected


@given(st.integers(1, 10**12), st.sampled_from(sorted(GRAMS_PER_UNIT)))
def test_whole_grams_survive_the_way_through_json(mass: int, uom: str) -> None:
    number = Decimal(mass) / GRAMS_PER_UNIT[uom]
    written = json.dumps(float(number))
    assert grams(json.loads(written), uom) == mass


@pytest.mark.parametrize(
    ("quantity", "uom", "rule", "field"),
    [
        (0, "KGM", "mass.positive", "/q/quantity"),
        (-1, "KGM", "mass.positive", "/q/quantity"),
        (-0.0, "KGM", "mass.positive", "/q/quantity"),
        (0.0001, "KGM", "mass.whole-grams", "/q/quantity"),
        (0.5, "GRM", "mass.whole-grams", "/q/quantity"),
        (0.30000000000000004, "KGM", "mass.whole-grams", "/q/quantity"),
        (5e-324, "TNE", "mass.whole-grams", "/q/quantity"),
        (1e308, "KGM", "mass.range", "/q/quantity"),
        (2**53 - 1, "TNE", "mass.range", "/q/quantity"),
        (float("nan"), "KGM", "mass.number", "/q/quantity"),
        (float("inf"), "KGM", "mass.number", "/q/quantity"),
        (True, "KGM", "mass.number", "/q/quantity"),
        ("1", "KGM", "mass.number", "/q/quantity"),
        (None, "KGM", "mass.number", "/q/quantity"),
        (1, "LBR", "mass.uom", "/q/uom"),
        (1, "kgm", "mass.uom", "/q/uom"),
        (1, None, "mass.uom", "/q/uom"),
        (1, ["KGM"], "mass.uom", "/q/uom"),
    ],
)
def test_what_is_no_mass_is_refused(quantity: object, uom: object, rule: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        grams(quantity, uom, "/q")
    assert (refusal.value.violations[0].rule, refusal.value.violations[0].field) == (rule, field)


@pytest.mark.parametrize("nothing", [0, 0.0, -0.0])
def test_nothing_is_a_mass_where_it_is_asked_for(nothing: float) -> None:
    assert grams(nothing, "KGM", zero=True) == 0


def test_less_than_nothing_never_is() -> None:
    with pytest.raises(InvalidInput) as refusal:
        grams(-0.001, "KGM", zero=True)
    assert refusal.value.violations[0].rule == "mass.positive"
