"""What a party did last, as its own events tell, and the next number in a row."""

from __future__ import annotations

from datetime import UTC, date, datetime

import event_builders as b
import pytest

from ledger.domain.binding import action_of
from ledger.domain.content_hash import content_hash
from ledger.domain.event_forms import When
from ledger.domain.identifiers import KeyId
from ledger.domain.records import EntryState, JsonTree, RecordedEvent, Scheme, SignatureProof
from ledger.services.habits import Grower, first_code, habits_of, next_code, reference_number


def recorded(*events: JsonTree) -> list[RecordedEvent]:
    """The events as a store gives them, the last one first."""
    return [
        RecordedEvent(
            number, content_hash(event), "urn:x", datetime(2026, 8, 5, tzinfo=UTC), event,
            SignatureProof(action_of(event, 1), KeyId(bytes(32)), Scheme.P256, b""), EntryState.CONFIRMED,
        )
        for number, event in reversed(list(enumerate(events)))
    ]  # fmt: skip


def test_nothing_done_gives_no_habits() -> None:
    habits = habits_of([])
    assert (habits.plots, habits.growers, habits.receivers) == ((), (), ())
    assert habits.codes == {"harvest": (), "intake": (), "pack": ()}


def test_what_was_used_last_stands_first() -> None:
    older = b.harvest(plot=b.Spot(int(b.FARM), "PLOT-1"), lot=b.LotRef(b.ALLOTTED_PRODUCT, "A-1"))
    newer = b.harvest(lot=b.LotRef(b.BULK_MELON, "A-2"))
    habits = habits_of(recorded(older, newer, older))
    assert habits.plots == (f"{b.FARM:013d}/PLOT-1", f"{b.FARM:013d}/PLOT-7")
    assert habits.harvested == (b.ALLOTTED_PRODUCT, b.BULK_MELON)
    assert habits.codes["harvest"] == ("A-1", "A-2")


def test_growers_and_tickets_of_sheets() -> None:
    habits = habits_of(recorded(b.intake()))
    assert habits.growers == (Grower("G001", "Toksun"), Grower("G002", "Toksun"))
    assert habits.tickets[0] == "T-2"
    assert habits.bought == (b.BULK_MELON,)


def test_shipments_tell_whom_and_how() -> None:
    carried = {"silkroot:carrier": f"{b.CARRIER:013d}", "silkroot:vehicle": "A-1"}
    habits = habits_of(recorded(b.shipping(extra=carried)))
    assert habits.receivers == (b.PACKING_HOUSE,)
    assert habits.carriers == (b.CARRIER,)
    assert habits.vehicles == ("A-1",)
    assert habits.references == (b.REFERENCE.rpartition("/")[2],)


def test_packings_tell_products_and_codes() -> None:
    outputs = [b.amount(b.PACKED_LOT, 500_000), b.amount(b.OTHER_PACKED_LOT, 400_000)]
    habits = habits_of(recorded(b.packing(outputs=outputs)))
    assert habits.packed == (b.MELON_CASE,)
    assert habits.codes["pack"][0] == "P-0002"


@pytest.mark.parametrize(
    ("used", "taken", "expected"),
    [
        ((), (), "H-0805-1"),
        ((), ("H-0805-1",), "H-0805-2"),
        (("HM0805-09",), (), "HM0805-10"),
        (("P-0099",), ("P-0100", "P-0101"), "P-0102"),
        (("A1B",), (), "A2B"),
        (("SPECIAL",), (), "SPECIAL-2"),
        (("A" * 18 + "99",), (), ""),
    ],
)
def test_the_next_code_is_free(used: tuple[str, ...], taken: tuple[str, ...], expected: str) -> None:
    assert next_code(used, first_code("H", date(2026, 8, 5)), lambda code: code not in taken) == expected


def test_where_all_are_taken_nothing_is_offered() -> None:
    assert next_code(("A-1",), "H", lambda code: False) == ""


@pytest.mark.parametrize(
    ("reference", "number"),
    [
        ("urn:epcglobal:cbv:bt:9520000000011:L-41/2", "L-41/2"),
        ("https://id.gs1.org/00/095200000000000018", "095200000000000018"),
    ],
)
def test_a_reference_as_it_stands_on_paper(reference: str, number: str) -> None:
    assert reference_number(reference) == number


def test_an_event_whose_members_are_not_what_they_should_be_tells_nothing() -> None:
    odd = {**b.harvest(when=When("2026-08-05T12:00:00+08:00"))}
    (event,) = recorded(odd)
    odd["readPoint"] = {"id": "nowhere"}
    odd["silkroot:intake"] = "x"
    assert habits_of([event]).plots == ()
