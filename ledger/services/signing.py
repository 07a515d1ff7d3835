"""
Signing for parties whose keys are kept here: which key may sign now, and a proof that is checked before it is kept.

Raises `Refused` where no key of the party may sign, `StoreError` where a keystore gives wrong signatures, `KeyLocked`.
"""

from __future__ import annotations

from ledger.domain.actions import Action
from ledger.domain.errors import NotFound, Refused, StoreError
from ledger.domain.identifiers import Digest, KeyId, PartyId
from ledger.domain.projection import Projection, RegisteredKey
from ledger.domain.records import CoSignature, Scheme, SignatureProof
from ledger.domain.signatures import verify
from ledger.ports import Signer

_FIELD = "/silkroot:party"


def signing_key(signer: Signer, projection: Projection, party: PartyId, now: int) -> KeyId:
    """The party's signing key, if the registry has it for the party, in its window and unrevoked."""
    if not projection.roles_of(party):
        raise Refused.one(_FIELD, "UnknownParty", f"{party:013d}", "no such party is admitted")
    try:
        key = signer.key_of(party)
    except NotFound:
        raise Refused.one(_FIELD, "UnknownKey", f"{party:013d}", "no signing key of the party is kept here") from None
    require_valid_key(projection, party, key, now)
    return key


def require_valid_key(projection: Projection, party: PartyId, key: KeyId, now: int) -> RegisteredKey:
    """The key, kept here or not, as one of the party that may sign now."""
    registered = projection.key(key)
    if registered is None:
        raise Refused.one(_FIELD, "UnknownKey", key.hex(), "the party's key is not registered")
    if registered.party != party:
        raise Refused.one(_FIELD, "WrongParty", key.hex(), f"the key is {registered.party:013d}'s")
    if registered.revoked:
        message = "the party's key was revoked; give it another with `silkroot party key rotate`"
        raise Refused.one(_FIELD, "KeyIsRevoked", key.hex(), message)
    if now < registered.valid_from:
        raise Refused.one(_FIELD, "KeyNotYetValid", key.hex(), "the window of the key has not begun")
    if registered.valid_until and now >= registered.valid_until:
        message = "the window of the key is over; give the party another with `silkroot party key rotate`"
        raise Refused.one(_FIELD, "KeyExpired", key.hex(), message)
    return registered


def prove(signer: Signer, key: KeyId, action: Action, digest: Digest) -> SignatureProof:
    """The first party's proof."""
    scheme, signature = _sign(signer, key, digest)
    return SignatureProof(action, key, scheme, signature)


def cosign(signer: Signer, party: PartyId, key: KeyId, digest: Digest) -> CoSignature:
    """The second party's signature over the same digest."""
    scheme, signature = _sign(signer, key, digest)
    return CoSignature(party, key, scheme, signature)


def _sign(signer: Signer, key: KeyId, digest: Digest) -> tuple[Scheme, bytes]:
    scheme, signature = signer.scheme_of(key), signer.sign(key, digest)
    if not verify(digest, key, scheme, signature):
        raise StoreError(f"the signer gave a signature that key {key.hex()} did not make; check its keystore")
    return scheme, signature
