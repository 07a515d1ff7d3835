"""A certificate as JSON, in a lot's story and in the archive; no I/O. Days are YYYY-MM-DD."""

from __future__ import annotations

from typing import Any

from ledger.domain.certificates import Certificate
from ledger.domain.digital_link import lot_uri
from ledger.domain.files import uri_of
from ledger.domain.identifiers import LotRef
from ledger.domain.lot_certificates import LotCertificate

Json = dict[str, Any]


def certificate_json(certificate: Certificate) -> Json:
    """What it says. `file` is its SHA-256 in hex, under which `/files/` has it."""
    promise = certificate.promise
    return {
        "kind": certificate.kind.value,
        "issuer": certificate.issuer,
        "issuerParty": None if certificate.issuer_party is None else f"{certificate.issuer_party:013d}",
        "number": certificate.number,
        "issued": certificate.issued.isoformat(),
        "validFrom": None if certificate.valid_from is None else certificate.valid_from.isoformat(),
        "validUntil": None if certificate.valid_until is None else certificate.valid_until.isoformat(),
        "keepUntil": certificate.keep_until.isoformat(),
        "file": None if certificate.file is None else certificate.file.hex(),
        "fileUri": None if certificate.file is None else uri_of(certificate.file),
        "lots": [_lot(ref) for ref in certificate.lots],
        "promise": None
        if promise is None
        else {
            "product": promise.product,
            "origin": promise.origin,
            "contact": promise.contact,
            "basis": [one.value for one in promise.basis],
            "grams": [{**_lot(ref), "grams": grams} for ref, grams in promise.grams.items()],
            "collected": ["0x" + one.hex() for one in promise.collected],
        },
    }


def lot_certificate_json(found: LotCertificate) -> Json:
    """The same with how it stands: `supplied` (its issuer did not sign), `validity`, `withdrawn`, `doubtful`."""
    return {
        **certificate_json(found.certificate),
        "event": "0x" + found.event.content_hash.hex(),
        "party": f"{found.event.party:013d}",
        "own": found.own,
        "supplied": found.supplied,
        "validity": found.validity.value,
        "withdrawn": found.withdrawn,
        "doubtful": found.doubtful,
    }


def _lot(ref: LotRef) -> Json:
    return {"product": f"{ref.product:014d}", "lot": ref.code, "uri": lot_uri(ref)}
