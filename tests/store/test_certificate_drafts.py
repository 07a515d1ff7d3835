"""Drafts about certificates and returns: what a form becomes, what is collected, what is refused at which field."""

from __future__ import annotations

import uuid
from typing import Any

import certificate_samples as c
import event_builders as b
import pytest
import sample_files as s
from ledger_fixture import LEDGER_DOMAIN, SECRET, World
from staff_browser import files_of

from ledger.domain.certificates import Basis, CertificateKind, certificate_of
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import PartyId
from ledger.domain.records import JsonTree
from ledger.services.certificate_drafts import CertificateDrafts
from ledger.services.drafts import Actor, Draft, Drafts

LOT = f"{b.BULK_MELON:014d}/H-0001"
PAPER: JsonTree = {
    "kind": "pesticide-test", "issuer": "Hami Station", "number": "HT-1", "issued": "2026-08-01",
    "valid_until": "2026-12-31", "lots": [{"lot": LOT}],
}  # fmt: skip
PROMISE: JsonTree = {
    "issuer": "Farm One", "number": "P-1", "issued": "2026-08-05", "product": "Hami melon", "origin": "Nanhu, Hami",
    "contact": "0902-226 1100", "basis": ["self-test"], "lots": [{"lot": LOT, "grams": 900_000}],
}  # fmt: skip


@pytest.fixture
def uri(world: World) -> str:
    """A report that was handed in."""
    world.record(b.harvest())
    return files_of(world).keep(s.PDF, b.FARM, "aigul").uri


@pytest.fixture
def drafts(world: World, uri: str) -> Drafts:
    kinds = CertificateDrafts(world.store.certificates, world.store.files).kinds
    return Drafts(world.store, world.clock, LEDGER_DOMAIN, SECRET, kinds=kinds)


def made(drafts: Drafts, kind: str, fields: JsonTree, party: PartyId = b.FARM) -> Draft:
    found = drafts.draft(kind, fields, str(uuid.uuid4()), Actor(party, "00" * 8, "Aygül"))
    assert isinstance(found, Draft)
    return found


def refusal(drafts: Drafts, kind: str, fields: JsonTree, party: PartyId = b.FARM) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as refused:
        made(drafts, kind, fields, party)
    return refused.value.violations[0].field, refused.value.violations[0].rule


def test_a_paper_becomes_a_certificate(drafts: Drafts, uri: str) -> None:
    draft = made(drafts, "certificate", PAPER | {"file": uri})
    certificate = certificate_of(draft.event)
    assert certificate is not None
    assert (certificate.kind, certificate.number, certificate.lots) == (
        CertificateKind.PESTICIDE_TEST, "HT-1", (b.HARVEST_LOT,),
    )  # fmt: skip
    assert draft.event["certificationInfo"] == uri
    assert "silkroot:person" not in draft.event


def test_a_promise_says_how_much_and_by_whom(drafts: Drafts) -> None:
    certificate = certificate_of(made(drafts, "promise", PROMISE).event)
    assert certificate is not None
    assert certificate.promise is not None
    assert (certificate.issuer_party, dict(certificate.promise.grams)) == (b.FARM, {b.HARVEST_LOT: 900_000})
    assert certificate.promise.basis == (Basis.SELF_TEST,)
    assert certificate.promise.collected == ()


def test_a_repacked_lot_collects_the_promises_of_what_went_in(world: World, drafts: Drafts) -> None:
    _, promised, *_ = world.record(
        b.inspection(), c.event_of(c.promise(), b.FARM), c.event_of(c.pesticide_test()), b.shipping(),
        b.receiving(), b.packing(),
    )  # fmt: skip
    packed = PROMISE | {"lots": [{"lot": f"{b.MELON_CASE:014d}/P-0001", "grams": 5000}], "issuer": "Packing House"}
    certificate = certificate_of(made(drafts, "promise", packed, b.PACKING_HOUSE).event)
    assert certificate is not None
    assert certificate.promise is not None
    assert certificate.promise.collected == (promised.content_hash,)


@pytest.mark.parametrize(
    ("changed", "field", "rule"),
    [
        ({"kind": "promise"}, "/kind", "draft.choice"),
        ({"issuer": "<script>alert(1)</script>"}, "/issuer", "draft.markup"),
        ({"issuer": "Ms Wang 13909901234"}, "/issuer", "certificate.mobile"),
        ({"issuer_party": "123"}, "gln", "gs1.gln.length"),
        ({"number": ""}, "/number", "draft.missing"),
        ({"issued": "yesterday"}, "/issued", "certificate.day"),
        ({"issued": "2026-08-20"}, "/issued", "certificate.days"),
        ({"valid_until": "2026-02-30"}, "/valid_until", "certificate.day"),
        ({"valid_until": "2026-07-01"}, "/valid_until", "certificate.days"),
        ({"file": None}, "/file", "draft.missing"),
        ({"file": "ni:///sha-256;" + "A" * 43}, "/file", "certificate.file"),
        ({"file": "https://example.org/a"}, "/file", "file.uri"),
        ({"lots": []}, "/lots", "draft.missing"),
        ({"lots": [{"lot": f"{b.BULK_MELON:014d}/NOBODY"}]}, "/lots/0/lot", "certificate.lot"),
        ({"colour": "red"}, "/colour", "draft.unknown"),
    ],
)
def test_a_paper_with_a_gap_is_refused(drafts: Drafts, uri: str, changed: JsonTree, field: str, rule: str) -> None:
    assert refusal(drafts, "certificate", PAPER | {"file": uri} | changed) == (field, rule)


@pytest.mark.parametrize(
    ("changed", "field", "rule"),
    [
        ({"contact": "139 0990 1234"}, "/contact", "certificate.mobile"),
        ({"contact": "none"}, "/contact", "certificate.contact"),
        ({"basis": []}, "/basis", "certificate.basis"),
        ({"basis": ["hope"]}, "/basis", "certificate.word"),
        ({"origin": ""}, "/origin", "draft.missing"),
        ({"lots": [{"lot": LOT, "grams": 0}]}, "/lots/0/grams", "draft.grams"),
        ({"lots": [{"lot": LOT, "grams": 1}, {"lot": LOT, "grams": 1}]}, "/lots/1/lot", "line.twice"),
    ],
)
def test_a_promise_with_a_gap_is_refused(drafts: Drafts, changed: JsonTree, field: str, rule: str) -> None:
    assert refusal(drafts, "promise", PROMISE | changed) == (field, rule)


def test_nobody_promises_for_somebody_elses_lot(drafts: Drafts) -> None:
    assert refusal(drafts, "promise", PROMISE, b.BUYER) == ("/lots/0/lot", "certificate.foreign-lot")


def test_an_erased_file_carries_no_certificate(world: World, drafts: Drafts, uri: str) -> None:
    files = files_of(world)
    files.erase(next(iter(world.store.files.everything())).hash)
    assert refusal(drafts, "certificate", PAPER | {"file": uri}) == ("/file", "certificate.file")


def test_goods_go_back_with_their_reason(world: World, drafts: Drafts) -> None:
    world.record(b.shipping(), b.receiving())
    fields: dict[str, Any] = {
        "manifest": [{"lot": LOT, "grams": 200_000}], "to": f"{b.FARM:013d}", "reference": "R-1", "reason": "overripe",
    }  # fmt: skip
    draft = made(drafts, "return", fields, b.PACKING_HOUSE)
    assert type(draft.action).__name__ == "Shipment"
    assert draft.event["silkroot:reason"] == "overripe"
    assert refusal(drafts, "return", fields | {"reason": ""}, b.PACKING_HOUSE) == ("/reason", "draft.missing")
