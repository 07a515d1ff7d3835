"""
Which members an object may have, and what is wrong with those it has; no I/O.

msgspec ignores members that a struct does not know and stops at the first mistake. So `foreign_members` walks over
all keys: a member that the standard does not know has to carry a namespace, as prefix that `@context` declares or as
whole IRI; and `mistakes` goes through an object that the typed view refused, member by member, to report everything
at once.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, UnsetType

from ledger.domain.epcis.document_view import Document, QueryDocument
from ledger.domain.epcis.names import expand, is_absolute
from ledger.domain.epcis.view import EVENT_TYPES, URI_PATTERN, Closed, Node
from ledger.domain.epcis.vocabulary import EPCIS_NAMESPACE
from ledger.domain.errors import Violation, shorten

_URI = re.compile(URI_PATTERN)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the standard: its type, whether it has to be there, and the shape of the object or objects in it."""

    type: object
    required: bool
    expected: str
    child: Shape | None
    is_list: bool
    at_least: int


@dataclass(slots=True)
class Shape:
    """An object of the standard. `is_open`: members of other namespaces may stand in it."""

    is_open: bool
    members: dict[str, Member] = field(default_factory=dict)
    children: dict[str, tuple[Member, Shape]] = field(default_factory=dict)
    """Those of the members that hold objects of the standard."""
    tag: str = ""


def pointer(parent: str, key: str | int) -> str:
    """The JSON pointer (RFC 6901) of a member below another pointer."""
    return f"{parent}/{key}" if isinstance(key, int) else f"{parent}/{key.replace('~', '~0').replace('/', '~1')}"


def foreign_members(node: Mapping[str, Any], shape: Shape, prefixes: Mapping[str, str], at: str) -> list[Violation]:
    """What is wrong with the members, here and below, that the standard does not know. Wrong types are passed over."""
    found: list[Violation] = []
    _walk(node, shape, prefixes, at, found)
    return found


def mistakes(node: object, shape: Shape, at: str) -> list[Violation]:
    """Every member, here and below, that is missing or has a wrong type or value."""
    found: list[Violation] = []
    _collect(node, shape, at, found)
    return found


def _walk(node: Mapping[str, Any], shape: Shape, prefixes: Mapping[str, str], at: str, found: list[Violation]) -> None:
    foreign: list[str] = []
    for key, value in node.items():
        if key in shape.children:
            member, child = shape.children[key]
            if member.is_list and isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, dict):
                        _walk(item, child, prefixes, f"{at}/{key}/{index}", found)
            elif not member.is_list and isinstance(value, dict):
                _walk(value, child, prefixes, f"{at}/{key}", found)
        elif key not in shape.members:
            foreign.append(key)
    if foreign:
        _check_foreign(node, foreign, shape.is_open, prefixes, at, found)


def _check_foreign(
    node: Mapping[str, Any],
    keys: list[str],
    is_open: bool,
    prefixes: Mapping[str, str],
    at: str,
    found: list[Violation],
) -> None:
    for key in keys:
        here = pointer(at, key)
        if not is_open:
            found.append(Violation(here, "epcis.member", shorten(key), "this object may have no members but its own"))
        elif ":" not in key or key.startswith("@"):
            message = "EPCIS 2.0 has no such member here; one of your own carries a prefix that @context declares"
            found.append(Violation(here, "epcis.member", shorten(key), message))
        elif not _URI.match(key):
            found.append(
                Violation(here, "epcis.member", shorten(key), "a member's name has to be a URI, or prefix:name")
            )
        else:
            _check_namespace(key, prefixes, here, found)
            _check_extension(node[key], prefixes, here, found)
    _check_distinct(keys, prefixes, at, found)


