"""Builds the event by which a certificate is attached to lots; no I/O."""

from __future__ import annotations

from ledger.domain.certificates import MEMBER, Certificate, certificate_member
from ledger.domain.digital_link import lot_uri
from ledger.domain.files import uri_of
from ledger.domain.forms.base import Amount, Extra, Spot, When, bare_event, quantity
from ledger.domain.identifiers import PartyId
from ledger.domain.own_members import PREFIX
from ledger.domain.records import JsonTree


def attached_certificate(
    party: PartyId, certificate: Certificate, when: When, where: Spot | None = None, *, extra: Extra | None = None
) -> JsonTree:
    """
    The party hands in the certificate, or, of a promise, makes it. A promise says how much of each lot it covers; other
    certificates only name their lots, and name their file in `certificationInfo` too.
    """
    event = bare_event("ObjectEvent", party, when, "other", "active", where, extra)
    event["action"] = "OBSERVE"
    if certificate.promise is not None:
        event["quantityList"] = [quantity(Amount(lot, mass)) for lot, mass in certificate.promise.grams.items()]
    else:
        event["quantityList"] = [{"epcClass": lot_uri(lot)} for lot in certificate.lots]
    if certificate.file is not None:
        event["certificationInfo"] = uri_of(certificate.file)
    event[f"{PREFIX}:{MEMBER}"] = certificate_member(certificate)
    return event
