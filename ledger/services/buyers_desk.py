"""
The buyer's desk: what is coming and what it lacks, what lies here without a promise certificate, and open claims.

A lot lacks its promise certificate (承诺达标合格证) where nobody made one about the lot itself: those of what it was
packed from do not cover it. It lacks its temperature where no reading of the way was recorded before it arrives. Read
from the local projection and from events; `story` judges a lot against the chain.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from ledger.domain.certificates import CertificateKind, Validity
from ledger.domain.custody_rules.handoffs import NOTICE_SECONDS
from ledger.domain.custody_state import Lot
from ledger.domain.digital_link import lot_of_class
from ledger.domain.identifiers import Grams, LotId, LotRef, PartyId
from ledger.domain.lot_certificates import CHINA
from ledger.domain.records import ConsignmentState
from ledger.ports import Clock
from ledger.ports_certificates import Certificates, FoundCertificate
from ledger.ports_claims import Claims
from ledger.ports_proposals import Proposal
from ledger.ports_questions import StockRow
from ledger.ports_receiving import NamedConsignment
from ledger.services.receiving import Expected, ExpectedLine

MOST_LOTS = 200
"""Lots of the stock that are looked at; a party that has more looks at the rest in its archive."""
MOST_CLAIMS = 100


class Lack(StrEnum):
    """What a lot lacks."""

    PROMISE = "promise"
    TEMPERATURE = "temperature"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class InboundLot:
    """A lot on its way: grams still to come, what it lacks, and the certificates about it."""

    lot: LotRef
    grams: Grams
    lacks: tuple[Lack, ...]
    certificates: tuple[FoundCertificate, ...]


@dataclass(frozen=True, slots=True)
class Inbound:
    """A consignment on its way to the party."""

    expected: Expected
    lots: tuple[InboundLot, ...]

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """What any of its lots lacks, each once."""
        return tuple(lack for lack in Lack if any(lack in lot.lacks for lot in self.lots))


@dataclass(frozen=True, slots=True)
class StockLot:
    """
    A lot that lies here. `made`: the party itself brought it into being (grew, bought in or packed it), so that its
    promise is the party's to make.
    """

    lot: LotRef
    grams: Grams
    made: bool
    promised: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """
    Grams of a consignment that are missing. `other`: the other side. `noticed`: one side announced to write them off
    alone. `alone_from`: since when either side may (Unix seconds), None where nobody announced it; `alone`: whether
    that time has come. `proposal`: what one of the two signed already, and waits for the other.
    """

    consignment: NamedConsignment
    other: PartyId
    is_receiver: bool
    missing: tuple[tuple[LotRef, Grams], ...]
    noticed: bool
    alone_from: int | None
    alone: bool
    proposal: Proposal | None


class DeskStore(Protocol):
    """The part of the event store that is asked here."""

    def lot_refs(self, lots: Collection[LotId]) -> Mapping[LotId, LotRef]: ...

    def lineage(self, lots: Collection[LotId]) -> Mapping[LotId, Lot]: ...


class Stock(Protocol):
    """What a party has."""

    def stock(self, party: PartyId, now: int, after: LotId | None, limit: int) -> Sequence[StockRow]: ...


class Expecting(Protocol):
    """What is on its way."""

    def expected(self, party: PartyId) -> Sequence[Expected]: ...


class OpenProposals(Protocol):
    """What waits for a second signature."""

    def of(self, party: PartyId) -> Sequence[Proposal]: ...


class BuyersDesk:
    """May be asked from any thread."""

    def __init__(
        self,
        store: DeskStore,
        stock: Stock,
        receiving: Expecting,
        certificates: Certificates,
        claims: Claims,
        proposals: OpenProposals,
        clock: Clock,
    ) -> None:
        self._store = store
        self._stock = stock
        self._receiving = receiving
        self._certificates = certificates
        self._claims = claims
        self._proposals = proposals
        self._clock = clock

    @property
    def today(self) -> date:
        """The day in China."""
        return datetime.fromtimestamp(self._clock.now(), CHINA).date()

    def inbound(self, party: PartyId) -> list[Inbound]:
        """What is on its way to the party, with what each lot lacks."""
        expected = self._receiving.expected(party)
        about = self._about({line.lot.id for one in expected for line in one.lines})
        return [Inbound(one, tuple(self._inbound_lot(one, line, about) for line in one.lines)) for one in expected]

    def stock_lots(self, party: PartyId) -> list[StockLot]:
        """What lies here, those without a promise first."""
        rows = [row for row in self._stock.stock(party, int(self._clock.now()), None, MOST_LOTS) if row.on_hand]
        lots, about = self._store.lineage([row.lot for row in rows]), self._about({row.lot for row in rows})
        found = [
            StockLot(
                row.ref,
                row.on_hand,
                made=row.lot in lots and lots[row.lot].issuer == party,
                promised=_is_promised(about.get(row.lot, [])),
            )
            for row in rows
            if row.ref is not None
        ]
        return sorted(found, key=lambda one: (one.promised, not one.made, one.lot))

    def claims(self, party: PartyId) -> list[Claim]:
        """Open variances of consignments in which the party is a side."""
        found = self._claims.open_claims(party, MOST_CLAIMS)
        names = self._store.lot_refs({line.lot for one in found for line in one.known.open_lines})
        waiting = {getattr(one.action, "consignment", None): one for one in self._proposals.of(party)}
        return [self._claim(one, party, names, waiting.get(one.id)) for one in found]

    def _claim(
        self, one: NamedConsignment, party: PartyId, names: Mapping[LotId, LotRef], proposal: Proposal | None
    ) -> Claim:
        known = one.known
        noticed = known.state is ConsignmentState.WRITE_OFF_ANNOUNCED
        return Claim(
            consignment=one,
            other=known.shipper if known.receiver == party else known.receiver,
            is_receiver=known.receiver == party,
            missing=tuple((names[line.lot], line.grams) for line in known.open_lines if line.lot in names),
            noticed=noticed,
            alone_from=known.notice_at + NOTICE_SECONDS if noticed else None,
            alone=noticed and self._clock.now() >= known.notice_at + NOTICE_SECONDS,
            proposal=proposal,
        )

    def _inbound_lot(
        self, one: Expected, line: ExpectedLine, about: Mapping[LotId, list[FoundCertificate]]
    ) -> InboundLot:
        lot = line.lot
        found, lacks = about.get(lot.id, []), []
        if not _is_promised(found):
            lacks.append(Lack.PROMISE)
        if not any(_names(leg, lot) for leg in one.leg):
            lacks.append(Lack.TEMPERATURE)
        if _has_expired(found, self.today):
            lacks.append(Lack.EXPIRED)
        return InboundLot(lot, line.grams, tuple(lacks), tuple(found))

    def _about(self, lots: Collection[LotId]) -> dict[LotId, list[FoundCertificate]]:
        found: dict[LotId, list[FoundCertificate]] = {}
        for one in self._certificates.of_lots(sorted(lots)):
            for lot in one.certificate.lots:
                found.setdefault(lot.id, []).append(one)
        return found


def _is_promised(found: Sequence[FoundCertificate]) -> bool:
    return any(one.certificate.kind is CertificateKind.PROMISE for one in found)


def _has_expired(found: Sequence[FoundCertificate], today: date) -> bool:
    """Whether of some kind of paper none is valid any more."""
    by_kind: dict[CertificateKind, list[Validity]] = {}
    for one in found:
        by_kind.setdefault(one.certificate.kind, []).append(one.certificate.validity(today))
    return any(set(states) == {Validity.EXPIRED} for states in by_kind.values())


def _names(leg: Mapping[str, object], lot: LotRef) -> bool:
    named = leg.get("epcClass")
    found = lot_of_class(named) if isinstance(named, str) else None
    return found == lot
