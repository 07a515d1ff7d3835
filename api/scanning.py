"""
Which requests are somebody who scanned a label: read by a person, on purpose, once; and where, as far as anybody said.

Not counted are HEAD, what a browser fetches ahead of its reader (`Sec-Purpose`, `Purpose`), what is fetched to be shown
inside something else (`Sec-Fetch-Dest`), what asks for no page, and what says that it is a robot.
"""

from __future__ import annotations

import re

from fastapi import Request

from api.dependencies import Services
from api.middleware import WAS_HEAD
from api.views.answer import city_of_party
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import MasterData
from ledger.services.labels import Reader

_ROBOT = re.compile(r"bot\b|crawl|spider|slurp|preview|monitor|curl/|wget/|python-|httpx", re.IGNORECASE)
_LONGEST_AGENT = 300


def is_scan(request: Request) -> bool:
    """Whether a person opened this page."""
    headers = request.headers
    ahead = f"{headers.get('sec-purpose', '')} {headers.get('purpose', '')} {headers.get('x-moz', '')}".lower()
    return (
        not request.scope.get(WAS_HEAD, False)
        and "prefetch" not in ahead
        and headers.get("sec-fetch-dest", "document") == "document"
        and "text/html" in headers.get("accept", "")
        and not _ROBOT.search(headers.get("user-agent", "")[:_LONGEST_AGENT])
    )


def reader_of(request: Request, services: Services, master: MasterData, chosen: PartyId | None = None) -> Reader:
    """The phone, and its city: that of the branch that the reader chose, else what the operator's proxy says."""
    city = city_of_party(chosen, master) if chosen is not None else ""
    if not city and services.city_of is not None:
        city = services.city_of.city_of(request.headers)
    address = request.client.host if request.client else ""
    return Reader(address, request.headers.get("user-agent", "")[:_LONGEST_AGENT], city)
