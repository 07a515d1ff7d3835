"""
Certificates about lots: what an event says in `silkroot:certificate`, and what that means on a day; no I/O, no clock.

A certificate is an ObjectEvent OBSERVE with the business step `other`, about the lots of its quantity list. It names
the file by its hash, which also stands in `certificationInfo` (EPCIS 2.0, section 7.3.7), so that readers who do not
know our member find it. A promise certificate (承诺达标合格证; order 2025-4 of the Ministry of Agriculture and Rural
Affairs) needs no file: its fields are the certificate. It says how much of each lot it covers, is made by the party
that promises, and shows a contact of the business, never a person's mobile number.

Raises `InvalidEvent`.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from enum import StrEnum
from typing import TypeVar

from ledger.domain.contacts import names_a_mobile
from ledger.domain.errors import InvalidEvent, InvalidInput, Refused, Violation
from ledger.domain.event_reading import acting_party, cbv_word, lots_of, party_at, portions_of
from ledger.domain.files import FileHash, hash_in_uri, uri_of
from ledger.domain.identifiers import ContentHash, Grams, LotRef, PartyId
from ledger.domain.own_members import own_member
from ledger.domain.own_values import hash_at, object_at
from ledger.domain.records import JsonTree
from ledger.domain.times import instant

MEMBER = "certificate"
LONGEST_TEXT = 120
MOST_COLLECTED = 100
MONTHS_KEPT = 6
"""So long after its issue a certificate has to be kept at least."""


class CertificateKind(StrEnum):
    """What a certificate is about."""

    PESTICIDE_TEST = "pesticide-test"
    GREEN_FOOD = "green-food"
    ORGANIC = "organic"
    GEOGRAPHICAL_INDICATION = "geographical-indication"
    QUARANTINE = "quarantine"
    PROMISE = "promise"


class Basis(StrEnum):
    """What a promise rests on."""

    SELF_TEST = "self-test"
    COMMISSIONED_TEST = "commissioned-test"
    QUALITY_CONTROL = "quality-control"
    OWN_PROMISE = "own-promise"


class Validity(StrEnum):
    """How a certificate stands on a day."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET = "not-yet"


