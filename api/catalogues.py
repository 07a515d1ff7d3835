"""
The languages that Silkroot speaks, and their texts; imports nothing heavy, so that the command line starts at once.

Texts are English msgids with gettext catalogues (`api/locales/*/LC_MESSAGES/silkroot.po`). They are read by a small
reader of its own for the form that `scripts/build_locales` writes, which a test holds against Babel's: it takes a
quarter of the time, and Babel need not be imported. A text that a catalogue lacks is shown in English; CI sees that
there is none.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from gettext import NullTranslations

LANGUAGES = {"zh": "zh-Hans-CN", "en": "en", "ug": "ug-Arab-CN"}
"""Our languages and the BCP 47 tag that a page in them carries."""
LANGUAGE_NAMES = {"zh": "中文", "en": "English", "ug": "ئۇيغۇرچە"}
"""What each is called in itself."""
RIGHT_TO_LEFT = frozenset({"ug"})
DEFAULT_LANGUAGE = "en"
DOMAIN = "silkroot"

PLURALS: dict[str, Callable[[int], int]] = {
    "zh": lambda count: 0,
    "en": lambda count: int(count != 1),
    "ug": lambda count: int(count != 1),
}
"""Which plural form a whole number takes, by the Unicode CLDR; a test holds it against Babel's."""


def N_(text: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return text


class Catalogue(NullTranslations):
    """The texts of one language: forms by msgid."""

    def __init__(self, language: str, texts: dict[str, tuple[str, ...]]) -> None:
        super().__init__()
        self.texts = texts
        self._plural = PLURALS[language]

    def gettext(self, message: str) -> str:
        """The text in this language, else as it is."""
        forms = self.texts.get(message)
        return forms[0] if forms and forms[0] else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The form of the text that goes with the number `n`."""
        forms = self.texts.get(msgid1)
        index = self._plural(n)
        if forms and index < len(forms) and forms[index]:
            return forms[index]
        return msgid1 if n == 1 else msgid2


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of one of `LANGUAGES`; English is the msgids themselves."""
    if language == "en":
        return Catalogue("en", {})
    from importlib import resources  # English needs it not

    source = resources.files("api").joinpath("locales", language, "LC_MESSAGES", f"{DOMAIN}.po").read_text("utf-8")
    return Catalogue(language, read_catalogue(source))


def read_catalogue(source: str) -> dict[str, tuple[str, ...]]:
    """The translations in a .po file by msgid; fuzzy ones and the header are left out."""
    texts: dict[str, tuple[str, ...]] = {}
    for entry in source.split("\n\n"):
        parts: dict[str, list[str]] = {}
        name = ""
        fuzzy = False
        for line in entry.split("\n"):
            if line.startswith("#"):
                fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
                continue
            head, quote, tail = line.partition('"')
            if not quote:
                continue
            name = head.strip() or name
            parts.setdefault(name, []).append('"' + tail)
        text = {name: "".join(ast.literal_eval(piece) if "\\" in piece else piece[1:-1] for piece in pieces)
                for name, pieces in parts.items()}  # fmt: skip
        if fuzzy or not text.get("msgid"):
            continue
        forms = [value for name, value in text.items() if name.startswith("msgstr")]
        texts[text["msgid"]] = tuple(forms)
    return texts


def match_language(tag: str) -> str:
    """
    The language of ours for a BCP 47 tag or a locale of the environment, or "".

    >>> match_language("zh-Hant-TW"), match_language("ug_CN.UTF-8"), match_language("C.UTF-8")
    ('zh', 'ug', '')
    """
    language = tag.replace("_", "-").partition(".")[0].partition("-")[0].lower()
    return language if language in LANGUAGES else ""
