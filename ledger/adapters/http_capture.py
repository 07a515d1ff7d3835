"""
A service's capture interface over HTTP (docs/capture.md): `ports_gateway.CaptureService`.

An event counts as recorded only where the service names it as recorded in the job that comes with its 202. Answers
that say "not now" (408, 429, 5xx), a network that fails and an answer that cannot be read are `ServiceAway`. 400 and
413 are about the document, and so is 403 for an event of another party; all else is about the caller. Redirects are
not followed: they would take the key elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from ledger.adapters.http_codings import ASKED, HOOKS
from ledger.adapters.pinned import parse_pinned
from ledger.domain.errors import InvalidInput, UnusableSettings, Violation, WrongChain, shorten
from ledger.domain.json_tree import parse_json
from ledger.domain.records import JsonTree
from ledger.domain.typed_data import Domain
from ledger.ports_gateway import Answer, Declined, ServiceAway

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
LONGEST_ANSWER = 64 * 1024 * 1024
_NOT_NOW = frozenset({408, 425, 429})
_EVENT_RULES = frozenset({"key.party", "key.unsigned"})


class HttpCapture:
    """
    The service at `url`, asked with that key by one event loop; `timeout` in seconds. `now` gives Unix seconds,
    `transport` is the network unless another one is given.
    """

    def __init__(
        self, url: str, key: str, now: Callable[[], float], timeout: float = 60.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._url, self._now = url.rstrip("/"), now
        headers = {
            "authorization": f"Bearer {key}",
            "content-type": "application/ld+json",
            "gs1-capture-error-behaviour": "proceed",
            "prefer": "return=representation",
        }
        self._headers = headers
        self._client = httpx.AsyncClient(
            timeout=timeout, trust_env=False, transport=transport, headers=ASKED, event_hooks=HOOKS
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def capture(self, events: Sequence[JsonTree]) -> Answer:
        """See `CaptureService.capture`."""
        document = {
            "@context": [CONTEXT],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": datetime.fromtimestamp(self._now(), UTC).isoformat().replace("+00:00", "Z"),
            "epcisBody": {"eventList": list(events)},
        }
        address = f"{self._url}/epcis/capture"
        response = await self._asked("POST", address, orjson.dumps(document), self._headers)
        if response.status_code == 202:
            return _answer(response, len(events))
        problem = _object(response)
        violations = _violations(problem)
        declined = response.status_code in (400, 413)
        if response.status_code == 403 and violations and {one.rule for one in violations} <= _EVENT_RULES:
            declined = True
        if declined:
            raise Declined(violations or [_whole(response.status_code, problem)])
        told = " ".join(f"{problem.get(name, '')}" for name in ("title", "detail")).strip()
        raise UnusableSettings(f"the service answers {response.status_code} to {address}: {shorten(told) or 'no more'}")

    async def domain(self) -> Domain:
        """See `CaptureService.domain`."""
        address = f"{self._url}/deployment.json"
        response = await self._asked("GET", address)
        if response.status_code != 200:
            raise UnusableSettings(f"the service answers {response.status_code} to {address}")
        try:
            pinned = parse_pinned(response.content, address)
        except WrongChain as error:
            raise UnusableSettings(str(error)) from error
        return Domain.of_ledger(pinned.chain_id, pinned.ledger)

    async def _asked(
        self, method: str, address: str, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        try:
            response = await self._client.request(method, address, content=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServiceAway(f"{address}: {str(error) or type(error).__name__}") from error
        if response.status_code in _NOT_NOW or response.status_code >= 500:
            raise ServiceAway(f"{address} answers {response.status_code}", _seconds(response))
        return response


def _answer(response: httpx.Response, count: int) -> Answer:
    job = _object(response)
    try:
        if job["running"] or job["eventCount"] != count:
            raise ServiceAway("the service answers 202 with a job that is not of this document")
        recorded = frozenset(_place(one, count) for one in job["events"])
        refused: dict[int, tuple[Violation, ...]] = {}
        for error in job["errors"]:
            place = _place(error, count)
            refused[place] = (*refused.get(place, ()), _violation(error, error["detail"]))
        return Answer(recorded, {at: all_ for at, all_ in refused.items() if at not in recorded}, int(job["repeated"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ServiceAway(f"the service answers 202 with no job of this interface: {error!r}") from error


def _place(tree: Mapping[str, Any], count: int) -> int:
    place = tree["event"]
    if type(place) is not int or not 0 <= place < count:
        raise ValueError(f"event {place!r}")
    return place


def _violations(problem: Mapping[str, Any]) -> list[Violation]:
    found = problem.get("violations")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        return []
    return [_violation(one, one.get("message", "")) for one in found]


def _violation(tree: Mapping[str, Any], message: object) -> Violation:
    field, rule, value = (str(tree.get(name, "")) for name in ("field", "rule", "value"))
    return Violation(field, rule, value, str(message))


def _whole(status: int, problem: Mapping[str, Any]) -> Violation:
    told = str(problem.get("detail") or problem.get("title") or "no reason was given")
    return Violation("", "gateway.declined", str(status), shorten(told, 500))


def _object(response: httpx.Response) -> Mapping[str, Any]:
    try:
        tree = parse_json(response.content[:LONGEST_ANSWER])
    except InvalidInput:
        return {}
    return tree if isinstance(tree, dict) else {}


def _seconds(response: httpx.Response) -> float:
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0
