"""
What readers of a label report to those who hold the goods: one of a few kinds and a short text; no I/O.

Nobody is asked who they are, and nothing of the reader is kept beside the text. Raises `InvalidInput`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import LotRef
from ledger.domain.serials import Day

LONGEST_TEXT = 500


class ReportKind(StrEnum):
    """What is wrong."""

    SPOILED = "spoiled"
    OTHER_GOODS = "other-goods"
    LABEL = "label"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Report:
    """A report. `number`: of the label, None where it bore no serial that was issued. `done`: somebody saw to it."""

    id: str
    lot: LotRef
    number: int | None
    day: Day
    city: str
    kind: ReportKind
    text: str
    done: bool = False


def kind_of(text: str) -> ReportKind:
    """The kind of that name."""
    try:
        return ReportKind(text)
    except ValueError:
        known = ", ".join(ReportKind)
        raise InvalidInput.one("kind", "report.kind", text, f"a report says one of: {known}") from None


def text_of(text: str) -> str:
    """The text as it is kept: plain lines, without control characters and without spaces at its ends."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(plain) > LONGEST_TEXT:
        raise InvalidInput.one("text", "report.length", plain, f"a report has at most {LONGEST_TEXT} characters")
    if any(unicodedata.category(each) in ("Cc", "Cs", "Co", "Cn") for each in plain if each != "\n"):
        raise InvalidInput.one("text", "report.characters", plain, "a report is plain text, without control characters")
    return plain
