"""
What a hub asks, from the local projection and `consignment_events`; implements `ledger.ports_hub.HubBooks`.

The lists of consignments start from the index by side and state, so that they read what is open and no more, whatever
was closed in years; that little is sorted by time. What is here starts from the index of balances that are not nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, cast, func, literal, or_, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import event_of
from ledger.adapters.sql_store.consignment_rows import ConsignmentKind
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.hub_floor import floor_of
from ledger.adapters.sql_store.lineage import lot_refs
from ledger.adapters.sql_store.queries import EVENTS
from ledger.adapters.sql_store.source import SqlSource
from ledger.adapters.sql_store.stock import IN_DISPUTE, UNDER_WAY
from ledger.domain.identifiers import ConsignmentId, LotId, LotRef, PartyId
from ledger.domain.records import ConsignmentState, RecordedEvent
from ledger.ports_hub import FloorRow, HubCounts, Sight, SightPlace

_SENT = t.consignments.c
_ABOUT = t.consignment_events.c
_SHIPPED = _ABOUT.kind == ConsignmentKind.SHIPMENT.value


class SqlHub:
    """Asks one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def coming(
        self, party: PartyId, now: int, typical: int, after: SightPlace | None, limit: int, *, overdue: bool
    ) -> list[Sight]:
        """What is under way to the party, by the time when it is expected."""
        expected = _expected(typical)
        late = expected < now if overdue else expected >= now
        asked = _sights(typical).where(_SENT.receiver == party, _SENT.state.in_(UNDER_WAY), late)
        return self._page(asked, expected, after, limit, typical)

    def leaving(self, party: PartyId, typical: int, after: SightPlace | None, limit: int) -> list[Sight]:
        """What the party shipped and nobody signed for yet."""
        asked = _sights(typical).where(_SENT.shipper == party, _SENT.state.in_(UNDER_WAY))
        return self._page(asked, _ABOUT.event_time, after, limit, typical)

    def variances(self, party: PartyId, typical: int, after: SightPlace | None, limit: int) -> list[Sight]:
        """Consignments of which grams are missing; a party is never both sides of one."""
        sides = [
            _paged(_sights(typical).where(side == party, _SENT.state.in_(IN_DISPUTE)), _ABOUT.event_time, after, limit)
            for side in (_SENT.receiver, _SENT.shipper)
        ]
        with self._database.reading() as connection:
            rows = [row for side in sides for row in connection.execute(side)]
            rows.sort(key=lambda row: (row.event_time, row.consignment))
            return _sights_of(connection, rows[:limit])

    def here(self, party: PartyId, after: LotId | None, limit: int) -> list[FloorRow]:
        """Lots that the party holds, by id, with the receipts that brought them."""
        with self._database.reading() as connection:
            return floor_of(connection, party, after, limit)

    def counts(self, party: PartyId, now: int, typical: int) -> HubCounts:
        """How many there are of each."""
        expected = _expected(typical)
        joined = t.consignments.join(t.consignment_events, _ABOUT.consignment == _SENT.consignment)
        number = select(func.count(_SENT.consignment.distinct())).select_from(joined).where(_SHIPPED)
        coming = number.where(_SENT.receiver == party, _SENT.state.in_(UNDER_WAY))
        sides = select(func.count()).select_from(t.consignments)
        here = select(func.count()).select_from(t.balances).where(t.balances.c.party == party, t.HELD)
        asked = (
            coming.where(expected >= now),
            coming.where(expected < now),
            here,
            sides.where(_SENT.shipper == party, _SENT.state.in_(UNDER_WAY)),
            sides.where(_SENT.shipper == party, _SENT.state.in_(IN_DISPUTE)),
            sides.where(_SENT.receiver == party, _SENT.state.in_(IN_DISPUTE)),
        )
        with self._database.reading() as connection:
            expected_later, late, lots, sent, *missing = (int(connection.execute(one).scalar_one()) for one in asked)
        return HubCounts(expected_later, late, lots, sent, sum(missing))

    def sight(self, consignment: ConsignmentId, typical: int) -> Sight | None:
        """One consignment."""
        with self._database.reading() as connection:
            rows = connection.execute(_sights(typical).where(_SENT.consignment == consignment)).all()
            found = _sights_of(connection, rows)
        return found[0] if found else None

    def events_about(self, consignment: ConsignmentId) -> list[RecordedEvent]:
        """Its events, in order of recording."""
        asked = EVENTS.join(t.consignment_events, _ABOUT.sequence == t.events.c.sequence)
        asked = asked.where(_ABOUT.consignment == consignment).order_by(t.events.c.sequence)
        with self._database.reading() as connection:
            return [event_of(row) for row in connection.execute(asked)]

    def air_legs(self, party: PartyId, since: int, limit: int) -> list[ConsignmentId]:
        """Consignments with an air leg, the latest first."""
        last = func.max(_ABOUT.event_time)
        asked = (
            select(_ABOUT.consignment)
            .where(_ABOUT.party == party, _ABOUT.kind == ConsignmentKind.AIR.value, _ABOUT.event_time >= since)
            .group_by(_ABOUT.consignment)
            .order_by(last.desc(), _ABOUT.consignment)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [ConsignmentId(one) for one in connection.execute(asked).scalars()]

    def last_sequence(self) -> int:
        """The sequence number of the newest event."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.coalesce(func.max(t.events.c.sequence), 0))).scalar_one())

    def lot_refs(self, lots: Sequence[LotId]) -> dict[LotId, LotRef]:
        """The names behind many ids."""
        with self._database.reading() as connection:
            return lot_refs(connection, lots)

    def _page(
        self, asked: Select[Any], time: ColumnElement[Any], after: SightPlace | None, limit: int, typical: int
    ) -> list[Sight]:
        with self._database.reading() as connection:
            return _sights_of(connection, connection.execute(_paged(asked, time, after, limit)).all())


def _expected(typical: int) -> ColumnElement[int]:
    return func.coalesce(_ABOUT.due_time, _ABOUT.event_time + cast(literal(typical), BigInteger))


def _sights(typical: int) -> Select[Any]:
    named = t.consignment_names.c
    joined = t.consignments.join(t.consignment_events, _ABOUT.consignment == _SENT.consignment)
    joined = joined.outerjoin(t.consignment_names, named.consignment == _SENT.consignment)
    return (
        select(
            _SENT.consignment, _SENT.shipper, _SENT.receiver, _SENT.state, named.reference,
            _ABOUT.event_time, _ABOUT.due_time, _expected(typical).label("expected"),
        )
        .select_from(joined)
        .where(_SHIPPED)
    )  # fmt: skip


def _paged(asked: Select[Any], time: ColumnElement[Any], after: SightPlace | None, limit: int) -> Select[Any]:
    if after is not None:
        at, consignment = after
        asked = asked.where(or_(time > at, and_(time == at, _SENT.consignment > consignment)))
    return asked.order_by(time, _SENT.consignment).limit(limit)


def _sights_of(connection: Connection, rows: Iterable[Any]) -> list[Sight]:
    # One shipment that was refused and another one under the same reference are one consignment: the later counts.
    found = {ConsignmentId(row.consignment): row for row in rows}
    known = SqlSource(lambda: nullcontext(connection)).consignments(list(found))
    return [
        Sight(
            id=key,
            reference=row.reference or "",
            shipper=PartyId(row.shipper),
            receiver=PartyId(row.receiver),
            state=ConsignmentState(row.state),
            shipped_at=row.event_time,
            expected_at=row.expected,
            is_stated=row.due_time is not None,
            manifest=known[key].manifest,
            open_lines=known[key].open_lines,
        )
        for key, row in found.items()
    ]
