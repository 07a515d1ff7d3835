"""One signature over many statements: vectors with their pre-images, every place of every size, every altered one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import event_builders as build
import pytest
from batch_vectors import DOMAIN, VECTORS_FILE, build_vectors, digest_of, statement, tree_path, tree_root
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st
from signing_keys import signing_key

from ledger.domain import batch_signatures
from ledger.domain.batch_signatures import (
    BATCH_TYPE,
    MOST,
    batch_digest,
    batch_digest_of,
    batch_leaf,
    is_among,
    is_signed,
    path_length,
    path_of,
    path_text,
    places_of,
    sign_together,
)
from ledger.domain.binding import action_of
from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import Digest, PartyId
from ledger.domain.presigned import presigned_of
from ledger.domain.presigning import carrying, presigned_together
from ledger.domain.proof_json import proof_bytes, proof_from_json, proof_to_json, signature_hash
from ledger.domain.records import Scheme, SignatureProof
from ledger.domain.signatures import verify
from ledger.domain.typed_data import digest

VECTORS: dict[str, Any] = json.loads(VECTORS_FILE.read_text(encoding="utf-8"))
KEY = signing_key(71)
SIZES = 64
DIGESTS = [Digest(hashlib.sha256(bytes([number])).digest()) for number in range(SIZES + 1)]


def named(vectors: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("vector", vectors, ids=lambda vector: vector["name"])


def signed(proof: SignatureProof) -> bool:
    return is_signed(digest(DOMAIN, proof.action), proof.key_id, proof, batch_digest_of(DOMAIN, proof))


def test_the_file_is_what_the_script_makes() -> None:
    assert json.dumps(build_vectors()) == json.dumps(VECTORS), "run tests/support/batch_vectors.py"


@named(VECTORS["batches"])
def test_what_is_hashed_and_signed(vector: dict[str, Any]) -> None:
    digests = [digest(DOMAIN, statement(number)) for number in range(vector["count"])]
    places = places_of(digests)
    assert "0x" + places[0].root.hex() == vector["root"]
    assert hashlib.sha256(bytes.fromhex(vector["rootPreImage"][2:])).digest() == places[0].root
    assert VECTORS["encodeType"] == BATCH_TYPE
    assert "0x" + keccak(BATCH_TYPE.encode()).hex() == VECTORS["typeHash"] == vector["structPreImage"][:66]
    assert "0x" + keccak(bytes.fromhex(vector["structPreImage"][2:])).hex() == vector["structHash"]
    assert "0x" + batch_digest(DOMAIN, places[0].root, vector["count"]).hex() == vector["batchDigest"]
    for event in vector["events"]:
        proof = proof_from_json(event["proof"])
        assert proof.batch is not None
        index = proof.batch.index
        assert proof.batch == places[index]
        assert event["digest"] == "0x" + digests[index].hex()
        assert event["leaf"] == "0x" + batch_leaf(digests[index]).hex()
        assert hashlib.sha256(bytes.fromhex(event["leafPreImage"][2:])).hexdigest() == event["leaf"][2:]
        assert event["path"] == ["0x" + node.hex() for node in places[index].path]
        assert signed(proof)
        assert proof_bytes(proof).decode() == event["preImage"]
        assert "0x" + signature_hash(proof).hex() == event["signatureHash"]


@named(VECTORS["refused"])
def test_what_no_batch_has_is_not_read(vector: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        proof_from_json(vector["proof"])
    (violation,) = refusal.value.violations
    assert (violation.rule, violation.field) == (vector["rule"], vector["field"])


@named(VECTORS["unsigned"])
def test_what_is_not_of_the_batch_is_not_signed(vector: dict[str, Any]) -> None:
    assert not signed(proof_from_json(vector["proof"]))


def test_every_place_of_every_size_holds_and_no_altered_one() -> None:
    for count in range(1, SIZES + 1):
        leaves = [batch_leaf(one) for one in DIGESTS[:count]]
        root = tree_root(leaves)
        for index, place in enumerate(places_of(DIGESTS[:count])):
            at = f"{index} of {count}"
            assert (place.root, place.count, place.index) == (root, count, index), at
            assert list(place.path) == tree_path(index, leaves), at
            assert len(place.path) == path_length(index, count), at
            assert is_among(DIGESTS[index], place), at
            assert not is_among(DIGESTS[index + 1], place), at
            assert not is_among(DIGESTS[index], replace(place, root=batch_leaf(DIGESTS[-1]))), at
            for other in range(count):
                assert other == index or not is_among(DIGESTS[index], replace(place, index=other)), at
            for step, node in enumerate(place.path):
                altered = (*place.path[:step], bytes([node[0] ^ 1]) + node[1:], *place.path[step + 1 :])
                assert not is_among(DIGESTS[index], replace(place, path=altered)), at
                assert not is_among(DIGESTS[index], replace(place, path=place.path[:step])), at


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=MOST), st.data())
def test_a_batch_of_any_digests_holds_each(digests: list[bytes], data: st.DataObject) -> None:
    places = places_of([Digest(one) for one in digests])
    index = data.draw(st.integers(0, len(digests) - 1))
    assert is_among(Digest(digests[index]), places[index])
    other = data.draw(st.binary(min_size=32, max_size=32))
    assert other == digests[index] or not is_among(Digest(other), places[index])


@given(st.integers(1, MOST), st.data())
def test_a_proof_is_written_and_read(count: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, count - 1))
    length = path_length(index, count)
    path = data.draw(st.lists(st.binary(min_size=32, max_size=32), min_size=length, max_size=length))
    place = replace(places_of(DIGESTS[:1])[0], count=count, index=index, path=tuple(path))
    proof = SignatureProof(statement(0), KEY.id, Scheme.SECP256K1, bytes(65), batch=place)
    assert proof_from_json(json.loads(proof_bytes(proof))) == proof
    assert path_of(path_text(place.path)) == place.path


@given(st.text(max_size=50))
def test_any_text_is_a_path_in_one_form_or_none(text: str) -> None:
    path = path_of(text)
    assert path is None or path_text(path) == text


def test_a_place_of_another_form_is_wrong_and_no_fault() -> None:
    place = places_of(DIGESTS[:3])[1]
    assert not is_among(DIGESTS[1], replace(place, index=3))
    assert not is_among(DIGESTS[1], replace(place, path=(b"short", *place.path[1:])))


def test_without_a_contract_nothing_is_signed() -> None:
    proof = proof_from_json(VECTORS["batches"][1]["events"][0]["proof"])
    assert batch_digest_of(None, proof) is None
    assert not is_signed(digest(DOMAIN, proof.action), proof.key_id, proof, None)


@pytest.mark.parametrize("count", [0, -1, MOST + 1, 2**40])
def test_a_batch_of_no_possible_size_is_signed_by_nobody(count: int) -> None:
    proof = proof_from_json(VECTORS["batches"][1]["events"][0]["proof"])
    assert proof.batch is not None
    other = replace(proof, batch=replace(proof.batch, count=count))
    assert batch_digest_of(DOMAIN, other) is None
    assert not signed(other)


def test_a_batch_costs_one_check_of_a_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[bytes] = []

    def counting(signed: Digest, *more: Any) -> bool:
        checked.append(signed)
        return verify(signed, *more)

    monkeypatch.setattr(batch_signatures, "_verify_once", batch_signatures.lru_cache(maxsize=8)(counting))
    proofs = sign_together([statement(number) for number in range(50)], DOMAIN, KEY.id, KEY.scheme, KEY.sign)
    assert all(signed(proof) for proof in proofs)
    assert len(checked) == 1
    assert not signed(replace(proofs[0], signature=bytes(65)))
    assert len(checked) == 2
    assert not signed(replace(proofs[0], signature=bytes(100_000)))
    assert len(checked) == 2, "nothing long is kept"


# ------------------------------------------------------------------------------------------------------------ signing


def test_a_batch_too_large_or_empty_is_not_signed() -> None:
    for count in (0, MOST + 1):
        with pytest.raises(InvalidInput, match=r"batch\.count"):
            sign_together([statement(0)] * count, DOMAIN, KEY.id, KEY.scheme, KEY.sign)
        with pytest.raises(InvalidInput, match=r"batch\.count"):
            places_of(DIGESTS[:1] * count)
        with pytest.raises(InvalidInput, match=r"batch\.count"):
            batch_digest(DOMAIN, places_of(DIGESTS[:1])[0].root, count)


def test_only_statements_are_signed_together() -> None:
    actions = [statement(0), action_of(build.harvest(), 1_786_500_000)]
    with pytest.raises(InvalidInput, match=r"/1: .*batch\.action"):
        sign_together(actions, DOMAIN, KEY.id, KEY.scheme, KEY.sign)


def test_statements_of_several_parties_are_not_signed_together() -> None:
    other = replace(statement(1), party=PartyId(9520001000096))
    with pytest.raises(InvalidInput, match=r"/1: .*batch\.party"):
        sign_together([statement(0), other], DOMAIN, KEY.id, KEY.scheme, KEY.sign)


def test_events_carry_their_proofs_a_thousand_under_one_signature() -> None:
    event = build.inspection()
    events = [event | {"silkroot:remark": str(number)} for number in range(MOST + 2)]
    sent = list(presigned_together(events, 1_786_500_000, DOMAIN, KEY.id, KEY.scheme, KEY.sign))
    found = [presigned_of(one) for one in sent]
    assert [one.event for one in found if one is not None] == events
    places = [one.proof.batch for one in found if one is not None]
    assert [place.count for place in places if place is not None] == [MOST] * MOST + [2, 2]
    assert all(one is not None and signed(one.proof) for one in found)
    assert len({one.proof.signature for one in found if one is not None}) == 2
    assert "silkroot:proof" not in events[0]


def test_the_proof_stands_under_the_prefix_of_the_party() -> None:
    event = build.inspection()
    context = [*event["@context"], {"sr": "https://silkroot.example/epcis/"}]
    other = {name.replace("silkroot:", "sr:"): value for name, value in event.items()} | {"@context": context}
    (sent,) = presigned_together([other], 1_786_500_000, DOMAIN, KEY.id, KEY.scheme, KEY.sign)
    assert set(sent) - set(other) == {"sr:proof"}
    given_back = presigned_of(sent)
    assert given_back is not None
    assert sent["sr:proof"] == proof_to_json(given_back.proof)


def test_an_event_without_its_party_is_not_signed() -> None:
    event = build.inspection()
    proofs = sign_together([statement(0)], DOMAIN, KEY.id, KEY.scheme, KEY.sign)
    with pytest.raises(InvalidInput, match=r"proof\.missing"):
        carrying({name: value for name, value in event.items() if name != "silkroot:party"}, proofs[0])


def test_digests_are_those_of_eth_account() -> None:
    assert digest(DOMAIN, statement(7)) == digest_of(statement(7))
