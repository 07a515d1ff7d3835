"""
Who and what events refer to: parties, places, plots and products; values only.

Master data names things for people; it is not signed and decides no verdict. What the chain knows of a party (roles,
keys) and of a product (owner, permits) is registered from these values by `ledger.services.register`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum

from ledger.domain.identifiers import Grams, PartyId, PlotId, ProductId, plot_id
from ledger.domain.sensors.limits import Limits

Text = Mapping[str, str]
"""A text by BCP 47 language tag ("zh", "en", "ug"); never empty."""


class Role(IntFlag):
    """What a party may do; the bits of `PartyRegistry`."""

    PRODUCER = 1
    PACKER = 2
    CARRIER = 4
    HUB = 8
    BUYER = 16
    CERTIFIER = 32
    REGULATOR = 64
    LENDER = 128


class PlaceKind(StrEnum):
    """What stands at a place; chooses its words and its sign on the consumer page."""

    FARM = "farm"
    PACKING_HOUSE = "packing_house"
    COLD_STORE = "cold_store"
    HUB = "hub"
    WAREHOUSE = "warehouse"
    SHOP = "shop"
    VEHICLE = "vehicle"


@dataclass(frozen=True, slots=True)
class Party:
    """
    An organisation. `hosted`: the service keeps its key (a qualifier on every page that it signs). `contact`: how its
    office is reached, see `domain.contacts`; "" where nobody said.
    """

    id: PartyId
    name: Text
    roles: Role
    city: Text = field(default_factory=dict)
    hosted: bool = True
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A location: GLN (AI 414) with an optional extension (AI 254), run by a party."""

    gln: int
    extension: str
    party: PartyId
    name: Text
    kind: PlaceKind
    city: Text = field(default_factory=dict)
    country: str = "CN"


@dataclass(frozen=True, slots=True)
class Plot:
    """A field of a producer, named by the farm's GLN (AI 414) and the field's extension (AI 254)."""

    gln: int
    extension: str
    producer: PartyId
    name: Text
    region: Text = field(default_factory=dict)

    @property
    def id(self) -> PlotId:
        """The plot's identifier on chain."""
        return plot_id(PartyId(self.gln), self.extension)


@dataclass(frozen=True, slots=True)
class Product:
    """
    A trade item. `net_grams` is the net mass of one trade item (one case, one kilogram of bulk); never zero.
    `packers` may make lots of it beside its owner. `bulk_of` names the commodity whose unpacked fruit it stands for.
    `limits`: temperatures that its lots bear; they count for a lot once the event of its birth states them.
    """

    id: ProductId
    owner: PartyId
    net_grams: Grams
    name: Text
    variety: Text = field(default_factory=dict)
    commodity: str = ""
    bulk_of: str = ""
    packers: tuple[PartyId, ...] = ()
    limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class MasterData:
    """All that an import or a page needs to name things."""

    parties: Mapping[PartyId, Party] = field(default_factory=dict)
    places: Mapping[tuple[int, str], Place] = field(default_factory=dict)
    plots: Mapping[tuple[int, str], Plot] = field(default_factory=dict)
    products: Mapping[ProductId, Product] = field(default_factory=dict)


def text_in(text: Text, language: str) -> str:
    """The text in that language, else in English, Chinese, or whatever there is; "" where there is none."""
    for tag in (language, language.split("-")[0], "en", "zh"):
        if tag in text:
            return text[tag]
    return next(iter(text.values()), "")
