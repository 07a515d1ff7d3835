"""
HTML pages: one Jinja2 environment a language, autoescaped, strict about undefined names.

Style sheets stand in the page, so that the first paint needs one round trip; their hashes are the only styles that the
Content Security Policy allows. Nothing is loaded from anywhere else.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from api.catalogues import LANGUAGE_NAMES, RIGHT_TO_LEFT
from api.localization import COOKIE, LANGUAGES, language_of, words

ONE_YEAR = 365 * 24 * 3600


@cache
def style_sheet(name: str = "silkroot.css") -> str:
    """A style sheet without comments and needless white space."""
    source = resources.files("api").joinpath("templates", name).read_text("utf-8")
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    return re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r"\s+", " ", source)).strip()


@cache
def style_hash(name: str = "silkroot.css") -> str:
    """The CSP source expression of a style sheet."""
    return "sha256-" + base64.b64encode(hashlib.sha256(style_sheet(name).encode()).digest()).decode()


_DAY = re.compile(r"(\d)-(?=[\u0600-\u06ff])")


def _unbroken(value: object) -> object:
    """A text with hyphens that no line ends behind in days such as 14-ئاۋغۇست; markup and other things as they are."""
    return _DAY.sub("\\1\u2011", value) if type(value) is str else value


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        finalize=_unbroken if language in RIGHT_TO_LEFT else None,
    )
    speak = words(language)
    environment.install_gettext_translations(speak.translations, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["words"] = speak
    environment.globals["style_sheet"] = Markup(style_sheet())  # noqa: S704 - our own file, no input in it
    environment.globals["style"] = lambda name: Markup(style_sheet(name))  # noqa: S704 - our own files
    return environment


def page(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page in the reader's language; `?lang=` is remembered in a cookie that no script can read."""
    language = language_of(request)
    speak = words(language)
    html = (
        _environment(language)
        .get_template(template)
        .render(
            {
                **context,
                "other_languages": _switches(request, language),
                "home": request.scope.get("root_path", "") + "/",
            }
        )
    )
    response = HTMLResponse(html, status, dict(headers or {}))
    response.headers["content-language"] = speak.tag
    response.headers.setdefault("vary", "Accept, Accept-Language, Cookie")
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(
            COOKIE, language, max_age=ONE_YEAR, httponly=True, samesite="lax", secure=request.url.scheme == "https"
        )
    return response


def _switches(request: Request, language: str) -> list[dict[str, str]]:
    """The languages to switch to: tag, name in itself, address (relative, so that it works behind any proxy)."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return [
        {"tag": LANGUAGES[code], "name": LANGUAGE_NAMES[code], "href": "?" + urlencode([*kept, ("lang", code)])}
        for code in LANGUAGES
        if code != language
    ]
