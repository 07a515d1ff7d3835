"""
Reads master data from TOML: parties, places, plots and products.

    [[party]]    id, name {zh, en, ...}, roles [...], city {...}, hosted, contact
    [[place]]    gln, extension, party, name, kind, city, country
    [[plot]]     gln, extension, producer, name, region
    [[product]]  gtin | number, owner, net_grams, name, variety, commodity, bulk_of, packers [...],
                 min_celsius, max_celsius, tolerance (degree-minutes)

Identifiers are strings with right check digits. A party's `id` is its GLN, or a number from 10^13 up that the registry
allotted; a product has a `gtin`, or a `number` from 10^14 up. Whoever is referred to (`party`, `producer`, `owner`,
`packers`) stands in the same file or in the master data already known. Raises
`InvalidInput` with every error and its key path, such as `product[2].net_grams`; nothing is taken from a file with
errors.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from ledger.domain import gs1
from ledger.domain.contacts import business_contact
from ledger.domain.digital_link import parse_party
from ledger.domain.errors import InvalidInput, Violation
from ledger.domain.identifiers import FIRST_ALLOTTED_PRODUCT, Grams, LotRef, PartyId, ProductId
from ledger.domain.master_data import MasterData, Party, Place, PlaceKind, Plot, Product, Role
from ledger.domain.own_values import MAX_INTEGER
from ledger.domain.sensors.limits import COLDEST, HOTTEST, Limits

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_MAX_BYTES = 16 * 1024 * 1024
_T = TypeVar("_T")


def read_master_data(path: Path, known: MasterData | None = None) -> MasterData:
    """The master data of a file. `known` is what its entries may refer to beside each other."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput.one(
            path.name, "master.missing", path.name, f"this file cannot be read: {error.strerror}"
        ) from None
    return parse_master_data(data, known, path.name)


def parse_master_data(data: bytes, known: MasterData | None = None, name: str = "master data") -> MasterData:
    """The same from bytes; `name` stands for the file in errors about the whole of it."""
    if len(data) > _MAX_BYTES:
        raise InvalidInput.one(
            name, "master.too-large", len(data), f"a master data file has at most {_MAX_BYTES} bytes"
        )
    try:
        tree = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidInput.one(name, "master.toml", name, f"this is not TOML 1.0 in UTF-8: {error}") from None
    reader = _Reader(known or MasterData())
    master = reader.read(tree)
    if reader.violations:
        raise InvalidInput(reader.violations)
    return master


