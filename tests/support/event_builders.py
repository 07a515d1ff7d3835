"""
A small cast of parties, products and places, and valid EPCIS events among them.

All identifiers are under GS1's demonstration prefix 952 with valid check digits. Each builder has defaults for
everything, so a test names only what it is about. The events come from `ledger.domain.event_forms`; `sealed` adds what
capture adds (party and blind), so that they can be bound and hashed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ledger.domain import event_forms
from ledger.domain.content_hash import add_blind
from ledger.domain.event_forms import Amount, Arrival, RosterLine, Settled, Spot, When
from ledger.domain.event_reading import acting_party
from ledger.domain.gs1 import with_check_digit
from ledger.domain.identifiers import Grams, LotRef, PartyId, ProductId
from ledger.domain.master_data import MasterData, Party, Place, PlaceKind, Plot, Product, Role
from ledger.domain.records import JsonTree


def gln(number: int) -> PartyId:
    """The GLN with that item reference under prefix 952."""
    return PartyId(int(with_check_digit(f"952{number:09d}")))


def gtin(number: int) -> ProductId:
    """The GTIN-14 (of a GTIN-13) with that item reference under prefix 952."""
    return ProductId(int(with_check_digit(f"952{number:09d}")))


def sscc(number: int) -> str:
    """The SSCC with that serial under prefix 952, as a Digital Link."""
    return "https://id.gs1.org/00/" + with_check_digit(f"0952{number:013d}")


FARM = gln(1)
PACKING_HOUSE = gln(2)
HUB = gln(3)
BUYER = gln(4)
COOPERATIVE = gln(5)
REGULATOR = gln(6)
CARRIER = gln(7)
CERTIFIER = gln(8)
LENDER = gln(9)
STRANGER = gln(99)
"""Nobody admitted this party."""
ALLOTTED_BUYER = PartyId(10**13 + 7)

ROLES: dict[PartyId, Role] = {
    FARM: Role.PRODUCER,
    PACKING_HOUSE: Role.PACKER,
    HUB: Role.HUB,
    BUYER: Role.BUYER,
    COOPERATIVE: Role.BUYER | Role.PACKER,
    REGULATOR: Role.REGULATOR,
    CARRIER: Role.CARRIER,
    ALLOTTED_BUYER: Role.BUYER,
    CERTIFIER: Role.CERTIFIER,
    LENDER: Role.LENDER,
}

BULK_MELON = gtin(100)
MELON_CASE = gtin(101)
GRAPE_CASE = gtin(102)
FOREIGN_PRODUCT = gtin(900)
"""A product that belongs to the regulator, so that nobody else may make lots of it."""
ALLOTTED_PRODUCT = ProductId(10**14 + 3)

OWNERS: dict[ProductId, PartyId] = {
    BULK_MELON: FARM,
    MELON_CASE: PACKING_HOUSE,
    GRAPE_CASE: COOPERATIVE,
    FOREIGN_PRODUCT: REGULATOR,
    ALLOTTED_PRODUCT: FARM,
}
PERMITS: frozenset[tuple[ProductId, PartyId]] = frozenset(
    {(BULK_MELON, COOPERATIVE), (MELON_CASE, BUYER), (MELON_CASE, HUB)}
)
PRODUCT_USERS: frozenset[tuple[ProductId, PartyId]] = PERMITS | frozenset(OWNERS.items())

NOON = When("2026-08-05T12:00:00.000+08:00")
PLOT = Spot(int(FARM), "PLOT-7")
FARM_GATE = Spot(int(FARM))
PACKING_LINE = Spot(int(PACKING_HOUSE), "LINE-1")
HUB_DOOR = Spot(int(HUB))
SHOP = Spot(int(BUYER))

HARVEST_LOT = LotRef(BULK_MELON, "H-0001")
INTAKE_LOT = LotRef(BULK_MELON, "I-0001")
PACKED_LOT = LotRef(MELON_CASE, "P-0001")
OTHER_PACKED_LOT = LotRef(MELON_CASE, "P-0002")
REFERENCE = sscc(1)
RETURN_REFERENCE = event_forms.transaction_urn(PACKING_HOUSE, "R-1")
UNTIL = "2026-12-31T18:00:00+08:00"
BLIND = bytes(range(16))


def master_data() -> MasterData:
    """The cast as master data."""
    names = {
        FARM: "Farm", PACKING_HOUSE: "Packing house", HUB: "Hub", BUYER: "Buyer", COOPERATIVE: "Co-operative",
        REGULATOR: "Regulator", CARRIER: "Carrier", ALLOTTED_BUYER: "Corner shop", CERTIFIER: "Certifier",
        LENDER: "Bank",
    }  # fmt: skip
    spots = {
        FARM_GATE: (FARM, PlaceKind.FARM), PACKING_LINE: (PACKING_HOUSE, PlaceKind.PACKING_HOUSE),
        HUB_DOOR: (HUB, PlaceKind.HUB), SHOP: (BUYER, PlaceKind.SHOP),
    }  # fmt: skip
    return MasterData(
        parties={party: Party(party, {"en": names[party]}, roles) for party, roles in ROLES.items()},
        places={
            (spot.gln, spot.extension): Place(spot.gln, spot.extension, party, {"en": names[party]}, kind)
            for spot, (party, kind) in spots.items()
        },
        plots={(PLOT.gln, PLOT.extension): Plot(PLOT.gln, PLOT.extension, FARM, {"en": "Plot 7"})},
        products={
            product: Product(
                product, owner, Grams(1000), {"en": f"Product {product}"},
                packers=tuple(sorted(packer for permitted, packer in PERMITS if permitted == product)),
            )
            for product, owner in OWNERS.items()
        },
    )  # fmt: skip


def amount(lot: LotRef = HARVEST_LOT, grams: int = 1_000_000, cases: int | None = None) -> Amount:
    """So many grams of a lot."""
    return Amount(lot, Grams(grams), cases)


def sealed(event: JsonTree, party: PartyId, blind: bytes = BLIND) -> JsonTree:
    """The event as capture stores it."""
    return add_blind(event, party, blind)


def harvest(
    *, party: PartyId = FARM, lot: LotRef = HARVEST_LOT, grams: int = 1_000_000, plot: Spot = PLOT, when: When = NOON,
    **rest: Any,
) -> JsonTree:  # fmt: skip
    """A tonne of melons from plot 7."""
    return sealed(event_forms.harvest(party, amount(lot, grams), when, plot, **rest), party)


def intake(
    *, party: PartyId = COOPERATIVE, lot: LotRef = INTAKE_LOT, deliveries: Sequence[int] = (250_000, 350_000),
    when: When = NOON, where: Spot = FARM_GATE,
) -> JsonTree:  # fmt: skip
    """A pooled purchase; one roster line per delivery in grams."""
    event = event_forms.intake(party, amount(lot, sum(deliveries)), when, where, _roster(deliveries))
    return sealed(event, party)


def _roster(deliveries: Sequence[int]) -> list[RosterLine]:
    return [
        RosterLine(f"G{index:03d}", "Toksun", Grams(grams), f"T-{index}")
        for index, grams in enumerate(deliveries, start=1)
    ]


def packing(
    *, party: PartyId = PACKING_HOUSE, inputs: Sequence[Amount] | None = None, outputs: Sequence[Amount] | None = None,
    when: When = NOON, where: Spot = PACKING_LINE, **rest: Any,
) -> JsonTree:  # fmt: skip
    """A tonne of bulk melons becomes 900 kg in cases."""
    inputs = [amount()] if inputs is None else inputs
    outputs = [amount(PACKED_LOT, 900_000)] if outputs is None else outputs
    return sealed(event_forms.transformation(party, inputs, outputs, when, where, **rest), party)


def shipping(
    *, party: PartyId = FARM, receiver: PartyId = PACKING_HOUSE, reference: str = REFERENCE,
    manifest: Sequence[Amount] | None = None, when: When = NOON, where: Spot = FARM_GATE, **rest: Any,
) -> JsonTree:  # fmt: skip
    """The farm ships its tonne to the packing house."""
    manifest = [amount()] if manifest is None else manifest
    return sealed(event_forms.shipping(party, receiver, reference, manifest, when, where, **rest), party)


def receiving(
    *, party: PartyId = PACKING_HOUSE, shipper: PartyId = FARM, reference: str = REFERENCE,
    manifest: Sequence[Amount] | None = None, when: When = NOON, where: Spot = PACKING_LINE, **rest: Any,
) -> JsonTree:  # fmt: skip
    """The packing house receives that tonne."""
    manifest = [amount()] if manifest is None else manifest
    return sealed(event_forms.receiving(party, shipper, reference, manifest, when, where, **rest), party)


def sale(
    *, party: PartyId = FARM, lines: Sequence[Amount] | None = None, when: When = NOON, where: Spot = SHOP
) -> JsonTree:
    """Ten kilograms are sold to somebody outside the ledger."""
    return sealed(event_forms.sale(party, [amount(grams=10_000)] if lines is None else lines, when, where), party)


def disposal(
    *, party: PartyId = FARM, lines: Sequence[Amount] | None = None, when: When = NOON, where: Spot = FARM_GATE
) -> JsonTree:
    """Five kilograms are destroyed."""
    return sealed(event_forms.disposal(party, [amount(grams=5_000)] if lines is None else lines, when, where), party)


def recall(*, party: PartyId = FARM, lot: LotRef = HARVEST_LOT, when: When = NOON) -> JsonTree:
    """The lot's issuer calls it back."""
    return sealed(event_forms.recall(party, lot, when), party)


