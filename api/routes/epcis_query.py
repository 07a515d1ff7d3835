"""
Events for programs, as the EPCIS 2.0 REST interface has it: searched page by page, or one by its eventID.

The answer is an `EPCISQueryDocument` with the events as they were signed: what is sealed stays sealed. Events that
correct others are events of their own and are found beside them; nothing is taken out.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import JSONResponse, Response

from api.catalogues import N_
from api.dependencies import services_of
from api.event_parameters import MOST_PER_PAGE, PARAMETERS, PER_PAGE, read_request, token_of_place
from api.middleware import segment
from api.problem_details import Kind, problem
from api.routes.lot_refs import PROBLEMS
from ledger.domain.event_forms import STANDARD_CONTEXT
from ledger.domain.own_members import NAMESPACE
from ledger.ports_questions import EventQuestion, FoundEvent, Questions
from ledger.services.follow import published

router = APIRouter(prefix="/epcis", tags=["events"])
_HEADERS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "link",
    "cache-control": "no-store",
    "gs1-epcis-version": "2.0.0",
    "gs1-cbv-version": "2.0.0",
    "gs1-extensions": f"silkroot={NAMESPACE}",
}
_DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {"description": "An EPCISQueryDocument", "content": {"application/json": {"schema": {"type": "object"}}}},
    **PROBLEMS,
}
_ABOUT = {
    "GE_eventTime": "happened at that time or later (ISO 8601 with a zone)",
    "LT_eventTime": "happened before that time",
    "eventType": "ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent or AssociationEvent",
    "EQ_bizStep": "business step: a word of the CBV, or a URI",
    "EQ_readPoint": "where it was seen",
    "EQ_bizLocation": "where it is since",
    "MATCH_anyEPCClass": "names the lot: a Digital Link with AI 01 and 10, or an lgtin URN",
    "EQ_silkroot:party": "the party that acted and signed: its GLN or number",
    "EQ_eventID": "eventID",
    "EXISTS_errorDeclaration": "true: error declarations only",
    "perPage": f"events on a page, to {MOST_PER_PAGE}",
    "nextPageToken": "the page behind the one whose Link header gave this",
}
_SCHEMAS: dict[str, dict[str, Any]] = {
    "GE_eventTime": {"type": "string", "format": "date-time"},
    "LT_eventTime": {"type": "string", "format": "date-time"},
    "EXISTS_errorDeclaration": {"type": "boolean"},
    "perPage": {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE},
}
_QUERY = [
    {"name": name, "in": "query", "required": False, "description": _ABOUT[name],
     "schema": _SCHEMAS.get(name, {"type": "string"})}
    for name in PARAMETERS
]  # fmt: skip
NO_SUCH_EVENT = Kind(
    "unknown-event", 404, N_("Nobody recorded this event here"), N_("Compare the eventID, and escape what is in it.")
)


@router.get(
    "/events",
    response_class=Response,
    responses=_DOCUMENT,
    openapi_extra={"parameters": _QUERY},
    summary="Events by time, place, party, lot and business step",
)
def search_events(request: Request) -> Response:
    """By time and then in order of recording. The next page's address is in the Link header (rel="next")."""
    asked = read_request(request.query_params.multi_items())
    found = _questions(request).events(asked.question, asked.after, asked.per_page + 1)
    page = found[: asked.per_page]
    headers = dict(_HEADERS)
    if len(found) > asked.per_page:
        following = request.url.include_query_params(nextPageToken=token_of_place(page[-1].place))
        headers["link"] = f'<{following.path}?{following.query}>; rel="next"'
    return JSONResponse(query_document(page), headers=headers)


@router.get("/events/{eventID}", response_class=Response, responses=_DOCUMENT, summary="One event by its eventID")
def one_event(
    request: Request, eventID: Annotated[str, Path(description="as it was recorded, escaped: / is %2F, ? is %3F")]
) -> Response:
    """The event, and the error declarations that name it."""
    event_id = segment(request, "eventID")
    found = _questions(request).events(EventQuestion(event_ids=(event_id,)), None, MOST_PER_PAGE)
    if not found:
        return problem(request, NO_SUCH_EVENT)
    return JSONResponse(query_document(found), headers=_HEADERS)


def query_document(found: Sequence[FoundEvent]) -> dict[str, Any]:
    """The answer to a query, as EPCIS 2.0 writes it."""
    now = datetime.fromtimestamp(time.time(), UTC)
    return {
        "@context": [STANDARD_CONTEXT, {"silkroot": NAMESPACE}],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": now.isoformat(timespec="milliseconds"),
        "epcisBody": {
            "queryResults": {
                "queryName": "SimpleEventQuery",
                "resultsBody": {"eventList": [published(one.event) for one in found]},
            }
        },
    }


def _questions(request: Request) -> Questions:
    questions = services_of(request).questions
    if questions is None:
        raise HTTPException(404)
    return questions
