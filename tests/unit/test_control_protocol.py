"""Errors keep their class, their words and their violations on the way over the control socket."""

from __future__ import annotations

import json

import pytest

from api.control.protocol import error_from_json, error_to_json
from ledger.domain.errors import (
    ChainUnavailable,
    Conflict,
    InvalidEvent,
    LedgerBusy,
    NotFound,
    Refused,
    SilkrootError,
    Violation,
)  # fmt: skip


@pytest.mark.parametrize("kind", [NotFound, Conflict, ChainUnavailable, LedgerBusy, SilkrootError])
def test_a_plain_error_comes_back_as_it_was(kind: type[SilkrootError]) -> None:
    sent = json.loads(json.dumps(error_to_json(kind("no lot 葡萄-1"))))
    back = error_from_json(sent)
    assert type(back) is kind
    assert str(back) == "no lot 葡萄-1"


@pytest.mark.parametrize("kind", [InvalidEvent, Refused])
def test_violations_come_back_one_by_one(kind: type[InvalidEvent] | type[Refused]) -> None:
    violations = [Violation("/a", "rule.a", "1", "first"), Violation("/b", "rule.b", "2", "second")]
    back = error_from_json(json.loads(json.dumps(error_to_json(kind(violations)))))
    assert type(back) is kind
    assert isinstance(back, (InvalidEvent, Refused))
    assert back.violations == tuple(violations)


def test_an_error_of_a_newer_service_is_still_an_error() -> None:
    back = error_from_json({"type": "NotKnownHere", "message": "something new", "violations": []})
    assert type(back) is SilkrootError
    assert str(back) == "something new"
