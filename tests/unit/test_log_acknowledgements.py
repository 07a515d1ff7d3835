"""What the log's operator signs for an event that it takes in, and when that promise is kept or broken."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st
from log_vectors import FOLDER
from merkle_vectors import log_entry
from signing_keys import signing_key

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import UINT64_MAX, ContentHash, Digest
from ledger.domain.log.acknowledgements import (
    Acknowledgement,
    Anchor,
    Inclusion,
    Reason,
    Standing,
    acknowledged_by,
    acknowledgement_digest,
    acknowledgement_hash,
    breach_of,
    contradict,
    log_domain,
)
from ledger.domain.log.proofs import prove_inclusion, root_at
from ledger.domain.log.tiles import Entry
from ledger.domain.merkle import PerfectSubtrees, SignatureHash, TreeHash
from ledger.domain.typed_data import Domain, domain_separator

VECTOR: dict[str, Any] = json.loads((FOLDER / "acknowledgement.json").read_text(encoding="utf-8"))


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


DOMAIN = log_domain(int(VECTOR["chainId"]), raw(VECTOR["contract"]))
GIVEN = Acknowledgement(
    int(VECTOR["logIndex"]),
    ContentHash(raw(VECTOR["contentHash"])),
    TreeHash(raw(VECTOR["leafHash"])),
    int(VECTOR["time"]),
    int(VECTOR["mergeDeadline"]),
)
SIGNATURE = raw(VECTOR["signature"])
ENTRIES = [Entry(ContentHash(c), SignatureHash(s)) for c, s in map(log_entry, range(100))]
TREE = PerfectSubtrees.of([entry.leaf for entry in ENTRIES])
OTHER = TreeHash(sha256(b"other").digest())
IN_TIME = Anchor(50, root_at(50, TREE), 40, GIVEN.merge_deadline)
SHOWN = Inclusion(GIVEN.leaf_hash, prove_inclusion(41, 50, TREE))
HASHES = st.binary(min_size=32, max_size=32)


def refused(rule: str, call: Any, *arguments: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        call(*arguments)
    assert [violation.rule for violation in caught.value.violations] == [rule], arguments


# ----------------------------------------------------------------------------------------------------- digest


def test_the_vector() -> None:
    assert VECTOR["type"] == Acknowledgement.TYPE
    assert domain_separator(DOMAIN) == keccak(raw(VECTOR["domainPreImage"]))
    assert acknowledgement_hash(GIVEN) == keccak(raw(VECTOR["structPreImage"]))
    digest = acknowledgement_digest(DOMAIN, GIVEN)
    assert digest == raw(VECTOR["digest"]) == keccak(raw(VECTOR["digestPreImage"]))
    assert acknowledged_by(DOMAIN, GIVEN, SIGNATURE) == raw(VECTOR["signer"])


def test_the_type_mirrors_the_attributes() -> None:
    names = [member.split(" ")[1] for member in Acknowledgement.TYPE.partition("(")[2][:-1].split(",")]
    as_attributes = ["".join("_" + c.lower() if c.isupper() else c for c in name) for name in names]
    assert as_attributes == [field.name for field in fields(Acknowledgement)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, UINT64_MAX), HASHES, HASHES, st.integers(0, UINT64_MAX), st.data())
def test_the_digest_is_that_of_eth_account(
    index: int, content: bytes, leaf: bytes, time: int, data: st.DataObject
) -> None:
    deadline = data.draw(st.integers(time, UINT64_MAX))
    members = [part.split(" ") for part in Acknowledgement.TYPE.partition("(")[2][:-1].split(",")]
    message = encode_typed_data(
        domain_data={
            "name": "Silkroot EventLog",
            "version": "1",
            "chainId": DOMAIN.chain_id,
            "verifyingContract": "0x" + DOMAIN.contract.hex(),
        },
        message_types={"Acknowledgement": [{"type": kind, "name": name} for kind, name in members]},
        message_data={
            "logIndex": index,
            "contentHash": content,
            "leafHash": leaf,
            "time": time,
            "mergeDeadline": deadline,
        },
    )
    ours = Acknowledgement(index, ContentHash(content), TreeHash(leaf), time, deadline)
    assert acknowledgement_digest(DOMAIN, ours) == keccak(b"\x19" + message.version + message.header + message.body)


@pytest.mark.parametrize(
    "change",
    [
        {"log_index": 42},
        {"content_hash": OTHER},
        {"leaf_hash": OTHER},
        {"time": GIVEN.time - 1},
        {"merge_deadline": GIVEN.merge_deadline + 1},
    ],
)
def test_a_signature_is_for_one_acknowledgement(change: dict[str, Any]) -> None:
    assert acknowledged_by(DOMAIN, replace(GIVEN, **change), SIGNATURE) != raw(VECTOR["signer"])


@pytest.mark.parametrize(
    "domain",
    [
        log_domain(DOMAIN.chain_id + 1, DOMAIN.contract),
        log_domain(DOMAIN.chain_id, bytes(20)),
        Domain.of_ledger(DOMAIN.chain_id, DOMAIN.contract),
        Domain.of_registry(DOMAIN.chain_id, DOMAIN.contract),
    ],
)
def test_a_signature_is_for_one_log(domain: Domain) -> None:
    assert acknowledged_by(domain, GIVEN, SIGNATURE) != raw(VECTOR["signer"])


def test_signatures_in_another_form_are_refused() -> None:
    refused("signature.length", acknowledged_by, DOMAIN, GIVEN, SIGNATURE[:-1])
    refused("signature.v", acknowledged_by, DOMAIN, GIVEN, SIGNATURE[:-1] + b"\x00")
    assert acknowledged_by(DOMAIN, GIVEN, signing_key(8).sign(Digest(raw(VECTOR["digest"])))) != raw(VECTOR["signer"])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"log_index": -1}, "eip712.uint64"),
        ({"log_index": 2**64}, "eip712.uint64"),
        ({"log_index": True}, "eip712.uint64"),
        ({"content_hash": bytes(31)}, "eip712.bytes32"),
        ({"leaf_hash": bytes(33)}, "eip712.bytes32"),
        ({"time": 1.5}, "eip712.uint64"),
        ({"time": -1}, "eip712.uint64"),
        ({"merge_deadline": 2**64}, "eip712.uint64"),
        ({"merge_deadline": GIVEN.time - 1}, "log.acknowledgement"),
    ],
)
def test_values_that_do_not_fit_are_refused(change: dict[str, Any], rule: str) -> None:
    refused(rule, lambda: replace(GIVEN, **change))


def test_it_is_of_one_event_and_one_signature() -> None:
    content, signature = GIVEN.content_hash, SignatureHash(raw(VECTOR["signatureHash"]))
    assert GIVEN.is_of(content, signature)
    assert not GIVEN.is_of(ContentHash(bytes(32)), signature)
    assert not GIVEN.is_of(content, SignatureHash(bytes(32)))
    assert not replace(GIVEN, content_hash=ContentHash(bytes(32))).is_of(ContentHash(bytes(32)), signature)


# --------------------------------------------------------------------------------------------- kept or broken


def judged(*arguments: Any) -> tuple[Standing, Reason]:
    found = breach_of(GIVEN, *arguments)
    return found.standing, found.reason


def test_kept() -> None:
    assert judged(IN_TIME, IN_TIME.time, SHOWN) == (Standing.KEPT, Reason.INCLUDED)
    assert judged(IN_TIME, GIVEN.merge_deadline + 10**6, SHOWN) == (Standing.KEPT, Reason.INCLUDED)


def test_not_covered_is_broken_only_behind_the_deadline() -> None:
    assert judged(None, GIVEN.merge_deadline) == (Standing.NOT_DUE, Reason.BEFORE_DEADLINE)
    assert judged(None, GIVEN.merge_deadline + 1) == (Standing.BROKEN, Reason.NOT_COVERED)
    assert judged(None, GIVEN.merge_deadline + 1, SHOWN) == (Standing.BROKEN, Reason.NOT_COVERED)


def test_a_checkpoint_behind_the_deadline_is_too_late_with_the_leaf_in_it_too() -> None:
    late = replace(IN_TIME, time=GIVEN.merge_deadline + 1)
    assert judged(late, late.time, SHOWN) == judged(late, late.time) == (Standing.BROKEN, Reason.LATE)


def test_another_leaf_at_the_index_is_broken() -> None:
    leaves = [*(entry.leaf for entry in ENTRIES[:41]), OTHER, *(entry.leaf for entry in ENTRIES[42:50])]
    tree = PerfectSubtrees.of(leaves)
    forked = replace(IN_TIME, root=root_at(50, tree))
    shown = Inclusion(OTHER, prove_inclusion(41, 50, tree))
    assert judged(forked, forked.time, shown) == (Standing.BROKEN, Reason.OTHER_LEAF)


def test_a_wrong_proof_proves_neither() -> None:
    proof = SHOWN.proof
    assert replace(proof, size=49).holds(GIVEN.leaf_hash, IN_TIME.root)
    for inclusion in [
        None,
        Inclusion(OTHER, proof),
        Inclusion(GIVEN.leaf_hash, replace(proof, hashes=proof.hashes[:-1])),
        Inclusion(GIVEN.leaf_hash, replace(proof, hashes=(OTHER, *proof.hashes[1:]))),
        Inclusion(GIVEN.leaf_hash, prove_inclusion(41, 51, TREE)),
        Inclusion(GIVEN.leaf_hash, replace(proof, size=49)),  # of the same form as one for 50
        Inclusion(ENTRIES[42].leaf, prove_inclusion(42, 50, TREE)),
    ]:
        assert judged(IN_TIME, IN_TIME.time, inclusion) == (Standing.NOT_SHOWN, Reason.NO_PROOF)
    other_root = replace(IN_TIME, root=OTHER)
    assert judged(other_root, other_root.time, SHOWN) == (Standing.NOT_SHOWN, Reason.NO_PROOF)


@pytest.mark.parametrize(("previous", "size"), [(42, 50), (0, 41), (41, 41)])
def test_a_checkpoint_that_is_not_the_first_over_the_index_is_refused(previous: int, size: int) -> None:
    anchor = Anchor(size, root_at(size, TREE), previous, GIVEN.merge_deadline + 5)
    refused("log.acknowledgement", breach_of, GIVEN, anchor, anchor.time)


def test_the_edges_of_a_checkpoint_that_covers_the_index() -> None:
    for previous, size in [(41, 42), (0, 42), (41, 100)]:
        anchor = Anchor(size, root_at(size, TREE), previous, GIVEN.time)
        assert judged(anchor, anchor.time, Inclusion(GIVEN.leaf_hash, prove_inclusion(41, size, TREE)))[0] == "kept"


@given(
    st.integers(0, 99),
    st.integers(-100, 100),
    st.integers(-100, 100),
    st.booleans(),
    st.booleans(),
    st.data(),
)
def test_broken_is_said_only_where_it_is(
    index: int, late: int, now: int, honest: bool, shown: bool, data: st.DataObject
) -> None:
    """In time and with the leaf promised, no evidence whatever makes it broken."""
    leaf = ENTRIES[index].leaf
    promise = Acknowledgement(index, ENTRIES[index].content_hash, leaf if honest else OTHER, 1000, 1100)
    size = data.draw(st.integers(index + 1, 100))
    anchor = Anchor(size, root_at(size, TREE), data.draw(st.integers(0, index)), 1100 + late)
    claimed = data.draw(st.sampled_from([leaf, OTHER]))
    inclusion = Inclusion(claimed, prove_inclusion(index, size, TREE)) if shown else None
    standing = breach_of(promise, anchor, 1100 + now, inclusion).standing
    proven = shown and claimed == leaf
    if late > 0:
        assert standing is Standing.BROKEN
    elif not proven:
        assert standing is Standing.NOT_SHOWN
    else:
        assert standing is (Standing.KEPT if honest else Standing.BROKEN)


def test_two_promises_of_one_place_contradict() -> None:
    assert contradict(GIVEN, replace(GIVEN, leaf_hash=OTHER))
    assert not contradict(GIVEN, replace(GIVEN, merge_deadline=GIVEN.merge_deadline + 1))
    assert not contradict(GIVEN, replace(GIVEN, log_index=42, leaf_hash=OTHER))
