"""Certificates for tests: a pesticide test of the packing house, a promise of the farm, and their events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import event_builders as b

from ledger.domain.certificates import Basis, Certificate, CertificateKind, Promise
from ledger.domain.event_forms import attached_certificate
from ledger.domain.files import FileHash, hash_of
from ledger.domain.identifiers import ContentHash, Grams, LotRef, PartyId
from ledger.domain.records import JsonTree

REPORT = hash_of(b"the report of the laboratory")
CONTACT = "0902-226 1100, office@farm.example"


def pesticide_test(
    *lots: LotRef,
    issuer_party: PartyId | None = None,
    file: FileHash = REPORT,
    kind: CertificateKind = CertificateKind.PESTICIDE_TEST,
    until: date | None = date(2026, 12, 31),
) -> Certificate:
    """Handed in by whoever signs the event; valid from August to the end of the year."""
    return Certificate(
        kind, "Hami Testing Station", issuer_party, "HT-2026-0815", date(2026, 8, 1), None, until, file,
        lots or (b.HARVEST_LOT,),
    )  # fmt: skip


def promise(
    lot: LotRef = b.HARVEST_LOT,
    grams: int = 1_000_000,
    *,
    party: PartyId = b.FARM,
    contact: str = CONTACT,
    collected: Sequence[ContentHash] = (),
) -> Certificate:
    """Made by the farm for its whole harvest."""
    content = Promise(
        "Hami melon", "Nanhu, Hami, Xinjiang", contact, (Basis.SELF_TEST, Basis.QUALITY_CONTROL),
        {lot: Grams(grams)}, tuple(collected),
    )  # fmt: skip
    return Certificate(
        CertificateKind.PROMISE, "Farm One", party, "P-0001", date(2026, 8, 5), None, None, None, (lot,), content
    )


def event_of(certificate: Certificate, party: PartyId = b.PACKING_HOUSE) -> JsonTree:
    """Its event at noon."""
    return attached_certificate(party, certificate, b.NOON)
