"""
The inspector's pages: find a lot, see its family as a drawing and as a table, take it away as CSV.

The table is the drawing for whoever does not see it, and has every lot: page by page, nearest first.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from api.dependencies import services_of
from api.localization import language_of, words
from api.routes.lot_refs import ProductLot
from api.routes.traces import Direction
from api.staff.access import Staff
from api.staff.family_view import FamilyNames, Row, graph_view, path_of, rows_of
from api.staff.frame import staff_page
from api.staff.inspecting import Inspector, inspection_of, require_reach, roles_of
from api.views.names import lot_path, resource_path, text_name
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import LotId, LotRef, PartyId
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.paging import LONGEST_TOKEN
from ledger.services.follow import Step
from ledger.services.inspection import Inspection, can_recall, can_release, require_text

STYLES = ("inspect.css",)
LONGEST_QUESTION = 300
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CSV_PAGE = 1000
router = APIRouter(include_in_schema=False)

Token = Annotated[str, Query(max_length=LONGEST_TOKEN)]


@router.get("/staff/inspect", response_class=HTMLResponse)
async def inspect(request: Request, who: Inspector, q: str = "", after: Token = "") -> Response:
    """A search by what stands on a label, and the recalls that stand."""
    inspection, names = inspection_of(request), names_of(request)
    wrong, found = "", []
    try:
        found = await to_thread.run_sync(inspection.find, require_text(q, LONGEST_QUESTION))
    except InvalidInput as error:
        wrong = error.violations[0].rule
    recalls, following = await to_thread.run_sync(inspection.open_recalls, after)
    standings = await to_thread.run_sync(inspection.families.standings, [lot.id for lot in found])
    context = {
        "question": q,
        "wrong": wrong,
        "found": [_found_row(lot, names, standings.get(lot.id)) for lot in found],
        "recalls": [
            {"code": one.ref.code, "product": names.product(one.ref), "by": names.party(one.by),
             "href": f"{root_of(request)}/staff/recall/{path_of(one.ref)}"}
            for one in recalls if one.ref is not None
        ],
        "next": "?" + urlencode({"after": following}) if following else "",
        "may_certify": bool(roles_of(request, who) & PartyRole.CERTIFIER),
    }  # fmt: skip
    return staff_page(request, who, "staff/inspect.html", context, styles=STYLES)


@router.get("/staff/inspect/{product}/{lot}", response_class=HTMLResponse)
async def family(
    request: Request, who: Inspector, ref: ProductLot, direction: Direction = Direction.FORWARD, after: Token = ""
) -> Response:
    """The family of a lot."""
    inspection, names = inspection_of(request), names_of(request)
    standing = await to_thread.run_sync(inspection.standing, ref)
    graph = await to_thread.run_sync(inspection.graph, ref)
    forward = direction is Direction.FORWARD
    page = await to_thread.run_sync(lambda: inspection.page(ref, forward=forward, token=after))
    rows = await to_thread.run_sync(table_of, inspection, list(page.steps), names, forward)
    here = f"{root_of(request)}/staff/inspect/{path_of(ref)}"
    told, word = names.standing(standing)
    roles = roles_of(request, who)
    may = can_recall(who.party, roles, standing) or can_release(who.party, standing)
    context = {
        "code": ref.code,
        "product": names.product(ref),
        "standing": told,
        "word": word,
        "amount": names.speak.kilograms(standing.grams),
        "issuer": names.party(standing.issuer),
        "graph": graph_view(graph, names),
        "rows": rows,
        "total": page.total,
        "forward": forward,
        "back_href": f"{here}?direction=back",
        "forward_href": here,
        "next": "?" + urlencode({"direction": direction.value, "after": page.next}) if page.next else "",
        "first": not after,
        "csv": f"{here}/family.csv?direction={direction.value}",
        "records": f"{here}/records.xlsx",
        "json": f"{root_of(request)}{resource_path(ref)}/trace?direction={direction.value}",
        "lot_page": f"{root_of(request)}{lot_path(ref)}",
        "recall": f"{root_of(request)}/staff/recall/{path_of(ref)}" if may or standing.is_recalled else "",
    }
    return staff_page(request, who, "staff/family.html", context, styles=STYLES, scripts=["inspect.js"])


@router.get("/staff/inspect/{product}/{lot}/family.csv")
async def family_csv(
    request: Request, who: Staff, ref: ProductLot, direction: Direction = Direction.FORWARD
) -> Response:
    """All of the lot's family with who has it and how they are reached: a row for each lot and place."""
    inspection, names = inspection_of(request), names_of(request)
    standing = await to_thread.run_sync(inspection.standing, ref)
    require_reach(request, who, standing, back=direction is Direction.BACK)
    lines = _csv_lines(inspection, ref, names, forward=direction is Direction.FORWARD)
    name = f"{ref.product:014d}-{ref.code}-{direction.value}.csv".replace("/", "_").replace('"', "_")
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/staff/inspect/{product}/{lot}/records.xlsx")
async def records(request: Request, who: Inspector, ref: ProductLot) -> Response:
    """The 24-hour spreadsheet of the lot's family."""
    from ledger.adapters.tracking_workbook import tracking_workbook  # much memory, for those that export

    inspection = inspection_of(request)
    await to_thread.run_sync(inspection.standing, ref)
    rows = await to_thread.run_sync(inspection.records, ref)
    data = await to_thread.run_sync(tracking_workbook, rows)
    name = f"{ref.product:014d}-{ref.code}-records.xlsx".replace("/", "_").replace('"', "_")
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(data, media_type=XLSX, headers=headers)


