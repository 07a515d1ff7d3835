"""EPC URNs to GS1 keys and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.epc_urn import format_epc_urn, parse_epc_urn
from ledger.domain.errors import InvalidGs1Key


@pytest.mark.parametrize(
    ("urn", "elements"),
    [
        ("urn:epc:id:sgtin:4012345.011122.25", (("01", "04012345111224"), ("21", "25"))),
        ("urn:epc:id:sgtin:4012345.011122.a.b", (("01", "04012345111224"), ("21", "a.b"))),
        ("urn:epc:id:sscc:4012345.1111111112", (("00", "140123451111111124"),)),
        ("urn:epc:id:sgln:4012345.00024.1", (("414", "4012345000245"), ("254", "1"))),
        ("urn:epc:id:pgln:999999999999.", (("417", "9999999999994"),)),
        ("urn:epc:id:grai:4012345.66666.87", (("8003", "0401234566666387"),)),
        ("urn:epc:id:giai:4012345.AAbb", (("8004", "4012345AAbb"),)),
        ("urn:epc:id:gsrn:4012345.9876540000", (("8018", "401234598765400000"),)),
        ("urn:epc:id:gsrnp:4012345.0000098765", (("8017", "401234500000987658"),)),
        ("urn:epc:id:gdti:4012345.55555.98", (("253", "401234555555498"),)),
        ("urn:epc:id:sgcn:4012345.99999.44", (("255", "401234599999044"),)),
        ("urn:epc:id:ginc:4012345.333", (("401", "4012345333"),)),
        ("urn:epc:id:gsin:4012345.999987654", (("402", "40123459999876541"),)),
        ("urn:epc:id:cpi:4012345.ABC.123", (("8010", "4012345ABC"), ("8011", "123"))),
        ("urn:epc:id:itip:4012345.012345.01.02.999", (("8006", "040123451234560102"), ("21", "999"))),
        ("urn:epc:id:upui:4012345.012345.AB12", (("01", "04012345123456"), ("235", "AB12"))),
        ("urn:epc:class:lgtin:4012345.012345.L%2F1", (("01", "04012345123456"), ("10", "L/1"))),
        ("urn:epc:idpat:sgtin:4012345.012345.*", (("01", "04012345123456"),)),
        ("urn:epc:idpat:grai:4012345.66666.*", (("8003", "04012345666663"),)),
    ],
)
def test_key_of_every_scheme(urn: str, elements: object) -> None:
    parsed = parse_epc_urn(urn)
    assert parsed is not None
    assert parsed.elements == elements
    assert parsed.is_class == (":id:" not in urn)


@given(
    st.integers(6, 12),
    st.text("0123456789", min_size=17, max_size=17),
    st.text("!\"%&'()*+,-./:;<=>?AZaz09_", min_size=1, max_size=20),
)
def test_there_and_back(size: int, digits: str, free: str) -> None:
    prefix, rest = digits[:size], digits[size:]
    for urn in (
        f"urn:epc:id:sscc:{prefix}.{rest}",
        f"urn:epc:id:pgln:{prefix}.{rest[: 12 - size]}",
        f"urn:epc:id:sgln:{prefix}.{rest[: 12 - size]}.0",
    ):
        parsed = parse_epc_urn(urn)
        assert parsed is not None
        assert format_epc_urn(parsed.elements, size) == urn
    elements = parse_epc_urn(f"urn:epc:id:sgtin:{prefix}.{rest[: 13 - size]}.1")
    assert elements is not None
    for ai in ("10", "21"):
        lot = (elements.elements[0], (ai, free))
        again = parse_epc_urn(format_epc_urn(lot, size))
        assert again is not None
        assert again.elements == lot
        assert again.company_prefix == prefix


@pytest.mark.parametrize(
    "urn",
    [
        "urn:epc:id:sgtin:4012345.011122",
        "urn:epc:id:sgtin:4012345.11122.25",
        "urn:epc:id:sgtin:4012345..25",
        "urn:epc:id:sgtin:4012345.011122.*x y",
        "urn:epc:id:sscc:4012345.",
        "urn:epc:id:sscc:4012345.111111111",
        "urn:epc:id:sgln:4012345.0002a.1",
        "urn:epc:id:gsrn:4012345.1",
        "urn:epc:idpat:sgtin:4012345.011122.5",
        "urn:epc:idpat:sgtin:4012345.*.*",
        "urn:epc:idpat:sscc:4012345.*",
        "urn:epc:class:sgtin:4012345.011122.25",
        "urn:epc:id:sgtin:4012345678901.0.1",
    ],
)
def test_refuses_a_broken_urn(urn: str) -> None:
    with pytest.raises(InvalidGs1Key):
        parse_epc_urn(urn)


@pytest.mark.parametrize("urn", ["urn:epc:id:gid:1.2.3", "urn:epc:id:bic:CSQU3054383", "urn:uuid:x", "https://a/b"])
def test_leaves_other_schemes_alone(urn: str) -> None:
    assert parse_epc_urn(urn) is None


@pytest.mark.parametrize(
    ("elements", "size"),
    [
        ((("8004", "4012345AAbb"),), 7),
        ((("00", "140123451111111124"),), 5),
        ((("00", "140123451111111124"),), 13),
        ((("00", "140123451111111125"),), 7),
        ((("999", "1"),), 7),
    ],
)
def test_does_not_print_what_has_no_urn(elements: tuple[tuple[str, str], ...], size: int) -> None:
    with pytest.raises(InvalidGs1Key):
        format_epc_urn(elements, size)
