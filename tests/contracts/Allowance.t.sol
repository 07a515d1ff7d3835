// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EntryRelay} from "../../contracts/EntryRelay.sol";
import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {Roles} from "../../contracts/libraries/Roles.sol";
import {Fixture} from "./support/Fixture.sol";

/**
 * @title No well-formed entry needs more than four fifths of its gas allowance
 * @dev The dearest form of each kind, small and as large as an entry may be, in cold storage.
 */
abstract contract WithinAllowance is Fixture {
    uint256 private constant MAX_SIZE = 24_576;

    /// @dev Applies the entry cold and compares what it used with what it would have been given.
    function withinAllowance(EntryRelay target, IEntryRelay.Entry memory entry, bool largest) internal {
        uint256 size = entry.payload.length + entry.signature.length;
        vm.assertLe(size, MAX_SIZE, "would be refused as too large");
        if (largest) vm.assertGt(size, MAX_SIZE - 200, "as large as can be");
        vm.cool(address(registry));
        vm.cool(address(ledger));
        applied(target, entry);
        vm.assertLe(vm.lastCallGas().gasTotalUsed * 5, target.allowanceOf(entry.payload.length, entry.signature.length) * 4, "four fifths");
    }

}

contract AllowanceTest is WithinAllowance {
    bytes32[] private lots;

    /// @dev FARM is each lot's holder; CARRIER holds some too, in slots of their own.
    function lotsOfTwoHolders(uint256 count) private {
        bytes32[] memory made = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            bytes32 lot = harvested(string.concat("L", vm.toString(i)), 1000);
            uint256 j = i;
            for (; j > 0 && made[j - 1] > lot; --j) made[j] = made[j - 1];
            made[j] = lot;
        }
        lots = made;
        for (uint256 i = 0; i < count; i += 100) {
            uint256 end = i + 100 < count ? i + 100 : count;
            handedOver(FARM, CARRIER, vm.toString(i), manifest(i, end, 100));
        }
    }

    function manifest(uint256 from, uint256 end, uint64 grams)
        private
        view
        returns (IProduceLedger.Line[] memory list)
    {
        list = new IProduceLedger.Line[](end - from);
        for (uint256 i = from; i < end; ++i) list[i - from] = IProduceLedger.Line(lots[i], grams);
    }

    function test_Shipment() public {
        lotsOfTwoHolders(377);
        IEntryRelay.Entry memory entry = shipmentEntry(shipment(CARRIER, BUYER, "R", manifest(0, 377, 50)));
        withinAllowance(ledger, entry, true);
    }

    function test_ReceiptOfTheLargestShipment() public {
        lotsOfTwoHolders(377);
        IProduceLedger.Line[] memory all = manifest(0, 377, 50);
        bytes32 id = shipped(CARRIER, BUYER, "R", all);
        withinAllowance(ledger, receiptEntry(receipt(BUYER, id, all), all), true);
    }

    function test_SaleAndDisposal() public {
        lotsOfTwoHolders(378);
        IProduceLedger.Line[] memory all = manifest(0, 378, 50);
        withinAllowance(ledger, saleEntry(IProduceLedger.Sale(CARRIER, all, CONTENT, DEADLINE)), true);
        withinAllowance(ledger, disposalEntry(IProduceLedger.Disposal(CARRIER, all, CONTENT, DEADLINE)), true);
    }

    function test_TransformationOfManyInputs() public {
        lotsOfTwoHolders(374);
        IProduceLedger.Output[] memory outputs = new IProduceLedger.Output[](1);
        outputs[0] = IProduceLedger.Output(BULK, "C", 1);
        applied(registry, roleEntry(IPartyRegistry.RoleChange(CARRIER, Roles.PACKER, DEADLINE)));
        applied(registry, permitEntry(IPartyRegistry.ProductPermit(BULK, FARM, CARRIER, true, DEADLINE)));
        withinAllowance(
            ledger,
            transformationEntry(transformation(CARRIER, manifest(0, 374, 50), outputs)),
            true
        );
    }

    function test_TransformationToManyOutputs() public {
        bytes32 lot = harvested("L", 1000);
        handedOver(FARM, PACKER, "0", lines(lot, 500));
        IProduceLedger.Output[] memory outputs = new IProduceLedger.Output[](125);
        for (uint256 i = 0; i < outputs.length; ++i) {
            outputs[i] = IProduceLedger.Output(BULK, string.concat("ABCDEFGHIJKLMNOPQ", vm.toString(100 + i)), 1);
        }
        withinAllowance(
            ledger,
            transformationEntry(transformation(PACKER, lines(lot, 500), outputs)),
            true
        );
    }

    function test_StatementOfManyLots() public {
        IProduceLedger.Statement memory s =
            IProduceLedger.Statement(CARRIER, "transporting", new bytes32[](756), CONTENT, DEADLINE);
        withinAllowance(ledger, statementEntry(s), true);
    }
}

