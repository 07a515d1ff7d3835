"""What stands for a text in an index: short enough for every database, and never for two texts."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.adapters.sql_store.columns import LONGEST_KEY, key_text

texts = st.text(st.characters(codec="utf-8")) | st.integers(900, 1100).map("x".__mul__)


@given(texts)
def test_it_is_short_stands_for_itself_and_is_the_text_where_that_is_short(text: str) -> None:
    key = key_text(text)
    assert len(key.encode()) <= LONGEST_KEY
    assert key_text(key) == key
    assert (key == text) == (len(text.encode()) <= LONGEST_KEY)


@pytest.mark.parametrize(("text", "size"), [("x" * 1_001, 1_001), ("果" * 334, 1_002)])
def test_one_byte_too_many_is_the_hash(text: str, size: int) -> None:
    """Bytes count, not characters."""
    assert len(text.encode()) == size
    assert key_text(text) == f" sha256 {hashlib.sha256(text.encode()).hexdigest()}"
    assert key_text(text[:-1]) == text[:-1]
