"""What a projection holds of lots, consignments, plots, yields and pledges comes back from its tables as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace

import pytest
from sqlalchemy import Connection, insert

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.dialect import WRITES, open_engine
from ledger.adapters.sql_store.schema import migrate
from ledger.adapters.sql_store.source import SqlSource, load_all
from ledger.adapters.sql_store.write_back import clear, write_back
from ledger.domain.actions import Line, Output
from ledger.domain.custody_state import Consignment, Lot, Origin, Pledge, Plot, StateChange, Yield
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import ConsignmentId, Grams, LotId, LotRef, PartyId, PlotId, ProductId
from ledger.domain.projection import Projection
from ledger.domain.records import ConsignmentState

FARM, HUB, BANK = PartyId(1), PartyId(2**64 - 1), PartyId(3)
REFS = [LotRef(ProductId(9520000001005), f"L-{number:04}") for number in range(900)]
A, B, C = sorted(ref.id for ref in REFS[:3])
PLOT, OTHER_PLOT = PlotId(b"\x01" * 32), PlotId(b"\x02" * 32)
SENT = ConsignmentId(b"\x07" * 32)
MOST = Grams(2**64 - 1)


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A write transaction on a new database in which the lots have names."""
    engine = open_engine(url)
    migrate(engine)
    with engine.connect().execution_options(**{WRITES: True}) as opened, opened.begin():
        names = [{"lot": ref.id, "product": ref.product, "code": ref.code} for ref in REFS]
        opened.execute(insert(t.lot_names), names)
        yield opened
    engine.dispose()


def source(connection: Connection) -> SqlSource:
    return SqlSource(lambda: nullcontext(connection))


def store(connection: Connection, change: StateChange) -> Projection:
    """Applies the change to what the tables hold and writes it back; returns the whole as the tables hold it now."""
    projection = Projection(source(connection))
    projection.change(change)
    write_back(connection, projection)
    return load_all(connection)


def lots(connection: Connection, values: dict[LotId, Lot]) -> None:
    projection = Projection(source(connection))
    for key, value in values.items():
        projection.lots[key] = value
        projection.changed.lots.add(key)
    write_back(connection, projection)


def lines(*grams: int) -> tuple[Line, ...]:
    return tuple(Line(lot, Grams(mass)) for lot, mass in zip((A, B, C), grams, strict=False))


FULL = Lot(
    FARM, MOST, 7, HUB, (A, B), certified=Grams(2**63), inherited=True, moved=True, origin_hash=b"\x09" * 32,
    yield_of=(PLOT, 65535),
)  # fmt: skip


@pytest.mark.parametrize(
    "lot",
    [
        FULL,
        replace(FULL, inherited=False),
        replace(FULL, moved=False),
        replace(FULL, origin_hash=bytes(32)),
        replace(FULL, yield_of=None),
        replace(FULL, certified=Grams(0)),
        Lot(FARM, Grams(0)),
    ],
)
def test_a_lot(connection: Connection, lot: Lot) -> None:
    lots(connection, {A: Lot(FARM, Grams(1)), B: Lot(FARM, Grams(1)), C: lot})
    assert source(connection).lineage([C])[C] == lot
    assert load_all(connection).lots[C] == lot
    lots(connection, {C: replace(lot, moved=not lot.moved, certified=Grams(5), grams=Grams(6))})
    assert source(connection).lineage([C])[C].certified == 5


def test_a_consignment_through_all_its_states(connection: Connection) -> None:
    whole = Consignment(FARM, HUB, ConsignmentState.IN_TRANSIT, lines(10, 20, 30), lines(10, 20, 30))
    steps = [
        whole,
        replace(whole, state=ConsignmentState.VOID_ANNOUNCED, notice_at=2**40),
        replace(whole, open_lines=lines(10, 5)),
        replace(whole, open_lines=lines(1)),
        replace(whole, open_lines=(), state=ConsignmentState.VARIANCE),
        whole,
        replace(whole, open_lines=lines(10, 20, 29), state=ConsignmentState.SETTLED),
    ]
    for step in steps:
        stored = store(connection, StateChange(consignments={SENT: step}))
        assert stored.consignments == {SENT: step}
        assert source(connection).consignments([SENT, ConsignmentId(bytes(32))]) == {SENT: step}