def release(*, party: PartyId = FARM, lot: LotRef = HARVEST_LOT, when: When = NOON) -> JsonTree:
    """The recall is taken back."""
    return sealed(event_forms.release(party, lot, when), party)


def inspection(
    *, party: PartyId = FARM, lots: Sequence[LotRef] = (HARVEST_LOT,), when: When = NOON, where: Spot = FARM_GATE,
    **rest: Any,
) -> JsonTree:  # fmt: skip
    """Something is looked at; nothing moves."""
    return sealed(event_forms.statement(party, "inspecting", lots, when, where, **rest), party)


def partial_receipt(
    *, party: PartyId = PACKING_HOUSE, shipper: PartyId = FARM, reference: str = REFERENCE,
    arrivals: Sequence[Arrival] = (Arrival(HARVEST_LOT, 700_000, 200_000, 0, 100_000),),
    return_ref: str = RETURN_REFERENCE, when: When = NOON, where: Spot = PACKING_LINE, **rest: Any,
) -> JsonTree:  # fmt: skip
    """The packing house takes 700 kg, sends 200 kg back and misses 100 kg."""
    form = event_forms.partial_receipt
    event = form(party, shipper, reference, arrivals, when, where, return_ref=return_ref, **rest)
    return sealed(event, party)


def settlement(
    *, party: PartyId = PACKING_HOUSE, shipper: PartyId = FARM, receiver: PartyId = PACKING_HOUSE,
    reference: str = REFERENCE, lines: Sequence[Settled] = (Settled(HARVEST_LOT, 40_000, 30_000, 20_000, 10_000),),
    when: When = NOON, **rest: Any,
) -> JsonTree:  # fmt: skip
    """Of the 100 kg missing, 40 are lost, 30 dried off, 20 are back at the farm and 10 turned up."""
    return sealed(event_forms.settlement(party, shipper, receiver, reference, lines, when, **rest), party)


