"""The fast path writes what rfc8785 writes, byte for byte, or is not taken."""

from __future__ import annotations

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.domain.canonical_json import canonical, is_plain
from ledger.domain.errors import InvalidJson

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(1e-6, 1e17)
    | st.text()
    | st.text(st.characters(max_codepoint=0xA0))
)
TREES = st.recursive(
    SCALARS,
    lambda below: st.lists(below) | st.dictionaries(st.text(st.characters(max_codepoint=127)) | st.text(), below),
    max_leaves=30,
)


@settings(max_examples=500)
@given(TREES)
@example({"\ufb33": 1, "\U0001f600": 2})
@example([1e-4, 9.99e-5, 1e-6, 1e-7, 0.1, 123456789012345.6, 4503599627370495.5, -0.0, 1.0, 1e16, 1e21])
@example({"a\x7f": '\x00\x1f\x7f\u2028\u2029"\\/'})
def test_equal_to_rfc8785(tree: object) -> None:
    assert canonical(tree) == rfc8785.dumps(tree)  # type: ignore[arg-type]


def test_ordinary_events_take_the_fast_path() -> None:
    assert is_plain({"type": "ObjectEvent", "quantityList": [{"quantity": 12.5, "uom": "KGM"}], "名": 1} | {}) is False
    assert is_plain({"type": "ObjectEvent", "quantityList": [{"quantity": 12.5, "uom": "KGM"}], "name": "哈密瓜"})


@pytest.mark.parametrize("tree", [2**53, float("nan"), float("inf"), {1: 2}, {"a": b""}, {"a": object()}, "\ud800"])
def test_refuses_what_has_no_canonical_form(tree: object) -> None:
    with pytest.raises(InvalidJson) as caught:
        canonical(tree)
    assert caught.value.violations[0].rule == "json.canonical"
