"""The lots of a `proof_world`: what each is for, what is told of it in the end, and the events of their ways."""

from __future__ import annotations

import secrets

import certificate_samples as papers_of
import event_builders as build

from ledger.domain.event_forms import Arrival, Settled
from ledger.domain.identifiers import LotRef
from ledger.domain.records import JsonTree
from ledger.domain.sealing import Entry, Policy, Sealed, seal

SEALED = Policy((Entry(("price", "driverName")),))
LOTS: dict[str, LotRef] = {
    "harvest": build.HARVEST_LOT,
    "packed": build.PACKED_LOT,
    "disputed": LotRef(build.BULK_MELON, "H-0002"),
    "recalled": LotRef(build.BULK_MELON, "H-0003"),
    "descendant": LotRef(build.MELON_CASE, "P-0003"),
    "refused": LotRef(build.BULK_MELON, "H-0004"),
    "waiting": LotRef(build.BULK_MELON, "H-0005"),
    "warm": LotRef(build.BULK_MELON, "H-0006"),
    "inspected": LotRef(build.BULK_MELON, "H-0007"),
    "legged": LotRef(build.BULK_MELON, "H-0008"),
    "issued": LotRef(build.BULK_MELON, "H-0009"),
    "supplied": LotRef(build.BULK_MELON, "H-0010"),
}
"""Each lot of this ledger by what it is for."""
EXPECTED = {
    "harvest": "verified", "packed": "verified", "disputed": "verified", "recalled": "recalled",
    "descendant": "recalled", "refused": "suspect", "waiting": "pending", "warm": "suspect",
    "inspected": "verified", "legged": "verified", "issued": "verified", "supplied": "verified",
}  # fmt: skip


def way_of(grown: str, packed: str, number: int) -> list[JsonTree]:
    """A lot from the field over the packing house to the buyer."""
    lot, case = LOTS[grown], LOTS[packed]
    first = {"reference": build.sscc(number), "manifest": [build.amount(lot)]}
    cases = {"reference": build.sscc(number + 1), "manifest": [build.amount(case, 500_000)]}
    return [
        build.harvest(lot=lot),
        build.shipping(**first),
        build.receiving(**first),
        build.packing(inputs=[build.amount(lot)], outputs=[build.amount(case, 900_000)]),
        build.shipping(party=build.PACKING_HOUSE, receiver=build.BUYER, where=build.PACKING_LINE, **cases),
        build.receiving(party=build.BUYER, shipper=build.PACKING_HOUSE, where=build.SHOP, **cases),
    ]


def sale() -> list[JsonTree]:
    """The buyer sells of what was packed, and destroys some."""
    lines = [build.amount(LOTS["packed"], 50_000)]
    return [
        build.sale(party=build.BUYER, lines=lines),
        build.disposal(party=build.BUYER, lines=[build.amount(LOTS["packed"], 5_000)], where=build.SHOP),
    ]


def sealed_inspection() -> Sealed:
    """The buyer's of what was packed, with a price and a person that are sealed."""
    event = build.inspection(party=build.BUYER, lots=[LOTS["packed"]], where=build.SHOP)
    more = {"silkroot:price": "12.50", "silkroot:driverName": "A. Person"}
    return seal(event | more, SEALED, lambda: secrets.token_bytes(16))


def certified(name: str, *, by_issuer: bool) -> list[JsonTree]:
    """
    A harvest with a promise of the farm's, and a certificate that a certifier signed itself; or with a paper that the
    farm handed in, and one that the farm says it issued, which it is nobody to do.
    """
    lot = LOTS[name]
    made: list[JsonTree] = [build.harvest(lot=lot, grams=10_000)]
    if by_issuer:
        papers = [
            (papers_of.promise(lot, 10_000), build.FARM),
            (papers_of.pesticide_test(lot, issuer_party=build.CERTIFIER), build.CERTIFIER),
        ]
    else:
        papers = [
            (papers_of.pesticide_test(lot), build.FARM),
            (papers_of.pesticide_test(lot, issuer_party=build.FARM, until=None), build.FARM),
        ]
    return made + [build.sealed(papers_of.event_of(paper, party), party) for paper, party in papers]


def dispute() -> list[JsonTree]:
    """Of a tonne 700 kg are taken and 300 missing; both settle it."""
    lot, reference = LOTS["disputed"], build.sscc(9)
    return [
        build.harvest(lot=lot),
        build.shipping(reference=reference, manifest=[build.amount(lot)]),
        build.partial_receipt(reference=reference, arrivals=[Arrival(lot, 700_000, short=300_000)], return_ref=""),
        build.settlement(reference=reference, lines=[Settled(lot, loss=300_000)]),
    ]