def names_of(request: Request) -> FamilyNames:
    """Names in the reader's language."""
    master = services_of(request).store.master_data()
    return FamilyNames(master, words(language_of(request)), root_of(request))


def root_of(request: Request) -> str:
    """The path under which a proxy has this service."""
    return str(request.scope.get("root_path", ""))


def _found_row(lot: LotRef, names: FamilyNames, standing: Any) -> dict[str, Any]:
    told, word = names.standing(standing)
    return {"code": lot.code, "product": names.product(lot), "href": names.href(lot), "standing": told, "word": word}


def table_of(inspection: Inspection, steps: list[Step], names: FamilyNames, forward: bool) -> list[Row]:
    """The rows of a page of a trace."""
    lots = [step.id for step in steps]
    store = inspection.families
    return rows_of(
        steps, store.standings(lots), store.held(lots), store.on_the_road(lots), names, forward=forward
    )  # fmt: skip


_COLUMNS = (
    "distance", "product", "lot", "product_name", "lot_id", "made_grams", "recalled_by", "where", "party", "party_name",
    "city", "contact", "grams", "from", "reference",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Place:
    what: str
    party: PartyId
    grams: int
    sender: str = ""
    reference: str = ""


def _csv_lines(inspection: Inspection, ref: LotRef, names: FamilyNames, *, forward: bool) -> Iterator[str]:
    """In pieces of a thousand lots. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    yield "\ufeff" + _line(_COLUMNS)
    token, first = "", True
    while token or first:
        page = inspection.page(ref, forward=forward, token=token, limit=_CSV_PAGE)
        lots = [step.id for step in page.steps]
        store = inspection.families
        standings = store.standings(lots)
        places: dict[LotId, list[_Place]] = {}
        for had in store.held(lots):
            places.setdefault(had.lot, []).append(_Place("held", had.party, had.grams))
        for sent in store.on_the_road(lots):
            what = "missing" if sent.missing else "on the road"
            place = _Place(what, sent.receiver, sent.grams, f"{sent.shipper:013d}", sent.reference)
            places.setdefault(sent.lot, []).append(place)
        for step in page.steps:
            standing = standings.get(step.id)
            recalled = f"{standing.recalled_by:013d}" if standing and standing.is_recalled else ""
            made = standing.grams if standing else ""
            about = (
                step.depth, f"{step.lot.product:014d}" if step.lot else "", step.lot.code if step.lot else "",
                names.product(step.lot), "0x" + step.id.hex(), made, recalled,
            )  # fmt: skip
            for there in places.get(step.id, ()):
                known = names.master.parties.get(there.party)
                city = text_name(known.city, names.speak.language) if known else ""
                who = (f"{there.party:013d}", names.party(there.party), city, known.contact if known else "")
                yield _line((*about, there.what, *who, there.grams, there.sender, there.reference))
            if step.id not in places:
                yield _line((*about, "nowhere", *[""] * 7))
        token, first = page.next, False


def _line(cells: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_cell(cell) for cell in cells])
    return out.getvalue()


def _cell(value: object) -> str:
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
