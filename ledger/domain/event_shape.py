"""
The shape of an event: its keys at every depth, without its values; no I/O.

Loggers and packing lines send events by the thousand that differ only in values. What follows from the keys alone (is a
member of no known namespace there, is anything sealed, may anything have to be) is worked out once for a shape and
remembered, within bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Shape = tuple[Any, ...]
"""
Of an object: its keys in their order, a key with a shape below it as a pair. Of a list: None, and then each shape of
its elements once, in the order of the first of each, False for a value.
"""

_T = TypeVar("_T")
_MOST, _LONGEST = 512, 4096
_CONTAINERS = frozenset({dict, list})
_TEXT = frozenset({str})


@dataclass(frozen=True, slots=True, eq=False)
class KnownShape:
    """
    A shape that is at hand: looked up once for an event, and then told from others by itself alone, where a shape is
    compared key by key. `is_ascii`: no key has other characters. `depth`: objects and lists in each other, itself one.
    """

    shape: Shape
    is_ascii: bool
    depth: int


def shape_of(node: Mapping[str, Any]) -> Shape:
    """The shape of an object and of all in it."""
    return _shape_of(node, [])


def look_at(node: Mapping[str, Any]) -> tuple[KnownShape, list[object]]:
    """The shape of an object, and of all in it the values that are no text, object or list."""
    others: list[object] = []
    return _known_shape(_shape_of(node, others)), others


def _shape_of(node: Mapping[str, Any], others: list[object]) -> Shape:
    kinds = set(map(type, node.values()))
    if kinds.isdisjoint(_CONTAINERS):
        if kinds != _TEXT:
            others += [value for value in node.values() if type(value) is not str]
        return tuple(node)
    parts: list[Any] = []
    for key, value in node.items():
        kind = type(value)
        if kind is str:
            parts.append(key)
        elif kind is dict:
            parts.append((key, _shape_of(value, others)))
        elif kind is list:
            parts.append((key, _shape_of_list(value, others)))
        else:
            others.append(value)
            parts.append(key)
    return tuple(parts)


def _shape_of_list(items: list[Any], others: list[object]) -> Shape:
    if len(items) == 1 and type(items[0]) is dict:
        return (None, _shape_of(items[0], others))
    found: dict[Any, None] = {}
    for item in items:
        kind = type(item)
        if kind is dict:
            found[_shape_of(item, others)] = None
        elif kind is list:
            found[_shape_of_list(item, others)] = None
        else:
            if kind is not str:
                others.append(item)
            found[False] = None
    return (None, *found)


def skeleton(shape: Shape) -> dict[str, Any]:
    """An object of that shape, with None for every value; of a list, one element of each shape."""
    return dict(
        (part, None)
        if isinstance(part, str)
        else (part[0], _elements(part[1]) if _is_list(part[1]) else skeleton(part[1]))
        for part in shape
    )


def _elements(shape: Shape) -> list[Any]:
    return [None if part is False else _elements(part) if _is_list(part) else skeleton(part) for part in shape[1:]]


def _is_list(shape: Shape) -> bool:
    return shape[:1] == (None,)


def _measured(shape: Shape) -> KnownShape:
    level: list[Any] = [shape]
    depth, is_ascii = 0, True
    while level:
        depth += 1
        below: list[Any] = []
        for one in level:
            if _is_list(one):
                below += [part for part in one[1:] if part is not False]
                continue
            for part in one:
                key = part if isinstance(part, str) else part[0]
                is_ascii = is_ascii and key.isascii()
                if key is not part:
                    below.append(part[1])
        level = below
    return KnownShape(shape, is_ascii, depth)


class Remembered(Generic[_T]):
    """
    Answers by what they follow from, a few hundred of them; large keys are not kept, so that nobody can fill the
    memory with shapes. May be used by several threads.
    """

    def __init__(self, work_out: Callable[..., _T]) -> None:
        self._work_out = work_out
        self._known: dict[Hashable, _T] = {}

    def __call__(self, *key: Hashable) -> _T:
        """The answer; worked out where it is not known."""
        try:
            return self._known[key]
        except KeyError:
            answer = self._work_out(*key)
            if len(self._known) >= _MOST:
                self._known.clear()
            if len(repr(key)) <= _LONGEST:
                self._known[key] = answer
            return answer


_known_shape: Remembered[KnownShape] = Remembered(_measured)
