"""Keys and standing of parties: what is queued for the chain, who signs it, and what holds here at once."""

from __future__ import annotations

from dataclasses import replace

import event_builders as b
import pytest
from eth_abi.abi import decode
from ledger_fixture import World
from signing_keys import P256Key, SigningKey, p256_key, signing_key

from ledger.domain.entry_codec import abi_type
from ledger.domain.errors import InvalidInput, NotFound, Refused
from ledger.domain.identifiers import Digest, KeyId
from ledger.domain.records import Scheme
from ledger.domain.registry_actions import RECOVERY_DELAY_SECONDS, Recovery, RegistryKind
from ledger.domain.signatures import verify
from ledger.ports_outbox import OutboxRow, Target
from ledger.services.keys import RECOVERY_SLACK_SECONDS, DeviceKey

DEVICES = pytest.mark.parametrize("key", [signing_key(9), p256_key(9)], ids=["secp256k1", "P-256"])
SCHEMES = pytest.mark.parametrize("scheme", [Scheme.SECP256K1, Scheme.P256])


def rows(world: World, kind: RegistryKind) -> list[OutboxRow]:
    queued = world.store.outbox.queued(1_000)
    return [row for row in queued if row.target is Target.REGISTRY and row.entry.kind == kind]


def device_of(key: SigningKey | P256Key) -> DeviceKey:
    return DeviceKey.parse(key.point if isinstance(key, P256Key) else key.address)


def given(key: SigningKey | P256Key, signed: Digest) -> bytes:
    """What the device gives: a browser knows no low s and sends no public key along."""
    return key.raw(signed) if isinstance(key, P256Key) else key.sign(signed)


@SCHEMES
def test_a_rotated_key_signs_and_the_old_one_is_revoked_after_what_it_signed(world: World, scheme: Scheme) -> None:
    old = world.signer.key_of(b.FARM)
    world.record(b.harvest())
    new = world.keys.rotate(b.FARM, scheme, keep_old=False)
    (record,) = world.record(b.shipping())
    assert (record.proof.key_id, record.proof.scheme) == (new, scheme)
    assert world.keys.of(b.FARM)[old].revoked
    (revocation,) = rows(world, RegistryKind.KEY_REVOCATION)
    assert verify(revocation.digest, new, scheme, revocation.entry.signature)
    assert world.fsck() == []


@DEVICES
def test_a_device_signs_its_own_grant(world: World, key: SigningKey | P256Key) -> None:
    device, until = device_of(key), int(world.clock.time) + 1000
    grant, signed = world.keys.grant_of(b.FARM, device, admin=False, valid_until=until)
    again = world.keys.grant_of(b.FARM, device, admin=False, valid_until=until, deadline=grant.deadline)
    assert again == (grant, signed)
    assert world.keys.add(b.FARM, device, grant, given(key, signed)) == key.id
    (row,) = rows(world, RegistryKind.KEY_GRANT)
    _, witness = decode([abi_type(type(grant)), "bytes"], row.entry.payload)
    assert verify(signed, key.id, key.scheme, witness)
    known = world.keys.of(b.FARM)[key.id]
    assert (known.admin, known.hosted, known.valid_until) == (False, False, until)
    assert world.signer.key_of(b.FARM) != key.id
    assert world.fsck() == []


@DEVICES
def test_a_grant_that_the_device_did_not_sign_is_refused(world: World, key: SigningKey | P256Key) -> None:
    device = device_of(key)
    grant, signed = world.keys.grant_of(b.FARM, device, admin=False, valid_until=0)
    for changed in (replace(grant, admin=True), replace(grant, deadline=grant.deadline + 1)):
        with pytest.raises(InvalidInput):
            world.keys.add(b.FARM, device, changed, given(key, signed))
    with pytest.raises(InvalidInput):
        world.keys.add(b.FARM, device, grant, b"")
    assert rows(world, RegistryKind.KEY_GRANT) == []


def test_a_grant_too_late_or_never_valid_is_refused(world: World) -> None:
    key, device = p256_key(9), device_of(p256_key(9))
    grant, signed = world.keys.grant_of(b.FARM, device, admin=False, valid_until=1)
    with pytest.raises(Refused, match="InvalidWindow"):
        world.keys.add(b.FARM, device, grant, key.raw(signed))
    grant, signed = world.keys.grant_of(b.FARM, device, admin=False, valid_until=0, deadline=5)
    with pytest.raises(Refused, match="DeadlinePassed"):
        world.keys.add(b.FARM, device, grant, key.raw(signed))


@pytest.mark.parametrize("length", [0, 19, 21, 32, 63, 66])
def test_what_is_no_public_key_is_refused(length: int) -> None:
    with pytest.raises(Refused):
        DeviceKey.parse(b"\5" * length)
    assert DeviceKey.parse(b"\4" + p256_key(9).point).id == p256_key(9).id


