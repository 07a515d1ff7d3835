"""
The local rules of the registry and the contract give the same answer to every action: random sequences of admissions,
grants, revocations, suspensions, recoveries and cancellations, with keys of both schemes, some of them wrong.

Signatures are good throughout (`test_signatures_agree`), and times are in time: here it is about who may what, when.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest
from chain_fixtures import DEADLINE, ChainWorld, TestKey, open_world

from ledger.domain.errors import Refused
from ledger.domain.identifiers import Digest, PartyId
from ledger.domain.projection import Projection
from ledger.domain.records import EntryState, Scheme
from ledger.domain.registry_actions import (
    Admission,
    Cancellation,
    KeyGrant,
    KeyRevocation,
    ProductAssignment,
    ProductPermit,
    Recovery,
    RecoveryCancellation,
    RecoveryCompletion,
    RegistryAction,
    RoleChange,
    Suspension,
)
from ledger.ports_outbox import NewRow, Target

pytestmark = pytest.mark.chain

SEED = 20261123
ACTIONS = 350
PARTIES = [PartyId(9520000000011), PartyId(9520000000028), PartyId(9520000000035), PartyId(9520000000042)]
PRODUCTS = [9520000000019, 9520000000026]
RULES = {
    "PartyExists", "KeyInUse", "UnknownParty", "InvalidRoles", "UnknownKey", "KeyIsRevoked", "LastAdminKey",
    "ProductTaken", "NotTheProductOwner", "PartyIsSuspended", "RecoveryPending", "NoRecovery", "Cancelled",
}  # fmt: skip


class RandomRegistry:
    """Makes signed actions. The admin key that signs is one that stands, where the party has one."""

    def __init__(self, world: ChainWorld, known: Projection) -> None:
        self.world, self.known = world, known
        self.random = random.Random(SEED)
        self.pool = [TestKey(scheme=scheme) for scheme in (Scheme.SECP256K1, Scheme.P256) * 5]
        self.by_id = {key.id: key for key in self.pool}
        self.clock = DEADLINE

    def next(self) -> tuple[RegistryAction, NewRow]:
        """An action and its entry."""
        self.clock += 1  # no two structs alike
        party, key, deadline = self.random.choice(PARTIES), self.random.choice(self.pool), self.clock
        admin, registrar = self.admin_of(party), self.world.registrar
        digest = Digest(bytes([self.random.randrange(3)]) * 32)
        product = self.random.choice(PRODUCTS)
        pending = self.known.recovery_of(party)
        recovering = self.by_id[pending.key_id] if pending and self.random.random() < 0.8 else key
        made: list[tuple[RegistryAction, TestKey | None, TestKey | None]] = [
            (Admission(party, 1, key.id, key.scheme, False, deadline), registrar, key),
            (KeyGrant(party, key.id, key.scheme, self.random.random() < 0.5, False, 0, 0, deadline), admin, key),
            (KeyRevocation(party, self.of(party).id, deadline), admin, None),
            (ProductAssignment(product, party, deadline), registrar, None),  # type: ignore[arg-type]
            (ProductPermit(product, party, self.random.choice(PARTIES), True, deadline), admin, None),  # type: ignore[arg-type]
            (RoleChange(party, self.random.choice([0, 1, 3]), deadline), registrar, None),
            (Suspension(party, self.random.random() < 0.4, deadline), registrar, None),
            (Recovery(party, key.id, key.scheme, False, int(time.time()) + 8 * 86400, deadline), registrar, key),
            (RecoveryCancellation(party, recovering.id, deadline), self.random.choice([admin, registrar]), None),
            (RecoveryCompletion(party, key.id, deadline), key, None),
            (Cancellation(party, digest, deadline), admin, None),
        ]
        usable = [one for one in made if one[1] is not None]
        weights = [3 if isinstance(one[0], Admission | KeyGrant | KeyRevocation) else 2 for one in usable]
        action, signer, witness = self.random.choices(usable, weights=weights)[0]
        assert signer is not None
        return action, self.world.registry_row(action, signer, witness)

    def of(self, party: PartyId) -> TestKey:
        """A key of the party more often than another."""
        mine = [self.by_id[key] for key in self.known.keys_of(party)]
        return self.random.choice([*mine * 3, self.random.choice(self.pool)])

    def admin_of(self, party: PartyId) -> TestKey | None:
        standing = [key for key, known in self.known.keys_of(party).items() if known.admin and not known.revoked]
        return self.by_id[self.random.choice(sorted(standing))] if standing else None


async def test_python_and_contract_agree_about_the_registry(anvil_url: str, tmp_path: Path) -> None:
    world = await open_world(anvil_url, tmp_path)
    known = Projection()
    actions = RandomRegistry(world, known)
    seen: Counter[str] = Counter()
    done: Counter[type[RegistryAction]] = Counter()
    for _ in range(ACTIONS):
        action, row = actions.next()
        answer = (await world.access.relay.simulate(Target.REGISTRY, row.entry)).partition("(")[0]
        if answer == "RecoveryNotDue":
            continue  # a rule of time: `tests/store/test_keys.py`
        rule = refusal_of(known, action)
        if rule:
            # The local rule does not tell another's key from an unknown one.
            assert answer == rule or (answer, rule) == ("WrongParty", "UnknownKey"), (action, answer, rule)
            seen[rule] += 1
            continue
        assert answer == "", (action, answer)
        done[type(action)] += 1
        (row_id,) = world.queue(row)
        await world.settle()
        assert world.only(row_id).state is EntryState.CONFIRMED
    await world.access.close()
    assert set(seen) == RULES
    assert len(done) == 10  # all but the completion of a recovery, and the acceptance of a role


def refusal_of(known: Projection, action: RegistryAction) -> str:
    """Applies the action locally; the rule that refused it, if one did."""
    try:
        known.register(action)
    except Refused as refused:
        return refused.violations[0].rule
    return ""
