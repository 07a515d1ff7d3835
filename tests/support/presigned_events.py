"""Events that their party signed before they came, by keys of tests; and devices that become keys of a party."""

from __future__ import annotations

from dataclasses import replace

import event_builders as b
from ledger_fixture import LEDGER_DOMAIN, START, World
from signing_keys import P256Key, SigningKey

from ledger.domain.binding import action_of
from ledger.domain.cbv_hash import event_hash
from ledger.domain.identifiers import PartyId
from ledger.domain.proof_json import proof_to_json
from ledger.domain.records import CoSignature, JsonTree, SignatureProof
from ledger.domain.typed_data import digest
from ledger.services.keys import DeviceKey

DEADLINE = int(START) + 3 * 86_400
TestKey = SigningKey | P256Key


def proof_of(event: JsonTree, key: TestKey, *, deadline: int = DEADLINE) -> SignatureProof:
    """What the key signs of the event."""
    action = action_of(event, deadline)
    return SignatureProof(action, key.id, key.scheme, key.sign(digest(LEDGER_DOMAIN, action)))


def presign(event: JsonTree, key: TestKey, *, deadline: int = DEADLINE, disclosures: tuple[str, ...] = ()) -> JsonTree:
    """The event, which names its party and has its blind, with its proof in it."""
    return carrying(event, proof_of(event, key, deadline=deadline), disclosures)


def carrying(event: JsonTree, proof: SignatureProof, disclosures: tuple[str, ...] = ()) -> JsonTree:
    """The event with that proof in it, whether it is its own or not."""
    more: JsonTree = {"silkroot:disclosures": list(disclosures)} if disclosures else {}
    return {**event, "silkroot:proof": proof_to_json(proof), **more}


def with_second(proof: SignatureProof, party: PartyId, key: TestKey) -> SignatureProof:
    """The proof with a second party's signature."""
    signature = key.sign(digest(LEDGER_DOMAIN, proof.action))
    return replace(proof, co=CoSignature(party, key.id, key.scheme, signature))


def enrol(world: World, party: PartyId, key: TestKey, *, until: int = 0) -> None:
    """The device is a key of the party from now on; its private part is not in the ledger's keystore."""
    device = DeviceKey.parse(key.point if isinstance(key, P256Key) else key.address)
    grant, signed = world.keys.grant_of(party, device, admin=False, valid_until=until)
    given = key.raw(signed) if isinstance(key, P256Key) else key.sign(signed)
    world.keys.add(party, device, grant, given)


def with_cbv_id(event: JsonTree) -> JsonTree:
    """The event with the eventID that the ledger would give it."""
    return {**event, "eventID": event_hash(event, None)}


__all__ = ["DEADLINE", "b", "carrying", "enrol", "presign", "proof_of", "with_cbv_id", "with_second"]
