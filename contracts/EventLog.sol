// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IEventLog} from "./interfaces/IEventLog.sol";
import {MerkleLog} from "./libraries/MerkleLog.sol";

/**
 * @title The log of all events
 * @dev The operator is the owner of Ownable2Step: it offers the log by `transferOwnership`, and stays operator until the
 * other side calls `acceptOwnership`. A new version is a new contract that names this one and begins where it stands.
 */
contract EventLog is IEventLog, Ownable2Step {
    /// @dev Two slots.
    struct State {
        uint64 size;
        uint64 time;
        bytes32 root;
    }

    /// @inheritdoc IEventLog
    address public immutable predecessor;

    State private _latest;

    /**
     * @param operator The first operator.
     * @param from The log to go on from, at its latest checkpoint; 0 to begin with the empty tree.
     */
    constructor(address operator, address from) Ownable(operator) {
        (uint64 size, bytes32 root, uint64 time) = (0, MerkleLog.EMPTY_ROOT, uint64(block.timestamp));
        if (from != address(0)) {
            if (from.code.length == 0) revert NotALog(from);
            (size, root, time) = IEventLog(from).checkpoint();
        }
        predecessor = from;
        _latest = State({size: size, time: time, root: root});
        emit Checkpoint(size, root, size);
    }

    /// @inheritdoc IEventLog
    function extend(uint64 newSize, bytes32 newRoot, bytes32[] calldata proof) external onlyOwner {
        (uint64 size, bytes32 root) = (_latest.size, _latest.root);
        if (newSize <= size) revert SizeNotGrowing(size, newSize);
        if (size == 0) {
            if (proof.length != 0) revert WrongProofLength(size, newSize, proof.length);
        } else {
            (bool complete, bytes32 first, bytes32 second) = MerkleLog.rootsOf(size, root, newSize, proof);
            if (!complete) revert WrongProofLength(size, newSize, proof.length);
            if (first != root) revert NotAnExtension(root, first);
            if (second != newRoot) revert WrongRoot(newRoot, second);
        }
        _latest = State({size: newSize, time: uint64(block.timestamp), root: newRoot});
        emit Checkpoint(newSize, newRoot, size);
    }

    /// @inheritdoc IEventLog
    function checkpoint() external view returns (uint64 size, bytes32 root, uint64 time) {
        return (_latest.size, _latest.root, _latest.time);
    }

    /// @inheritdoc IEventLog
    function includes(bytes32 contentHash, bytes32 signatureHash, uint64 index, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        bytes32 leaf = MerkleLog.leafHash(contentHash, signatureHash);
        return MerkleLog.isIncluded(leaf, index, proof, _latest.size, _latest.root);
    }

    /// @inheritdoc IEventLog
    function includesAt(
        bytes32 contentHash,
        bytes32 signatureHash,
        uint64 index,
        bytes32[] calldata proof,
        uint64 size,
        bytes32 root
    ) external view returns (bool) {
        return MerkleLog.isIncluded(MerkleLog.leafHash(contentHash, signatureHash), index, proof, size, root);
    }

    /// @notice Refuses: the log never is without an operator.
    function renounceOwnership() public pure override {
        revert OperatorRequired();
    }
}
