"""
The capture interface of EPCIS 2.0 (its REST binding): events of a party, sent by a system with an API key.

Whatever is answered with 2xx is on disk. `docs/capture.md` tells it to who connects a system. Errors are problems
(RFC 9457): 400 for what is no document, 401 and 403 for a key that is missing or not good for it, 408, 413, 415, and
429 with `Retry-After` where there is no place. Events that are refused are told in the job of their document.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import ClientDisconnect

from api.capture_desk import CaptureDesk
from api.capture_gate import BadEncoding, Busy, Place, TooLarge, TooSlow
from api.dependencies import services_of
from api.localization import N_
from api.problem_details import INVALID, PROBLEM_SCHEMA, Kind, Problem
from api.routes.epcis_json import CaptureJobBody, CaptureJobsBody, job_json
from api.routes.rpc import TOO_LONG, TOO_MANY
from ledger.domain.api_keys import ApiAction, ApiKey
from ledger.domain.capture_job import CaptureJob, JobPlace
from ledger.domain.errors import InvalidInput, Violation, WorkerLost
from ledger.services.api_keys import Unauthenticated
from ledger.services.capture import CONFLICT
from ledger.services.documents import MOST_EVENTS, NotAllowed, TooMuch

UNAUTHENTICATED = Kind(
    "unauthenticated", 401, N_("This needs an API key"),
    N_("Send Authorization: Bearer silkroot_…; the operator makes a key with `silkroot key create`."),
)  # fmt: skip
FORBIDDEN = Kind("forbidden", 403, N_("This key is not good for that"), N_("See which rule it breaks below."))
PLAIN_HTTP = Kind(
    "plain-http", 403, N_("Not over plain HTTP"),
    N_(
        "Anybody on the way can read the key that you sent: have it revoked, and use HTTPS. The operator may allow it"
        " with SILKROOT_ALLOW_PLAIN_CAPTURE=1."
    ),
)  # fmt: skip
TOO_SLOW = Kind("too-slow", 408, N_("The document did not arrive in time"), N_("Send it again, or in smaller parts."))
UNSUPPORTED = Kind(
    "unsupported-media-type", 415, N_("This kind of document is not read here"),
    N_("Send JSON (application/json or application/ld+json), as it is or with Content-Encoding: gzip."),
)  # fmt: skip
CONFLICTING = Kind(
    "event-exists", 409, N_("Another event has this eventID"), N_("Send the event as it was, or with another eventID.")
)
NO_SUCH_JOB = Kind("unknown-capture-job", 404, N_("There is no such capture job"), N_("Jobs are kept for 30 days."))
INTERRUPTED = Kind(
    "interrupted", 503, N_("The work on this document was cut off"),
    N_("Nothing of it was recorded. Send it again."),
)  # fmt: skip
NOT_OFFERED = Kind("not-offered", 503, N_("No events are taken here"), N_("Ask whoever runs this service."))

_VERSIONS = {"GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0"}
_HEADERS = {**_VERSIONS, "cache-control": "no-store"}
_MOST_TOLD = 100
_CLOSE = {"connection": "close"}
_MEDIA = ("application/json", "application/ld+json")
_PROBLEM: dict[str, Any] = {**PROBLEM_SCHEMA}


def _problems(*codes: int) -> dict[int | str, dict[str, Any]]:
    return dict.fromkeys((400, 401, 403, 500, 503, *codes), _PROBLEM)


_SENT = {
    "requestBody": {
        "required": True,
        "description": f"An EPCISDocument of at most {MOST_EVENTS} events, or a single event",
        "content": {media: {"schema": {"type": "object"}} for media in _MEDIA},
    }
}
_JSON: dict[str, Any] = {"content": {"application/json": {"schema": {"type": "object"}}}}
router = APIRouter(prefix="/epcis", tags=["capture"])
_bearer = HTTPBearer(auto_error=False, scheme_name="API key", description="silkroot_…, of `silkroot key create`")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
Behaviour = Annotated[
    str,
    Header(
        alias="GS1-Capture-Error-Behaviour",
        description="Whether one refused event refuses all, or the others are recorded",
        pattern="^(rollback|proceed)$",
    ),
]
JobId = Annotated[str, Path(alias="captureID", pattern="^[0-9a-f]{32}$")]


@router.post(
    "/capture", status_code=202, response_class=Response, openapi_extra=_SENT,
    responses={202: {"model": CaptureJobBody, "description": "On disk; the body is empty unless it is preferred"},
               **_problems(408, 413, 415, 429)},
    summary="Send events",
)  # fmt: skip
async def capture(
    request: Request, credentials: Credentials, behaviour: Behaviour = "rollback",
    prefer: Annotated[str, Header(description="return=representation: the job comes along")] = "",
) -> Response:  # fmt: skip
    """
    Records the events of an EPCIS document for the key's party; events that come signed may be anybody's. The job at
    `Location` has ended by then.
    """
    desk, key = await _authorised(request, credentials, ApiAction.CAPTURE)
    async with _document(request, desk, key) as (place, body), place.turn():
        job = await desk.gate.taken_apart(_take, desk, body, key, behaviour == "rollback")
    desk.wake()
    headers = {**_HEADERS, "location": f"/epcis/capture/{job.id}"}
    if "return=representation" not in prefer.replace(" ", "").lower():
        return Response(status_code=202, headers=headers)
    told = await asyncio.to_thread(_told, desk, job)
    return Response(told, 202, {**headers, "preference-applied": "return=representation"}, "application/json")


@router.get(
    "/capture", response_class=Response, responses={200: {"model": CaptureJobsBody}, **_problems()},
    summary="Capture jobs of the key's party",
)  # fmt: skip
async def capture_jobs(
    request: Request, credentials: Credentials,
    per_page: Annotated[int, Query(alias="perPage", ge=1, le=100)] = 30,
    next_page: Annotated[str, Query(alias="nextPageToken", max_length=60)] = "",
) -> Response:  # fmt: skip
    """Newest first, without their events and errors; the link `next` leads to older ones."""
    desk, key = await _authorised(request, credentials, ApiAction.READ_JOBS)
    after = JobPlace.parse(next_page) if next_page else None
    found = await asyncio.to_thread(desk.jobs.jobs, key.party, after, per_page + 1)
    shown, headers = found[:per_page], dict(_HEADERS)
    if len(found) > per_page:
        token = shown[-1].place.token
        headers["link"] = f'</epcis/capture?perPage={per_page}&nextPageToken={token}>; rel="next"'
    jobs = [job_json(job) for job in shown]
    return Response(orjson.dumps({"captureJobs": jobs}), headers=headers, media_type="application/json")


@router.get(
    "/capture/{captureID}", response_class=Response,
    responses={200: {"model": CaptureJobBody}, **_problems(404)}, summary="A capture job",
)  # fmt: skip
async def capture_job(request: Request, credentials: Credentials, job_id: JobId) -> Response:
    """What became of a document: its recorded events, each with the log's signed receipt, and what was refused."""
    desk, key = await _authorised(request, credentials, ApiAction.READ_JOBS)
    job = await asyncio.to_thread(desk.jobs.job, job_id, key.party)
    if job is None:
        raise Problem(NO_SUCH_JOB)
    return Response(await asyncio.to_thread(_told, desk, job), headers=_HEADERS, media_type="application/json")


