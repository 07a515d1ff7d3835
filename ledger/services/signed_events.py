"""
Events that come signed: whether the proof is one of this event, and whether its keys may sign now.

The service adds nothing to such an event and signs nothing. So it has to name its party, carry its blind, and have
sealed already what this ledger seals; what was signed is held against what the event implies, as at every
verification. Raises `InvalidInput` (`proof.…`) and `Refused`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ledger.domain.actions import cosigner_of
from ledger.domain.batch_signatures import batch_digest, batch_digest_of, is_among, is_batch_signed
from ledger.domain.binding import action_of
from ledger.domain.content_hash import check_blinded, content_hash
from ledger.domain.epcis import check_event
from ledger.domain.errors import InvalidEvent, InvalidInput, Refused, Violation
from ledger.domain.event_reading import party_at
from ledger.domain.event_shape import KnownShape
from ledger.domain.hub_members import check_hub_members
from ledger.domain.identifiers import ContentHash, Digest, KeyId, PartyId
from ledger.domain.own_members import own_members
from ledger.domain.presigned import Presigned
from ledger.domain.projection import Projection
from ledger.domain.readings import differences
from ledger.domain.records import BatchPlace, JsonTree, Scheme, SignatureProof
from ledger.domain.sealing import KeptDisclosure, Policy, open_sealed, seal
from ledger.domain.sealing.kept import kept
from ledger.domain.sealing.quick import leaves_open
from ledger.domain.signatures import verify
from ledger.domain.typed_data import Domain, digest
from ledger.services.signing import require_valid_key

FARTHEST_SECONDS = 30 * 24 * 3600
"""How far ahead the deadline of what comes signed may lie: a device may have been without a network for long."""
LEAST_SECONDS = 60
"""How far ahead it has to lie at least: the chain needs some time to take the entry."""
_FIELD = "/silkroot:proof"


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """Whose event it is, the digest of its struct, and what is kept of the disclosures."""

    party: PartyId
    digest: Digest
    disclosures: tuple[KeptDisclosure, ...]


def check_presigned(given: Presigned, domain: Domain, policy: Policy, new_salt: Callable[[], bytes]) -> CheckedProof:
    """All that needs no state, for one event: the steps below, one after the other."""
    party = check_form(given)
    disclosures = check_sealing(given, policy, new_salt)
    check_binding(given, content_hash(given.event))
    signed = digest(domain, given.proof.action)
    check_signatures(given, signed, domain)
    return CheckedProof(party, signed, disclosures)


def check_form(given: Presigned, known: KnownShape | None = None) -> PartyId:
    """
    The party whose event it is: a valid one, that names its party and has its blind. `known`: the event's shape, where
    that is at hand.
    """
    event = given.event
    check_event(event, None, known)
    check_hub_members(event)
    own = own_members(event)
    for name in ("party", "blind"):
        if name not in own:
            message = f"an event that comes signed carries its {name}: adding it would change what was signed"
            raise InvalidEvent.one(f"/silkroot:{name}", "proof.missing", "", message)
    party = party_at(*own["party"])
    check_blinded(event, party, own["blind"][1])
    return party


def check_sealing(
    given: Presigned, policy: Policy, new_salt: Callable[[], bytes], known: KnownShape | None = None
) -> tuple[KeptDisclosure, ...]:
    """What is kept of its disclosures; all that this ledger seals is sealed. `known`: as for `check_form`."""
    if not given.disclosures and leaves_open(given.event, policy.selection(given.event), known):
        return ()
    disclosures = _disclosures(given)
    _require_sealed(given.event, policy, new_salt)
    return disclosures


def check_binding(given: Presigned, content: ContentHash) -> None:
    """What was signed is what the event, of that content hash, implies."""
    proof = given.proof
    implied = action_of(given.event, proof.action.deadline, content)
    if implied != proof.action:
        differing = differences(proof.action, implied)
        told = ", ".join(f"{one.member}: signed {one.signed!r}, implied {one.found!r}" for one in differing[:5])
        message = f"what was signed is not what the event says ({told or 'the content hash differs'})"
        raise InvalidEvent.one(f"{given.proof_at}/action", "proof.not-implied", type(proof.action).__name__, message)


def check_signatures(given: Presigned, signed: Digest, domain: Domain) -> None:
    """The keys signed that digest, or its batch, and nobody's signature is missing or one too many."""
    proof, at = given.proof, given.proof_at
    if proof.batch is not None:
        _require_in_batch(signed, proof, proof.batch, batch_digest(domain, proof.batch.root, proof.batch.count), at)
    else:
        _require_signature(signed, proof.key_id, proof.scheme, proof.signature, at)
    if (co := proof.co) is not None:
        cosigner = cosigner_of(proof.action)
        if co.party != cosigner:
            message = "nobody else signs this" if cosigner is None else f"{cosigner:013d} has to sign this too"
            raise InvalidEvent.one(f"{at}/co/party", "proof.cosigner", f"{co.party:013d}", message)
        _require_signature(signed, co.key_id, co.scheme, co.signature, f"{at}/co")


