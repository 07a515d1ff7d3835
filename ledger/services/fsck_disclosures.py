"""
What `fsck` finds wrong with the disclosures that are kept of an event.

Each row is as it was written, each text has the digest that it is kept under, and together they open the event: every
digest stands in it or in another of them. What was erased has no text; its digest has to stand where it can be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from ledger.domain.errors import InvalidInput
from ledger.domain.records import JsonTree
from ledger.domain.sealing import open_sealed
from ledger.domain.sealing.kept import KeptDisclosure, digests_in, texts
from ledger.ports import StoredDisclosure, StoredEvent


def disclosure_problems(stored: StoredEvent, disclosures: Sequence[StoredDisclosure]) -> Iterator[str]:
    """Sentences on what is not as it was written."""
    for expected, one in enumerate(disclosures):
        if one.position != expected:
            yield f"disclosure {expected} is missing"
            break
    for one in disclosures:
        if not one.is_intact:
            yield f"disclosure {one.position}: the row is not what was written"
    body = _body(stored)
    if body is None or not disclosures:
        return
    kept = [one.kept for one in disclosures]
    try:
        opened = open_sealed(body, texts(kept))
    except InvalidInput as error:
        yield f"its disclosures do not open it: {error}"
        return
    found = {item.digest: item.place for item in opened.disclosures}
    for one in disclosures:
        yield from _problems(one, found, body, kept)


def _problems(
    one: StoredDisclosure, found: dict[str, str], body: JsonTree, kept: Sequence[KeptDisclosure]
) -> Iterator[str]:
    item = one.kept
    if item.erased:
        # One that lay in another that was erased too stands nowhere any more.
        hidden = sum(other.erased and other.place == item.place for other in kept) > 1
        if not hidden and item.digest not in digests_in(body, kept):
            yield f"disclosure {one.position}: its digest does not stand in the event"
    elif item.digest not in found:
        yield f"disclosure {one.position}: its text has another digest"
    elif found[item.digest] != item.place:
        yield f"disclosure {one.position}: it is of {found[item.digest]}, not of {item.place}"


def _body(stored: StoredEvent) -> JsonTree | None:
    """The event; None where it cannot be read, which is told already."""
    try:
        body = orjson.loads(stored.body)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
