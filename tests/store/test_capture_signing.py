"""Capture trusts its signer no further than it can check, and records nothing that is not signed."""

from __future__ import annotations

import event_builders as b
import pytest
from ledger_fixture import LEDGER_DOMAIN, SECRET, World

from ledger.adapters.keystore_signer import KeystoreSigner
from ledger.domain.errors import KeyLocked, StoreError
from ledger.domain.identifiers import Digest, KeyId, PartyId
from ledger.domain.typed_data import digest
from ledger.services.capture import DEADLINE_SECONDS, Capture


def capture_with(world: World, signer: KeystoreSigner) -> Capture:
    return Capture(world.store, signer, world.clock, LEDGER_DOMAIN, SECRET)


class ForgetfulSigner(KeystoreSigner):
    """Signs something else than it is asked to."""

    def sign(self, key: KeyId, digest: Digest) -> bytes:
        return super().sign(key, Digest(bytes(32)))


class MixedUpSigner(KeystoreSigner):
    """Takes one party for another."""

    def key_of(self, party: PartyId) -> KeyId:
        return super().key_of(b.HUB)


def test_a_signature_that_does_not_verify_is_not_recorded(world: World) -> None:
    with pytest.raises(StoreError, match="did not make"):
        capture_with(world, ForgetfulSigner(world.folder / "keys")).capture([b.harvest()])
    assert world.store.events(0, 10) == []


def test_a_key_of_another_party_is_refused(world: World) -> None:
    (result,) = capture_with(world, MixedUpSigner(world.folder / "keys")).capture([b.harvest()])
    assert [violation.rule for violation in result.violations] == ["WrongParty"]


def test_a_party_whose_key_is_elsewhere_is_refused(world: World) -> None:
    (result,) = capture_with(world, KeystoreSigner(world.folder / "no-keys")).capture([b.harvest()])
    assert [violation.rule for violation in result.violations] == ["UnknownKey"]


def test_a_locked_key_stops_the_call_and_nothing_is_recorded(world: World) -> None:
    locked = capture_with(world, KeystoreSigner(world.folder / "keys", "not the passphrase"))
    with pytest.raises(KeyLocked):
        locked.capture([b.harvest()])
    assert world.store.events(0, 10) == []
    world.record(b.harvest())


def test_what_is_signed_has_a_deadline_of_seven_days(world: World) -> None:
    (record,) = world.record(b.harvest())
    assert record.proof.action.deadline == int(world.clock.time) + DEADLINE_SECONDS
    assert record.record_time.timestamp() == world.clock.time
    entry = next(row for row in world.store.outbox.queued(100) if row.content_hash == record.content_hash)
    assert entry.digest == digest(LEDGER_DOMAIN, record.proof.action)
