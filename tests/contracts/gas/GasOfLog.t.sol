// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EventLog} from "../../../contracts/EventLog.sol";
import {IEventLog} from "../../../contracts/interfaces/IEventLog.sol";
import {LogFixture} from "../support/LogFixture.sol";
import {MerkleLogCalls} from "../support/MerkleLogCalls.sol";

/// @title A contract that relies on an event, and what asking costs it
contract Reliant {
    /// @dev Written, so that asking is a transaction of its own, with the log cold.
    uint256 public asked;

    /// @dev Gas of the call alone, with its arguments' encoding, the log cold.
    function ask(IEventLog log, bytes32 content, bytes32 signature, uint64 index, bytes32[] calldata proof)
        external
        returns (bool found, uint256 gas)
    {
        ++asked;
        gas = gasleft();
        found = log.includes(content, signature, index, proof);
        gas -= gasleft();
    }
}

/**
 * @title What a checkpoint and an inclusion check cost
 * @dev Each call is a transaction of its own with cold storage (`isolate`), so that the figures hold the 21,000, calldata
 * (its floor too, EIP-7623) and refunds. The trees are too large to be built: the proofs are random hashes, and the log is
 * first brought to the root that they begin with. Budgets are asserted here; the figures are committed in contracts/gas.
 * forge-config: default.isolate = true
 * forge-config: shipped.isolate = true
 */
contract GasOfLogTest is LogFixture {
    MerkleLogCalls private calls = new MerkleLogCalls();
    Reliant private reliant = new Reliant();

    function randomProof(uint256 length) private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](length);
        for (uint256 i = 0; i < length; ++i) {
            proof[i] = keccak256(abi.encode("proof", i));
        }
    }

    /// @dev Extends a log of `first` leaves to `second` by a proof of that many hashes; returns and notes the gas.
    function extension(string memory name, uint64 first, uint64 second, uint256 length) private returns (uint256 gas) {
        bytes32[] memory proof = randomProof(length);
        (bool complete, bytes32 firstRoot, bytes32 secondRoot) = calls.rootsOf(first, keccak256("first"), second, proof);
        vm.assertTrue(complete, "a proof of the right length");
        vm.prank(OPERATOR);
        log.extend(first, firstRoot, none());
        vm.warp(START + 2);
        vm.prank(OPERATOR);
        log.extend(second, secondRoot, proof);
        gas = vm.lastCallGas().gasTotalUsed;
        checkpointIs(second, secondRoot, START + 2);
        vm.snapshotValue("EventLog", name, gas);
    }

    /// @dev The dearest proof for 10,000 more entries among all sizes from 299,990,000 to 300,010,000.
    function test_ExtendAt300MillionUnder90000() public {
        vm.assertLt(extension("extend at 300 million", 300_007_423, 300_017_423, 23), 90_000, "extend");
    }

    /// @dev The dearest proof for 10,000 more entries, or for anything up to twice the size, among all sizes below 2^29.
    function test_TheDearestExtendBelow536MillionUnder90000() public {
        vm.assertLt(extension("extend, dearest below 2^29", 2 ** 29 - 1, 2 ** 29 + 9_999, 31), 90_000, "extend");
    }

    function test_FirstExtendUnder90000() public {
        vm.prank(OPERATOR);
        log.extend(10_000, keccak256("root"), none());
        uint256 gas = vm.lastCallGas().gasTotalUsed;
        vm.snapshotValue("EventLog", "extend, the first", gas);
        vm.assertLt(gas, 90_000, "extend");
    }

    /// @dev A leaf among 2^20, asked for by another contract.
    function test_InclusionAtDepth20Under50000() public {
        (uint64 index, bytes32[] memory proof) = (710_911, randomProof(20));
        bytes32 root = calls.leafHash(contentOf(1), signatureOf(1));
        for (uint256 i = 0; i < 20; ++i) {
            root = (index >> i) & 1 == 1
                ? sha256(bytes.concat(hex"01", proof[i], root))
                : sha256(bytes.concat(hex"01", root, proof[i]));
        }
        vm.prank(OPERATOR);
        log.extend(2 ** 20, root, none());
        (bool found, uint256 gas) = reliant.ask(log, contentOf(1), signatureOf(1), index, proof);
        vm.assertTrue(found, "included");
        vm.snapshotValue("EventLog", "inclusion at depth 20", gas);
        vm.assertLt(gas, 50_000, "the check");
    }
}