def notice(
    *, party: PartyId = FARM, shipper: PartyId = FARM, receiver: PartyId = PACKING_HOUSE, reference: str = REFERENCE,
    lots: Sequence[LotRef] = (HARVEST_LOT,), when: When = NOON, **rest: Any,
) -> JsonTree:  # fmt: skip
    """The farm will void its shipment."""
    return sealed(event_forms.notice(party, shipper, receiver, reference, lots, when, **rest), party)


def void(
    *, party: PartyId = FARM, receiver: PartyId = PACKING_HOUSE, reference: str = REFERENCE,
    manifest: Sequence[Amount] | None = None, when: When = NOON, agreed: bool = True, **rest: Any,
) -> JsonTree:  # fmt: skip
    """The tonne comes back to the farm, as the packing house agrees."""
    manifest = [amount()] if manifest is None else manifest
    return sealed(event_forms.void(party, receiver, reference, manifest, when, agreed=agreed, **rest), party)


def plot_registration(
    *, party: PartyId = CERTIFIER, producer: PartyId = FARM, plot: Spot = PLOT, when: When = NOON
) -> JsonTree:
    """Plot 7 is the farm's."""
    return sealed(event_forms.plot_registration(party, producer, plot, when), party)


def yield_certificate(
    *, party: PartyId = CERTIFIER, plot: Spot = PLOT, season: int = 2026, grams: int = 5_000_000, when: When = NOON
) -> JsonTree:
    """Five tonnes grow on plot 7 this year."""
    return sealed(event_forms.yield_certificate(party, plot, season, Grams(grams), when), party)


