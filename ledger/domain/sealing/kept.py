"""
Disclosures as they are kept beside the event that they belong to, and which of them lie within which; no I/O.

An erased one has no text any more. Its place is then that of the outermost sealed member that it lay in, which the
policy names, so that no name that stood within a sealed value is left either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ledger.domain.errors import InvalidInput
from ledger.domain.records import JsonTree
from ledger.domain.sealing.disclosures import Disclosure, parse_disclosure


@dataclass(frozen=True, slots=True)
class KeptDisclosure:
    """
    `digest` stands in the event or in another disclosure of it, `place` is a JSON pointer in the event before sealing.
    `text` is None where it was erased, at `erased_at` (Unix seconds).
    """

    digest: str
    place: str
    text: str | None
    erased_at: int | None = None

    @property
    def erased(self) -> bool:
        """Whether nobody can show it any more."""
        return self.text is None


def kept(disclosures: Sequence[Disclosure]) -> tuple[KeptDisclosure, ...]:
    """What is kept of an event that was just sealed."""
    return tuple(KeptDisclosure(item.digest, item.place, item.text) for item in disclosures)


def texts(disclosures: Sequence[KeptDisclosure]) -> list[str]:
    """What can be shown."""
    return [item.text for item in disclosures if item.text is not None]


def read(item: KeptDisclosure) -> Disclosure | None:
    """What it shows; None where it was erased, or is damaged, which is for `fsck` to tell."""
    if item.text is None:
        return None
    try:
        return parse_disclosure(item.text, item.place)
    except InvalidInput:
        return None


def outer_of(disclosures: Sequence[KeptDisclosure]) -> dict[str, str]:
    """
    For each digest that stands in another disclosure of these: the digest of that one. What is damaged holds nothing.
    """
    known = {item.digest for item in disclosures}
    found: dict[str, str] = {}
    for item in disclosures:
        if (disclosure := read(item)) is not None:
            inner = _strings(disclosure.value)
            found |= {text: item.digest for text in inner if text in known and text != item.digest}
    return found


def digests_in(event: JsonTree, disclosures: Sequence[KeptDisclosure]) -> set[str]:
    """Those of the disclosures' digests that stand in the event, or in what is left of the disclosures."""
    shown = [disclosure.value for item in disclosures if (disclosure := read(item)) is not None]
    standing = {text for value in (event, *shown) for text in _strings(value)}
    return standing & {item.digest for item in disclosures}


def with_outer(chosen: Collection[str], outer: Mapping[str, str]) -> set[str]:
    """The digests with all that they lie in: an inner disclosure is of use only together with its outer one."""
    closed: set[str] = set()
    for digest in chosen:
        at: str | None = digest
        while at is not None and at not in closed:
            closed.add(at)
            at = outer.get(at)
    return closed


def with_inner(chosen: Collection[str], outer: Mapping[str, str]) -> set[str]:
    """The digests with all that lies in them: without the outer one nobody can show it."""
    return {digest for digest in {*outer, *chosen} if with_outer([digest], outer) & set(chosen)}


def erase(disclosures: Sequence[KeptDisclosure], chosen: Collection[str], at: int) -> tuple[KeptDisclosure, ...]:
    """What is left when the chosen ones, and what lies in them, are destroyed at `at` (Unix seconds)."""
    outer = outer_of(disclosures)
    gone = with_inner(chosen, outer)
    places = {item.digest: item.place for item in disclosures}
    return tuple(
        replace(item, text=None, erased_at=at, place=_outermost(item.digest, outer, places))
        if item.digest in gone and not item.erased
        else item
        for item in disclosures
    )


def _outermost(digest: str, outer: Mapping[str, str], places: Mapping[str, str]) -> str:
    while digest in outer:
        digest = outer[digest]
    return places[digest]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
