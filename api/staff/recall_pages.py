"""
Recalls: what one would reach, who has it and how they are reached; signing it; how far it has come.

The preview shows everything before anybody signs. The recall itself is an event like any other, drafted and signed in
the browser (kinds `recall` and `release`). All lots are marked on this service, and red, at once; the chain follows,
and until it has, the page says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.localization import CHINA_TIME, N_
from api.problem_details import Kind, Problem
from api.routes.lot_refs import ProductLot
from api.staff.access import Staff, desk_of
from api.staff.family_view import FamilyNames, path_of
from api.staff.frame import staff_page
from api.staff.inspect_pages import LONGEST_QUESTION, STYLES, Token, names_of, root_of, table_of
from api.staff.inspecting import INSPECTORS, RECALLERS, inspection_of, require_reach, roles_of
from api.views.names import Name, lot_path, text_name
from ledger.domain.contacts import contact_link
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import LotRef
from ledger.domain.records import EntryState
from ledger.services.families import PartyReach, Reach
from ledger.services.inspection import RecallProgress, can_recall, can_release, require_text

NO_RECALLS = Kind(
    "no-recalls", 403, N_("Your organisation makes no lots, so it recalls none"),
    N_("A lot is recalled by the organisation that made it, or by a regulator. If you know of a danger, tell them."),
)  # fmt: skip
STATES = {
    EntryState.QUEUED: N_("It is recorded here, and on its way to the shared ledger."),
    EntryState.SENT: N_("It is recorded here, and on its way to the shared ledger."),
    EntryState.CONFIRMED: N_("The shared ledger has it."),
    EntryState.REFUSED: N_("It is recorded here, but the shared ledger refused it."),
}
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class PartyRow:
    """A party that has some of the family: how to reach it ("" where nobody said), and its grams and cases."""

    number: str
    name: str
    city: Name
    contact: str
    link: str
    lots: str
    on_hand: str
    coming: str
    going: str
    missing: str
    cases: str


@router.get("/staff/recall", response_class=HTMLResponse)
async def recalls(request: Request, who: Staff, q: str = "", after: Token = "") -> Response:
    """A search for the lot to recall, and recalls that stand: of everybody for inspectors, one's own for others."""
    roles = roles_of(request, who)
    if not roles & RECALLERS and not roles & INSPECTORS:
        raise Problem(NO_RECALLS)
    inspection, names = inspection_of(request), names_of(request)
    wrong, rows = "", list[dict[str, Any]]()
    try:
        found = await to_thread.run_sync(inspection.find, require_text(q, LONGEST_QUESTION))
        standings = await to_thread.run_sync(inspection.families.standings, [lot.id for lot in found])
        for lot in found:
            if (standing := standings.get(lot.id)) is None:
                continue
            told, word = names.standing(standing)
            mine = bool(roles & INSPECTORS) or standing.issuer == who.party
            href = f"{root_of(request)}/staff/recall/{path_of(lot)}" if mine else ""
            rows.append(
                {"code": lot.code, "product": names.product(lot), "href": href, "standing": told, "word": word,
                 "by": names.party(standing.issuer)}
            )  # fmt: skip
    except InvalidInput as error:
        wrong = error.violations[0].rule
    if len(rows) == 1 and rows[0]["href"]:
        return RedirectResponse(rows[0]["href"], 303, {"cache-control": "no-store"})
    page, following = await to_thread.run_sync(inspection.open_recalls, after)
    context = {
        "question": q,
        "wrong": wrong,
        "found": rows,
        "recalls": [
            {"code": one.ref.code, "product": names.product(one.ref), "by": names.party(one.by),
             "href": f"{root_of(request)}/staff/recall/{path_of(one.ref)}"}
            for one in page if one.ref is not None and (roles & INSPECTORS or one.by == who.party)
        ],
        "next": "?" + urlencode({"after": following}) if following else "",
    }  # fmt: skip
    return staff_page(request, who, "staff/recalls.html", context, styles=STYLES)


