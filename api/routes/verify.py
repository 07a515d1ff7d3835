"""
The page /verify: a reader's own browser checks a proof, step by step, and takes nobody's word for it.

The page brings the verifier, the words, and the addresses of the contracts that this service pins; what it finds never
comes from here. It is the one page with scripts: its policy lets it run ours, and ask any chain node that its reader
names.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from api.dependencies import Services, services_of
from api.localization import language_of, words
from api.rendering import page, style_hash
from api.routes.lot_refs import PROBLEMS
from api.routes.lots import parse_after
from api.static_files import static_path
from api.views.names import resource_path
from api.views.verify_words import verify_words
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import LotRef

router = APIRouter(tags=["verification"])


def verify_headers() -> dict[str, str]:
    """Our own scripts and WebAssembly; any node may be asked; the camera is for codes on labels."""
    policy = (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http: https:; "
        f"img-src 'self' data: blob:; style-src '{style_hash()}' '{style_hash('verify.css')}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "permissions-policy": "camera=(self), geolocation=(), microphone=()",
        "cache-control": "no-cache",
    }


@router.get("/verify", response_class=HTMLResponse, responses=PROBLEMS, summary="Check a proof in your own browser")
def verify_page(
    request: Request, lot: Annotated[str, Query(max_length=60, description="a lot to begin with, PRODUCT/LOT")] = ""
) -> Response:
    """The verifier as a page."""
    services = services_of(request)
    speak = words(language_of(request))
    ref = _lot_in(lot)
    context = {
        "script": static_path("verify.js"),
        "data": script_json(_data(services, verify_words(speak), speak.tag, speak.direction)),
        "lot": ref,
        "proof": f"{resource_path(ref)[1:]}/proof" if ref else "",
        "deployment": json.dumps(dict(services.deployment), indent=1),
    }
    return page(request, "verify.html", context, headers=verify_headers())


def _data(services: Services, told: dict[str, Any], tag: str, direction: str) -> dict[str, Any]:
    return {
        "tag": tag,
        "rightToLeft": direction == "rtl",
        "rpc": "rpc",
        "scanner": static_path("scanner.js"),
        "deployment": dict(services.deployment),
        "confirmations": dict(services.confirmations),
        **told,
    }


def _lot_in(text: str) -> LotRef | None:
    """The lot, where the address names one in its form; the script says what is wrong with any other."""
    try:
        return parse_after(text)
    except InvalidInput:
        return None


def script_json(value: object) -> Markup:
    """JSON that no HTML parser can leave before its end (HTML, section 4.12.1.3)."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - escaped above
