"""
What stands on the manifest that is printed for a consignment: values only, already in words of one language.

Who prints decides the words; `ledger.adapters.manifest_pdf` decides where they stand.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A lot as the shipper stated it; `cases` "" where no count was stated."""

    product: str
    lot: str
    mass: str
    cases: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    `code` is what the QR code carries, and `number` what stands below it for people. `facts`: captions and values, such
    as the shipper's name. `columns`: captions of product, lot, mass, cases, and of what arrived, which is left empty.
    `blanks`: captions of lines to be written on by hand; `signatures`: whose signatures are wanted.
    """

    title: str
    code: str
    number: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, str, str, str, str]
    lines: tuple[PaperLine, ...]
    total: tuple[str, str]
    blanks: tuple[str, ...]
    signatures: tuple[str, ...]
    signature_captions: tuple[str, str, str]
    note: str
    is_right_to_left: bool = False
