"""
The quick answer for most events: nothing is sealed in it, and nothing of it has to be; no I/O.

Both follow from the keys, and from what sensors' reports say about themselves. `seal` and `open_sealed` say the same; a
property test holds them equal. A no is no answer: then those are asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from ledger.domain.epcis.names import Frozen, expand, frozen_context, prefixes_of_frozen
from ledger.domain.event_shape import KnownShape, Remembered, look_at, skeleton
from ledger.domain.json_tree import MAX_DEPTH
from ledger.domain.own_members import NAMESPACE
from ledger.domain.records import JsonTree
from ledger.domain.sealing.places import READING_VALUES, SEALED, SEALED_ELEMENT, Path, is_position, refusal
from ledger.domain.sealing.policy import Selection

_DIGESTS = frozenset({NAMESPACE + SEALED, NAMESPACE + SEALED_ELEMENT})
_REPORTS: Path = ("sensorElementList", None, "sensorReport", None)


class _Found(Enum):
    """What of a shape a policy selects and may seal. `READINGS`: values of reports, where those are of a position."""

    NOTHING = 0
    READINGS = 1
    SOMETHING = 2


def leaves_open(event: JsonTree, selection: Selection, known: KnownShape | None = None) -> bool:
    """
    Whether it is sure that no digest stands in the event, and that nothing of it is sealed by that selection. `known`:
    the event's shape, where that is at hand.
    """
    frozen = frozen_context(event.get("@context"))
    if frozen is None:
        return False
    known = look_at(event)[0] if known is None else known
    if not _is_open(known, frozen):
        return False
    found = _selected(known, frozen, selection)
    return found is _Found.NOTHING or (found is _Found.READINGS and not any(map(is_position, _reports(event))))


def _reports(event: JsonTree) -> Iterator[Mapping[str, Any]]:
    """The objects that stand where sensors' reports do."""
    for element in _objects(event.get("sensorElementList")):
        yield from _objects(element.get("sensorReport"))


def _objects(items: object) -> Iterator[Mapping[str, Any]]:
    return (item for item in items if isinstance(item, dict)) if isinstance(items, list) else iter(())


def _shows_nothing(known: KnownShape, frozen: Frozen) -> bool:
    prefixes = prefixes_of_frozen(frozen)
    depth, level = 0, [skeleton(known.shape)]
    while level:
        depth += 1
        below: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                names = [expand(key, prefixes) for key in node]
                # A prefix may make a key the name of a member of EPCIS; what is taken by its key would miss that one.
                if any(
                    name in _DIGESTS or (name != key and ":" not in name) for key, name in zip(node, names, strict=True)
                ):
                    return False
                below += [value for key, value in node.items() if key != "@context"]
            elif isinstance(node, list):
                below += node
        level = below
    # One level more is counted than there are objects and lists in each other.
    return depth <= MAX_DEPTH


def _takes(known: KnownShape, frozen: Frozen, selection: Selection) -> _Found:
    prefixes, found = prefixes_of_frozen(frozen), _Found.NOTHING
    for path in _paths(skeleton(known.shape), prefixes, ()):
        if not selection.takes(path) or refusal(path, None) is not None:
            continue
        if path[:-1] != _REPORTS or path[-1] not in READING_VALUES:
            return _Found.SOMETHING
        found = _Found.READINGS
    return found


def _paths(node: object, prefixes: Mapping[str, str], path: Path) -> Iterator[Path]:
    """The paths of all members and elements."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "@context":
                here = (*path, expand(key, prefixes))
                yield here
                yield from _paths(value, prefixes, here)
    elif isinstance(node, list):
        for item in node:
            here = (*path, None)
            yield here
            yield from _paths(item, prefixes, here)


_is_open: Remembered[bool] = Remembered(_shows_nothing)
_selected: Remembered[_Found] = Remembered(_takes)
