"""
Proof bundles of a small ledger without a chain: real events, really signed; their places in the log are made up of a
tree over their own leaves, and the chain that they name is nobody's.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import event_builders as build
from ledger_fixture import LEDGER_DOMAIN, ledger_world
from signing_keys import signing_key

from ledger.domain.batch_signatures import sign_together
from ledger.domain.bundle import Bundle, BundleChain, BundleCheckpoint, BundledEvent
from ledger.domain.log.proofs import prove_inclusion
from ledger.domain.merkle import PerfectSubtrees, event_leaf, root_of
from ledger.domain.proof_json import signature_hash
from ledger.domain.records import EntryState, JsonTree, RecordedEvent
from ledger.domain.sealing import Disclosure, Entry, Policy, seal

CHAIN = BundleChain(LEDGER_DOMAIN.chain_id, b"\x22" * 20, LEDGER_DOMAIN.contract, b"\x33" * 20)
MADE = datetime(2026, 11, 29, 12, tzinfo=UTC)
SECRETS = Policy((Entry(("price", "driverName")),))


def sealed_inspection() -> tuple[JsonTree, tuple[Disclosure, ...]]:
    """An inspection with two members that are nobody's business, and what shows them."""
    event = {**build.inspection(), "silkroot:driverName": "A. Person", "silkroot:price": "12.50"}
    sealed = seal(event, SECRETS, lambda: secrets.token_bytes(16))
    assert len(sealed.disclosures) == 2
    return sealed.event, sealed.disclosures


def recorded_events(folder: Path) -> list[RecordedEvent]:
    """A harvest that is shipped, received, packed and looked at."""
    world = ledger_world(folder)
    return world.record(build.harvest(), build.shipping(), build.receiving(), build.packing(), sealed_inspection()[0])


def batched_events(folder: Path) -> list[RecordedEvent]:
    """The same; the last is the fifth of five statements under one signature."""
    *moved, stated = recorded_events(folder)
    key, action = signing_key(71), stated.proof.action
    others = [replace(action, deadline=action.deadline + more) for more in range(1, 5)]
    together = sign_together([*others, action], LEDGER_DOMAIN, key.id, key.scheme, key.sign)
    return [*moved, replace(stated, proof=together[-1])]


def bundle_of(events: list[RecordedEvent], covered: int | None = None) -> Bundle:
    """A bundle of the packed lot; the first `covered` events are in the log, all unless told."""
    covered = len(events) if covered is None else covered
    tree = PerfectSubtrees.of([event_leaf(one.content_hash, signature_hash(one.proof)) for one in events])
    checkpoint = BundleCheckpoint(covered, root_of(covered, tree.node), 120) if covered else None
    return Bundle(
        lot=build.PACKED_LOT,
        made=MADE,
        chain=CHAIN,
        checkpoint=checkpoint,
        events=tuple(
            BundledEvent(
                body=one.body,
                proof=one.proof,
                record_time=one.record_time,
                state=EntryState.CONFIRMED,
                inclusion=prove_inclusion(index, covered, tree) if index < covered else None,
                first_block=100 + index if index < covered else None,
            )
            for index, one in enumerate(events)
        ),
    )
