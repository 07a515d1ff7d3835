"""The registry's rules in the projection."""

from __future__ import annotations

from dataclasses import replace

import event_builders as b
import pytest

from ledger.domain.errors import Refused
from ledger.domain.identifiers import Digest, KeyId, PartyId
from ledger.domain.projection import Projection, RegisteredKey
from ledger.domain.records import Scheme
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
)  # fmt: skip

LATE = 2**40
FIRST, SECOND = KeyId(bytes(31) + b"\1"), KeyId(bytes(31) + b"\2")


def admission(party: PartyId = b.FARM, key: KeyId = FIRST, roles: int = 1) -> Admission:
    return Admission(party, roles, key, Scheme.SECP256K1, True, LATE)


def grant(party: PartyId = b.FARM, key: KeyId = SECOND, admin: bool = True) -> KeyGrant:
    return KeyGrant(party, key, Scheme.SECP256K1, admin, True, 0, 0, LATE)


HUB_ADMITTED = admission(b.HUB, KeyId(bytes(31) + b"\3"), 8)
OWNED = ProductAssignment(b.BULK_MELON, b.FARM, LATE)

PERMIT = ProductPermit(b.BULK_MELON, b.FARM, b.HUB, True, LATE)

DIGEST = Digest(bytes(32))
RECOVERED = Recovery(b.FARM, SECOND, Scheme.P256, True, 5, LATE)
COMPLETED = RecoveryCompletion(b.FARM, SECOND, LATE)

REFUSED: dict[str, tuple[list[RegistryAction], str]] = {
    "admitted twice": ([admission(), admission(key=SECOND)], "PartyExists"),
    "a key under two parties": ([admission(), admission(b.HUB)], "KeyInUse"),
    "roles of a stranger": ([RoleChange(b.FARM, 1, LATE)], "UnknownParty"),
    "a key of a stranger": ([grant()], "UnknownParty"),
    "a key granted twice": ([admission(), grant(), grant()], "KeyInUse"),
    "revoking an unknown key": ([admission(), KeyRevocation(b.FARM, SECOND, LATE)], "UnknownKey"),
    "revoking another's key": ([admission(), HUB_ADMITTED, KeyRevocation(b.HUB, FIRST, LATE)], "UnknownKey"),
    "revoking the last admin key": (
        [admission(), grant(admin=False), KeyRevocation(b.FARM, FIRST, LATE)],
        "LastAdminKey",
    ),
    "revoking twice": ([admission(), grant(), *[KeyRevocation(b.FARM, FIRST, LATE)] * 2], "KeyIsRevoked"),
    "no roles at all": ([admission(), RoleChange(b.FARM, 0, LATE)], "InvalidRoles"),
    "an admin key that ends does not count": (
        [admission(), replace(grant(), valid_until=9), KeyRevocation(b.FARM, FIRST, LATE)],
        "LastAdminKey",
    ),
    "suspending a stranger": ([Suspension(b.FARM, True, LATE)], "UnknownParty"),
    "a permit by a suspended owner": (
        [admission(), HUB_ADMITTED, OWNED, Suspension(b.FARM, True, LATE), PERMIT],
        "PartyIsSuspended",
    ),
    "recovering a stranger": ([RECOVERED], "UnknownParty"),
    "recovering twice": ([admission(), RECOVERED, RECOVERED], "RecoveryPending"),
    "recovering to a key in use": ([admission(), grant(), RECOVERED], "KeyInUse"),
    "completing without a recovery": ([admission(), COMPLETED], "NoRecovery"),
    "completing with another key": ([admission(), RECOVERED, replace(COMPLETED, key_id=FIRST)], "NoRecovery"),
    "completing to a key granted meanwhile": ([admission(), RECOVERED, grant(), COMPLETED], "KeyInUse"),
    "cancelling another recovery": (
        [admission(), RECOVERED, RecoveryCancellation(b.FARM, FIRST, LATE)],
        "NoRecovery",
    ),
    "completing what was cancelled": (
        [admission(), RECOVERED, RecoveryCancellation(b.FARM, SECOND, LATE), COMPLETED],
        "NoRecovery",
    ),
    "cancelling a digest twice": ([admission(), *[Cancellation(b.FARM, DIGEST, LATE)] * 2], "Cancelled"),
    "a product of a stranger": ([OWNED], "UnknownParty"),
    "a product assigned twice": ([admission(), OWNED, OWNED], "ProductTaken"),
    "a permit for a stranger": ([admission(), OWNED, PERMIT], "UnknownParty"),
    "a permit by another": (
        [admission(), HUB_ADMITTED, OWNED, ProductPermit(b.BULK_MELON, b.HUB, b.HUB, True, LATE)],
        "NotTheProductOwner",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_registry_refusals(case: str) -> None:
    *before, last = REFUSED[case][0]
    projection = Projection()
    for action in before:
        projection.register(action)
    with pytest.raises(Refused) as refused:
        projection.register(last)
    assert [violation.rule for violation in refused.value.violations] == [REFUSED[case][1]]


def test_the_registry_knows_what_was_registered() -> None:
    projection = Projection()
    for action in (admission(), HUB_ADMITTED, grant(), KeyRevocation(b.FARM, FIRST, LATE), OWNED, PERMIT):
        projection.register(action)
    projection.register(RoleChange(b.FARM, 3, LATE))
    assert projection.roles_of(b.FARM) == 3
    assert projection.key(FIRST) == RegisteredKey(b.FARM, Scheme.SECP256K1, True, True, revoked=True)
    assert set(projection.keys_of(b.FARM)) == {FIRST, SECOND}
    assert projection.may_use(b.BULK_MELON, b.FARM)
    assert projection.may_use(b.BULK_MELON, b.HUB)
    projection.register(replace(PERMIT, allowed=False))
    assert not projection.may_use(b.BULK_MELON, b.HUB)


def test_standing_and_recovery() -> None:
    projection = Projection()
    for action in (admission(), Suspension(b.FARM, True, LATE), RECOVERED):
        projection.register(action)
    assert (projection.roles_of(b.FARM), projection.acting_roles_of(b.FARM)) == (1, 0)
    projection.register(replace(COMPLETED))
    projection.register(Suspension(b.FARM, False, LATE))
    assert projection.acting_roles_of(b.FARM) == 1
    assert projection.key(SECOND) == RegisteredKey(b.FARM, Scheme.P256, True, True)
    assert projection.recovery_of(b.FARM) is None
