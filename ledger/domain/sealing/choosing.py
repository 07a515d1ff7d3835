"""
Which of an event's disclosures are meant: by the name of a member or its place, or by a value that they show; no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ledger.domain.sealing.kept import KeptDisclosure, read

_BEFORE_LOCAL = re.compile(r"[:/#]")
"""What stands between a prefix or a namespace and the local name."""


def is_named(item: KeptDisclosure, member: str) -> bool:
    """
    Whether the member is meant: by its place (a JSON pointer), by its key as the event spells it, or by its local name
    in any case. An element of a list goes by the name of the list.
    """
    if member.startswith("/"):
        return item.place == member
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in item.place.split("/")[1:]]
    names = [token for token in tokens if not token.isdigit()]
    return bool(names) and (names[-1] == member or _BEFORE_LOCAL.split(names[-1])[-1].lower() == member.lower())


def shows(item: KeptDisclosure, value: str) -> bool:
    """
    Whether the value stands anywhere in what the disclosure shows: as a text or the name of a member, but for white
    space around it, in that case exactly; or as a number. What lies in inner disclosures is theirs.
    """
    disclosure = read(item)
    return disclosure is not None and (disclosure.name == value or _holds(disclosure.value, value.strip()))


def chosen(disclosures: Sequence[KeptDisclosure], members: Sequence[str]) -> set[str]:
    """The digests of those that any of the names means; of all that are left where there are none."""
    left = [item for item in disclosures if not item.erased]
    return {item.digest for item in left if not members or any(is_named(item, member) for member in members)}


def _holds(value: Any, wanted: str) -> bool:
    if isinstance(value, str):
        return value.strip() == wanted
    if isinstance(value, dict):
        return any(_holds(part, wanted) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(_holds(part, wanted) for part in value)
    return isinstance(value, int | float) and not isinstance(value, bool) and str(value) == wanted
