"""
What two readers say of the same random questions: drawn in Python, answered by Python here and by tests/web/batch.mjs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ledger.domain.errors import InvalidInput

ROUNDS = 400


def drawn(strategy: st.SearchStrategy[Any], count: int = ROUNDS) -> list[Any]:
    """So many values of the strategy, the same ones every time: Node answers them all at once."""
    values: list[Any] = []

    @seed(20261129)
    @settings(max_examples=count, phases=[Phase.generate], database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(strategy)
    def collect(value: Any) -> None:
        values.append(value)

    collect()
    return values


def answer(read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What Python says, in the form of tests/web/batch.mjs."""
    try:
        return read()
    except InvalidInput as error:
        return {"rule": error.violations[0].rule, "field": error.violations[0].field}


def agree(texts: list[str], expected: list[dict[str, Any]], answers: list[dict[str, Any]]) -> None:
    for text, theirs, ours in zip(texts, expected, answers, strict=True):
        assert ours == theirs, text
