// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {LedgerEntries} from "./support/LedgerEntries.sol";

/// @title Voids, the notices before them, and a way out of every state
contract NoticesTest is LedgerEntries {
    using ActionHashes for *;

    bytes32 private lot;
    /// @dev FARM to PACKER: 600 g.
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        lot = harvested("L1", 1000);
        id = shipped(FARM, PACKER, "SSCC-1", manifest());
    }

    function manifest() private view returns (IProduceLedger.Line[] memory) {
        return lines(lot, 600);
    }

    function voids(uint64 shipper, uint64 receiver) private view returns (IEntryRelay.Entry memory) {
        return voidEntry(voiding(shipper, receiver, id, manifest()), manifest());
    }

    function receives() private view returns (IEntryRelay.Entry memory) {
        return receiptEntry(receipt(PACKER, id, manifest()), manifest());
    }

    function inVariance() private {
        recorded(
            partialReceiptEntry(partialReceipt(id, manifest(), received(lot, 500, 0, 0), ""), manifest())
        );
    }

    function noticeNotPossible(IProduceLedger.ConsignmentState state, uint64 party)
        private
        view
        returns (bytes memory)
    {
        return abi.encodeWithSelector(IProduceLedger.NoticeNotPossible.selector, id, state, party);
    }

    function notInTransit(IProduceLedger.ConsignmentState state) private view returns (bytes memory) {
        return abi.encodeWithSelector(IProduceLedger.NotInTransit.selector, id, state);
    }

    // ------------------------------------------------------------------------------------------------ notices

    function test_TheShipperAnnouncesAVoid() public {
        uint32 before = lotState(lot).entries;
        vm.warp(START + 10);
        IProduceLedger.Notice memory action = notice(FARM, id);
        recordedAs(noticeEntry(action), IProduceLedger.Kind.Notice, FARM, action.hash());
        requireState(id, IProduceLedger.ConsignmentState.VoidAnnounced);
        vm.assertEq(consignmentRecord(id).noticeAt, START + 10, "when");
        requireOpen(id, manifest());
        vm.assertEq(lotState(lot).entries, before, "no entry of the lot");
    }

    function test_EitherSideAnnouncesAWriteOff() public {
        inVariance();
        uint256 before = vm.snapshotState();
        recorded(noticeEntry(notice(FARM, id)));
        requireState(id, IProduceLedger.ConsignmentState.WriteOffAnnounced);
        vm.revertToState(before);
        recorded(noticeEntry(notice(PACKER, id)));
        requireState(id, IProduceLedger.ConsignmentState.WriteOffAnnounced);
        vm.assertEq(consignmentRecord(id).noticeAt, START, "when");
    }

    function test_OnlyTheShipperAnnouncesAVoid() public {
        refused(
            noticeEntry(notice(PACKER, id)),
            noticeNotPossible(IProduceLedger.ConsignmentState.InTransit, PACKER)
        );
        refused(
            noticeEntry(notice(BUYER, id)),
            noticeNotPossible(IProduceLedger.ConsignmentState.InTransit, BUYER)
        );
        inVariance();
        refused(
            noticeEntry(notice(BUYER, id)),
            noticeNotPossible(IProduceLedger.ConsignmentState.Variance, BUYER)
        );
    }

    function test_ANoticeIsGivenOnce() public {
        recorded(noticeEntry(notice(FARM, id)));
        refused(
            noticeEntry(notice(FARM, id)),
            abi.encodeWithSelector(IProduceLedger.AlreadyUsed.selector, ledgerDigest(notice(FARM, id).hash()))
        );
        refuseAnother(FARM, IProduceLedger.ConsignmentState.VoidAnnounced);
        inVariance();
        recorded(noticeEntry(notice(PACKER, id)));
        refuseAnother(FARM, IProduceLedger.ConsignmentState.WriteOffAnnounced);
        refuseAnother(PACKER, IProduceLedger.ConsignmentState.WriteOffAnnounced);
    }

    /// @dev A notice that was not given before.
    function refuseAnother(uint64 party, IProduceLedger.ConsignmentState state) private {
        IProduceLedger.Notice memory action = notice(party, id);
        action.contentHash = keccak256("another event");
        refused(noticeEntry(action), noticeNotPossible(state, party));
    }

    function test_RefusesANoticeWhereNothingIsOpen() public {
        uint256 before = vm.snapshotState();
        recorded(receives());
        refuseAnother(FARM, IProduceLedger.ConsignmentState.Received);
        vm.revertToState(before);
        recorded(voids(FARM, PACKER));
        refuseAnother(FARM, IProduceLedger.ConsignmentState.Voided);
        vm.revertToState(before);
        inVariance();
        recorded(
            settlementEntry(
                settlement(FARM, PACKER, id, lines(lot, 100), settled(lot, 100, 0, 0, 0)), lines(lot, 100)
            )
        );
        refuseAnother(PACKER, IProduceLedger.ConsignmentState.Settled);
        id = keccak256("?");
        refuseAnother(FARM, IProduceLedger.ConsignmentState.None);
    }

    // ------------------------------------------------------------------------------------------------ voids

    function test_AVoidByAgreementNeedsNoNotice() public {
        IProduceLedger.Void memory action = voiding(FARM, PACKER, id, manifest());
        recordedAs(voidEntry(action, manifest()), IProduceLedger.Kind.Void, FARM, action.hash());
        requireState(id, IProduceLedger.ConsignmentState.Voided);
        requireOpen(id, manifest());
        vm.assertEq(balance(lot, FARM), 1000, "all back");
        vm.assertEq(balance(lot, PACKER), 0, "none there");
        vm.assertEq(lotState(lot).entries, 3, "birth, shipment, void");
    }

    function test_AVoidByAgreementAlsoBeforeANoticeIsOver() public {
        recorded(noticeEntry(notice(FARM, id)));
        recorded(voids(FARM, PACKER));
        requireState(id, IProduceLedger.ConsignmentState.Voided);
    }

    function test_TheShipperAloneVoids72HoursAfterTheNotice() public {
        vm.warp(START + 7);
        recorded(noticeEntry(notice(FARM, id)));
        vm.warp(START + 7 + 72 hours - 1);
        refused(
            voids(FARM, 0),
            abi.encodeWithSelector(IProduceLedger.NoticeNotOver.selector, id, START + 7 + 72 hours)
        );
        vm.warp(START + 7 + 72 hours);
        IProduceLedger.Void memory action = voiding(FARM, 0, id, manifest());
        recordedAs(voidEntry(action, manifest()), IProduceLedger.Kind.Void, FARM, action.hash());
        vm.assertEq(balance(lot, FARM), 1000, "back");
        refused(voids(FARM, 0), notInTransit(IProduceLedger.ConsignmentState.Voided));
        refused(receives(), notInTransit(IProduceLedger.ConsignmentState.Voided));
    }

    function test_The72HoursBeginAgainAfterAPause() public {
        recorded(noticeEntry(notice(FARM, id)));
        vm.prank(ADMIN);
        registry.pause();
        vm.warp(START + 73 hours);
        vm.prank(ADMIN);
        registry.unpause();
        vm.assertEq(registry.unpausedAt(), START + 73 hours, "told");
        refused(
            voids(FARM, 0),
            abi.encodeWithSelector(IProduceLedger.NoticeNotOver.selector, id, START + 73 hours + 72 hours)
        );
        vm.warp(START + 73 hours + 72 hours);
        recorded(voids(FARM, 0));
    }

    function test_APauseBeforeTheNoticeChangesNothing() public {
        vm.prank(ADMIN);
        registry.pause();
        vm.prank(ADMIN);
        registry.unpause();
        vm.warp(START + 1 hours);
        recorded(noticeEntry(notice(FARM, id)));
        vm.warp(START + 73 hours - 1);
        refused(
            voids(FARM, 0), abi.encodeWithSelector(IProduceLedger.NoticeNotOver.selector, id, START + 73 hours)
        );
        vm.warp(START + 73 hours);
        recorded(voids(FARM, 0));
    }

    function test_NotWithoutANotice() public {
        vm.warp(START + 80 hours);
        refused(
            voids(FARM, 0), abi.encodeWithSelector(IProduceLedger.NoticeNotOver.selector, id, uint256(0))
        );
    }

    function test_AReceiptInTimeWinsAgainstAnAnnouncedVoid() public {
        recorded(noticeEntry(notice(FARM, id)));
        vm.warp(START + 72 hours);
        recorded(receives());
        vm.assertEq(balance(lot, PACKER), 600, "received");
        refused(voids(FARM, 0), notInTransit(IProduceLedger.ConsignmentState.Received));
        refused(voids(FARM, PACKER), notInTransit(IProduceLedger.ConsignmentState.Received));
    }

    function test_RefusesAVoidByOthers() public {
        bytes memory receiver = abi.encodeWithSelector(IProduceLedger.NotASide.selector, id, PACKER);
        refused(voids(PACKER, FARM), receiver);
        refused(voids(PACKER, 0), receiver);
        bytes memory stranger = abi.encodeWithSelector(IProduceLedger.NotASide.selector, id, BUYER);
        refused(voids(BUYER, PACKER), stranger);
        refused(voids(FARM, BUYER), stranger);
        refused(voids(FARM, FARM), abi.encodeWithSelector(IProduceLedger.NotASide.selector, id, FARM));
    }

    function test_RefusesAVoidOfWhatIsNotUnderWay() public {
        inVariance();
        refused(voids(FARM, PACKER), notInTransit(IProduceLedger.ConsignmentState.Variance));
        recorded(noticeEntry(notice(PACKER, id)));
        vm.warp(START + 72 hours);
        refused(voids(FARM, PACKER), notInTransit(IProduceLedger.ConsignmentState.WriteOffAnnounced));
        id = keccak256("?");
        refused(voids(FARM, PACKER), notInTransit(IProduceLedger.ConsignmentState.None));
    }

    function test_RefusesAVoidOfOtherLines() public {
        IProduceLedger.Line[] memory claimed = lines(lot, 601);
        refused(
            voidEntry(voiding(FARM, PACKER, id, claimed), claimed),
            abi.encodeWithSelector(
                IProduceLedger.WrongManifest.selector, bytes32(bytes24(manifest().hash())), claimed.hash()
            )
        );
        refused(
            voidEntry(voiding(FARM, PACKER, id, manifest()), claimed),
            abi.encodeWithSelector(IProduceLedger.WrongManifest.selector, manifest().hash(), claimed.hash())
        );
    }

    function test_ARecalledLotComesBackByAVoid() public {
        recorded(recallEntry(IProduceLedger.Recall(REGULATOR, lot, CONTENT, DEADLINE)));
        recorded(voids(FARM, PACKER));
        vm.assertEq(balance(lot, FARM), 1000, "back");
    }

    // ------------------------------------------------------------------------------------------------ nobody is stuck

    /// @dev The receiver never acts again, and may be suspended: the shipper that holds the goods still gets out.
    function test_AShipperGetsOutWithoutTheReceiver() public {
        suspend(PACKER);
        recorded(noticeEntry(notice(FARM, id)));
        vm.warp(START + 72 hours);
        recorded(voids(FARM, 0));
        vm.assertEq(balance(lot, FARM), 1000, "back");
        recorded(saleEntry(IProduceLedger.Sale(FARM, lines(lot, 1000), CONTENT, DEADLINE)));
    }

    /// @dev The shipper never acts again: the receiver that holds the goods still gets out of every state.
    function test_AReceiverGetsOutWithoutTheShipper() public {
        recorded(noticeEntry(notice(FARM, id)));
        suspend(FARM);
        IProduceLedger.ReceiptLine[] memory list = received(lot, 400, 0, 200);
        recorded(partialReceiptEntry(partialReceipt(id, manifest(), list, ""), manifest()));
        list = received(lot, 100, 50, 0);
        recorded(partialReceiptEntry(partialReceipt(id, lines(lot, 200), list, "BACK"), lines(lot, 200)));
        requireState(id, IProduceLedger.ConsignmentState.Variance);
        recorded(noticeEntry(notice(PACKER, id)));
        bytes32 back = consignmentOf(PACKER, "BACK");
        recorded(noticeEntry(notice(PACKER, back)));
        vm.warp(START + 72 hours);
        IProduceLedger.SettledLine[] memory lost = settled(lot, 50, 0, 0, 0);
        recorded(settlementEntry(settlement(PACKER, 0, id, lines(lot, 50), lost), lines(lot, 50)));
        requireState(id, IProduceLedger.ConsignmentState.Settled);
        recorded(voidEntry(voiding(PACKER, 0, back, lines(lot, 50)), lines(lot, 50)));
        vm.assertEq(balance(lot, PACKER), 550, "accepted, and what nobody fetched");
        recorded(saleEntry(IProduceLedger.Sale(PACKER, lines(lot, 550), CONTENT, DEADLINE)));
    }

    /// @dev The receiver of a shortfall never acts again: the shipper ends the variance.
    function test_AShipperEndsAVarianceWithoutTheReceiver() public {
        inVariance();
        suspend(PACKER);
        recorded(noticeEntry(notice(FARM, id)));
        vm.warp(START + 72 hours);
        IProduceLedger.SettledLine[] memory lost = settled(lot, 100, 0, 0, 0);
        recorded(settlementEntry(settlement(FARM, 0, id, lines(lot, 100), lost), lines(lot, 100)));
        requireState(id, IProduceLedger.ConsignmentState.Settled);
    }
}
