"""
Pledges of a lot, as their signed structs tell them: a fact about grams that somebody holds, no custody; no I/O.
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.domain.actions import Pledge, PledgeRelease
from ledger.domain.custody_values import PledgeStory
from ledger.domain.identifiers import ContentHash, LotId
from ledger.domain.readings import Reading
from ledger.domain.records import ChainFacts


def pledges_of(lot: LotId, readings: Iterable[Reading], facts: ChainFacts | None) -> tuple[PledgeStory, ...]:
    """The pledges in the order of recording; those that the contract refused are left out."""
    chosen = [item for item in readings if not item.refused]
    releases = [item for item in chosen if isinstance(item.action, PledgeRelease)]
    found = []
    for item in chosen:
        action = item.action
        if isinstance(action, Pledge) and action.lot == lot:
            release = _released(item, action, releases)
            running = facts is not None and item.entry is not None and facts.head_time < action.until
            found.append(
                PledgeStory(
                    action.holder, action.lender, action.grams, action.until, item.event.content_hash, release,
                    stands=running and release is None,
                )
            )  # fmt: skip
    return tuple(found)


def _released(pledge: Reading, action: Pledge, releases: Iterable[Reading]) -> ContentHash | None:
    """The first release after the pledge by that lender, for that holder and lot."""
    for item in releases:
        release = item.action
        if (
            isinstance(release, PledgeRelease)
            and item.event.sequence > pledge.event.sequence
            and (release.lot, release.holder, release.lender) == (action.lot, action.holder, action.lender)
        ):
            return item.event.content_hash
    return None
