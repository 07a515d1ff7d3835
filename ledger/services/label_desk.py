"""
What the holders of goods are told of their labels: serials with where they were seen, alarms, and readers' reports.

Told are those who signed something about the lot (its packer, its carriers, its buyers) and regulators, who see all.
Raises `NotFound` for lots and reports of others, as for such as are not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.domain.actions import signer_of
from ledger.domain.cities import UNKNOWN
from ledger.domain.digital_link import parse_digital_link
from ledger.domain.errors import InvalidGs1Key, InvalidInput, NotFound
from ledger.domain.gs1 import parse_gtin
from ledger.domain.identifiers import LotRef, PartyId, ProductId
from ledger.domain.label_reports import Report
from ledger.domain.serials import Alarm, IssuedSerial, Scan, copied
from ledger.ports import EventStore
from ledger.services.labels import Labels

MOST_LOTS = 200
MOST_REPORTS = 500


@dataclass(frozen=True, slots=True)
class SerialRow:
    """One label: its serial's number and sale, its scans, and why it counts as copied."""

    serial: IssuedSerial
    scans: tuple[Scan, ...]
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class LotLabels:
    """The labels of a lot, those with alarms first; `unissued`: scans of serials that nobody issued."""

    lot: LotRef
    rows: tuple[SerialRow, ...]
    unissued: tuple[Scan, ...]

    @property
    def alarms(self) -> int:
        """How many labels count as copied."""
        return sum(1 for row in self.rows if row.alarms)

    @property
    def scans(self) -> int:
        """How often its labels were scanned."""
        return sum(scan.count for row in self.rows for scan in row.scans)


@dataclass(frozen=True, slots=True)
class LabelDesk:
    """Over one ledger's labels and events."""

    labels: Labels
    store: EventStore

    def lots(self, party: PartyId, *, sees_all: bool) -> list[LotLabels]:
        """Lots with serials that the party has to do with: those with alarms first, then the newest."""
        refs = [self.store.lot_ref(lot) for lot in self.labels.store.lots_with_serials(MOST_LOTS)]
        own = [ref for ref in refs if ref is not None and (sees_all or self._has_to_do(ref, party))]
        return sorted((self._labels_of(ref) for ref in own), key=lambda each: (not each.alarms, not each.unissued))

    def lot(self, ref: LotRef, party: PartyId, *, sees_all: bool) -> LotLabels:
        """One lot's labels."""
        self._demand(ref, party, sees_all)
        return self._labels_of(ref)

    def sold(self, link: str, party: PartyId, city: str = UNKNOWN) -> tuple[LotRef, int]:
        """The party sold the case whose label has that link; the lot, and the label's number."""
        lot, serial = label_of_link(link)
        self._demand(lot, party, sees_all=False)
        self.labels.sold(lot, serial, city)
        return lot, self.labels.look(lot, serial).number or 0

    def reports(self, party: PartyId, *, sees_all: bool) -> list[Report]:
        """What readers report about lots that the party has to do with, open ones first."""
        found = self.labels.store.reports(MOST_REPORTS)
        own = {lot: sees_all or self._has_to_do(lot, party) for lot in {report.lot for report in found}}
        return [report for report in found if own[report.lot]]

    def open_reports(self, party: PartyId, *, sees_all: bool) -> int:
        """How many of these nobody saw to yet."""
        return sum(not report.done for report in self.reports(party, sees_all=sees_all))

    def packed(self, refs: Sequence[LotRef], party: PartyId) -> list[tuple[LotRef, int]]:
        """Those of the lots that the party packed, each with how many serials it has."""
        lineage, issued = (
            self.store.lineage([ref.id for ref in refs]),
            self.labels.store.named([ref.id for ref in refs]),
        )
        own = (ref for ref in refs if (lot := lineage.get(ref.id)) and lot.issuer == party and lot.parents)
        return [(ref, issued.get(ref.id, 0)) for ref in own]

    def report_done(self, report_id: str, party: PartyId, *, sees_all: bool) -> None:
        """Somebody saw to the report."""
        report = self.labels.store.report(report_id)
        if report is None or not (sees_all or self._has_to_do(report.lot, party)):
            raise NotFound("there is no such report")
        self.labels.store.report_done(report_id)

    def _labels_of(self, ref: LotRef) -> LotLabels:
        rows = [
            SerialRow(serial, scans, copied(scans, serial.sold, self.labels.rule))
            for serial, scans in self.labels.serials(ref)
        ]
        rows.sort(key=lambda row: (not row.alarms, -sum(scan.count for scan in row.scans), row.serial.number))
        return LotLabels(ref, tuple(rows), self.labels.unissued_scans(ref))

    def _demand(self, ref: LotRef, party: PartyId, sees_all: bool) -> None:
        if not (sees_all or self._has_to_do(ref, party)):
            raise NotFound(f"no lot {ref}")

    def _has_to_do(self, ref: LotRef, party: PartyId) -> bool:
        return party in self._signers(ref)

    def _signers(self, ref: LotRef) -> Iterable[PartyId]:
        return {signer_of(event.proof.action) for event in self.store.events_of_lot(ref.id)}


def label_of_link(link: str) -> tuple[LotRef, str]:
    """Lot and serial of a label's link; `InvalidInput` (`label.link`) where it names no single label."""
    text = link.strip()
    try:
        ais = parse_digital_link(text).ais
        return LotRef(ProductId(parse_gtin(ais["01"])), ais["10"]), ais["21"]
    except (InvalidGs1Key, KeyError):
        raise InvalidInput.one(
            "link", "label.link", text, "this is not the link of a label with a serial: …/01/…/10/…/21/…"
        ) from None
