"""
The first page: what this is, and the lots by product.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.dependencies import services_of
from api.localization import language_of, words
from api.rendering import page
from api.routes.lot_refs import PROBLEMS
from api.routes.lots import parse_after
from api.views.lot_page import fruit_of
from api.views.names import Name, lot_path, product_number, text_name
from ledger.domain.identifiers import LotRef
from ledger.domain.master_data import Product

PAGE_SIZE = 60
router = APIRouter(tags=["pages"])


@dataclass(frozen=True, slots=True)
class LotLink:
    """A lot and the path of its page."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product with its lots."""

    name: Name
    number: str
    fruit: str
    lots: list[LotLink] = field(default_factory=list)


@router.get("/", response_class=HTMLResponse, responses=PROBLEMS, summary="The first page")
def home(request: Request, after: Annotated[str, Query(max_length=60)] = "") -> Response:
    """Lots by product, a page at a time; no verdicts, since those are made when a lot is opened."""
    store = services_of(request).store
    found = store.lots(parse_after(after), PAGE_SIZE + 1)
    products = store.master_data().products
    language = words(language_of(request)).language
    views: dict[int, ProductView] = {}
    for ref in found[:PAGE_SIZE]:
        view = views.setdefault(ref.product, _view(products.get(ref.product), ref, language))
        view.lots.append(LotLink(ref.code, lot_path(ref)))
    following = ""
    if len(found) > PAGE_SIZE:
        following = "?" + urlencode({"after": str(found[PAGE_SIZE - 1])})
    context = {"products": list(views.values()), "next": following}
    return page(request, "home.html", context, headers={"cache-control": "no-cache"})


def _view(product: Product | None, ref: LotRef, language: str) -> ProductView:
    number = product_number(ref)
    name = text_name(product.name, language) if product else Name("")
    return ProductView(name or Name(number), number, fruit_of(product))
