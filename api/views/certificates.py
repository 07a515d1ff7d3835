"""
Certificates in words: what each is, who issued it, how it stands, and what that is worth.

"Supplied by" stands at each that its issuer did not sign: a paper that somebody handed in is not the issuer's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from api.localization import N_, Words
from api.views.names import Name, Names, lot_path
from ledger.domain.certificates import Basis, Certificate, CertificateKind, Validity
from ledger.domain.lot_certificates import LotCertificate, certificates_of
from ledger.domain.master_data import Role
from ledger.domain.story_values import LotStory

KINDS = {
    CertificateKind.PESTICIDE_TEST: N_("Pesticide test"),
    CertificateKind.GREEN_FOOD: N_("Green food"),
    CertificateKind.ORGANIC: N_("Organic"),
    CertificateKind.GEOGRAPHICAL_INDICATION: N_("Geographical indication"),
    CertificateKind.QUARANTINE: N_("Plant quarantine"),
    CertificateKind.PROMISE: N_("Promise certificate"),
}
VALIDITIES = {
    Validity.VALID: N_("Valid"),
    Validity.EXPIRED: N_("Expired"),
    Validity.NOT_YET: N_("Not valid yet"),
}
BASES = {
    Basis.SELF_TEST: N_("tested by the producer itself"),
    Basis.COMMISSIONED_TEST: N_("tested by a laboratory"),
    Basis.QUALITY_CONTROL: N_("the producer's own quality control"),
    Basis.OWN_PROMISE: N_("the producer's own promise"),
}
PROMISES = (
    N_("No forbidden pesticides or additives were used."),
    N_("Residues of permitted pesticides are within the limits."),
    N_("The producer answers for the truth of this promise."),
)
"""What every promise certificate promises."""
PRODUCERS = Role.PRODUCER | Role.PACKER


@dataclass(frozen=True, slots=True)
class CertificateView:
    """
    A certificate for people. `state`: valid, expired, not-yet, withdrawn or doubtful; `word` says it; `mark` chooses
    its sign. `signed`: whose word it is. `href`: its file, "" where there is none.
    """

    kind: str
    title: str
    state: str
    word: str
    mark: str
    issuer: Name
    number: str
    days: str
    signed: str
    supplied: bool
    lots: str
    href: str
    details: tuple[str, ...] = ()
    lot_href: str = ""


def certificate_views(story: LotStory, names: Names, speak: Words) -> tuple[CertificateView, ...]:
    """All certificates of the lot and of what went into it."""
    return tuple(certificate_view(one, names, speak) for one in certificates_of(story))


def certificate_view(found: LotCertificate, names: Names, speak: Words) -> CertificateView:
    """One of them."""
    certificate, state, word = found.certificate, found.validity.value, VALIDITIES[found.validity]
    if found.withdrawn:
        state, word = "withdrawn", N_("Withdrawn")
    if found.doubtful:
        state, word = "doubtful", N_("Could not be checked")
    if not found.supplied:
        signed = N_("Signed by its issuer, %(party)s")
    elif names.roles(found.event.party) & PRODUCERS:
        signed = N_("Supplied by the producer, %(party)s; its issuer did not sign it here")
    else:
        signed = N_("Supplied by %(party)s; its issuer did not sign it here")
    elsewhere = [ref for ref in found.lots if not found.own]
    return CertificateView(
        kind=certificate.kind.value,
        title=speak(KINDS[certificate.kind]),
        state=state,
        word=speak(word),
        mark="good" if found.counts else "bad" if state in ("expired", "withdrawn", "doubtful") else "wait",
        issuer=Name(certificate.issuer),
        number=certificate.number,
        days=days_of(certificate, speak),
        signed=speak(signed, party=str(names.party(found.event.party))),
        supplied=found.supplied,
        lots=speak.listing(ref.code for ref in elsewhere),
        href=f"/files/{certificate.file.hex()}" if certificate.file is not None else "",
        details=promise_details(certificate, speak),
        lot_href=lot_path(elsewhere[0]) if len(elsewhere) == 1 else "",
    )


def days_of(certificate: Certificate, speak: Words) -> str:
    """When it was issued, and how long it is valid."""
    issued = speak(N_("issued %(day)s"), day=day_text(certificate.issued, speak))
    if certificate.valid_until is None:
        return issued
    return speak.joined([issued, speak(N_("valid until %(day)s"), day=day_text(certificate.valid_until, speak))])


def promise_details(certificate: Certificate, speak: Words) -> tuple[str, ...]:
    """What a promise says beside its issuer; nothing of any other certificate."""
    promise = certificate.promise
    if promise is None:
        return ()
    weight = speak.kilograms(sum(promise.grams.values()))
    what = {"product": promise.product, "weight": weight, "place": promise.origin}
    return (
        speak(N_("%(product)s, %(weight)s, from %(place)s"), **what),
        speak(N_("It rests on: %(basis)s"), basis=speak.listing(speak(BASES[one]) for one in promise.basis)),
        speak(N_("Contact: %(contact)s"), contact=promise.contact),
    )


def day_text(day: date, speak: Words) -> str:
    """A day in the language's form."""
    return speak.date(datetime(day.year, day.month, day.day))
