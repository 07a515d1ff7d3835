// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {MerkleLog} from "../../../contracts/libraries/MerkleLog.sol";

/// @title The library's functions as calls, since they take proofs from calldata
contract MerkleLogCalls {
    function leafHash(bytes32 contentHash, bytes32 signatureHash) external pure returns (bytes32) {
        return MerkleLog.leafHash(contentHash, signatureHash);
    }

    function isIncluded(bytes32 leaf, uint64 index, bytes32[] calldata proof, uint64 size, bytes32 root)
        external
        view
        returns (bool)
    {
        return MerkleLog.isIncluded(leaf, index, proof, size, root);
    }

    function rootsOf(uint64 first, bytes32 firstRoot, uint64 second, bytes32[] calldata proof)
        external
        view
        returns (bool complete, bytes32 fr, bytes32 sr)
    {
        return MerkleLog.rootsOf(first, firstRoot, second, proof);
    }

    function isConsistent(uint64 first, bytes32 firstRoot, uint64 second, bytes32 secondRoot, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        (bool complete, bytes32 fr, bytes32 sr) = MerkleLog.rootsOf(first, firstRoot, second, proof);
        return complete && fr == firstRoot && sr == secondRoot;
    }
}
