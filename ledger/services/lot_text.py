"""Reads what people type for a lot, a party or a place; never guesses between two."""

from __future__ import annotations

from typing import Protocol

from ledger.domain.digital_link import lot_of_class
from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.event_forms import Spot
from ledger.domain.gs1 import parse_gln, parse_gtin
from ledger.domain.identifiers import FIRST_ALLOTTED_PARTY, FIRST_ALLOTTED_PRODUCT, LotRef, PartyId, ProductId


def new_lot_of_text(text: str) -> LotRef:
    """`GTIN/LOT` or a Digital Link; the lot need not exist. Check digits are verified."""
    if "://" in text or text.startswith("urn:"):
        lot = lot_of_class(text)
        if lot is None:
            raise InvalidInput.one("lot", "lot.uri", text, "this link names no lot (AI 01 with AI 10)")
        return lot
    product, separator, code = text.partition("/")
    if not separator:
        raise InvalidInput.one("lot", "lot.form", text, "write a lot as GTIN/LOT")
    if product.isdigit() and int(product) >= FIRST_ALLOTTED_PRODUCT:
        return LotRef(ProductId(int(product)), code)
    return LotRef(ProductId(parse_gtin(product)), code)


class NamedLots(Protocol):
    """The part of a store that knows lots by their codes."""

    def lots_with_code(self, code: str) -> list[LotRef]: ...


def lot_of_text(store: NamedLots, text: str) -> LotRef:
    """A lot that exists: as `new_lot_of_text`, or a lot code alone where only one product has it."""
    if "/" in text or text.startswith("urn:"):
        return new_lot_of_text(text)
    found = store.lots_with_code(text)
    if not found:
        raise NotFound(f"no lot has the code {text}; `silkroot lots` lists them")
    if len(found) > 1:
        choices = ", ".join(str(lot) for lot in found)
        raise InvalidInput.one("lot", "lot.ambiguous", text, f"several products have a lot of that code: {choices}")
    return found[0]


def party_of_text(text: str) -> PartyId:
    """A GLN with its check digit, or an allotted number from 10^13 up."""
    if text.isdigit() and int(text) >= FIRST_ALLOTTED_PARTY:
        return PartyId(int(text))
    return PartyId(parse_gln(text))


def spot_of_text(text: str, party: PartyId) -> Spot:
    """`GLN` or `GLN/EXT`; the party's own GLN where nothing is given."""
    if not text:
        if party >= FIRST_ALLOTTED_PARTY:
            raise InvalidInput.one("where", "place.missing", text, "a party without a GLN has to say where: --where")
        return Spot(party)
    gln, _, extension = text.partition("/")
    return Spot(parse_gln(gln), extension)
