"""Certificates: what an event says of one, what is refused, how it stands on a day, how long it is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import certificate_samples as c
import event_builders as b
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.actions import Statement
from ledger.domain.binding import acting_party, action_of
from ledger.domain.certificates import (
    Basis,
    Certificate,
    CertificateKind,
    Promise,
    Validity,
    certificate_of,
    months_after,
    names_a_mobile,
    readable_certificate,
)
from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidInput
from ledger.domain.files import FileHash
from ledger.domain.identifiers import ContentHash, Grams

AT = "/silkroot:certificate"
TEST, PROMISE = c.event_of(c.pesticide_test()), c.event_of(c.promise(), b.FARM)

LINES = st.text("aZ9 -.,()瓜证ئۇ\u200c", min_size=1, max_size=60).filter(lambda text: bool(text.strip()))
DAYS = st.dates(date(2000, 1, 1), date(2026, 8, 5))
LATER = st.none() | st.dates(date(2026, 8, 6), date(2100, 1, 1))
PROMISES = st.builds(
    Promise,
    product=LINES, origin=LINES, contact=LINES.map(lambda text: f"0902-226110 {text}"),
    basis=st.lists(st.sampled_from(Basis), min_size=1, unique=True).map(tuple),
    grams=st.dictionaries(st.sampled_from([b.HARVEST_LOT, b.PACKED_LOT]), st.integers(1, 10**9).map(Grams), min_size=1),
    collected=st.lists(st.binary(min_size=32, max_size=32).map(ContentHash), max_size=3).map(tuple),
)  # fmt: skip


def rule_of(event: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as caught:
        certificate_of(event)
    (violation,) = caught.value.violations
    return violation.field, violation.rule


@given(
    st.sampled_from([kind for kind in CertificateKind if kind is not CertificateKind.PROMISE]), LINES, LINES,
    st.none() | st.sampled_from([b.CERTIFIER, b.ALLOTTED_BUYER]), DAYS, LATER, LATER,
    st.binary(min_size=32, max_size=32),
)  # fmt: skip
def test_what_is_built_is_read_back(
    kind: CertificateKind, issuer: str, number: str, party: Any, issued: date, first: Any, last: Any, file: bytes
) -> None:
    if first is not None and last is not None and last < first:
        first, last = last, first
    lots = (b.HARVEST_LOT,)
    made = Certificate(kind, issuer, party, number, issued, first, last, FileHash(file), lots)
    assert certificate_of(c.event_of(made)) == made


@given(PROMISES)
def test_a_promise_is_read_back(promise: Promise) -> None:
    made = replace(c.promise(), promise=promise, lots=tuple(sorted(promise.grams, key=lambda lot: lot.id)))
    assert certificate_of(c.event_of(made, b.FARM)) == made


@pytest.mark.parametrize("event", [TEST, PROMISE], ids=["test", "promise"])
def test_it_is_a_good_event_and_moves_nothing(event: dict[str, Any]) -> None:
    check_event(event)
    action = action_of(b.sealed(event, acting_party(event)), 0)
    assert isinstance(action, Statement)
    assert action.step == "other"
    assert action.lots == (b.HARVEST_LOT.id,)


def test_an_event_without_the_member_is_none() -> None:
    assert certificate_of(b.harvest()) is None


@pytest.mark.parametrize(
    ("path", "value", "where", "rule"),
    [
        (AT, "a text", AT, "silkroot.member"),
        ("/type", "AggregationEvent", "/type", "certificate.form"),
        ("/action", "ADD", "/action", "certificate.form"),
        ("/bizStep", "inspecting", "/bizStep", "certificate.form"),
        ("/errorDeclaration", {"declarationTime": "2026-08-05T12:00:00Z"}, "/errorDeclaration", "certificate.form"),
        ("/quantityList", [], "/quantityList", "certificate.lots"),
        ("/certificationInfo", ..., "/certificationInfo", "certificate.information"),
        ("/certificationInfo", "https://example.org/other", "/certificationInfo", "certificate.information"),
        (f"{AT}/kind", "beautiful", f"{AT}/kind", "certificate.word"),
        (f"{AT}/kind", None, f"{AT}/kind", "certificate.word"),
        (f"{AT}/colour", "red", f"{AT}/colour", "certificate.member"),
        (f"{AT}/contact", "0902-226110", f"{AT}/contact", "certificate.member"),
        (f"{AT}/issuer", ..., f"{AT}/issuer", "certificate.text"),
        (f"{AT}/issuer", " ", f"{AT}/issuer", "certificate.text"),
        (f"{AT}/issuer", "x" * 121, f"{AT}/issuer", "certificate.text"),
        (f"{AT}/issuer", "two\nlines", f"{AT}/issuer", "certificate.text"),
        (f"{AT}/issuer", "right\u202eleft", f"{AT}/issuer", "certificate.text"),
        (f"{AT}/issuer", "<script>alert(1)</script>", f"{AT}/issuer", "certificate.markup"),
        (f"{AT}/number", "<b>", f"{AT}/number", "certificate.markup"),
        (f"{AT}/issuer", "Ms Wang 139 0990 1234", f"{AT}/issuer", "certificate.mobile"),
        (f"{AT}/issuerParty", "123", f"{AT}/issuerParty", "silkroot.party"),
        (f"{AT}/issued", "2026-8-1", f"{AT}/issued", "certificate.day"),
        (f"{AT}/issued", "2026-02-30", f"{AT}/issued", "certificate.day"),
        (f"{AT}/issued", "2026-08-07", f"{AT}/issued", "certificate.days"),
        (f"{AT}/validUntil", "2026-07-31", f"{AT}/validUntil", "certificate.days"),
        (f"{AT}/validFrom", "2027-01-01", f"{AT}/validUntil", "certificate.days"),
        (f"{AT}/file", ..., f"{AT}/file", "file.uri"),
        (f"{AT}/file", "https://example.org/a.pdf", f"{AT}/file", "file.uri"),
    ],
)
def test_a_certificate_without_its_form_is_refused(path: str, value: Any, where: str, rule: str) -> None:
    event = b.changed(TEST, path, value)
    assert rule_of(event) == (where, rule)
    assert readable_certificate(event) is None


@pytest.mark.parametrize(
    ("path", "value", "where", "rule"),
    [
        (f"{AT}/file", "ni:///sha-256;x", f"{AT}/file", "certificate.member"),
        ("/certificationInfo", "https://example.org/a", "/certificationInfo", "certificate.information"),
        (f"{AT}/issuerParty", f"{b.BUYER:013d}", f"{AT}/issuerParty", "certificate.promisor"),
        (f"{AT}/issuerParty", ..., f"{AT}/issuerParty", "certificate.promisor"),
        (f"{AT}/product", ..., f"{AT}/product", "certificate.text"),
        (f"{AT}/origin", "", f"{AT}/origin", "certificate.text"),
        (f"{AT}/contact", ..., f"{AT}/contact", "certificate.text"),
        (f"{AT}/contact", "none", f"{AT}/contact", "certificate.contact"),
        (f"{AT}/contact", "13909901234", f"{AT}/contact", "certificate.mobile"),
        (f"{AT}/basis", [], f"{AT}/basis", "certificate.basis"),
        (f"{AT}/basis", ["self-test", "self-test"], f"{AT}/basis", "certificate.basis"),
        (f"{AT}/basis", ["hope"], f"{AT}/basis/0", "certificate.word"),
        (f"{AT}/collected", [], f"{AT}/collected", "certificate.collected"),
        (f"{AT}/collected", ["abc"], f"{AT}/collected/0", "silkroot.member"),
        ("/quantityList/0/quantity", ..., "/quantityList/0/quantity", "mass.number"),
    ],
)
def test_a_promise_without_its_fields_is_refused(path: str, value: Any, where: str, rule: str) -> None:
    assert rule_of(b.changed(PROMISE, path, value)) == (where, rule)


@pytest.mark.parametrize(
    "text",
    ["13909901234", "139 0990 1234", "139-0990-1234", "+86 13909901234", "(+86)139.0990.1234", "008613909901234",
     "１３９０９９０１２３４", "call 19912345678!", "Tel:13012345678"],
)  # fmt: skip
def test_a_mobile_number_is_known_however_it_is_set_out(text: str) -> None:
    assert names_a_mobile(text)


@pytest.mark.parametrize(
    "text",
    ["0902-2261100", "+86 902 226 1100", "400-139-0990", "office@farm.example", "12909901234", "139099012345",
     "9139099012341", "2026-08-05", "95200010000020"],
)  # fmt: skip
def test_other_numbers_are_none(text: str) -> None:
    assert not names_a_mobile(text)


def test_how_it_stands_on_a_day() -> None:
    certificate = replace(c.pesticide_test(), valid_from=date(2026, 8, 10))
    days = {date(2026, 8, 9): "not-yet", date(2026, 8, 10): "valid", date(2026, 12, 31): "valid"}
    days[date(2027, 1, 1)] = "expired"
    assert {day: certificate.validity(day) for day in days} == {day: Validity(word) for day, word in days.items()}
    assert replace(certificate, valid_until=None).validity(date(2099, 1, 1)) is Validity.VALID
    assert c.promise().validity(date(2026, 8, 4)) is Validity.NOT_YET


@pytest.mark.parametrize(
    ("day", "until"),
    [("2026-08-05", "2027-02-05"), ("2026-08-31", "2027-02-28"), ("2027-08-31", "2028-02-29"),
     ("2026-06-30", "2026-12-30")],
)  # fmt: skip
def test_six_months_by_the_calendar(day: str, until: str) -> None:
    assert months_after(date.fromisoformat(day), 6) == date.fromisoformat(until)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.none() | st.integers(0, 2000))
def test_it_is_kept_for_six_months_at_least_and_while_it_is_valid(issued: date, days: int | None) -> None:
    last = None if days is None else issued + timedelta(days=days)
    kept = replace(c.pesticide_test(), issued=issued, valid_until=last).keep_until
    assert (kept - issued).days >= 181
    assert last is None or kept >= last


def test_a_promise_without_an_end_is_kept_for_six_months() -> None:
    assert c.promise().keep_until == date(2027, 2, 5)
