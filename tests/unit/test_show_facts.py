"""What `silkroot show` says of a lot beside its checks: that it was annulled, its certified share."""

from __future__ import annotations

from typing import Any

import pytest

from api.cli.reading import lot_facts

ORIGIN = {"certifier": "9520001000058", "season": 2026}


def story(**members: Any) -> dict[str, Any]:
    told = {"lotGrams": 1000, "certified": None, "certifiedOrigins": [], "partyNames": {"9520001000058": "The house"}}
    return told | members


CASES: list[tuple[dict[str, Any], list[str]]] = [
    (story(), []),
    (story(certified=0), []),
    (story(certified=50, certifiedOrigins=[ORIGIN, ORIGIN]), ["50% of it is of certified origin (The house 2026)"]),
    (story(certified=100, certifiedOrigins=[ORIGIN]), ["Certified origin (The house 2026)"]),
    (story(lotGrams=0), ["Its maker withdrew this lot as a mistake: no fruit is recorded under this number."]),
    (story(lotGrams=None), []),
]


@pytest.mark.parametrize(("told", "facts"), CASES)
def test_facts(told: dict[str, Any], facts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILKROOT_LANG", "en")
    assert lot_facts(told) == facts
