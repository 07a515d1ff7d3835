// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EventLog} from "../../contracts/EventLog.sol";
import {MerkleLog} from "../../contracts/libraries/MerkleLog.sol";
import {LogFixture} from "./support/LogFixture.sol";
import {MerkleLogCalls} from "./support/MerkleLogCalls.sol";
import {MerkleTree} from "./support/MerkleTree.sol";

/**
 * @title The vectors that Python holds to as well: tests/vectors/merkle.json
 * @dev Right proofs and altered ones, of small trees, random ones and such of up to 2^64 - 1 leaves.
 */
contract MerkleVectorsTest is LogFixture {
    struct Extension {
        uint64 first;
        bytes32 firstRoot;
        uint64 second;
        bytes32 secondRoot;
        bytes32[] proof;
        bool valid;
    }

    struct Place {
        bytes32 contentHash;
        bytes32 signatureHash;
        uint64 index;
        uint64 size;
        bytes32 root;
        bytes32[] proof;
        bool valid;
    }

    struct Root {
        bytes32 root;
    }

    string private constant FILE = "tests/vectors/merkle.json";
    /// @dev The names of the cases are for people.
    string private constant EXTENSION =
        "Extension(uint64 first,bytes32 firstRoot,uint64 second,bytes32 secondRoot,bytes32[] proof,bool valid)";
    string private constant PLACE =
        "Place(bytes32 contentHash,bytes32 signatureHash,uint64 index,uint64 size,bytes32 root,bytes32[] proof,bool valid)";

    MerkleLogCalls private calls = new MerkleLogCalls();

    /// @dev The contract takes exactly the right ones.
    function test_ExtensionsOfTheVectors() public {
        Extension[] memory cases =
            abi.decode(vm.parseJsonTypeArray(vm.readFile(FILE), ".consistency", EXTENSION), (Extension[]));
        vm.assertGt(cases.length, 100, "cases");
        uint256 right = 0;
        for (uint256 i = 0; i < cases.length; ++i) {
            Extension memory c = cases[i];
            bool found = calls.isConsistent(c.first, c.firstRoot, c.second, c.secondRoot, c.proof);
            vm.assertTrue(found == c.valid, string.concat("case ", vm.toString(i)));
            log = new EventLog(OPERATOR, address(0));
            vm.prank(OPERATOR);
            log.extend(c.first, c.firstRoot, none());
            if (!c.valid) vm.expectRevert();
            vm.prank(OPERATOR);
            log.extend(c.second, c.secondRoot, c.proof);
            if (c.valid) ++right;
            checkpointIs(c.valid ? c.second : c.first, c.valid ? c.secondRoot : c.firstRoot, START);
        }
        vm.assertEq(right * 2, cases.length, "half of them are right");
    }

    function test_InclusionsOfTheVectors() public view {
        Place[] memory cases = abi.decode(vm.parseJsonTypeArray(vm.readFile(FILE), ".inclusion", PLACE), (Place[]));
        vm.assertGt(cases.length, 100, "cases");
        for (uint256 i = 0; i < cases.length; ++i) {
            Place memory c = cases[i];
            bool found = log.includesAt(c.contentHash, c.signatureHash, c.index, c.proof, c.size, c.root);
            vm.assertTrue(found == c.valid, string.concat("case ", vm.toString(i)));
        }
    }

    /// @dev The trees over the first 0 to 8 of the last case's inputs.
    function test_ReferenceTrees() public view {
        string memory json = vm.readFile(FILE);
        Root[] memory roots = abi.decode(vm.parseJsonTypeArray(json, ".reference", "Root(bytes32 root)"), (Root[]));
        bytes[] memory inputs = abi.decode(vm.parseJsonTypeArray(json, ".reference[8].inputs", "bytes"), (bytes[]));
        vm.assertEq(roots.length, inputs.length + 1, "trees");
        bytes32[] memory list = none();
        for (uint256 size = 0; size < roots.length; ++size) {
            vm.assertEq(MerkleTree.root(list, 0, size), roots[size].root, "root");
            for (uint256 first = 1; first < size; ++first) {
                bytes32[] memory proof = MerkleTree.subproof(list, first, 0, size, true);
                bool found = calls.isConsistent(uint64(first), roots[first].root, uint64(size), roots[size].root, proof);
                vm.assertTrue(found, "consistent");
            }
            if (size < inputs.length) list = MerkleTree.push(list, sha256(bytes.concat(hex"00", inputs[size])));
        }
    }

    function testFuzz_HashesAreThoseOfTheBuiltIn(bytes32 left, bytes32 right) public view {
        bytes memory before = abi.encode(left, right);
        vm.assertEq(MerkleLog.nodeHash(left, right), sha256(bytes.concat(hex"01", left, right)), "node");
        vm.assertEq(MerkleLog.leafHash(left, right), sha256(bytes.concat(hex"00", left, right)), "leaf");
        vm.assertEq(before, abi.encode(left, right), "memory in use is left alone");
    }
}
