"""The projection's tables as a `ProjectionSource`: what a transaction sees of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import nullcontext
from typing import Any

from sqlalchemy import Connection, Table, and_, or_, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import origin_of
from ledger.adapters.sql_store.dialect import present
from ledger.adapters.sql_store.reading import chunks
from ledger.adapters.sql_store.registry_tables import RegistrySource, load_registry
from ledger.domain.actions import Line
from ledger.domain.custody_state import NO_ORIGIN, Consignment, Lot, Origin, Place, Pledge, Plot, Season, Yield
from ledger.domain.identifiers import ConsignmentId, Digest, Grams, LotId, PartyId, PlotId
from ledger.domain.projection import Projection
from ledger.domain.records import ConsignmentState


class SqlSource(RegistrySource):
    """Reads what it is asked for, each time anew."""

    def lineage(self, lots: Collection[LotId]) -> dict[LotId, Lot]:
        """These lots and all their ancestors, by a recursive query."""
        rows: dict[LotId, Any] = {}
        parents: dict[LotId, set[LotId]] = {}
        for chunk in chunks(lots):
            line = select(t.lots.c.lot).where(t.lots.c.lot.in_(chunk)).cte("line", recursive=True)
            line = line.union(select(t.lot_parents.c.parent).join(line, t.lot_parents.c.lot == line.c.lot))
            for row in self.all(select(t.lots).join(line, line.c.lot == t.lots.c.lot)):
                rows[LotId(row.lot)] = row
            for row in self.all(select(t.lot_parents).join(line, line.c.lot == t.lot_parents.c.lot)):
                parents.setdefault(LotId(row.lot), set()).add(LotId(row.parent))
        return {key: _lot(row, parents.get(key, ())) for key, row in rows.items()}

    def balances(self, keys: Collection[Place]) -> dict[Place, Grams]:
        """Grams held, where a row says so."""
        c = t.balances.c
        return {
            (LotId(row.lot), PartyId(row.party)): Grams(row.grams)
            for chunk in chunks(keys)
            for row in self.all(
                select(t.balances).where(or_(*(and_(c.lot == lot, c.party == party) for lot, party in chunk)))
            )
        }

    def consignments(self, ids: Collection[ConsignmentId]) -> dict[ConsignmentId, Consignment]:
        """Consignments with their lines in order of lot."""
        rows = list(self.chosen(select(t.consignments), t.consignments.c.consignment, ids))
        manifests = self._lines(t.consignment_lines, [row.consignment for row in rows])
        open_lines = self._lines(t.consignment_open_lines, [row.consignment for row in rows if not row.whole])
        return {
            ConsignmentId(row.consignment): Consignment(
                PartyId(row.shipper),
                PartyId(row.receiver),
                ConsignmentState(row.state),
                manifests.get(row.consignment, ()),
                (manifests if row.whole else open_lines).get(row.consignment, ()),
                row.notice_at,
            )
            for row in rows
        }

    def used(self, digests: Collection[Digest]) -> set[Digest]:
        """Those that are among the used ones."""
        with self._connect() as connection:
            return present(connection, t.used_digests.c.digest, digests)

    def plots(self, ids: Collection[PlotId]) -> dict[PlotId, Plot]:
        """Registered plots."""
        rows = self.chosen(select(t.registered_plots), t.registered_plots.c.plot, ids)
        return {PlotId(row.plot): _plot(row) for row in rows}

    def yields(self, pairs: Collection[Season]) -> dict[Season, Yield]:
        """Certified yields, by plot and season."""
        rows = self.chosen(select(t.yields), t.yields.c.plot, {plot for plot, _ in pairs})
        found = {(PlotId(row.plot), int(row.season)): _yield(row) for row in rows}
        return {pair: found[pair] for pair in pairs if pair in found}

    def pledges(self, pairs: Collection[Place]) -> dict[Place, tuple[Pledge, ...]]:
        """Pledges on what a party holds of a lot, in the order in which they were made."""
        c = t.pledges.c
        rows = (
            row
            for chunk in chunks(pairs)
            for row in self.all(
                select(t.pledges)
                .where(or_(*(and_(c.lot == lot, c.holder == holder) for lot, holder in chunk)))
                .order_by(c.position)
            )
        )
        return _pledges(rows)

    def origins(self, hashes: Collection[bytes]) -> dict[bytes, Origin]:
        """The lists behind these origin hashes, superseded ones too."""
        rows = self.chosen(select(t.origins), t.origins.c.origin_hash, hashes)
        return {bytes(row.origin_hash): origin_of(row.lists) for row in rows}

    def _lines(self, table: Table, ids: Collection[bytes]) -> dict[bytes, tuple[Line, ...]]:
        found: dict[bytes, list[Line]] = {}
        for row in self.chosen(select(table).order_by(table.c.lot), table.c.consignment, ids):
            found.setdefault(row.consignment, []).append(Line(LotId(row.lot), Grams(row.grams)))
        return {key: tuple(lines) for key, lines in found.items()}


def load_all(connection: Connection) -> Projection:
    """The whole projection as the tables hold it, for comparing with one made from the events."""
    whole = Projection()
    source = SqlSource(lambda: nullcontext(connection))
    whole.lots.update(source.lineage([LotId(row.lot) for row in connection.execute(select(t.lots.c.lot))]))
    for row in connection.execute(select(t.balances)):
        whole.balances[LotId(row.lot), PartyId(row.party)] = Grams(row.grams)
    ids = [ConsignmentId(row.consignment) for row in connection.execute(select(t.consignments.c.consignment))]
    whole.consignments.update(source.consignments(ids))
    whole.digests.update({Digest(row.digest): True for row in connection.execute(select(t.used_digests))})
    for row in connection.execute(select(t.registered_plots)):
        whole.plots[PlotId(row.plot)] = _plot(row)
    for row in connection.execute(select(t.yields)):
        whole.yields[PlotId(row.plot), row.season] = _yield(row)
    whole.pledges.update(_pledges(connection.execute(select(t.pledges).order_by(t.pledges.c.position))))
    for row in connection.execute(select(t.origins)):
        whole.origins[row.origin_hash] = origin_of(row.lists)
    load_registry(connection, whole)
    return whole


def _lot(row: Any, parents: Iterable[LotId]) -> Lot:
    return Lot(
        issuer=PartyId(row.issuer),
        grams=Grams(row.grams),
        entries=row.entries,
        recalled_by=PartyId(row.recalled_by),
        parents=tuple(sorted(parents)),
        certified=Grams(row.certified),
        inherited=row.inherited,
        moved=row.moved,
        origin_hash=NO_ORIGIN if row.origin_hash is None else row.origin_hash,
        yield_of=None if row.yield_plot is None else (PlotId(row.yield_plot), row.yield_season),
    )


def _plot(row: Any) -> Plot:
    return Plot(PartyId(row.producer), PartyId(row.certifier))


def _yield(row: Any) -> Yield:
    return Yield(Grams(row.certified), Grams(row.harvested))


def _pledges(rows: Iterable[Any]) -> dict[Place, tuple[Pledge, ...]]:
    found: dict[Place, list[Pledge]] = {}
    for row in rows:
        pledge = Pledge(PartyId(row.lender), Grams(row.grams), row.until)
        found.setdefault((LotId(row.lot), PartyId(row.holder)), []).append(pledge)
    return {place: tuple(pledges) for place, pledges in found.items()}
