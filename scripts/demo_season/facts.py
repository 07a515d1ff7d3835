"""
What happened in the season, as plain values: each fact becomes rows of a house workbook (house_books.py).

Quantities are counts of the lot's trade items; of loose fruit a trade item is a kilogram. Times are local (Beijing
time, which all of China keeps), "07-20T19:30".
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from ledger.domain.identifiers import PartyId

Lines = Sequence[tuple[str, int]]
"""Lot codes and counts."""


@dataclass(frozen=True, slots=True)
class Intake:
    """A co-operative buys from its growers; `deliveries` are (roster code, village, kilograms)."""

    party: PartyId
    code: str
    time: str
    deliveries: Sequence[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class Harvest:
    """A farm picks a field."""

    party: PartyId
    code: str
    time: str
    field: str
    kilograms: int


@dataclass(frozen=True, slots=True)
class Packing:
    """Lots in, packed lots out; kilograms of culls and of loss make up the difference."""

    party: PartyId
    order: str
    time: str
    inputs: Lines
    outputs: Lines
    culls: int = 0
    loss: int = 0


@dataclass(frozen=True, slots=True)
class Handoff:
    """
    One consignment: who hands what to whom. `carrier` is named only and signs nothing.

    Not `received` in its receiver's book: still under way, or what came of it stands in disputes.py.
    """

    reference: str
    sender: PartyId
    receiver: PartyId
    lines: Lines
    sent: str
    received: str = ""
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class Temperature:
    """Degrees Celsius of lots at a place."""

    party: PartyId
    time: str
    codes: Sequence[str]
    celsius: float
    extension: str = ""


@dataclass
class Story:
    """The facts of one fruit's season."""

    intakes: list[Intake] = field(default_factory=list)
    harvests: list[Harvest] = field(default_factory=list)
    packings: list[Packing] = field(default_factory=list)
    handoffs: list[Handoff] = field(default_factory=list)
    temperatures: list[Temperature] = field(default_factory=list)


def deliveries(
    code: str, roster: str, villages: Sequence[str], growers: int, kilograms: int
) -> list[tuple[str, str, int]]:
    """Splits an intake among growers: unequal, in tens of kilograms but for the last, the same on every run."""
    weights = [100 + hashlib.sha256(f"{code}/{number}".encode()).digest()[0] % 110 for number in range(growers)]
    parts = [kilograms * weight // sum(weights) // 10 * 10 for weight in weights]
    parts[-1] += kilograms - sum(parts)
    offset = hashlib.sha256(code.encode()).digest()[1] % 20
    return [
        (f"{roster}{offset + 3 * number + 1:03d}", villages[(offset + number) % len(villages)], part)
        for number, part in enumerate(parts)
    ]
