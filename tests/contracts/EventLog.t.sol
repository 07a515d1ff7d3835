// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {EventLog} from "../../contracts/EventLog.sol";
import {IEventLog} from "../../contracts/interfaces/IEventLog.sol";
import {MerkleLog} from "../../contracts/libraries/MerkleLog.sol";
import {LogFixture} from "./support/LogFixture.sol";
import {MerkleTree} from "./support/MerkleTree.sol";
import {Vm} from "./support/Vm.sol";

/// @title Checkpoints: what extends the log and what is refused; the operator; the predecessor
contract EventLogTest is LogFixture {
    bytes32 private constant OTHER = keccak256("other");

    // ------------------------------------------------------------------------------------------------ the beginning

    function test_AnEmptyLogHasTheRootOfTheEmptyTree() public view {
        checkpointIs(0, sha256(""), START);
        vm.assertEq(MerkleLog.EMPTY_ROOT, sha256(""), "constant");
        vm.assertTrue(log.predecessor() == address(0), "no predecessor");
        vm.assertTrue(log.owner() == OPERATOR, "operator");
    }

    function test_TheConstructorEmitsACheckpointThatCoversNothing() public {
        vm.recordLogs();
        new EventLog(OPERATOR, address(0));
        emitted(1, 0, sha256(""), 0);
    }

    function test_ALogNeedsAnOperator() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableInvalidOwner.selector, address(0)));
        new EventLog(address(0), address(0));
    }

    function test_FromTheEmptyTreeAnyRootIsTakenWithoutProof() public {
        vm.prank(OPERATOR);
        log.extend(5, OTHER, none());
        checkpointIs(5, OTHER, START);
    }

    function test_RefusesAProofFromTheEmptyTree() public {
        bytes32[] memory proof = MerkleTree.push(none(), OTHER);
        refused(5, OTHER, proof, abi.encodeWithSelector(IEventLog.WrongProofLength.selector, 0, 5, 1));
    }

    // ------------------------------------------------------------------------------------------------ extending

    function test_ExtendingReplacesTheCheckpointAndLeavesALog() public {
        extendTo(6);
        vm.warp(START + 60);
        vm.recordLogs();
        extendTo(8);
        emitted(0, 8, rootOf(8), 6);
        checkpointIs(8, rootOf(8), START + 60);
    }

    function test_EveryPairOfSizesUpTo20() public {
        for (uint256 second = 2; second <= 20; ++second) {
            for (uint256 first = 1; first < second; ++first) {
                log = new EventLog(OPERATOR, address(0));
                extendTo(first);
                extendTo(second);
                checkpointIs(second, rootOf(second), START);
            }
        }
    }

    function testFuzz_RefusesWhateverIsAltered(uint256 first, uint256 second, uint256 place, bytes32 mask) public {
        (first, second) = pair(first, second);
        vm.assume(mask != 0);
        extendTo(first);
        (bytes32 root, bytes32[] memory proof) = (rootOf(second), proofBetween(first, second));
        vm.expectRevert(abi.encodeWithSelector(IEventLog.WrongRoot.selector, root ^ mask, root));
        vm.prank(OPERATOR);
        log.extend(uint64(second), root ^ mask, proof);

        // Too long and too short, at any place.
        bytes32[] memory longer = MerkleTree.push(proof, mask);
        (longer[place % longer.length], longer[proof.length]) = (mask, longer[place % longer.length]);
        refused(second, root, longer, wrongLength(first, second, longer.length));
        bytes32[] memory shorter = new bytes32[](proof.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) {
            shorter[i] = proof[i < place % proof.length ? i : i + 1];
        }
        refused(second, root, shorter, wrongLength(first, second, shorter.length));
        refused(second, root, none(), wrongLength(first, second, 0));

        // One hash is another: the proof leads from another tree, or to another.
        proof[place % proof.length] ^= mask;
        vm.expectRevert();
        vm.prank(OPERATOR);
        log.extend(uint64(second), root, proof);
        checkpointIs(first, rootOf(first), START);
        proof[place % proof.length] ^= mask;

        vm.prank(OPERATOR);
        log.extend(uint64(second), root, proof);
        checkpointIs(second, root, START);
    }

    function testFuzz_RefusesATreeWithOneEntryChanged(uint256 first, uint256 second, uint256 changed) public {
        (first, second) = pair(first, second);
        extendTo(first);
        bytes32[] memory forked = leaves(second);
        forked[changed % first] = OTHER;
        bytes32 root = MerkleTree.root(forked, 0, second);
        bytes32[] memory proof = MerkleTree.subproof(forked, first, 0, second, true);
        // Where `first` is a power of 2 the proof begins with the log's own root, and leads elsewhere.
        if (first & (first - 1) == 0) {
            refused(second, root, proof, abi.encodeWithSelector(IEventLog.WrongRoot.selector, root, rootOf(second)));
        } else {
            bytes32 proven = MerkleTree.root(forked, 0, first);
            refused(
                second, root, proof, abi.encodeWithSelector(IEventLog.NotAnExtension.selector, rootOf(first), proven)
            );
        }
    }

    function testFuzz_RefusesASizeThatDoesNotGrow(uint256 first, uint256 second) public {
        (second, first) = pair(first, second);
        extendTo(first);
        refused(
            second % (first + 1),
            rootOf(second % (first + 1)),
            none(),
            abi.encodeWithSelector(IEventLog.SizeNotGrowing.selector, first, second % (first + 1))
        );
    }

    function test_RefusesTheSameCheckpointAgain() public {
        extendTo(7);
        refused(7, rootOf(7), none(), abi.encodeWithSelector(IEventLog.SizeNotGrowing.selector, 7, 7));
        checkpointIs(7, rootOf(7), START);
    }

    function test_AProofOfAnyLengthEndsByItself() public {
        extendTo(1);
        bytes32[] memory proof = new bytes32[](1_000);
        refused(type(uint64).max, OTHER, proof, wrongLength(1, type(uint64).max, 1_000));
        vm.assertTrue(!log.includes(contentOf(0), signatureOf(0), 0, proof), "no inclusion");
    }

    /// @dev Not a refusal but a limit, told in docs/contracts.md: sizes are stated, only roots are proven.
    function test_AMisstatedSizeLosesTheOperatorItsProofs() public {
        extendTo(2);
        bytes32[] memory proof = proofBetween(2, 3);
        bytes32 root = rootOf(3);
        vm.prank(OPERATOR);
        log.extend(4, root, proof);
        // Entry 2 stands where two leaves should: no path of the length for 4 leaves leads to it.
        vm.assertTrue(!log.includes(contentOf(2), signatureOf(2), 2, pathOf(2, 3)), "lost");
        // What was in the log before is as provable as ever, and nothing else takes its place.
        vm.assertTrue(log.includes(contentOf(1), signatureOf(1), 1, pathOf(1, 3)), "kept");
        vm.assertTrue(!log.includes(contentOf(2), signatureOf(2), 1, pathOf(1, 3)), "not replaced");
    }

    // ------------------------------------------------------------------------------------------------ inclusion

    function test_EveryEntryOfEverySizeUpTo20IsIncluded() public {
        for (uint256 size = 1; size <= 20; ++size) {
            log = new EventLog(OPERATOR, address(0));
            extendTo(size);
            for (uint256 i = 0; i < size; ++i) {
                vm.assertTrue(log.includes(contentOf(i), signatureOf(i), uint64(i), pathOf(i, size)), "included");
            }
        }
    }

    function testFuzz_NoOtherEntryRootOrPlaceIsIncluded(uint256 index, uint256 size, uint256 other, bytes32 mask)
        public
    {
        (index, size) = pair(index, size);
        index -= 1;
        vm.assume(mask != 0);
        extendTo(size);
        bytes32[] memory proof = pathOf(index, size);
        (bytes32 content, bytes32 signature) = (contentOf(index), signatureOf(index));
        vm.assertTrue(log.includes(content, signature, uint64(index), proof), "included");
        vm.assertTrue(!log.includes(content ^ mask, signature, uint64(index), proof), "other content");
        vm.assertTrue(!log.includes(content, signature ^ mask, uint64(index), proof), "other signature");
        vm.assertTrue(!log.includes(signature, content, uint64(index), proof), "swapped");
        vm.assertTrue(!log.includes(content, signature, uint64(size + other % 100), proof), "beyond the log");
        vm.assertTrue(!log.includes(content, signature, type(uint64).max, proof), "far beyond the log");
        other %= size;
        vm.assertTrue(log.includes(content, signature, uint64(other), proof) == (other == index), "other index");
        includedAt(index, size, rootOf(size), proof, true);
        includedAt(index, size, rootOf(size) ^ mask, proof, false);
        includedAt(index, index, rootOf(size), proof, false);
    }

    function testFuzz_NoOtherProofIncludes(uint256 index, uint256 size, uint256 place, bytes32 mask) public view {
        (index, size) = pair(index, size);
        index -= 1;
        vm.assume(mask != 0);
        bytes32[] memory proof = pathOf(index, size);
        bytes32 root = rootOf(size);
        includedAt(index, size, root, none(), false);
        includedAt(index, size, root, MerkleTree.push(proof, mask), false);
        bytes32[] memory shorter = new bytes32[](proof.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) {
            shorter[i] = proof[i < place % proof.length ? i : i + 1];
        }
        includedAt(index, size, root, shorter, false);
        proof[place % proof.length] ^= mask;
        includedAt(index, size, root, proof, false);
    }

    /// @dev Made so that hashing on beyond the top of the tree would come to the root.
    function test_ATooLongProofIncludesNotEvenUnderARootThatFitsIt() public view {
        for (uint256 size = 1; size <= 9; ++size) {
            bytes32 extra = keccak256("extra");
            bytes32[] memory longer = MerkleTree.push(pathOf(size - 1, size), extra);
            includedAt(size - 1, size, sha256(bytes.concat(hex"01", extra, rootOf(size))), longer, false);
            includedAt(size - 1, size, sha256(bytes.concat(hex"01", rootOf(size), extra)), longer, false);
        }
    }

    function test_NothingIsInAnEmptyLog() public view {
        vm.assertTrue(!log.includes(contentOf(0), signatureOf(0), 0, none()), "empty");
        vm.assertTrue(!log.includesAt(contentOf(0), signatureOf(0), 0, none(), 0, leafOf(0)), "size 0");
        vm.assertTrue(log.includesAt(contentOf(0), signatureOf(0), 0, none(), 1, leafOf(0)), "size 1");
    }

    function test_AProofIsForOneSize_AKeptCheckpointGoesOnServing() public {
        extendTo(6);
        (uint64 size, bytes32 root,) = log.checkpoint();
        bytes32[] memory proof = pathOf(4, 6);
        extendTo(9);
        vm.assertTrue(!log.includes(contentOf(4), signatureOf(4), 4, proof), "the latest is another");
        vm.assertTrue(log.includesAt(contentOf(4), signatureOf(4), 4, proof, size, root), "the kept one");
    }

    /// @dev The children of a node are 64 bytes, as an entry is; the first byte tells them apart.
    function test_ANodeDoesNotPassForAnEntry() public {
        extendTo(2);
        vm.assertTrue(!log.includesAt(leafOf(0), leafOf(1), 0, none(), 1, rootOf(2)), "a node is no leaf");
        extendTo(4);
        bytes32[] memory proof = MerkleTree.push(none(), MerkleTree.root(leaves(4), 2, 4));
        vm.assertTrue(!log.includesAt(leafOf(0), leafOf(1), 0, proof, 2, rootOf(4)), "a node is no leaf");
    }

    // ------------------------------------------------------------------------------------------------ the operator

    function testFuzz_OnlyTheOperatorExtends(address caller) public {
        vm.assume(caller != OPERATOR);
        (bytes32 root, bytes32[] memory proof) = (rootOf(3), none());
        vm.expectRevert(unauthorised(caller));
        vm.prank(caller);
        log.extend(3, root, proof);
    }

    function test_TheLogIsHandedOverInTwoSteps() public {
        vm.prank(OPERATOR);
        log.transferOwnership(STRANGER);
        vm.assertTrue(log.owner() == OPERATOR && log.pendingOwner() == STRANGER, "offered");
        extendTo(1); // the operator still is
        vm.expectRevert(unauthorised(STRANGER));
        vm.prank(STRANGER);
        log.extend(2, OTHER, new bytes32[](1));

        vm.prank(STRANGER);
        log.acceptOwnership();
        vm.assertTrue(log.owner() == STRANGER && log.pendingOwner() == address(0), "accepted");
        (bytes32 root, bytes32[] memory proof) = (rootOf(3), proofBetween(1, 3));
        refused(3, root, proof, unauthorised(OPERATOR));
        vm.prank(STRANGER);
        log.extend(3, root, proof);
        checkpointIs(3, root, START);
    }

    function test_AnOfferCanBeTakenBack() public {
        vm.prank(OPERATOR);
        log.transferOwnership(STRANGER);
        vm.prank(OPERATOR);
        log.transferOwnership(address(0));
        vm.expectRevert(unauthorised(STRANGER));
        vm.prank(STRANGER);
        log.acceptOwnership();
    }

    function testFuzz_NobodyElseOffersOrAccepts(address caller) public {
        vm.assume(caller != OPERATOR && caller != STRANGER && caller != address(0));
        vm.expectRevert(unauthorised(caller));
        vm.prank(caller);
        log.transferOwnership(caller);
        vm.prank(OPERATOR);
        log.transferOwnership(STRANGER);
        vm.expectRevert(unauthorised(caller));
        vm.prank(caller);
        log.acceptOwnership();
        vm.assertTrue(log.owner() == OPERATOR, "unchanged");
    }

    function test_TheOperatorCannotLeaveTheLogWithoutOne() public {
        vm.expectRevert(abi.encodeWithSelector(IEventLog.OperatorRequired.selector));
        vm.prank(OPERATOR);
        log.renounceOwnership();
        vm.assertTrue(log.owner() == OPERATOR, "unchanged");
    }

    // ------------------------------------------------------------------------------------------------ the predecessor

    function test_ASuccessorGoesOnWhereItsPredecessorStands() public {
        extendTo(6);
        vm.warp(START + 60);
        EventLog first = log;
        vm.recordLogs();
        log = new EventLog(STRANGER, address(first));
        emitted(1, 6, rootOf(6), 6);
        vm.assertTrue(log.predecessor() == address(first) && log.owner() == STRANGER, "named");
        checkpointIs(6, rootOf(6), START);
        vm.assertTrue(log.includes(contentOf(2), signatureOf(2), 2, pathOf(2, 6)), "the old entries are in it");

        vm.expectRevert(wrongLength(6, 8, 0));
        vm.prank(STRANGER);
        log.extend(8, OTHER, none());
        (bytes32 root, bytes32[] memory proof) = (rootOf(8), proofBetween(6, 8));
        vm.prank(STRANGER);
        log.extend(8, root, proof);
        checkpointIs(8, root, START + 60);
    }

    function test_ASuccessorOfAnEmptyLogBeginsEmpty() public {
        log = new EventLog(OPERATOR, address(log));
        checkpointIs(0, sha256(""), START);
        extendTo(3);
    }

    function test_RefusesAPredecessorThatIsNoLog() public {
        vm.expectRevert(abi.encodeWithSelector(IEventLog.NotALog.selector, STRANGER));
        new EventLog(OPERATOR, STRANGER);
        vm.expectRevert(); // code, but without checkpoints
        new EventLog(OPERATOR, address(this));
    }

    // ------------------------------------------------------------------------------------------------ helpers

    /// @dev 1 <= first < second <= 40.
    function pair(uint256 first, uint256 second) private pure returns (uint256, uint256) {
        second = 2 + second % 39;
        return (1 + first % (second - 1), second);
    }

    function includedAt(uint256 index, uint256 size, bytes32 root, bytes32[] memory proof, bool expected) private view {
        (bytes32 content, bytes32 signature) = (contentOf(index), signatureOf(index));
        bool found = log.includesAt(content, signature, uint64(index), proof, uint64(size), root);
        vm.assertTrue(found == expected, "inclusion");
    }

    function wrongLength(uint256 size, uint256 newSize, uint256 length) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEventLog.WrongProofLength.selector, size, newSize, length);
    }

    function unauthorised(address caller) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, caller);
    }

    /// @dev The log at that place since `recordLogs` is this Checkpoint.
    function emitted(uint256 place, uint64 size, bytes32 root, uint64 previous) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, place + 1, "logs");
        vm.assertEq(logs[place].topics.length, 2, "topics");
        vm.assertEq(logs[place].topics[0], keccak256("Checkpoint(uint64,bytes32,uint64)"), "event");
        vm.assertEq(uint256(logs[place].topics[1]), size, "size");
        vm.assertEq(logs[place].data, abi.encode(root, previous), "root and previous size");
    }
}
