"""
RFC 8785 (JSON Canonicalization Scheme): the one byte form of a tree; no I/O.

`orjson` writes the same bytes as `rfc8785` nine times faster wherever the two agree by construction: ASCII keys (code
point order is then UTF-16 order), integers of magnitude below 2^53, and floats that are not whole and lie between
10^-4 and 2^53 (both print the shortest digits, without exponent). Whole floats of that magnitude are written as the
integers that they are, so orjson gets those instead. Any other tree goes through `rfc8785`. A property test holds the
two equal. Raises `InvalidJson` for what has no canonical form.

>>> canonical({"b": 1, "a": [1.5, None]})
b'{"a":[1.5,null],"b":1}'
"""

from __future__ import annotations

from collections.abc import Callable
from operator import is_not
from typing import Any

import orjson
import rfc8785

from ledger.domain.errors import InvalidJson
from ledger.domain.json_tree import MAX_INTEGER

_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_SMALLEST_PLAIN = 1e-4


def canonical(tree: object, *, plain: bool = False) -> bytes:
    """
    The RFC 8785 bytes of a tree of dict, list, str, int, float, bool and None; UTF-8. `plain`: who calls knows already
    that it `is_plain`, as every part of a plain tree is.
    """
    if plain or is_plain(tree):
        return _quickly(tree)
    try:
        if _is_plain(tree, _is_whole_or_plain):
            return _quickly(with_integers(tree))
        return rfc8785.dumps(tree)  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise _refuse(error) from None


def _quickly(tree: object) -> bytes:
    try:
        return orjson.dumps(tree, option=_OPTIONS)
    except TypeError as error:
        raise _refuse(error) from None


def is_plain(tree: object) -> bool:
    """Whether orjson is known to write the RFC 8785 form of the tree."""
    return _is_plain(tree, is_plain_value)


def is_plain_value(value: object) -> bool:
    """The same of a value that is no text, list or object."""
    kind = type(value)
    if kind is float:
        return _SMALLEST_PLAIN <= abs(value) <= MAX_INTEGER and not value.is_integer()  # type: ignore[arg-type, attr-defined]
    if kind is int:
        return -MAX_INTEGER <= value <= MAX_INTEGER  # type: ignore[operator]
    return value is None or kind is bool


def is_whole(value: object) -> bool:
    """Whether the value is a float that `with_integers` makes an integer."""
    return type(value) is float and -MAX_INTEGER <= value <= MAX_INTEGER and value.is_integer()


def with_integers(tree: Any) -> Any:
    """The tree with integers in place of whole floats: it has the same RFC 8785 form. What has none is not copied."""
    kind = type(tree)
    if kind is dict:
        members = {key: with_integers(value) for key, value in tree.items()}
        return members if any(map(is_not, members.values(), tree.values())) else tree
    if kind is list:
        items = [with_integers(item) for item in tree]
        return items if any(map(is_not, items, tree)) else tree
    return int(tree) if is_whole(tree) else tree


def _is_whole_or_plain(value: object) -> bool:
    return is_whole(value) or is_plain_value(value)


def _is_plain(tree: object, is_good: Callable[[object], bool]) -> bool:
    stack: list[object] = [tree]
    pop = stack.pop
    while stack:
        node = pop()
        kind = type(node)
        if kind is str:
            continue
        if kind is dict:
            for key in node:  # type: ignore[attr-defined]
                if type(key) is not str or not key.isascii():
                    return False
            stack.extend(node.values())  # type: ignore[attr-defined]
        elif kind is list:
            stack.extend(node)  # type: ignore[arg-type]
        elif not is_good(node):
            return False
    return True


def _refuse(error: Exception) -> InvalidJson:
    return InvalidJson.one("", "json.canonical", str(error), "the tree has no RFC 8785 form")
