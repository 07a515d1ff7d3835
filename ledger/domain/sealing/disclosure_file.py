"""
The file in which disclosures are handed to one reader; no I/O.

    {"format": "silkroot-disclosures-1",
     "events": [{"contentHash": "0x…", "disclosures": ["…", …]}, …]}

Read strictly: no other members, every event once, at least one disclosure each and none twice, and each of the form
that docs/sealing.md says. Whether they belong to the events is for `open_sealed` to say, which needs the events.
Raises `InvalidInput` with a JSON pointer, a rule and a value; no refusal shows what a disclosure holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash
from ledger.domain.json_tree import parse_json_object
from ledger.domain.records import JsonTree
from ledger.domain.sealing.disclosures import parse_disclosure

FORMAT = "silkroot-disclosures-1"
_HASH = re.compile(r"0x[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class DisclosureFile:
    """The texts of disclosures by the identity of the event that they belong to, in the file's order."""

    events: Mapping[ContentHash, tuple[str, ...]]

    def to_json(self) -> JsonTree:
        """As it is written."""
        return {
            "format": FORMAT,
            "events": [
                {"contentHash": f"0x{content.hex()}", "disclosures": list(texts)}
                for content, texts in self.events.items()
            ],
        }


def parse_disclosure_file(data: bytes) -> DisclosureFile:
    """The file behind its bytes: strict JSON in UTF-8."""
    tree = parse_json_object(data)
    _require_members(tree, "", ("format", "events"))
    if tree["format"] != FORMAT:
        raise InvalidInput.one("/format", "disclosures.format", tree["format"], f"the format is {FORMAT}")
    events: dict[ContentHash, tuple[str, ...]] = {}
    for index, entry in enumerate(_list(tree["events"], "/events")):
        at = f"/events/{index}"
        if not isinstance(entry, dict):
            raise InvalidInput.one(at, "disclosures.type", type(entry).__name__, "an event is an object")
        _require_members(entry, at, ("contentHash", "disclosures"))
        content = _content_hash(entry["contentHash"], f"{at}/contentHash")
        if content in events:
            raise InvalidInput.one(
                f"{at}/contentHash", "disclosures.twice", entry["contentHash"], "an event stands once"
            )
        events[content] = _texts(entry["disclosures"], f"{at}/disclosures")
    return DisclosureFile(events)


def _texts(value: object, at: str) -> tuple[str, ...]:
    texts: list[str] = []
    for index, text in enumerate(_list(value, at)):
        disclosure = parse_disclosure(text, f"{at}/{index}")
        if disclosure.text in texts:
            message = "the same disclosure is given twice"
            raise InvalidInput.one(f"{at}/{index}", "disclosure.twice", disclosure.digest, message)
        texts.append(disclosure.text)
    return tuple(texts)


def _content_hash(value: object, at: str) -> ContentHash:
    if not isinstance(value, str) or not _HASH.match(value):
        raise InvalidInput.one(
            at, "disclosures.content-hash", value, "a content hash is 0x and 64 lower-case hex digits"
        )
    return ContentHash(bytes.fromhex(value[2:]))


def _list(value: object, at: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise InvalidInput.one(at, "disclosures.type", type(value).__name__, "this is a list with at least one entry")
    return value


def _require_members(tree: Mapping[str, Any], at: str, names: tuple[str, ...]) -> None:
    for name in names:
        if name not in tree:
            raise InvalidInput.one(f"{at}/{name}", "disclosures.missing", name, "this member is needed")
    for name in tree:
        if name not in names:
            raise InvalidInput.one(f"{at}/{name}", "disclosures.unknown", name, "there is no such member here")
