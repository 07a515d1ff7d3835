"""
Drafts about certificates, and returns: kinds for `ledger.services.drafts`.

`certificate` hands in a paper whose file is kept here already. `promise` makes a promise certificate (承诺达标合格证)
of a production batch; of a lot that was bought in or repacked it collects the promises of what went in, so that the new
one rests on them. `return` sends goods back to whoever they came from, and says why.

Raises `InvalidInput` at the field of the form.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ledger.domain import event_forms
from ledger.domain.certificates import Basis, Certificate, CertificateKind, Promise, certificate_of
from ledger.domain.errors import InvalidInput
from ledger.domain.event_forms import Amount, When
from ledger.domain.files import FileHash, hash_in_uri
from ledger.domain.identifiers import ContentHash, Grams, LotId, LotRef, PartyId
from ledger.domain.records import JsonTree
from ledger.ports import EventStore
from ledger.ports_certificates import Certificates
from ledger.ports_files import FileRows
from ledger.services.builders.common import reference_of
from ledger.services.draft_fields import Fields
from ledger.services.draft_kinds import DraftKind
from ledger.services.lot_text import lot_of_text, party_of_text, spot_of_text

PAPERS = tuple(kind.value for kind in CertificateKind if kind is not CertificateKind.PROMISE)
MOST_COLLECTED = 100


class CertificateDrafts:
    """`certificates` are those recorded, `files` those kept."""

    def __init__(self, certificates: Certificates, files: FileRows) -> None:
        self._certificates = certificates
        self._files = files

    @property
    def kinds(self) -> dict[str, DraftKind]:
        """By name, for `Drafts`."""
        return {
            "certificate": DraftKind(self._certificate),
            "promise": DraftKind(self._promise),
            "return": DraftKind(_return, {"manifest": "manifest", "receiver": "to", "consignmentRef": "reference"}),
        }

    def collected_for(self, store: EventStore, lots: list[LotId]) -> tuple[ContentHash, ...]:
        """The promise certificates of what went into these lots directly, in order of recording."""
        lineage = store.lineage(lots)
        parents = {parent for lot in lots if lot in lineage for parent in lineage[lot].parents}
        found = self._certificates.of_lots(sorted(parents))
        return tuple(one.event.content_hash for one in found if one.certificate.kind is CertificateKind.PROMISE)

    def _certificate(self, store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
        issuer_party = party_of_text(fields.text("issuer_party")) if fields.has("issuer_party") else None
        issued, last = _day(fields, "issued"), _day_or_none(fields, "valid_until")
        first = _day_or_none(fields, "valid_from")
        if last is not None and last < (first or issued):
            raise fields.refused("valid_until", "certificate.days", last.isoformat(), "it ends before it begins")
        certificate = Certificate(
            kind=CertificateKind(fields.word("kind", PAPERS)),
            issuer=fields.text("issuer", most=120),
            issuer_party=issuer_party,
            number=fields.text("number", most=120),
            issued=issued,
            valid_from=first,
            valid_until=last,
            file=self._file(fields),
            lots=tuple(dict.fromkeys(_lot(store, row) for row in fields.rows("lots"))),
        )
        return _checked(event_forms.attached_certificate(party, certificate, when))

    def _promise(self, store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
        grams: dict[LotRef, Grams] = {}
        for row in fields.rows("lots"):
            lot = _lot(store, row)
            if lot in grams:
                raise row.refused("lot", "line.twice", str(lot), "an earlier row has this lot already")
            _require_own(store, party, lot, row.pointer("lot"))
            grams[lot] = row.grams()
        basis = [_basis(fields, text) for text in fields.texts("basis")]
        promise = Promise(
            product=fields.text("product", most=120),
            origin=fields.text("origin", most=120),
            contact=fields.text("contact", most=120),
            basis=tuple(dict.fromkeys(basis)),
            grams=grams,
            collected=self.collected_for(store, [lot.id for lot in grams])[:MOST_COLLECTED],
        )
        certificate = Certificate(
            kind=CertificateKind.PROMISE,
            issuer=fields.text("issuer", most=120),
            issuer_party=party,
            number=fields.text("number", most=120),
            issued=_day(fields, "issued"),
            valid_from=None,
            valid_until=None,
            file=None,
            lots=tuple(grams),
            promise=promise,
        )
        return _checked(event_forms.attached_certificate(party, certificate, when))

    def _file(self, fields: Fields) -> FileHash:
        uri = fields.text("file")
        named = hash_in_uri(fields.pointer("file"), uri)
        kept = self._files.get(named)
        if kept is None or kept.erased_at is not None:
            raise fields.refused("file", "certificate.file", uri, "hand the photo or the PDF in first")
        return named


def _checked(event: JsonTree) -> JsonTree:
    """The event; what is wrong with its certificate is told at the field that was filled in."""
    try:
        certificate_of(event)
    except InvalidInput as error:
        raise InvalidInput([replace(one, field=_field_of(one.field)) for one in error.violations]) from None
    return event


def _field_of(pointer: str) -> str:
    inner = pointer.removeprefix("/silkroot:certificate")
    return {"/validFrom": "/valid_from", "/validUntil": "/valid_until", "/issuerParty": "/issuer_party"}.get(
        inner, inner
    )


def _return(store: EventStore, party: PartyId, when: When, fields: Fields) -> JsonTree:
    manifest = [Amount(_lot(store, row), row.grams(), row.count("cases")) for row in fields.rows("manifest")]
    receiver, reason = party_of_text(fields.text("to")), fields.text("reason")
    reference = reference_of(party, fields.text("reference", most=100))
    where = spot_of_text(fields.text("where", needed=False), party)
    return event_forms.shipping(
        party, receiver, reference, manifest, when, where, extra={"silkroot:reason": reason}
    )  # fmt: skip


def _require_own(store: EventStore, party: PartyId, lot: LotRef, at: str) -> None:
    """A promise is made for what one brought into being or has."""
    with store.rehearsing() as transaction:
        known = transaction.projection.lot(lot.id)
        held = transaction.projection.held(lot.id, party)
    if (known is None or known.issuer != party) and not held:
        message = "a promise is made for a lot that you grew, packed or have; this one is somebody else's"
        raise InvalidInput.one(at, "certificate.foreign-lot", str(lot), message)


def _lot(store: EventStore, row: Fields) -> LotRef:
    lot = lot_of_text(store, row.text("lot", most=60))
    if store.lot_ref(lot.id) is None:
        raise row.refused("lot", "certificate.lot", str(lot), "nobody registered this lot here")
    return lot


def _basis(fields: Fields, text: str) -> Basis:
    try:
        return Basis(text)
    except ValueError:
        raise fields.refused("basis", "certificate.word", text, f"one of {', '.join(Basis)}") from None


def _day(fields: Fields, name: str) -> date:
    text = fields.text(name, most=10)
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
    except ValueError:
        pass  # No such day: said below.
    raise fields.refused(name, "certificate.day", text, "a day of the calendar, like 2026-08-05")


def _day_or_none(fields: Fields, name: str) -> date | None:
    return _day(fields, name) if fields.has(name) else None
