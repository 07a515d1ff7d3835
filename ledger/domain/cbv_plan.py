"""
The CBV event hash's string for events of one shape under one context; no I/O.

What follows from the keys is worked out once: which members there are, in which order, what each is called, which of
them hold objects of the standard. `ledger.domain.cbv_hash` has the rules; whatever is not plain here is asked of its
reader, value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ledger.domain.cbv_members import ELEMENT, LEFT_OUT, ORDER, PAIRS, QUANTITY, QUANTITY_LISTS, REPORT, TIMES
from ledger.domain.event_shape import Shape

Text = str
"""A part of the string: `name=value`."""
Writer = Callable[[Any], Text]
_ELEMENTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    **dict.fromkeys(QUANTITY_LISTS, ("quantityElement", QUANTITY)),
    "sensorElementList": ("sensorElement", ELEMENT),
    "sensorReport": ("sensorReport", REPORT),
}
"""Lists of objects: what their elements are called, and which members those have."""


class Reader(Protocol):
    """Writes any member as the rules say, whatever its value is."""

    def member(self, name: str, value: object, order: Mapping[str, Any] | None) -> Text:
        """A member of the standard with all that lies in it."""
        ...

    def scalar(self, name: str, value: object) -> Text:
        """A member of the standard that is neither list nor object."""
        ...

    def rest(self, name: str, value: Any) -> list[Text]:
        """Any other member of an event: the texts of which it makes one each."""
        ...

    def extensions(self, node: Mapping[str, Any]) -> Text:
        """Members of other namespaces."""
        ...

    def extension_key(self, name: str) -> str | None:
        """What a member of another namespace is called; None where it is left out."""
        ...

    def value(self, value: object) -> Text:
        """A value of a member of another namespace."""
        ...


class EventPlan:
    """
    Writes events of that shape. `texts`: what is known of members by name and text; whatever is missing there is asked
    of the reader.
    """

    def __init__(self, shape: Shape, reader: Reader, texts: Mapping[tuple[str, str], Text]) -> None:
        self._reader = reader
        self._texts = texts
        parts = _parts(shape)
        self._members = self._writers(parts, ORDER)
        others = [name for name in parts if name not in ORDER and name not in LEFT_OUT]
        plain = {name for name in others if parts[name] is None and name not in PAIRS and name != "ilmd"}
        named = ((name, reader.extension_key(name)) for name in others if name in plain)
        self._plain = [(name, key) for name, key in named if key is not None]
        self._others = [name for name in others if name not in plain]

    def text(self, event: Mapping[str, Any]) -> Text:
        """All of the string behind the type."""
        value_of = self._reader.value
        rest: list[Text] = []
        for name, key in self._plain:
            value = value_of(event[name])
            rest.append(f"{key}={value}" if value else key)
        for name in self._others:
            rest += self._reader.rest(name, event[name])
        rest.sort()
        return self._written(event, self._members) + "".join(rest)

    def _written(self, node: Mapping[str, Any], writers: Sequence[tuple[str, Writer | None]]) -> Text:
        known, scalar = self._texts.get, self._reader.scalar
        return "".join(
            [
                write(node[name]) if write is not None else known((name, node[name])) or scalar(name, node[name])
                for name, write in writers
            ]
        )

    def _writers(self, parts: Mapping[str, Shape | None], order: Mapping[str, Any]) -> list[tuple[str, Writer | None]]:
        return [(name, self._writer(name, parts[name], below)) for name, below in order.items() if name in parts]

    def _writer(self, name: str, shape: Shape | None, order: Mapping[str, Any] | None) -> Writer | None:
        """What writes a member of that name and shape; None for a plain value."""
        reader = self._reader
        if shape is None:
            if name in TIMES:
                return lambda value: reader.scalar(name, value)
            return (lambda value: reader.member(name, value, order)) if name in _ELEMENTS else None
        if shape[:1] == (None,):
            if name in _ELEMENTS and len(shape) == 2 and shape[1] is not False and shape[1][:1] != (None,):
                return self._list_writer(name, shape[1])
        elif name not in _ELEMENTS:
            write = self._object_writer(shape, order or {})
            return lambda value: name + text if (text := write(value)) else ""
        return lambda value: reader.member(name, value, order)

    def _list_writer(self, name: str, shape: Shape) -> Writer:
        """Of a list, all of whose elements are objects of that shape."""
        element, order = _ELEMENTS[name]
        write = self._object_writer(shape, order)
        head = "" if name == "sensorReport" else name

        def written(items: Sequence[Mapping[str, Any]]) -> Text:
            if len(items) == 1:
                return head + element + write(items[0])
            return head + "".join(sorted([element + write(item) for item in items]))

        return written

    def _object_writer(self, shape: Shape, order: Mapping[str, Any]) -> Writer:
        parts = _parts(shape)
        writers = self._writers(parts, order)
        foreign = [name for name in parts if name not in order]
        if not foreign:
            return lambda node: self._written(node, writers)
        extensions = self._reader.extensions
        return lambda node: self._written(node, writers) + extensions({name: node[name] for name in foreign})


def _parts(shape: Shape) -> dict[str, Shape | None]:
    """The members of an object by name: the shape of what is a list or an object, None for a value."""
    return dict((part, None) if isinstance(part, str) else part for part in shape)
