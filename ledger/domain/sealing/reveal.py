"""
Reveals what disclosures show of a sealed event, and tells what they withhold; no I/O.

Follows RFC 9901, section 7.1. Every disclosure given has to find its digest in the event, or in another disclosure
given; every digest stands once; a revealed member is one that may be sealed and is not there yet. So nobody adds to an
event what its signer did not put there, and not even the signer can hide from the ledger what it reads. Members and
elements that are not disclosed, and the digests themselves, are not in the revealed tree; content hashes are of the
sealed event. Raises `InvalidEvent` (digests of the event) or `InvalidInput` (disclosures).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ledger.domain.epcis.members import pointer
from ledger.domain.epcis.names import expand, prefixes_of
from ledger.domain.errors import InvalidEvent, InvalidInput
from ledger.domain.json_tree import MAX_DEPTH
from ledger.domain.own_members import NAMESPACE
from ledger.domain.records import JsonTree
from ledger.domain.sealing.disclosures import DIGEST, Disclosure, parse_disclosure
from ledger.domain.sealing.places import SEALED, SEALED_ELEMENT, Path, refusal


@dataclass(frozen=True, slots=True)
class Withheld:
    """So many members of the object, or elements of the list, at the JSON pointer are not shown."""

    place: str
    count: int


@dataclass(frozen=True, slots=True)
class Opened:
    """
    A sealed event with what is shown of it. `disclosures` are those given, in their order, each with its place;
    places count elements of lists as the sealed event does. `hidden`: each digest that stands there and is not shown,
    with the place of the object or list that it stands in.
    """

    tree: JsonTree
    disclosures: tuple[Disclosure, ...]
    hidden: Mapping[str, str]

    @property
    def withheld(self) -> tuple[Withheld, ...]:
        """What is not shown, by place in ascending order."""
        return by_place(self.hidden.values())


def by_place(places: Iterable[str]) -> tuple[Withheld, ...]:
    """How often each place is named, in ascending order."""
    return tuple(Withheld(*item) for item in sorted(Counter(places).items()))


def open_sealed(event: JsonTree, disclosures: Sequence[str]) -> Opened:
    """Everything at once: the revealed tree, where each disclosure belongs, and what is withheld."""
    given: dict[str, tuple[int, Disclosure]] = {}
    for index, text in enumerate(disclosures):
        disclosure = parse_disclosure(text, f"/disclosures/{index}")
        if disclosure.digest in given:
            raise _refuse(index, disclosure, "disclosure.twice", "the same disclosure is given twice")
        given[disclosure.digest] = (index, disclosure)
    opener = _Opener(event, given)
    tree = opener.members(event, (), "", 1)
    for digest, (index, disclosure) in given.items():
        if digest not in opener.places:
            message = "no digest of the event is this one's: it is altered, of another event, or lacks its outer one"
            raise _refuse(index, disclosure, "disclosure.foreign", message)
    placed = tuple(replace(disclosure, place=opener.places[digest]) for digest, (_, disclosure) in given.items())
    return Opened(tree, placed, opener.hidden)


def reveal(event: JsonTree, disclosures: Sequence[str]) -> JsonTree:
    """The event with exactly what the disclosures show; the given tree stays as it is."""
    return open_sealed(event, disclosures).tree


def withheld(event: JsonTree, disclosures: Sequence[str]) -> tuple[Withheld, ...]:
    """
    What is not shown, by place in ascending order; for the whole event the place is "". What lies inside of something
    withheld is not counted. An erased disclosure is one that nobody can give any more: it stays withheld.
    """
    return open_sealed(event, disclosures).withheld


def hidden_in(event: JsonTree) -> Mapping[str, str] | None:
    """
    What somebody without any disclosure does not see, as `Opened.hidden` has it; None where the digests of the event
    are not well formed.
    """
    try:
        return open_sealed(event, ()).hidden
    except InvalidInput:
        return None


def check_sealed(event: JsonTree) -> None:
    """Raises `InvalidEvent` unless all digests that the event shows are well formed, in order, and stand once."""
    open_sealed(event, ())


class _Opener:
    def __init__(self, event: JsonTree, given: Mapping[str, tuple[int, Disclosure]]) -> None:
        self._prefixes = prefixes_of(event.get("@context"))
        self._given = given
        self._seen: set[str] = set()
        self.places: dict[str, str] = {}
        self.hidden: dict[str, str] = {}

    def members(self, node: Mapping[str, Any], path: Path, at: str, depth: int) -> JsonTree:
        _check_depth(at, depth)
        shown: JsonTree = {}
        digests: list[str] | None = None
        for key, value in node.items():
            name, here = expand(key, self._prefixes), pointer(at, key)
            if key == "@context":
                shown[key] = value
            elif name == NAMESPACE + SEALED:
                if digests is not None:
                    raise _malformed(here, value)
                digests = self._digests(here, value)
            elif name == NAMESPACE + SEALED_ELEMENT:
                raise _malformed(here, value)
            else:
                shown[key] = self._value(value, (*path, name), here, depth + 1)
        names = {expand(key, self._prefixes) for key in shown}
        for digest in digests or ():
            if digest not in self._given:
                self.hidden[digest] = at
                continue
            index, disclosure = self._given[digest]
            if disclosure.name is None:
                raise _refuse(index, disclosure, "disclosure.form", "it is of an element, and its digest of a member")
            name = expand(disclosure.name, self._prefixes)
            if name in names:
                raise _refuse(index, disclosure, "disclosure.name", "the object has a member of that name already")
            names.add(name)
            # The rule on a position's values looks at the sealed object: what says so is never sealed itself.
            self._check_place(index, disclosure, (*path, name), node)
            here = pointer(at, disclosure.name)
            self.places[digest] = here
            shown[disclosure.name] = self._value(disclosure.value, (*path, name), here, depth + 1)
        return shown

    def _value(self, value: object, path: Path, at: str, depth: int) -> Any:
        if isinstance(value, dict):
            return self.members(value, path, at, depth)
        if isinstance(value, list):
            _check_depth(at, depth)
            return self._elements(value, (*path, None), at, depth + 1)
        return value

    def _elements(self, items: list[Any], path: Path, at: str, depth: int) -> list[Any]:
        shown = []
        for index, item in enumerate(items):
            here = f"{at}/{index}"
            digest = self._element_digest(item, here)
            if digest is None:
                shown.append(self._value(item, path, here, depth))
            elif digest in self._given:
                number, disclosure = self._given[digest]
                if disclosure.name is not None:
                    message = "it is of a member, and its digest of an element"
                    raise _refuse(number, disclosure, "disclosure.form", message)
                self._check_place(number, disclosure, path, None)
                self.places[digest] = here
                shown.append(self._value(disclosure.value, path, here, depth))
            else:
                self.hidden[digest] = at
        return shown

    def _element_digest(self, item: object, at: str) -> str | None:
        if not isinstance(item, dict):
            return None
        for key, value in item.items():
            if expand(key, self._prefixes) == NAMESPACE + SEALED_ELEMENT:
                if len(item) != 1:
                    raise _malformed(at, item)
                return self._digests(pointer(at, key), [value])[0]
        return None

    def _digests(self, at: str, value: object) -> list[str]:
        if not isinstance(value, list) or not value:
            raise _malformed(at, value)
        if not all(isinstance(digest, str) and DIGEST.match(digest) for digest in value) or value != sorted(value):
            raise _malformed(at, value)
        for digest in value:
            if digest in self._seen:
                raise InvalidEvent.one(at, "sealing.twice", digest, "the same digest stands twice in the event")
            self._seen.add(digest)
        return value

    def _check_place(self, index: int, disclosure: Disclosure, path: Path, holder: Mapping[str, Any] | None) -> None:
        if problem := refusal(path, holder):
            raise _refuse(index, disclosure, *problem)


def _refuse(index: int, disclosure: Disclosure, rule: str, message: str) -> InvalidInput:
    return InvalidInput.one(f"/disclosures/{index}", rule, disclosure.digest, message)


def _malformed(at: str, value: object) -> InvalidEvent:
    message = "digests are a list of base64url texts in ascending order, or one text alone for an element of a list"
    return InvalidEvent.one(at, "sealing.digests", value, message)


def _check_depth(at: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        message = f"objects and arrays nest at most {MAX_DEPTH} levels deep"
        raise InvalidInput.one(at, "json.depth", f"{depth} levels", message)