class _Refusal(Exception):
    """A value broke a rule: what `_Table` turns into a violation."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule, self.message = rule, message


class _Table:
    """One table of the file. Reads members, remembers which were read, and lists what is wrong."""

    def __init__(self, path: str, members: Mapping[str, Any], violations: list[Violation]) -> None:
        self.path, self.members, self.violations = path, members, violations
        self._read: set[str] = set()

    def get(self, key: str, convert: Callable[[Any], _T], default: _T, *, required: bool = False) -> _T:
        """The converted member, or the default where it is absent or wrong (then a violation is listed)."""
        self._read.add(key)
        if key not in self.members:
            if required:
                rule = "product.net-grams" if key == "net_grams" else "master.missing-key"
                self.refuse(key, rule, "", _MISSING.get(key, "this key is needed"))
            return default
        try:
            return convert(self.members[key])
        except _Refusal as refusal:
            self.refuse(key, refusal.rule, self.members[key], refusal.message)
        except InvalidInput as error:
            self.refuse(key, error.violations[0].rule, self.members[key], error.violations[0].message)
        return default

    def product_number(self) -> ProductId:
        """The `gtin`, or the allotted `number`; 0 where neither is right."""
        if ("gtin" in self.members) == ("number" in self.members):
            self._read |= {"gtin", "number"}
            self.refuse("gtin", "master.missing-key", "", "give either gtin or number")
            return ProductId(0)
        if "gtin" in self.members:
            return ProductId(self.get("gtin", lambda value: gs1.parse_gtin(_string(value)), 0))
        return ProductId(self.get("number", _allotted, 0))

    def refuse(self, key: str, rule: str, value: object, message: str) -> None:
        """Lists a violation at a key of this table."""
        self.violations.extend(InvalidInput.one(f"{self.path}.{key}", rule, value, message).violations)

    def close(self) -> None:
        """Refuses keys that nobody read: a misspelt key must not be dropped in silence."""
        for key in self.members.keys() - self._read:
            self.refuse(key, "master.unknown-key", key, "there is no such key here")


_MISSING = {
    "net_grams": "a product needs the net grams of one trade item: without them no quantity of it can be told",
    "name": 'a name is needed, such as {en = "…", zh = "…"}',
}


class _Reader:
    def __init__(self, known: MasterData) -> None:
        self.known = known
        self.violations: list[Violation] = []
        self.parties: dict[PartyId, Party] = {}
        self._references: list[tuple[_Table, str, PartyId]] = []

    def read(self, tree: Mapping[str, Any]) -> MasterData:
        for key in tree.keys() - {"party", "place", "plot", "product"}:
            self.violations.append(Violation(key, "master.unknown-key", key, "there is no such table"))
        for table in self._tables(tree, "party"):
            self._put(self.parties, self._party(table), lambda party: party.id, table, "id")
        places: dict[tuple[int, str], Place] = {}
        for table in self._tables(tree, "place"):
            self._put(places, self._place(table), lambda place: (place.gln, place.extension), table, "gln")
        plots: dict[tuple[int, str], Plot] = {}
        for table in self._tables(tree, "plot"):
            self._put(plots, self._plot(table), lambda plot: (plot.gln, plot.extension), table, "gln")
        products: dict[ProductId, Product] = {}
        for table in self._tables(tree, "product"):
            self._put(products, self._product(table), lambda product: product.id, table, "gtin")
        for table, key, party in self._references:
            if party and party not in self.parties and party not in self.known.parties:
                table.refuse(key, "party.unknown", f"{party:013d}", "no such party is in this file or known already")
        return MasterData(self.parties, places, plots, products)

    def _tables(self, tree: Mapping[str, Any], name: str) -> list[_Table]:
        entries = tree.get(name, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self.violations.append(Violation(name, "master.type", name, f"write each as a table: [[{name}]]"))
            return []
        return [_Table(f"{name}[{index}]", entry, self.violations) for index, entry in enumerate(entries)]

    def _put(self, into: dict[Any, _T], value: _T, key: Callable[[_T], Any], table: _Table, name: str) -> None:
        table.close()
        number = key(value)
        if number in into and number not in (0, (0, "")):
            table.refuse(name, "master.duplicate", number, "this stands in the file already")
        into[number] = value

    def _party(self, table: _Table) -> Party:
        return Party(
            table.get("id", _party_number, PartyId(0), required=True),
            table.get("name", _text, {}, required=True),
            table.get("roles", _roles, Role(0), required=True),
            table.get("city", _text, {}),
            table.get("hosted", _bool, True),
            table.get("contact", lambda value: business_contact(_string(value)), ""),
        )

    def _place(self, table: _Table) -> Place:
        return Place(
            table.get("gln", _gln, 0, required=True),
            table.get("extension", _extension, ""),
            self._party_at(table, "party"),
            table.get("name", _text, {}, required=True),
            table.get("kind", _kind, PlaceKind.WAREHOUSE, required=True),
            table.get("city", _text, {}),
            table.get("country", _country, "CN"),
        )

    def _plot(self, table: _Table) -> Plot:
        return Plot(
            table.get("gln", _gln, 0, required=True),
            table.get("extension", _extension, "", required=True),
            self._party_at(table, "producer"),
            table.get("name", _text, {}, required=True),
            table.get("region", _text, {}),
        )

    def _product(self, table: _Table) -> Product:
        none: tuple[PartyId, ...] = ()
        packers = table.get("packers", _party_list, none)
        self._references.extend((table, "packers", party) for party in packers)
        return Product(
            table.product_number(),
            self._party_at(table, "owner"),
            table.get("net_grams", _grams, Grams(0), required=True),
            table.get("name", _text, {}, required=True),
            table.get("variety", _text, {}),
            table.get("commodity", _string, ""),
            table.get("bulk_of", _string, ""),
            packers,
            _limits_in(table),
        )

    def _party_at(self, table: _Table, key: str) -> PartyId:
        party = table.get(key, _party_number, PartyId(0), required=True)
        self._references.append((table, key, party))
        return party


def _limits_in(table: _Table) -> Limits | None:
    low, high = table.get("min_celsius", _thousandths, None), table.get("max_celsius", _thousandths, None)
    tolerance = table.get("tolerance", _tolerance, 0)
    if low is not None and high is not None and low > high:
        table.refuse("min_celsius", "limits.range", low, "the minimum lies above max_celsius")
    if low is None and high is None:
        if "tolerance" in table.members:
            table.refuse("tolerance", "limits.range", tolerance, "a tolerance goes with min_celsius or max_celsius")
        return None
    return Limits(low, high, tolerance)


def _thousandths(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Refusal("limits.degrees", "write degrees Celsius here, as a number")
    exact = Decimal(repr(value)) * 1000
    if not exact.is_finite() or exact != exact.to_integral_value() or not COLDEST <= exact <= HOTTEST:
        raise _Refusal("limits.degrees", "write degrees Celsius with at most three places here")
    return int(exact)


def _tolerance(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INTEGER:
        raise _Refusal("limits.tolerance", "a tolerance is a whole number of degree-minutes")
    return value


def _string(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Refusal("master.type", "write a text in quotation marks here, not an empty one")
    return value


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Refusal("master.type", "write true or false here")
    return value


def _text(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not value:
        raise _Refusal("master.type", 'write a table of texts by language here, such as {en = "Melon", zh = "瓜"}')
    for language, text in value.items():
        if not _LANGUAGE.match(language):
            raise _Refusal("master.language", f"{language!r} is no language tag (BCP 47), such as en, zh or ug")
        _string(text)
    return dict(value)


def _grams(value: Any) -> Grams:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**12:
        raise _Refusal("product.net-grams", "net grams are a whole number from 1 up")
    return Grams(value)


def _gln(value: Any) -> int:
    return gs1.parse_gln(_string(value))


def _allotted(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not FIRST_ALLOTTED_PRODUCT <= value < 2**63:
        raise _Refusal(
            "master.number", f"numbers that the registry allots to products begin at {FIRST_ALLOTTED_PRODUCT}"
        )
    return value


def _party_number(value: Any) -> PartyId:
    return parse_party(_string(value))


def _party_list(value: Any) -> tuple[PartyId, ...]:
    if not isinstance(value, list):
        raise _Refusal("master.type", "write a list of GLNs here")
    return tuple(_party_number(entry) for entry in value)


def _extension(value: Any) -> str:
    # AI 254 has the form of AI 10; a lot of any product checks it.
    return LotRef(ProductId(1), _string(value)).code


def _roles(value: Any) -> Role:
    names = [role.name.lower() for role in Role if role.name]
    if not isinstance(value, list) or not value or not all(isinstance(word, str) and word in names for word in value):
        raise _Refusal("party.role", f"write a list of roles here, of {', '.join(names)}")
    roles = Role(0)
    for word in value:
        roles |= Role[word.upper()]
    return roles


def _kind(value: Any) -> PlaceKind:
    try:
        return PlaceKind(_string(value))
    except ValueError:
        raise _Refusal("place.kind", f"write a kind of place here, of {', '.join(PlaceKind)}") from None


def _country(value: Any) -> str:
    if not _COUNTRY.match(_string(value)):
        raise _Refusal("place.country", "write the two letters of ISO 3166 here")
    return str(value)
