"""
What a party has of which lots, a page at a time by lot id: out of the index of balances that are not nothing, the
party's open consignments, and pledges on what it holds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, and_, func, literal, or_, select, union_all

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.lineage import lot_refs
from ledger.domain.identifiers import Grams, LotId, PartyId
from ledger.domain.records import ConsignmentState
from ledger.ports_questions import StockRow

_SENT = t.consignments.c
_PARTS = ("on_hand", "going", "coming", "disputed", "pledged")
UNDER_WAY = tuple(int(state) for state in ConsignmentState if state.under_way)
IN_DISPUTE = tuple(int(state) for state in ConsignmentState if state.in_dispute)


def stock_of(connection: Connection, party: PartyId, now: int, after: LotId | None, limit: int) -> list[StockRow]:
    """The first `limit` lots behind that one of which the party has anything."""
    rows = connection.execute(statement(party, now, after, limit)).all()
    names = lot_refs(connection, [LotId(row.lot) for row in rows])
    return [
        StockRow(LotId(row.lot), names.get(LotId(row.lot)), *(Grams(int(getattr(row, part))) for part in _PARTS))
        for row in rows
    ]


def statement(party: PartyId, now: int, after: LotId | None, limit: int) -> Select[Any]:
    """The statement that reads one page."""
    behind = after or b""
    held, pledged = t.balances.c, t.pledges.c
    branches = [
        select(held.lot, *_only("on_hand", held.grams))
        .where(held.party == party, t.HELD, held.lot > behind)
        .order_by(held.lot)
        .limit(limit),
        *(
            select(lines.c.lot, *_only(part, lines.c.grams))
            .join(t.consignments, lines.c.consignment == _SENT.consignment)
            .where(side == party, _SENT.state.in_(states), _SENT.whole.is_(whole), lines.c.lot > behind)
            for part, side, states in (
                ("going", _SENT.shipper, UNDER_WAY),
                ("coming", _SENT.receiver, UNDER_WAY),
                ("disputed", _SENT.shipper, IN_DISPUTE),
            )
            for lines, whole in ((t.consignment_lines, True), (t.consignment_open_lines, False))
        ),
        select(pledged.lot, *_only("pledged", pledged.grams)).where(
            and_(pledged.holder == party, pledged.until > now, pledged.lot > behind)
        ),
    ]
    parts = union_all(*(select(branch.subquery()) for branch in branches)).subquery()
    sums = [func.sum(parts.c[part]).label(part) for part in _PARTS]
    any_of_it = or_(*(func.sum(parts.c[part]) != 0 for part in _PARTS))
    return select(parts.c.lot, *sums).group_by(parts.c.lot).having(any_of_it).order_by(parts.c.lot).limit(limit)


def _only(part: str, grams: Any) -> list[Any]:
    """The grams as that part, and nothing as the others."""
    return [(grams if name == part else literal(0, grams.type)).label(name) for name in _PARTS]
