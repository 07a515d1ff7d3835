"""The projection's tables as a `ProjectionSource`: what a transaction sees of them; and writing changes back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, and_, delete, or_, select, tuple_

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.dialect import upsert
from ledger.domain.actions import Line
from ledger.domain.custody_state import Consignment, Lot
from ledger.domain.errors import StoreError
from ledger.domain.identifiers import ConsignmentId, Digest, Grams, KeyId, LotId, PartyId, ProductId
from ledger.domain.projection import PendingRecovery, Projection, RegisteredKey
from ledger.domain.records import ConsignmentState, Scheme
from ledger.domain.typed_data import manifest_hash

Connect = Callable[[], AbstractContextManager[Connection]]
"""Gives a connection to read with: always the same one of a write transaction, or a new one each time."""

_T = TypeVar("_T")
_CHUNK = 400
"""How many values one statement names: well below what any database allows."""


class SqlSource:
    """Reads what it is asked for, each time anew."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def lineage(self, lots: Collection[LotId]) -> dict[LotId, Lot]:
        """These lots and all their ancestors, by a recursive query."""
        rows: dict[LotId, Any] = {}
        parents: dict[LotId, set[LotId]] = {}
        for chunk in _chunks(lots):
            line = select(t.lots.c.lot).where(t.lots.c.lot.in_(chunk)).cte("line", recursive=True)
            line = line.union(select(t.lot_parents.c.parent).join(line, t.lot_parents.c.lot == line.c.lot))
            for row in self._all(select(t.lots).join(line, line.c.lot == t.lots.c.lot)):
                rows[LotId(row.lot)] = row
            for row in self._all(select(t.lot_parents).join(line, line.c.lot == t.lot_parents.c.lot)):
                parents.setdefault(LotId(row.lot), set()).add(LotId(row.parent))
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
        c = t.balances.c
        return {
            (LotId(row.lot), PartyId(row.party)): Grams(row.grams)
            for chunk in _chunks(keys)
            for row in self._all(
                select(t.balances).where(or_(*(and_(c.lot == lot, c.party == party) for lot, party in chunk)))
            )
        }

    def consignments(self, ids: Collection[ConsignmentId]) -> dict[ConsignmentId, Consignment]:
        """Consignments with their manifests in order of lot."""
        found = {}
        for chunk in _chunks(ids):
            manifests: dict[bytes, list[Line]] = {}
            c = t.consignment_lines.c
            for row in self._all(select(t.consignment_lines).where(c.consignment.in_(chunk)).order_by(c.lot)):
                manifests.setdefault(row.consignment, []).append(Line(LotId(row.lot), Grams(row.grams)))
            for row in self._all(select(t.consignments).where(t.consignments.c.consignment.in_(chunk))):
                manifest = tuple(manifests.get(row.consignment, ()))
                state = ConsignmentState(row.state)
                found[ConsignmentId(row.consignment)] = Consignment(
                    PartyId(row.shipper), PartyId(row.receiver), state, manifest
                )
        return found

    def used(self, digests: Collection[Digest]) -> set[Digest]:
        """Those that are among the used ones."""
        rows = self._chosen(select(t.used_digests), t.used_digests.c.digest, digests)
        return {Digest(row.digest) for row in rows}

    def roles(self, parties: Collection[PartyId]) -> dict[PartyId, int]:
        """Roles of admitted parties."""
        rows = self._chosen(select(t.registered_parties), t.registered_parties.c.party, parties)
        return {PartyId(row.party): row.roles for row in rows}

    def keys(self, ids: Collection[KeyId]) -> dict[KeyId, RegisteredKey]:
        """Registered keys."""
        rows = self._chosen(select(t.registered_keys), t.registered_keys.c.key_id, ids)
        return {KeyId(row.key_id): _key(row) for row in rows}

    def keys_of(self, party: PartyId) -> dict[KeyId, RegisteredKey]:
        """All keys of the party."""
        rows = self._chosen(select(t.registered_keys), t.registered_keys.c.party, (party,))
        return {KeyId(row.key_id): _key(row) for row in rows}

    def owners(self, products: Collection[ProductId]) -> dict[ProductId, PartyId]:
        """Whose the products are."""
        rows = self._chosen(select(t.registered_products), t.registered_products.c.product, products)
        return {ProductId(row.product): PartyId(row.owner) for row in rows}

    def permits(self, pairs: Collection[tuple[ProductId, PartyId]]) -> set[tuple[ProductId, PartyId]]:
        """Permits that stand."""
        c = t.registered_permits.c
        return {
            (ProductId(row.product), PartyId(row.packer))
            for product, packer in pairs
            for row in self._all(select(t.registered_permits).where(c.product == product, c.packer == packer))
        }

    def suspended(self, parties: Collection[PartyId]) -> set[PartyId]:
        """Those that are suspended."""
        rows = self._chosen(select(t.suspended_parties), t.suspended_parties.c.party, parties)
        return {PartyId(row.party) for row in rows}

    def recoveries(self, parties: Collection[PartyId]) -> dict[PartyId, PendingRecovery]:
        """Recoveries under way."""
        rows = self._chosen(select(t.recoveries), t.recoveries.c.party, parties)
        return {PartyId(row.party): _recovery(row) for row in rows}

    def cancelled(self, pairs: Collection[tuple[PartyId, Digest]]) -> set[tuple[PartyId, Digest]]:
        """Those that the party cancelled."""
        rows = self._chosen(select(t.cancelled_digests), t.cancelled_digests.c.digest, [digest for _, digest in pairs])
        return {(PartyId(row.party), Digest(row.digest)) for row in rows} & set(pairs)

    def _chosen(self, statement: Select[Any], column: Any, values: Collection[Any]) -> Iterator[Any]:
        for chunk in _chunks(values):
            yield from self._all(statement.where(column.in_(chunk)))

    def _all(self, statement: Select[Any]) -> list[Any]:
        with self._connect() as connection:
            return list(connection.execute(statement))


