"""
Serials, scans and reports in SQL; implements `ledger.ports_labels.LabelStore`.

Every method is one short transaction. Raises `StoreError` for a row that cannot have been written by us.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.label_tables import label_reports, label_scans, label_serials
from ledger.adapters.sql_store.reading import chunks
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import LotId, LotRef, ProductId
from ledger.domain.label_reports import Report, ReportKind
from ledger.domain.serials import Day, IssuedSerial, Sale, Scan, SerialHash

_L, _S, _R = label_serials.c, label_scans.c, label_reports.c


class SqlLabels:
    """Labels in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(self, lot: LotId, hashes: Sequence[SerialHash], made_at: int, most: int) -> int | None:
        """Keeps them; the number of the first, or None and nothing kept where the lot would have more than `most`."""
        with self._database.writing() as connection:
            before = _count(connection, lot)
            if before + len(hashes) > most:
                return None
            rows = [
                {"serial": one, "lot": lot, "number": number, "made_at": made_at, "sold_day": None, "sold_city": ""}
                for number, one in enumerate(hashes, before + 1)
            ]
            if rows:
                connection.execute(insert(label_serials), rows)
            return before + 1

    def issued(self, lot: LotId) -> int:
        """How many serials the lot has."""
        with self._database.reading() as connection:
            return _count(connection, lot)

    def serial(self, lot: LotId, serial: SerialHash) -> IssuedSerial | None:
        """The one of that hash."""
        with self._database.reading() as connection:
            row = connection.execute(select(label_serials).where(_L.serial == serial, _L.lot == lot)).first()
        return None if row is None else _serial_of(row)

    def serials(self, lot: LotId) -> list[IssuedSerial]:
        """All of the lot, in order of their numbers."""
        with self._database.reading() as connection:
            rows = connection.execute(select(label_serials).where(_L.lot == lot).order_by(_L.number)).all()
        return [_serial_of(row) for row in rows]

    def lots_with_serials(self, limit: int) -> list[LotId]:
        """Lots with serials, those first whose last serial was made last."""
        asked = select(_L.lot).group_by(_L.lot).order_by(func.max(_L.made_at).desc(), _L.lot).limit(limit)
        with self._database.reading() as connection:
            return [LotId(lot) for lot in connection.execute(asked).scalars()]

    def named(self, lots: Collection[LotId]) -> Mapping[LotId, int]:
        """How many serials each of these lots has; those without any are left out."""
        found: dict[LotId, int] = {}
        with self._database.reading() as connection:
            for chunk in chunks(lots):
                asked = select(_L.lot, func.count()).where(_L.lot.in_(chunk)).group_by(_L.lot)
                found |= {LotId(lot): count for lot, count in connection.execute(asked)}
        return found

    def sold(self, lot: LotId, serial: SerialHash, day: Day, city: str) -> bool:
        """Notes the first sale of the case; False where there is no such serial or it was noted before."""
        unsold = and_(_L.serial == serial, _L.lot == lot, _L.sold_day.is_(None))
        with self._database.writing() as connection:
            done = connection.execute(update(label_serials).where(unsold).values(sold_day=int(day), sold_city=city))
            return done.rowcount == 1

    def scanned(self, lot: LotId, serial: SerialHash, day: Day, city: str, before: str | None = None) -> None:
        """One more scan. `before`: it was counted in that city a moment ago, and moves here from there."""
        with self._database.writing() as connection:
            if before is not None:
                there = _place(lot, serial, day, before)
                connection.execute(update(label_scans).where(there, _S.scans > 0).values(scans=_S.scans - 1))
                connection.execute(delete(label_scans).where(there, _S.scans <= 0))
            here = _place(lot, serial, day, city)
            # The write lock is held: nobody inserts between the two.
            if not connection.execute(update(label_scans).where(here).values(scans=_S.scans + 1)).rowcount:
                row = {"lot": lot, "serial": serial, "day": int(day), "city": city, "scans": 1}
                connection.execute(insert(label_scans), row)

    def scans(self, lot: LotId, serial: SerialHash) -> tuple[Scan, ...]:
        """All scans of that label, by day and city."""
        asked = select(label_scans).where(_S.lot == lot, _S.serial == serial).order_by(_S.day, _S.city)
        with self._database.reading() as connection:
            return tuple(Scan(Day(row.day), row.city, row.scans) for row in connection.execute(asked))

    def scans_of_lot(self, lot: LotId) -> Mapping[SerialHash, tuple[Scan, ...]]:
        """All scans of the lot's labels; under `UNISSUED` those of serials that nobody issued."""
        asked = select(label_scans).where(_S.lot == lot).order_by(_S.serial, _S.day, _S.city)
        found: dict[SerialHash, list[Scan]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(asked):
                found.setdefault(SerialHash(row.serial), []).append(Scan(Day(row.day), row.city, row.scans))
        return {serial: tuple(scans) for serial, scans in found.items()}

    def add_report(self, report: Report) -> None:
        """Keeps a report."""
        row = {
            "id": report.id,
            "product": int(report.lot.product),
            "code": report.lot.code,
            "number": report.number,
            "day": int(report.day),
            "city": report.city,
            "kind": report.kind.value,
            "text": report.text,
            "done": report.done,
        }
        with self._database.writing() as connection:
            connection.execute(insert(label_reports), row)

    def reports(self, limit: int) -> list[Report]:
        """Those that nobody saw to first, newest first."""
        asked = select(label_reports).order_by(_R.done, _R.day.desc(), _R.id).limit(limit)
        with self._database.reading() as connection:
            return [_report_of(row) for row in connection.execute(asked)]

    def report(self, report_id: str) -> Report | None:
        """The report of that id."""
        with self._database.reading() as connection:
            row = connection.execute(select(label_reports).where(_R.id == report_id)).first()
        return None if row is None else _report_of(row)

    def report_done(self, report_id: str) -> bool:
        """Somebody saw to it; False where there is none."""
        with self._database.writing() as connection:
            return connection.execute(update(label_reports).where(_R.id == report_id).values(done=True)).rowcount == 1


def _place(lot: LotId, serial: SerialHash, day: Day, city: str) -> Any:
    return and_(_S.lot == lot, _S.serial == serial, _S.day == int(day), _S.city == city)


def _count(connection: Connection, lot: LotId) -> int:
    return connection.execute(select(func.count()).select_from(label_serials).where(_L.lot == lot)).scalar_one()


def _serial_of(row: Any) -> IssuedSerial:
    sale = None if row.sold_day is None else Sale(Day(row.sold_day), row.sold_city)
    return IssuedSerial(SerialHash(row.serial), row.number, row.made_at, sale)


def _report_of(row: Any) -> Report:
    try:
        kind = ReportKind(row.kind)
    except ValueError as error:
        raise StoreError(f"the kind of report {row.id} cannot be read: {row.kind}") from error
    lot = LotRef(ProductId(row.product), row.code)
    return Report(row.id, lot, row.number, Day(row.day), row.city, kind, row.text, row.done)
