"""Statements that a device signed at once before they came, and what may be wrong with such a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import event_builders as b
from ledger_fixture import LEDGER_DOMAIN
from presigned_events import DEADLINE, TestKey

from ledger.domain.actions import Action
from ledger.domain.batch_signatures import batch_digest, places_of, sign_together
from ledger.domain.binding import action_of
from ledger.domain.identifiers import LotRef, PartyId
from ledger.domain.presigning import carrying, presigned_together
from ledger.domain.records import BatchPlace, JsonTree, SignatureProof
from ledger.domain.typed_data import Domain, digest


def readings(count: int, party: PartyId = b.FARM, lots: Sequence[LotRef] = (b.HARVEST_LOT,)) -> list[JsonTree]:
    """Statements that differ, complete as their device would sign them."""
    plain = b.inspection(party=party, lots=list(lots))
    return [plain | {"silkroot:remark": f"reading {number}"} for number in range(count)]


def together(events: Sequence[JsonTree], key: TestKey, *, deadline: int = DEADLINE) -> list[JsonTree]:
    """The events with their proofs, under one signature."""
    return list(presigned_together(events, deadline, LEDGER_DOMAIN, key.id, key.scheme, key.sign))


def proofs_of(
    events: Sequence[JsonTree], key: TestKey, *, deadline: int = DEADLINE, domain: Domain = LEDGER_DOMAIN
) -> tuple[SignatureProof, ...]:
    """The same proofs, apart from the events."""
    return sign_together([action_of(event, deadline) for event in events], domain, key.id, key.scheme, key.sign)


def forced(actions: Sequence[Action], key: TestKey, domain: Domain = LEDGER_DOMAIN) -> list[SignatureProof]:
    """A true signature over a batch of anything, of statements or not, of one party or several."""
    places = places_of([digest(domain, action) for action in actions])
    signature = key.sign(batch_digest(domain, places[0].root, places[0].count))
    return [
        SignatureProof(action, key.id, key.scheme, signature, batch=place)
        for action, place in zip(actions, places, strict=True)
    ]


def placed(event: JsonTree, proof: SignatureProof, **changed: Any) -> JsonTree:
    """The event with the proof, whose place in the batch says something else."""
    assert isinstance(proof.batch, BatchPlace)
    return carrying(event, replace(proof, batch=replace(proof.batch, **changed)))