def test_plots_and_yields(connection: Connection) -> None:
    plots = {PLOT: Plot(FARM, HUB), OTHER_PLOT: Plot(HUB, FARM)}
    yields = {(PLOT, 2026): Yield(MOST, Grams(5)), (PLOT, 2027): Yield(Grams(3)), (OTHER_PLOT, 2026): Yield(Grams(4))}
    stored = store(connection, StateChange(plots=plots, yields=yields))
    assert (stored.plots, stored.yields) == (plots, yields)
    assert source(connection).plots([PLOT, PlotId(bytes(32))]) == {PLOT: plots[PLOT]}
    asked = [(PLOT, 2026), (OTHER_PLOT, 2027)]
    assert source(connection).yields(asked) == {(PLOT, 2026): yields[PLOT, 2026]}
    lowered = {(PLOT, 2026): Yield(Grams(9), Grams(6))}
    assert store(connection, StateChange(yields=lowered)).yields == {**yields, **lowered}


def test_pledges_keep_their_order_and_go_when_they_end(connection: Connection) -> None:
    four = tuple(Pledge(BANK, Grams(number), 2**39 + number) for number in (4, 1, 3, 2))
    stored = store(connection, StateChange(pledges={(A, FARM): four, (A, HUB): four[:1], (B, FARM): four[1:]}))
    assert stored.pledges == {(A, FARM): four, (A, HUB): four[:1], (B, FARM): four[1:]}
    assert source(connection).pledges([(A, FARM), (C, FARM)]) == {(A, FARM): four}
    stored = store(connection, StateChange(pledges={(A, FARM): four[2:], (A, HUB): ()}))
    assert stored.pledges == {(A, FARM): four[2:], (B, FARM): four[1:]}


def test_the_lists_behind_an_origin_hash(connection: Connection) -> None:
    outputs = (Output(REFS[5].product, 'Z-"/9', MOST), Output(REFS[4].product, "A", Grams(0)))
    first, second = Origin(lines(1, 2, 3), outputs), Origin((), ())
    stored = store(connection, StateChange(origins={b"\x01" * 32: first, b"\x02" * 32: second}))
    assert stored.origins == {b"\x01" * 32: first, b"\x02" * 32: second}
    assert source(connection).origins([b"\x01" * 32, b"\x03" * 32]) == {b"\x01" * 32: first}


@pytest.mark.parametrize(
    "damage", [b"[]", b'{"inputs":[["zz",1]],"outputs":[]}', b"\xff", b'{"inputs":[[1]],"outputs":[]}']
)
def test_lists_that_cannot_have_been_written_are_an_error(connection: Connection, damage: bytes) -> None:
    connection.execute(insert(t.origins), [{"origin_hash": b"\x01" * 32, "lists": damage}])
    with pytest.raises(StoreError, match="the stored lists of a transformation"):
        source(connection).origins([b"\x01" * 32])


def test_more_of_each_than_one_statement_names(connection: Connection) -> None:
    many = [ref.id for ref in REFS]
    seasons = {(PlotId(lot), 2026): Yield(Grams(1)) for lot in many}
    pledges = {(lot, FARM): (Pledge(BANK, Grams(1), 5),) for lot in many}
    sent = Consignment(FARM, HUB, ConsignmentState.IN_TRANSIT, lines(2), lines(1))
    consignments = {ConsignmentId(lot): sent for lot in many}
    plots = {PlotId(lot): Plot(FARM, HUB) for lot in many}
    store(connection, StateChange(yields=seasons, pledges=pledges, consignments=consignments, plots=plots))
    stored = store(connection, StateChange(pledges=dict.fromkeys(pledges, ()), consignments=consignments))
    assert stored.pledges == {}
    found = source(connection)
    assert found.yields(list(seasons)) == seasons
    assert found.consignments(list(consignments)) == consignments
    assert found.plots(list(plots)) == plots


def test_clearing_leaves_nothing(connection: Connection) -> None:
    lots(connection, {A: FULL, B: FULL})
    sent = Consignment(FARM, HUB, ConsignmentState.IN_TRANSIT, lines(2), lines(1))
    origin = Origin(lines(1), ())
    change = StateChange(
        balances={(A, FARM): 5}, consignments={SENT: sent}, plots={PLOT: Plot(FARM, HUB)},
        yields={(PLOT, 1): Yield(Grams(1))}, pledges={(A, FARM): (Pledge(BANK, Grams(1), 5),)},
        origins={b"\x01" * 32: origin},
    )  # fmt: skip
    full = store(connection, change)
    clear(connection)
    empty = load_all(connection)
    for what in ("lots", "balances", "consignments", "plots", "yields", "pledges", "origins"):
        assert getattr(full, what) != {}
        assert getattr(empty, what) == {}
