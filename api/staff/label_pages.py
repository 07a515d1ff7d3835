"""
Labels and reports for those who hold goods: `/staff/serials` and `/staff/reports`, forms without scripts.

A form carries the session's token in a field of its own, and the Origin header has to be ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.localization import N_, Words, language_of, words
from api.problem_details import Problem
from api.routes.lots import parse_after
from api.rule_phrases import RULES
from api.staff.access import NO_STAFF_PAGES, OTHER_SITE, SignedIn, Staff, desk_of, require_own_origin
from api.staff.frame import party_name, staff_page
from api.views.answer import city_of_party
from api.views.label_words import KINDS
from api.views.names import lot_path, text_name
from ledger.domain.cities import CITIES
from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.label_reports import Report
from ledger.domain.master_data import MasterData
from ledger.domain.master_data import Role as PartyRole
from ledger.domain.serials import Alarm, Day, Scan, Sign
from ledger.services.label_desk import LabelDesk, LotLabels, SerialRow

router = APIRouter(include_in_schema=False)
STYLES = ("staff_labels.css",)
MOST_ROWS = 300

ALARMS = {
    Sign.PLACES: N_("seen in %(count)s cities by %(day)s"),
    Sign.OFTEN: N_("scanned %(count)s times by %(day)s"),
    Sign.SOLD: N_("still seen on %(day)s, after its sale"),
}
NOT_SOLD = N_("No unsold case of a lot of yours has this label.")


def signed_form(request: Request, who: Staff, token: Annotated[str, Form(max_length=200)] = "") -> SignedIn:
    """Who sent the form: from our own page, with the token of the session."""
    require_own_origin(request)
    if token != who.form_token:
        raise Problem(OTHER_SITE)
    return who


SignedForm = Annotated[SignedIn, Depends(signed_form)]


@router.get("/staff/serials", response_class=HTMLResponse)
async def serials_page(
    request: Request,
    who: Staff,
    lot: Annotated[str, Query(max_length=60)] = "",
    sold: Annotated[str, Query(max_length=90)] = "",
) -> Response:
    """Lots with serials and their alarms; with `lot` the labels of one."""
    return await _serials(request, who, lot, sold=sold)


@router.post("/staff/serials", response_class=HTMLResponse)
async def mark_sold(request: Request, who: SignedForm, link: Annotated[str, Form(max_length=300)] = "") -> Response:
    """The case with the label of that link was sold, in the party's city."""
    master = await run_in_threadpool(_master, request)
    speak = words(language_of(request))
    try:
        lot, number = await run_in_threadpool(_desk(request).sold, link, who.party, city_of_party(who.party, master))
    except InvalidInput as error:
        rule = error.violations[0].rule
        return await _serials(request, who, "", wrong=speak(RULES[rule]), link=link, status=400)
    except NotFound:
        return await _serials(request, who, "", wrong=speak(NOT_SOLD), link=link, status=404)
    return RedirectResponse(f"/staff/serials?sold={lot.code}%20·%20{number}", 303, {"cache-control": "no-store"})


@router.get("/staff/reports", response_class=HTMLResponse)
async def reports_page(request: Request, who: Staff) -> Response:
    """What readers of labels report."""
    master = await run_in_threadpool(_master, request)
    found = await run_in_threadpool(_desk(request).reports, who.party, sees_all=sees_all(request, who))
    speak = words(language_of(request))
    told = [_report(report, master, speak) for report in found]
    context = {
        "open": [report for report in told if not report["done"]],
        "done": [report for report in told if report["done"]],
        "token": who.form_token,
    }
    return with_form(staff_page(request, who, "staff/reports.html", context, styles=STYLES))


@router.post("/staff/reports", response_class=HTMLResponse)
async def report_done(request: Request, who: SignedForm, report: Annotated[str, Form(max_length=64)] = "") -> Response:
    """Somebody saw to the report."""
    await run_in_threadpool(_desk(request).report_done, report, who.party, sees_all=sees_all(request, who))
    return RedirectResponse("/staff/reports", 303, {"cache-control": "no-store"})


