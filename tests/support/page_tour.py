"""
Every page for people, as data: what `scripts/screenshots` takes pictures of and what `tests/browser/test_page_tour.py`
looks at with axe-core. A page that is not here fails that test; to add one, add a row.

A path may name a lot of the demonstration season: `{verified.page}` is the path of its page, `{verified.ref}` its
product and lot code with a slash between them. `{invitation}` is the token of a new one. A persona is one of
`tour_guide.PERSONAS`; "" has not signed in.
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
    Stop("lot-by-number-label", "/lot/{certified.ref}/21/0001"),
    Stop("lot-unknown", "/01/09520001000133/10/NO-SUCH", status=404),
    Stop("link-broken", "/01/1/10/A", status=400),
    Stop("verify", "/verify"),
    Stop("docs", "/docs"),
    Stop("staff-join", "/staff/join#{invitation}"),
    Stop("staff-sign-in", "/staff/sign-in"),
    Stop("staff-https", "/staff/https"),
    Stop("staff-today", "/staff", "house"),
    Stop("staff-me", "/staff/me", "packer"),
    Stop("staff-people", "/staff/people", "admin"),
    Stop("staff-keys", "/staff/keys", "admin"),
    Stop("staff-lots", "/staff/lots", "house"),
    Stop("staff-harvest", "/staff/harvest", "farm"),
    Stop("staff-intake", "/staff/intake", "producer"),
    Stop("staff-pack", "/staff/pack", "house"),
    Stop("staff-ship", "/staff/ship", "house"),
    Stop("staff-correct", "/staff/correct?lot={corrected.ref}", "house"),
    Stop("staff-labels", "/staff/labels", "house"),
    Stop("staff-scan", "/staff/scan", "carrier"),
    Stop("staff-receive", "/staff/receive", "hub"),
    Stop("staff-queue", "/staff/queue", "hub"),
    Stop("staff-workbook", "/staff/workbook", "packer"),
    Stop("staff-serials", "/staff/serials", "house"),
    Stop("staff-reports", "/staff/reports", "house"),
    Stop("staff-certificates", "/staff/certificates", "house"),
    Stop("staff-certificate-new", "/staff/certificates/new", "packer"),
    Stop("staff-promise-new", "/staff/certificates/promise", "house"),
    Stop("staff-desk", "/staff/desk", "buyer"),
    Stop("staff-return", "/staff/desk/return", "buyer"),
    Stop("staff-mock-recall", "/staff/desk/mock-recall?lot={verified.ref}", "buyer"),
    Stop("staff-hub", "/staff/hub", "hub"),
    Stop("staff-hub-map", "/staff/hub/map", "hub"),
    Stop("staff-air", "/staff/air", "hub"),
    Stop("staff-air-new", "/staff/air/new", "hub"),
    Stop("staff-inspect", "/staff/inspect", "regulator"),
    Stop("staff-inspect-found", "/staff/inspect?q=19520001000017", "certifier"),
    Stop("staff-family", "/staff/inspect/{in_parts.ref}", "regulator"),
    Stop("staff-family-back", "/staff/inspect/{recalled_descendant.ref}?direction=back", "regulator"),
    Stop("staff-plots", "/staff/inspect/plots?season=2026", "certifier"),
    Stop("staff-plots-new", "/staff/inspect/plots?season=2027", "certifier"),
    Stop("staff-recalls", "/staff/recall", "packer"),
    Stop("staff-recall-preview", "/staff/recall/{in_parts.ref}", "regulator"),
    Stop("staff-recall-stands", "/staff/recall/{recalled.ref}", "regulator"),
    Stop("staff-recall-not-yours", "/staff/recall/{recalled.ref}", "packer", status=403),
    Stop("staff-inspect-not-for-you", "/staff/inspect", "packer", status=403),
)
