"""
Seals an event: selected members become digests, from the innermost outwards; no I/O.

The digests of an object's members stand beside what stays open, in a member `sealed` of our namespace, in ascending
order so that their order tells nothing. In place of an element of a list stands an object whose only member is
`sealedElement`. A sealed object may hold sealed members of its own (recursive disclosures, RFC 9901, section 4.2.6).
Raises `InvalidEvent` for an event that cannot be sealed, `InvalidInput` for salts that do not do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.domain.epcis.members import pointer
from ledger.domain.epcis.names import expand, prefixes_of
from ledger.domain.errors import InvalidEvent, InvalidInput
from ledger.domain.json_tree import MAX_DEPTH
from ledger.domain.own_members import NAMESPACE, PREFIX
from ledger.domain.records import JsonTree
from ledger.domain.sealing.disclosures import Disclosure, make_disclosure
from ledger.domain.sealing.places import SEALED, SEALED_ELEMENT, Path, refusal
from ledger.domain.sealing.policy import Policy, Selection
from ledger.domain.sealing.quick import leaves_open
from ledger.domain.sealing.reveal import check_sealed

NewSalt = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Sealed:
    """The event as it is hashed and signed, and the disclosures in the event's order, inner ones before the outer."""

    event: JsonTree
    disclosures: tuple[Disclosure, ...]


def seal(event: JsonTree, policy: Policy, new_salt: NewSalt) -> Sealed:
    """
    The event with everything digested that the policy selects; the given tree stays as it is.

    `new_salt` gives 16 random bytes or more, others at every call. Digests that the event has already (its party sealed
    it, or it was exported and comes back) stay, and an event in which nothing is left to seal comes back unchanged.
    """
    selection = policy.selection(event)
    if leaves_open(event, selection):
        return Sealed(dict(event), ())
    check_sealed(event)
    sealer = _Sealer(event, selection, new_salt)
    sealed = sealer.members(event, (), "", 1)
    return Sealed(sealed, tuple(sealer.disclosures))


def own_key(prefixes: Mapping[str, str], local_name: str) -> str:
    """A member of ours as the event spells it: with our prefix, another that it declares, or the whole IRI."""
    if prefixes.get(PREFIX) == NAMESPACE:
        return f"{PREFIX}:{local_name}"
    for prefix, namespace in prefixes.items():
        if namespace == NAMESPACE:
            return f"{prefix}:{local_name}"
    return NAMESPACE + local_name


class _Sealer:
    def __init__(self, event: JsonTree, selection: Selection, new_salt: NewSalt) -> None:
        self._prefixes = prefixes_of(event.get("@context"))
        self._selection = selection
        self._new_salt = new_salt
        self._salts: set[bytes] = set()
        self._key = own_key(self._prefixes, SEALED)
        self._element_key = own_key(self._prefixes, SEALED_ELEMENT)
        self.disclosures: list[Disclosure] = []

    def members(self, node: Mapping[str, Any], path: Path, at: str, depth: int) -> JsonTree:
        sealed: JsonTree = {}
        digests: list[str] = []
        for key, value in node.items():
            if key == "@context":
                sealed[key] = value
                continue
            name, here = expand(key, self._prefixes), pointer(at, key)
            inner = self._value(value, (*path, name), here, depth + 1)
            if self._takes((*path, name), node):
                digests.append(self._disclose(key, inner, here))
            else:
                sealed[key] = inner
        if not digests:
            return sealed
        _check_depth(at, depth + 1)
        key = next((key for key in node if expand(key, self._prefixes) == NAMESPACE + SEALED), self._key)
        sealed[key] = sorted([*node.get(key, ()), *digests])
        return sealed

    def _value(self, value: object, path: Path, at: str, depth: int) -> Any:
        if isinstance(value, dict):
            return self.members(value, path, at, depth)
        if isinstance(value, list):
            return [self._element(item, (*path, None), f"{at}/{index}", depth + 1) for index, item in enumerate(value)]
        return value

    def _element(self, item: object, path: Path, at: str, depth: int) -> Any:
        inner = self._value(item, path, at, depth)
        if not self._takes(path, None) or is_sealed_element(item, self._prefixes):
            return inner
        _check_depth(at, depth)
        return {self._element_key: self._disclose(None, inner, at)}

    def _takes(self, path: Path, holder: Mapping[str, Any] | None) -> bool:
        return self._selection.takes(path) and refusal(path, holder) is None

    def _disclose(self, name: str | None, value: object, at: str) -> str:
        salt = self._new_salt()
        if salt in self._salts:
            raise InvalidInput.one("salt", "sealing.salt", "twice the same", "every member has a salt of its own")
        self._salts.add(salt)
        disclosure = make_disclosure(salt, name, value, at)
        self.disclosures.append(disclosure)
        return disclosure.digest


def is_sealed_element(item: object, prefixes: Mapping[str, str]) -> bool:
    """Whether an element of a list is a digest already."""
    return isinstance(item, dict) and any(expand(key, prefixes) == NAMESPACE + SEALED_ELEMENT for key in item)


def _check_depth(at: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        message = f"with its digest, the event would nest deeper than {MAX_DEPTH} levels"
        raise InvalidEvent.one(at, "json.depth", f"{depth} levels", message)
