"""
The index of certificates in SQL: its rows, made from bodies of events, and what is asked of them. Implements
`ledger.ports_certificates.Certificates`; every question is one short read.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import event_of
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.file_tables import certificates
from ledger.adapters.sql_store.queries import EVENTS
from ledger.adapters.sql_store.reading import Reader, chunks
from ledger.domain.certificates import MEMBER, kept_until, readable_certificate
from ledger.domain.files import FileHash
from ledger.domain.identifiers import LotId, PartyId
from ledger.domain.own_members import own_keys
from ledger.ports_certificates import CertificateQuestion, FoundCertificate

_C = certificates.c


def certificate_row(sequence: int, party: int, body: dict[str, Any]) -> dict[str, Any] | None:
    """The event's row; None where it is no certificate, or one that somebody damaged."""
    if MEMBER not in "\0".join(body):  # Spares most events the slow look.
        return None
    if not any(name == MEMBER for name, _ in own_keys(body)):
        return None
    certificate = readable_certificate(body)
    if certificate is None:
        return None
    return {
        "sequence": sequence,
        "party": party,
        "kind": certificate.kind.value,
        "issuer": certificate.issuer,
        "issued": certificate.issued.isoformat(),
        "valid_until": None if certificate.valid_until is None else certificate.valid_until.isoformat(),
        "file": certificate.file,
    }


class SqlCertificates:
    """Asks one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reader = Reader(database.reading)

    def search(self, question: CertificateQuestion, before: int | None, limit: int) -> list[FoundCertificate]:
        """The newest `limit` that fit, with sequence numbers below `before`."""
        asked = _narrowed(select(_C.sequence, _C.party), question)
        if before is not None:
            asked = asked.where(_C.sequence < before)
        return self._found(asked.order_by(_C.sequence.desc()).limit(limit))

    def of_lots(self, lots: Collection[LotId]) -> list[FoundCertificate]:
        """All certificates about any of the lots, in order of recording."""
        named = t.event_lots.c
        joined = select(_C.sequence, _C.party).join(t.event_lots, named.sequence == _C.sequence)
        found = {
            one.event.sequence: one for part in chunks(lots) for one in self._found(joined.where(named.lot.in_(part)))
        }
        return [found[sequence] for sequence in sorted(found)]

    def needed_until(self, file: FileHash) -> date | None:
        """The first day on which no certificate needs the file any more; None where none ever did."""
        rows = self._reader.all(select(_C.issued, _C.valid_until).where(_C.file == file))
        return max((kept_until(_day(row.issued), _day(row.valid_until or row.issued)) for row in rows), default=None)

    def files(self) -> list[FileHash]:
        """Every file that a certificate stands on, in order."""
        rows = self._reader.all(select(_C.file).where(_C.file.is_not(None)).distinct().order_by(_C.file))
        return [FileHash(bytes(row.file)) for row in rows]

    def _found(self, asked: Select[Any]) -> list[FoundCertificate]:
        with self._database.reading() as connection:
            parties = {row.sequence: PartyId(row.party) for row in connection.execute(asked)}
            events = {}
            for part in chunks(list(parties)):
                for row in connection.execute(EVENTS.where(t.events.c.sequence.in_(part))):
                    events[row.sequence] = event_of(row)
        told = []
        for sequence, party in parties.items():
            certificate = readable_certificate(events[sequence].body)
            if certificate is not None:
                told.append(FoundCertificate(events[sequence], certificate, party))
        return told


def _narrowed(asked: Select[Any], question: CertificateQuestion) -> Select[Any]:
    if question.lot is not None:
        named = t.event_lots.c
        asked = asked.join(t.event_lots, named.sequence == _C.sequence).where(named.lot == question.lot)
    if question.kind is not None:
        asked = asked.where(_C.kind == question.kind.value)
    if question.party is not None:
        asked = asked.where(_C.party == question.party)
    if question.issuer:
        asked = asked.where(func.lower(_C.issuer).contains(question.issuer.lower(), autoescape=True))
    if question.ends_from is not None:
        asked = asked.where(_C.valid_until >= question.ends_from.isoformat())
    if question.ends_before is not None:
        asked = asked.where(_C.valid_until < question.ends_before.isoformat())
    return asked


def _day(text: str) -> date:
    return date.fromisoformat(text)
