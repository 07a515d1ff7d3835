"""Dead letters on disk: one line each, whole lines after a crash, nothing of it for other users."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger.adapters.dead_letter_file import DeadLetterFile
from ledger.domain.errors import StoreError, Violation
from ledger.ports_gateway import DeadLetter

WRONG = Violation("/type", "gateway.form", "7", "no event")
TEXT = DeadLetter("t/1", 2, "{\"a\": \"瓜\"}".encode(), (WRONG,))  # fmt: skip
BYTES = DeadLetter("t/1", None, b"\xff\n", (WRONG, WRONG))
ERROR = {"field": "/type", "rule": "gateway.form", "value": "7", "message": "no event"}


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_says_when_where_why_and_what(tmp_path: Path) -> None:
    path = tmp_path / "dead.jsonl"
    letters = DeadLetterFile(path, lambda: 1_785_902_400.25)
    letters.write([TEXT])
    letters.write([BYTES])
    assert lines(path) == [
        {"time": "2026-08-05T04:00:00.250Z", "topic": "t/1", "event": 2, "errors": [ERROR], "payload": '{"a": "瓜"}'},
        {"time": "2026-08-05T04:00:00.250Z", "topic": "t/1", "event": None, "errors": [ERROR, ERROR],
         "payloadBase64": "/wo="},
    ]  # fmt: skip
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_line_that_was_cut_off_does_not_spoil_the_next(tmp_path: Path) -> None:
    path = tmp_path / "dead.jsonl"
    path.write_bytes(b'{"time": "20')
    DeadLetterFile(path, lambda: 0.0).write([TEXT, TEXT])
    cut, *whole = path.read_text().splitlines()
    assert cut == '{"time": "20'
    assert len([json.loads(line) for line in whole]) == 2


def test_a_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "dead.jsonl"
    letters = DeadLetterFile(path, lambda: 0.0)
    letters.write([TEXT])
    path.rename(tmp_path / "dead.jsonl.1")
    letters.write([TEXT])
    assert len(lines(path)) == len(lines(tmp_path / "dead.jsonl.1")) == 1


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"dead\.jsonl"):
        DeadLetterFile(tmp_path / "missing" / "dead.jsonl", lambda: 0.0).write([])
