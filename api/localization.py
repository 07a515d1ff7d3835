"""
Words, dates and weights in the reader's language.

Languages are negotiated by RFC 9110, section 12.5.4: `?lang=` wins, then the cookie that `?lang=` sets, then
Accept-Language; any Chinese is answered in simplified Chinese, everything else in English. Texts are English msgids
with gettext catalogues, see `api.catalogues`. Dates and numbers are formatted by Babel from the Unicode CLDR.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import cache, reduce
from typing import TYPE_CHECKING
from unicodedata import bidirectional

from babel.core import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from api.catalogues import DEFAULT_LANGUAGE, LANGUAGES, N_, RIGHT_TO_LEFT, catalogue, match_language

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["CHINA_TIME", "COOKIE", "DEFAULT_LANGUAGE", "LANGUAGES", "N_", "Words", "language_of", "words"]

COOKIE = "lang"
_COMMAS = {"zh": "，", "en": ", ", "ug": "، "}
_NUMBER = re.compile(r"[0-9][0-9.,]*")
CHINA_TIME = timezone(timedelta(hours=8))
"""What clocks show all over China, Xinjiang's official ones too; used where an event names no offset of its own."""


class Words:
    """One language: its texts, and its way of writing dates and weights."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.tag = LANGUAGES[language]
        self._locale = Locale.parse("zh_Hans_CN" if language == "zh" else language)
        self.direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        self.comma = _COMMAS[language]
        self.translations = catalogue(language)

    def __call__(self, text: str, **values: object) -> str:
        """The text in this language, `%(name)s` filled in."""
        translated = self.translations.gettext(text) if text else ""
        return self.filled(translated, values) if values else translated

    def ngettext(self, one: str, many: str, count: int, **values: object) -> str:
        """The form of the text that goes with `count`, which stands in it as `%(count)s`."""
        form = self.translations.ngettext(one, many, count)
        return self.filled(form, {"count": self.number(count), **values})

    def filled(self, text: str, values: Mapping[str, object]) -> str:
        """The text with its values. Where lines run from right to left each stands in a bidi isolate, so that a code, a
        name or a number written the other way keeps its order and leaves the sentence its own (UAX 9, FSI and PDI)."""
        if self.direction == "ltr":
            return text % values
        return text % _Isolated(values)

    def kilograms(self, grams: int) -> str:
        """A mass, in kilograms from 1 kg up, else in grams; never rounded."""
        if abs(grams) < 1000:
            return self(N_("%(number)s g"), number=format_decimal(grams, locale=self._locale))
        kilograms = format_decimal(
            Decimal(grams) / 1000, format="#,##0.###", locale=self._locale, decimal_quantization=False
        )
        return self(N_("%(number)s kg"), number=kilograms)

    def number(self, value: int) -> str:
        """A whole number with the language's separators."""
        return str(format_decimal(value, locale=self._locale))

    def celsius(self, degrees: Decimal) -> str:
        """A temperature with up to three places: 13.8 °C."""
        text = f"{format_decimal(degrees, format='#,##0.###', locale=self._locale)} °C"
        return text if self.direction == "ltr" else isolated(text)

    def millidegrees(self, thousandths: int) -> str:
        """The same from thousandths of a degree."""
        return self.celsius(Decimal(thousandths) / 1000)

    def date(self, moment: datetime) -> str:
        """A day: 3 Sep 2026, 2026年9月3日, 3-سېنتەبىر، 2026; in the moment's own zone."""
        return self.day(moment.toordinal())

    def day(self, ordinal: int) -> str:
        """The same of a day, as `datetime.date.toordinal` counts them."""
        form = "d MMM y" if self.language == "en" else "long"
        return str(format_date(datetime.fromordinal(ordinal), format=form, locale=self._locale))

    def short_day(self, moment: datetime) -> str:
        """A day without its year: 3 Sep, 9月3日, 3-سېنتەبىر; in the moment's own zone."""
        form = {"zh": "M月d日", "ug": "d-MMMM"}.get(self.language, "d MMM")
        return str(format_date(moment.date(), format=form, locale=self._locale))

    def minute(self, moment: datetime) -> str:
        """A day and time, in the moment's own zone."""
        clock = f"{moment:%H:%M}"
        return f"{self.date(moment)} {clock}" if self.language == "zh" else f"{self.date(moment)}{self.comma}{clock}"

    def minute_forms(self) -> list[str]:
        """`minute` of each month, January first, with `%(day)s`, `%(year)s` and `%(clock)s`: for scripts, since hardly
        any browser knows how Uyghur writes a date. No line ends behind the hyphen of a day."""
        months = (self.minute(datetime(2047, month, 28)) for month in range(1, 13))
        marks = (("28-", "28\u2011"), ("28", "%(day)s"), ("2047", "%(year)s"), ("00:00", "%(clock)s"))
        return [reduce(lambda text, mark: text.replace(*mark), marks, month) for month in months]

    def listing(self, items: Iterable[str]) -> str:
        """Several things in one phrase: a, b and c; a、b和c; a، b ۋە c."""
        several = [isolated(item) if self.direction == "rtl" or _runs_left(item) else item for item in items]
        if self.language == "ug":  # for which the CLDR has only the English pattern
            *first, last = several or [""]
            return f"{self.comma.join(first)} ۋە {last}" if first else last
        return str(format_list(several, locale=self._locale))

    def joined(self, items: Iterable[str]) -> str:
        """Several things side by side, without "and"."""
        return self.comma.join(items)


def isolated(value: object) -> str:
    """The value between FSI and PDI; numbers, which need it not, as they are."""
    text = str(value)
    return text if not text or _NUMBER.fullmatch(text) else f"\u2068{text}\u2069"


def _runs_left(text: str) -> bool:
    """Whether any of the text is written from right to left, so that it would turn what stands beside it."""
    return any(bidirectional(character) in ("R", "AL") for character in text)


class _Isolated(dict[str, object]):
    """Values of a text, isolated when the text asks for them; whatever the mapping makes of missing ones stays so."""

    def __init__(self, values: Mapping[str, object]) -> None:
        super().__init__()
        self._values = values

    def __missing__(self, key: str) -> str:
        return isolated(self._values[key])


@cache
def words(language: str) -> Words:
    """The words of one of `LANGUAGES`."""
    return Words(language)


def language_of(request: Request) -> str:
    """The language to answer the request in."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return str(chosen)
    return _preferred(request.headers.get("accept-language", ""))


def _preferred(header: str) -> str:
    """The first language of an Accept-Language header, by weight, that we speak."""
    ranges: list[tuple[float, int, str]] = []
    for position, part in enumerate(header[:1000].split(",")):
        tag, _, parameter = part.partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            weight = 0.0
        if weight > 0:
            ranges.append((-weight, position, tag.strip().lower()))
    for _weight, _position, tag in sorted(ranges):
        if language := match_language(tag):
            return language
    return DEFAULT_LANGUAGE
