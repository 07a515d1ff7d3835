"""What a broken rule means, on the command line: in English the error's own sentence, which knows most, else the rule's
words in the chosen language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.cli.words import _, language
from api.rule_phrases import RULES


def sentence(rule: str, message: str) -> str:
    """The sentence for people about a broken rule."""
    text = RULES.get(rule)
    if text is None or (language() == "en" and message):
        return message
    return _(text)


def what_is_wrong(row: Mapping[str, Any]) -> str:
    """The same for a refused row of an import report."""
    return sentence(str(row["rule"]), str(row["message"]))
