// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {Fixture} from "../support/Fixture.sol";

/**
 * @title What an entry costs: 200 of a kind, over 200 different lots, in one transaction each
 * @dev Each call is a transaction of its own with cold storage (`isolate`), so that the figures hold the 21,000, the
 * calldata and the refunds. Budgets are asserted here; the figures themselves are committed in contracts/gas and compared
 * when FORGE_SNAPSHOT_CHECK is set.
 */
abstract contract PerEntry is Fixture {
    uint256 private constant COUNT = 200;
    uint256 private constant TRANSACTION_CAP = 16_777_216; // EIP-7825
    uint64 internal constant GRAMS = 18_000;

    function code(uint256 i) private pure returns (string memory) {
        return string.concat("HM-20260801-", vm.toString(100 + i));
    }

    function ref(string memory prefix, uint256 i) private pure returns (string memory) {
        return string.concat("https://id.gs1.org/00/", prefix, vm.toString(100_000_000_000 + i));
    }

    /// @dev Content hashes without zero bytes, as real ones are.
    function content(IProduceLedger.Kind kind, uint256 i) private pure returns (bytes32) {
        return keccak256(abi.encode(kind, i));
    }

    function harvests() internal view returns (IEntryRelay.Entry[] memory batch) {
        batch = new IEntryRelay.Entry[](COUNT);
        for (uint256 i = 0; i < COUNT; ++i) {
            IProduceLedger.Harvest memory h = harvest(code(i), GRAMS);
            (h.plot, h.contentHash) = (keccak256(abi.encode("plot", i % 7)), content(IProduceLedger.Kind.Harvest, i));
            batch[i] = harvestEntry(h);
        }
    }

    function shipments(uint64 from, uint64 to, uint64 grams, string memory prefix)
        private
        view
        returns (IEntryRelay.Entry[] memory batch)
    {
        batch = new IEntryRelay.Entry[](COUNT);
        for (uint256 i = 0; i < COUNT; ++i) {
            IProduceLedger.Shipment memory s =
                shipment(from, to, ref(prefix, i), lines(lotOf(BULK, code(i)), grams));
            s.contentHash = content(IProduceLedger.Kind.Shipment, i);
            batch[i] = shipmentEntry(s);
        }
    }

    function receipts(uint64 from, uint64 to, uint64 grams, string memory prefix)
        private
        view
        returns (IEntryRelay.Entry[] memory batch)
    {
        batch = new IEntryRelay.Entry[](COUNT);
        for (uint256 i = 0; i < COUNT; ++i) {
            IProduceLedger.Line[] memory manifest = lines(lotOf(BULK, code(i)), grams);
            IProduceLedger.Receipt memory r = receipt(to, consignmentOf(from, ref(prefix, i)), manifest);
            r.contentHash = content(IProduceLedger.Kind.Receipt, i);
            batch[i] = receiptEntry(r, manifest);
        }
    }

    /// @dev Submits, checks that all stand, and returns and notes the gas an entry.
    function perEntry(string memory name, IEntryRelay.Entry[] memory batch) internal returns (uint256 gas) {
        uint256 count = ledger.submit(batch);
        uint256 total = vm.lastCallGas().gasTotalUsed;
        vm.assertEq(count, COUNT, "all recorded");
        vm.assertLt(total, TRANSACTION_CAP, "within one transaction");
        gas = total / COUNT;
        vm.snapshotValue("GasPerEntry", name, gas);
    }

    function handoff(uint64 from, uint64 to, uint64 grams, string memory prefix, string memory name)
        internal
        returns (uint256 gas)
    {
        gas = perEntry(string.concat(name, ": shipment"), shipments(from, to, grams, prefix));
        gas += perEntry(string.concat(name, ": receipt"), receipts(from, to, grams, prefix));
    }
}

/// forge-config: default.isolate = true
/// forge-config: shipped.isolate = true
contract GasPerEntryTest is PerEntry {
    function test_HarvestUnder50000() public {
        vm.assertLt(perEntry("harvest", harvests()), 50_000, "a harvest");
    }

    function test_HarvestOfCertifiedPlotsUnder75000() public {
        for (uint256 i = 0; i < 7; ++i) certified(keccak256(abi.encode("plot", i)), 10_000_000);
        vm.assertLt(perEntry("harvest, certified plot", harvests()), 75_000, "a harvest");
    }

    function test_HandoffOfWholeLotsToANewReceiverUnder85000() public {
        ledger.submit(harvests());
        vm.assertLt(handoff(FARM, PACKER, GRAMS, "1", "whole lot, new receiver"), 85_000, "a handoff");
    }

    function test_HandoffOfPartsToANewReceiverUnder85000() public {
        ledger.submit(harvests());
        vm.assertLt(handoff(FARM, PACKER, GRAMS / 3, "1", "part, new receiver"), 85_000, "a handoff");
    }

    function test_HandoffOfPartsToAReceiverThatHoldsSomeUnder80000() public {
        ledger.submit(harvests());
        handoff(FARM, PACKER, GRAMS / 3, "1", "part, new receiver");
        uint256 gas = handoff(FARM, PACKER, GRAMS / 3, "2", "part, receiver holds some");
        vm.assertLt(gas, 80_000, "a handoff");
    }

    /// @dev The dearest: two others hold some, so that the receiver's balance takes a slot of its own.
    function test_HandoffToAThirdHolderUnder105000() public {
        ledger.submit(harvests());
        handoff(FARM, PACKER, GRAMS / 3, "1", "part, new receiver");
        vm.assertLt(handoff(FARM, BUYER, GRAMS / 3, "3", "part, third holder"), 105_000, "a handoff");
        uint256 gas = handoff(FARM, BUYER, GRAMS / 6, "4", "part, third holder holds some");
        vm.assertLt(gas, 90_000, "a handoff");
    }
}

/// forge-config: default.isolate = true
/// forge-config: shipped.isolate = true
contract GasPerP256EntryTest is PerEntry {
    function scheme() internal pure override returns (IPartyRegistry.Scheme) {
        return IPartyRegistry.Scheme.P256;
    }

    function test_HarvestUnder58000() public {
        vm.assertLt(perEntry("harvest, P-256 key", harvests()), 58_000, "a harvest");
    }
}
