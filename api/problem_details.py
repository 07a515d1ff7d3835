"""
Errors on the wire: RFC 9457 problem details for programs, an honest page for people.

Which of the two is chosen by Accept; pages default to HTML, resources to JSON. Each kind of error has its own status,
its own words and a stable `type` (`urn:silkroot:problem:...`): a link with a broken GS1 key is 400 and names the rule,
a lot that nobody registered is 404, a chain or database that does not answer is 503. Unexpected errors are 500 and tell
nothing of our insides.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.localization import N_, Words, language_of, words
from api.middleware import allowed_methods
from api.rendering import page
from api.rule_phrases import RULES
from ledger.domain.errors import ChainError, InvalidInput, NotFound, SilkrootError, Violation

PROBLEM_JSON = "application/problem+json"
PROBLEM_SCHEMA = {
    "description": "What went wrong (RFC 9457)",
    "content": {
        PROBLEM_JSON: {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "violations": {"type": "array", "items": {"type": "object"}},
                },
            }
        },
        "text/html": {"schema": {"type": "string"}},
    },
}
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of error: its status and its words for people (`title` and `advice` are msgids)."""

    name: str
    status: int
    title: str
    advice: str


MALFORMED = Kind(
    "malformed-link",
    400,
    N_("This link is not a valid product link"),
    N_("The code may be damaged or mistyped. Scan it again, or compare the numbers printed below it."),
)
INVALID = Kind("invalid-request", 400, N_("This request cannot be understood"), N_("See which rule it breaks below."))
UNKNOWN_LOT = Kind(
    "unknown-lot",
    404,
    N_("Nobody registered this lot here"),
    N_(
        "The link is well formed, but no lot stands behind it. If the label names Silkroot, ask the seller: "
        "a label without a lot proves nothing."
    ),
)
NO_SUCH_PAGE = Kind(
    "not-found", 404, N_("There is no such page"), N_("Check the address, or start from the first page.")
)
NOT_ALLOWED = Kind("method-not-allowed", 405, N_("This address can only be read"), N_("Use GET, HEAD or OPTIONS."))
NOT_CHECKED = Kind(
    "could-not-be-checked",
    503,
    N_("Could not be checked just now"),
    N_("The ledger did not answer. This says nothing about the fruit, good or bad. Try again in a minute."),
)
OUR_FAULT = Kind(
    "internal-error", 500, N_("Something broke on our side"), N_("Nothing could be checked. Try again in a minute.")
)


class Problem(Exception):
    """Raised by a route to answer with that kind of error."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        violations: tuple[Violation, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or kind.title)
        self.kind = kind
        self.detail = detail
        self.violations = violations
        self.headers = headers


def wants_page(request: Request) -> bool:
    """True where the reader is a person: HTML is accepted at least as gladly as JSON, or the address is a page's."""
    weights = _weights(request.headers.get("accept", ""))
    html, json = (
        weights.get("text/html", 0.0),
        max(weights.get("application/json", 0.0), weights.get(PROBLEM_JSON, 0.0)),
    )
    if html == json:
        path = request.url.path
        if path.startswith("/staff"):
            return not path.startswith("/staff/api/")
        return path in ("/", "/verify") or path.startswith(("/01/", "/lot/"))
    return html > json


def _weights(accept: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in accept[:1000].split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0
        weights[name] = max(weight, weights.get(name, 0.0))
    return weights


def problem(
    request: Request,
    kind: Kind,
    detail: str = "",
    violations: tuple[Violation, ...] = (),
    more_headers: Mapping[str, str] | None = None,
) -> Response:
    """The response for an error, in the form and the language that the reader wants."""
    speak = words(language_of(request))
    headers = {"cache-control": "no-store", "vary": "Accept, Accept-Language, Cookie", **(more_headers or {})}
    if wants_page(request):
        context = {"kind": kind, "violations": [_for_people(violation, speak) for violation in violations]}
        return page(request, "problem.html", context, status=kind.status, headers=headers)
    body: dict[str, object] = {
        "type": f"urn:silkroot:problem:{kind.name}",
        "title": speak(kind.title),
        "status": kind.status,
        "detail": detail or speak(kind.advice),
    }
    if violations:
        body["violations"] = [
            {"field": each.field, "rule": each.rule, "value": each.value, "message": each.message}
            for each in violations
        ]
        if request.url.path.startswith("/staff/api/"):
            # Programs read the message; pages of staff show people the rule's sentence in their language.
            body["told"] = [_for_people(each, speak)["message"] for each in violations]
    headers["content-language"] = speak.tag
    return JSONResponse(body, kind.status, headers, PROBLEM_JSON)


def _for_people(violation: Violation, speak: Words) -> dict[str, str]:
    text = RULES.get(violation.rule)
    message = speak(text) if text else violation.message
    lang = "" if text or speak.language == "en" else "en"
    return {"rule": violation.rule, "value": violation.value, "message": message, "lang": lang}


def install(app: FastAPI) -> None:
    """Registers the handlers."""
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(SilkrootError, _known_error)
    app.add_exception_handler(Problem, _raised)
    app.add_exception_handler(Exception, _unexpected_error)


def _raised(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - registered for this class only
    return problem(request, error.kind, error.detail, error.violations, error.headers)


def _known_error(request: Request, error: Exception) -> Response:
    match error:
        case InvalidInput():
            kind = MALFORMED if wants_page(request) or "/lots/" in request.url.path else INVALID
            return problem(request, kind, violations=error.violations)
        case NotFound():
            return problem(request, UNKNOWN_LOT)
        case ChainError():
            return problem(request, NOT_CHECKED, more_headers={"retry-after": "10"})
        case _:
            # The database, a locked key, a missing tool: ours to mend, and no verdict can be had meanwhile.
            logger.error("a request failed: %s", error, exc_info=error)
            return problem(request, NOT_CHECKED, more_headers={"retry-after": "10"})


def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    violations = tuple(
        Violation("/".join(str(part) for part in each["loc"]), str(each["type"]), str(each["input"])[:120], each["msg"])
        for each in error.errors()
    )
    return problem(request, INVALID, violations=violations)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    if error.status_code == 404:
        return problem(request, NO_SUCH_PAGE)
    if error.status_code == 405:
        allowed = allowed_methods(request.app.router, request.scope)
        return problem(request, NOT_ALLOWED, more_headers={"allow": allowed})
    kind = Kind("http-error", error.status_code, N_("This request cannot be understood"), "")
    return problem(request, kind, detail=str(error.detail), more_headers=error.headers)


def _unexpected_error(request: Request, error: Exception) -> Response:
    # Starlette answers these outside of all middleware, so the security headers are added here.
    response = problem(request, OUR_FAULT)
    for name, value in request.app.state.security_headers.items():
        response.headers.setdefault(name, value)
    return response
