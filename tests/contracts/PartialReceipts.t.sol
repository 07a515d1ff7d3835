// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {LedgerEntries} from "./support/LedgerEntries.sol";

/// @title Receipts of a part: accepted, refused and sent back, still to come, missing
contract PartialReceiptsTest is LedgerEntries {
    using ActionHashes for *;

    bytes32 private lot;
    bytes32 private other;
    /// @dev FARM to PACKER: 600 g of `lot`, 400 g of `other`.
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        lot = harvested("L1", 1000);
        other = harvested("L2", 400);
        id = shipped(FARM, PACKER, "SSCC-1", manifest());
    }

    function manifest() private view returns (IProduceLedger.Line[] memory) {
        return lines(lot, 600, other, 400);
    }

    function line(bytes32 named, uint64 accepted, uint64 refused_, uint64 toCome)
        private
        pure
        returns (IProduceLedger.ReceiptLine memory)
    {
        return IProduceLedger.ReceiptLine(named, accepted, refused_, toCome);
    }

    /// @dev Of the whole manifest.
    function receives(
        IProduceLedger.ReceiptLine memory a,
        IProduceLedger.ReceiptLine memory b,
        string memory returnRef
    ) private view returns (IEntryRelay.Entry memory) {
        return partialReceiptEntry(partialReceipt(id, manifest(), both(a, b), returnRef), manifest());
    }

    function everythingAccepted() private view returns (IEntryRelay.Entry memory) {
        return receives(line(lot, 600, 0, 0), line(other, 400, 0, 0), "");
    }

    // ------------------------------------------------------------------------------------------------ stories

    function test_ThreeDeliveriesOfOneConsignment() public {
        recorded(receives(line(lot, 200, 0, 400), line(other, 0, 0, 400), ""));
        vm.assertEq(balance(lot, PACKER), 200, "the first delivery");
        vm.assertEq(balance(other, PACKER), 0, "nothing of the other yet");
        requireState(id, IProduceLedger.ConsignmentState.InTransit);
        IProduceLedger.Line[] memory open = lines(lot, 400, other, 400);
        requireOpen(id, open);

        IProduceLedger.ReceiptLine[] memory second = both(line(lot, 100, 0, 300), line(other, 400, 0, 0));
        recorded(partialReceiptEntry(partialReceipt(id, open, second, ""), open));
        vm.assertEq(balance(lot, PACKER), 300, "the second delivery");
        vm.assertEq(balance(other, PACKER), 400, "all of the other");
        requireState(id, IProduceLedger.ConsignmentState.InTransit);
        open = lines(lot, 300);
        requireOpen(id, open);

        recorded(receiptEntry(receipt(PACKER, id, open), open));
        vm.assertEq(balance(lot, PACKER), 600, "the third delivery");
        requireState(id, IProduceLedger.ConsignmentState.Received);
        vm.assertEq(lotState(lot).entries, 5, "birth, shipment, three receipts");
        vm.assertEq(lotState(other).entries, 4, "birth, shipment, two receipts that name it");
    }

    function test_AllAcceptedEndsItAsAReceiptDoes() public {
        IProduceLedger.PartialReceipt memory action =
            partialReceipt(id, manifest(), both(line(lot, 600, 0, 0), line(other, 400, 0, 0)), "");
        recordedAs(
            partialReceiptEntry(action, manifest()), IProduceLedger.Kind.PartialReceipt, PACKER, action.hash()
        );
        vm.assertEq(balance(lot, PACKER), 600, "one");
        vm.assertEq(balance(other, PACKER), 400, "the other");
        requireState(id, IProduceLedger.ConsignmentState.Received);
        requireOpen(id, manifest());
        vm.assertEq(lotState(lot).entries, 3, "birth, shipment, receipt");
    }

    function test_WhatIsRefusedGoesBackAndItsShipperReceivesIt() public {
        bytes32 back = consignmentOf(PACKER, "BACK-1");
        vm.expectEmit(address(ledger));
        emit IProduceLedger.ReturnOpened(id, back, lines(lot, 100).hash());
        recorded(receives(line(lot, 500, 100, 0), line(other, 400, 0, 0), "BACK-1"));
        vm.assertEq(balance(lot, PACKER), 500, "what was accepted");
        requireState(id, IProduceLedger.ConsignmentState.Received);
        IProduceLedger.ConsignmentRecord memory record = consignmentRecord(back);
        vm.assertEq(record.shipper, PACKER, "the receiver ships it");
        vm.assertEq(record.receiver, FARM, "back to the shipper");
        requireState(back, IProduceLedger.ConsignmentState.InTransit);
        requireOpen(back, lines(lot, 100));

        recorded(receiptEntry(receipt(FARM, back, lines(lot, 100)), lines(lot, 100)));
        vm.assertEq(balance(lot, FARM), 500, "400 kept and 100 back");
        vm.assertEq(lotState(lot).entries, 4, "birth, shipment, receipt, receipt of the return");
    }

    function test_AllOfItMayBeRefused() public {
        recorded(receives(line(lot, 0, 600, 0), line(other, 0, 400, 0), "BACK"));
        requireState(id, IProduceLedger.ConsignmentState.Received);
        requireOpen(consignmentOf(PACKER, "BACK"), manifest());
        vm.assertEq(balance(lot, PACKER) + balance(other, PACKER), 0, "nothing accepted");
        vm.assertEq(lotState(other).entries, 3, "counted all the same");
    }

    function test_AReturnThatNobodyFetchesIsVoidedByTheReceiverAfterNotice() public {
        recorded(receives(line(lot, 500, 100, 0), line(other, 400, 0, 0), "BACK"));
        bytes32 back = consignmentOf(PACKER, "BACK");
        recorded(noticeEntry(notice(PACKER, back)));
        vm.warp(START + 72 hours);
        recorded(voidEntry(voiding(PACKER, 0, back, lines(lot, 100)), lines(lot, 100)));
        requireState(back, IProduceLedger.ConsignmentState.Voided);
        vm.assertEq(balance(lot, PACKER), 600, "the receiver has it after all");
    }

    function test_SomeAcceptedSomeRefusedSomeToCome() public {
        recorded(receives(line(lot, 100, 200, 300), line(other, 400, 0, 0), "BACK"));
        requireState(id, IProduceLedger.ConsignmentState.InTransit);
        requireOpen(id, lines(lot, 300));
        requireOpen(consignmentOf(PACKER, "BACK"), lines(lot, 200));
        vm.assertEq(balance(lot, PACKER), 100, "accepted");
    }

    function test_AShortfallOfTheLastReceiptOpensAVariance() public {
        recorded(receives(line(lot, 590, 0, 0), line(other, 400, 0, 0), ""));
        requireState(id, IProduceLedger.ConsignmentState.Variance);
        requireOpen(id, lines(lot, 10));
        vm.assertEq(balance(lot, PACKER), 590, "what arrived");
        vm.assertEq(consignmentRecord(id).noticeAt, 0, "no notice");
        vm.assertEq(balance(lot, FARM), 400, "what is missing is nobody's");
    }

    function test_NothingAtAllMayHaveArrived() public {
        recorded(receives(line(lot, 0, 0, 0), line(other, 0, 0, 0), ""));
        requireState(id, IProduceLedger.ConsignmentState.Variance);
        requireOpen(id, manifest());
    }

    function test_ARecalledLotStillArrivesAndGoesBack() public {
        recorded(recallEntry(IProduceLedger.Recall(REGULATOR, lot, CONTENT, DEADLINE)));
        recorded(receives(line(lot, 500, 100, 0), line(other, 400, 0, 0), "BACK"));
        vm.assertEq(balance(lot, PACKER), 500, "arrived");
        requireState(consignmentOf(PACKER, "BACK"), IProduceLedger.ConsignmentState.InTransit);
    }

    // ------------------------------------------------------------------------------------------------ under an announced void

    function test_AReceiptOfAPartLeavesAnAnnouncedVoidStanding() public {
        recorded(noticeEntry(notice(FARM, id)));
        recorded(receives(line(lot, 200, 0, 400), line(other, 400, 0, 0), ""));
        requireState(id, IProduceLedger.ConsignmentState.VoidAnnounced);
        vm.assertEq(consignmentRecord(id).noticeAt, START, "the notice runs on");
        vm.warp(START + 72 hours);
        recorded(voidEntry(voiding(FARM, 0, id, lines(lot, 400)), lines(lot, 400)));
        vm.assertEq(balance(lot, FARM), 800, "400 kept, 400 back");
        vm.assertEq(balance(lot, PACKER), 200, "what was received stays");
    }

    function test_AVarianceEndsAnAnnouncedVoidAndItsNotice() public {
        recorded(noticeEntry(notice(FARM, id)));
        recorded(receives(line(lot, 590, 0, 0), line(other, 400, 0, 0), ""));
        requireState(id, IProduceLedger.ConsignmentState.Variance);
        vm.assertEq(consignmentRecord(id).noticeAt, 0, "a notice of a void is none of a write-off");
    }

    function test_AReceiptInFullWinsAgainstAnAnnouncedVoid() public {
        recorded(noticeEntry(notice(FARM, id)));
        recorded(everythingAccepted());
        requireState(id, IProduceLedger.ConsignmentState.Received);
        vm.warp(START + 72 hours);
        refused(
            voidEntry(voiding(FARM, 0, id, manifest()), manifest()),
            notInTransit(IProduceLedger.ConsignmentState.Received)
        );
    }

    // ------------------------------------------------------------------------------------------------ refusals

    function notInTransit(IProduceLedger.ConsignmentState state) private view returns (bytes memory) {
        return abi.encodeWithSelector(IProduceLedger.NotInTransit.selector, id, state);
    }

    function unbalanced(bytes32 named, uint64 expected, uint256 stated) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IProduceLedger.LineUnbalanced.selector, named, expected, stated);
    }

    function test_RefusesWhatIsNotUnderWay() public {
        IEntryRelay.Entry memory entry = everythingAccepted();
        recorded(entry);
        refused(entry, notInTransit(IProduceLedger.ConsignmentState.Received));
        id = keccak256("?");
        refused(everythingAccepted(), notInTransit(IProduceLedger.ConsignmentState.None));
    }

    function test_RefusesAfterTheEndAndInAVariance() public {
        uint256 before = vm.snapshotState();
        recorded(voidEntry(voiding(FARM, PACKER, id, manifest()), manifest()));
        refused(everythingAccepted(), notInTransit(IProduceLedger.ConsignmentState.Voided));
        vm.revertToState(before);
        recorded(receives(line(lot, 600, 0, 0), line(other, 0, 0, 0), ""));
        refused(everythingAccepted(), notInTransit(IProduceLedger.ConsignmentState.Variance));
        recorded(noticeEntry(notice(PACKER, id)));
        refused(everythingAccepted(), notInTransit(IProduceLedger.ConsignmentState.WriteOffAnnounced));
    }

    function test_RefusesAnotherThanTheNamedReceiver() public {
        IProduceLedger.PartialReceipt memory action =
            partialReceipt(id, manifest(), both(line(lot, 600, 0, 0), line(other, 400, 0, 0)), "");
        action.receiver = BUYER;
        refused(
            partialReceiptEntry(action, manifest()),
            abi.encodeWithSelector(IProduceLedger.NotTheReceiver.selector, BUYER, PACKER)
        );
        action.receiver = FARM;
        refused(
            partialReceiptEntry(action, manifest()),
            abi.encodeWithSelector(IProduceLedger.NotTheReceiver.selector, FARM, PACKER)
        );
    }

    function test_RefusesASuspendedReceiver() public {
        suspend(PACKER);
        refused(everythingAccepted(), abi.encodeWithSelector(IPartyRegistry.PartyIsSuspended.selector, PACKER));
    }

    function test_RefusesOtherLinesThanThoseUnderWay() public {
        IProduceLedger.Line[] memory claimed = lines(lot, 601, other, 400);
        IProduceLedger.ReceiptLine[] memory list = both(line(lot, 600, 0, 0), line(other, 400, 0, 0));
        bytes32 stored = bytes32(bytes24(manifest().hash()));
        refused(
            partialReceiptEntry(partialReceipt(id, claimed, list, ""), claimed),
            abi.encodeWithSelector(IProduceLedger.WrongManifest.selector, stored, claimed.hash())
        );
        refused(
            partialReceiptEntry(partialReceipt(id, manifest(), list, ""), claimed),
            abi.encodeWithSelector(IProduceLedger.WrongManifest.selector, manifest().hash(), claimed.hash())
        );
        IProduceLedger.PartialReceipt memory action = partialReceipt(id, manifest(), list, "");
        action.manifestHash ^= bytes32(uint256(1)); // beyond the 24 bytes that are stored
        refused(
            partialReceiptEntry(action, manifest()),
            abi.encodeWithSelector(
                IProduceLedger.WrongManifest.selector, action.manifestHash, manifest().hash()
            )
        );
    }

    function test_RefusesTheSameDeliveryTwice() public {
        IEntryRelay.Entry memory entry = receives(line(lot, 200, 0, 400), line(other, 400, 0, 0), "");
        recorded(entry);
        refused(
            entry,
            abi.encodeWithSelector(
                IProduceLedger.WrongManifest.selector, bytes32(bytes24(lines(lot, 400).hash())), manifest().hash()
            )
        );
    }

    function test_RefusesLinesThatNameOtherLots() public {
        IProduceLedger.Line[] memory open = manifest();
        IProduceLedger.ReceiptLine[] memory list = both(line(lot, 600, 0, 0), line(other, 400, 0, 0));
        (list[0], list[1]) = (list[1], list[0]);
        refuseLines(list, open[0].lot, open[1].lot);
        refuseLines(new IProduceLedger.ReceiptLine[](0), open[0].lot, 0);
        refuseLines(received(open[0].lot, 0, 0, 0), open[1].lot, 0);
        list = new IProduceLedger.ReceiptLine[](3);
        (list[0].lot, list[1].lot, list[2].lot) = (open[0].lot, open[1].lot, keccak256("?"));
        refuseLines(list, 0, keccak256("?"));
        list[2].lot = 0;
        refuseLines(list, 0, 0);
        list = both(line(lot, 600, 0, 0), line(other, 400, 0, 0));
        list[1].lot = keccak256("?");
        refuseLines(list, open[1].lot, keccak256("?"));
    }

    function refuseLines(IProduceLedger.ReceiptLine[] memory list, bytes32 expected, bytes32 actual) private {
        refused(
            partialReceiptEntry(partialReceipt(id, manifest(), list, ""), manifest()),
            abi.encodeWithSelector(IProduceLedger.LotsDiffer.selector, expected, actual)
        );
    }

    function test_WhatArrivesOverTheManifestIsNeverCredited() public {
        refused(receives(line(lot, 601, 0, 0), line(other, 400, 0, 0), ""), unbalanced(lot, 600, 601));
        refused(receives(line(lot, 600, 0, 0), line(other, 0, 401, 0), "B"), unbalanced(other, 400, 401));
        refused(receives(line(lot, 600, 0, 0), line(other, 0, 0, 401), ""), unbalanced(other, 400, 401));
        uint64 most = type(uint64).max;
        refused(receives(line(lot, most, 1, 0), line(other, 400, 0, 0), "B"), unbalanced(lot, 600, uint256(most) + 1));
    }

    function test_WhileSomeIsToComeEveryGramOfEveryLineIsAccountedFor() public {
        refused(receives(line(lot, 100, 0, 499), line(other, 400, 0, 0), ""), unbalanced(lot, 600, 599));
        refused(receives(line(lot, 100, 0, 500), line(other, 399, 0, 0), ""), unbalanced(other, 400, 399));
    }

    function test_RefusesAReceiptThatLeavesEverythingToCome() public {
        refused(
            receives(line(lot, 0, 0, 600), line(other, 0, 0, 400), ""),
            abi.encodeWithSelector(IProduceLedger.NothingReceived.selector, id)
        );
    }

    function test_AReturnHasAReferenceAndOnlyAReturnHas() public {
        refused(
            receives(line(lot, 500, 100, 0), line(other, 399, 1, 0), ""),
            abi.encodeWithSelector(IProduceLedger.ReturnReference.selector, uint256(101), "")
        );
        refused(
            receives(line(lot, 600, 0, 0), line(other, 400, 0, 0), "BACK"),
            abi.encodeWithSelector(IProduceLedger.ReturnReference.selector, uint256(0), "BACK")
        );
    }

    function test_AReturnsReferenceIsUsedOnceByTheReceiver() public {
        recorded(intakeEntry(IProduceLedger.Intake(PACKER, BOX, "I", 5, CONTENT, DEADLINE)));
        bytes32 used = shipped(PACKER, BUYER, "BACK", lines(lotOf(BOX, "I"), 5));
        refused(
            receives(line(lot, 500, 100, 0), line(other, 400, 0, 0), "BACK"),
            abi.encodeWithSelector(IProduceLedger.ConsignmentUsed.selector, used)
        );
        recorded(receives(line(lot, 500, 100, 0), line(other, 400, 0, 0), "BACK-2"));
    }

    function test_TheShippersReferenceIsAnotherThanTheReceivers() public {
        recorded(receives(line(lot, 500, 100, 0), line(other, 400, 0, 0), "SSCC-1"));
        requireState(consignmentOf(PACKER, "SSCC-1"), IProduceLedger.ConsignmentState.InTransit);
    }

    // ------------------------------------------------------------------------------------------------ conservation

    /// @dev Whatever is stated: what was open is what was accepted, what is under way back, what is to come and what is missing.
    function testFuzz_NoGramIsMadeOrLost(uint64 a, uint64 r, uint64 c, uint64 a2, uint64 r2) public {
        a %= 601;
        r %= 601 - a;
        c = c % 3 == 0 ? 600 - a - r : 0;
        a2 %= 401;
        r2 = c != 0 ? 400 - a2 : r2 % (401 - a2);
        vm.assume(c == 0 || a + r + a2 + r2 != 0);
        recorded(receives(line(lot, a, r, c), line(other, a2, r2, 0), r + r2 == 0 ? "" : "BACK"));
        vm.assertEq(balance(lot, PACKER), a, "accepted");
        vm.assertEq(balance(other, PACKER), a2, "accepted of the other");
        requireKept(consignmentOf(PACKER, "BACK"), r, r2, r + r2 == 0);
        uint64 short = 600 - a - r - c;
        uint64 short2 = 400 - a2 - r2;
        if (c != 0) {
            requireState(id, IProduceLedger.ConsignmentState.InTransit);
            requireKept(id, c, 0, false);
        } else if (short + short2 != 0) {
            requireState(id, IProduceLedger.ConsignmentState.Variance);
            requireKept(id, short, short2, false);
        } else {
            requireState(id, IProduceLedger.ConsignmentState.Received);
        }
    }

    function requireKept(bytes32 consignment, uint64 grams, uint64 otherGrams, bool none) private view {
        if (none) requireState(consignment, IProduceLedger.ConsignmentState.None);
        else if (otherGrams == 0) requireOpen(consignment, lines(lot, grams));
        else if (grams == 0) requireOpen(consignment, lines(other, otherGrams));
        else requireOpen(consignment, lines(lot, grams, other, otherGrams));
    }
}
