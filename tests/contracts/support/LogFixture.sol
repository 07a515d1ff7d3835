// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EventLog} from "../../../contracts/EventLog.sol";
import {MerkleTree} from "./MerkleTree.sol";
import {Vm} from "./Vm.sol";

/**
 * @title An empty log with its operator, and the events that lie off chain
 * @dev Entry i is made of `contentOf(i)` and `signatureOf(i)`.
 */
abstract contract LogFixture {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address internal constant OPERATOR = address(0x0FE2A702);
    address internal constant STRANGER = address(0x57A2);
    uint256 internal constant START = 1_790_000_000;

    EventLog internal log;

    function setUp() public virtual {
        vm.warp(START);
        log = new EventLog(OPERATOR, address(0));
    }

    function contentOf(uint256 i) internal pure returns (bytes32) {
        return keccak256(abi.encode("content", i));
    }

    function signatureOf(uint256 i) internal pure returns (bytes32) {
        return keccak256(abi.encode("signature", i));
    }

    function leafOf(uint256 i) internal pure returns (bytes32) {
        return sha256(bytes.concat(hex"00", contentOf(i), signatureOf(i)));
    }

    function leaves(uint256 count) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = leafOf(i);
        }
    }

    function rootOf(uint256 size) internal pure returns (bytes32) {
        return MerkleTree.root(leaves(size), 0, size);
    }

    function proofBetween(uint256 first, uint256 second) internal pure returns (bytes32[] memory) {
        if (first == 0) return none();
        return MerkleTree.subproof(leaves(second), first, 0, second, true);
    }

    function pathOf(uint256 index, uint256 size) internal pure returns (bytes32[] memory) {
        return MerkleTree.path(leaves(size), index, 0, size);
    }

    function none() internal pure returns (bytes32[] memory) {
        return new bytes32[](0);
    }

    /// @dev Extends the log rightly, as the operator.
    function extendTo(uint256 size) internal {
        (uint64 from,,) = log.checkpoint();
        // First, since a prank ends with the next call, and sha256 is one.
        (bytes32 root, bytes32[] memory proof) = (rootOf(size), proofBetween(from, size));
        vm.prank(OPERATOR);
        log.extend(uint64(size), root, proof);
    }

    /// @dev Expects that the operator is refused with exactly this error.
    function refused(uint256 size, bytes32 root, bytes32[] memory proof, bytes memory reason) internal {
        vm.expectRevert(reason);
        vm.prank(OPERATOR);
        log.extend(uint64(size), root, proof);
    }

    function checkpointIs(uint256 size, bytes32 root, uint256 time) internal view {
        (uint64 foundSize, bytes32 foundRoot, uint64 foundTime) = log.checkpoint();
        vm.assertEq(foundSize, size, "size");
        vm.assertEq(foundRoot, root, "root");
        vm.assertEq(foundTime, time, "time");
    }
}
