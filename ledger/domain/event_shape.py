"""
The shape of an event: its keys at every depth, without its values; no I/O.

Loggers and packing lines send events by the thousand that differ only in values. What follows from the keys alone (is a
member of no known namespace there, is anything sealed, may anything have to be) is worked out once for a shape and
remembered, within bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Generic, TypeVar

Shape = tuple[Any, ...]
"""
Of an object: its keys in their order, a key with a shape below it as a pair. Of a list: None, and then each shape of
its elements once, in the order of the first of each, False for a value.
"""

_T = TypeVar("_T")
_MOST, _LONGEST = 512, 4096


def shape_of(node: Mapping[str, Any]) -> Shape:
    """The shape of an object and of all in it; of an event without what stands in its `@context`, see `below`."""
    parts: list[Any] = []
    for key, value in node.items():
        kind = type(value)
        if kind is dict:
            parts.append((key, shape_of(value)))
        elif kind is list:
            parts.append((key, _shape_of_list(value)))
        else:
            parts.append(key)
    return tuple(parts)


def _shape_of_list(items: list[Any]) -> Shape:
    if len(items) == 1 and type(items[0]) is dict:
        return (None, shape_of(items[0]))
    found = {
        shape_of(item) if type(item) is dict else _shape_of_list(item) if type(item) is list else False: None
        for item in items
    }
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
