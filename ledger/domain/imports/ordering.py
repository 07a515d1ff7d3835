"""
Puts groups of events in an order in which each finds what it needs; no I/O.

By day first. Within a day sheets give no times, so that a lot can be packed, shipped, received and repacked in rows
that all read alike: a group comes after those of its day that bring about what it takes (custody of a lot, a
consignment under way). Where that decides nothing, the order is harvest, cooling, packing, transformation, shipping,
receiving, then the file's.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ledger.domain.imports.plan import Group, Token


def in_order(groups: Iterable[Group]) -> list[Group]:
    """All groups, by day and by need."""
    ordered: list[Group] = []
    for _, day in groupby(sorted(groups, key=lambda group: group.order), key=lambda group: group.order[0]):
        ordered.extend(_by_need(list(day)))
    return ordered


def _by_need(groups: Sequence[Group]) -> Iterator[Group]:
    givers: dict[Token, set[int]] = defaultdict(set)
    for index, group in enumerate(groups):
        for token in _gives(group):
            givers[token].add(index)
    waits = []
    for index, group in enumerate(groups):
        needs = {token for event in group.events for token in event.takes} - _gives(group)
        waits.append({giver for token in needs for giver in givers[token]} - {index})
    followers: dict[int, list[int]] = defaultdict(list)
    for index, needed in enumerate(waits):
        for giver in needed:
            followers[giver].append(index)
    ready = [index for index, needed in enumerate(waits) if not needed]
    heapq.heapify(ready)
    done: set[int] = set()
    while len(done) < len(groups):
        if not ready:
            # Goods that go to and fro on one day: take the sheets' own order; the ledger judges.
            ready.append(min(set(range(len(groups))) - done))
        index = heapq.heappop(ready)
        if index in done:
            continue
        done.add(index)
        yield groups[index]
        for follower in followers[index]:
            waits[follower].discard(index)
            if not waits[follower] and follower not in done:
                heapq.heappush(ready, follower)


def _gives(group: Group) -> set[Token]:
    return {token for event in group.events for token in event.gives}
