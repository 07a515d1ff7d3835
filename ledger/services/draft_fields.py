"""
Reads what somebody filled into a form, strictly: every field has its form, a field too many is refused, and no text
holds markup or characters that cannot be seen.

A refusal names the field as a JSON pointer into the form (`/roster/0/grams`), so that a page shows it in place. Masses
are JSON integers of grams: a page turns the kilograms that people type into them.
Raises `InvalidInput` (`draft.…`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ledger.domain.errors import InvalidInput, Violation, shorten
from ledger.domain.identifiers import Grams
from ledger.domain.own_members import pointer

MOST_GRAMS = 2**36 - 1
"""As many as a lot can have."""
MOST_ROWS = 500
LONGEST = 200
MOST_FILES = 12
_MARKUP = frozenset("<>")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
"""Characters of the general category Cf that Uyghur and others write with."""


class Fields:
    """The fields of a form, or of one row of it. `at`: the JSON pointer of the row."""

    def __init__(self, tree: object, at: str = "") -> None:
        if not isinstance(tree, Mapping) or not all(isinstance(key, str) for key in tree):
            raise InvalidInput.one(at, "draft.form", type(tree).__name__, "the fields are a JSON object")
        self._tree: Mapping[str, Any] = tree
        self._at = at
        self._read: set[str] = set()
        self._rows: list[Fields] = []

    def pointer(self, name: str) -> str:
        """Where a field stands in the form."""
        return f"{self._at}/{pointer(name)}"

    def has(self, name: str) -> bool:
        """Whether something was filled in; who asks has read the field."""
        self._read.add(name)
        return self._tree.get(name) not in (None, "", [])

    def text(self, name: str, *, most: int = LONGEST, needed: bool = True) -> str:
        """A text without white space around it; "" where none was filled in and none is needed."""
        value = self._value(name, needed)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._refused(name, "draft.text", value, "this is a text")
        text = unicodedata.normalize("NFC", value).strip()
        if len(text) > most:
            raise self._refused(name, "draft.length", text, f"at most {most} characters")
        if any(letter in _MARKUP for letter in text):
            raise self._refused(name, "draft.markup", text, "a text has no < and no >")
        if any(unicodedata.category(letter) in _HIDDEN and letter not in _JOINERS for letter in text):
            raise self._refused(name, "draft.hidden", text, "a text has no characters that cannot be seen")
        if needed and not text:
            raise self._refused(name, "draft.missing", value, "this has to be filled in")
        return text

    def word(self, name: str, words: tuple[str, ...], default: str = "") -> str:
        """One of those words."""
        text = self.text(name, needed=not default) or default
        if text not in words:
            raise self._refused(name, "draft.choice", text, f"one of {', '.join(words)}")
        return text

    def grams(self, name: str = "grams", *, zero: bool = False) -> Grams:
        """Grams, at least one of them unless `zero` is allowed."""
        return Grams(self._number(name, 0 if zero else 1, MOST_GRAMS, "draft.grams", "grams are a whole number"))

    def grams_or_none(self, name: str) -> Grams | None:
        """Grams, none of them allowed, where they were filled in."""
        return self.grams(name, zero=True) if self.has(name) else None

    def count(self, name: str, least: int = 1, most: int = 1_000_000) -> int | None:
        """A whole number, where it was filled in."""
        if not self.has(name):
            return None
        return self._number(name, least, most, "draft.number", "this is a whole number")

    def flag(self, name: str) -> bool:
        """True or false; false where it was not filled in."""
        self._read.add(name)
        value = self._tree.get(name, False)
        if type(value) is not bool:
            raise self._refused(name, "draft.flag", value, "this is true or false")
        return value

    def rows(self, name: str, *, needed: bool = True) -> list[Fields]:
        """The rows of a list."""
        value = self._value(name, needed)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._refused(name, "draft.rows", value, "this is a list of rows")
        if len(value) > MOST_ROWS:
            raise self._refused(name, "draft.rows", f"{len(value)} rows", f"at most {MOST_ROWS} rows")
        rows = [Fields(row, f"{self.pointer(name)}/{index}") for index, row in enumerate(value)]
        self._rows += rows
        return rows

    def texts(self, name: str, *, most: int = MOST_FILES) -> list[str]:
        """A list of texts; empty where none were filled in."""
        value = self._value(name, needed=False)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > most:
            raise self._refused(name, "draft.rows", value, f"a list of at most {most} texts")
        row = Fields({str(index): text for index, text in enumerate(value)}, self.pointer(name))
        return [row.text(str(index)) for index in range(len(value))]

    @contextmanager
    def at(self, name: str) -> Iterator[None]:
        """What is refused while the block runs is told at that field."""
        try:
            yield
        except InvalidInput as error:
            where = self.pointer(name)
            moved = [Violation(where, one.rule, one.value, one.message) for one in error.violations]
            raise InvalidInput(moved) from None

    def finish(self) -> None:
        """Refuses fields that nobody asked for: what was filled in and left out would look as if it had been said."""
        unknown = [name for name in self._tree if name not in self._read]
        if unknown:
            raise InvalidInput(
                [
                    Violation(self.pointer(name), "draft.unknown", shorten(self._tree[name]), "no such field here")
                    for name in unknown[:20]
                ]
            )
        for row in self._rows:
            row.finish()

    def refused(self, name: str, rule: str, value: object, message: str) -> InvalidInput:
        """The refusal of a field."""
        return self._refused(name, rule, value, message)

    def _value(self, name: str, needed: bool) -> Any:
        if self.has(name):
            return self._tree[name]
        if needed:
            raise self._refused(name, "draft.missing", "", "this has to be filled in")
        return None

    def _number(self, name: str, least: int, most: int, rule: str, message: str) -> int:
        value = self._value(name, needed=True)
        if type(value) is not int or not least <= value <= most:
            raise self._refused(name, rule, value, f"{message} from {least} to {most}")
        return value

    def _refused(self, name: str, rule: str, value: object, message: str) -> InvalidInput:
        return InvalidInput.one(self.pointer(name), rule, value, message)
