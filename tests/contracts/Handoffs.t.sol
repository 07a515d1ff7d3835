// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Shipments and receipts: two signatures move grams from one party to the other
contract HandoffsTest is Fixture {
    using ActionHashes for *;

    bytes32 private lot;
    bytes32 private other;

    function setUp() public override {
        super.setUp();
        lot = harvested("L1", 1000);
        other = harvested("L2", 400);
    }

    // ------------------------------------------------------------------------------------------------ shipment

    function test_AShipmentTakesGramsAndOpensAConsignment() public {
        IProduceLedger.Line[] memory manifest = lines(lot, 600, other, 400);
        bytes32 id = shipped(FARM, PACKER, "SSCC-1", manifest);
        vm.assertEq(balance(lot, FARM), 400, "taken from the shipper");
        vm.assertEq(balance(other, FARM), 0, "all of the other");
        vm.assertEq(balance(lot, PACKER), 0, "not yet the receiver's");
        IProduceLedger.ConsignmentRecord memory record = consignmentRecord(id);
        vm.assertEq(record.shipper, FARM, "shipper");
        vm.assertEq(record.receiver, PACKER, "receiver");
        vm.assertEq(uint256(record.state), uint256(IProduceLedger.ConsignmentState.InTransit), "in transit");
        vm.assertEq(bytes32(record.manifestHash), bytes32(bytes24(manifest.hash())), "manifest");
        vm.assertEq(lotState(lot).entries, 2, "birth and shipment");
    }

    function test_RefusesShippingMoreThanHeld() public {
        refused(
            shipmentEntry(shipment(FARM, PACKER, "R", lines(lot, 1001))),
            abi.encodeWithSelector(IProduceLedger.NotEnoughHeld.selector, lot, FARM, uint64(1000), uint64(1001))
        );
        refused(
            shipmentEntry(shipment(BUYER, PACKER, "R", lines(lot, 1))),
            abi.encodeWithSelector(IProduceLedger.NotEnoughHeld.selector, lot, BUYER, uint64(0), uint64(1))
        );
    }

    function test_RefusesShippingWhatIsUnderWay() public {
        shipped(FARM, PACKER, "R1", lines(lot, 600));
        refused(
            shipmentEntry(shipment(FARM, BUYER, "R2", lines(lot, 401))),
            abi.encodeWithSelector(IProduceLedger.NotEnoughHeld.selector, lot, FARM, uint64(400), uint64(401))
        );
    }

    function test_RefusesEmptyUnorderedZeroAndUnknownLines() public {
        refused(
            shipmentEntry(shipment(FARM, PACKER, "R", new IProduceLedger.Line[](0))),
            abi.encodeWithSelector(IProduceLedger.NothingListed.selector)
        );
        IProduceLedger.Line[] memory manifest = lines(lot, 1, other, 1);
        (manifest[0], manifest[1]) = (manifest[1], manifest[0]);
        refused(
            shipmentEntry(shipment(FARM, PACKER, "R", manifest)),
            abi.encodeWithSelector(IProduceLedger.NotAscending.selector, manifest[0].lot, manifest[1].lot)
        );
        refused(
            shipmentEntry(shipment(FARM, PACKER, "R", lines(0, 1))),
            abi.encodeWithSelector(IProduceLedger.NotAscending.selector, bytes32(0), bytes32(0))
        );
        refused(
            shipmentEntry(shipment(FARM, PACKER, "R", lines(lot, 0))),
            abi.encodeWithSelector(IProduceLedger.ZeroGrams.selector, lot)
        );
        refused(
            shipmentEntry(shipment(FARM, PACKER, "R", lines(keccak256("?"), 1))),
            abi.encodeWithSelector(IProduceLedger.UnknownLot.selector, keccak256("?"))
        );
    }

    function test_RefusesReceiversThatAreUnknownSuspendedOrTheShipper() public {
        bytes memory unknown = abi.encodeWithSelector(IProduceLedger.UnknownReceiver.selector, STRANGER);
        refused(shipmentEntry(shipment(FARM, STRANGER, "R", lines(lot, 1))), unknown);
        suspend(BUYER);
        bytes memory suspended = abi.encodeWithSelector(IProduceLedger.UnknownReceiver.selector, BUYER);
        refused(shipmentEntry(shipment(FARM, BUYER, "R", lines(lot, 1))), suspended);
        bytes memory self = abi.encodeWithSelector(IProduceLedger.SelfShipment.selector, FARM);
        refused(shipmentEntry(shipment(FARM, FARM, "R", lines(lot, 1))), self);
    }

    function test_AReferenceIsUsedOnceByEachShipper() public {
        bytes32 id = shipped(FARM, PACKER, "R", lines(lot, 1));
        bytes memory reason = abi.encodeWithSelector(IProduceLedger.ConsignmentUsed.selector, id);
        refused(shipmentEntry(shipment(FARM, PACKER, "R", lines(lot, 1))), reason);
        recorded(receiptEntry(receipt(PACKER, id, lines(lot, 1)), lines(lot, 1)));
        refused(shipmentEntry(shipment(FARM, PACKER, "R", lines(lot, 1))), reason);
        shipped(PACKER, BUYER, "R", lines(lot, 1));
    }

    // ------------------------------------------------------------------------------------------------ receipt

    function test_AReceiptGivesTheGramsToTheReceiver() public {
        IProduceLedger.Line[] memory manifest = lines(lot, 600, other, 400);
        bytes32 id = shipped(FARM, PACKER, "R", manifest);
        recorded(receiptEntry(receipt(PACKER, id, manifest), manifest));
        vm.assertEq(balance(lot, PACKER), 600, "received");
        vm.assertEq(balance(lot, FARM), 400, "the rest stays");
        vm.assertEq(balance(other, PACKER), 400, "received whole");
        vm.assertEq(balance(other, FARM), 0, "gone");
        vm.assertEq(
            uint256(consignmentRecord(id).state), uint256(IProduceLedger.ConsignmentState.Received), "received"
        );
        vm.assertEq(lotState(lot).entries, 3, "birth, shipment, receipt");
    }

    function test_RefusesReceiptByAnotherThanTheNamedReceiver() public {
        bytes32 id = shipped(FARM, PACKER, "R", lines(lot, 600));
        refused(
            receiptEntry(receipt(BUYER, id, lines(lot, 600)), lines(lot, 600)),
            abi.encodeWithSelector(IProduceLedger.NotTheReceiver.selector, BUYER, PACKER)
        );
        refused(
            receiptEntry(receipt(FARM, id, lines(lot, 600)), lines(lot, 600)),
            abi.encodeWithSelector(IProduceLedger.NotTheReceiver.selector, FARM, PACKER)
        );
    }

    function test_RefusesReceiptOfWhatIsNotUnderWay() public {
        refused(
            receiptEntry(receipt(PACKER, keccak256("?"), lines(lot, 1)), lines(lot, 1)),
            abi.encodeWithSelector(
                IProduceLedger.NotInTransit.selector, keccak256("?"), IProduceLedger.ConsignmentState.None
            )
        );
        bytes32 id = shipped(FARM, PACKER, "R", lines(lot, 1));
        IEntryRelay.Entry memory entry = receiptEntry(receipt(PACKER, id, lines(lot, 1)), lines(lot, 1));
        recorded(entry);
        refused(
            entry,
            abi.encodeWithSelector(
                IProduceLedger.NotInTransit.selector, id, IProduceLedger.ConsignmentState.Received
            )
        );
    }

    function testFuzz_RefusesAnotherManifest(uint64 grams) public {
        vm.assume(grams != 600);
        bytes32 id = shipped(FARM, PACKER, "R", lines(lot, 600));
        IProduceLedger.Line[] memory claimed = lines(lot, grams);
        refused(
            receiptEntry(receipt(PACKER, id, claimed), claimed),
            abi.encodeWithSelector(
                IProduceLedger.WrongManifest.selector, bytes32(bytes24(lines(lot, 600).hash())), claimed.hash()
            )
        );
    }

    function test_RefusesAWitnessThatIsNotTheSignedManifest() public {
        bytes32 id = shipped(FARM, PACKER, "R", lines(lot, 600));
        IProduceLedger.Line[] memory shown = lines(lot, 1000);
        refused(
            receiptEntry(receipt(PACKER, id, lines(lot, 600)), shown),
            abi.encodeWithSelector(
                IProduceLedger.WrongManifest.selector, lines(lot, 600).hash(), shown.hash()
            )
        );
    }

    function test_RefusesAManifestHashThatAgreesOnlyInItsFirst24Bytes() public {
        bytes32 id = shipped(FARM, PACKER, "R", lines(lot, 600));
        IProduceLedger.Receipt memory r = receipt(PACKER, id, lines(lot, 600));
        r.manifestHash = r.manifestHash ^ bytes32(uint256(1));
        refused(
            receiptEntry(r, lines(lot, 600)),
            abi.encodeWithSelector(
                IProduceLedger.WrongManifest.selector, r.manifestHash, lines(lot, 600).hash()
            )
        );
    }

    function test_ASuspendedPartyNeitherShipsNorReceives() public {
        bytes32 id = shipped(FARM, PACKER, "R", lines(lot, 600));
        suspend(PACKER);
        refused(
            receiptEntry(receipt(PACKER, id, lines(lot, 600)), lines(lot, 600)),
            abi.encodeWithSelector(IPartyRegistry.PartyIsSuspended.selector, PACKER)
        );
    }

    // ------------------------------------------------------------------------------------------------ branches

    /// @dev Balances in the lot's own slot and in the mapping have to be one account, whoever holds what in which order.
    function test_OneLotWithSeveralHoldersAndBack() public {
        handedOver(FARM, PACKER, "1", lines(lot, 300));
        handedOver(FARM, BUYER, "2", lines(lot, 300));
        handedOver(FARM, CARRIER, "3", lines(lot, 400)); // FARM, the lot's holder, has nothing left
        handedOver(PACKER, CARRIER, "4", lines(lot, 100));
        handedOver(PACKER, FARM, "5", lines(lot, 200));
        handedOver(BUYER, PACKER, "6", lines(lot, 300));
        vm.assertEq(balance(lot, FARM), 200, "farm");
        vm.assertEq(balance(lot, PACKER), 300, "packer");
        vm.assertEq(balance(lot, BUYER), 0, "buyer");
        vm.assertEq(balance(lot, CARRIER), 500, "carrier");
        vm.assertEq(lotState(lot).entries, 13, "one birth, six shipments, six receipts");
    }

    /// @dev A party with grams in the mapping must not become the lot's holder and lose sight of them.
    function test_AReceiverWithABalanceKeepsItWhenTheHolderRunsOut() public {
        handedOver(FARM, BUYER, "1", lines(lot, 400));
        handedOver(FARM, BUYER, "2", lines(lot, 600));
        vm.assertEq(balance(lot, BUYER), 1000, "both parts");
        handedOver(BUYER, PACKER, "3", lines(lot, 1000));
        vm.assertEq(balance(lot, PACKER), 1000, "all on");
        vm.assertEq(balance(lot, BUYER) + balance(lot, FARM), 0, "none behind");
    }

    function test_BalancesOfUnequalQuestionsAreRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IProduceLedger.LengthMismatch.selector, 1, 2));
        ledger.balancesOf(new bytes32[](1), new uint64[](2));
        vm.assertEq(balance(lot, STRANGER), 0, "a stranger holds nothing");
    }
}
