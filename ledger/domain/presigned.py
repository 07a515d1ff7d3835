"""
Events that come signed: the proof rides in the event, and is taken out before anything is hashed; no I/O.

`silkroot:proof` holds the JSON of `ledger.domain.proof_json`, `silkroot:disclosures` the texts of disclosures of what
the signer sealed. Both stand at the top level, under whatever prefix the event declares for our namespace. What was
signed is the event without these two members; all else, its `@context` too, stays as it is. So one who signs hashes the
event first and adds the members then. Vectors: tests/vectors/presigned.json.

Raises `InvalidEvent` where the members are not what they have to be (`proof.form`, `proof.disclosures`, and what
`proof_json` and `action_json` raise), with pointers into the event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.domain.errors import InvalidEvent, InvalidInput, Violation
from ledger.domain.own_members import own_keys, own_member
from ledger.domain.proof_json import form_of, proof_from_json
from ledger.domain.records import JsonTree, SignatureProof

PROOF = "proof"
DISCLOSURES = "disclosures"
MOST_DISCLOSURES = 1_000
_RIDING = frozenset({PROOF, DISCLOSURES})


@dataclass(frozen=True, slots=True)
class Presigned:
    """
    The event as it was signed, what rode in it, and where: `proof_at` is the pointer to the proof. `proof_form`: the
    proof's RFC 8785 form, that of the object that rode in the event: a proof has no other.
    """

    event: JsonTree
    proof: SignatureProof
    disclosures: tuple[str, ...]
    proof_at: str
    disclosures_at: str
    proof_form: bytes


def presigned_of(event: JsonTree) -> Presigned | None:
    """What the event carries; None where it carries no proof. The given tree stays as it is."""
    riding = [key for name, key in own_keys(event) if name in _RIDING]
    if not riding:
        return None
    proof = own_member(event, PROOF)
    disclosed = own_member(event, DISCLOSURES) if proof is None or len(riding) > 1 else None
    if proof is None:
        if disclosed is not None:
            message = "disclosures ride in an event with a proof; what comes unsigned is sealed here"
            raise InvalidEvent.one(disclosed[0], "proof.disclosures", "without a proof", message)
        return None
    at, tree = proof
    if not isinstance(tree, Mapping):
        raise InvalidEvent.one(at, "proof.form", type(tree).__name__, "a proof is an object")
    try:
        read = proof_from_json(tree)
    except InvalidInput as error:
        raise InvalidEvent([_below(at, violation) for violation in error.violations]) from None
    texts = () if disclosed is None else _texts(*disclosed)
    signed = dict(event)
    for key in riding:
        del signed[key]
    return Presigned(signed, read, texts, at, disclosed[0] if disclosed is not None else "", form_of(tree, read))


def is_presigned(event: JsonTree) -> bool:
    """Whether the event carries a proof, good or not."""
    return own_member(event, PROOF) is not None


def _texts(at: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
        raise InvalidEvent.one(at, "proof.disclosures", type(value).__name__, "disclosures are a list of texts")
    if len(value) > MOST_DISCLOSURES:
        raise InvalidEvent.one(at, "proof.disclosures", len(value), f"at most {MOST_DISCLOSURES} disclosures an event")
    return tuple(value)


def _below(at: str, violation: Violation) -> Violation:
    field = violation.field if violation.field.startswith("/") or not violation.field else f"/{violation.field}"
    return Violation(at + field, violation.rule, violation.value, violation.message)
