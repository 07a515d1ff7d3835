"""The projection's tables as a `ProjectionSource`: what one connection sees of them; and writing changes back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, and_, delete, or_, select, tuple_

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.dialect import upsert
from ledger.domain.actions import Line
from ledger.domain.custody_state import Consignment, Lot
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import ConsignmentId, Digest, Grams, KeyId, LotId, PartyId, ProductId
from ledger.domain.projection import Projection, RegisteredKey
from ledger.domain.records import ConsignmentState, Scheme
from ledger.domain.typed_data import manifest_hash

_T = TypeVar("_T")
_CHUNK = 400
"""How many values one statement names: well below what any database allows."""


class SqlSource:
    """Reads through the connection, inside whatever transaction it is in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lineage(self, lots: Collection[LotId]) -> dict[LotId, Lot]:
        """These lots and all their ancestors, by a recursive query."""
        rows: dict[LotId, Any] = {}
        parents: dict[LotId, list[LotId]] = {}
        for chunk in _chunks(list(lots)):
            line = select(t.lots.c.lot).where(t.lots.c.lot.in_(chunk)).cte("line", recursive=True)
            line = line.union(select(t.lot_parents.c.parent).join(line, t.lot_parents.c.lot == line.c.lot))
            for row in self._connection.execute(select(t.lots).join(line, line.c.lot == t.lots.c.lot)):
                rows[LotId(row.lot)] = row
            edges = select(t.lot_parents).join(line, line.c.lot == t.lot_parents.c.lot)
            for row in self._connection.execute(edges.order_by(t.lot_parents.c.lot, t.lot_parents.c.parent)):
                known = parents.setdefault(LotId(row.lot), [])
                if row.parent not in known:
                    known.append(LotId(row.parent))
        return {
            key: Lot(
                PartyId(row.issuer),
                Grams(row.grams),
                row.entries,
                PartyId(row.recalled_by),
                tuple(sorted(parents.get(key, ()))),
            )
            for key, row in rows.items()
        }

    def balances(self, keys: Collection[tuple[LotId, PartyId]]) -> dict[tuple[LotId, PartyId], Grams]:
        """Grams held, where a row says so."""
        found = {}
        for chunk in _chunks(list(keys)):
            asked = or_(*(and_(t.balances.c.lot == lot, t.balances.c.party == party) for lot, party in chunk))
            for row in self._connection.execute(select(t.balances).where(asked)):
                found[LotId(row.lot), PartyId(row.party)] = Grams(row.grams)
        return found

    def consignments(self, ids: Collection[ConsignmentId]) -> dict[ConsignmentId, Consignment]:
        """Consignments with their manifests in order of lot."""
        found = {}
        for chunk in _chunks(list(ids)):
            manifests: dict[bytes, list[Line]] = {}
            c = t.consignment_lines.c
            asked = select(t.consignment_lines).where(c.consignment.in_(chunk)).order_by(c.consignment, c.lot)
            for row in self._connection.execute(asked):
                manifests.setdefault(row.consignment, []).append(Line(LotId(row.lot), Grams(row.grams)))
            for row in self._connection.execute(select(t.consignments).where(t.consignments.c.consignment.in_(chunk))):
                found[ConsignmentId(row.consignment)] = Consignment(
                    PartyId(row.shipper),
                    PartyId(row.receiver),
                    ConsignmentState(row.state),
                    tuple(manifests.get(row.consignment, ())),
                )
        return found

    def is_used(self, digest: Digest) -> bool:
        """Whether the digest is among the used ones."""
        asked = select(t.used_digests.c.digest).where(t.used_digests.c.digest == digest)
        return self._connection.execute(asked).first() is not None

    def roles(self, parties: Collection[PartyId]) -> dict[PartyId, int]:
        """Roles of admitted parties."""
        c = t.registered_parties.c
        rows = self._chosen(t.registered_parties, c.party, parties)
        return {PartyId(row.party): row.roles for row in rows}

    def keys(self, ids: Collection[KeyId]) -> dict[KeyId, RegisteredKey]:
        """Registered keys."""
        rows = self._chosen(t.registered_keys, t.registered_keys.c.key_id, ids)
        return {KeyId(row.key_id): _key(row) for row in rows}

    def keys_of(self, party: PartyId) -> dict[KeyId, RegisteredKey]:
        """All keys of the party."""
        rows = self._chosen(t.registered_keys, t.registered_keys.c.party, (party,))
        return {KeyId(row.key_id): _key(row) for row in rows}

    def owners(self, products: Collection[ProductId]) -> dict[ProductId, PartyId]:
        """Whose the products are."""
        rows = self._chosen(t.registered_products, t.registered_products.c.product, products)
        return {ProductId(row.product): PartyId(row.owner) for row in rows}

    def permits(self, pairs: Collection[tuple[ProductId, PartyId]]) -> set[tuple[ProductId, PartyId]]:
        """Permits that stand."""
        c = t.registered_permits.c
        found = set()
        for product, packer in pairs:
            asked = select(c.product).where(c.product == product, c.packer == packer)
            if self._connection.execute(asked).first() is not None:
                found.add((product, packer))
        return found

    def _chosen(self, table: Table, column: Any, values: Collection[Any]) -> Iterator[Any]:
        for chunk in _chunks(list(values)):
            yield from self._connection.execute(select(table).where(column.in_(chunk)))


