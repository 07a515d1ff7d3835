"""
Labels with serials from `/staff/labels`: for the party that packed the lot, never more than the cases that it packed.

Serials cannot be had again, so that the file is handed over once, as a download. A form that is sent twice makes them
once: it says how many the lot had when the page was opened.
"""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from api.control.labelling import cases_of
from api.dependencies import services_of
from api.localization import LANGUAGES, N_, Words, language_of, words
from api.problem_details import Problem
from api.rule_phrases import RULES
from api.staff.access import SignedIn, desk_of
from api.staff.house import FORMATS, NO_HOUSE, NOT_YOURS, SerialForm, labels_page
from api.staff.label_pages import SignedForm
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import LotRef
from ledger.services.label_desk import LabelDesk
from ledger.services.label_facts import facts_of
from ledger.services.lot_text import new_lot_of_text

NO_NUMBER = N_("Say how many cases get one: a whole number, at least 1.")
MADE_SINCE = N_("Labels of this lot were made since this page was opened. Is this still the number that you need?")
router = APIRouter(include_in_schema=False)
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Wrong(Exception):
    """What is said at the field, and the status of the page."""

    text: str
    status: int = 400


@router.post("/staff/labels", response_class=HTMLResponse)
def labels_with_serials(
    request: Request,
    who: SignedForm,
    lot: Annotated[str, Form(max_length=80)] = "",
    serials: Annotated[str, Form(max_length=20)] = "",
    form: Annotated[str, Form(alias="format", max_length=20)] = FORMATS[0],
    language: Annotated[list[str] | None, Form(max_length=3)] = None,
) -> Response:
    """The labels of so many cases as PDF, each with a serial of its own; what is wrong stands at the field."""
    desk = desk_of(request)
    if desk.labels is None or desk.label_desk is None or form not in FORMATS:
        raise Problem(NO_HOUSE)
    speak = words(language_of(request))
    name, _, seen = lot.partition(" ")
    ref = new_lot_of_text(name)
    spoken = [code for code in language or [language_of(request)] if code in LANGUAGES]
    try:
        # Two of them at once would both find the number that their page saw.
        with _one_at_a_time:
            count = _count(request, who, desk.label_desk, ref, seen, serials)
            made = desk.labels(
                {
                    "format": form, "type": "pdf", "lots": [str(ref)], "files": [], "languages": spoken or ["zh"],
                    "copies": 1, "per_case": False, "skip": 0, "serials": count,
                }
            )  # fmt: skip
    except InvalidInput as error:
        rule = error.violations[0].rule
        text = speak(RULES[rule])
        if rule == "label.serials-cases":
            text = f"{text} {_room(request, desk.label_desk, ref, speak)}"
        return labels_page(request, who, SerialForm(name, serials, form, text), status=400)
    except _Wrong as wrong:
        return labels_page(request, who, SerialForm(name, serials, form, speak(wrong.text)), status=wrong.status)
    file = f"labels-{''.join(letter if letter.isalnum() else '-' for letter in ref.code)}.pdf"
    headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{file}"'}
    return Response(base64.b64decode(made["files"][0]["data"]), media_type="application/pdf", headers=headers)


def _count(request: Request, who: SignedIn, desk: LabelDesk, ref: LotRef, seen: str, text: str) -> int:
    packed = dict(desk.packed([ref], who.party))
    if ref not in packed:
        raise Problem(NOT_YOURS)
    if not (text.isascii() and text.isdigit() and int(text)):
        raise _Wrong(NO_NUMBER)
    if seen != str(packed[ref]):
        raise _Wrong(MADE_SINCE, 409)
    return int(text)


def _room(request: Request, desk: LabelDesk, ref: LotRef, speak: Words) -> str:
    """How many more there can be."""
    store = services_of(request).store
    room = max(0, cases_of(facts_of(desk.store, ref), store.master_data()) - desk.labels.store.issued(ref.id))
    return speak.ngettext(
        "%(count)s case of this lot has no serial yet.", "%(count)s cases of this lot have no serial yet.", room
    )