def load_all(connection: Connection) -> Projection:
    """The whole projection as the tables hold it, for comparing with one made from the events."""
    whole = Projection()
    source = SqlSource(lambda: nullcontext(connection))
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
    for row in connection.execute(select(t.suspended_parties)):
        whole.suspended[PartyId(row.party)] = True
    for row in connection.execute(select(t.recoveries)):
        whole.recoveries[PartyId(row.party)] = _recovery(row)
    for row in connection.execute(select(t.cancelled_digests)):
        whole.cancelled[PartyId(row.party), Digest(row.digest)] = True
    return whole


def write_back(connection: Connection, projection: Projection) -> None:
    """Stores all that changed in the projection since it was loaded. The lots' names have to be stored before."""
    changed = projection.changed
    lots = {key: lot for key in changed.lots if (lot := projection.lots[key]) is not None}
    upsert(connection, t.lots, [_lot_row(key, lot) for key, lot in lots.items()])
    edges = [{"lot": key, "parent": parent} for key, lot in lots.items() for parent in lot.parents]
    upsert(connection, t.lot_parents, edges)
    held = [{"lot": lot, "party": party, "grams": _held(projection, lot, party)} for lot, party in changed.balances]
    upsert(connection, t.balances, held)
    consignments = {key: sent for key in changed.consignments if (sent := projection.consignments[key]) is not None}
    upsert(connection, t.consignments, [_consignment_row(key, sent) for key, sent in consignments.items()])
    lines = [
        {"consignment": key, "lot": line.lot, "grams": line.grams}
        for key, sent in consignments.items()
        for line in sent.manifest
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
    keys = {key: known for key in changed.keys if (known := projection.keys[key]) is not None}
    upsert(connection, t.registered_keys, [_key_row(key, known) for key, known in keys.items()])
    owners = [{"product": product, "owner": projection.products[product]} for product in changed.products]
    upsert(connection, t.registered_products, owners)
    allowed = {pair for pair in changed.permits if projection.permits[pair]}
    upsert(connection, t.registered_permits, [{"product": product, "packer": packer} for product, packer in allowed])
    c = t.registered_permits.c
    for chunk in _chunks(changed.permits - allowed):
        connection.execute(delete(t.registered_permits).where(tuple_(c.product, c.packer).in_(chunk)))
    suspended = {party for party in changed.suspended if projection.suspended[party]}
    upsert(connection, t.suspended_parties, [{"party": party} for party in suspended])
    for parties_back in _chunks(changed.suspended - suspended):
        connection.execute(delete(t.suspended_parties).where(t.suspended_parties.c.party.in_(parties_back)))
    pending = {party: found for party in changed.recoveries if (found := projection.recoveries[party]) is not None}
    upsert(connection, t.recoveries, [_recovery_row(party, found) for party, found in pending.items()])
    for parties_done in _chunks(changed.recoveries - set(pending)):
        connection.execute(delete(t.recoveries).where(t.recoveries.c.party.in_(parties_done)))
    cancelled = [{"party": party, "digest": digest} for party, digest in changed.cancelled]
    upsert(connection, t.cancelled_digests, cancelled)


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
        "valid_from": value.valid_from,
        "valid_until": value.valid_until,
    }


def _recovery_row(party: PartyId, value: PendingRecovery) -> Mapping[str, object]:
    return {
        "party": party,
        "key_id": value.key_id,
        "scheme": int(value.scheme),
        "hosted": value.hosted,
        "effective_at": value.effective_at,
    }


def _recovery(row: Any) -> PendingRecovery:
    return PendingRecovery(KeyId(row.key_id), Scheme(row.scheme), row.hosted, row.effective_at)


def _key(row: Any) -> RegisteredKey:
    return RegisteredKey(
        PartyId(row.party), Scheme(row.scheme), row.admin, row.hosted, row.revoked, row.valid_from, row.valid_until
    )


def _chunks(values: Collection[_T]) -> Iterator[list[_T]]:
    listed = list(values)
    for start in range(0, len(listed), _CHUNK):
        yield listed[start : start + _CHUNK]
