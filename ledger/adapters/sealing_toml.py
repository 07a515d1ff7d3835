"""
Reads what is sealed, by party and kind of event, from TOML; docs/sealing.md says what entries mean.

    defaults = true          # whether the entries add to what is sealed by default (absent: they do)
    [[entry]]
    party = "9520000000011"  # whose events; absent: everybody's
    kinds = ["shipping"]     # event types and business steps; absent: all
    seal  = ["price", "/silkroot:contact"]
    leave = ["harvester"]

Raises `InvalidInput` with every error: key path such as `entry[0].seal[1]`, rule and value. Nothing is taken from a
file with errors: rather no service than one that seals less than was meant.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ledger.domain.digital_link import parse_party
from ledger.domain.epcis.members import EVENT_SHAPES
from ledger.domain.epcis.vocabulary import BIZ_STEPS
from ledger.domain.errors import InvalidInput, Violation
from ledger.domain.identifiers import PartyId
from ledger.domain.sealing import DEFAULT, Entry, Policy

_MAX_BYTES = 1024 * 1024
_TOP = {"defaults", "entry"}
_ENTRY = {"party", "kinds", "seal", "leave"}
_PLACE = re.compile(r"/(\d+)/(seal|leave)/(\d+)\Z")


def read_policy(path: Path) -> Policy:
    """The policy of a file."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        message = f"this file cannot be read: {error.strerror}"
        raise InvalidInput.one(path.name, "policy.missing", str(path), message) from None
    if len(data) > _MAX_BYTES:
        message = f"a policy has at most {_MAX_BYTES} bytes"
        raise InvalidInput.one(path.name, "policy.too-large", path.name, message)
    return parse_policy(data, path.name)


def parse_policy(data: bytes, name: str = "policy") -> Policy:
    """The same from bytes; `name` stands for the file in errors about the whole of it."""
    try:
        # A file saved by Notepad begins with a byte order mark.
        tree = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidInput.one(name, "policy.toml", name, f"this is not TOML 1.0 in UTF-8: {error}") from None
    reader = _Reader()
    entries = reader.entries(tree)
    first = DEFAULT.entries if reader.defaults(tree) else ()
    if reader.violations:
        raise InvalidInput(reader.violations)
    try:
        return Policy((*first, *entries))
    except InvalidInput as error:
        raise InvalidInput([_placed(violation, len(first)) for violation in error.violations]) from None


class _Reader:
    def __init__(self) -> None:
        self.violations: list[Violation] = []

    def defaults(self, tree: Mapping[str, Any]) -> bool:
        value = tree.get("defaults", True)
        if not isinstance(value, bool):
            self._refuse("defaults", "policy.type", value, "write true or false")
        return value is True

    def entries(self, tree: Mapping[str, Any]) -> list[Entry]:
        for key in sorted(tree.keys() - _TOP):
            self._refuse(key, "policy.unknown-key", key, "there is no such key here")
        tables = tree.get("entry", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self._refuse("entry", "policy.type", tables, "write each as a table: [[entry]]")
            return []
        return [self._entry(f"entry[{index}]", table) for index, table in enumerate(tables)]

    def _entry(self, at: str, table: Mapping[str, Any]) -> Entry:
        for key in sorted(table.keys() - _ENTRY):
            self._refuse(f"{at}.{key}", "policy.unknown-key", key, "there is no such key here")
        seal, leave = self._texts(at, table, "seal"), self._texts(at, table, "leave")
        if not table.get("seal") and not table.get("leave"):
            self._refuse(at, "policy.empty", "", "an entry says what to seal, or what to leave open")
        kinds = self._texts(at, table, "kinds")
        for index, kind in enumerate(kinds):
            if kind not in EVENT_SHAPES and kind not in BIZ_STEPS:
                message = "a kind is an event type (ObjectEvent) or a business step of the CBV (shipping)"
                self._refuse(f"{at}.kinds[{index}]", "policy.kind", kind, message)
        if table.get("kinds") == []:
            self._refuse(f"{at}.kinds", "policy.empty", "", "without any kind it would never hold; leave the key out")
        return Entry(tuple(seal), tuple(leave), self._party(at, table), frozenset(kinds))

    def _texts(self, at: str, table: Mapping[str, Any], key: str) -> list[str]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            self._refuse(f"{at}.{key}", "policy.type", value, "write a list of texts")
            return []
        return value

    def _party(self, at: str, table: Mapping[str, Any]) -> PartyId | None:
        if "party" not in table:
            return None
        value = table["party"]
        if not isinstance(value, str):
            self._refuse(f"{at}.party", "policy.type", value, "write the party's number as a text")
            return None
        try:
            return parse_party(value)
        except InvalidInput as error:
            self._refuse(f"{at}.party", error.violations[0].rule, value, error.violations[0].message)
            return None

    def _refuse(self, field: str, rule: str, value: object, message: str) -> None:
        self.violations.extend(InvalidInput.one(field, rule, value, message).violations)


def _placed(violation: Violation, skipped: int) -> Violation:
    """A refusal of the policy as a whole, at its key path in the file."""
    match = _PLACE.match(violation.field)
    if match is None:
        return violation
    field = f"entry[{int(match[1]) - skipped}].{match[2]}[{match[3]}]"
    return Violation(field, violation.rule, violation.value, violation.message)
