"""
The page on which a workbook is looked through before it is recorded, and `POST /staff/api/workbook` behind it.

The body is the file. The answer shows every row and, where all rows are right, the drafts of their events, which the
browser signs one by one and hands in in order. Nothing of the file is kept here.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.localization import N_, Words, language_of, words
from api.problem_details import Kind, Problem
from api.rule_phrases import RULES
from api.staff.access import SAME_ORIGIN, SignedIn, Staff, desk_of
from api.staff.drafts import NO_DRAFTS
from api.staff.frame import staff_page
from api.staff.house import SCRIPT, STYLE, names_of, script_data
from ledger.domain.imports.cells import RowError
from ledger.services.drafts import Actor
from ledger.services.workbook_preview import Preview, PreviewedRow, WorkbookPreview

MOST_BYTES = 4 * 1024 * 1024
TOO_LARGE = Kind(
    "workbook-too-large", 413, N_("This workbook is too large"),
    N_("A workbook has at most 4 MB here. Split it, or ask the operator to import it."),
)  # fmt: skip
router = APIRouter(include_in_schema=False)


@router.get("/staff/workbook", response_class=HTMLResponse)
def workbook(request: Request, who: Staff) -> Response:
    """Chooses a workbook, shows its rows, records them."""
    names = names_of(request)
    data = script_data(request, names, "workbook")
    return staff_page(request, who, "staff/workbook.html", {}, styles=(STYLE,), scripts=(SCRIPT,), data=data)


@router.post("/staff/api/workbook", dependencies=[SAME_ORIGIN])
async def preview(request: Request, who: Staff) -> dict[str, Any]:
    """Every row of the workbook, for the session's party; nothing is recorded."""
    reader = desk_of(request).workbooks
    if reader is None:
        raise Problem(NO_DRAFTS)
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_BYTES:
            raise Problem(TOO_LARGE)
    found = await to_thread.run_sync(_preview, reader, bytes(data), who)
    return preview_json(found, words(language_of(request)))


def _preview(reader: WorkbookPreview, data: bytes, who: SignedIn) -> Preview:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "workbook.xlsx"
        file.write_bytes(data)
        return reader.preview(file, Actor(who.party, who.person.id, who.person.name, who.key_id))


def preview_json(found: Preview, speak: Words) -> dict[str, Any]:
    """As `api/web/staff/forms/workbook.ts` reads it."""
    lots = {ref for draft in found.drafts for ref in draft.lots}
    return {
        "rows": [_row_json(row, speak) for row in found.rows],
        "wrong": found.wrong,
        "drafts": [draft.to_json() for draft in found.drafts],
        "lots": {"0x" + ref.id.hex(): {"code": ref.code, "product": str(int(ref.product))} for ref in lots},
        "ignored": list(found.ignored),
    }


def _row_json(row: PreviewedRow, speak: Words) -> dict[str, Any]:
    return {
        "sheet": row.sheet,
        "row": row.row,
        "drafts": list(row.drafts),
        "repeated": row.repeated,
        "errors": [_error_json(error, speak) for error in row.errors],
    }


def _error_json(error: RowError, speak: Words) -> dict[str, str]:
    text = RULES.get(error.rule)
    place = f"{error.column}{error.row}" if error.column else ""
    told = {"field": place, "rule": error.rule, "value": error.value, "message": error.message}
    return told | {"text": speak(text) if text else error.message}
