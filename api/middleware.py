"""
What every request and response goes through, as plain ASGI: security headers, HEAD and OPTIONS, path segments.

- `SecurityHeaders` lets a page load nothing but itself (Content Security Policy level 3) and run no script at all.
- `ReadMethods` answers HEAD as GET without the body and OPTIONS from the routes (RFC 9110, sections 9.3.2 and 9.3.7),
  with the CORS headers that a GS1 Digital Link resolver owes to other sites' readers. Pages of other sites may read;
  what writes (the capture interface) is for programs that hold a key, and no page is told that it may.
- `PathSegments` keeps an escaped slash inside its segment: `/10/A%2FB` is the lot "A/B", as GS1 Digital Link 1.5
  writes it. Handlers get the segment with `/` and `%` still escaped, and unescape it once (`segment`).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READ_METHODS = "GET, HEAD, OPTIONS"
WAS_HEAD = "silkroot.head"
"""In the scope of a HEAD request that is answered as GET: nobody reads what it would have shown."""
_ANYBODY_READS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": READ_METHODS,
    "access-control-allow-headers": "accept, accept-language",
    "access-control-max-age": "86400",
}
"""What a browser asks for before it reads from another site (Fetch standard, "CORS-preflight request")."""


def security_headers(style_hash: str) -> dict[str, str]:
    """The headers of every response. `style_hash` is the CSP source of the one style sheet in our pages."""
    policy = (
        "default-src 'none'; img-src 'self' data:; "
        f"style-src '{style_hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "cross-origin-opener-policy": "same-origin",
    }


class SecurityHeaders:
    """Adds headers to every response that has not set them itself."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class ReadMethods:
    """HEAD for every route that has GET, OPTIONS for every one that does not answer it itself."""

    def __init__(self, app: ASGIApp, router: Router) -> None:
        self._app = app
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] == "HEAD":
            await self._app({**scope, "method": "GET", WAS_HEAD: True}, receive, _without_body(send))
        elif scope["method"] == "OPTIONS" and not _takes(self._router, scope) and self._is_there(scope):
            allow = {"allow": allowed_methods(self._router, scope)}
            # What staff see is for nobody else, so no other site's page is told that it may read it.
            is_open = not scope["path"].startswith("/staff") and _takes(self._router, {**scope, "method": "GET"})
            cors = _ANYBODY_READS if is_open else {}
            await Response(status_code=204, headers=allow | cors)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_there(self, scope: Scope) -> bool:
        return any(_takes(self._router, {**scope, "method": name}) for name in ("GET", "POST"))


def allowed_methods(router: Router, scope: Scope) -> str:
    """What can be asked of the address, as the header `Allow` has it."""
    asked = [name for name in ("GET", "POST") if _takes(router, {**scope, "method": name})]
    with_head = [*asked[:1], "HEAD", *asked[1:]] if "GET" in asked else asked
    return ", ".join([*with_head, "OPTIONS"])


def _takes(router: Router, scope: Scope) -> bool:
    return any(route.matches(scope)[0] is Match.FULL for route in router.routes)


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


class PathSegments:
    """Rebuilds the path from its raw form, segment by segment, with `/` and `%` inside a segment left escaped."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and b"%" in (raw := scope.get("raw_path") or b""):
            segments = raw.partition(b"?")[0].decode("ascii", "replace").split("/")
            scope = {**scope, "path": "/".join(map(_reescaped, segments))}
        await self._app(scope, receive, send)


def _reescaped(segment: str) -> str:
    return unquote(segment).replace("%", "%25").replace("/", "%2F")


def segment(request: Request, name: str) -> str:
    """A path parameter as the caller meant it."""
    return unquote(str(request.path_params[name]))