def test_a_suspended_party_signs_nothing_until_it_is_reinstated(world: World) -> None:
    assert world.keys.suspend(b.FARM, suspended=True)
    assert not world.keys.suspend(b.FARM, suspended=True)
    assert world.refusal(b.harvest()) == ["PartyIsSuspended"]
    (row,) = rows(world, RegistryKind.SUSPENSION)
    assert row.entry.key_id == world.signer.registrar()
    world.keys.rotate(b.FARM)
    world.clock.time += 1
    assert world.keys.suspend(b.FARM, suspended=False)
    world.record(b.harvest())
    assert world.fsck() == []


def test_a_suspended_party_receives_nothing(world: World) -> None:
    world.record(b.harvest())
    world.keys.suspend(b.PACKING_HOUSE, suspended=True)
    assert world.refusal(b.shipping()) == ["UnknownReceiver"]


def test_a_cancelled_digest_is_remembered_and_cancelled_once(world: World) -> None:
    signed = Digest(bytes(range(32)))
    world.keys.cancel(b.FARM, signed)
    (row,) = rows(world, RegistryKind.CANCELLATION)
    assert row.entry.key_id == world.signer.key_of(b.FARM)
    with pytest.raises(Refused, match="Cancelled"):
        world.keys.cancel(b.FARM, signed)
    world.keys.cancel(b.HUB, signed)
    world.record(b.harvest())
    assert world.fsck() == []


@SCHEMES
def test_a_recovery_takes_effect_after_its_delay(world: World, scheme: Scheme) -> None:
    old = world.signer.key_of(b.FARM)
    pending = world.keys.start_recovery(b.FARM, scheme)
    assert pending.effective_at == int(world.clock.time) + RECOVERY_DELAY_SECONDS + RECOVERY_SLACK_SECONDS
    (row,) = rows(world, RegistryKind.RECOVERY)
    _, witness = decode([abi_type(Recovery), "bytes"], row.entry.payload)
    assert verify(row.digest, pending.key_id, scheme, witness)
    assert row.entry.key_id == world.signer.registrar()
    assert world.keys.recovery_of(b.FARM) == pending
    (record,) = world.record(b.harvest())
    assert record.proof.key_id == old
    world.clock.time = pending.effective_at - 1
    with pytest.raises(Refused, match="RecoveryNotDue"):
        world.keys.finish_recovery(b.FARM)
    world.clock.time += 1
    assert world.keys.finish_recovery(b.FARM) == pending.key_id
    (record,) = world.record(b.shipping())
    assert record.proof.key_id == pending.key_id
    world.keys.revoke(b.FARM, old)
    assert world.fsck() == []


def test_a_recovery_is_cancelled_by_the_party(world: World) -> None:
    pending = world.keys.start_recovery(b.FARM)
    with pytest.raises(Refused, match="RecoveryPending"):
        world.keys.start_recovery(b.FARM)
    assert world.keys.cancel_recovery(b.FARM) == pending.key_id
    (row,) = rows(world, RegistryKind.RECOVERY_CANCELLATION)
    assert row.entry.key_id == world.signer.key_of(b.FARM)
    for late in (world.keys.finish_recovery, world.keys.cancel_recovery):
        with pytest.raises(Refused, match="NoRecovery"):
            late(b.FARM)
    assert world.fsck() == []


def test_a_spare_key_is_adopted_once_and_found_again(world: World) -> None:
    spare = world.signer.create_spare(b.FARM, Scheme.P256)
    assert world.signer.key_of(b.FARM) != spare
    for _ in range(2):
        world.signer.adopt(b.FARM, spare)
        again = type(world.signer)(world.folder / "keys")
        assert again.key_of(b.FARM) == world.signer.key_of(b.FARM) == spare
        assert again.scheme_of(spare) is Scheme.P256


def test_an_ended_or_future_key_signs_nothing_more(world: World) -> None:
    admin = world.signer.key_of(b.FARM)
    key, now = world.signer.create_another(b.FARM), int(world.clock.time)
    with world.store.writing() as transaction:
        grant, _ = world.keys.grant_of(b.FARM, DeviceKey(Scheme.SECP256K1, key[12:]), admin=False, valid_until=now + 20)
        world.keys._queue(transaction, replace(grant, valid_from=now + 10), admin, witness=key)
    assert world.refusal(b.harvest()) == ["KeyNotYetValid"]
    world.clock.time = now + 10
    world.record(b.harvest())
    world.clock.time = now + 20
    assert world.refusal(b.shipping()) == ["KeyExpired"]


def test_strangers_have_no_keys(world: World) -> None:
    for asked in (world.keys.of, world.keys.start_recovery):
        with pytest.raises(NotFound):
            asked(b.STRANGER)
    with pytest.raises(NotFound):
        world.keys.suspend(b.STRANGER, suspended=True)
    with pytest.raises(NotFound):
        world.keys.cancel(b.STRANGER, Digest(bytes(32)))
    with pytest.raises(Refused, match="UnknownKey"):
        world.keys.revoke(b.FARM, KeyId(bytes(32)))