def load_all(connection: Connection) -> Projection:
    """The whole projection as the tables hold it, for comparing with one made from the events."""
    whole = Projection()
    source = SqlSource(connection)
    whole.lots.update(source.lineage([LotId(row.lot) for row in connection.execute(select(t.lots.c.lot))]))
    for row in connection.execute(select(t.balances)):
        whole.balances[LotId(row.lot), PartyId(row.party)] = Grams(row.grams)
    ids = [ConsignmentId(row.consignment) for row in connection.execute(select(t.consignments.c.consignment))]
    whole.consignments.update(source.consignments(ids))
    whole.digests.update({Digest(row.digest): True for row in connection.execute(select(t.used_digests))})
    for row in connection.execute(select(t.registered_parties)):
        whole.parties[PartyId(row.party)] = row.roles
    for row in connection.execute(select(t.registered_keys)):
        whole.keys[KeyId(row.key_id)] = _key(row)
    for row in connection.execute(select(t.registered_products)):
        whole.products[ProductId(row.product)] = PartyId(row.owner)
    for row in connection.execute(select(t.registered_permits)):
        whole.permits[ProductId(row.product), PartyId(row.packer)] = True
    return whole


def write_back(connection: Connection, projection: Projection) -> None:
    """Stores all that changed in the projection since it was loaded. The lots' names have to be stored before."""
    changed = projection.changed
    lots = {key: value for key in changed.lots if (value := projection.lots[key]) is not None}
    upsert(connection, t.lots, [_lot_row(key, value) for key, value in lots.items()])
    edges = [{"lot": key, "parent": parent} for key, value in lots.items() for parent in value.parents]
    upsert(connection, t.lot_parents, edges)
    upsert(
        connection,
        t.balances,
        [{"lot": lot, "party": party, "grams": _held(projection, lot, party)} for lot, party in changed.balances],
    )
    consignments = {key: sent for key in changed.consignments if (sent := projection.consignments[key]) is not None}
    upsert(connection, t.consignments, [_consignment_row(key, value) for key, value in consignments.items()])
    lines = [
        {"consignment": key, "lot": line.lot, "grams": line.grams}
        for key, value in consignments.items()
        for line in value.manifest
    ]
    upsert(connection, t.consignment_lines, lines)
    upsert(connection, t.used_digests, [{"digest": digest} for digest in changed.digests])
    _write_registry(connection, projection)


def clear(connection: Connection) -> None:
    """Empties the projection's tables."""
    for table in t.PROJECTION:
        connection.execute(delete(table))


def _write_registry(connection: Connection, projection: Projection) -> None:
    changed = projection.changed
    parties = [{"party": party, "roles": projection.parties[party]} for party in changed.parties]
    upsert(connection, t.registered_parties, parties)
    keys = {key: value for key in changed.keys if (value := projection.keys[key]) is not None}
    upsert(connection, t.registered_keys, [_key_row(key, value) for key, value in keys.items()])
    owners = [{"product": product, "owner": projection.products[product]} for product in changed.products]
    upsert(connection, t.registered_products, owners)
    allowed = {pair for pair in changed.permits if projection.permits[pair]}
    upsert(connection, t.registered_permits, [{"product": product, "packer": packer} for product, packer in allowed])
    withdrawn = list(changed.permits - allowed)
    c = t.registered_permits.c
    for chunk in _chunks(withdrawn):
        connection.execute(delete(t.registered_permits).where(tuple_(c.product, c.packer).in_(chunk)))


def _held(projection: Projection, lot: LotId, party: PartyId) -> Grams:
    grams = projection.balances[lot, party]
    if grams < 0:
        raise StoreError(f"the balance of {party} in lot {lot.hex()} would be {grams} grams")
    return grams


def _lot_row(key: LotId, value: Lot) -> Mapping[str, object]:
    return {
        "lot": key,
        "issuer": value.issuer,
        "grams": value.grams,
        "entries": value.entries,
        "recalled_by": value.recalled_by,
    }


def _consignment_row(key: ConsignmentId, value: Consignment) -> Mapping[str, object]:
    return {
        "consignment": key,
        "shipper": value.shipper,
        "receiver": value.receiver,
        "state": int(value.state),
        "manifest_hash": manifest_hash(value.manifest),
    }


def _key_row(key: KeyId, value: RegisteredKey) -> Mapping[str, object]:
    return {
        "key_id": key,
        "party": value.party,
        "scheme": int(value.scheme),
        "admin": value.admin,
        "hosted": value.hosted,
        "revoked": value.revoked,
    }


def _key(row: Any) -> RegisteredKey:
    return RegisteredKey(PartyId(row.party), Scheme(row.scheme), row.admin, row.hosted, row.revoked)


def _chunks(values: list[_T]) -> Iterator[list[_T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
