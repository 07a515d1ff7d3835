"""Certificates of the archive in words: one row each, with how it stands today and whose word it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from api.localization import N_, Words
from api.views.certificates import KINDS, VALIDITIES, day_text, days_of
from api.views.names import lot_path
from ledger.domain.certificates import CertificateKind, Validity
from ledger.domain.identifiers import PartyId
from ledger.domain.master_data import Role
from ledger.ports_certificates import FoundCertificate

SOON_DAYS = 30
"""A certificate that ends within so many days is told so."""


@dataclass(frozen=True, slots=True)
class ArchiveRow:
    """A certificate as a row. `mark` chooses the sign of its state; `print_href`: of a promise, the page to print."""

    kind: str
    title: str
    state: str
    word: str
    mark: str
    issuer: str
    number: str
    days: str
    signed: str
    supplied: bool
    kept: str
    lots: tuple[tuple[str, str], ...]
    href: str
    print_href: str


def archive_row(found: FoundCertificate, party_name: str, roles: Role, today: date, speak: Words) -> ArchiveRow:
    """The row. `party_name` and `roles` are those of whoever supplied it, as the registry has them."""
    certificate = found.certificate
    validity, last = certificate.validity(today), certificate.valid_until
    word, mark = speak(VALIDITIES[validity]), {"valid": "good", "expired": "bad"}.get(validity.value, "wait")
    if validity is Validity.VALID and last is not None and (left := (last - today).days) <= SOON_DAYS:
        word, mark = speak.ngettext("Ends in %(count)s day", "Ends in %(count)s days", left), "wait"
    supplied = not is_issuers(found, roles)
    if not supplied:
        signed = N_("Signed by its issuer, %(party)s")
    elif roles & (Role.PRODUCER | Role.PACKER):
        signed = N_("Supplied by the producer, %(party)s; its issuer did not sign it here")
    else:
        signed = N_("Supplied by %(party)s; its issuer did not sign it here")
    return ArchiveRow(
        kind=certificate.kind.value,
        title=speak(KINDS[certificate.kind]),
        state=validity.value,
        word=word,
        mark=mark,
        issuer=certificate.issuer,
        number=certificate.number,
        days=days_of(certificate, speak),
        signed=speak(signed, party=party_name),
        supplied=supplied,
        kept=speak(N_("kept until %(day)s at least"), day=day_text(certificate.keep_until, speak)),
        lots=tuple((ref.code, lot_path(ref)) for ref in certificate.lots),
        href=f"/files/{certificate.file.hex()}" if certificate.file is not None else "",
        print_href=promise_path(found) if certificate.kind is CertificateKind.PROMISE else "",
    )


def is_issuers(found: FoundCertificate, roles: Role) -> bool:
    """Whether whoever signed it issued it: a promise of one's own, or a certifier's certificate."""
    certificate, party = found.certificate, PartyId(found.party)
    own = certificate.issuer_party == party
    return own and (certificate.kind is CertificateKind.PROMISE or bool(roles & Role.CERTIFIER))


def promise_path(found: FoundCertificate) -> str:
    """Where the promise certificate is as a page to print."""
    return f"/certificates/0x{found.event.content_hash.hex()}/promise.pdf"
