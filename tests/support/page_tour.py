"""
Every page for people, as data: what `scripts/screenshots` takes pictures of and what `tests/browser/test_page_tour.py`
looks at with axe-core. A page that is not here fails that test; to add one, add a row.

A path may name a lot of the demonstration season: `{verified.page}` is the path of its page, `{verified.ref}` its
product and lot code with a slash between them. A persona is one of `tour_guide.PERSONAS`; "" has not signed in.
"""

from __future__ import annotations

from dataclasses import dataclass

NOBODY = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """
    A page: its picture's name, its path, who looks at it. `opens`: a selector of what is clicked before the picture is
    taken. `status`: how the page answers.
    """

    name: str
    path: str
    persona: str = NOBODY
    opens: str = ""
    status: int = 200


TOUR: tuple[Stop, ...] = (
    Stop("home", "/"),
    Stop("lot-verified", "{verified.page}"),
    Stop("lot-evidence", "{verified.page}", opens="details.evidence > summary"),
    Stop("lot-label", "{verified.page}/21/0001"),
    Stop("lot-under-way", "{under_way.page}"),
    Stop("lot-pending", "{pending.page}"),
    Stop("lot-suspect", "{suspect.page}"),
    Stop("lot-recalled", "{recalled.page}"),
    Stop("lot-by-number", "/lot/{certified.ref}"),
    Stop("lot-unknown", "/01/09520001000133/10/NO-SUCH", status=404),
    Stop("link-broken", "/01/1/10/A", status=400),
    Stop("verify", "/verify"),
    Stop("docs", "/docs"),
)
