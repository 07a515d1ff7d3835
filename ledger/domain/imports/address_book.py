"""
Names in a workbook -> parties, places, plots and products; no I/O.

Master data comes first. The workbook's own Locations and Products sheets add other names for what master data knows,
and new places, plots, parties and products where they say all that is needed (see docs/import.md for the extra
columns). A name that fits nothing, or several things, is refused: nothing is guessed. Raises `BadCell`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ledger.domain.identifiers import Grams, PartyId, ProductId
from ledger.domain.imports import values
from ledger.domain.imports.cells import BadCell, Cell
from ledger.domain.imports.layouts import Row
from ledger.domain.master_data import MasterData, Party, Place, PlaceKind, Plot, Product, Role, Text

_KIND_OF_ROLE = (
    (Role.PRODUCER, PlaceKind.FARM), (Role.PACKER, PlaceKind.PACKING_HOUSE), (Role.HUB, PlaceKind.HUB),
)  # fmt: skip
_COUNTRIES = {"usa": "US", "united states": "US", "china": "CN", "中国": "CN"}


@dataclass
class AddressBook:
    """
    Looks names up; grows while the Locations and Products sheets are read. `additions` is what those sheets added.
    """

    master: MasterData
    _parties: dict[PartyId, Party] = field(default_factory=dict)
    _places: dict[tuple[int, str], Place] = field(default_factory=dict)
    _plots: dict[tuple[int, str], Plot] = field(default_factory=dict)
    _products: dict[ProductId, Product] = field(default_factory=dict)
    _place_names: dict[str, set[tuple[int, str]]] = field(default_factory=dict)
    _listed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for place in self.master.places.values():
            self._name_place(place, place.name)
        for party in self.master.parties.values():
            home = self._home(party)
            if home is not None:
                self._name_place(home, party.name)

    @property
    def additions(self) -> MasterData:
        """Parties, places, plots and products that only the workbook names."""
        return MasterData(dict(self._parties), dict(self._places), dict(self._plots), dict(self._products))

    def party(self, party: PartyId) -> Party | None:
        """The party of that number."""
        return self._parties.get(party) or self.master.parties.get(party)

    def place(self, cell: Cell, what: str) -> Place:
        """The place of that name."""
        name = values.required_text(cell, what)
        found = self._place_names.get(_fold(name), set())
        if not found:
            if _fold(name) in self._listed:
                raise BadCell(
                    cell, "place.unknown-party",
                    f"the {what} stands on the Locations sheet, but nothing says which "
                    f"party runs it; add it to the master data",
                )  # fmt: skip
            raise BadCell(
                cell, "place.unknown", f"no {what} of this name is in the master data or on the Locations sheet"
            )
        if len(found) > 1:
            glns = ", ".join(f"{gln:013d}" for gln, _ in sorted(found))
            raise BadCell(cell, "place.ambiguous", f"several places have this name ({glns}); give each its own")
        return self._place_at(next(iter(found)))

    def place_with_id(self, name: Cell, number: Cell, what: str) -> Place:
        """The place of that name, whose GLN the row repeats in another cell."""
        stated = None if number.blank else values.gln(number)
        place = self.place(name, what)
        if stated is not None and stated != place.gln:
            raise BadCell(number, "place.contradiction", f"the {what} has the GLN {place.gln:013d}, not this one")
        return place

    def plot(self, cell: Cell, farm: Place) -> Plot | None:
        """The field of that name of the party that runs the farm; None for an empty cell."""
        name = values.optional_text(cell)
        if not name:
            return None
        wanted = _fold(name)
        found = [
            plot
            for plot in {**self.master.plots, **self._plots}.values()
            if plot.producer == farm.party
            and (_fold(plot.extension) == wanted or wanted in map(_fold, plot.name.values()))
        ]
        if len(found) > 1:
            found = [plot for plot in found if plot.gln == farm.gln]
        if not found:
            raise BadCell(cell, "plot.unknown", "the farm has no field of this name in the master data")
        if len(found) > 1:
            raise BadCell(cell, "plot.ambiguous", "the farm has several fields of this name")
        return found[0]

    def product(self, cell: Cell) -> Product:
        """The product of that GTIN."""
        number = values.gtin(cell)
        product = self._products.get(number) or self.master.products.get(number)
        if product is None:
            raise BadCell(
                cell,
                "product.unknown",
                "no product of this GTIN, with its net grams, is in the master data or on the Products sheet",
            )
        return product

    def bulk_product(self, commodity: Cell, variety: Cell, party: PartyId) -> Product:
        """What stands for the unpacked fruit of a commodity (and variety), of those that the party may use."""
        name = _fold(values.required_text(commodity, "commodity"))
        kind = _fold(values.optional_text(variety))
        found = [
            product
            for product in {**self.master.products, **self._products}.values()
            if product.bulk_of
            and name in {_fold(product.bulk_of), _fold(product.commodity)}
            and _of_variety(product, kind)
        ]
        if not found:
            raise BadCell(
                commodity, "commodity.unknown", "master data maps no bulk product to this commodity and variety"
            )
        exact = [product for product in found if kind and product.variety] or found
        usable = [product for product in exact if party == product.owner or party in product.packers]
        if not usable:
            raise BadCell(
                commodity, "ProductNotAllowed", f"party {party:013d} may make no lots of this commodity's bulk product"
            )
        if len(usable) > 1:
            numbers = ", ".join(f"{product.id:014d}" for product in usable)
            raise BadCell(commodity, "commodity.ambiguous", f"several bulk products fit ({numbers}); name the variety")
        return usable[0]

    def add_location(self, row: Row) -> None:
        """Takes in a row of the Locations sheet."""
        name = values.required_text(row["name"], "name of the place")
        self._listed.add(_fold(name))
        if row["gln"].blank:
            return
        gln = values.gln(row["gln"])
        known = self._places.get((gln, "")) or self.master.places.get((gln, ""))
        for other in self._place_names.get(_fold(name), ()):
            if other[0] != gln:
                raise row.refuse(
                    "gln", "place.contradiction", f"the master data gives this place the GLN {other[0]:013d}"
                )
        if known is None:
            known = self._new_place(row, gln, _text(row, "name"))
            if known is None:
                return
            self._places[gln, ""] = known
        self._name_place(known, {"und": name, **_text(row, "name")})
        self._add_field(row, known)

    def add_product(self, row: Row) -> None:
        """Takes in a row of the Products sheet."""
        number = values.gtin(row["gtin"])
        name = values.required_text(row["name"], "name of the product")
        known = self._products.get(number) or self.master.products.get(number)
        stated = None if row["net_grams"].blank else values.whole_number(row["net_grams"], "net mass in grams")
        if known is not None:
            if stated is not None and stated != known.net_grams:
                raise row.refuse(
                    "net_grams", "product.contradiction", f"the master data gives {known.net_grams} g, not this"
                )
            return
        if stated is None:
            raise row.refuse(
                "gtin",
                "product.net-grams",
                f"nothing says how many net grams one trade item of {name!r} holds; add it to the master data",
            )
        owner = self._known_party(row["owner_gln"], "product.owner", "the GLN of the brand owner")
        packers = tuple(
            self._known_party(replace(row["packer_glns"], value=part), "product.packer", "the GLN of a packer")
            for part in values.text(row["packer_glns"]).replace(";", ",").replace(",", " ").split()
        )
        variety = values.optional_text(row["variety"])
        self._products[number] = Product(
            number, owner, Grams(stated), _text(row, "name"), {"en": variety} if variety else {},
            values.optional_text(row["commodity"]), values.optional_text(row["bulk_of"]), packers,
        )  # fmt: skip

    def _new_place(self, row: Row, gln: int, name: Text) -> Place | None:
        city = _text(row, "city")
        if not row["party_gln"].blank:
            party = PartyId(values.gln(row["party_gln"]))
        elif not row["roles"].blank or self.party(PartyId(gln)):
            party = PartyId(gln)
        else:
            return None
        if not row["roles"].blank and self.party(party) is None:
            self._parties[party] = Party(party, name, _roles(row), city)
        known = self.party(party)
        if known is None:
            raise row.refuse(
                "party_gln", "party.unknown", "no such party is in the master data; name its roles to admit it"
            )
        return Place(gln, "", party, name, _place_kind(row, known.roles), city, _country(row))

    def _add_field(self, row: Row, place: Place) -> None:
        if values.optional_text(row["field"]):
            extension = values.lot_code(row["field"], "field name (AI 254)")
            if (place.gln, extension) not in self.master.plots:
                self._plots[place.gln, extension] = Plot(
                    place.gln, extension, place.party, {"en": extension}, place.city
                )

    def _known_party(self, cell: Cell, rule: str, what: str) -> PartyId:
        if cell.blank:
            raise BadCell(cell, rule, f"write {what} here, or add the product to the master data")
        party = PartyId(values.gln(cell))
        if self.party(party) is None:
            raise BadCell(cell, "party.unknown", "no party of this GLN is in the master data")
        return party

    def _place_at(self, key: tuple[int, str]) -> Place:
        return self._places.get(key) or self.master.places[key]

    def _home(self, party: Party) -> Place | None:
        """The one place of a party that has only one, or the one that bears the party's own GLN."""
        own = [place for place in self.master.places.values() if place.party == party.id]
        return next((place for place in own if place.gln == party.id and not place.extension), None) or (
            own[0] if len(own) == 1 else None
        )

    def _name_place(self, place: Place, names: Mapping[str, str]) -> None:
        for name in names.values():
            self._place_names.setdefault(_fold(name), set()).add((place.gln, place.extension))


