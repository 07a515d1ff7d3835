"""The projection: the registry's rules, loading from a source, and that nothing makes grams."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import event_builders as b
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.actions import Action, Disposal, Harvest, Line, Output, Receipt, Sale, Shipment, Transformation
from ledger.domain.custody_state import Consignment, Lot
from ledger.domain.errors import Refused
from ledger.domain.identifiers import (
    NO_PLOT,
    ConsignmentId,
    ContentHash,
    Digest,
    Grams,
    KeyId,
    LotId,
    LotRef,
    PartyId,
    ProductId,
    consignment_id,
)  # fmt: skip
from ledger.domain.projection import PendingRecovery, Projection, RegisteredKey
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
from ledger.domain.typed_data import manifest_hash

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


class Source:
    """A source that says what it was asked for."""

    def __init__(self, behind: Projection) -> None:
        self.behind = behind
        self.reads = 0

    def lineage(self, lots: Collection[LotId]) -> Mapping[LotId, Lot]:
        self.reads += 1
        found: dict[LotId, Lot] = {}
        asked = list(lots)
        while asked:
            if (lot := self.behind.lots.get(key := asked.pop())) and key not in found:
                found[key] = lot
                asked.extend(lot.parents)
        return found

    def balances(self, keys: Collection[tuple[LotId, PartyId]]) -> Mapping[tuple[LotId, PartyId], Grams]:
        self.reads += 1
        return {key: self.behind.balances[key] for key in keys if key in self.behind.balances}

    def consignments(self, ids: Collection[ConsignmentId]) -> Mapping[ConsignmentId, Consignment]:
        self.reads += 1
        return {key: sent for key in ids if (sent := self.behind.consignments.get(key))}

    def used(self, digests: Collection[Digest]) -> Collection[Digest]:
        self.reads += 1
        return [digest for digest in digests if self.behind.digests.get(digest)]

    def roles(self, parties: Collection[PartyId]) -> Mapping[PartyId, int]:
        return {party: self.behind.roles_of(party) for party in parties}

    def keys(self, ids: Collection[KeyId]) -> Mapping[KeyId, RegisteredKey]:
        return {key: known for key in ids if (known := self.behind.key(key))}

    def keys_of(self, party: PartyId) -> Mapping[KeyId, RegisteredKey]:
        return self.behind.keys_of(party)

    def owners(self, products: Collection[ProductId]) -> Mapping[ProductId, PartyId]:
        return {product: owner for product in products if (owner := self.behind.owner_of(product))}

    def suspended(self, parties: Collection[PartyId]) -> Collection[PartyId]:
        return [party for party in parties if self.behind.is_suspended(party)]

    def recoveries(self, parties: Collection[PartyId]) -> Mapping[PartyId, PendingRecovery]:
        return {party: found for party in parties if (found := self.behind.recovery_of(party))}

    def cancelled(self, pairs: Collection[tuple[PartyId, Digest]]) -> Collection[tuple[PartyId, Digest]]:
        return [pair for pair in pairs if self.behind.is_cancelled(*pair)]

    def permits(self, pairs: Collection[tuple[ProductId, PartyId]]) -> Collection[tuple[ProductId, PartyId]]:
        return [pair for pair in pairs if self.behind.is_permitted(*pair)]


PARTIES = (b.FARM, b.PACKING_HOUSE, b.HUB)
LOTS = tuple(LotRef(b.BULK_MELON, f"L{number}") for number in range(5))


def registered() -> Projection:
    projection = Projection()
    for number, party in enumerate(PARTIES, 1):
        projection.register(admission(party, KeyId(number.to_bytes(32, "big")), 255))
    projection.register(OWNED)
    for packer in PARTIES[1:]:
        projection.register(ProductPermit(b.BULK_MELON, b.FARM, packer, True, LATE))
    return projection


@st.composite
def actions(draw: st.DrawFn) -> Action:
    party, other = draw(st.permutations(PARTIES))[:2]
    refs = sorted(draw(st.lists(st.sampled_from(LOTS), min_size=1, max_size=3, unique=True)), key=lambda ref: ref.id)
    amounts = [Grams(draw(st.integers(1, 5))) for _ in refs]
    lines = tuple(Line(ref.id, grams) for ref, grams in zip(refs, amounts, strict=True))
    content = ContentHash(draw(st.binary(min_size=32, max_size=32)))
    reference = draw(st.sampled_from(["one", "two"]))
    consignment = consignment_id(other, reference)
    made = (Output(b.BULK_MELON, draw(st.sampled_from(LOTS)).code, Grams(draw(st.integers(1, 9)))),)
    harvest = Harvest(party, b.BULK_MELON, refs[0].code, NO_PLOT, amounts[0], content, LATE)
    candidates = (
        harvest,
        harvest,
        Transformation(party, lines, made, content, LATE),
        Shipment(party, other, reference, lines, content, LATE),
        Receipt(party, consignment, manifest_hash(lines), content, LATE),
        Sale(party, lines, content, LATE),
        Disposal(party, lines, content, LATE),
    )
    return draw(st.sampled_from(candidates))


def grams_held(projection: Projection) -> int:
    moving = sum(
        line.grams
        for sent in projection.consignments.values()
        if sent and sent.state.name == "IN_TRANSIT"
        for line in sent.manifest
    )
    return moving + sum(projection.balances.values())


@settings(max_examples=200, deadline=None)
@given(st.lists(actions(), max_size=25))
def test_no_action_makes_grams_and_every_source_gives_the_same(sequence: list[Action]) -> None:
    whole = registered()
    for index, action in enumerate(sequence):
        digest = Digest(index.to_bytes(32, "big"))
        # The same state, once in memory and once loaded on demand from a source, with and without reading ahead.
        on_demand, ahead = Projection(Source(whole)), Projection(Source(whole))
        ahead.prefetch([(later, digest) for later in sequence])
        before = grams_held(whole)
        answers = []
        for projection in (on_demand, ahead, whole):
            try:
                answers.append(projection.apply(action, digest, now=0))
            except Refused as refused:
                answers.append(refused.violations)
        assert answers[0] == answers[1] == answers[2]
        born = action.grams if isinstance(action, Harvest) else 0
        accepted = not isinstance(answers[2], tuple)
        assert grams_held(whole) <= before + (born if accepted else 0)
        assert all(grams >= 0 for grams in whole.balances.values())


def test_reading_ahead_saves_reads() -> None:
    behind = registered()
    source = Source(behind)
    births = [
        (
            Harvest(b.FARM, b.BULK_MELON, f"N{n}", NO_PLOT, Grams(1), ContentHash(bytes(32)), LATE),
            Digest(bytes([n]) * 32),
        )
        for n in range(50)
    ]
    projection = Projection(source)
    projection.prefetch(births)
    reads = source.reads
    for action, digest in births:
        projection.apply(action, digest, now=0)
    assert source.reads == reads
    assert len(projection.changed.lots) == 50