async def _serials(
    request: Request,
    who: SignedIn,
    lot: str,
    *,
    sold: str = "",
    wrong: str = "",
    link: str = "",
    status: int = 200,
) -> Response:
    desk, speak = _desk(request), words(language_of(request))
    master = await run_in_threadpool(_master, request)
    ref, everything = parse_after(lot), sees_all(request, who)
    shown: dict[str, Any] | None = None
    lots: list[dict[str, Any]] = []
    if ref is not None:
        shown = _lot(await run_in_threadpool(desk.lot, ref, who.party, sees_all=everything), master, speak, rows=True)
    else:
        found = await run_in_threadpool(desk.lots, who.party, sees_all=everything)
        lots = [_lot(each, master, speak, rows=False) for each in found]
    context = {
        "lot": shown,
        "lots": lots,
        "token": who.form_token,
        "sold": sold,
        "wrong": wrong,
        "link": link,
        "rule": desk.labels.rule,
        "party": party_name(request, who.party),
    }
    return with_form(staff_page(request, who, "staff/serials.html", context, status=status, styles=STYLES))


def with_form(response: Response) -> Response:
    """Without a referrer a browser says "null" for where a form stood that no script sends."""
    response.headers["referrer-policy"] = "same-origin"
    return response


def _desk(request: Request) -> LabelDesk:
    desk = desk_of(request).label_desk
    if desk is None:
        raise Problem(NO_STAFF_PAGES)
    return desk


def _master(request: Request) -> MasterData:
    return _desk(request).store.master_data()


def sees_all(request: Request, who: SignedIn) -> bool:
    """Whether the party looks after everybody's goods."""
    return bool(desk_of(request).party_roles(who.party) & PartyRole.REGULATOR)


def _lot(labels: LotLabels, master: MasterData, speak: Words, *, rows: bool) -> dict[str, Any]:
    product = master.products.get(labels.lot.product)
    unissued = sum(scan.count for scan in labels.unissued)
    return {
        "name": text_name(product.name, speak.language) if product else None,
        "code": labels.lot.code,
        "key": str(labels.lot),
        "page": lot_path(labels.lot),
        "issued": len(labels.rows),
        "alarms": labels.alarms,
        "scans": labels.scans,
        "unissued": unissued,
        "rows": [_row(row, speak) for row in labels.rows[:MOST_ROWS]] if rows else [],
        "left_out": max(0, len(labels.rows) - MOST_ROWS) if rows else 0,
    }


def _row(row: SerialRow, speak: Words) -> dict[str, Any]:
    sold = row.serial.sold
    return {
        "number": speak.number(row.serial.number),
        "scans": _seen(row.scans, speak),
        "alarms": [_alarm(alarm, speak) for alarm in row.alarms],
        "sold": "" if sold is None else _where(sold.day, sold.city, speak),
    }


def _alarm(alarm: Alarm, speak: Words) -> str:
    return speak(ALARMS[alarm.sign], count=speak.number(alarm.count), day=speak.day(alarm.day))


def _seen(scans: Sequence[Scan], speak: Words) -> list[str]:
    """A line a day and city, newest first, with how often."""
    newest = sorted(scans, key=lambda scan: (-scan.day, scan.city))
    return [f"{_where(scan.day, scan.city, speak)} ×\u00a0{speak.number(scan.count)}" for scan in newest[:12]]


def _where(day: Day, city: str, speak: Words) -> str:
    known = CITIES.get(city)
    place = str(text_name(known.name, speak.language)) if known else speak(N_("city not known"))
    return speak.joined([speak.day(day), place])


def _report(report: Report, master: MasterData, speak: Words) -> dict[str, Any]:
    product = master.products.get(report.lot.product)
    return {
        "id": report.id,
        "kind": speak(KINDS[report.kind]),
        "text": report.text,
        "name": text_name(product.name, speak.language) if product else None,
        "code": report.lot.code,
        "page": lot_path(report.lot),
        "number": "" if report.number is None else speak.number(report.number),
        "when": _where(report.day, report.city, speak),
        "done": report.done,
    }
