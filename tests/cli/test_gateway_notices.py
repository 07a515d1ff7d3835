"""What `silkroot gateway` says while it runs: nothing that a terminal obeys, and no flood."""

from __future__ import annotations

import pytest

from api.cli import gateway
from ledger.domain.errors import Violation
from ledger.ports_gateway import DeadLetter, Tally


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(gateway.err, "print", lambda text: lines.append(text.plain))
    return lines


def letter(value: str, topic: str = "t/1") -> DeadLetter:
    return DeadLetter(topic, None, b"", (Violation("/type", "gateway.form", value, "this is no event"),))


def test_a_refusal_is_told_with_field_rule_and_value(said: list[str]) -> None:
    gateway._Notices().refused(letter("7"))
    assert said == ["✗ t/1 /type: this is no event [gateway.form; 7]"]


def test_what_devices_write_never_reaches_the_terminal_as_a_command(said: list[str]) -> None:
    notices = gateway._Notices()
    notices.refused(letter("\x1b]0;owned\x07\n瓜", "t/\x1b[2J"))
    notices.not_kept("t/\x9b2J")
    assert said[0] == "✗ t/\ufffd[2J /type: this is no event [gateway.form; \ufffd]0;owned\ufffd\ufffd瓜]"
    assert said[1].startswith("✗ t/\ufffd2J a message")


def test_many_refusals_are_counted_and_not_all_told(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(gateway.time, "monotonic", lambda: now[0])
    notices = gateway._Notices()
    for _ in range(gateway.TOLD_AT_ONCE + 5):
        notices.refused(letter("7"))
    notices.settled(Tally(messages=25, refused=25))
    assert len(said) == gateway.TOLD_AT_ONCE
    now[0] = gateway.TALLY_SECONDS
    notices.settled(Tally(messages=1_025, recorded=1_000, refused=25))
    assert said[-1] == "messages 1,025, events recorded 1,000, known already 0, refused 25"
    notices.refused(letter("7"))
    assert said[-1].startswith("✗")