@dataclass(frozen=True, slots=True)
class Promise:
    """
    What a promise certificate says beside its issuer: `collected` are the content hashes of the promise certificates
    of what went into these lots, `grams` how much of each lot it covers.
    """

    product: str
    origin: str
    contact: str
    basis: tuple[Basis, ...]
    grams: Mapping[LotRef, Grams]
    collected: tuple[ContentHash, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """
    A certificate as its event states it. `issuer_party`: the issuer's number, where it is a party here. `file` is None
    only of a promise. Days are those of the issuer; without `valid_until` it has no end.
    """

    kind: CertificateKind
    issuer: str
    issuer_party: PartyId | None
    number: str
    issued: date
    valid_from: date | None
    valid_until: date | None
    file: FileHash | None
    lots: tuple[LotRef, ...]
    promise: Promise | None = None

    def validity(self, day: date) -> Validity:
        """How it stands on that day; its first and its last day count as valid."""
        if day < (self.valid_from or self.issued):
            return Validity.NOT_YET
        return Validity.EXPIRED if self.valid_until is not None and day > self.valid_until else Validity.VALID

    @property
    def keep_until(self) -> date:
        """The first day on which its file may be erased: six months after its issue, and not while it is valid."""
        return kept_until(self.issued, self.valid_until)


def kept_until(issued: date, valid_until: date | None) -> date:
    """The same, of an index's row."""
    return max(months_after(issued, MONTHS_KEPT), valid_until or issued)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def certificate_of(event: JsonTree) -> Certificate | None:
    """The certificate that the event is; None where it is none. `InvalidEvent` for one that does not have its form."""
    found = own_member(event, MEMBER)
    if found is None:
        return None
    pointer, value = found
    tree = object_at(pointer, value)
    _check_form(event)
    kind = _word(f"{pointer}/kind", tree.get("kind"), CertificateKind)
    names = _NAMES | (_PROMISE_NAMES if kind is CertificateKind.PROMISE else _FILE_NAMES)
    for name in tree:
        if name not in names:
            raise InvalidEvent.one(f"{pointer}/{name}", "certificate.member", tree[name], "no such member here")
    party = acting_party(event)
    issuer_party = None if (number := tree.get("issuerParty")) is None else party_at(f"{pointer}/issuerParty", number)
    issued = _day(f"{pointer}/issued", tree.get("issued"))
    if issued > (instant("/eventTime", event.get("eventTime"), "epcis.time") + _FARTHEST_EAST).astimezone(UTC).date():
        message = "a certificate is issued before it is handed in"
        raise InvalidEvent.one(f"{pointer}/issued", "certificate.days", tree.get("issued"), message)
    first, last = (_day_or_none(f"{pointer}/{name}", tree.get(name)) for name in ("validFrom", "validUntil"))
    if last is not None and last < (first or issued):
        message = "it ends before it begins"
        raise InvalidEvent.one(f"{pointer}/validUntil", "certificate.days", tree.get("validUntil"), message)
    promise = file = None
    if kind is CertificateKind.PROMISE:
        promise = _promise(event, pointer, tree)
        if issuer_party != party:
            told = "nobody" if issuer_party is None else f"{issuer_party:013d}"
            message = f"a promise is made by the party that signs it, {party:013d}"
            raise Refused([Violation(f"{pointer}/issuerParty", "certificate.promisor", told, message)])
    else:
        file = hash_in_uri(f"{pointer}/file", tree.get("file"))
        _check_information(event, file)
    return Certificate(
        kind=kind,
        issuer=_text(f"{pointer}/issuer", tree.get("issuer")),
        issuer_party=issuer_party,
        number=_text(f"{pointer}/number", tree.get("number"), mobile=True),
        issued=issued,
        valid_from=first,
        valid_until=last,
        file=file,
        lots=_lots(event),
        promise=promise,
    )


def readable_certificate(event: JsonTree) -> Certificate | None:
    """The certificate of a recorded event; None also for one that cannot be read, which the content check tells of."""
    try:
        return certificate_of(event)
    except (InvalidInput, AttributeError, TypeError, ValueError):
        return None


def certificate_member(certificate: Certificate) -> JsonTree:
    """What stands in `silkroot:certificate`; `certificate_of` reads it back."""
    tree: JsonTree = {"kind": certificate.kind.value, "issuer": certificate.issuer, "number": certificate.number}
    tree["issued"] = certificate.issued.isoformat()
    if certificate.issuer_party is not None:
        tree["issuerParty"] = f"{certificate.issuer_party:013d}"
    for name, day in (("validFrom", certificate.valid_from), ("validUntil", certificate.valid_until)):
        if day is not None:
            tree[name] = day.isoformat()
    if certificate.file is not None:
        tree["file"] = uri_of(certificate.file)
    if (promise := certificate.promise) is not None:
        tree |= {"product": promise.product, "origin": promise.origin, "contact": promise.contact}
        tree["basis"] = [one.value for one in promise.basis]
        if promise.collected:
            tree["collected"] = [one.hex() for one in promise.collected]
    return tree


_NAMES = frozenset({"kind", "issuer", "issuerParty", "number", "issued", "validFrom", "validUntil"})
_FILE_NAMES = frozenset({"file"})
_PROMISE_NAMES = frozenset({"product", "origin", "contact", "basis", "collected"})
_FARTHEST_EAST = timedelta(hours=14)
"""Nowhere is a day further on than this."""
_W = TypeVar("_W", bound=StrEnum)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")


def _check_form(event: JsonTree) -> None:
    for field, found, needed in (
        ("type", event.get("type"), "ObjectEvent"),
        ("action", event.get("action"), "OBSERVE"),
        ("bizStep", cbv_word(event.get("bizStep")), "other"),
    ):
        if found != needed:
            message = f"a certificate has {needed} here"
            raise InvalidEvent.one(f"/{field}", "certificate.form", event.get(field), message)
    if "errorDeclaration" in event:
        raise InvalidEvent.one("/errorDeclaration", "certificate.form", "", "declare the certificate's own event wrong")


def _check_information(event: JsonTree, file: FileHash) -> None:
    value = event.get("certificationInfo")
    if value != uri_of(file) and value != [uri_of(file)]:
        message = "certificationInfo names the certificate's file, and nothing else"
        raise InvalidEvent.one("/certificationInfo", "certificate.information", value, message)


def _lots(event: JsonTree) -> tuple[LotRef, ...]:
    lots = lots_of(event)
    if not lots:
        raise InvalidEvent.one("/quantityList", "certificate.lots", "0 lots", "name the lots that it is about")
    return lots


def _promise(event: JsonTree, pointer: str, tree: JsonTree) -> Promise:
    basis = tree.get("basis")
    if not isinstance(basis, list) or not basis or len(set(map(str, basis))) != len(basis):
        message = "a promise rests on at least one thing, and names each once"
        raise InvalidEvent.one(f"{pointer}/basis", "certificate.basis", basis, message)
    collected = tree.get("collected", [])
    if not isinstance(collected, list) or len(collected) > MOST_COLLECTED or ("collected" in tree and not collected):
        message = f"a list of 1 to {MOST_COLLECTED} promise certificates, each by the hash of its event"
        raise InvalidEvent.one(f"{pointer}/collected", "certificate.collected", collected, message)
    if "certificationInfo" in event:
        message = "a promise is not attested by anybody else"
        raise InvalidEvent.one("/certificationInfo", "certificate.information", event["certificationInfo"], message)
    contact = _text(f"{pointer}/contact", tree.get("contact"))
    if len(contact) < 5:
        message = "a contact of the business: its telephone, address or e-mail"
        raise InvalidEvent.one(f"{pointer}/contact", "certificate.contact", contact, message)
    return Promise(
        product=_text(f"{pointer}/product", tree.get("product")),
        origin=_text(f"{pointer}/origin", tree.get("origin")),
        contact=contact,
        basis=tuple(_word(f"{pointer}/basis/{index}", one, Basis) for index, one in enumerate(basis)),
        grams={portion.ref: portion.grams for portion in portions_of(event, "quantityList")},
        collected=tuple(hash_at(f"{pointer}/collected/{index}", one) for index, one in enumerate(collected)),
    )


def _text(pointer: str, value: object, *, mobile: bool = False) -> str:
    """A line of text without markup and hidden characters; `mobile`: it may hold what looks like a mobile number."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
        raise InvalidEvent.one(pointer, "certificate.text", value, f"a text of 1 to {LONGEST_TEXT} characters")
    if any(mark in value for mark in "<>"):
        raise InvalidEvent.one(pointer, "certificate.markup", value, "a text has no < and no >")
    if any(unicodedata.category(letter) in _HIDDEN and letter not in _JOINERS for letter in value):
        raise InvalidEvent.one(pointer, "certificate.text", value, "a text has no characters that cannot be seen")
    if not mobile and names_a_mobile(value):
        message = "this is a person's mobile number: give a contact of the business"
        raise InvalidEvent.one(pointer, "certificate.mobile", value, message)
    return value


def _word(pointer: str, value: object, words: type[_W]) -> _W:
    try:
        return words(str(value))
    except ValueError:
        message = f"one of {', '.join(words)} is needed"
        raise InvalidEvent.one(pointer, "certificate.word", value, message) from None


def _day(pointer: str, value: object) -> date:
    if isinstance(value, str) and _DAY.match(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # No such day: said below.
    raise InvalidEvent.one(pointer, "certificate.day", value, "a day of the calendar, like 2026-08-05")


def _day_or_none(pointer: str, value: object) -> date | None:
    return None if value is None else _day(pointer, value)
