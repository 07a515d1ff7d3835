"""One signature for many leaves: each verifies alone, by its own path, and nothing else does in its place."""

from __future__ import annotations

import json
from dataclasses import fields, replace
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
from ledger.domain.identifiers import UINT64_MAX, ContentHash
from ledger.domain.log.acknowledged_leaves import AcknowledgedLeaves, Receipts
from ledger.domain.log.acknowledgement_batches import (
    AcknowledgementBatch,
    BatchPlace,
    batch_digest,
    batch_hash,
    batch_signed_by,
)
from ledger.domain.log.acknowledgement_json import SignedAcknowledgement, acknowledgement_from_json
from ledger.domain.log.acknowledgement_json import acknowledgement_to_json as to_json
from ledger.domain.log.acknowledgements import Acknowledgement, acknowledgement_digest, log_domain
from ledger.domain.merkle import SignatureHash, TreeHash, event_leaf, root_by_inclusion, tree_root
from ledger.domain.typed_data import Domain, domain_separator

VECTOR: dict[str, Any] = json.loads((FOLDER / "acknowledgement_batch.json").read_text(encoding="utf-8"))


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


DOMAIN = log_domain(int(VECTOR["chainId"]), raw(VECTOR["contract"]))
GIVEN = AcknowledgementBatch(
    int(VECTOR["firstIndex"]),
    int(VECTOR["count"]),
    TreeHash(raw(VECTOR["root"])),
    int(VECTOR["time"]),
    int(VECTOR["mergeDeadline"]),
)
SIGNER = raw(VECTOR["signer"])
OPERATOR = signing_key(7)
HASHES = st.binary(min_size=32, max_size=32).map(TreeHash)


def receipts_of(case: dict[str, Any]) -> list[SignedAcknowledgement]:
    """What the holder of each leaf of the vector has."""
    return [
        SignedAcknowledgement(
            DOMAIN.chain_id,
            DOMAIN.contract,
            Acknowledgement(
                int(one["logIndex"]),
                ContentHash(raw(one["contentHash"])),
                TreeHash(raw(one["leafHash"])),
                int(case["time"]),
                int(case["mergeDeadline"]),
            ),
            raw(case["signature"]),
            BatchPlace(
                SignatureHash(raw(one["signatureHash"])),
                int(case["firstIndex"]),
                int(case["count"]),
                tuple(TreeHash(raw(item)) for item in one["path"]),
            ),
        )
        for one in case["leaves"]
    ]


def signed_leaves(first: int, count: int) -> tuple[AcknowledgedLeaves, list[tuple[ContentHash, SignatureHash]]]:
    """The entries of the sample log from there on, signed together."""
    entries = [(ContentHash(c), SignatureHash(s)) for c, s in map(log_entry, range(count))]
    leaves = [event_leaf(*entry) for entry in entries]
    batch = AcknowledgementBatch(first, count, tree_root(leaves), 1000, 1100)
    signature = OPERATOR.sign(batch_digest(DOMAIN, batch))
    return AcknowledgedLeaves(DOMAIN, first, leaves, 1000, 1100, signature), entries


def is_promised(receipt: SignedAcknowledgement) -> bool:
    """Whether the operator signed it."""
    try:
        return receipt.signer() == OPERATOR.address
    except InvalidInput:
        return False


# ------------------------------------------------------------------------------------------------- the struct


def test_the_vector() -> None:
    assert VECTOR["type"] == AcknowledgementBatch.TYPE
    assert domain_separator(DOMAIN) == keccak(raw(VECTOR["domainPreImage"]))
    assert batch_hash(GIVEN) == keccak(raw(VECTOR["structPreImage"]))
    assert batch_digest(DOMAIN, GIVEN) == raw(VECTOR["digest"]) == keccak(raw(VECTOR["digestPreImage"]))
    assert batch_signed_by(DOMAIN, GIVEN, raw(VECTOR["signature"])) == SIGNER == OPERATOR.address
    assert tree_root([TreeHash(raw(one["leafHash"])) for one in VECTOR["leaves"]]) == GIVEN.root


def test_each_leaf_of_the_vector_stands_alone() -> None:
    receipts = receipts_of(VECTOR)
    assert [receipt.acknowledgement.log_index for receipt in receipts] == list(range(41, 48))
    for receipt in receipts:
        assert receipt.signer() == SIGNER
        assert receipt.place is not None
        assert receipt.place.batch_of(receipt.acknowledgement) == GIVEN
        assert acknowledgement_from_json(json.loads(json.dumps(to_json(receipt)))) == receipt


