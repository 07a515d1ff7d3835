"""Tokens of keyset paging: what was made comes back, and nothing else is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import InvalidInput
from ledger.domain.paging import key_of, lot_in, number_in, token_of


@given(st.integers(-(10**17), 10**17), st.binary(min_size=32, max_size=32))
def test_a_key_comes_back_out_of_its_token(number: int, lot: bytes) -> None:
    token = token_of(number, lot.hex())
    first, second = key_of(token, 2)
    assert (number_in(first, token), lot_in(second, token)) == (number, lot)


@pytest.mark.parametrize("token", ["?", "MQ", "é", "x" * 300, "MSAyIDM", token_of(1, "g" * 64), "MSAy=", "MSAy\n"])
def test_other_tokens_are_refused(token: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        lot_in(key_of(token, 2)[1], token)
    (violation,) = refused.value.violations
    assert (violation.field, violation.rule) == ("nextPageToken", "paging.token")


def test_a_number_is_no_lot_and_a_lot_no_number() -> None:
    token = token_of("ff", 7)
    for read, part in ((number_in, "ff"), (lot_in, "7")):
        with pytest.raises(InvalidInput, match="no token of this list"):
            read(part, token)


@given(st.text(max_size=60))
def test_texts_that_hold_no_key_are_refused_whatever_they_are(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"paging\.token"):
        key_of(f"?{text}", 2)
