"""What tests of two signatures share: the services over a `World`, and entries that the chain refuses or takes."""

from __future__ import annotations

from collections.abc import Mapping

import event_builders as b
from ledger_fixture import LEDGER_DOMAIN, SECRET, World

from ledger.adapters.sql_store.outbox import SqlOutbox
from ledger.domain.identifiers import ContentHash, PartyId
from ledger.domain.records import EntryState
from ledger.ports_outbox import BlockRef, OutboxRow, OutboxTransaction, RowOutcome, Target
from ledger.services.propagation import Propagation
from ledger.services.proposals import Proposals
from ledger.services.resign import Resign


def proposals(world: World) -> Proposals:
    """Over the parts of the world."""
    return Proposals(world.store, world.signer, world.clock, LEDGER_DOMAIN, SECRET, world.keys)


def resign(world: World) -> Resign:
    """Over the parts of the world."""
    return Resign(world.store, world.signer, world.clock, LEDGER_DOMAIN)


def propagation(world: World) -> Propagation:
    """Over the parts of the world."""
    return Propagation(world.store)


def waiting(world: World) -> list[OutboxRow]:
    """Entries of the ledger that are queued."""
    return [row for row in world.store.outbox.queued(10_000) if row.target is Target.LEDGER]


def held(world: World, party: PartyId) -> int:
    """Grams of the harvest that the party holds."""
    return world.store.registered().held(b.HARVEST_LOT.id, party)


def settle(world: World, refused: Mapping[ContentHash, str]) -> None:
    """All that is queued goes on chain in one transaction; those events are refused for good, by these rules."""
    settle_on(world.store.outbox, refused)


def settle_on(outbox: SqlOutbox, refused: Mapping[ContentHash, str]) -> None:
    """The same on an outbox alone."""
    rows = outbox.queued(10_000)
    nonce = outbox.next_nonce()
    carried = tuple(row.id for row in rows)
    name = nonce.to_bytes(32, "big")
    sent = OutboxTransaction(nonce, 0, Target.LEDGER, carried, name, b"raw", 1, 1)
    outbox.insert_transaction(sent)
    outcomes = []
    for row in rows:
        rule = refused.get(row.content_hash, "") if row.content_hash is not None else ""
        state = EntryState.REFUSED if rule else EntryState.CONFIRMED
        outcomes.append(RowOutcome(row.id, state, rule, name))
    outbox.settle(nonce, 0, BlockRef(nonce + 1, name, 0), outcomes)
