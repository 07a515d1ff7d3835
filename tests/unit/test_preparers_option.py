"""How many processes prepare documents, by setting and by machine, and that one made for a ledger does its work."""

from __future__ import annotations

import os

import pytest
from ledger_fixture import LEDGER_DOMAIN, SECRET

from ledger.domain.errors import UnusableSettings
from ledger.domain.sealing import DEFAULT
from ledger.services.documents import NotAllowed
from ledger.services.prepared_bytes import DocumentsElsewhere
from ledger.settings import Settings
from ledger.wiring_preparers import nursery_for, preparers_of, preparing


@pytest.mark.parametrize(
    ("cores", "workers", "setting", "expected"),
    [
        (1, False, None, 0), (2, False, None, 2), (16, False, None, 2), (16, True, None, 0), (1, False, 3, 3),
        (16, False, 0, 0), (2, True, 2, 2),
    ],
)  # fmt: skip
def test_as_many_as_there_are_cores_at_most_two_unless_it_is_said(
    monkeypatch: pytest.MonkeyPatch, cores: int, workers: bool, setting: int | None, expected: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(cores)), raising=False)
    assert preparers_of(Settings(preparers=setting), workers=workers) == expected


@pytest.mark.parametrize("value", ["-1", "17", "two"])
def test_a_number_that_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SILKROOT_PREPARERS", value)
    with pytest.raises(UnusableSettings, match="SILKROOT_PREPARERS"):
        Settings()


def test_without_any_there_is_no_other_process() -> None:
    settings = Settings(preparers=0)
    with nursery_for(settings) as nursery, preparing(nursery, settings, LEDGER_DOMAIN, SECRET, DEFAULT) as pool:
        assert nursery is None
        assert pool is None


def test_one_of_a_ledger_prepares_documents_and_tells_what_it_refuses() -> None:
    import event_builders as b
    from capture_documents import cooling, document

    settings = Settings(preparers=1)
    with nursery_for(settings) as nursery, preparing(nursery, settings, LEDGER_DOMAIN, SECRET, DEFAULT) as pool:
        assert pool is not None
        elsewhere = DocumentsElsewhere(pool, lambda product: None)
        found = elsewhere.prepare(document([cooling(1), {"type": "ObjectEvent"}]), b.FARM)
        assert found.first_unsigned == 0
        assert [type(one).__name__ for one in found.events] == ["Prepared", "InvalidEvent"]
        with pytest.raises(NotAllowed, match="this key speaks for"):
            elsewhere.prepare(document([cooling(1) | {"silkroot:party": f"{b.HUB:013d}"}]), b.FARM)
