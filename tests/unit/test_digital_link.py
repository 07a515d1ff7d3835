"""Lots, parties and places by every URI form, there and back; what a Digital Link may not be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import digital_link as dl
from ledger.domain.errors import InvalidGs1Key
from ledger.domain.gs1 import with_check_digit
from ledger.domain.identifiers import LotRef, PartyId, ProductId

CODES = st.text("!\"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz", min_size=1, max_size=20)
GTINS = st.integers(10**9, 10**13 - 1).map(lambda body: ProductId(int(with_check_digit(f"{body:013d}"))))
ALLOTTED = st.integers(10**14, 2**64 - 1).map(ProductId)
GLNS = st.integers(10**9, 10**12 - 1).map(lambda body: PartyId(int(with_check_digit(f"{body:012d}"))))


@given(GTINS | ALLOTTED, CODES)
def test_lot_uri_is_read_back(product: ProductId, code: str) -> None:
    lot = LotRef(product, code)
    assert dl.lot_of_class(dl.lot_uri(lot)) == lot
    assert dl.lot_of_class(dl.lot_uri(lot, "http://192.168.1.5:8000/")) == lot


@given(GLNS | st.integers(10**13, 2**64 - 1).map(PartyId))
def test_party_uri_is_read_back(party: PartyId) -> None:
    assert dl.party_of_uri(dl.party_uri(party)) == party
    assert dl.parse_party(f"{party:013d}") == party


@given(GLNS, st.just("") | CODES)
def test_place_uri_is_read_back(gln: PartyId, extension: str) -> None:
    assert dl.place_of_uri(dl.place_uri(gln, extension)) == (gln, extension)


def test_one_lot_by_three_uris() -> None:
    lot = LotRef(ProductId(4012345123456), "A/1")
    for uri in (
        "https://id.gs1.org/01/04012345123456/10/A%2F1",
        "https://example.com/some/stem/01/04012345123456/10/A%2f1/21/7?17=261231",
        "urn:epc:class:lgtin:4012345.012345.A%2F1",
    ):
        assert dl.lot_of_class(uri) == lot


@pytest.mark.parametrize(
    "uri",
    [
        "https://id.gs1.org/01/04012345123456",
        "urn:epc:idpat:sgtin:4012345.012345.*",
        "https://example.com/2026/01/15",
        "https://example.com/lot/a/b",
        "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
        "urn:epc:id:gid:95100000.12345.400",
        "text",
    ],
)
def test_names_no_lot(uri: str) -> None:
    assert dl.lot_of_class(uri) is None


@pytest.mark.parametrize(
    ("uri", "rule"),
    [
        ("https://id.gs1.org/01/04012345123457/10/A", "gs1.check-digit"),
        ("https://example.com/01/04012345123457/10/A", "gs1.check-digit"),
        ("https://id.gs1.org/01/4012345123456/10/A", "gs1.format"),
        ("https://id.gs1.org/01/04012345123456/10/" + "A" * 21, "gs1.format"),
        ("https://id.gs1.org/01/04012345123456/10/A%20B", "gs1.format"),
        ("https://id.gs1.org/01/04012345123456/10/%E7%93%9C", "gs1.format"),
        ("https://id.gs1.org/01/04012345123456/10/%2", "digital-link.escape"),
        ("https://id.gs1.org/01/04012345123456/10/", "digital-link.empty"),
        ("https://id.gs1.org/01/04012345123456/21/7/10/A", "digital-link.order"),
        ("https://id.gs1.org/01/04012345123456/10/A?21=7", "digital-link.attribute"),
        ("https://id.gs1.org/01/04012345123456/10/A?17=261331", "gs1.date"),
        ("https://id.gs1.org/gtin/04012345123456", "digital-link.no-key"),
        ("https://id.gs1.org/01/00000000000000/10/A", "gs1.gtin.zero"),
        ("https://host/lot/04012345123456/A", "product.allotted"),
        ("https://host/lot/18446744073709551616/A", "product.allotted"),
        ("https://host/lot/100000000000001/A%20B", "gs1.ai10"),
        ("urn:epc:class:lgtin:4012345.12345.A", "epc.urn"),
        ("urn:epc:class:lgtin:40123.01234567.A", "epc.urn"),
        ("urn:epc:class:lgtin:4012345.012345", "epc.urn"),
        ("urn:epc:id:lgtin:4012345.012345.A", "epc.urn"),
        ("urn:epc:class:lgtin:4012345.012345.A%2", "epc.urn"),
        ("urn:epc:class:lgtin:4012345.012345.A B", "gs1.format"),
    ],
)
def test_refuses_a_broken_lot(uri: str, rule: str) -> None:
    with pytest.raises(InvalidGs1Key) as caught:
        dl.lot_of_class(uri)
    assert caught.value.violations[0].rule == rule


@pytest.mark.parametrize(
    "uri",
    [
        "https://id.gs1.org/414/4012345000245",
        "https://id.gs1.org/417/4012345000246",
        "urn:silkroot:party:4012345000245",
        "urn:silkroot:party:18446744073709551616",
        "urn:silkroot:party:1e13",
        "urn:epc:id:pgln:4012345.0002",
        "possessing_party",
    ],
)
def test_refuses_what_is_no_party(uri: str) -> None:
    with pytest.raises(InvalidGs1Key):
        dl.party_of_uri(uri)


def test_sgln_and_pgln_urns() -> None:
    assert dl.place_of_uri("urn:epc:id:sgln:4012345.00024.1") == (4012345000245, "1")
    assert dl.place_of_uri("urn:epc:id:sgln:4012345.00024.0") == (4012345000245, "")
    assert dl.place_of_uri("https://example.com/warehouse") is None
    assert dl.party_of_uri("urn:epc:id:pgln:4012345.00024") == 4012345000245


def test_canonical_form_drops_host_stem_and_foreign_query() -> None:
    link = dl.parse_digital_link("http://a.example/x/01/04012345123456/10/a%2d1?utm=1&3103=000195&17=261231#top")
    assert link.canonical() == "https://id.gs1.org/01/04012345123456/10/a-1?17=261231&3103=000195"
    assert (link.scheme, link.host, link.stem, link.key) == ("http", "a.example", "/x", "01")
    assert link.query == (("utm", "1"),)
