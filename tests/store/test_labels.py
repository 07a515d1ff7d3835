"""Serials, scans and reports in the store, and the service over it: counted by day and city, and no person kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import event_builders as b
import pytest
from ledger_fixture import START, World

from ledger.domain.errors import InvalidInput, NotFound
from ledger.domain.identifiers import LotRef
from ledger.domain.label_reports import LONGEST_TEXT, ReportKind
from ledger.domain.serials import UNISSUED, Sale, Scan, ScanRule, Sign, copied, day_of, serial_hash
from ledger.services.labels import REPORT_BURST, SCAN_BURST, Labels, Reader, TooMany
from ledger.services.scan_memory import ScanMemory

LOT = b.HARVEST_LOT
OTHER = LotRef(LOT.product, "OTHER-1")
TODAY = day_of(START)
PHONE = Reader("198.51.100.7", "Phone/1")


@pytest.fixture
def labels(world: World) -> Labels:
    return Labels(world.store.labels, world.clock)


def another(number: int, city: str = "") -> Reader:
    return Reader(f"198.51.{number // 200}.{number % 200}", "Phone/1", city)


def test_serials_are_numbered_and_never_more_than_cases(labels: Labels) -> None:
    first = labels.issue(LOT, 3, cases=5)
    with pytest.raises(InvalidInput, match="at most 2 more") as refused:
        labels.issue(LOT, 3, cases=5)
    (broken,) = refused.value.violations
    assert (broken.field, broken.rule, broken.value) == ("serials", "label.serials-cases", "3")
    assert labels.look(LOT).issued == 3, "nothing of what is refused is kept"
    more = labels.issue(LOT, 2, cases=5)
    assert len({*first, *more}) == 5
    assert [labels.look(LOT, serial).number for serial in [*first, *more]] == [1, 2, 3, 4, 5]


def test_the_store_refuses_too_many_by_itself(labels: Labels) -> None:
    labels.issue(LOT, 4, cases=5)
    with pytest.raises(InvalidInput, match=r"label\.serials-cases"):
        labels.keep(LOT, ["A", "B"], 5)
    assert labels.store.issued(LOT.id) == 4


@pytest.mark.parametrize("count", [0, -1, 20_001])
def test_a_number_that_cannot_be_made_is_refused(labels: Labels, count: int) -> None:
    with pytest.raises(InvalidInput, match=r"label\.serials"):
        labels.issue(LOT, count, cases=100_000)
    assert labels.look(LOT).issued == 0


def test_a_serial_belongs_to_its_lot(labels: Labels) -> None:
    (serial,) = labels.issue(LOT, 1, cases=9)
    labels.issue(OTHER, 1, cases=9)
    assert labels.look(OTHER, serial).number is None
    assert labels.look(LOT, serial + "0").number is None
    assert labels.store.named([LOT.id, OTHER.id, b"\7" * 32]) == {LOT.id: 1, OTHER.id: 1}
    assert set(labels.store.lots_with_serials(10)) == {LOT.id, OTHER.id}


def test_nobody_can_print_labels_from_what_is_stored(
    world: World, labels: Labels, standing: Callable[[World, list[bytes]], list[bytes]]
) -> None:
    (serial,) = labels.issue(LOT, 1, cases=9)
    labels.scanned(LOT, serial, PHONE)
    hashed = bytes(serial_hash(LOT.id, serial))
    phone = [b"198.51.100.7", b"Phone/1"]
    assert standing(world, [serial.encode(), *phone, hashed]) == [hashed]


def test_a_phone_is_counted_once_a_day(world: World, labels: Labels) -> None:
    (serial,) = labels.issue(LOT, 1, cases=9)
    for _ in range(4):
        labels.scanned(LOT, serial, PHONE)
    labels.scanned(LOT, serial, replace(PHONE, agent="Phone/2"))
    assert labels.look(LOT, serial).scans == (Scan(TODAY, "", 2),)
    world.clock.time = START + 86_400
    labels.scanned(LOT, serial, PHONE)
    assert labels.look(LOT, serial).scans == (Scan(TODAY, "", 2), Scan(day_of(world.clock.time), "", 1))


def test_a_city_that_is_said_later_moves_the_scan(labels: Labels) -> None:
    (serial,) = labels.issue(LOT, 1, cases=9)
    labels.scanned(LOT, serial, PHONE)
    labels.scanned(LOT, serial, replace(PHONE, city="Beijing"))
    labels.scanned(LOT, serial, PHONE)
    assert labels.look(LOT, serial).scans == (Scan(TODAY, "Beijing", 1),)


def test_scans_of_what_nobody_issued_are_counted_together(labels: Labels) -> None:
    (serial,) = labels.issue(LOT, 1, cases=9)
    for number, made_up in enumerate(("A", "B", "A")):
        labels.scanned(LOT, made_up, another(number))
    labels.scanned(OTHER, "C", PHONE)
    assert labels.unissued_scans(LOT) == (Scan(TODAY, "", 3),)
    assert labels.look(LOT, serial).scans == ()
    assert labels.store.scans_of_lot(LOT.id).keys() == {UNISSUED}
    assert labels.unissued_scans(OTHER) == (), "a lot without serials has none to count"


def test_one_address_does_not_make_a_label_look_copied(labels: Labels) -> None:
    (serial,) = labels.issue(LOT, 1, cases=9)
    for number in range(SCAN_BURST + 50):
        labels.scanned(LOT, serial, replace(PHONE, agent=f"Phone/{number}"))
    assert sum(scan.count for scan in labels.look(LOT, serial).scans) == SCAN_BURST


def test_a_copied_label_is_noticed(labels: Labels) -> None:
    (serial,) = labels.issue(LOT, 1, cases=9)
    for number, city in enumerate(("Beijing", "Shanghai", "Guangzhou")):
        labels.scanned(LOT, serial, another(number, city))
    assert [alarm.sign for alarm in copied(labels.look(LOT, serial).scans)] == [Sign.PLACES]
    ((issued, scans),) = labels.serials(LOT)
    assert issued.number == 1
    assert [scan.city for scan in scans] == ["Beijing", "Guangzhou", "Shanghai"]


def test_a_case_is_sold_once(labels: Labels) -> None:
    (serial,) = labels.issue(LOT, 1, cases=9)
    labels.sold(LOT, serial, "Beijing")
    assert labels.look(LOT, serial).sale == Sale(TODAY, "Beijing")
    for lot, again in ((LOT, serial), (LOT, "NOBODYS"), (OTHER, serial)):
        with pytest.raises(NotFound):
            labels.sold(lot, again, "Shanghai")
    assert labels.look(LOT, serial).sale == Sale(TODAY, "Beijing")


def test_the_memory_of_a_day_is_bounded_and_thrown_away() -> None:
    memory = ScanMemory(most=3)
    hashes = [serial_hash(LOT.id, str(number)) for number in range(5)]
    assert [memory.before("p", LOT.id, one, TODAY, "") for one in hashes] == [None] * 5
    assert len(memory) == 3
    assert memory.before("p", LOT.id, hashes[-1], TODAY, "") == ""
    key = memory._key
    assert memory.before("p", LOT.id, hashes[-1], day_of(START + 86_400), "") is None
    assert memory._key != key
    assert len(memory) == 1


def test_a_report_is_kept_with_the_number_of_its_label(world: World, labels: Labels) -> None:
    labels.issue(LOT, 1, cases=9)
    (serial,) = labels.issue(LOT, 1, cases=9)
    labels.report(LOT, serial, "spoiled", "  soft\r\nand brown <b>\n", replace(PHONE, city="Beijing"))
    (kept,) = world.store.labels.reports(10)
    assert (kept.lot, kept.number, kept.kind, kept.text) == (LOT, 2, ReportKind.SPOILED, "soft\nand brown <b>")
    assert (kept.day, kept.city, kept.done) == (TODAY, "Beijing", False)
    assert world.store.labels.report(kept.id) == kept
    assert world.store.labels.report_done(kept.id)
    assert not world.store.labels.report_done("nothing")
    assert world.store.labels.report("nothing") is None
    assert world.store.labels.reports(10) == [replace(kept, done=True)]


def test_open_reports_stand_first(labels: Labels) -> None:
    for kind in ("label", "other"):
        labels.report(LOT, "", kind, kind, PHONE)
    first = labels.store.reports(10)[0]
    labels.store.report_done(first.id)
    assert labels.store.reports(10)[1].id == first.id


@pytest.mark.parametrize(
    ("kind", "text", "rule"),
    [
        ("theft", "x", "report.kind"),
        ("other", "x" * (LONGEST_TEXT + 1), "report.length"),
        ("other", "a\x00b", "report.characters"),
        ("other", "a\x1b[31m", "report.characters"),
    ],
)
def test_reports_that_are_refused(labels: Labels, kind: str, text: str, rule: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(rule)):
        labels.report(LOT, "", kind, text, PHONE)
    assert labels.store.reports(10) == []


def test_an_address_that_reports_too_much_has_to_wait(labels: Labels) -> None:
    for _ in range(REPORT_BURST):
        labels.report(LOT, "", "other", "again", PHONE)
    with pytest.raises(TooMany) as told:
        labels.report(LOT, "", "other", "again", PHONE)
    assert 0 < told.value.seconds <= 120
    assert len(labels.store.reports(100)) == REPORT_BURST


def test_the_rule_is_that_of_the_settings(world: World) -> None:
    labels = Labels(world.store.labels, world.clock, ScanRule(a_day=1))
    (serial,) = labels.issue(LOT, 1, cases=9)
    labels.scanned(LOT, serial, another(1))
    labels.scanned(LOT, serial, another(2))
    assert [alarm.sign for alarm in copied(labels.look(LOT, serial).scans, None, labels.rule)] == [Sign.OFTEN]
