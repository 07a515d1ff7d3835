"""Weights as people type them: to the gram, in digits of several scripts, and nothing that could mean two things."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from web_library import bundle_library, read_masses

from api.localization import words

READ = {
    "0": 0, "1": 1_000, "0.001": 1, "12.5": 12_500, "12.50": 12_500, "1,240": 1_240_000, "1,240.5": 1_240_500,
    " 7 ": 7_000, "1 240": 1_240_000, "１２．５": 12_500, "١٢٫٥": 12_500, "۱۲": 12_000, "007": 7_000,
    "68719476.735": 2**36 - 1,
}  # fmt: skip
REFUSED = (
    "", "-1", "12,5", "1,24", "1,2400", ",5", "12.", ".5", "1.2345", "1e3", "0x10", "12 kg", "NaN", "Infinity", "1.2.3",
    "68719476.736", "99999999999999999999", "½", "一二", "<b>1</b>",
)  # fmt: skip


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle_library(tmp_path_factory.mktemp("forms"), "forms_library")


def test_what_is_read(forms: Path) -> None:
    assert dict(zip(READ, read_masses(forms, list(READ)), strict=True)) == READ


def test_what_is_no_weight(forms: Path) -> None:
    assert dict(zip(REFUSED, read_masses(forms, REFUSED), strict=True)) == dict.fromkeys(REFUSED)


@settings(max_examples=3, deadline=None)
@given(st.lists(st.integers(0, 2**36 - 1), min_size=200, max_size=200))
def test_every_gram_comes_back(forms: Path, grams: list[int]) -> None:
    written = read_masses(forms, grams)
    assert read_masses(forms, written) == grams


def test_a_weight_as_the_pages_write_it_is_read_again(forms: Path) -> None:
    grams = [1_000, 12_500, 1_240_500, 68_719_476_735]
    for language in ("en", "zh", "ug"):
        texts = [words(language).kilograms(one) for one in grams]
        numbers = ["".join(letter for letter in text if letter in "0123456789.,") for text in texts]
        assert read_masses(forms, numbers) == grams
