"""
What stands on the label of a lot: values only, already in words of the languages that it is printed in.

Who prints decides the words; `ledger.adapters.labels` decides where they stand and how large. Refusals of the printer
name `link`, `lot`, `product-number`, and for each language `zh/product` and the fields of its details, `zh/origin`.
"""

from __future__ import annotations

from dataclasses import dataclass

RIGHT_TO_LEFT = frozenset({"ug", "ar", "fa", "ur"})
"""Languages (BCP 47 primary tags) whose script runs from right to left."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing said about the lot. `field` is a stable name, `caption` and `value` are what is printed."""

    field: str
    caption: str
    value: str


@dataclass(frozen=True, slots=True)
class LabelText:
    """The label's text in one language; details in the order in which they are wanted. Empty values are left out."""

    language: str
    product: str
    details: tuple[Detail, ...]

    @property
    def is_right_to_left(self) -> bool:
        """Whether the language is written from right to left."""
        return self.language.split("-")[0] in RIGHT_TO_LEFT


@dataclass(frozen=True, slots=True)
class Label:
    """
    A lot's label. `link` is what the QR code carries; `lot_captions` the word for "lot" in each language;
    `product_number` the GTIN as a person reads it, with its application identifier.
    """

    link: str
    lot_code: str
    lot_captions: tuple[str, ...]
    product_number: str
    texts: tuple[LabelText, ...]
