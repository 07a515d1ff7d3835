// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EventLog} from "../../contracts/EventLog.sol";
import {LogFixture} from "./support/LogFixture.sol";
import {MerkleLogCalls} from "./support/MerkleLogCalls.sol";
import {MerkleTree} from "./support/MerkleTree.sol";
import {Vm} from "./support/Vm.sol";

/**
 * @title Extends the log at random, and tries as hard to forge it, as its operator and as others
 * @dev Keeps the true entries and every checkpoint that was taken. A forgery that the log takes sets `forged`.
 */
contract Keeper is LogFixture {
    uint256 private constant MOST = 70;

    address public operator = OPERATOR;
    address public offered;
    uint256[] public sizes;
    uint256 public refusals;
    bool public forged;

    constructor() {
        setUp();
        sizes.push(0);
    }

    function current() external view returns (EventLog) {
        return log;
    }

    function count() external view returns (uint256) {
        return sizes.length;
    }

    function latest() public view returns (uint256) {
        return sizes[sizes.length - 1];
    }

    function grow(uint256 by) external {
        uint256 size = latest() + 1 + by % 9;
        if (size > MOST) return;
        (bytes32 root, bytes32[] memory proof) = (rootOf(size), proofBetween(latest(), size));
        vm.prank(operator);
        log.extend(uint64(size), root, proof);
        sizes.push(size);
    }

    /// @dev Another tree with one of the entries that the log has changed, its proof made as an honest one is.
    function fork(uint256 by, uint256 changed, bool ownProof) external {
        if (latest() == 0) return;
        uint256 size = latest() + 1 + by % 9;
        bytes32[] memory forgery = leaves(size);
        forgery[changed % latest()] = keccak256(abi.encode(changed));
        bytes32[] memory proof =
            ownProof ? MerkleTree.subproof(forgery, latest(), 0, size, true) : proofBetween(latest(), size);
        attempt(operator, size, MerkleTree.root(forgery, 0, size), proof);
    }

    /// @dev The true tree with a hash of its proof changed or added, or with the proof of other sizes.
    function spoil(uint256 by, uint256 place, uint256 way, bytes32 other) external {
        if (latest() == 0) return;
        uint256 size = latest() + 1 + by % 9;
        bytes32[] memory proof = proofBetween(latest(), size);
        place %= proof.length;
        if (way % 4 == 0) proof[place] = other;
        else if (way % 4 == 1) proof = MerkleTree.push(proof, other);
        else if (way % 4 == 2) proof = proofBetween(sizes[way % sizes.length], latest()); // of two older checkpoints
        else proof = proofBetween(latest(), size + 1);
        attempt(operator, size, rootOf(size), proof);
    }

    /// @dev Back to an earlier tree, or the same again, with whatever proof.
    function shrink(uint256 to, bool withProof) external {
        uint256 size = to % (latest() + 1);
        attempt(operator, size, rootOf(size), withProof ? proofBetween(size, latest()) : none());
    }

    /// @dev A later tree without the entries since some earlier checkpoint: right from there, wrong from the latest.
    function skip(uint256 by, uint256 which) external {
        uint256 from = sizes[which % sizes.length];
        if (from == latest()) return;
        uint256 size = latest() + 1 + by % 9;
        bytes32[] memory forgery = leaves(size);
        for (uint256 i = from; i < size; ++i) {
            forgery[i] = keccak256(abi.encode("instead", i));
        }
        bytes32[] memory proof = from == 0 ? none() : MerkleTree.subproof(forgery, from, 0, size, true);
        attempt(operator, size, MerkleTree.root(forgery, 0, size), proof);
    }

    /// @dev What would be right, had the operator sent it.
    function intrude(address caller, uint256 by) external {
        if (caller == operator) return;
        uint256 size = latest() + 1 + by % 9;
        attempt(caller, size, rootOf(size), proofBetween(latest(), size));
    }

    function offer(address to, bool accept) external {
        vm.prank(operator);
        log.transferOwnership(to);
        offered = to;
        if (!accept || to == address(0)) return;
        vm.prank(to);
        log.acceptOwnership();
        (operator, offered) = (to, address(0));
    }

    function takeOver(address caller) external {
        if (caller == offered) return;
        vm.prank(caller);
        try log.acceptOwnership() {
            forged = true;
        } catch {
            ++refusals;
        }
    }

    function renounce() external {
        vm.prank(operator);
        try log.renounceOwnership() {
            forged = true;
        } catch {
            ++refusals;
        }
    }

    function succeed() external {
        log = new EventLog(operator, address(log));
        offered = address(0);
    }

    function attempt(address caller, uint256 size, bytes32 root, bytes32[] memory proof) private {
        vm.prank(caller);
        try log.extend(uint64(size), root, proof) {
            forged = true;
        } catch {
            ++refusals;
        }
    }
}