contract AllowanceOfSmallEntriesTest is WithinAllowance {
    function test_SmallEntriesOfEveryKind() public {
        withinAllowance(ledger, harvestEntry(harvest("ABCDEFGHIJKLMNOPQRST", 5)), false);
        bytes32 lot = lotOf(BULK, "ABCDEFGHIJKLMNOPQRST");
        withinAllowance(
            ledger, intakeEntry(IProduceLedger.Intake(PACKER, BULK, "P-1", 900, CONTENT, DEADLINE)), false
        );
        withinAllowance(ledger, shipmentEntry(shipment(FARM, BUYER, "R", lines(lot, 1))), false);
        withinAllowance(
            ledger, receiptEntry(receipt(BUYER, consignmentOf(FARM, "R"), lines(lot, 1)), lines(lot, 1)), false
        );
        withinAllowance(ledger, saleEntry(IProduceLedger.Sale(BUYER, lines(lot, 1), CONTENT, DEADLINE)), false);
        withinAllowance(
            ledger, disposalEntry(IProduceLedger.Disposal(FARM, lines(lot, 1), CONTENT, DEADLINE)), false
        );
        withinAllowance(ledger, recallEntry(IProduceLedger.Recall(REGULATOR, lot, CONTENT, DEADLINE)), false);
        withinAllowance(ledger, releaseEntry(IProduceLedger.Release(REGULATOR, lot, CONTENT, DEADLINE)), false);
        withinAllowance(
            ledger,
            statementEntry(IProduceLedger.Statement(CARRIER, "", new bytes32[](0), CONTENT, DEADLINE)),
            false
        );
    }

    function test_EntriesOfTheRegistry() public {
        withinAllowance(
            registry, admissionEntry(admission(STRANGER, Roles.ALL), secretOf(STRANGER)), false
        );
        withinAllowance(
            registry,
            grantEntry(
                IPartyRegistry.KeyGrant(
                    FARM, keyOfSecret(7), scheme(), true, true, 0, DEADLINE, DEADLINE
                ),
                secretOf(FARM),
                7
            ),
            false
        );
        withinAllowance(
            registry,
            revocationEntry(IPartyRegistry.KeyRevocation(FARM, keyOfSecret(7), DEADLINE), secretOf(FARM)),
            false
        );
        withinAllowance(
            registry, assignmentEntry(IPartyRegistry.ProductAssignment(5, FARM, DEADLINE)), false
        );
        withinAllowance(registry, permitEntry(IPartyRegistry.ProductPermit(5, FARM, BUYER, true, DEADLINE)), false);
        withinAllowance(registry, roleEntry(IPartyRegistry.RoleChange(FARM, Roles.ALL, DEADLINE)), false);
        withinAllowance(registry, suspensionEntry(BUYER, true, DEADLINE), false);
        withinAllowance(registry, cancellationEntry(FARM, CONTENT, secretOf(FARM)), false);
        IPartyRegistry.Recovery memory r = recovery(FARM, 8);
        withinAllowance(registry, recoveryEntry(r, REGISTRAR_SECRET, 8), false);
        withinAllowance(registry, recoveryCancellationEntry(FARM, r.keyId, secretOf(FARM)), false);
        r.effectiveAt += 1;
        withinAllowance(registry, recoveryEntry(r, REGISTRAR_SECRET, 8), false);
        vm.warp(r.effectiveAt);
        withinAllowance(registry, completionEntry(FARM, 8, 8), false);
        vm.warp(START);
        bytes32 role = registry.REGISTRAR_ROLE();
        vm.prank(ADMIN);
        registry.grantRole(role, vm.addr(90));
        withinAllowance(registry, acceptanceEntry(role, 90), false);
    }
}

/// @title The same with P-256 keys, where the precompile checks them
contract AllowanceOfP256EntriesTest is AllowanceOfSmallEntriesTest {
    function scheme() internal pure override returns (IPartyRegistry.Scheme) {
        return IPartyRegistry.Scheme.P256;
    }
}

/**
 * @title The same where Solidity has to check them
 * forge-config: default.evm_version = "prague"
 */
contract AllowanceOfP256EntriesInSolidityTest is AllowanceOfP256EntriesTest {}