@router.post(
    "/events", status_code=201, response_class=Response, openapi_extra=_SENT,
    responses={201: {"description": "On disk; `Location` is the event's"}, **_problems(408, 409, 413, 415, 429)},
    summary="Send one event",
)  # fmt: skip
async def create_event(request: Request, credentials: Credentials) -> Response:
    """Records one event, with its own `@context`, for the key's party, or for its signer if it comes signed."""
    desk, key = await _authorised(request, credentials, ApiAction.CAPTURE)
    async with _document(request, desk, key) as (place, body), place.turn():
        with _refusals():
            result = await desk.gate.taken_apart(desk.jobs.take_one, body.pop(), key)
    if result.record is None:
        taken = any(violation.rule == CONFLICT for violation in result.violations)
        raise Problem(CONFLICTING if taken else INVALID, violations=result.violations)
    desk.wake()
    location = f"/epcis/events/{quote(result.record.event_id, safe='')}"
    return Response(status_code=201, headers={**_HEADERS, "location": location})


def _desk(request: Request) -> CaptureDesk:
    desk = services_of(request).capture
    if desk is None:
        raise Problem(NOT_OFFERED)
    return desk


async def _authorised(
    request: Request, credentials: HTTPAuthorizationCredentials | None, action: ApiAction
) -> tuple[CaptureDesk, ApiKey]:
    desk = _desk(request)
    unauthenticated = Problem(UNAUTHENTICATED, headers={"www-authenticate": "Bearer", **_CLOSE})
    if credentials is None:
        raise unauthenticated
    if not desk.is_private(request):
        # Before the key is looked at, so that nobody learns here whether it is a good one.
        raise Problem(PLAIN_HTTP, headers=_CLOSE)
    try:
        key = await asyncio.to_thread(desk.keys.authenticate, credentials.credentials)
    except Unauthenticated:
        raise unauthenticated from None
    if not key.may(action):
        message = f"this key is good for: {', '.join(sorted(key.actions))}"
        raise Problem(FORBIDDEN, violations=(Violation("key", "key.action", action, message),), headers=_CLOSE)
    return desk, key