/// @title Whatever anybody sends, the log only grows, and what was in it stays in it
contract LogOnlyGrowsTest is LogFixture {
    Keeper private keeper;
    MerkleLogCalls private calls = new MerkleLogCalls();

    function setUp() public override {
        keeper = new Keeper();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(keeper);
    }

    function targetSelectors() external view returns (Vm.FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = Keeper.grow.selector;
        selectors[1] = Keeper.fork.selector;
        selectors[2] = Keeper.spoil.selector;
        selectors[3] = Keeper.shrink.selector;
        selectors[4] = Keeper.skip.selector;
        selectors[5] = Keeper.intrude.selector;
        selectors[6] = Keeper.offer.selector;
        selectors[7] = Keeper.takeOver.selector;
        selectors[8] = Keeper.renounce.selector;
        selectors[9] = Keeper.succeed.selector;
        // Growing more often than the rest.
        selectors[10] = Keeper.grow.selector;
        selectors[11] = Keeper.grow.selector;
        targets = new Vm.FuzzSelector[](1);
        targets[0] = Vm.FuzzSelector(address(keeper), selectors);
    }

    /// @dev The log is at the last size that was taken, which is above all earlier ones, over the true entries.
    function invariant_TheLogIsWhatWasTrulyAppended() public view {
        (uint64 size, bytes32 root,) = keeper.current().checkpoint();
        vm.assertTrue(!keeper.forged(), "nothing forged was taken");
        vm.assertEq(size, keeper.latest(), "size");
        vm.assertEq(root, rootOf(size), "root");
        for (uint256 i = 1; i < keeper.count(); ++i) {
            vm.assertLt(keeper.sizes(i - 1), keeper.sizes(i), "sizes grow");
        }
    }

    /// @dev The first, a middle and the last checkpoint before are beginnings of the latest tree, which has such entries.
    function invariant_EverythingEarlierIsStillInIt() public view {
        EventLog log = keeper.current();
        (uint64 size, bytes32 root,) = log.checkpoint();
        if (size == 0) return;
        uint256 last = keeper.count() - 1;
        uint256[3] memory earlier = [uint256(1), 1 + last / 2, last - 1];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 first = keeper.sizes(earlier[i] < last ? earlier[i] : last - 1);
            if (first == 0) continue;
            bool found = calls.isConsistent(uint64(first), rootOf(first), size, root, proofBetween(first, size));
            vm.assertTrue(found, "consistent");
        }
        uint256[3] memory places = [uint256(0), size / 2, size - 1];
        for (uint256 i = 0; i < 3; ++i) {
            uint256 k = places[i];
            vm.assertTrue(log.includes(contentOf(k), signatureOf(k), uint64(k), pathOf(k, size)), "included");
        }
    }

    function invariant_TheOperatorIsWhoAcceptedLast() public view {
        EventLog log = keeper.current();
        vm.assertTrue(log.owner() == keeper.operator() && log.owner() != address(0), "operator");
        vm.assertTrue(log.pendingOwner() == keeper.offered(), "offered");
    }
}