def _check_extension(value: object, prefixes: Mapping[str, str], at: str, found: list[Violation]) -> None:
    """Inside a member of another namespace anything may stand, but a prefix has to be declared and mean one thing."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, (dict, list)):
                _check_extension(item, prefixes, f"{at}/{index}", found)
    elif isinstance(value, dict):
        for key, below in value.items():
            here = pointer(at, key)
            if key == "@context":
                message = "@context stands on the document or the event, not inside a member"
                found.append(Violation(here, "json-ld.nested-context", "@context", message))
            elif ":" in key:
                _check_namespace(key, prefixes, here, found)
            if isinstance(below, (dict, list)):
                _check_extension(below, prefixes, here, found)
        _check_distinct([key for key in value if ":" in key], prefixes, at, found)


def _check_namespace(key: str, prefixes: Mapping[str, str], here: str, found: list[Violation]) -> None:
    prefix = key.partition(":")[0]
    if prefix not in prefixes and not is_absolute(key):
        message = f"@context declares no prefix {prefix}"
        found.append(Violation(here, "json-ld.prefix", shorten(key), message))
    elif expand(key, prefixes).startswith(EPCIS_NAMESPACE):
        # Otherwise a reader that expands names would see a second quantity where we saw an extension.
        message = "a member of EPCIS itself is written without its namespace"
        found.append(Violation(here, "json-ld.alias", shorten(key), message))


def _check_distinct(keys: list[str], prefixes: Mapping[str, str], at: str, found: list[Violation]) -> None:
    if len(keys) < 2:
        return
    seen: dict[str, str] = {}
    for key in keys:
        other = seen.setdefault(expand(key, prefixes), key)
        if other != key:
            message = f"this is the same name as {other}, by another prefix"
            found.append(Violation(pointer(at, key), "json-ld.duplicate-name", shorten(key), message))


def _collect(node: object, shape: Shape, at: str, found: list[Violation]) -> None:
    if not isinstance(node, dict):
        found.append(Violation(at, "epcis.type", shorten(node), "an object has to stand here"))
        return
    for name, member in shape.members.items():
        here = pointer(at, name)
        if name not in node:
            if member.required:
                found.append(Violation(here, "epcis.required", "nothing", f"{name} is missing"))
            continue
        value = node[name]
        if member.child is not None and member.is_list and isinstance(value, list):
            if len(value) < member.at_least:
                message = f"{name} has to have at least one entry"
                found.append(Violation(here, "epcis.empty", "[]", message))
            for index, item in enumerate(value):
                _collect(item, member.child, f"{here}/{index}", found)
        elif member.child is not None and not member.is_list:
            _collect(value, member.child, here, found)
        else:
            _convert(value, member, name, here, found)


def _convert(value: object, member: Member, name: str, here: str, found: list[Violation]) -> None:
    try:
        msgspec.convert(value, member.type)
    except msgspec.ValidationError as error:
        inner = re.search(r"\$((?:\[[0-9]+\])+)`", str(error))
        for index in re.findall(r"[0-9]+", inner[1]) if inner else ():
            here = f"{here}/{index}"
            value = value[int(index)] if isinstance(value, list) else value
        rule = "epcis.type" if str(error).startswith("Expected `") and "matching" not in str(error) else "epcis.value"
        found.append(Violation(here, rule, shorten(value), f"{name} has to be {member.expected}"))


_EXPECTED_TYPES = {str: "a text", int: "a number", float: "a number", bool: "true or false", dict: "an object"}


def _expected(annotation: object) -> str:
    """The annotation in words."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        texts = [mark.description for mark in marks if isinstance(mark, Meta) and mark.description]
        return texts[0] if texts else _expected(inner)
    if get_origin(annotation) is Literal:
        return " or ".join(str(choice) for choice in get_args(annotation))
    if get_origin(annotation) is list:
        return f"a list of which every entry is {_expected(get_args(annotation)[0])}"
    if _is_union(annotation):
        words = dict.fromkeys(_expected(part) for part in get_args(annotation) if part is not UnsetType)
        return ", or ".join(words)
    origin = get_origin(annotation) or annotation
    return _EXPECTED_TYPES.get(typing.cast(type, origin), "an object")


def _is_union(annotation: object) -> bool:
    return isinstance(annotation, UnionType) or get_origin(annotation) is typing.Union


def _find_struct(annotation: object) -> tuple[type[Node] | None, bool, int]:
    """The struct inside an annotation, whether it stands in a list, and how many the list has at least."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        struct, is_list, _ = _find_struct(inner)
        return struct, is_list, max((mark.min_length or 0 for mark in marks if isinstance(mark, Meta)), default=0)
    if _is_union(annotation):
        for part in get_args(annotation):
            if (found := _find_struct(part))[0] is not None:
                return found
    elif get_origin(annotation) is list:
        struct, _, _ = _find_struct(get_args(annotation)[0])
        return struct, True, 0
    elif isinstance(annotation, type) and issubclass(annotation, Node):
        return annotation, False, 0
    return None, False, 0


def _shape(struct: type[Node], made: dict[type[Node], Shape]) -> Shape:
    if struct in made:
        return made[struct]
    shape = made[struct] = Shape(is_open=not issubclass(struct, Closed))
    annotations = get_type_hints(struct, include_extras=True)
    for info in msgspec.structs.fields(struct):
        annotation = annotations[info.name]
        child, is_list, at_least = _find_struct(annotation)
        child_shape = _shape(child, made) if child is not None else None
        member = Member(annotation, info.required, _expected(annotation), child_shape, is_list, at_least)
        shape.members[info.encode_name] = member
        if child_shape is not None:
            shape.children[info.encode_name] = (member, child_shape)
    if (tag := struct.__struct_config__.tag) is not None:
        shape.tag = str(tag)
        shape.members["type"] = Member(Literal[tag], True, str(tag), None, False, 0)
    return shape


_MADE: dict[type[Node], Shape] = {}
EVENT_SHAPES: dict[str, Shape] = {name: _shape(struct, _MADE) for name, struct in EVENT_TYPES.items()}
DOCUMENT_SHAPES: dict[str, Shape] = {
    "EPCISDocument": _shape(Document, _MADE),
    "EPCISQueryDocument": _shape(QueryDocument, _MADE),
}
STANDARD_MEMBERS: frozenset[str] = frozenset(name for shape in _MADE.values() for name in shape.members)
"""The name of every member that EPCIS 2.0 defines anywhere."""
