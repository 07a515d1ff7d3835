"""Business contacts: what is one, and what is a person's."""

from __future__ import annotations

import pytest

from ledger.domain.contacts import LONGEST, business_contact, contact_link
from ledger.domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("office@oasis.example", "mailto:office@oasis.example"),
        ("https://oasis.example/contact", "https://oasis.example/contact"),
        ("+86 991 555 0100", "tel:+869915550100"),
        ("0991-5550100", "tel:09915550100"),
        (" 400 820 0000 ", "tel:4008200000"),
    ],
)
def test_an_offices_address_is_taken(contact: str, link: str) -> None:
    assert contact_link(business_contact(contact)) == link


@pytest.mark.parametrize(
    "contact",
    [
        "13800138000",
        "+86 138 0013 8000",
        "0086-139-9999-9999",
        "8619912345678",
        "13912345678@mail.example",
        "https://m.example/13912345678",
    ],
)
def test_a_mobile_telephone_is_a_persons(contact: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        business_contact(contact)
    assert [(one.field, one.rule) for one in caught.value.violations] == [("contact", "contact.mobile")]


@pytest.mark.parametrize(
    "contact",
    [
        "", "ask Memet", "http://plain.example", "javascript:alert(1)", "a@b", "<b>@x.example", "12345",
        "x" * LONGEST + "@y.example",
    ],
)  # fmt: skip
def test_anything_else_is_refused(contact: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        business_contact(contact)
    assert caught.value.violations[0].rule == "contact.form"
