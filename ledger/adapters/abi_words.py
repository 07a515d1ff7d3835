"""
The Solidity ABI of values that take one word, of tuples of such, and of lists of both; no I/O.

That is all that our views and logs are made of. The whole ABI is `eth_abi`'s work, which takes a third of a second to
import: longer than a bundle takes to be verified. Both agree, a property test sees to it. Source: Solidity ABI
specification, "Formal Specification of the Encoding". Raises `ValueError` for values that do not fit their types and
for bytes that are no encoding, padding included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

WORD = 32
_SIMPLE = re.compile(r"(?:uint(8|16|40|64|256)|bool|bytes([1-9]|[12][0-9]|3[012]))\Z")
_LIST = "[]"
_TUPLE = re.compile(r"\(([a-z0-9,]+)\)\Z")


def handles(types: Sequence[str]) -> bool:
    """Whether all of these types are of the kinds above."""
    return all(_members(one) is not None for one in types)


def encode(types: Sequence[str], values: Sequence[Any]) -> bytes:
    """The encoding of the values, one behind the other as arguments."""
    if len(types) != len(values):
        raise ValueError(f"{len(types)} types, {len(values)} values")
    heads, tail = [], b""
    widths = [(one, WORD * len(_known(one))) for one in types]
    offset = sum(WORD if one.endswith(_LIST) else width for one, width in widths)
    for one, value in zip(types, values, strict=True):
        if not one.endswith(_LIST):
            heads.append(_encode_item(one, value))
            continue
        heads.append((offset + len(tail)).to_bytes(WORD, "big"))
        inner = one.removesuffix(_LIST)
        tail += len(value).to_bytes(WORD, "big") + b"".join(_encode_item(inner, item) for item in value)
    return b"".join(heads) + tail


def decode(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """The values behind the encoding."""
    return tuple(_decode_all(types, data))


def _decode_all(types: Sequence[str], data: bytes) -> Iterator[Any]:
    at = 0
    for one in types:
        width = WORD * len(_known(one))
        if not one.endswith(_LIST):
            yield _decode_item(one, _part(data, at, width))
            at += width
            continue
        start = int.from_bytes(_part(data, at, WORD), "big")
        count = int.from_bytes(_part(data, start, WORD), "big")
        items = _part(data, start + WORD, count * width)
        inner = one.removesuffix(_LIST)
        yield tuple(_decode_item(inner, items[index * width : (index + 1) * width]) for index in range(count))
        at += WORD


@cache
def _members(type_name: str) -> tuple[str, ...] | None:
    """The simple types that the type, or one item of the list, is made of."""
    inner = type_name.removesuffix(_LIST)
    found = _TUPLE.match(inner)
    members = tuple(found[1].split(",")) if found else (inner,)
    return members if all(_SIMPLE.match(one) for one in members) else None


def _known(type_name: str) -> tuple[str, ...]:
    members = _members(type_name)
    if members is None:
        raise ValueError(f"{type_name} is no type of one word, no tuple and no list of such")
    return members


def _part(data: bytes, start: int, length: int) -> bytes:
    if start + length > len(data):
        raise ValueError(f"{len(data)} bytes are too few")
    return data[start : start + length]


def _encode_item(type_name: str, value: Any) -> bytes:
    members = _known(type_name)
    if not type_name.startswith("("):
        return _encode_word(members[0], value)
    if len(members) != len(value):
        raise ValueError(f"{type_name} has {len(members)} members, not {len(value)}")
    return b"".join(_encode_word(one, each) for one, each in zip(members, value, strict=True))


def _encode_word(kind: str, value: Any) -> bytes:
    if kind.startswith("uint"):
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << int(kind[4:]):
            raise ValueError(f"{value!r} is no {kind}")
        return value.to_bytes(WORD, "big")
    if kind == "bool":
        if not isinstance(value, bool):
            raise ValueError(f"{value!r} is no bool")
        return int(value).to_bytes(WORD, "big")
    if not isinstance(value, bytes) or len(value) != int(kind[5:]):
        raise ValueError(f"{value!r} is no {kind}")
    return value.ljust(WORD, b"\0")


def _decode_item(type_name: str, data: bytes) -> Any:
    members = _known(type_name)
    words = [_decode_word(one, data[index * WORD : (index + 1) * WORD]) for index, one in enumerate(members)]
    return tuple(words) if type_name.startswith("(") else words[0]


def _decode_word(kind: str, word: bytes) -> Any:
    number = int.from_bytes(word, "big")
    if kind.startswith("uint"):
        if number >> int(kind[4:]):
            raise ValueError(f"0x{word.hex()} is no {kind}")
        return number
    if kind == "bool":
        if number > 1:
            raise ValueError(f"0x{word.hex()} is no bool")
        return bool(number)
    length = int(kind[5:])
    if any(word[length:]):
        raise ValueError(f"0x{word.hex()} is no {kind}")
    return word[:length]