@router.get("/staff/recall/{product}/{lot}", response_class=HTMLResponse)
async def recall(
    request: Request, who: Staff, ref: ProductLot, after: Annotated[str, Query(max_length=120)] = ""
) -> Response:
    """What a recall of the lot reaches, or reached; and the form to sign it, or its end."""
    inspection, names = inspection_of(request), names_of(request)
    standing = await to_thread.run_sync(inspection.standing, ref)
    require_reach(request, who, standing)
    roles = roles_of(request, who)
    reach = await to_thread.run_sync(inspection.reach, ref)
    page = await to_thread.run_sync(lambda: inspection.page(ref, forward=True, token=after))
    rows = await to_thread.run_sync(table_of, inspection, list(page.steps), names, True)
    progress = await to_thread.run_sync(inspection.progress, ref)
    told, word = names.standing(standing)
    may, may_end = can_recall(who.party, roles, standing), can_release(who.party, standing)
    here = f"{root_of(request)}/staff/recall/{path_of(ref)}"
    context = {
        "code": ref.code,
        "product": names.product(ref),
        "standing": told,
        "word": word,
        "issuer": names.party(standing.issuer),
        "inherited": standing.inherited,
        "recalled_by": names.party(standing.recalled_by) if standing.is_recalled else "",
        "lots": names.speak.ngettext("%(count)s lot", "%(count)s lots", reach.lots),
        "sums": _sums(reach, names),
        "parties": [_party_row(one, names) for one in reach.parties],
        "no_contact": sum(1 for one in reach.parties if not _contact(one, names)),
        "rows": rows,
        "next": "?" + urlencode({"after": page.next}) if page.next else "",
        "first": not after,
        "kind": "recall" if may else "release" if may_end else "",
        "lot_text": f"{ref.product:014d}/{ref.code}",
        "progress": progress_json(progress, names),
        "csv": f"{root_of(request)}/staff/inspect/{path_of(ref)}/family.csv",
        "family_links": bool(roles & INSPECTORS),
        "family_page": f"{root_of(request)}/staff/inspect/{path_of(ref)}" if roles & INSPECTORS else "",
        "lot_page": f"{root_of(request)}{lot_path(ref)}",
        "correct": _correct_page(request, ref) if standing.issuer == who.party and not standing.is_recalled else "",
    }
    action = {"lotId": "0x" + ref.id.hex(), "issuer": str(int(who.party))}
    data = {"page": "recall", "progress": f"{here.replace('/staff/', '/staff/api/', 1)}", "expected": action}
    return staff_page(request, who, "staff/recall.html", context, styles=STYLES, scripts=["inspect.js"], data=data)


@router.get("/staff/api/recall/{product}/{lot}")
async def recall_progress(request: Request, who: Staff, ref: ProductLot) -> dict[str, Any]:
    """How far the last recall of the lot, or its end, has come."""
    inspection = inspection_of(request)
    require_reach(request, who, await to_thread.run_sync(inspection.standing, ref))
    return progress_json(await to_thread.run_sync(inspection.progress, ref), names_of(request))


def progress_json(progress: RecallProgress, names: FamilyNames) -> dict[str, Any]:
    """Counts, and what they say in words; `done` where nothing is left to wait for."""
    speak, deed = names.speak, progress.deed
    lots = speak.ngettext("%(count)s lot", "%(count)s lots", progress.lots)
    told = {
        "lots": progress.lots, "recalled": progress.recalled, "waiting": progress.waiting, "done": progress.is_followed,
        "marked": speak(N_("%(recalled)s of %(lots)s are marked as recalled on this service."),
                        recalled=speak.number(progress.recalled), lots=lots),
        "deed": None,
    }  # fmt: skip
    if deed is None:
        return told
    moment = deed.at.astimezone(CHINA_TIME) if isinstance(deed.at, datetime) else deed.at
    told["deed"] = {
        "kind": "release" if deed.is_release else "recall",
        "by": names.party(deed.by),
        "at": speak.minute(moment),
        "reason": deed.reason,
        "state": deed.state.value,
        "stateWords": speak(STATES[deed.state]),
        "refusal": deed.refusal,
    }
    if progress.waiting:
        told["waitingWords"] = speak.ngettext(
            "%(count)s lot still waits for its entry in the shared ledger.",
            "%(count)s lots still wait for their entries in the shared ledger.", progress.waiting,
        )  # fmt: skip
    return told


def _correct_page(request: Request, ref: LotRef) -> str:
    """Where its maker corrects its weight; "" where this service has no such page."""
    if desk_of(request).house is None:
        return ""
    return f"{root_of(request)}/staff/correct?{urlencode({'lot': str(ref)})}"


def _sums(reach: Reach, names: FamilyNames) -> list[tuple[str, str]]:
    speak = names.speak
    rows = [
        (speak(N_("In somebody’s hands")), reach.on_hand),
        (speak(N_("On the road")), reach.on_the_road),
        (speak(N_("Missing on arrival")), reach.missing),
        (speak(N_("Sold outside, destroyed or written off")), reach.gone),
    ]
    return [(word, speak.kilograms(grams)) for word, grams in rows if grams or word == rows[0][0]]


def _contact(reach: PartyReach, names: FamilyNames) -> str:
    known = names.master.parties.get(reach.party)
    return known.contact if known else ""


def _party_row(reach: PartyReach, names: FamilyNames) -> PartyRow:
    speak, known = names.speak, names.master.parties.get(reach.party)
    contact = _contact(reach, names)

    def mass(grams: int) -> str:
        return speak.kilograms(grams) if grams else ""

    return PartyRow(
        f"{reach.party:013d}", names.party(reach.party), text_name(known.city, speak.language) if known else Name(""),
        contact, contact_link(contact) if contact else "",
        speak.ngettext("%(count)s lot", "%(count)s lots", reach.lots),
        mass(reach.on_hand), mass(reach.coming), mass(reach.going), mass(reach.missing), _cases(reach, names),
    )  # fmt: skip


def _cases(reach: PartyReach, names: FamilyNames) -> str:
    """Whole cases of what the party has and what comes to it; "" where that is not told by weight."""
    cases = 0
    for product, grams in reach.products.items():
        known = names.master.products.get(product)
        if known is None or known.bulk_of or grams % known.net_grams:
            return ""
        cases += grams // known.net_grams
    return names.speak.ngettext("%(count)s case", "%(count)s cases", cases) if cases else ""
