"""What is asked of certificates: those about lots, those that fit a search, and how long a file is needed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ledger.domain.certificates import Certificate, CertificateKind
from ledger.domain.files import FileHash
from ledger.domain.identifiers import LotId, PartyId
from ledger.domain.records import RecordedEvent


@dataclass(frozen=True, slots=True)
class CertificateQuestion:
    """
    Every part narrows the search; None or "" leaves it open. `issuer`: a part of the name, in any case. `ends_from` and
    `ends_before`: the last day on which it is valid is in between, the second not included; one without an end is not.
    """

    lot: LotId | None = None
    kind: CertificateKind | None = None
    issuer: str = ""
    party: PartyId | None = None
    ends_from: date | None = None
    ends_before: date | None = None


@dataclass(frozen=True, slots=True)
class FoundCertificate:
    """A certificate and the event that states it; `party` supplied it."""

    event: RecordedEvent
    certificate: Certificate
    party: PartyId


class Certificates(Protocol):
    """The certificates of a store."""

    def search(self, question: CertificateQuestion, before: int | None, limit: int) -> list[FoundCertificate]:
        """The newest `limit` that fit, with sequence numbers below `before`."""
        ...

    def of_lots(self, lots: Collection[LotId]) -> list[FoundCertificate]:
        """All certificates about any of the lots, in order of recording."""
        ...

    def needed_until(self, file: FileHash) -> date | None:
        """The first day on which no certificate needs the file any more; None where none ever did."""
        ...

    def files(self) -> list[FileHash]:
        """Every file that a certificate stands on, in order."""
        ...
