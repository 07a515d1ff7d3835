"""The registry's part of the projection: reading it from the tables, and writing changes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, delete, select, tuple_

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.dialect import present, upsert
from ledger.adapters.sql_store.reading import Reader, chunks
from ledger.domain.identifiers import Digest, KeyId, PartyId, ProductId
from ledger.domain.projection import PendingRecovery, Projection, RegisteredKey
from ledger.domain.records import Scheme

_FIRST_CANCELLED = select(t.cancelled_digests.c.digest).limit(1)


class RegistrySource(Reader):
    """Reads what it is asked for, each time anew."""

    def roles(self, parties: Collection[PartyId]) -> dict[PartyId, int]:
        """Roles of admitted parties."""
        rows = self.chosen(select(t.registered_parties), t.registered_parties.c.party, parties)
        return {PartyId(row.party): row.roles for row in rows}

    def keys(self, ids: Collection[KeyId]) -> dict[KeyId, RegisteredKey]:
        """Registered keys."""
        rows = self.chosen(select(t.registered_keys), t.registered_keys.c.key_id, ids)
        return {KeyId(row.key_id): _key(row) for row in rows}

    def keys_of(self, party: PartyId) -> dict[KeyId, RegisteredKey]:
        """All keys of the party."""
        rows = self.chosen(select(t.registered_keys), t.registered_keys.c.party, (party,))
        return {KeyId(row.key_id): _key(row) for row in rows}

    def owners(self, products: Collection[ProductId]) -> dict[ProductId, PartyId]:
        """Whose the products are."""
        rows = self.chosen(select(t.registered_products), t.registered_products.c.product, products)
        return {ProductId(row.product): PartyId(row.owner) for row in rows}

    def permits(self, pairs: Collection[tuple[ProductId, PartyId]]) -> set[tuple[ProductId, PartyId]]:
        """Permits that stand."""
        c = t.registered_permits.c
        return {
            (ProductId(row.product), PartyId(row.packer))
            for product, packer in pairs
            for row in self.all(select(t.registered_permits).where(c.product == product, c.packer == packer))
        }

    def suspended(self, parties: Collection[PartyId]) -> set[PartyId]:
        """Those that are suspended."""
        rows = self.chosen(select(t.suspended_parties), t.suspended_parties.c.party, parties)
        return {PartyId(row.party) for row in rows}

    def recoveries(self, parties: Collection[PartyId]) -> dict[PartyId, PendingRecovery]:
        """Recoveries under way."""
        rows = self.chosen(select(t.recoveries), t.recoveries.c.party, parties)
        return {PartyId(row.party): _recovery(row) for row in rows}

    def cancelled(self, pairs: Collection[tuple[PartyId, Digest]]) -> set[tuple[PartyId, Digest]]:
        """Those that the party cancelled."""
        with self._connect() as connection:
            # Nearly always nothing, even in the whole table: few ever cancel what they signed.
            if connection.execute(_FIRST_CANCELLED).first() is None:
                return set()
            there = present(connection, t.cancelled_digests.c.digest, [digest for _, digest in pairs])
        rows = self.chosen(select(t.cancelled_digests), t.cancelled_digests.c.digest, there)
        return {(PartyId(row.party), Digest(row.digest)) for row in rows} & set(pairs)


def load_registry(connection: Connection, whole: Projection) -> None:
    """Puts the registry, as the tables hold it, into the projection."""
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


def write_registry(connection: Connection, projection: Projection) -> None:
    """Stores what changed of the registry since the projection was loaded."""
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
    for chunk in chunks(changed.permits - allowed):
        connection.execute(delete(t.registered_permits).where(tuple_(c.product, c.packer).in_(chunk)))
    suspended = {party for party in changed.suspended if projection.suspended[party]}
    upsert(connection, t.suspended_parties, [{"party": party} for party in suspended])
    for parties_back in chunks(changed.suspended - suspended):
        connection.execute(delete(t.suspended_parties).where(t.suspended_parties.c.party.in_(parties_back)))
    pending = {party: found for party in changed.recoveries if (found := projection.recoveries[party]) is not None}
    upsert(connection, t.recoveries, [_recovery_row(party, found) for party, found in pending.items()])
    for parties_done in chunks(changed.recoveries - set(pending)):
        connection.execute(delete(t.recoveries).where(t.recoveries.c.party.in_(parties_done)))
    cancelled = [{"party": party, "digest": digest} for party, digest in changed.cancelled]
    upsert(connection, t.cancelled_digests, cancelled)


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
