"""Consignments in variance; implements `ledger.ports_claims.Claims`. Read from the indexes of sides and states."""

from __future__ import annotations

from contextlib import nullcontext

from sqlalchemy import select, union

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.source import SqlSource
from ledger.adapters.sql_store.stock import IN_DISPUTE
from ledger.domain.identifiers import ConsignmentId, PartyId
from ledger.ports_receiving import NamedConsignment


class SqlClaims:
    """Asks one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_claims(self, party: PartyId, limit: int) -> list[NamedConsignment]:
        """Those in which the party is a side, by shipper and reference."""
        sent, names = t.consignments.c, t.consignment_names.c
        sides = union(
            *(
                select(sent.consignment).where(side == party, sent.state.in_(IN_DISPUTE))
                for side in (sent.shipper, sent.receiver)
            )
        ).subquery()
        asked = (
            select(names.consignment, names.reference)
            .join(sides, sides.c.consignment == names.consignment)
            .order_by(names.shipper, names.reference)
            .limit(limit)
        )
        with self._database.reading() as connection:
            found = {ConsignmentId(row.consignment): str(row.reference) for row in connection.execute(asked)}
            known = SqlSource(lambda: nullcontext(connection)).consignments(found)
        return [NamedConsignment(one, reference, known[one]) for one, reference in found.items() if one in known]
