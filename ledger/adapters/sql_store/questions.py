"""
Questions about many events and lots; implements `ledger.ports_questions.Questions` and
`ledger.services.mass_balance.Counted`.

Each reads the index that fits it from the place where the page before ended; `tests/store/test_query_plans.py` holds
that no question reads a whole table. A part with several values is one branch for each of them, cut to a page before
the branches are put together, so that every branch is read in order too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, and_, func, or_, select, text, union_all

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.codec import event_of
from ledger.adapters.sql_store.columns import id_hash
from ledger.adapters.sql_store.database import Database
from ledger.adapters.sql_store.queries import EVENTS
from ledger.adapters.sql_store.question_tables import DECLARED
from ledger.adapters.sql_store.reading import chunks
from ledger.adapters.sql_store.source import SqlSource
from ledger.adapters.sql_store.stock import stock_of
from ledger.domain.custody_state import Consignment, Origin
from ledger.domain.identifiers import ConsignmentId, LotId, PartyId
from ledger.domain.records import ConsignmentState, RecordedEvent
from ledger.ports_questions import EventPlace, EventQuestion, FoundEvent, StockRow

_FOUND = t.event_index.c


class SqlQuestions:
    """Asks one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def events(self, question: EventQuestion, after: EventPlace | None, limit: int) -> list[FoundEvent]:
        """The first `limit` events behind that place, by time and then in order of recording."""
        with self._database.reading() as connection:
            places = [(row[0], row[1]) for row in connection.execute(places_of(question, after, limit))]
            found = {}
            for chunk in chunks([sequence for _, sequence in places]):
                for row in connection.execute(EVENTS.where(t.events.c.sequence.in_(chunk))):
                    found[row.sequence] = event_of(row)
        return [FoundEvent(found[place[1]], place) for place in places]

    def recent(self, party: PartyId, limit: int) -> list[RecordedEvent]:
        """The party's own events, the newest by their time first."""
        places = (
            select(_FOUND.sequence)
            .where(_FOUND.party == party)
            .order_by(_FOUND.event_time.desc(), _FOUND.sequence.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            order = [row[0] for row in connection.execute(places)]
            found = {}
            for chunk in chunks(order):
                for row in connection.execute(EVENTS.where(t.events.c.sequence.in_(chunk))):
                    found[row.sequence] = event_of(row)
        return [found[sequence] for sequence in order]

    def stock(self, party: PartyId, now: int, after: LotId | None, limit: int) -> list[StockRow]:
        """The first `limit` lots by id of which the party has anything."""
        with self._database.reading() as connection:
            return stock_of(connection, party, now, after, limit)

    def settled_of(self, party: PartyId) -> dict[ConsignmentId, tuple[LotId, ...]]:
        """Settled consignments in which the party was a side, with their lots."""
        found: dict[ConsignmentId, list[LotId]] = {}
        sent, lines = t.consignments.c, t.consignment_lines.c
        with self._database.reading() as connection:
            for side in (sent.shipper, sent.receiver):
                asked = select(lines.consignment, lines.lot).join(t.consignments, sent.consignment == lines.consignment)
                settled = asked.where(side == party, sent.state == ConsignmentState.SETTLED.value)
                for row in connection.execute(settled):
                    found.setdefault(ConsignmentId(row.consignment), []).append(LotId(row.lot))
        return {key: tuple(lots) for key, lots in found.items()}

    def held_by(self, party: PartyId) -> int:
        """Grams that the party holds, of all lots."""
        return self._grams(t.balances.c.party == party)

    def held_of(self, lot: LotId) -> int:
        """Grams of the lot that lie with anybody."""
        return self._grams(t.balances.c.lot == lot)

    def consignment(self, consignment: ConsignmentId) -> Consignment | None:
        """The consignment as it stands."""
        return SqlSource(self._database.reading).consignments((consignment,)).get(consignment)

    def origin(self, origin_hash: bytes) -> Origin | None:
        """What is behind an origin hash."""
        return SqlSource(self._database.reading).origins((origin_hash,)).get(origin_hash)

    def _grams(self, condition: ColumnElement[bool]) -> int:
        asked = select(func.coalesce(func.sum(t.balances.c.grams), 0)).where(condition, t.HELD)
        with self._database.reading() as connection:
            return int(connection.execute(asked).scalar_one())


def places_of(question: EventQuestion, after: EventPlace | None, limit: int) -> Select[Any]:
    """The statement that finds times and sequence numbers."""
    order = (_FOUND.event_time, _FOUND.sequence)
    shared = list(_shared(question, after))
    branches = [
        select(*order).select_from(table).where(*shared, *conditions).order_by(*order).limit(limit)
        for table, conditions in _branches(question)
    ]
    if len(branches) == 1:
        return branches[0]
    # UNION ALL of limited branches needs each of them as a table of its own. An event fits several branches only by
    # several lots: it is taken once.
    together = union_all(*(select(branch.subquery()) for branch in branches)).subquery()
    return (
        select(together.c.event_time, together.c.sequence)
        .distinct()
        .order_by(together.c.event_time, together.c.sequence)
        .limit(limit)
    )


def _shared(question: EventQuestion, after: EventPlace | None) -> Iterator[ColumnElement[bool] | TextClause]:
    if question.since is not None:
        yield _FOUND.event_time >= question.since
    if question.before is not None:
        yield _FOUND.event_time < question.before
    if after is not None:
        time, sequence = after
        # The first part alone is what an index can start from.
        yield _FOUND.event_time >= time
        yield or_(_FOUND.event_time > time, and_(_FOUND.event_time == time, _FOUND.sequence > sequence))
    if question.declarations:
        yield text(f"event_index.{DECLARED}")


def _branches(question: EventQuestion) -> Iterator[tuple[Any, list[ColumnElement[bool]]]]:
    """Table and conditions for each value of the part that says most; the others are conditions of every branch."""
    parts: list[tuple[ColumnElement[Any], tuple[Any, ...]]] = [
        (t.event_lots.c.lot, question.lots),
        (_FOUND.read_point, question.read_points),
        (_FOUND.biz_location, question.locations),
        (_FOUND.biz_step, question.steps),
        (_FOUND.party, question.parties),
        (_FOUND.event_type, question.types),
    ]
    table: Any = t.event_index
    if question.lots:
        table = table.join(t.event_lots, t.event_lots.c.sequence == _FOUND.sequence)
    asked = [(column, values) for column, values in parts if values]
    if question.event_ids:
        conditions = [column.in_(values) for column, values in asked]
        owners = table.join(t.events, t.events.c.sequence == _FOUND.sequence)
        for key in map(id_hash, question.event_ids):
            yield owners, [t.events.c.claimed_id == key, *conditions]
            yield table, [_FOUND.declared_id == key, *conditions]
        return
    if not asked:
        yield table, []
        return
    (leading, values), *others = asked
    shared = [column.in_(some) for column, some in others]
    for value in values:
        yield table, [leading == value, *shared]
