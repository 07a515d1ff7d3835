// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {LedgerEntries} from "./support/LedgerEntries.sol";

/// @title What never arrived is settled by both sides, or written off by one after a public notice
contract SettlementsTest is LedgerEntries {
    using ActionHashes for *;

    bytes32 private lot;
    /// @dev FARM to PACKER: 600 g shipped, 500 g accepted, 100 g in variance.
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        lot = harvested("L1", 1000);
        id = shipped(FARM, PACKER, "SSCC-1", lines(lot, 600));
        recorded(
            partialReceiptEntry(
                partialReceipt(id, lines(lot, 600), received(lot, 500, 0, 0), ""), lines(lot, 600)
            )
        );
    }

    function missing() private view returns (IProduceLedger.Line[] memory) {
        return lines(lot, 100);
    }

    function settles(uint64 party, uint64 counterparty, IProduceLedger.SettledLine[] memory list)
        private
        view
        returns (IEntryRelay.Entry memory)
    {
        return settlementEntry(settlement(party, counterparty, id, missing(), list), missing());
    }

    function allLost() private view returns (IProduceLedger.SettledLine[] memory) {
        return settled(lot, 100, 0, 0, 0);
    }

    function announced(uint64 party) private {
        recorded(noticeEntry(notice(party, id)));
    }

    // ------------------------------------------------------------------------------------------------ by both

    function test_BothSettleWhatBecameOfIt() public {
        IProduceLedger.Settlement memory action =
            settlement(FARM, PACKER, id, missing(), settled(lot, 10, 20, 30, 40));
        recordedAs(
            settlementEntry(action, missing()), IProduceLedger.Kind.Settlement, FARM, action.hash()
        );
        vm.assertEq(balance(lot, FARM), 430, "30 returned to the shipper");
        vm.assertEq(balance(lot, PACKER), 540, "40 found at the receiver's");
        requireState(id, IProduceLedger.ConsignmentState.Settled);
        requireOpen(id, missing());
        vm.assertEq(lotState(lot).entries, 4, "birth, shipment, receipt, settlement");
        vm.assertEq(lotState(lot).grams, 1000, "what it weighed at birth is history");
    }

    /// @dev What was found again is received or goes back, as everything that was under way at the recall.
    function test_WhatIsMissingOfARecalledLotIsSettledToo() public {
        recorded(recallEntry(IProduceLedger.Recall(REGULATOR, lot, CONTENT, DEADLINE)));
        recorded(settles(FARM, PACKER, settled(lot, 10, 0, 50, 40)));
        vm.assertEq(balance(lot, FARM), 450, "returned");
        vm.assertEq(balance(lot, PACKER), 540, "received");
        vm.assertEq(lotState(lot).recalledBy, REGULATOR, "recalled as before");
    }

    function test_InEitherOrderOfTheSides() public {
        IProduceLedger.Settlement memory action =
            settlement(PACKER, FARM, id, missing(), settled(lot, 0, 0, 60, 40));
        recordedAs(
            settlementEntry(action, missing()), IProduceLedger.Kind.Settlement, PACKER, action.hash()
        );
        vm.assertEq(balance(lot, FARM), 460, "returned to the shipper, whoever signs first");
        vm.assertEq(balance(lot, PACKER), 540, "received by the receiver");
        requireState(id, IProduceLedger.ConsignmentState.Settled);
    }

    function test_BothStillSettleAfterANotice() public {
        announced(FARM);
        recorded(settles(FARM, PACKER, settled(lot, 0, 100, 0, 0)));
        requireState(id, IProduceLedger.ConsignmentState.Settled);
        vm.assertEq(balance(lot, FARM) + balance(lot, PACKER), 900, "100 g of transit weight loss");
    }

    function test_AllMayBeReturnedOrReceived() public {
        uint256 before = vm.snapshotState();
        recorded(settles(FARM, PACKER, settled(lot, 0, 0, 100, 0)));
        vm.assertEq(balance(lot, FARM), 500, "all returned");
        vm.revertToState(before);
        recorded(settles(FARM, PACKER, settled(lot, 0, 0, 0, 100)));
        vm.assertEq(balance(lot, PACKER), 600, "all received");
    }

    function test_TwoLotsAreSettledEachByItself() public {
        bytes32 other = harvested("L2", 50);
        IProduceLedger.Line[] memory open = lines(lot, 400, other, 50);
        id = shipped(FARM, PACKER, "SSCC-2", open);
        IProduceLedger.ReceiptLine[] memory nothing =
            both(IProduceLedger.ReceiptLine(lot, 0, 0, 0), IProduceLedger.ReceiptLine(other, 0, 0, 0));
        recorded(partialReceiptEntry(partialReceipt(id, open, nothing, ""), open));
        IProduceLedger.SettledLine[] memory list = new IProduceLedger.SettledLine[](2);
        (uint256 a, uint256 b) = lot < other ? (0, 1) : (1, 0);
        list[a] = IProduceLedger.SettledLine(lot, 0, 0, 400, 0);
        list[b] = IProduceLedger.SettledLine(other, 0, 0, 0, 50);
        recorded(settlementEntry(settlement(PACKER, FARM, id, open, list), open));
        vm.assertEq(balance(lot, FARM), 400, "returned");
        vm.assertEq(balance(other, PACKER), 50, "received");
        vm.assertEq(lotState(other).entries, 4, "birth, shipment, receipt, settlement");
    }

    // ------------------------------------------------------------------------------------------------ by one

    function test_EitherSideWritesOffAfterANoticeOfEither() public {
        uint64[2] memory sides = [FARM, PACKER];
        for (uint256 i = 0; i < 4; ++i) {
            uint256 before = vm.snapshotState();
            announced(sides[i / 2]);
            vm.assertEq(consignmentRecord(id).noticeAt, START, "since when");
            vm.warp(START + 72 hours);
            uint64 party = sides[i % 2];
            IProduceLedger.Settlement memory action = settlement(party, 0, id, missing(), allLost());
            recordedAs(
                settlementEntry(action, missing()), IProduceLedger.Kind.Settlement, party, action.hash()
            );
            requireState(id, IProduceLedger.ConsignmentState.Settled);
            vm.assertEq(balance(lot, FARM), 400, "nothing to the shipper");
            vm.assertEq(balance(lot, PACKER), 500, "nothing to the receiver");
            vm.assertEq(lotState(lot).entries, 4, "birth, shipment, receipt, settlement");
            vm.revertToState(before);
            vm.warp(START);
        }
    }

    function test_NotBefore72HoursAfterTheNotice() public {
        bytes memory never = abi.encodeWithSelector(IProduceLedger.NoticeNotOver.selector, id, uint256(0));
        refused(settles(FARM, 0, allLost()), never);
        refused(settles(PACKER, 0, allLost()), never);
        vm.warp(START + 1000);
        announced(PACKER);
        vm.warp(START + 1000 + 72 hours - 1);
        refused(
            settles(FARM, 0, allLost()),
            abi.encodeWithSelector(IProduceLedger.NoticeNotOver.selector, id, START + 1000 + 72 hours)
        );
        vm.warp(START + 1000 + 72 hours);
        recorded(settles(FARM, 0, allLost()));
    }

    /// @dev The shipper's old notice of a void must not start the time of a write-off.
    function test_ANoticeOfAVoidIsNoneOfAWriteOff() public {
        id = shipped(FARM, PACKER, "SSCC-2", lines(lot, 100));
        IEntryRelay.Entry memory entry = noticeEntry(notice(FARM, id));
        recorded(entry);
        recorded(
            partialReceiptEntry(
                partialReceipt(id, missing(), received(lot, 0, 0, 0), ""), missing()
            )
        );
        vm.warp(START + 72 hours);
        refused(
            settles(FARM, 0, allLost()),
            abi.encodeWithSelector(IProduceLedger.NoticeNotOver.selector, id, uint256(0))
        );
        refused(
            entry,
            abi.encodeWithSelector(IProduceLedger.AlreadyUsed.selector, ledgerDigest(notice(FARM, id).hash()))
        );
    }

    function test_OneSideAloneOnlyLoses() public {
        announced(PACKER);
        vm.warp(START + 72 hours);
        bytes memory reason = abi.encodeWithSelector(IProduceLedger.OnlyLoss.selector, lot);
        refused(settles(FARM, 0, settled(lot, 0, 100, 0, 0)), reason);
        refused(settles(FARM, 0, settled(lot, 0, 0, 100, 0)), reason);
        refused(settles(PACKER, 0, settled(lot, 99, 0, 0, 1)), reason);
    }

    // ------------------------------------------------------------------------------------------------ refusals

    function noVariance(IProduceLedger.ConsignmentState state) private view returns (bytes memory) {
        return abi.encodeWithSelector(IProduceLedger.NoVariance.selector, id, state);
    }

    function test_RefusesWhereThereIsNoVariance() public {
        IEntryRelay.Entry memory entry = settles(FARM, PACKER, allLost());
        recorded(entry);
        refused(entry, noVariance(IProduceLedger.ConsignmentState.Settled));
        id = keccak256("?");
        refused(settles(FARM, PACKER, allLost()), noVariance(IProduceLedger.ConsignmentState.None));
        id = shipped(FARM, PACKER, "SSCC-2", missing());
        refused(settles(FARM, PACKER, allLost()), noVariance(IProduceLedger.ConsignmentState.InTransit));
        recorded(noticeEntry(notice(FARM, id)));
        refused(settles(FARM, PACKER, allLost()), noVariance(IProduceLedger.ConsignmentState.VoidAnnounced));
        recorded(receiptEntry(receipt(PACKER, id, missing()), missing()));
        refused(settles(FARM, PACKER, allLost()), noVariance(IProduceLedger.ConsignmentState.Received));
    }

    function test_RefusesWhoIsNoSide() public {
        bytes memory reason = abi.encodeWithSelector(IProduceLedger.NotASide.selector, id, BUYER);
        refused(settles(BUYER, PACKER, allLost()), reason);
        refused(settles(FARM, BUYER, allLost()), reason);
        refused(settles(BUYER, 0, allLost()), reason);
    }

    function test_RefusesOneSideTwice() public {
        refused(
            settles(FARM, FARM, allLost()),
            abi.encodeWithSelector(IProduceLedger.NotASide.selector, id, FARM)
        );
        refused(
            settles(PACKER, PACKER, allLost()),
            abi.encodeWithSelector(IProduceLedger.NotASide.selector, id, PACKER)
        );
    }

    function test_RefusesOtherLinesThanThoseMissing() public {
        IProduceLedger.Line[] memory claimed = lines(lot, 600);
        bytes32 stored = bytes32(bytes24(missing().hash()));
        refused(
            settlementEntry(settlement(FARM, PACKER, id, claimed, settled(lot, 600, 0, 0, 0)), claimed),
            abi.encodeWithSelector(IProduceLedger.WrongManifest.selector, stored, claimed.hash())
        );
        refused(
            settlementEntry(settlement(FARM, PACKER, id, missing(), settled(lot, 600, 0, 0, 0)), claimed),
            abi.encodeWithSelector(IProduceLedger.WrongManifest.selector, missing().hash(), claimed.hash())
        );
    }

    function test_RefusesLinesThatNameOtherLots() public {
        bytes32 unknown = keccak256("?");
        refused(
            settles(FARM, PACKER, settled(unknown, 100, 0, 0, 0)),
            abi.encodeWithSelector(IProduceLedger.LotsDiffer.selector, lot, unknown)
        );
        refused(
            settles(FARM, PACKER, new IProduceLedger.SettledLine[](0)),
            abi.encodeWithSelector(IProduceLedger.LotsDiffer.selector, lot, bytes32(0))
        );
        IProduceLedger.SettledLine[] memory list = new IProduceLedger.SettledLine[](2);
        list[0] = IProduceLedger.SettledLine(lot, 100, 0, 0, 0);
        list[1] = IProduceLedger.SettledLine(unknown, 0, 0, 0, 0);
        refused(
            settles(FARM, PACKER, list),
            abi.encodeWithSelector(IProduceLedger.LotsDiffer.selector, bytes32(0), unknown)
        );
    }

    function test_EveryMissingGramIsSettledAndNoMore() public {
        refused(settles(FARM, PACKER, settled(lot, 10, 20, 30, 39)), unbalanced(99));
        refused(settles(FARM, PACKER, settled(lot, 10, 20, 30, 41)), unbalanced(101));
        uint256 most = type(uint64).max;
        refused(settles(FARM, PACKER, settled(lot, uint64(most), 0, 0, 101)), unbalanced(most + 101));
        announced(FARM);
        vm.warp(START + 72 hours);
        refused(settles(FARM, 0, settled(lot, 99, 0, 0, 0)), unbalanced(99));
    }

    function unbalanced(uint256 stated) private view returns (bytes memory) {
        return abi.encodeWithSelector(IProduceLedger.LineUnbalanced.selector, lot, uint64(100), stated);
    }

    function testFuzz_WhatIsCreditedIsNeverMoreThanWasMissing(uint64 a, uint64 b, uint64 c) public {
        (a, b, c) = (a % 101, b % 101, c % 101);
        vm.assume(uint256(a) + b + c <= 100);
        recorded(settles(FARM, PACKER, settled(lot, 100 - a - b - c, c, a, b)));
        vm.assertEq(balance(lot, FARM), 400 + a, "returned");
        vm.assertEq(balance(lot, PACKER), 500 + b, "received");
    }
}