def test_the_type_mirrors_the_attributes() -> None:
    names = [member.split(" ")[1] for member in AcknowledgementBatch.TYPE.partition("(")[2][:-1].split(",")]
    as_attributes = ["".join("_" + c.lower() if c.isupper() else c for c in name) for name in names]
    assert as_attributes == [field.name for field in fields(AcknowledgementBatch)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, UINT64_MAX - 1), HASHES, st.integers(0, UINT64_MAX), st.data())
def test_the_digest_is_that_of_eth_account(first: int, root: TreeHash, time: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, UINT64_MAX - first))
    deadline = data.draw(st.integers(time, UINT64_MAX))
    members = [part.split(" ") for part in AcknowledgementBatch.TYPE.partition("(")[2][:-1].split(",")]
    message = encode_typed_data(
        domain_data={
            "name": "Silkroot EventLog",
            "version": "1",
            "chainId": DOMAIN.chain_id,
            "verifyingContract": "0x" + DOMAIN.contract.hex(),
        },
        message_types={"AcknowledgementBatch": [{"type": kind, "name": name} for kind, name in members]},
        message_data={"firstIndex": first, "count": count, "root": root, "time": time, "mergeDeadline": deadline},
    )
    ours = AcknowledgementBatch(first, count, root, time, deadline)
    assert batch_digest(DOMAIN, ours) == keccak(b"\x19" + message.version + message.header + message.body)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"first_index": -1}, "eip712.uint64"),
        ({"first_index": 2**64}, "eip712.uint64"),
        ({"count": True}, "eip712.uint64"),
        ({"count": -1}, "eip712.uint64"),
        ({"root": bytes(31)}, "eip712.bytes32"),
        ({"time": 1.5}, "eip712.uint64"),
        ({"merge_deadline": 2**64}, "eip712.uint64"),
        ({"count": 0}, "log.acknowledgement"),
        ({"first_index": UINT64_MAX, "count": 1}, "log.acknowledgement"),
        ({"first_index": UINT64_MAX - 6, "count": 7}, "log.acknowledgement"),
        ({"merge_deadline": GIVEN.time - 1}, "log.acknowledgement"),
    ],
)
def test_values_that_do_not_fit_are_refused(change: dict[str, Any], rule: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        replace(GIVEN, **change)
    assert [violation.rule for violation in caught.value.violations] == [rule]


@pytest.mark.parametrize(
    "change",
    [
        {"first_index": 42},
        {"count": 8},
        {"root": TreeHash(bytes(32))},
        {"time": GIVEN.time - 1},
        {"merge_deadline": GIVEN.merge_deadline + 1},
    ],
)
def test_a_signature_is_for_one_batch(change: dict[str, Any]) -> None:
    assert batch_signed_by(DOMAIN, replace(GIVEN, **change), raw(VECTOR["signature"])) != SIGNER


@pytest.mark.parametrize(
    "domain",
    [
        log_domain(DOMAIN.chain_id + 1, DOMAIN.contract),
        log_domain(DOMAIN.chain_id, bytes(20)),
        Domain.of_ledger(DOMAIN.chain_id, DOMAIN.contract),
    ],
)
def test_a_signature_is_for_one_log(domain: Domain) -> None:
    assert batch_signed_by(domain, GIVEN, raw(VECTOR["signature"])) != SIGNER


def test_a_batch_of_one_is_no_acknowledgement_of_before() -> None:
    """Signed for the one form, it is not signed for the other, though both say the same."""
    leaves, ((content, signature_hash),) = signed_leaves(5, 1)
    receipt = leaves.receipt(5, content, signature_hash)
    assert is_promised(receipt)
    assert not is_promised(replace(receipt, place=None))
    alone = OPERATOR.sign(acknowledgement_digest(DOMAIN, receipt.acknowledgement))
    assert is_promised(replace(receipt, place=None, signature=alone))
    assert not is_promised(replace(receipt, signature=alone))


# ------------------------------------------------------------------------------------------------- one leaf of it


@settings(max_examples=60, deadline=None)
@given(st.integers(0, UINT64_MAX - 300), st.integers(1, 300))
def test_every_leaf_of_a_batch_of_any_size_stands_alone(first: int, count: int) -> None:
    leaves, entries = signed_leaves(first, count)
    known = {content: (leaves, first + at, signature) for at, (content, signature) in enumerate(entries)}
    receipts = Receipts(known)
    assert len(receipts) == count
    for at, content in enumerate(receipts):
        receipt = receipts[content]
        assert receipt == receipts[content]
        assert receipt.acknowledgement.log_index == first + at
        assert receipt.acknowledgement.content_hash == content
        assert is_promised(receipt)
        told = json.loads(json.dumps(to_json(receipt)))
        assert acknowledgement_from_json(told) == receipt
        others = [other for other in entries if other[0] != content]
        assert not [one for entry in others for one in entry if one.hex() in json.dumps(told)]


def placed(receipt: SignedAcknowledgement, **changes: Any) -> SignedAcknowledgement:
    """The same receipt with another place in its batch."""
    assert receipt.place is not None
    return replace(receipt, place=replace(receipt.place, **changes))


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 70), st.data())
def test_whatever_is_changed_is_nobodys_promise(count: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, 500))
    at = data.draw(st.integers(0, count - 1))
    leaves, entries = signed_leaves(first, count)
    receipt = leaves.receipt(first + at, *entries[at])
    assert is_promised(receipt)
    place, stated = receipt.place, receipt.acknowledgement
    assert place is not None
    longer = data.draw(st.lists(HASHES, min_size=1, max_size=3))
    other = data.draw(HASHES)
    changed = [
        placed(receipt, first_index=data.draw(st.integers(0, 600).filter(lambda n: n != first))),
        placed(receipt, count=data.draw(st.integers(0, 140).filter(lambda n: n != count))),
        placed(receipt, path=(*place.path, *longer)),
        placed(receipt, path=(*longer, *place.path)),
        placed(receipt, signature_hash=SignatureHash(other)),
        replace(receipt, acknowledgement=replace(stated, content_hash=ContentHash(other))),
        replace(receipt, acknowledgement=replace(stated, leaf_hash=other)),
        replace(receipt, acknowledgement=replace(stated, time=data.draw(st.integers(0, 999)))),
        replace(receipt, acknowledgement=replace(stated, merge_deadline=data.draw(st.integers(1101, 9999)))),
        replace(
            receipt,
            acknowledgement=replace(
                stated, log_index=data.draw(st.integers(0, 600).filter(lambda n: n != stated.log_index))
            ),
        ),
        replace(receipt, signature=bytes([receipt.signature[0] ^ 1]) + receipt.signature[1:]),
        replace(receipt, chain_id=receipt.chain_id + 1),
    ]
    if place.path:
        cut = data.draw(st.integers(0, len(place.path) - 1))
        changed += [
            placed(receipt, path=place.path[:cut]),
            placed(receipt, path=place.path[:cut] + place.path[cut + 1 :]),
            placed(receipt, path=(*place.path[:cut], other, *place.path[cut + 1 :])),
        ]
        # Another entry of the same batch, and both moved along: the leaf stays where it is.
        neighbour = (at + 1) % count
        changed.append(replace(receipt, acknowledgement=replace(stated, log_index=first + neighbour)))
        moved = placed(receipt, first_index=first + 1)
        changed.append(replace(moved, acknowledgement=replace(stated, log_index=stated.log_index + 1)))
    assert [one for one in changed if is_promised(one)] == []


def test_a_node_of_the_tree_is_no_leaf() -> None:
    """It is of no content and signature hash, and its path too short for the count, which is signed."""
    leaves, entries = signed_leaves(0, 8)
    receipt = leaves.receipt(2, *entries[2])
    assert receipt.place is not None
    node = root_by_inclusion(receipt.acknowledgement.leaf_hash, 0, receipt.place.path[:1], 2)
    assert node is not None
    assert root_by_inclusion(node, 1, receipt.place.path[1:], 8) is None
    above = replace(receipt.acknowledgement, leaf_hash=node, log_index=1)
    for count in (4, 8):
        with pytest.raises(InvalidInput, match=r"log\.acknowledgement"):
            placed(replace(receipt, acknowledgement=above), path=receipt.place.path[1:], count=count).signer()


def test_an_index_that_is_not_in_the_batch_has_no_receipt() -> None:
    leaves, entries = signed_leaves(10, 3)
    for index in (9, 13):
        with pytest.raises(InvalidInput, match=r"merkle\.index"):
            leaves.receipt(index, *entries[0])