def harvest_amendment(
    *, original: JsonTree | None = None, lot: LotRef = HARVEST_LOT, grams: int = 900_000, **rest: Any
) -> JsonTree:
    """The tonne was 900 kg. `original`: another harvest than the usual one."""
    original = harvest() if original is None else original
    return sealed(event_forms.amendment(original, {lot: Grams(grams)}, **rest), acting_party(original))


def intake_amendment(*, deliveries: Sequence[int] = (250_000, 300_000), **rest: Any) -> JsonTree:
    """The second delivery was 300 kg."""
    lot = {INTAKE_LOT: Grams(sum(deliveries))}
    return sealed(event_forms.amendment(intake(), lot, roster=_roster(deliveries), **rest), COOPERATIVE)


def packing_amendment(
    *, original: JsonTree | None = None, grams: Mapping[LotRef, int] | None = None, **rest: Any
) -> JsonTree:
    """The packing order made 880 kg of 990."""
    original = packing() if original is None else original
    changes = {HARVEST_LOT: 990_000, PACKED_LOT: 880_000} if grams is None else grams
    corrected = event_forms.amendment(original, {lot: Grams(mass) for lot, mass in changes.items()}, **rest)
    return sealed(corrected, acting_party(original))


def pledge(
    *, party: PartyId = FARM, lender: PartyId = LENDER, pledged: Amount | None = None, until: str = UNTIL,
    when: When = NOON, **rest: Any,
) -> JsonTree:  # fmt: skip
    """The farm's tonne secures a loan until the end of the year."""
    return sealed(event_forms.pledge(party, lender, pledged or amount(), until, when, **rest), party)


def pledge_release(
    *, party: PartyId = LENDER, holder: PartyId = FARM, lot: LotRef = HARVEST_LOT, when: When = NOON
) -> JsonTree:
    """The loan is paid back."""
    return sealed(event_forms.pledge_release(party, holder, lot, when), party)


BUILDERS: dict[str, Callable[..., JsonTree]] = {
    "harvest": harvest,
    "intake": intake,
    "packing": packing,
    "shipping": shipping,
    "receiving": receiving,
    "sale": sale,
    "disposal": disposal,
    "recall": recall,
    "release": release,
    "inspection": inspection,
    "partial_receipt": partial_receipt,
    "settlement": settlement,
    "notice": notice,
    "void": void,
    "plot_registration": plot_registration,
    "yield_certificate": yield_certificate,
    "harvest_amendment": harvest_amendment,
    "intake_amendment": intake_amendment,
    "packing_amendment": packing_amendment,
    "pledge": pledge,
    "pledge_release": pledge_release,
}
"""Each builder by its name."""


def changed(event: JsonTree, path: str, value: Any) -> JsonTree:
    """The event with another value at the JSON pointer; `...` takes the member away."""
    copied = copy.deepcopy(event)
    inner: Any = copied
    *way, last = path.strip("/").split("/")
    for key in way:
        inner = inner[int(key)] if isinstance(inner, list) else inner[key]
    at = int(last) if isinstance(inner, list) else last
    if value is ...:
        del inner[at]
    else:
        inner[at] = value
    return copied
