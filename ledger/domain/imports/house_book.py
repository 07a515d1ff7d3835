"""
Names and numbers in a house workbook -> parties, places, plots and products; no I/O.

A cell names its entry by number (GLN, GLN/extension, GTIN) or by one of its names; it must fit exactly one entry of the
ledger's master data and the workbook's own sheet together. Nothing is guessed, not even from a name that is nearly
right. The sheet adds entries; it changes none that the ledger has. Raises `BadCell`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from ledger.domain import gs1
from ledger.domain.digital_link import parse_party
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import CHARACTER_SET_82, FIRST_ALLOTTED_PRODUCT, Grams, PartyId, ProductId
from ledger.domain.imports import house_values as values
from ledger.domain.imports.cells import BadCell, Cell, RowError
from ledger.domain.imports.house_reading import HouseRow
from ledger.domain.imports.house_words import KIND_WORDS, ROLE_WORDS, YES_NO_WORDS
from ledger.domain.master_data import MasterData, Party, Place, PlaceKind, Plot, Product, Role, Text

_Key = TypeVar("_Key", bound=Hashable)
_Entry = TypeVar("_Entry")
_LOOSE_GRAMS = Grams(1000)
"""The trade item of loose goods is the kilogram."""
_ROLES = {word.casefold(): role for role, words in ROLE_WORDS.items() for word in (*words, role.name or "")}
_KINDS = {word.casefold(): kind for kind, words in KIND_WORDS.items() for word in (*words, kind.value)}
_YES, _NO = ({word.casefold() for word in words} for words in YES_NO_WORDS)


class HouseBook:
    """
    Looks entries up. `add_rows` takes in the rows of the master data sheet; `additions` is what they brought that the
    ledger does not have.
    """

    def __init__(self, master: MasterData) -> None:
        self._known = master
        self._parties = dict(master.parties)
        self._places = dict(master.places)
        self._plots = dict(master.plots)
        self._products = dict(master.products)
        self._names: dict[tuple[str, str], set[Hashable]] = defaultdict(set)
        for number, party in self._parties.items():
            self._name("party", party.name, number)
        for place in self._places.values():
            self._name("place", place.name, (place.gln, place.extension))
        for plot in self._plots.values():
            self._name("plot", plot.name, (plot.gln, plot.extension))
        for product in self._products.values():
            self._name("product", product.name, product.id)

    @property
    def additions(self) -> MasterData:
        """What only the workbook has."""
        return MasterData(
            {key: value for key, value in self._parties.items() if key not in self._known.parties},
            {key: value for key, value in self._places.items() if key not in self._known.places},
            {key: value for key, value in self._plots.items() if key not in self._known.plots},
            {key: value for key, value in self._products.items() if key not in self._known.products},
        )

    def party(self, cell: Cell) -> Party:
        """The party of that number or name."""
        return self._find(cell, "party", self._parties, lambda word: parse_party(word))

    def place(self, cell: Cell) -> Place:
        """The place of that GLN, GLN/extension or name."""
        return self._find(cell, "place", self._places, _spot)

    def plot(self, cell: Cell) -> Plot:
        """The plot of that GLN/extension or name."""
        return self._find(cell, "plot", self._plots, _spot)

    def product(self, cell: Cell) -> Product:
        """The product of that GTIN, allotted number or name."""
        return self._find(cell, "product", self._products, _product_number)

    def product_of(self, number: ProductId) -> Product:
        """The product of a number that was looked up before."""
        return self._products[number]

    def reference_gln(self, party: PartyId) -> int:
        """The GLN under which a party without one of its own numbers its papers: the lowest of its places'; 0: none."""
        return min((place.gln for place in self._places.values() if place.party == party), default=0)

    def add_rows(self, rows: Iterable[HouseRow]) -> list[RowError]:
        """Takes in the master data sheet: parties first, since the other lists refer to them."""
        listed = list(rows)
        errors: list[RowError] = []
        for block, add in (
            ("party", self._add_party), ("place", self._add_place), ("plot", self._add_plot),
            ("product", self._add_product),
        ):  # fmt: skip
            for row in listed:
                if any(not cell.blank for name, cell in row.cells.items() if name.startswith(f"{block}_")):
                    try:
                        add(row)
                    except BadCell as error:
                        errors.append(error.row_error())
        return errors

    def _find(self, cell: Cell, what: str, entries: Mapping[_Key, _Entry], parse: Callable[[str], _Key]) -> _Entry:
        word = values.required(cell, what)
        named = self._names.get((what, _fold(word)), set())
        if len(named) > 1:
            raise BadCell(cell, f"{what}.ambiguous", f"several entries have this name; write the number of the {what}")
        if named:
            (key,) = named
            return entries[key]  # type: ignore[index]
        if word[0].isascii() and word[0].isdigit():
            try:
                number = parse(word)
            except InvalidInput as error:
                found = error.violations[0]
                raise BadCell(cell, found.rule, found.message) from None
            if number in entries:
                return entries[number]
        raise BadCell(
            cell, f"{what}.unknown", f"no {what} of this name or number is in the ledger or on the master data sheet"
        )

    def _name(self, what: str, names: Text, key: Hashable) -> None:
        for name in names.values():
            self._names[what, _fold(name)].add(key)

    def _add_party(self, row: HouseRow) -> None:
        number = _number(row["party_id"], parse_party)
        name = _names(row, "party_name")
        roles = _roles(row["party_roles"])
        party = Party(number, name, roles, _text(row, "party_city"), _yes(row["party_hosted"], True))
        known = self._parties.get(number)
        if known is not None and known.roles != roles and not row["party_roles"].blank:
            raise _contradiction(row["party_roles"])
        if known is None and not roles:
            raise row.refuse("party_roles", "cell.missing", "write what the party does: its roles")
        self._parties.setdefault(number, party)
        self._name("party", name, number)

    def _add_place(self, row: HouseRow) -> None:
        key = (_number(row["place_gln"], gs1.parse_gln), _extension(row["place_extension"]))
        name = _names(row, "place_name")
        party = self.party(row["place_party"]).id
        place = Place(
            *key, party, name, _kind(row["place_kind"]), _text(row, "place_city"), _country(row["place_country"])
        )
        known = self._places.setdefault(key, place)
        if known.party != party:
            raise _contradiction(row["place_party"])
        if known.kind != place.kind:
            raise _contradiction(row["place_kind"])
        self._name("place", name, key)

    def _add_plot(self, row: HouseRow) -> None:
        values.required(row["plot_extension"], "number of the plot (AI 254)")
        key = (_number(row["plot_gln"], gs1.parse_gln), _extension(row["plot_extension"]))
        name = _names(row, "plot_name")
        producer = self.party(row["plot_producer"]).id
        known = self._plots.setdefault(key, Plot(*key, producer, name, _text(row, "plot_region")))
        if known.producer != producer:
            raise _contradiction(row["plot_producer"])
        self._name("plot", name, key)

    def _add_product(self, row: HouseRow) -> None:
        number = ProductId(_number(row["product_gtin"], _product_number))
        name = _names(row, "product_name")
        owner = self.party(row["product_owner"]).id
        commodity = values.text(row["product_commodity"])
        loose = _yes(row["product_loose"], False)
        known = self._products.get(number)
        net = row["product_net"]
        if not net.blank:
            grams = values.mass(net, None, row.units.get("product_net", ""))
        elif loose or known is not None:
            grams = known.net_grams if known is not None else _LOOSE_GRAMS
        else:
            raise row.refuse(
                "product_net" if row["product_net"].column else "product_gtin", "product.net-grams",
                "write the net weight of one case, or say that the product is loose",
            )  # fmt: skip
        if known is not None and known.net_grams != grams:
            raise _contradiction(net)
        if known is not None and known.owner != owner:
            raise _contradiction(row["product_owner"])
        bulk_of = (commodity or next(iter(name.values()))) if loose else ""
        packers = tuple(
            self.party(replace(row["product_packers"], value=word)).id for word in _listed(row["product_packers"])
        )
        product = Product(number, owner, grams, name, _text(row, "product_variety"), commodity, bulk_of, packers)
        self._products.setdefault(number, product)
        self._name("product", name, number)


