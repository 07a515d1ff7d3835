"""
The JSON form of a signature proof, and its hash, of which the event's leaf in the log is made; no I/O.

`{"action": …, "keyId": "0x…", "scheme": 1, "signature": "0x…"}`, and where two parties signed `"co"` with `party` and
the same three members; where the signature is over a batch, `"batch"` with `root`, `count`, `index` and `path`. It is
what is stored beside an event and what proof bundles carry; `signature_hash` is SHA-256 over its RFC 8785 form, the
place in a batch included. Reading is strict, so that a proof has exactly one form. Raises `InvalidInput` (`proof.form`,
`batch.…`, and what `action_json` raises). Vectors with their pre-images: tests/vectors/proof_hash.json, batches.json.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ledger.domain.action_json import from_json, to_json
from ledger.domain.actions import Action
from ledger.domain.batch_signatures import check_place, path_of, path_text
from ledger.domain.canonical_json import canonical
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import UINT64_MAX, KeyId, PartyId
from ledger.domain.json_tree import parse_json_object
from ledger.domain.merkle import HASH_BYTES, SignatureHash, TreeHash, hash_proof
from ledger.domain.records import BatchPlace, CoSignature, JsonTree, Scheme, SignatureProof

_SIGNED = {"keyId", "scheme", "signature"}
_FIRST, _SECOND = {"action", *_SIGNED}, {"co", "batch"}
_PLACED = {"root", "count", "index", "path"}
_HEX = re.compile(r"0x(?:[0-9a-f]{2})*\Z")
_KEY_BYTES = 32
_SCHEMES = {int(scheme): scheme for scheme in Scheme}


def proof_to_json(proof: SignatureProof) -> JsonTree:
    """The proof as a JSON object; `co` is there where two parties signed, `batch` where the signature is over one."""
    tree: JsonTree = {"action": to_json(proof.action), **_signed_to_json(proof)}
    if proof.co is not None:
        tree["co"] = {"party": int(proof.co.party), **_signed_to_json(proof.co)}
    if (place := proof.batch) is not None:
        path = path_text(place.path)
        tree["batch"] = {"root": "0x" + place.root.hex(), "count": place.count, "index": place.index, "path": path}
    return tree


def proof_from_json(tree: Mapping[str, Any]) -> SignatureProof:
    """The proof that the object holds."""
    if tree.keys() - _SECOND != _FIRST:
        raise _no_proof("", sorted(tree), "a proof has the members action, keyId, scheme, signature, and co or batch")
    if not isinstance(tree["action"], Mapping):
        raise _no_proof("/action", tree["action"], "the signed struct is an object")
    action = from_json(tree["action"])
    return SignatureProof(action, *_signed_of(tree, ""), _second_of(tree), _batch_of(tree, action))


def proof_bytes(proof: SignatureProof) -> bytes:
    """The RFC 8785 form."""
    return form_of(proof_to_json(proof), proof)


def proof_of_form(form: bytes) -> SignatureProof:
    """The proof that has this RFC 8785 form."""
    return proof_from_json(parse_json_object(form))


def form_of(tree: Mapping[str, Any], proof: SignatureProof) -> bytes:
    """The same, of a proof that was read from that object."""
    # Texts and small numbers under ASCII names; a second party's number may be beyond 2^53.
    return canonical(tree, plain=proof.co is None)


def signature_hash(proof: SignatureProof) -> SignatureHash:
    """SHA-256 of the RFC 8785 form, 32 bytes."""
    return hash_proof(proof_bytes(proof))


def _signed_to_json(signed: SignatureProof | CoSignature) -> JsonTree:
    return {
        "keyId": "0x" + signed.key_id.hex(),
        "scheme": int(signed.scheme),
        "signature": "0x" + signed.signature.hex(),
    }


def _second_of(tree: Mapping[str, Any]) -> CoSignature | None:
    if "co" not in tree:
        return None
    co = tree["co"]
    if not isinstance(co, Mapping) or set(co) != {"party", *_SIGNED}:
        raise _no_proof("/co", co, "a second signature has the members party, keyId, scheme, signature")
    party = co["party"]
    if type(party) is not int or not 0 < party <= UINT64_MAX:
        raise _no_proof("/co/party", party, "a party is a positive 64-bit number")
    return CoSignature(PartyId(party), *_signed_of(co, "/co"))


def _batch_of(tree: Mapping[str, Any], action: Action) -> BatchPlace | None:
    if "batch" not in tree:
        return None
    given, at = tree["batch"], "/batch"
    if not isinstance(given, Mapping) or given.keys() != _PLACED:
        raise _no_proof(at, given, "a place in a batch has the members root, count, index, path")
    root, path = _hex32(given["root"], "/batch/root"), given["path"]
    if len(root) != HASH_BYTES:
        raise _no_proof(f"{at}/root", given["root"], f"a root has {HASH_BYTES} bytes")
    count, index = given["count"], given["index"]
    if type(count) is not int or type(index) is not int:
        name = "count" if type(count) is not int else "index"
        raise _no_proof(f"{at}/{name}", given[name], "a whole number is needed")
    hashes = path_of(path) if isinstance(path, str) else None
    if hashes is None:
        raise _no_proof(f"{at}/path", path, f"a path is its hashes of {HASH_BYTES} bytes in one base64 text")
    place = BatchPlace(TreeHash(root), count, index, hashes)
    check_place(action, place, at)
    return place


def _signed_of(tree: Mapping[str, Any], at: str) -> tuple[KeyId, Scheme, bytes]:
    key, scheme = _hex32(tree["keyId"], f"{at}/keyId"), tree["scheme"]
    if len(key) != _KEY_BYTES:
        raise _no_proof(f"{at}/keyId", tree["keyId"], f"a key id has {_KEY_BYTES} bytes")
    if type(scheme) is not int or scheme not in _SCHEMES:
        raise _no_proof(f"{at}/scheme", scheme, "a scheme is 1 (secp256k1) or 2 (P-256)")
    return KeyId(key), _SCHEMES[scheme], _hex(tree["signature"], f"{at}/signature")


def _hex(value: object, at: str) -> bytes:
    if not isinstance(value, str) or not _HEX.match(value):
        raise _no_proof(at, value, "bytes are 0x and lower-case hex")
    return bytes.fromhex(value[2:])


def _hex32(value: object, at: str) -> bytes:
    """As `_hex`, of what stands in many proofs: a key, a root."""
    if isinstance(value, str) and len(value) == 2 + 2 * HASH_BYTES:
        return _remembered_hex(value, at)
    return _hex(value, at)


_remembered_hex = lru_cache(maxsize=256)(_hex)


def _no_proof(at: str, value: object, message: str) -> InvalidInput:
    return InvalidInput.one(at, "proof.form", value, message)
