"""
Strict JSON: bytes to the tree that is hashed and stored; no I/O.

JSON as RFC 8259 has it, narrowed to what RFC 7493 (I-JSON) can exchange and RFC 8785 can hash without loss: UTF-8
without a byte order mark, no duplicate keys, no lone surrogates, no NaN or infinity, no number of 2^53 or more (a
double cannot tell it from its neighbours), and no more than 64 levels. Raises `InvalidJson`; never repairs.

>>> parse_json(b'{"quantity": 12.5}')
{'quantity': 12.5}
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from ledger.domain.errors import InvalidJson

MAX_DEPTH = 64
"""Levels of nested objects and arrays."""
MAX_INTEGER = 2**53 - 1
"""The largest magnitude that an IEEE 754 double keeps apart from both neighbours."""
_BEFORE_NUMBER = (b"", b":", b",", b"[")


def parse_json(data: bytes | str) -> object:
    """
    The tree of dict, list, str, int, float, bool and None behind a JSON text.

    Raises `InvalidJson` with one violation; its field is the JSON pointer of the whole document ("") because the text
    could not be trusted to have places.
    """
    if isinstance(data, str):
        try:
            data = data.encode("utf-8")
        except UnicodeEncodeError as error:
            raise _refuse(
                "json.surrogate", ascii(data[error.start]), "the text holds half of a surrogate pair"
            ) from None
    # Two parsers on purpose: orjson refuses everything that is not JSON (bad UTF-8, lone surrogates, NaN) and is
    # quick about it; the standard library's reports every key, so that a repeated one is seen.
    try:
        tree: object = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _refuse("json.syntax", str(error), "the text is not JSON") from None
    try:
        if not _says_it_all(tree, data):
            tree = _DECODER.decode(data.decode("utf-8"))
    except RecursionError:
        raise _too_deep() from None
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH:
        _check_depth(tree)
    return tree


def parse_compact(data: bytes) -> dict[str, Any] | None:
    """
    The object behind a text without white space or escapes, where `parse_json_object` gives it too or raises for one of
    two reasons, which are not looked for: a float of 2^53 or more, and more than 64 levels. None for any other text.
    """
    try:
        tree = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return tree if isinstance(tree, dict) and _is_same_text(tree, data) else None


def parse_compact_at(text: str, at: int) -> tuple[dict[str, Any], int] | None:
    """As `parse_compact`, of an object that begins at that place of a text; and where it ends."""
    try:
        tree, end = _PLAIN_DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None
    return (tree, end) if isinstance(tree, dict) and _is_same_text(tree, text[at:end].encode()) else None


def _is_same_text(tree: object, data: bytes) -> bool:
    """Whether the tree written again is the same text; so no member stood there twice."""
    try:
        return orjson.dumps(tree, option=orjson.OPT_STRICT_INTEGER) == data
    except TypeError:  # a large integer, halves of surrogate pairs, or many more levels than are allowed
        return False


def _says_it_all(tree: object, data: bytes) -> bool:
    """
    Whether nothing of the text was lost in the tree, and no number is too large. A text with white space or escapes is
    never the same; then the second parser decides.
    """
    if not isinstance(tree, dict | list) or not _is_same_text(tree, data):
        return False
    # What is large and no integer is written with an exponent from 10^16 on, and below that with a point and a zero.
    return not _holds_exponent(data) and not any(_holds_large_whole(data, mark) for mark in (b".0,", b".0]", b".0}"))


def _holds_exponent(data: bytes) -> bool:
    """
    Whether a number with a positive exponent stands somewhere, or a text that looks as if. Base64, of which an event
    that was signed in a batch has some hundred characters, often has the two characters alone.
    """
    at = data.find(b"e+")
    while at >= 0:
        # No double has more than 17 digits, and a text of digits alone is taken for a number here.
        if data[max(0, at - 20) : at].rstrip(b"0123456789.-")[-1:] in _BEFORE_NUMBER:
            return True
        at = data.find(b"e+", at + 1)
    return False


def _holds_large_whole(data: bytes, mark: bytes) -> bool:
    """Whether 16 digits stand before the mark somewhere. Few numbers have a zero behind their point."""
    at = data.find(mark)
    while at >= 0:
        if at >= 16 and data[at - 16 : at].isdigit():
            return True
        at = data.find(mark, at + 1)
    return False


def parse_json_object(data: bytes | str) -> dict[str, object]:
    """`parse_json` where the text has to be an object."""
    tree = parse_json(data)
    if not isinstance(tree, dict):
        raise _refuse("json.object", type(tree).__name__, "the text has to be a JSON object")
    return tree


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _refuse("json.duplicate-key", key, "an object names the same member twice")
            seen.add(key)
    return members


def _integer(text: str) -> int:
    # The length is tested first: Python refuses to convert very long digit strings with an error of its own.
    if len(text) > 17 or abs(number := int(text)) > MAX_INTEGER:
        raise _refuse("json.number", text, "a number of 2^53 or more cannot be kept exactly; send it as a string")
    return number


def _float(text: str) -> float:
    number = float(text)
    if not -MAX_INTEGER <= number <= MAX_INTEGER:
        raise _refuse("json.number", text, "a number of 2^53 or more cannot be kept exactly; send it as a string")
    return number


_CONTAINERS = frozenset({dict, list})
_PLAIN_DECODER = json.JSONDecoder()
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_float)


def _check_depth(tree: object) -> None:
    level = [tree] if type(tree) in _CONTAINERS else []
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise _too_deep()
        level = [
            below
            for node in level
            for below in (node.values() if type(node) is dict else node)  # type: ignore[attr-defined]
            if type(below) in _CONTAINERS
        ]


def _too_deep() -> InvalidJson:
    return _refuse("json.depth", f"more than {MAX_DEPTH}", f"objects and arrays nest at most {MAX_DEPTH} levels deep")


def _refuse(rule: str, value: str, message: str) -> InvalidJson:
    return InvalidJson.one("", rule, value, message)
