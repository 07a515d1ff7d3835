"""
Lots named in paths: a GTIN or an allotted product number, and a lot code; each broken rule is a 400 that names it.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request

from api.middleware import segment
from api.problem_details import PROBLEM_SCHEMA
from ledger.domain.errors import InvalidGs1Key
from ledger.domain.gs1 import parse_gtin
from ledger.domain.identifiers import FIRST_ALLOTTED_PRODUCT, UINT64_MAX, LotRef, PartyId, ProductId

PROBLEMS: dict[int | str, dict[str, Any]] = {"4XX": PROBLEM_SCHEMA, "5XX": PROBLEM_SCHEMA}

_ALLOTTED = re.compile(r"[1-9][0-9]{14,19}\Z")
# AI 21 has the character set and the length of AI 10.
_SERIAL = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}\Z")

Gtin = Annotated[str, Path(description="GTIN (AI 01) with its check digit", examples=["09521234567893"])]
Product = Annotated[str, Path(description="GTIN, or an allotted product number", examples=["09521234567893"])]
Code = Annotated[str, Path(description="Lot code (AI 10)", examples=["TKG-2026-0807"])]
Serial = Annotated[str, Path(description="Serial number of one label (AI 21)", examples=["0001"])]


def lot_of_gtin(request: Request, gtin: Gtin, lot: Code) -> LotRef:
    """The lot of a GS1 Digital Link path."""
    return LotRef(ProductId(parse_gtin(segment(request, "gtin"))), segment(request, "lot"))


def lot_of_product(request: Request, product: Product, lot: Code) -> LotRef:
    """The lot of a path with a product number of either kind."""
    return LotRef(parse_product(segment(request, "product")), segment(request, "lot"))


def serial_of(request: Request, serial: Serial) -> str:
    """The serial of a label."""
    text = segment(request, "serial")
    if not _SERIAL.match(text):
        raise InvalidGs1Key.one(
            "serial", "gs1.ai21", text, "a serial number has 1 to 20 characters of GS1 character set 82"
        )
    return text


def parse_product(text: str) -> ProductId:
    """A GTIN with a right check digit, or an allotted number (from 10^14)."""
    if _ALLOTTED.match(text):
        number = int(text)
        if FIRST_ALLOTTED_PRODUCT <= number <= UINT64_MAX:
            return ProductId(number)
        raise InvalidGs1Key.one("product", "product.range", text, "a product number fits 64 bits")
    return ProductId(parse_gtin(text))


def holder_of(
    at: Annotated[str, Query(max_length=20, description="the party whose part of the lot the reader has")] = "",
) -> PartyId | None:
    """The party that the reader chose; None where the text names none, as in an old link."""
    return PartyId(int(at)) if re.fullmatch(r"[0-9]{1,20}", at) and int(at) <= UINT64_MAX else None


GtinLot = Annotated[LotRef, Depends(lot_of_gtin)]
ProductLot = Annotated[LotRef, Depends(lot_of_product)]
LabelSerial = Annotated[str, Depends(serial_of)]
ChosenHolder = Annotated[PartyId | None, Depends(holder_of)]
