"""Plots, certified yields, pledges and corrections: which struct each event implies, and what is refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import event_builders as build
import pytest
from event_builders import changed
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.actions import (
    BirthAmendment,
    Harvest,
    Line,
    Output,
    Pledge,
    PledgeRelease,
    PlotRegistration,
    Statement,
    Transformation,
    TransformationAmendment,
    YieldCertificate,
)
from ledger.domain.binding import action_of, amended_of, lines_of, lots_of
from ledger.domain.content_hash import content_hash
from ledger.domain.digital_link import lot_uri, place_uri
from ledger.domain.epcis import check_document, check_event
from ledger.domain.errors import InvalidEvent
from ledger.domain.event_forms import STANDARD_CONTEXT, Spot, When, amendment
from ledger.domain.identifiers import Grams, LotRef, plot_id
from ledger.domain.records import JsonTree
from ledger.domain.typed_data import origin_hash

DEADLINE = 1_790_000_000
PLOT_7 = plot_id(build.FARM, "PLOT-7")
WAS = "/silkroot:was"

some = st.integers(1, 2**36 - 1)
masses = st.integers(0, 2**36 - 1) | st.just(0)


@pytest.mark.parametrize(
    ("time", "offset", "season"),
    [
        ("2026-08-05T12:00:00+08:00", "+08:00", 2026),
        ("2025-12-31T23:30:00Z", "+00:00", 2025),
        ("2025-12-31T23:30:00Z", "+08:00", 2026),
        ("2026-01-01T03:00:00.5+08:00", "-05:00", 2025),
        ("2026-01-01T03:00:00+08:00", ..., 2026),
    ],
)
def test_the_season_is_the_year_where_it_grew(time: str, offset: Any, season: int) -> None:
    event = changed(build.harvest(when=When(time)), "/eventTimeZoneOffset", offset)
    action = action_of(event, DEADLINE)
    assert isinstance(action, Harvest)
    assert action.season == season


@given(st.integers(1900, 2200))
def test_a_season_that_is_given_holds(season: int) -> None:
    event = build.harvest(season=season)
    check_event(event)
    action = action_of(event, DEADLINE)
    assert isinstance(action, Harvest)
    assert action.season == season


@given(
    st.integers(0, 10**6), st.integers(1, 10**6), st.none() | masses, st.none() | masses, st.none() | masses
)  # fmt: skip
def test_a_transformation_balances_by_itself_unless_told(
    lost: int, made: int, culls: int | None, loss: int | None, remainder: int | None
) -> None:
    taken = made + lost
    event = build.packing(
        inputs=[build.amount(grams=taken)],
        outputs=[build.amount(build.PACKED_LOT, made)],
        culls=culls,
        process_loss=loss,
        remainder=remainder,
    )
    check_event(event)
    action = action_of(event, DEADLINE)
    assert isinstance(action, Transformation)
    assert (action.culls, action.remainder) == (culls or 0, remainder or 0)
    if loss is None:
        assert action.process_loss == max(0, taken - made - action.culls - action.remainder)
    else:
        assert action.process_loss == loss


def test_more_out_than_in_loses_nothing() -> None:
    action = action_of(build.packing(outputs=[build.amount(build.PACKED_LOT, 2_000_000)]), DEADLINE)
    assert isinstance(action, Transformation)
    assert action.process_loss == 0


def test_plot_registration() -> None:
    event = build.plot_registration()
    expected = PlotRegistration(build.CERTIFIER, build.FARM, PLOT_7, content_hash(event), DEADLINE)
    assert action_of(event, DEADLINE) == expected
    assert lots_of(event) == ()


@given(st.integers(1900, 2200), masses, st.text("ABC019-", min_size=1, max_size=20))
def test_a_yield_gives_back_what_its_builder_was_told(season: int, grams: int, extension: str) -> None:
    event = build.yield_certificate(season=season, grams=grams, plot=Spot(build.FARM, extension))
    check_event(event)
    assert action_of(event, DEADLINE) == YieldCertificate(
        build.CERTIFIER, plot_id(build.FARM, extension), season, Grams(grams), content_hash(event), DEADLINE
    )


@given(st.integers(1, 2**36), st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)))
def test_a_pledge_gives_back_what_its_builder_was_told(grams: int, end: datetime) -> None:
    end = end.replace(microsecond=0)
    event = build.pledge(pledged=build.amount(grams=grams), until=f"{end.isoformat()}+08:00")
    check_event(event)
    until = int((end - datetime(1970, 1, 1)).total_seconds()) - 8 * 3600
    assert action_of(event, DEADLINE) == Pledge(
        build.FARM, build.LENDER, build.HARVEST_LOT.id, Grams(grams), until, content_hash(event), DEADLINE
    )


def test_pledge_release() -> None:
    event = build.pledge_release()
    assert action_of(event, DEADLINE) == PledgeRelease(
        build.LENDER, build.FARM, build.HARVEST_LOT.id, content_hash(event), DEADLINE
    )


@given(some, masses)
def test_a_corrected_harvest(was: int, grams: int) -> None:
    original = build.harvest(grams=was)
    event = build.harvest_amendment(original=original, grams=grams)
    check_event(event)
    assert action_of(event, DEADLINE) == BirthAmendment(
        build.FARM,
        build.HARVEST_LOT.id,
        Grams(was),
        Grams(grams),
        content_hash(original),
        content_hash(event),
        DEADLINE,
    )


def test_a_correction_is_corrected() -> None:
    first = build.harvest_amendment(grams=0)
    second = build.harvest_amendment(original=first, grams=950_000)
    action = action_of(second, DEADLINE)
    assert isinstance(action, BirthAmendment)
    assert (action.was, action.grams, action.corrects) == (0, 950_000, content_hash(first))


@pytest.mark.parametrize("deliveries", [(250_000, 300_000), (0, 0), ()])
def test_a_corrected_intake(deliveries: tuple[int, ...]) -> None:
    event = build.intake_amendment(deliveries=deliveries)
    check_event(event)
    action = action_of(event, DEADLINE)
    assert isinstance(action, BirthAmendment)
    assert (action.party, action.lot) == (build.COOPERATIVE, build.INTAKE_LOT.id)
    assert (action.was, action.grams) == (600_000, sum(deliveries))


@given(st.data())
def test_a_corrected_transformation(data: st.DataObject) -> None:
    codes = st.lists(st.text("ABC019", min_size=1, max_size=6), min_size=1, max_size=4, unique=True)
    taken = {LotRef(build.BULK_MELON, code): data.draw(st.tuples(some, masses)) for code in data.draw(codes)}
    made = {LotRef(build.MELON_CASE, code): data.draw(st.tuples(some, masses)) for code in data.draw(codes)}
    old_in, old_out = ([build.amount(lot, grams[0]) for lot, grams in each.items()] for each in (taken, made))
    original = build.packing(inputs=old_in, outputs=old_out)
    changes = {lot: grams[1] for lot, grams in (taken | made).items()}
    event = build.packing_amendment(original=original, grams=changes, culls=3, process_loss=4, remainder=5)
    check_event(event)
    before = action_of(original, DEADLINE)
    assert isinstance(before, Transformation)
    new_inputs = sorted((Line(lot.id, Grams(grams[1])) for lot, grams in taken.items()), key=lambda line: line.lot)
    new_outputs = tuple(Output(lot.product, lot.code, Grams(grams[1])) for lot, grams in made.items())
    assert action_of(event, DEADLINE) == TransformationAmendment(
        build.PACKING_HOUSE,
        origin_hash(before.inputs, before.outputs),
        tuple(new_inputs),
        new_outputs,
        Grams(3),
        Grams(4),
        Grams(5),
        content_hash(original),
        content_hash(event),
        DEADLINE,
    )
    assert amended_of(event) == (before.inputs, before.outputs)
    assert lines_of(event) == tuple(new_inputs)
    assert set(lots_of(event)) == set(taken) | set(made)


def test_a_correction_keeps_what_it_does_not_change() -> None:
    original = build.packing(
        inputs=[build.amount(cases=7)], outputs=[build.amount(build.PACKED_LOT, 900_000, cases=90)], culls=10_000,
        process_loss=90_000,
    ) | {"eventID": "urn:uuid:b1d2a4d2-7a4f-4b7c-9b1f-6a6ad4e1b7c2", "recordTime": "2026-08-05T05:00:00Z"}  # fmt: skip
    event = amendment(original, {build.PACKED_LOT: Grams(890_000)})
    assert event["silkroot:cases"] == [{"epcClass": lot_uri(build.HARVEST_LOT), "count": 7}]
    assert not event.keys() & {"eventID", "recordTime", "silkroot:blind", "silkroot:processLoss"}
    action = action_of(event, DEADLINE)
    assert isinstance(action, TransformationAmendment)
    assert (action.culls, action.process_loss) == (10_000, 100_000)
    assert original["quantityList" if "quantityList" in original else "outputQuantityList"][0]["quantity"] == 900


def test_a_correction_under_another_prefix_stays_under_it() -> None:
    original = build.harvest()
    renamed = {key.replace("silkroot:", "sr:"): value for key, value in original.items()}
    renamed["@context"] = [STANDARD_CONTEXT, {"sr": "https://silkroot.example/epcis/"}]
    event = amendment(renamed, {build.HARVEST_LOT: Grams(0)})
    assert event.keys() >= {"sr:corrects", "sr:was"}
    check_event(event)
    assert isinstance(action_of(event, DEADLINE), BirthAmendment)


@pytest.mark.parametrize(
    "event", [build.shipping(), build.sale(lines=[build.amount(), build.amount(build.PACKED_LOT)])]
)
def test_only_what_was_made_is_corrected(event: JsonTree) -> None:
    with pytest.raises(InvalidEvent) as refusal:
        action_of(amendment(event, {build.HARVEST_LOT: Grams(1)}), DEADLINE)
    assert refusal.value.violations[0].rule in ("form.biz-step", "birth.one-lot")


def test_a_correction_is_about_the_lots_of_the_event() -> None:
    with pytest.raises(InvalidEvent) as refusal:
        amendment(build.harvest(), {build.PACKED_LOT: Grams(1)})
    assert refusal.value.violations[0].rule == "line.differs"


def test_nothing_of_a_lot_is_for_corrections_only() -> None:
    """In the event itself, and where the prefix stands in the document around it."""
    corrected = build.harvest_amendment(grams=0)
    with pytest.raises(InvalidEvent) as refusal:
        check_event({key: value for key, value in corrected.items() if key != "silkroot:corrects"})
    assert [item.rule for item in refusal.value.violations] == ["epcis.quantity"]
    check_document(
        {
            "@context": corrected["@context"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-08-06T00:00:00Z",
            "epcisBody": {"eventList": [{key: value for key, value in corrected.items() if key != "@context"}]},
        }
    )


def test_a_reservation_without_terms_is_a_statement() -> None:
    action = action_of(changed(build.pledge(), "/silkroot:pledge", ...), DEADLINE)
    assert isinstance(action, Statement)
    assert action.step == "reserving"


HASH = "0123456789abcdef" * 4
FIELD = place_uri(build.FARM)
A_LOT = [{"epcClass": lot_uri(build.HARVEST_LOT)}]


@pytest.mark.parametrize(
    ("name", "path", "value", "field", "rule"),
    [
        ("harvest", "/silkroot:season", 1899, "/silkroot:season", "silkroot.season"),
        ("harvest", "/silkroot:season", 2201, "/silkroot:season", "silkroot.season"),
        ("harvest", "/silkroot:season", "2026", "/silkroot:season", "silkroot.season"),
        ("harvest", "/silkroot:season", None, "/silkroot:season", "silkroot.season"),
        ("harvest", "/eventTime", "1026-08-05T12:00:00+08:00", "/eventTime", "silkroot.season"),
        ("harvest", "/eventTime", "2026-02-30T12:00:00+08:00", "/eventTime", "epcis.time"),
        ("harvest", "/eventTime", "2026-08-05T12:00:00", "/eventTime", "epcis.time"),
        ("harvest", "/eventTime", "2026-08-05T24:00:00Z", "/eventTime", "epcis.time"),
        ("harvest", "/eventTime", "2026-08-05T12:00:00+00:60", "/eventTime", "epcis.time"),
        ("harvest", "/eventTimeZoneOffset", "+00:99", "/eventTimeZoneOffset", "epcis.time"),
        ("harvest", "/eventTimeZoneOffset", "8", "/eventTimeZoneOffset", "epcis.time"),
        ("harvest", "/eventTimeZoneOffset", "+99:00", "/eventTimeZoneOffset", "epcis.time"),
        ("harvest", "/silkroot:was", 5, "/silkroot:was", "form.own-member"),
        ("packing", "/silkroot:culls", -1, "/silkroot:culls", "silkroot.grams"),
        ("packing", "/silkroot:processLoss", "5", "/silkroot:processLoss", "silkroot.grams"),
        ("packing", "/silkroot:remainder", 0.5, "/silkroot:remainder", "silkroot.grams"),
        ("plot_registration", "/action", "OBSERVE", "/action", "form.action"),
        ("plot_registration", "/bizStep", "inspecting", "/bizStep", "form.biz-step"),
        ("plot_registration", "/type", "TransactionEvent", "/type", "form.event-type"),
        ("plot_registration", "/epcList", ..., "/epcList", "plot.place"),
        ("plot_registration", "/epcList", [], "/epcList", "plot.place"),
        ("plot_registration", "/epcList/0", FIELD, "/epcList/0", "plot.place"),
        ("plot_registration", "/epcList/0", 7, "/epcList/0", "epcis.uri"),
        ("plot_registration", "/epcList/0", "https://id.gs1.org/414/9520000000012", "/epcList/0", "gs1.check-digit"),
        ("plot_registration", "/silkroot:plot", "FARM", "/silkroot:plot", "silkroot.member"),
        ("plot_registration", "/silkroot:plot/producer", ..., "/silkroot:plot/producer", "silkroot.party"),
        ("plot_registration", "/silkroot:plot/producer", "9520000000012", "/silkroot:plot/producer", "gs1.check-digit"),
        ("plot_registration", "/quantityList", A_LOT, "/quantityList", "form.lots"),
        ("yield_certificate", "/action", "ADD", "/action", "form.action"),
        ("yield_certificate", "/bizStep", ..., "/bizStep", "form.biz-step"),
        ("yield_certificate", "/epcList/0", FIELD, "/epcList/0", "plot.place"),
        ("yield_certificate", "/silkroot:yield", None, "/silkroot:yield", "silkroot.member"),
        ("yield_certificate", "/silkroot:yield/season", ..., "/silkroot:yield/season", "silkroot.season"),
        ("yield_certificate", "/silkroot:yield/grams", ..., "/silkroot:yield/grams", "silkroot.grams"),
        ("yield_certificate", "/silkroot:plot", {}, "/silkroot:yield", "form.two-actions"),
        ("pledge", "/action", "ADD", "/action", "form.action"),
        ("pledge", "/disposition", "available", "/disposition", "form.disposition"),
        ("pledge", "/bizStep", "holding", "/bizStep", "form.biz-step"),
        ("pledge", "/quantityList", [], "/quantityList", "form.one-lot"),
        ("pledge", "/quantityList/0/quantity", ..., "/quantityList/0/quantity", "mass.number"),
        ("pledge", "/silkroot:pledge", [], "/silkroot:pledge", "silkroot.member"),
        ("pledge", "/silkroot:pledge/lender", "bank", "/silkroot:pledge/lender", "silkroot.party"),
        ("pledge", "/silkroot:pledge/until", ..., "/silkroot:pledge/until", "silkroot.time"),
        ("pledge", "/silkroot:pledge/until", "2026-12-31", "/silkroot:pledge/until", "silkroot.time"),
        ("pledge", "/silkroot:pledge/until", "2026-12-31T18:00:00", "/silkroot:pledge/until", "silkroot.time"),
        ("pledge", "/silkroot:pledge/until", "2026-12-31T18:00:00.5Z", "/silkroot:pledge/until", "silkroot.time"),
        ("pledge", "/silkroot:pledge/until", "1969-12-31T18:00:00Z", "/silkroot:pledge/until", "silkroot.time"),
        ("pledge", "/silkroot:pledge/until", 1_800_000_000, "/silkroot:pledge/until", "silkroot.time"),
        ("pledge_release", "/action", "DELETE", "/action", "form.action"),
        ("pledge_release", "/disposition", "reserved", "/disposition", "form.disposition"),
        ("pledge_release", "/quantityList", ..., "/quantityList", "form.one-lot"),
        ("pledge_release", "/quantityList/0/quantity", 5, "/quantityList/0/quantity", "form.one-lot"),
        ("pledge_release", "/silkroot:pledgeRelease", True, "/silkroot:pledgeRelease", "silkroot.member"),
        ("pledge_release", "/silkroot:pledgeRelease/holder", 7, "/silkroot:pledgeRelease/holder", "silkroot.party"),
        ("harvest_amendment", "/silkroot:corrects", HASH[1:], "/silkroot:corrects", "silkroot.member"),
        ("harvest_amendment", "/silkroot:corrects", HASH.upper(), "/silkroot:corrects", "silkroot.member"),
        ("harvest_amendment", "/silkroot:corrects", None, "/silkroot:corrects", "silkroot.member"),
        ("harvest_amendment", "/silkroot:corrects", ..., "/silkroot:was", "form.own-member"),
        ("harvest_amendment", WAS, ..., WAS, "silkroot.grams"),
        ("harvest_amendment", WAS, -1, WAS, "silkroot.grams"),
        ("harvest_amendment", "/bizStep", "shipping", "/bizStep", "form.biz-step"),
        ("harvest_amendment", "/type", "AggregationEvent", "/type", "form.event-type"),
        ("harvest_amendment", "/quantityList", [], "/quantityList", "birth.one-lot"),
        ("harvest_amendment", "/quantityList/0/quantity", -1, "/quantityList/0/quantity", "mass.positive"),
        ("harvest_amendment", "/silkroot:pledge", {}, "/silkroot:pledge", "form.two-actions"),
        ("harvest", "/quantityList/0/quantity", 0, "/quantityList/0/quantity", "mass.positive"),
        ("intake_amendment", "/silkroot:intake/0/grams", -1, "/silkroot:intake/0/grams", "intake.grams"),
        ("intake_amendment", "/silkroot:intake", [], "/silkroot:intake", "intake.sum"),
        ("intake", "/silkroot:yield", {}, "/silkroot:yield", "form.two-actions"),
        ("packing_amendment", "/bizStep", "inspecting", "/bizStep", "form.biz-step"),
        ("packing_amendment", WAS, 5, WAS, "silkroot.member"),
        ("packing_amendment", WAS, ..., WAS, "silkroot.member"),
        ("packing_amendment", f"{WAS}/inputs", ..., f"{WAS}/inputs", "silkroot.member"),
        ("packing_amendment", f"{WAS}/outputs", [], f"{WAS}/outputs", "silkroot.member"),
        ("packing_amendment", f"{WAS}/inputs/0/grams", ..., f"{WAS}/inputs/0/grams", "silkroot.grams"),
        ("packing_amendment", f"{WAS}/inputs/0/epcClass", lot_uri(build.PACKED_LOT), f"{WAS}/inputs/0/epcClass",
         "line.differs"),
        ("packing_amendment", "/outputQuantityList", [], "/outputQuantityList", "form.both-lists"),
    ],
)  # fmt: skip
def test_refusals_name_field_and_rule(name: str, path: str, value: Any, field: str, rule: str) -> None:
    event = build.BUILDERS[name]()
    if path == "/silkroot:intake" and value == []:
        event["quantityList"][0]["quantity"] = 1
    with pytest.raises(InvalidEvent) as refusal:
        action_of(changed(event, path, value), DEADLINE)
    assert (refusal.value.violations[0].field, refusal.value.violations[0].rule) == (field, rule)


def test_a_correction_names_as_many_lots_as_before() -> None:
    event = build.packing_amendment()
    event["outputQuantityList"].append(build.event_forms.quantity(build.amount(build.OTHER_PACKED_LOT, 1)))
    with pytest.raises(InvalidEvent) as refusal:
        action_of(event, DEADLINE)
    assert refusal.value.violations[0].rule == "line.differs"
    assert refusal.value.violations[0].field == "/outputQuantityList"


def test_a_loss_beyond_64_bits_is_refused() -> None:
    lots = [build.amount(LotRef(build.BULK_MELON, code), 2**64 - 2_000) for code in "AB"]
    with pytest.raises(InvalidEvent) as refusal:
        action_of(build.packing(inputs=lots), DEADLINE)
    assert refusal.value.violations[0].rule == "mass.range"


def test_times_beyond_the_calendar_are_refused() -> None:
    event = changed(build.harvest(when=When("9999-12-31T23:00:00Z")), "/eventTimeZoneOffset", "+08:00")
    with pytest.raises(InvalidEvent) as refusal:
        action_of(event, DEADLINE)
    assert refusal.value.violations[0].rule == "epcis.time"