@asynccontextmanager
async def _document(request: Request, desk: CaptureDesk, key: ApiKey) -> AsyncIterator[tuple[Place, list[bytes]]]:
    """
    A place, and the body in it; problems for all that may be wrong with either. The body is in a list, so that whoever
    takes it out is the only one who keeps it in memory.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in _MEDIA:
        raise Problem(UNSUPPORTED, headers={"accept": ", ".join(_MEDIA), **_CLOSE})
    try:
        async with desk.gate.place(key.id) as place:
            yield place, [await place.body(request)]
    except Busy as busy:
        raise Problem(TOO_MANY, headers={"retry-after": str(busy.seconds), **_CLOSE}) from None
    except TooLarge:
        limit = desk.gate.limits.document_bytes
        raise Problem(TOO_LONG, f"A document has at most {limit} bytes, decompressed.", headers=_CLOSE) from None
    except TooSlow:
        raise Problem(TOO_SLOW, headers=_CLOSE) from None
    except BadEncoding as error:
        raise Problem(UNSUPPORTED, f"Content-Encoding: {error}"[:200], headers=_CLOSE) from None
    except ClientDisconnect:
        raise Problem(TOO_SLOW, headers=_CLOSE) from None


def _take(desk: CaptureDesk, body: list[bytes], key: ApiKey, rollback: bool) -> CaptureJob:
    with _refusals():
        return desk.jobs.take(body.pop(), key, rollback=rollback)


def _told(desk: CaptureDesk, job: CaptureJob) -> bytes:
    return orjson.dumps(job_json(job, desk.jobs.captured(job)))


@contextmanager
def _refusals() -> Iterator[None]:
    """Turns what a document may be refused for into problems."""
    try:
        yield
    except WorkerLost:
        raise Problem(INTERRUPTED, headers={"retry-after": "1"}) from None
    except NotAllowed as error:
        raise Problem(FORBIDDEN, violations=(error.violation,)) from None
    except TooMuch as error:
        raise Problem(TOO_LONG, str(error)) from None
    except InvalidInput as error:
        raise Problem(INVALID, violations=error.violations[:_MOST_TOLD]) from None
