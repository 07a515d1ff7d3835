"""
Consignments with their names; implements `ledger.ports_receiving.Consignments`.

Read from the index of receivers and states, so that a party with many old consignments waits no longer than others.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.source import SqlSource
from ledger.adapters.sql_store.stock import UNDER_WAY
from ledger.domain.identifiers import ConsignmentId, PartyId
from ledger.ports_receiving import NamedConsignment


class SqlConsignments:
    """Every method is one short read, from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def inbound(self, party: PartyId, limit: int) -> list[NamedConsignment]:
        """Under way to the party, by shipper and reference."""
        return self._under_way(t.consignments.c.receiver, party, limit)

    def outbound(self, party: PartyId, limit: int) -> list[NamedConsignment]:
        """Under way from the party, by reference."""
        return self._under_way(t.consignments.c.shipper, party, limit)

    def _under_way(self, side: ColumnElement[Any], party: PartyId, limit: int) -> list[NamedConsignment]:
        sent, names = t.consignments.c, t.consignment_names.c
        asked = (
            select(names.consignment, names.reference)
            .join(t.consignments, sent.consignment == names.consignment)
            .where(side == party, sent.state.in_(UNDER_WAY))
            .order_by(names.shipper, names.reference)
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(asked).all()
            return self._known(connection, {ConsignmentId(row.consignment): row.reference for row in rows})

    def named(self, consignment: ConsignmentId) -> NamedConsignment | None:
        """The consignment of that id."""
        asked = select(t.consignment_names.c.reference).where(t.consignment_names.c.consignment == consignment)
        with self._database.reading() as connection:
            reference: str | None = connection.execute(asked).scalar()
            found = [] if reference is None else self._known(connection, {consignment: reference})
        return found[0] if found else None

    def _known(self, connection: Connection, names: dict[ConsignmentId, str]) -> list[NamedConsignment]:
        known = SqlSource(lambda: nullcontext(connection)).consignments(names)
        return [NamedConsignment(one, reference, known[one]) for one, reference in names.items() if one in known]
