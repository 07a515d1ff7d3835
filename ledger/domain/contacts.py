"""
How an organisation is reached on business: one e-mail address, one web address or one telephone number of its office.

Never a person's: pages show it to other parties, so what can be told to be a person's own is refused, and that is the
number of a mobile telephone in China (eleven digits from 13 to 19, with or without +86), also inside an address.
Raises `InvalidInput`.

>>> business_contact("+86 991 555 0100")
'+86 991 555 0100'
>>> contact_link("+86 991 555 0100")
'tel:+869915550100'
"""

from __future__ import annotations

import re
import unicodedata

from ledger.domain.errors import InvalidInput

LONGEST = 100
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")
_WEB = re.compile(r"https://[A-Za-z0-9.-]+\.[A-Za-z]{2,}(/[A-Za-z0-9._~/-]*)?\Z")
_TELEPHONE = re.compile(r"\+?[0-9][0-9 -]{5,18}[0-9]\Z")
_MOBILE = re.compile(r"(?<![0-9])(?:\+?\(?(?:00)?86\)?)?[\s.-]*1[\s.-]?[3-9](?:[\s.-]?[0-9]){9}(?![0-9])")
"""Eleven digits, the first two as mobile numbers of China begin, however they are set out."""


def business_contact(text: str) -> str:
    """The contact as it was written, without white space around it."""
    found = text.strip()
    digits = re.sub(r"[ -]", "", found)
    if names_a_mobile(found) or names_a_mobile(digits):
        raise InvalidInput.one(
            "contact", "contact.mobile", found,
            "this is a person's mobile telephone: give the organisation's own number, e-mail or web address",
        )  # fmt: skip
    if len(found) > LONGEST or not (_MAIL.match(found) or _WEB.match(found) or _TELEPHONE.match(found)):
        raise InvalidInput.one(
            "contact", "contact.form", found,
            "a contact is one e-mail address, one https address or one telephone number of an office",
        )  # fmt: skip
    return found


def names_a_mobile(text: str) -> bool:
    """Whether a Chinese mobile number, which is a person's, stands in the text; digits may be full-width."""
    return _MOBILE.search(unicodedata.normalize("NFKC", text)) is not None


def contact_link(contact: str) -> str:
    """The address behind the contact, for a link."""
    if contact.startswith("https://"):
        return contact
    return f"mailto:{contact}" if "@" in contact else "tel:" + re.sub(r"[ -]", "", contact)
