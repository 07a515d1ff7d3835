// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/**
 * @title Proofs of an append-only Merkle tree: RFC 9162, section 2.1 (the tree of RFC 6962), over SHA-256
 * @dev Leaves and nodes are hashed behind different first bytes, so that no node passes for a leaf. Both algorithms are
 * the RFC's, step by step. They end by themselves after at most 64 hashes of a proof, however long it is.
 * `ledger/domain/merkle.py` does the same in Python; `tests/vectors/merkle.json` holds for both.
 */
library MerkleLog {
    /// @dev The root of the empty tree: SHA-256 of nothing.
    bytes32 internal constant EMPTY_ROOT = 0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855;

    /// @dev The leaf of an event: its content hash and the SHA-256 of its signature proof, 64 bytes.
    function leafHash(bytes32 contentHash, bytes32 signatureHash) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), contentHash, signatureHash));
    }

    /**
     * @dev An inner node: SHA-256 of 0x01 and both hashes, 65 bytes, in memory that is not kept. Straight to the precompile,
     * since `sha256(abi.encodePacked(...))` costs 327 gas more a hash; see ADR 60.
     */
    function nodeHash(bytes32 left, bytes32 right) internal view returns (bytes32 hash) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore8(free, 0x01)
            mstore(add(free, 1), left)
            mstore(add(free, 33), right)
            // Arguments are evaluated from the right: first the call, then how much it returned.
            if iszero(and(eq(returndatasize(), 32), staticcall(gas(), 0x02, free, 65, 0x00, 32))) {
                revert(0, 0)
            }
            hash := mload(0x00)
        }
    }

    /**
     * @dev Section 2.1.3.2: whether the leaf is at that index under that root of a tree of that size.
     */
    function isIncluded(bytes32 leaf, uint64 index, bytes32[] calldata proof, uint64 size, bytes32 root)
        internal
        view
        returns (bool)
    {
        if (index >= size) return false;
        (uint64 fn, uint64 sn) = (index, size - 1);
        bytes32 r = leaf;
        for (uint256 i = 0; i < proof.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                r = nodeHash(proof[i], r);
                while (fn & 1 == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            } else {
                r = nodeHash(r, proof[i]);
            }
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        return sn == 0 && r == root;
    }

    /**
     * @dev Section 2.1.4.2: the roots of the trees of both sizes that the proof leads to. The trees are consistent when
     * the first is the root of the first tree, and the second that of the second.
     * @param first Size of the first tree, greater than 0.
     * @param firstRoot Its root; begins the proof where `first` is a power of 2.
     * @param second Size of the second tree, greater than the first.
     * @return complete Whether the proof has as many hashes as one between these sizes; if not, the roots mean nothing.
     */
    function rootsOf(uint64 first, bytes32 firstRoot, uint64 second, bytes32[] calldata proof)
        internal
        view
        returns (bool complete, bytes32 fr, bytes32 sr)
    {
        uint256 next = first & (first - 1) == 0 ? 0 : 1;
        if (proof.length < next) return (false, 0, 0);
        (uint64 fn, uint64 sn) = (first - 1, second - 1);
        while (fn & 1 == 1) (fn, sn) = (fn >> 1, sn >> 1);
        fr = next == 0 ? firstRoot : proof[0];
        sr = fr;
        for (uint256 i = next; i < proof.length; ++i) {
            if (sn == 0) return (false, 0, 0);
            bytes32 c = proof[i];
            if (fn & 1 == 1 || fn == sn) {
                fr = nodeHash(c, fr);
                sr = nodeHash(c, sr);
                while (fn & 1 == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            } else {
                sr = nodeHash(sr, c);
            }
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        complete = sn == 0;
    }
}
