"""
Serials for the labels of a lot, what scans say of them, and reports from those who read them.

A lot never has more serials than cases were packed. Scans are counted by day and city; a phone that loads a page again
is counted once a day (`ScanMemory`), and an address that scans very much is not counted at all, so that nobody makes
somebody else's label look copied from one place. Raises `InvalidInput` (`label.serials`, `label.cases`), `NotFound`.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.identifiers import LotRef
from ledger.domain.label_check import LabelCheck
from ledger.domain.label_reports import Report, kind_of, text_of
from ledger.domain.serials import (
    SERIAL_BITS,
    UNISSUED,
    IssuedSerial,
    Scan,
    ScanRule,
    SerialHash,
    day_of,
    serial_hash,
    serial_text,
)
from ledger.ports import Clock
from ledger.ports_labels import LabelStore
from ledger.services.scan_memory import ScanMemory
from ledger.services.token_buckets import TokenBuckets

MOST_AT_ONCE = 20_000
SCAN_BURST, SCANS_PER_SECOND = 60, 1 / 30
"""Scans of one address that are counted at once, and then each second."""
REPORT_BURST, REPORTS_PER_SECOND = 5, 1 / 120
"""Reports that one address may send at once, and then each second."""


class TooMany(Exception):
    """The address sends too many reports; come again in so many `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"come again in {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Reader:
    """A phone as far as it is told from others: its address and its browser's name; `city` "" where nobody said it."""

    address: str
    agent: str = ""
    city: str = ""


@dataclass(slots=True)
class Labels:
    """Labels of one ledger, for any thread; `rule` says when one counts as copied."""

    store: LabelStore
    clock: Clock
    rule: ScanRule = field(default_factory=ScanRule)
    memory: ScanMemory = field(default_factory=ScanMemory)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _scans: TokenBuckets = field(init=False)
    _reports: TokenBuckets = field(init=False)

    def __post_init__(self) -> None:
        self._scans = TokenBuckets(self.clock, burst=SCAN_BURST, per_second=SCANS_PER_SECOND)
        self._reports = TokenBuckets(self.clock, burst=REPORT_BURST, per_second=REPORTS_PER_SECOND)

    def issue(self, lot: LotRef, count: int, cases: int) -> list[str]:
        """So many new serials of a lot of so many cases. They cannot be had again: only their hashes are kept."""
        self.demand_room(lot, count, cases)
        serials = new_serials(count)
        self.keep(lot, serials, cases)
        return serials

    def demand_room(self, lot: LotRef, count: int, cases: int) -> None:
        """`InvalidInput` where the lot cannot have so many more serials."""
        if not 0 < count <= MOST_AT_ONCE:
            raise InvalidInput.one("serials", "label.serials", count, f"1 to {MOST_AT_ONCE} serials are made in one go")
        made = self.store.issued(lot.id)
        if made + count > cases:
            raise _more_than_cases(lot, count, cases, made)

    def keep(self, lot: LotRef, serials: Sequence[str], cases: int) -> None:
        """Keeps serials that `new_serials` made, all or none."""
        hashes = [serial_hash(lot.id, serial) for serial in serials]
        if self.store.issue(lot.id, hashes, int(self.clock.now()), cases) is None:
            raise _more_than_cases(lot, len(serials), cases, self.store.issued(lot.id))

    def look(self, lot: LotRef, serial: str = "") -> LabelCheck:
        """What is known of the label, which is not counted as scanned."""
        issued = self.store.issued(lot.id)
        if not serial or not issued:
            return LabelCheck(issued, asked=bool(serial))
        found = self.store.serial(lot.id, serial_hash(lot.id, serial))
        if found is None:
            return LabelCheck(issued, asked=True)
        return LabelCheck(issued, True, found.number, self.store.scans(lot.id, found.hash), found.sold)

    def scanned(self, lot: LotRef, serial: str, reader: Reader) -> None:
        """Somebody opened the page of the label. A lot without serials has none to count."""
        if not serial or not self.store.issued(lot.id):
            return
        day = day_of(self.clock.now())
        hashed = serial_hash(lot.id, serial)
        counted = hashed if self.store.serial(lot.id, hashed) is not None else UNISSUED
        phone = f"{reader.address}\n{reader.agent}"
        with self._lock:
            if self._scans.wait_for(reader.address, 1) > 0:
                return
            before = self.memory.before(phone, lot.id, hashed, day, reader.city)
        if before is None or (reader.city and before != reader.city):
            self.store.scanned(lot.id, counted, day, reader.city, before)

    def sold(self, lot: LotRef, serial: str, city: str = "") -> None:
        """The holder sold the case now; `NotFound` for a serial that nobody issued, or whose case was sold before."""
        if not self.store.sold(lot.id, serial_hash(lot.id, serial), day_of(self.clock.now()), city):
            raise NotFound(f"no unsold case of lot {lot} has that serial")

    def serials(self, lot: LotRef) -> list[tuple[IssuedSerial, tuple[Scan, ...]]]:
        """All serials of the lot, each with its scans."""
        scans: Mapping[SerialHash, tuple[Scan, ...]] = self.store.scans_of_lot(lot.id)
        return [(one, scans.get(one.hash, ())) for one in self.store.serials(lot.id)]

    def unissued_scans(self, lot: LotRef) -> tuple[Scan, ...]:
        """Scans of serials of the lot that nobody issued."""
        return self.store.scans_of_lot(lot.id).get(UNISSUED, ())

    def report(self, lot: LotRef, serial: str, kind: str, text: str, reader: Reader) -> Report:
        """Keeps what a reader says; `TooMany` where the address says too much."""
        checked, plain = kind_of(kind), text_of(text)
        with self._lock:
            seconds = self._reports.wait_for(reader.address, 1)
        if seconds > 0:
            raise TooMany(seconds)
        check = self.look(lot, serial)
        report = Report(secrets.token_hex(16), lot, check.number, day_of(self.clock.now()), reader.city, checked, plain)
        self.store.add_report(report)
        return report


def new_serials(count: int) -> list[str]:
    """So many serials that nobody can guess; none of them is kept anywhere yet."""
    return [serial_text(secrets.randbits(SERIAL_BITS)) for _ in range(count)]


def _more_than_cases(lot: LotRef, count: int, cases: int, made: int) -> InvalidInput:
    return InvalidInput.one(
        "serials",
        "label.serials-cases",
        count,
        f"lot {lot} has {cases} cases and {made} serials already; at most {max(0, cases - made)} more can be made",
    )
