"""The JSON form of signature proofs: exact round trip, one form only, and every refusal."""

from __future__ import annotations

import hashlib
from typing import Any

import event_builders as build
import pytest
from verdict_fakes import DEADLINE, signed_by
from verdict_fakes import key_of as signing_key_of

from ledger.domain.actions import signer_of
from ledger.domain.binding import action_of
from ledger.domain.canonical_json import canonical
from ledger.domain.errors import InvalidInput
from ledger.domain.proof_json import proof_bytes, proof_from_json, proof_to_json, signature_hash
from ledger.domain.records import SignatureProof


def proof(**event: Any) -> SignatureProof:
    action = action_of(build.settlement(**event), DEADLINE)
    return signed_by(action, signing_key_of(signer_of(action)))


def test_what_is_written_is_read() -> None:
    two_signed = proof()
    assert two_signed.co is not None
    assert proof_from_json(proof_to_json(two_signed)) == two_signed


def test_the_hash_is_of_the_canonical_form() -> None:
    assert proof_bytes(proof()) == canonical(proof_to_json(proof()))
    assert signature_hash(proof()) == hashlib.sha256(proof_bytes(proof())).digest()


def without(tree: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in tree.items() if key != name}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (lambda tree: without(tree, "scheme"), ""),
        (lambda tree: {**tree, "more": 1}, ""),
        (lambda tree: {**tree, "action": []}, "/action"),
        (lambda tree: {**tree, "keyId": "0x" + "00" * 20}, "/keyId"),
        (lambda tree: {**tree, "keyId": tree["keyId"].upper()}, "/keyId"),
        (lambda tree: {**tree, "scheme": "1"}, "/scheme"),
        (lambda tree: {**tree, "scheme": True}, "/scheme"),
        (lambda tree: {**tree, "scheme": 9}, "/scheme"),
        (lambda tree: {**tree, "signature": "0x0"}, "/signature"),
        (lambda tree: {**tree, "signature": 5}, "/signature"),
        (lambda tree: {**tree, "co": None}, "/co"),
        (lambda tree: {**tree, "co": without(tree["co"], "party")}, "/co"),
        (lambda tree: {**tree, "co": {**tree["co"], "party": "9"}}, "/co/party"),
        (lambda tree: {**tree, "co": {**tree["co"], "party": 0}}, "/co/party"),
        (lambda tree: {**tree, "co": {**tree["co"], "keyId": "0x"}}, "/co/keyId"),
    ],
)
def test_another_form_is_refused(change: Any, pointer: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        proof_from_json(change(proof_to_json(proof())))
    violation = refusal.value.violations[0]
    assert (violation.field, violation.rule) == (pointer, "proof.form")


def test_a_member_of_the_struct_in_another_form_is_refused() -> None:
    tree = proof_to_json(proof())
    with pytest.raises(InvalidInput):
        proof_from_json({**tree, "action": {**tree["action"], "deadline": 5}})
