"""Registration: what goes to the chain for new master data, signed by whom it has to be, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import event_builders as b
import pytest
from ledger_fixture import REGISTRY_DOMAIN, World

from ledger.domain.entry_codec import abi_type
from ledger.domain.errors import NotFound, Refused
from ledger.domain.identifiers import Grams, KeyId, LotRef, PartyId
from ledger.domain.master_data import MasterData, Party, Product, Role
from ledger.domain.records import Scheme
from ledger.domain.registry_actions import REGISTRY_ACTIONS, Admission, KeyGrant, RegistryKind
from ledger.domain.signatures import verify
from ledger.ports_outbox import OutboxRow, Target

NEWCOMER = b.gln(50)


def rows(world: World, kind: RegistryKind) -> list[OutboxRow]:
    queued = world.store.outbox.queued(1_000)
    return [row for row in queued if row.target is Target.REGISTRY and row.entry.kind == kind]


def party(number: PartyId = NEWCOMER, roles: Role = Role.BUYER, **rest: object) -> MasterData:
    return MasterData(parties={number: replace(Party(number, {"en": "Newcomer"}, roles), **rest)})  # type: ignore[arg-type]


def product(**changes: object) -> MasterData:
    made = replace(Product(b.gtin(60), b.FARM, Grams(1_000), {"en": "Pears"}), **changes)  # type: ignore[arg-type]
    return MasterData(products={made.id: made})


def rules(world: World, master: MasterData) -> list[str]:
    before = world.store.outbox.counts()
    with pytest.raises(Refused) as refused:
        world.register.register(master)
    assert world.store.outbox.counts() == before
    return [violation.rule for violation in refused.value.violations]


def test_everything_new_is_queued_once_in_an_order_that_the_chain_takes(world: World) -> None:
    kinds = [RegistryKind(row.entry.kind) for row in world.store.outbox.queued(1_000)]
    assert kinds.count(RegistryKind.ADMISSION) == len(b.ROLES)
    assert kinds.count(RegistryKind.PRODUCT_ASSIGNMENT) == len(b.OWNERS)
    assert kinds.count(RegistryKind.PRODUCT_PERMIT) == len(b.PERMITS)
    first_product = kinds.index(RegistryKind.PRODUCT_ASSIGNMENT)
    assert all(kind is RegistryKind.ADMISSION for kind in kinds[:first_product])
    assert world.store.master_data() == b.master_data()


def test_doing_it_again_changes_nothing(world: World) -> None:
    before = world.store.outbox.counts()
    again = world.register.register(b.master_data())
    assert (again.parties, again.roles, again.products, again.permits) == (0, 0, 0, 0)
    assert world.store.outbox.counts() == before


def test_entries_are_signed_by_registrar_and_owner(world: World) -> None:
    registrar = world.signer.registrar()
    for kind in (RegistryKind.ADMISSION, RegistryKind.PRODUCT_ASSIGNMENT):
        for row in rows(world, kind):
            assert row.entry.key_id == registrar
    for row in rows(world, RegistryKind.PRODUCT_PERMIT):
        assert row.entry.key_id in {world.signer.key_of(owner) for owner in b.OWNERS.values()}
    for row in world.store.outbox.queued(1_000):
        assert verify(row.digest, row.entry.key_id, Scheme.SECP256K1, row.entry.signature)


def test_an_admission_carries_the_signature_of_the_new_key(world: World) -> None:
    from eth_abi.abi import decode

    row = rows(world, RegistryKind.ADMISSION)[0]
    (number, roles, key, scheme, hosted, _), witness = decode([abi_type(Admission), "bytes"], row.entry.payload)
    assert roles == b.ROLES[PartyId(number)]
    assert (scheme, hosted) == (Scheme.SECP256K1, True)
    assert verify(row.digest, KeyId(key), Scheme.SECP256K1, witness)


def test_roles_that_grew_are_queued_and_none_is_lost(world: World) -> None:
    done = world.register.register(party(b.FARM, Role.PACKER))
    assert (done.parties, done.roles) == (0, 1)
    assert len(rows(world, RegistryKind.ROLE_CHANGE)) == 1
    both = Role.PRODUCER | Role.PACKER
    assert world.store.registered().roles_of(b.FARM) == both
    assert world.store.master_data().parties[b.FARM].roles == both


def test_a_product_of_a_known_party_in_another_file(world: World) -> None:
    done = world.register.register(product(packers=(b.HUB,)))
    assert (done.products, done.permits) == (1, 1)
    world.record(b.harvest(lot=LotRef(b.gtin(60), "L1")))


def test_a_permit_can_be_taken_back(world: World) -> None:
    assert world.register.permit(b.BULK_MELON, b.COOPERATIVE, allowed=False)
    assert not world.register.permit(b.BULK_MELON, b.COOPERATIVE, allowed=False)
    assert world.refusal(b.intake()) == ["ProductNotAllowed"]
    world.clock.time += 1
    assert world.register.permit(b.BULK_MELON, b.COOPERATIVE, allowed=True)
    world.record(b.intake())
    assert world.fsck() == []


def test_a_permit_for_an_unknown_product_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        world.register.permit(b.gtin(61), b.HUB, allowed=True)


def test_a_new_key_signs_from_now_on(world: World) -> None:
    from eth_abi.abi import decode

    old = world.signer.key_of(b.FARM)
    new = world.keys.rotate(b.FARM)
    (row,) = rows(world, RegistryKind.KEY_GRANT)
    assert row.entry.key_id == old
    (_, witness) = decode([abi_type(KeyGrant), "bytes"], row.entry.payload)
    assert verify(row.digest, new, Scheme.SECP256K1, witness)
    (record,) = world.record(b.harvest())
    assert record.proof.key_id == new
    world.keys.revoke(b.FARM, old)
    world.record(b.shipping())
    (revocation,) = rows(world, RegistryKind.KEY_REVOCATION)
    assert revocation.entry.key_id == new
    assert world.fsck() == []


def test_a_key_that_was_made_but_never_granted_is_granted_next_time(world: World) -> None:
    forgotten = world.signer.create_another(b.FARM)
    assert world.keys.rotate(b.FARM) == forgotten
    world.record(b.harvest())


def test_the_last_admin_key_cannot_be_revoked(world: World) -> None:
    with pytest.raises(Refused, match="LastAdminKey"):
        world.keys.revoke(b.FARM, world.signer.key_of(b.FARM))


def test_a_key_is_revoked_once(world: World) -> None:
    old = world.signer.key_of(b.FARM)
    world.keys.rotate(b.FARM)
    world.keys.revoke(b.FARM, old)
    with pytest.raises(Refused, match="KeyIsRevoked"):
        world.keys.revoke(b.FARM, old)


def test_a_foreign_key_cannot_be_revoked(world: World) -> None:
    with pytest.raises(Refused, match="UnknownKey"):
        world.keys.revoke(b.FARM, world.signer.key_of(b.HUB))


def test_keys_of_an_unknown_party_are_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        world.keys.rotate(b.STRANGER)


def test_digests_are_of_the_registry(world: World) -> None:
    assert REGISTRY_DOMAIN.name == "Silkroot PartyRegistry"
    assert {row.entry.kind for row in world.store.outbox.queued(1_000)} <= {action.KIND for action in REGISTRY_ACTIONS}


@pytest.mark.parametrize(
    ("master", "expected"),
    [
        (product(net_grams=Grams(0)), ["product.net-grams"]),
        (product(owner=b.STRANGER), ["UnknownParty"]),
        (product(packers=(b.STRANGER,)), ["UnknownParty"]),
        (product(id=b.gtin(60) + 1), ["gs1.check-digit"]),
        (product(id=b.BULK_MELON, owner=b.HUB), ["ProductTaken"]),
        (party(PartyId(NEWCOMER + 1)), ["gs1.check-digit"]),
        (party(roles=Role(0)), ["InvalidRoles"]),
        (party(roles=Role(0), hosted=False), ["InvalidRoles", "party.hosted"]),
    ],
)
def test_refused(world: World, master: MasterData, expected: list[str]) -> None:
    assert rules(world, master) == expected


def test_places_and_plots_of_unknown_parties_are_refused(world: World) -> None:
    cast = b.master_data()
    place, plot = next(iter(cast.places.values())), next(iter(cast.plots.values()))
    strange = MasterData(
        places={(1, ""): replace(place, gln=1, party=b.STRANGER)},
        plots={(plot.gln, "X"): replace(plot, extension="X", producer=b.STRANGER)},
    )
    assert rules(world, strange) == ["gs1.check-digit", "UnknownParty", "UnknownParty"]