def require_standing_proof(
    projection: Projection, proof: SignatureProof, party: PartyId, now: int, domain: Domain
) -> None:
    """
    `Refused` unless the keys may sign for their parties now, and the chain has time to take what was signed; and where
    the party took its whole batch back.
    """
    _require_key(projection, party, proof.key_id, now, f"{_FIELD}/keyId")
    if (batch := batch_digest_of(domain, proof)) is not None and projection.is_cancelled(party, batch):
        message = "the party took back all that it had signed with this batch"
        raise Refused.one(f"{_FIELD}/batch", "batch.cancelled", "0x" + batch.hex(), message)
    if (co := proof.co) is not None:
        _require_key(projection, co.party, co.key_id, now, f"{_FIELD}/co/keyId")
    if not is_in_time(proof.action.deadline, now):
        ahead, least, most = proof.action.deadline - now, LEAST_SECONDS, FARTHEST_SECONDS // 86_400
        message = f"the deadline has to lie {least} seconds to {most} days ahead; it lies {ahead} seconds ahead"
        raise Refused.one(f"{_FIELD}/action/deadline", "proof.deadline", proof.action.deadline, message)


def is_in_time(deadline: int, now: int) -> bool:
    """Whether the chain has time to take what was signed, and not too much of it."""
    return LEAST_SECONDS <= deadline - now <= FARTHEST_SECONDS


def _require_key(projection: Projection, party: PartyId, key: KeyId, now: int, at: str) -> None:
    if not projection.roles_of(party):
        raise Refused.one(at, "UnknownParty", f"{party:013d}", "no such party is admitted")
    try:
        require_valid_key(projection, party, key, now)
    except Refused as error:
        raise Refused([Violation(at, one.rule, one.value, one.message) for one in error.violations]) from None


def _disclosures(given: Presigned) -> tuple[KeptDisclosure, ...]:
    try:
        return kept(open_sealed(given.event, given.disclosures).disclosures)
    except InvalidEvent:
        raise
    except InvalidInput as error:
        at = given.disclosures_at
        # Each is named by its place in the list, as `/disclosures/0`.
        moved = [
            Violation(at + one.field.removeprefix("/disclosures"), one.rule, one.value, one.message)
            for one in error.violations
        ]
        raise InvalidEvent(moved) from None


def _require_sealed(event: JsonTree, policy: Policy, new_salt: Callable[[], bytes]) -> None:
    if left := seal(event, policy, new_salt).disclosures:
        message = "this ledger seals this member: seal it before signing, and send the disclosure along"
        # The value stays out of it: it is confidential.
        raise InvalidEvent([Violation(one.place, "proof.open", "in the open", message) for one in left])


def _require_in_batch(signed: Digest, proof: SignatureProof, place: BatchPlace, batch: Digest, at: str) -> None:
    """Each event's place is checked, the batch's signature once for all of them."""
    if not is_among(signed, place):
        message = f"the path does not lead from the event's digest 0x{signed.hex()} to the root of the batch"
        raise InvalidEvent.one(f"{at}/batch/root", "batch.root", "0x" + place.root.hex(), message)
    if not is_batch_signed(batch, proof.key_id, proof):
        message = f"the key {proof.key_id.hex()} did not sign the batch's digest 0x{batch.hex()}"
        raise InvalidEvent.one(f"{at}/signature", "proof.signature", "0x" + proof.signature.hex(), message)


def _require_signature(signed: Digest, key: KeyId, scheme: Scheme, signature: bytes, at: str) -> None:
    if not verify(signed, key, scheme, signature):
        message = f"the key {key.hex()} did not sign the digest 0x{signed.hex()}"
        raise InvalidEvent.one(f"{at}/signature", "proof.signature", "0x" + signature.hex(), message)
