"""
The words of the command line in the language that was chosen: `--lang` before the command, else SILKROOT_LANG, else the
locale of the environment (LC_ALL, LC_MESSAGES, LANG), else English.

The language is chosen before the commands are imported, so that help texts may stand in `_("...")` too. What `--json`
prints is never translated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from api.catalogues import DEFAULT_LANGUAGE, LANGUAGES, N_, catalogue, match_language

if TYPE_CHECKING:
    from api.localization import Words

__all__ = ["N_", "_", "choose", "chosen_language", "formats", "language", "ngettext", "number"]

_language = DEFAULT_LANGUAGE


def choose(code: str) -> None:
    """Speaks one of `LANGUAGES` from now on."""
    global _language
    if code not in LANGUAGES:
        raise ValueError(f"no language {code}")
    _language = code


def language() -> str:
    """The language that was chosen."""
    return _language


def _(text: str, **values: object) -> str:
    """The text in the chosen language, `%(name)s` filled in."""
    translated = catalogue(_language).gettext(text) if text else ""
    return translated % values if values else translated


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """The form of the text that goes with `count`; `%(count)s` is the number with the language's separators."""
    form = catalogue(_language).ngettext(one, many, count)
    return form % {"count": number(count), **values}


def number(value: int) -> str:
    """A whole number with separators; all our languages write 1,234,567."""
    return f"{value:,}"


def formats() -> Words:
    """Weights, dates and lists in the chosen language; loads Babel."""
    from api.localization import words

    return words(_language)


def chosen_language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language that the command line (without the program's name) and the environment ask for."""
    asked = _option(arguments)
    if asked in LANGUAGES:
        return asked
    for name in ("SILKROOT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if found := match_language(value):
            return found
        if value and name != "SILKROOT_LANG":
            break  # As in POSIX: the first that is set decides, even where it says C.
    return DEFAULT_LANGUAGE


def command_word(arguments: Sequence[str]) -> str:
    """The word that names the command; "" where there is none, or where another option than `--lang` is before it."""
    rest = iter(arguments)
    for argument in rest:
        if argument == "--lang":
            next(rest, "")
        elif not argument.startswith("--lang="):
            return "" if argument.startswith("-") else argument
    return ""


def _option(arguments: Sequence[str]) -> str:
    """The value of `--lang` among the options before the command; commands may have a `--lang` of their own."""
    for position, argument in enumerate(arguments):
        if not argument.startswith("-"):
            break
        if argument == "--lang":
            return arguments[position + 1] if position + 1 < len(arguments) else ""
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
    return ""
