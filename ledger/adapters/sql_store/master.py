"""Master data in SQL: parties, places, plots and products, each replaced by its identifier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, select

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.dialect import upsert
from ledger.domain.identifiers import Grams, PartyId, ProductId
from ledger.domain.master_data import MasterData, Party, Place, PlaceKind, Plot, Product, Role
from ledger.domain.sensors.limits import Limits


def load(connection: Connection) -> MasterData:
    """All master data."""
    parties = [
        Party(PartyId(row.id), row.name, Role(row.roles), row.city, row.hosted, row.contact)
        for row in connection.execute(select(t.parties).order_by(t.parties.c.id))
    ]
    places = [
        Place(row.gln, row.extension, PartyId(row.party), row.name, PlaceKind(row.kind), row.city, row.country)
        for row in connection.execute(select(t.places).order_by(t.places.c.gln, t.places.c.extension))
    ]
    plots = [
        Plot(row.gln, row.extension, PartyId(row.producer), row.name, row.region)
        for row in connection.execute(select(t.plots).order_by(t.plots.c.gln, t.plots.c.extension))
    ]
    products = [
        Product(
            ProductId(row.id),
            PartyId(row.owner),
            Grams(row.net_grams),
            row.name,
            row.variety,
            row.commodity,
            row.bulk_of,
            tuple(PartyId(packer) for packer in row.packers),
            _limits(row.limits),
        )
        for row in connection.execute(select(t.products).order_by(t.products.c.id))
    ]
    return MasterData(
        parties={party.id: party for party in parties},
        places={(place.gln, place.extension): place for place in places},
        plots={(plot.gln, plot.extension): plot for plot in plots},
        products={product.id: product for product in products},
    )


def limits_of(connection: Connection, product: ProductId) -> Limits | None:
    """The limits of one product; None where it has none, or is not known."""
    return _limits(connection.scalar(select(t.products.c.limits).where(t.products.c.id == product)))


def merge(connection: Connection, data: MasterData) -> None:
    """Adds what is new and replaces what is there."""
    upsert(connection, t.parties, [_party(party) for party in data.parties.values()])
    upsert(connection, t.places, [_place(place) for place in data.places.values()])
    upsert(connection, t.plots, [_plot(plot) for plot in data.plots.values()])
    upsert(connection, t.products, [_product(product) for product in data.products.values()])


def _limits(stored: Mapping[str, Any] | None) -> Limits | None:
    return None if stored is None else Limits(**stored)


def _party(party: Party) -> dict[str, object]:
    return {
        "id": party.id,
        "name": dict(party.name),
        "roles": int(party.roles),
        "city": dict(party.city),
        "hosted": party.hosted,
        "contact": party.contact,
    }


def _place(place: Place) -> dict[str, object]:
    return {
        "gln": place.gln,
        "extension": place.extension,
        "party": place.party,
        "name": dict(place.name),
        "kind": place.kind.value,
        "city": dict(place.city),
        "country": place.country,
    }


def _plot(plot: Plot) -> dict[str, object]:
    return {
        "gln": plot.gln,
        "extension": plot.extension,
        "producer": plot.producer,
        "name": dict(plot.name),
        "region": dict(plot.region),
    }


def _product(product: Product) -> dict[str, object]:
    return {
        "id": product.id,
        "owner": product.owner,
        "net_grams": product.net_grams,
        "name": dict(product.name),
        "variety": dict(product.variety),
        "commodity": product.commodity,
        "bulk_of": product.bulk_of,
        "packers": list(product.packers),
        "limits": None if product.limits is None else asdict(product.limits),
    }
