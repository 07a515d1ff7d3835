"""
The reader's city from a header that the operator's own proxy sets; implements `ledger.ports_labels.CityOf`.

Only where `SILKROOT_CITY_HEADER` names the header: then the operator sees to it that the proxy sets it on every
request, over whatever a client sent, and that nobody reaches the service but through it. Names that are no city of our
table (a district, say) are no city.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from ledger.domain.cities import UNKNOWN, city_key


class HeaderCity:
    """Reads one header; with "" as its name, none."""

    def __init__(self, name: str) -> None:
        self._name = name.lower()

    def city_of(self, headers: Mapping[str, str]) -> str:
        """The city; UTF-8 as such, as Latin-1 (as servers decode headers) or percent-encoded."""
        text = headers.get(self._name, "") if self._name else ""
        if not text:
            return UNKNOWN
        for said in (unquote(text), _as_utf8(text)):
            if key := city_key(said):
                return key
        return UNKNOWN


def _as_utf8(text: str) -> str:
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return ""
