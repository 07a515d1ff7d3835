"""
What inspectors ask of families of lots; implements `ledger.ports_families.FamilyStore`.

Each question reads an index. What is on the road is found from the shippers' consignments that are not at their end,
which are few beside all that ever were, so that lines need no index by lot on the way of capture.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import nullcontext
from typing import Any

from sqlalchemy import Select, select

from ledger.adapters.sql_store import lineage, queries
from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.reading import chunks
from ledger.adapters.sql_store.source import SqlSource
from ledger.adapters.sql_store.stock import IN_DISPUTE, UNDER_WAY
from ledger.domain.custody_state import Origin, Plot, Season, Yield
from ledger.domain.identifiers import Grams, LotId, LotRef, PartyId, PlotId, ProductId
from ledger.ports_families import Held, OnTheRoad, OpenRecall, Standing

_FEW = 400
"""So many lots are named in the statement; of more, all that is on the road is read."""


class SqlFamilies:
    """Asks one database; every method is one short read, from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def descent(self, lots: Collection[LotId]) -> dict[LotId, tuple[LotId, ...]]:
        """The lots made from each of these lots, and from each of those, to the end."""
        with self._database.reading() as connection:
            return lineage.descent(connection, lots)

    def ascent(self, lots: Collection[LotId]) -> dict[LotId, tuple[LotId, ...]]:
        """What each of these lots was made from, and each of those, to the fields."""
        with self._database.reading() as connection:
            return lineage.ascent(connection, lots)

    def lot_ref(self, lot: LotId) -> LotRef | None:
        """The names behind a lot id."""
        return self.lot_refs([lot]).get(lot)

    def lot_refs(self, lots: Collection[LotId]) -> dict[LotId, LotRef]:
        """The names behind many."""
        with self._database.reading() as connection:
            return lineage.lot_refs(connection, lots)

    def standings(self, lots: Collection[LotId]) -> dict[LotId, Standing]:
        """How each of these lots stands."""
        c = t.lots.c
        asked = select(c.lot, c.issuer, c.grams, c.recalled_by, c.inherited, c.origin_hash)
        with self._database.reading() as connection:
            return {
                LotId(row.lot): Standing(
                    PartyId(row.issuer), Grams(row.grams), PartyId(row.recalled_by), row.inherited,
                    bytes(row.origin_hash or b""),
                )
                for chunk in chunks(lots)
                for row in connection.execute(asked.where(c.lot.in_(chunk)))
            }  # fmt: skip

    def makings(self, hashes: Collection[bytes]) -> dict[bytes, Origin]:
        """What went into each making and what came out."""
        return SqlSource(self._database.reading).origins(hashes)

    def held(self, lots: Collection[LotId]) -> list[Held]:
        """Who has how much of these lots."""
        c = t.balances.c
        with self._database.reading() as connection:
            found = [
                Held(LotId(row.lot), PartyId(row.party), Grams(row.grams))
                for chunk in chunks(lots)
                for row in connection.execute(select(t.balances).where(c.lot.in_(chunk), t.HELD))
            ]
        return sorted(found, key=lambda one: (one.lot, one.party))

    def on_the_road(self, lots: Collection[LotId]) -> list[OnTheRoad]:
        """What of these lots is in consignments that are not at their end."""
        wanted = set(lots)
        with self._database.reading() as connection:
            found = [
                OnTheRoad(
                    LotId(row.lot), PartyId(row.shipper), PartyId(row.receiver), Grams(row.grams),
                    row.state in IN_DISPUTE, row.reference or "",
                )
                for whole in (True, False)
                for row in connection.execute(_open_lines(whole, lots))
                if row.lot in wanted
            ]  # fmt: skip
        return sorted(found, key=lambda one: (one.lot, one.shipper, one.receiver, one.reference))

    def open_recalls(self, after: LotId | None, limit: int) -> list[OpenRecall]:
        """The first `limit` recalls behind that lot, by lot id."""
        c, names = t.lots.c, t.lot_names.c
        asked = (
            select(c.lot, c.recalled_by, names.product, names.code)
            .join(t.lot_names, names.lot == c.lot)
            .where(t.RECALLED, c.lot > (after or b""))
            .order_by(c.lot)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [
                OpenRecall(LotId(row.lot), LotRef(ProductId(row.product), row.code), PartyId(row.recalled_by))
                for row in connection.execute(asked)
            ]

    def lots_with_code(self, code: str) -> list[LotRef]:
        """All lots of that lot code."""
        with self._database.reading() as connection:
            return queries.lots_with_code(connection, code)

    def plots(self, plots: Collection[PlotId]) -> dict[PlotId, Plot]:
        """Registered plots."""
        with self._database.reading() as connection:
            return SqlSource(lambda: nullcontext(connection)).plots(plots)

    def yields(self, seasons: Collection[Season]) -> dict[Season, Yield]:
        """Certified yields."""
        with self._database.reading() as connection:
            return SqlSource(lambda: nullcontext(connection)).yields(seasons)


def _open_lines(whole: bool, lots: Collection[LotId]) -> Select[Any]:
    sent, names = t.consignments.c, t.consignment_names.c
    lines = t.consignment_lines if whole else t.consignment_open_lines
    asked = (
        select(lines.c.lot, lines.c.grams, sent.shipper, sent.receiver, sent.state, names.reference)
        .select_from(t.consignments)
        .join(lines, lines.c.consignment == sent.consignment)
        .outerjoin(t.consignment_names, names.consignment == sent.consignment)
        # Every shipper is admitted; named so, the index of shippers and states is read, and nothing else.
        .where(
            sent.shipper.in_(select(t.registered_parties.c.party)),
            sent.state.in_((*UNDER_WAY, *IN_DISPUTE)),
            sent.whole.is_(whole),
        )
    )
    return asked.where(lines.c.lot.in_(lots)) if len(lots) <= _FEW else asked
