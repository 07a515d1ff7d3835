// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {Roles} from "../../contracts/libraries/Roles.sol";
import {Fixture} from "./support/Fixture.sol";
import {Malformed} from "./support/Malformed.sol";
import {Vm} from "./support/Vm.sol";

/// @title Bulk relaying: bad entries are skipped, neighbours stand, and gas decides nothing
contract EntryRelayTest is Fixture {
    uint256 private constant MAX_SIGNATURE = 416;

    /// @dev Good entries among every way of being bad, the gas-burning one included. Four of ten stand.
    function batch(bool burning) private view returns (IEntryRelay.Entry[] memory entries) {
        entries = new IEntryRelay.Entry[](10);
        entries[0] = harvestEntry(harvest("L0", 5));
        entries[1] = harvestEntry(harvest("no good code", 5)); // a rule
        entries[2] = harvestEntry(harvest("L2", 5));
        entries[3] = harvestEntry(harvest("L3", 5));
        entries[3].payload = hex"0011"; // cannot be decoded
        entries[4] = harvestEntry(harvest("L4", 5));
        entries[4].kind = 200;
        entries[5] = harvestEntry(harvest("L5", 5));
        entries[5].payload = new bytes(24_600); // too large
        entries[6] = harvestEntry(harvest("L2", 5)); // again
        entries[7] = harvestEntry(harvest("L7", 5));
        entries[8] = harvestEntry(harvest("L8", 5));
        entries[8].kind = uint8(IProduceLedger.Kind.Transformation);
        entries[8].payload = burning ? Malformed.aliasedOutputs(300, 9500) : bytes(""); // burns all its gas
        entries[9] = harvestEntry(harvest("L9", 5));
    }

    function reasons() private pure returns (bytes[10] memory list) {
        list[1] = abi.encodeWithSelector(IProduceLedger.InvalidLotCode.selector, "no good code");
        list[4] = abi.encodeWithSelector(IEntryRelay.UnknownKind.selector, uint8(200));
        list[5] = abi.encodeWithSelector(IEntryRelay.EntryTooLarge.selector, 24_665, 24_576);
        list[6] = abi.encodeWithSelector(IProduceLedger.LotExists.selector, lotOf(BULK, "L2"));
    }

    function test_BadEntriesAreSkippedWithTheirReasonAndNeighboursStand() public {
        IEntryRelay.Entry[] memory entries = batch(true);
        bool[10] memory stands = [true, false, true, false, false, false, false, true, false, true];
        bytes[10] memory expected = reasons();
        vm.recordLogs();
        vm.prank(address(0xBEEF)); // anybody relays
        vm.assertEq(ledger.submit(entries), 4, "recorded");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, entries.length, "each entry left one log, in order");
        for (uint256 i = 0; i < entries.length; ++i) {
            vm.assertEq(
                logs[i].topics[0],
                stands[i] ? IProduceLedger.EntryRecorded.selector : IEntryRelay.EntrySkipped.selector,
                "recorded or skipped"
            );
            if (stands[i]) continue;
            vm.assertEq(logs[i].topics[1], keccak256(entries[i].payload), "payload hash");
            (uint256 index, bytes memory reason) = abi.decode(logs[i].data, (uint256, bytes));
            vm.assertEq(index, i, "index");
            vm.assertEq(reason, expected[i], "reason");
        }
        vm.assertEq(balance(lotOf(BULK, "L9"), FARM), 5, "the last stands");
    }

    function test_TheRegistryRelaysLikewise() public {
        IEntryRelay.Entry[] memory entries = new IEntryRelay.Entry[](3);
        entries[0] = admissionEntry(admission(STRANGER, Roles.HUB), secretOf(STRANGER));
        entries[1] = admissionEntry(admission(FARM, Roles.HUB), secretOf(FARM));
        entries[2] = assignmentEntry(IPartyRegistry.ProductAssignment(5, STRANGER, DEADLINE));
        vm.recordLogs();
        vm.assertEq(registry.submit(entries), 2, "recorded");
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs[2].topics[0], IEntryRelay.EntrySkipped.selector, "after admission and key");
        (, bytes memory reason) = abi.decode(logs[2].data, (uint256, bytes));
        vm.assertEq(reason, abi.encodeWithSelector(IPartyRegistry.PartyExists.selector, FARM), "reason");
        vm.assertTrue(registry.mayUse(5, STRANGER), "an entry may build on the one before it");
    }

    function test_AnEmptyCallRecordsNothing() public {
        vm.assertEq(ledger.submit(new IEntryRelay.Entry[](0)), 0, "nothing");
    }

    function test_OnlyTheContractAppliesASingleEntry() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L0", 5));
        vm.expectRevert(abi.encodeWithSelector(IEntryRelay.OnlySelf.selector));
        ledger.applyEntry(entry);
        vm.expectRevert(abi.encodeWithSelector(IEntryRelay.OnlySelf.selector));
        vm.prank(address(ledger));
        registry.applyEntry(entry);
    }

    /// @dev Whatever bytes come as payload, the entry is skipped and its neighbour stands.
    function testFuzz_RandomPayloadsBlockNobody(uint8 kind, bytes memory payload, bytes memory signature) public {
        IEntryRelay.Entry[] memory entries = new IEntryRelay.Entry[](2);
        entries[0] = IEntryRelay.Entry(kind % 10, keyOf(FARM), payload, signature);
        entries[1] = harvestEntry(harvest("L1", 5));
        vm.assertEq(ledger.submit(entries), 1, "the neighbour alone");
        vm.assertEq(balance(lotOf(BULK, "L1"), FARM), 5, "stands");
    }

    /// @dev A signed payload cut short or overwritten with one other word blocks nobody either.
    function testFuzz_DamagedPayloadsBlockNobody(uint16 cut, uint16 place, uint256 word, bool cutting) public {
        IProduceLedger.Shipment memory s = shipment(FARM, PACKER, "R", lines(harvested("L0", 50), 5));
        IEntryRelay.Entry[] memory entries = new IEntryRelay.Entry[](2);
        entries[0] = shipmentEntry(s);
        bytes memory damaged = entries[0].payload;
        bytes32 before = keccak256(damaged);
        uint256 words = damaged.length / 32;
        assembly ("memory-safe") {
            if cutting { mstore(damaged, mod(cut, mload(damaged))) }
            if iszero(cutting) { mstore(add(add(damaged, 0x20), mul(0x20, mod(place, words))), word) }
        }
        vm.assume(keccak256(damaged) != before);
        entries[1] = harvestEntry(harvest("L1", 5));
        vm.assertEq(ledger.submit(entries), 1, "the neighbour alone");
        vm.assertEq(balance(lotOf(BULK, "L1"), FARM), 5, "stands");
    }

    // ------------------------------------------------------------------------------------------------ gas

    function outcomeOf(bytes memory call, uint256 gas) private returns (bool ok, bytes memory result, bytes32 logs) {
        vm.recordLogs();
        (ok, result) = address(ledger).call{gas: gas}(call);
        logs = keccak256(abi.encode(vm.getRecordedLogs()));
    }

    /// @dev The promise of the gas rule: for any gas limit the whole call reverts, or all is as with ample gas.
    function testFuzz_AnyGasLimitRevertsAllOrChangesNothing(uint256 gas) public {
        anyGasLimit(batch(false), gas % 2_000_000);
    }

    /**
     * @dev The same with an entry that burns whatever it is given, around what that is.
     * forge-config: default.fuzz.runs = 60
     */
    function testFuzz_AnyGasLimitWithAnEntryThatBurnsItsGas(uint256 gas) public {
        anyGasLimit(batch(true), 11_000_000 + gas % 4_000_000);
    }

    function anyGasLimit(IEntryRelay.Entry[] memory entries, uint256 gas) private {
        bytes memory call = abi.encodeCall(IEntryRelay.submit, (entries));
        uint256 start = vm.snapshotState();
        (bool ok, bytes memory ample, bytes32 ampleLogs) = outcomeOf(call, 40_000_000);
        vm.assertTrue(ok && abi.decode(ample, (uint256)) == 4, "ample gas");
        vm.revertToState(start);

        (bool stands, bytes memory result, bytes32 logs) = outcomeOf(call, gas);
        if (stands) {
            vm.assertEq(result, ample, "the same count");
            vm.assertEq(logs, ampleLogs, "the same records and skips");
        } else {
            bytes4 selector = result.length < 4 ? bytes4(0) : bytes4(result);
            vm.assertTrue(
                result.length == 0 || selector == IEntryRelay.InsufficientGas.selector, "out of gas as a whole"
            );
            vm.assertEq(balance(lotOf(BULK, "L0"), FARM), 0, "nothing stands");
        }
    }

    /// @dev The same around the very edge, where a naive rule lets an entry starve and goes on.
    function test_OneUnitBelowTheLeastGasTheWholeCallReverts() public {
        IEntryRelay.Entry[] memory entries = new IEntryRelay.Entry[](1);
        entries[0] = harvestEntry(harvest("L0", 5));
        bytes memory call = abi.encodeCall(IEntryRelay.submit, (entries));
        uint256 start = vm.snapshotState();
        (uint256 low, uint256 high) = (21_000, 5_000_000);
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            (bool ok, bytes memory result,) = outcomeOf(call, middle);
            if (ok) vm.assertEq(abi.decode(result, (uint256)), 1, "never a skip");
            (low, high) = ok ? (low, middle) : (middle, high);
            vm.revertToState(start);
        }
        (, bytes memory reason,) = outcomeOf(call, low);
        vm.assertEq(
            bytes32(bytes4(reason)), bytes32(IEntryRelay.InsufficientGas.selector), "by the rule, not by accident"
        );
        uint256 allowance = ledger.allowanceOf(entries[0].payload.length, entries[0].signature.length);
        // Else the call gets less than the allowance, and an entry that needs all of it starves: 10,000 for the relay.
        vm.assertGt(high, allowance + allowance / 63 + 10_000, "the allowance was there, and what EIP-150 keeps back");
    }

    function test_AnEntryThatBurnsItsGasGetsNoMoreThanItsAllowance() public {
        IEntryRelay.Entry[] memory entries = new IEntryRelay.Entry[](1);
        entries[0] = IEntryRelay.Entry(
            uint8(IProduceLedger.Kind.Transformation), keyOf(FARM), Malformed.aliasedOutputs(300, 9500), ""
        );
        vm.assertEq(ledger.submit(entries), 0, "skipped");
        uint256 allowance = ledger.allowanceOf(entries[0].payload.length, 0);
        vm.assertEq(ledger.submit(entries), 0, "skipped");
        uint256 used = vm.lastCallGas().gasTotalUsed;
        vm.assertTrue(used > allowance && used < allowance + 100_000, "all of it and no more");
    }

    /// @dev Calldata at 16 gas a byte beside the execution; the 40 of EIP-7623 would stand in place of both.
    function test_TheAllowanceOfTheLargestEntryFitsATransaction() public view {
        uint256 largest = ledger.allowanceOf(24_576 - MAX_SIGNATURE, MAX_SIGNATURE);
        vm.assertGt(largest, registry.allowanceOf(2_048 - MAX_SIGNATURE, MAX_SIGNATURE), "the registry's are smaller");
        vm.assertLt(largest * 64 / 63 + 24_576 * 16 + 100_000, 16_777_216, "EIP-7825");
    }

    function test_EachP256SignatureHasItsAllowance() public view {
        uint256 base = ledger.allowanceOf(1000, 0);
        vm.assertEq(ledger.allowanceOf(1000 - 65, 65), base, "secp256k1");
        vm.assertEq(ledger.allowanceOf(1000 - 128, 128), base + 350_000, "P-256");
        vm.assertEq(ledger.allowanceOf(1000 - 320, 320), base + 2 * 350_000, "two of secp256k1");
        vm.assertEq(ledger.allowanceOf(1000 - MAX_SIGNATURE, MAX_SIGNATURE), base + 3 * 350_000, "two of P-256");
    }

    /// @dev Else an entry could ask for more gas than a transaction has, and its call would revert with its neighbours.
    function test_ALongerSignatureThanTwoOfP256IsSkipped() public {
        vm.assertEq(abi.encode(new bytes(128), bytes32(0), new bytes(128)).length, MAX_SIGNATURE, "two of P-256");
        IEntryRelay.Entry[] memory entries = new IEntryRelay.Entry[](2);
        entries[0] = IEntryRelay.Entry(0, 0, "", new bytes(MAX_SIGNATURE + 1));
        entries[1] = harvestEntry(harvest("L1", 5));
        vm.expectEmit(address(ledger));
        emit IEntryRelay.EntrySkipped(
            0,
            keccak256(""),
            abi.encodeWithSelector(IEntryRelay.EntryTooLarge.selector, MAX_SIGNATURE + 1, MAX_SIGNATURE)
        );
        vm.assertEq(ledger.submit(entries), 1, "the neighbour stands");
    }

    /// @dev What a partial receipt leaves missing has to fit a settlement, whose lines are longer.
    function test_APartialReceiptLeavesRoomForTheSettlementOfAllItsLines() public {
        uint256 lineCount = (20_480 - partialReceiptOf(0)) / (partialReceiptOf(1) - partialReceiptOf(0));
        vm.assertEq(lineCount, 104, "lines");
        IProduceLedger.Settlement memory s;
        s.lines = new IProduceLedger.SettledLine[](lineCount);
        uint256 size = abi.encode(s, new IProduceLedger.Line[](lineCount)).length + MAX_SIGNATURE;
        vm.assertLe(size, 24_576, "its settlement");
        IEntryRelay.Entry[] memory entries = new IEntryRelay.Entry[](1);
        entries[0] = IEntryRelay.Entry(uint8(IProduceLedger.Kind.PartialReceipt), 0, new bytes(20_481), "");
        vm.expectEmit(address(ledger));
        emit IEntryRelay.EntrySkipped(
            0,
            keccak256(entries[0].payload),
            abi.encodeWithSelector(IEntryRelay.EntryTooLarge.selector, 20_481, 20_480)
        );
        vm.assertEq(ledger.submit(entries), 0, "too large");
    }

    /// @dev The size of such an entry with that many lines, and with the shortest signature and reference.
    function partialReceiptOf(uint256 count) private pure returns (uint256) {
        IProduceLedger.PartialReceipt memory r;
        r.lines = new IProduceLedger.ReceiptLine[](count);
        return abi.encode(r, new IProduceLedger.Line[](count)).length + 65;
    }
}
