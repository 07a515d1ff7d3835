"""
RFC 8785 (JSON Canonicalization Scheme): the one byte form of a tree; no I/O.

`orjson` writes the same bytes as `rfc8785` nine times faster wherever the two agree by construction: ASCII keys (code
point order is then UTF-16 order), integers of magnitude below 2^53, and floats that are not whole and lie between
10^-4 and 2^53 (both print the shortest digits, without exponent). Any other tree goes through `rfc8785`. A property
test holds the two equal. Raises `InvalidJson` for what has no canonical form.

>>> canonical({"b": 1, "a": [1.5, None]})
b'{"a":[1.5,null],"b":1}'
"""

from __future__ import annotations

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
        try:
            return orjson.dumps(tree, option=_OPTIONS)
        except TypeError as error:
            raise _refuse(error) from None
    try:
        return rfc8785.dumps(tree)  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise _refuse(error) from None


def is_plain(tree: object) -> bool:
    """Whether orjson is known to write the RFC 8785 form of the tree."""
    stack: list[object] = [tree]
    pop = stack.pop
    while stack:
        node = pop()
        kind = type(node)
        if kind is str or node is None or kind is bool:
            continue
        if kind is dict:
            for key in node:  # type: ignore[attr-defined]
                if type(key) is not str or not key.isascii():
                    return False
            stack.extend(node.values())  # type: ignore[attr-defined]
        elif kind is list:
            stack.extend(node)  # type: ignore[arg-type]
        elif kind is int:
            if not -MAX_INTEGER <= node <= MAX_INTEGER:  # type: ignore[operator]
                return False
        elif kind is float:
            if not _SMALLEST_PLAIN <= abs(node) <= MAX_INTEGER or node.is_integer():  # type: ignore[arg-type, attr-defined]
                return False
        else:
            return False
    return True


def _refuse(error: Exception) -> InvalidJson:
    return InvalidJson.one("", "json.canonical", str(error), "the tree has no RFC 8785 form")