def _contradiction(cell: Cell) -> BadCell:
    return BadCell(cell, "master.contradiction", "the ledger, or a row above, says otherwise of this entry")


def _number(cell: Cell, parse: Callable[[str], _Key]) -> _Key:
    word = values.required(cell, "number")
    try:
        return parse(word)
    except InvalidInput as error:
        found = error.violations[0]
        raise BadCell(cell, found.rule, found.message) from None


def _spot(word: str) -> tuple[int, str]:
    gln, _, extension = word.partition("/")
    return gs1.parse_gln(gln.strip()), extension.strip()


def _product_number(word: str) -> ProductId:
    if len(word) > 14 and word.isdigit() and FIRST_ALLOTTED_PRODUCT <= int(word) < 2**63:
        return ProductId(int(word))
    return ProductId(gs1.parse_gtin(word))


def _extension(cell: Cell) -> str:
    word = values.text(cell)
    if word and not CHARACTER_SET_82.match(word):
        raise BadCell(cell, "gs1.ai254", "an extension has 1 to 20 letters, digits or signs, and no spaces")
    return word


def _names(row: HouseRow, key: str) -> dict[str, str]:
    found = _text(row, key)
    if not found:
        filled = next(
            (cell for name, cell in row.cells.items() if name.startswith(key.split("_")[0]) and not cell.blank)
        )
        raise BadCell(filled, "cell.missing", "write the name of this entry in at least one language")
    return found


def _text(row: HouseRow, key: str) -> dict[str, str]:
    texts = {language: values.text(row[f"{key}_{language}"]) for language in ("zh", "en", "ug")}
    return {language: text for language, text in texts.items() if text}


def _listed(cell: Cell) -> list[str]:
    word = values.text(cell)
    for separator in ("、", ";", "；", "،", "؛"):
        word = word.replace(separator, ",")
    return [part.strip() for part in word.split(",") if part.strip()]


def _roles(cell: Cell) -> Role:
    roles = Role(0)
    for word in _listed(cell):
        if word.casefold() not in _ROLES:
            raise BadCell(cell, "party.role", "this is no role; pick from the list")
        roles |= _ROLES[word.casefold()]
    return roles


def _kind(cell: Cell) -> PlaceKind:
    word = values.required(cell, "kind of place").casefold()
    if word not in _KINDS:
        raise BadCell(cell, "place.kind", "this is no kind of place; pick from the list")
    return _KINDS[word]


def _country(cell: Cell) -> str:
    word = values.text(cell).upper() or "CN"
    if not (len(word) == 2 and word.isascii() and word.isalpha()):
        raise BadCell(cell, "place.country", "write the two letters of ISO 3166 here")
    return word


def _yes(cell: Cell, default: bool) -> bool:
    if cell.blank:
        return default
    word = values.text(cell).casefold() if not isinstance(cell.value, bool) else ("yes" if cell.value else "no")
    if word not in _YES | _NO:
        raise BadCell(cell, "cell.yes-no", "write yes or no here")
    return word in _YES


def _fold(name: str) -> str:
    return values.folded(name).casefold()
