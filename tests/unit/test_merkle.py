"""The event log's tree: the reference trees, every size up to 300, altered proofs, and an implementation not ours."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from merkle_vectors import REFERENCE_INPUTS, VECTORS_FILE, build_vectors, log_entry
from pymerkle import InmemoryTree

from ledger.domain.errors import InvalidInput
from ledger.domain.identifiers import ContentHash
from ledger.domain.merkle import (
    EMPTY_ROOT,
    PerfectSubtrees,
    SignatureHash,
    TreeHash,
    consistency_proof,
    event_leaf,
    hash_leaf,
    hash_node,
    hash_row,
    inclusion_proof,
    root_of,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

VECTORS: dict[str, Any] = json.loads(VECTORS_FILE.read_text(encoding="utf-8"))
# The roots that implementations of RFC 6962 test with, over the first 1 to 8 of REFERENCE_INPUTS.
REFERENCE_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
# The consistency proofs that they test with, over the same inputs.
REFERENCE_PROOFS = {
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
MOST = 300
DATA = [b"".join(log_entry(index)) for index in range(MOST)]
LEAVES = [hash_leaf(data) for data in DATA]
TREE = PerfectSubtrees.of(LEAVES)
ROOTS = [root_of(size, TREE.node) for size in range(MOST + 1)]
OTHER = TreeHash(hashlib.sha256(b"other").digest())
Proof = tuple[TreeHash, ...]


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def hashes(case: dict[str, Any]) -> Proof:
    return tuple(TreeHash(raw(item)) for item in case["proof"])


def altered(proof: Proof) -> Iterator[Proof]:
    """One hash changed, left out, doubled or added, at every place; neighbours swapped."""
    for at in range(len(proof) + 1):
        yield (*proof[:at], OTHER, *proof[at:])
    for at in range(len(proof)):
        yield (*proof[:at], OTHER, *proof[at + 1 :])
        yield (*proof[:at], *proof[at + 1 :])
        yield (*proof[:at], proof[at], *proof[at:])
    for at in range(len(proof) - 1):
        yield (*proof[:at], proof[at + 1], proof[at], *proof[at + 2 :])


# ---------------------------------------------------------------------------------------------------- vectors


def test_the_committed_vectors_are_those_of_the_script() -> None:
    assert build_vectors() == VECTORS, "run tests/support/merkle_vectors.py"


@pytest.mark.parametrize("case", VECTORS["reference"], ids=lambda case: case["size"])
def test_reference_tree(case: dict[str, Any]) -> None:
    inputs = [raw(data) for data in case["inputs"]]
    assert inputs == list(REFERENCE_INPUTS[: int(case["size"])])
    root = tree_root([hash_leaf(data) for data in inputs])
    assert root == raw(case["root"]) == hashlib.sha256(raw(case["rootPreImage"])).digest()
    assert root.hex() == (REFERENCE_ROOTS[len(inputs) - 1] if inputs else VECTORS["emptyRoot"].removeprefix("0x"))


@pytest.mark.parametrize("sizes", REFERENCE_PROOFS)
def test_reference_consistency_proof(sizes: tuple[int, int]) -> None:
    tree = PerfectSubtrees.of([hash_leaf(data) for data in REFERENCE_INPUTS])
    proof = consistency_proof(*sizes, tree.node)
    assert tuple(item.hex() for item in proof) == REFERENCE_PROOFS[sizes]


def test_the_vectors_hold() -> None:
    for case in VECTORS["consistency"]:
        roots = TreeHash(raw(case["firstRoot"])), TreeHash(raw(case["secondRoot"]))
        found = verify_consistency(int(case["first"]), roots[0], int(case["second"]), roots[1], hashes(case))
        assert found is case["valid"], case
    for case in VECTORS["inclusion"]:
        leaf = event_leaf(ContentHash(raw(case["contentHash"])), SignatureHash(raw(case["signatureHash"])))
        root = TreeHash(raw(case["root"]))
        assert verify_inclusion(leaf, int(case["index"]), hashes(case), int(case["size"]), root) is case["valid"], case


def test_proofs_are_those_of_the_vectors() -> None:
    sizes = [int(case["second"]) for case in VECTORS["consistency"]] + [
        int(case["size"]) for case in VECTORS["inclusion"]
    ]
    built = max(size for size in sizes if size < 6_000)
    tree = PerfectSubtrees.of([hash_leaf(b"".join(log_entry(index))) for index in range(built)])
    compared = 0
    for case in VECTORS["consistency"]:
        if case["valid"] and int(case["second"]) <= built:
            assert consistency_proof(int(case["first"]), int(case["second"]), tree.node) == hashes(case)
            assert root_of(int(case["second"]), tree.node) == raw(case["secondRoot"])
            compared += 1
    for case in VECTORS["inclusion"]:
        if case["valid"] and int(case["size"]) <= built:
            assert inclusion_proof(int(case["index"]), int(case["size"]), tree.node) == hashes(case)
            compared += 1
    assert compared > 100


# ---------------------------------------------------------------------------------------------- every small size


def test_every_inclusion_proof_up_to_300_leaves_verifies_and_for_no_other_leaf_or_place() -> None:
    for size in range(1, MOST + 1):
        for index in range(size):
            proof = inclusion_proof(index, size, TREE.node)
            assert verify_inclusion(LEAVES[index], index, proof, size, ROOTS[size])
            assert not verify_inclusion(OTHER, index, proof, size, ROOTS[size])
            assert not verify_inclusion(LEAVES[index], index, proof, size, ROOTS[size - 1])
            assert not verify_inclusion(LEAVES[index], (index + 1) % (size + 1), proof, size, ROOTS[size])


def test_every_consistency_proof_up_to_300_leaves_verifies_and_for_no_other_roots() -> None:
    for second in range(MOST + 1):
        for first in range(second + 1):
            proof = consistency_proof(first, second, TREE.node)
            assert verify_consistency(first, ROOTS[first], second, ROOTS[second], proof)
            assert not verify_consistency(first, OTHER, second, ROOTS[second], proof)
            # Whatever it is, it begins with nothing.
            assert verify_consistency(first, ROOTS[first], second, OTHER, proof) is (first == 0 < second)


@pytest.mark.parametrize("step", range(7))
def test_no_altered_proof_verifies(step: int) -> None:
    """All proofs up to 60 leaves; 20 proofs of each kind at every size up to 300."""
    rng = random.Random(step)
    for second in range(1 + step, MOST + 1, 7):
        for first in range(1, second) if second <= 60 else rng.sample(range(1, second), 20):
            for proof in altered(consistency_proof(first, second, TREE.node)):
                assert not verify_consistency(first, ROOTS[first], second, ROOTS[second], proof)
        for index in range(second) if second <= 60 else rng.sample(range(second), 20):
            for proof in altered(inclusion_proof(index, second, TREE.node)):
                assert not verify_inclusion(LEAVES[index], index, proof, second, ROOTS[second])


@given(st.integers(1, MOST), st.data())
def test_a_tree_with_one_leaf_changed_is_no_extension(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    changed = data.draw(st.integers(0, first - 1))
    forked = PerfectSubtrees.of([*LEAVES[:changed], OTHER, *LEAVES[changed + 1 : second]])
    root = root_of(second, forked.node)
    for proof in (consistency_proof(first, second, forked.node), consistency_proof(first, second, TREE.node)):
        assert not verify_consistency(first, ROOTS[first], second, root, proof)


def test_hashes_of_another_length_are_no_proof() -> None:
    proof = inclusion_proof(2, 5, TREE.node)
    cut = (*proof[:-1], TreeHash(proof[-1][:31]))
    assert not verify_inclusion(LEAVES[2], 2, cut, 5, hash_node(hash_node(ROOTS[2], ROOTS[2]), cut[-1]))
    assert not verify_consistency(3, TreeHash(b""), 3, TreeHash(b""), ())


@pytest.mark.parametrize("size", range(1, 20))
def test_a_proof_that_is_too_long_verifies_not_even_under_roots_that_fit_it(size: int) -> None:
    """Made so that hashing on beyond the top of the tree would come to the roots."""
    path = (*inclusion_proof(size - 1, size, TREE.node), OTHER)
    proof = (*consistency_proof(size, size + 1, TREE.node), OTHER)
    for above in (lambda root: hash_node(OTHER, root), lambda root: hash_node(root, OTHER)):
        assert not verify_inclusion(LEAVES[size - 1], size - 1, path, size, above(ROOTS[size]))
        assert not verify_consistency(size, above(ROOTS[size]), size + 1, above(ROOTS[size + 1]), proof)


def test_a_node_does_not_pass_for_a_leaf() -> None:
    """Without the prefixes the 64 bytes under a node would be an entry of the log."""
    children = LEAVES[0] + LEAVES[1]
    assert hash_leaf(children) != hash_node(LEAVES[0], LEAVES[1]) == ROOTS[2]
    assert not verify_inclusion(hash_leaf(children), 0, (), 1, ROOTS[2])
    assert hash_leaf(children).hex() == hashlib.sha256(b"\x00" + children).hexdigest()


@given(st.lists(st.binary(min_size=32, max_size=32).map(TreeHash), max_size=9))
def test_a_row_over_hashes_is_a_node_over_each_two(row: list[TreeHash]) -> None:
    over = [hash_node(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
    assert hash_row(b"".join(row)) == b"".join(over)


def test_equal_and_empty_trees() -> None:
    assert tree_root([]) == EMPTY_ROOT == hashlib.sha256(b"").digest()
    assert verify_consistency(5, ROOTS[5], 5, ROOTS[5], ())
    assert not verify_consistency(5, ROOTS[5], 5, ROOTS[5], (OTHER,))
    assert not verify_consistency(0, OTHER, 0, OTHER, ())
    assert not verify_consistency(0, OTHER, 5, ROOTS[5], ())
    assert not verify_consistency(0, EMPTY_ROOT, 5, ROOTS[5], (OTHER,))
    assert not verify_inclusion(LEAVES[0], 0, (), 0, EMPTY_ROOT)


@pytest.mark.parametrize(("first", "second"), [(-1, 5), (6, 5), (1, 2**64)])
def test_sizes_that_are_none_verify_nothing(first: int, second: int) -> None:
    assert not verify_consistency(first, OTHER, second, OTHER, ())
    assert not verify_inclusion(OTHER, first, (), second, OTHER)


# ---------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("ask", "rule"),
    [
        (lambda: inclusion_proof(5, 5, TREE.node), "merkle.index"),
        (lambda: inclusion_proof(-1, 5, TREE.node), "merkle.index"),
        (lambda: inclusion_proof(0, 0, TREE.node), "merkle.size"),
        (lambda: inclusion_proof(0, MOST + 1, TREE.node), "merkle.size"),
        (lambda: consistency_proof(6, 5, TREE.node), "merkle.size"),
        (lambda: consistency_proof(-1, 5, TREE.node), "merkle.size"),
        (lambda: consistency_proof(5, MOST + 1, TREE.node), "merkle.size"),
        (lambda: consistency_proof(0, -1, TREE.node), "merkle.size"),
        (lambda: root_of(MOST + 1, TREE.node), "merkle.size"),
        (lambda: root_of(-1, TREE.node), "merkle.size"),
        (lambda: root_of(2**64, TREE.node), "merkle.size"),
        (lambda: TREE.node(0, -1), "merkle.size"),
        (lambda: TREE.node(-1, 0), "merkle.size"),
        (lambda: event_leaf(ContentHash(bytes(31)), SignatureHash(bytes(32))), "merkle.hash"),
        (lambda: event_leaf(ContentHash(bytes(32)), SignatureHash(bytes(33))), "merkle.hash"),
    ],
)
def test_what_does_not_exist_is_refused(ask: Callable[[], object], rule: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ask()
    assert [violation.rule for violation in refusal.value.violations] == [rule]


# --------------------------------------------------------------------------------- an implementation not ours


@pytest.fixture(scope="module")
def oracle() -> InmemoryTree:
    """
    pymerkle's tree over the same leaves. It counts leaves from 1, and its inclusion path begins with the leaf itself.
    Its consistency paths have a form of their own; for those see the reference proofs above and the vectors.
    """
    tree = InmemoryTree(algorithm="sha256")
    for data in DATA:
        tree.append_entry(data)
    return tree


def test_roots_and_inclusion_proofs_are_pymerkles(oracle: InmemoryTree) -> None:
    for size in range(MOST + 1):
        assert oracle.get_root(size) == ROOTS[size]
    for size in range(1, MOST + 1):
        for index in range(0, size, 1 + size // 20):
            leaf, *path = oracle.prove_inclusion(index + 1, size).path
            assert (leaf, tuple(path)) == (LEAVES[index], inclusion_proof(index, size, TREE.node))