def _of_variety(product: Product, wanted: str) -> bool:
    return not wanted or not product.variety or wanted in map(_fold, product.variety.values())


def _text(row: Row, column: str) -> dict[str, str]:
    both = {"en": values.optional_text(row[column]), "zh": values.optional_text(row[f"{column}_zh"])}
    return {language: text for language, text in both.items() if text}


def _roles(row: Row) -> Role:
    roles = Role(0)
    for word in values.text(row["roles"]).replace(",", " ").split():
        try:
            roles |= Role[word.upper()]
        except KeyError:
            raise row.refuse(
                "roles", "party.role", f"{word!r} is no role; there are {_listing(r.name for r in Role)}"
            ) from None
    return roles


def _place_kind(row: Row, roles: Role) -> PlaceKind:
    word = values.optional_text(row["kind"]).casefold().replace(" ", "_")
    if word:
        try:
            return PlaceKind(word)
        except ValueError:
            raise row.refuse(
                "kind", "place.kind", f"this is no kind of place; there are {_listing(PlaceKind)}"
            ) from None
    return next((kind for role, kind in _KIND_OF_ROLE if role in roles), PlaceKind.WAREHOUSE)


def _country(row: Row) -> str:
    word = values.optional_text(row["country"])
    code = _COUNTRIES.get(word.casefold(), word.upper())
    if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise row.refuse("country", "place.country", "write the two letters of ISO 3166 here")
    return code or "CN"


def _listing(words: Iterable[str | None]) -> str:
    return ", ".join(word.lower() for word in words if word)


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())
