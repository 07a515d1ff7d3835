// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {Roles} from "../../contracts/libraries/Roles.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Recall and release, and where a recalled lot may still go
contract RecallsTest is Fixture {
    using ActionHashes for *;

    bytes32 private lot;

    function setUp() public override {
        super.setUp();
        lot = harvested("L1", 1000);
        handedOver(FARM, PACKER, "0", lines(lot, 600));
    }

    function recall(uint64 by) private view returns (IProduceLedger.Recall memory) {
        return IProduceLedger.Recall(by, lot, CONTENT, DEADLINE);
    }

    function release(uint64 by) private view returns (IProduceLedger.Release memory) {
        return IProduceLedger.Release(by, lot, CONTENT, DEADLINE);
    }

    function recalled() private returns (bytes memory reason) {
        recorded(recallEntry(recall(REGULATOR)));
        return abi.encodeWithSelector(IProduceLedger.LotRecalled.selector, lot, REGULATOR);
    }

    // ------------------------------------------------------------------------------------------------ who

    function test_TheIssuerAndARegulatorRecall() public {
        uint32 before = lotState(lot).entries;
        recorded(recallEntry(recall(FARM)));
        vm.assertEq(lotState(lot).recalledBy, FARM, "recalled by its issuer");
        recorded(releaseEntry(release(FARM)));
        vm.assertEq(lotState(lot).recalledBy, 0, "released");
        recorded(recallEntry(recall(REGULATOR)));
        vm.assertEq(lotState(lot).recalledBy, REGULATOR, "recalled by a regulator");
        vm.assertEq(lotState(lot).entries, before + 3, "each counted");
    }

    function test_RefusesRecallByAnybodyElse() public {
        refused(
            recallEntry(recall(PACKER)), abi.encodeWithSelector(IProduceLedger.MayNotRecall.selector, lot, PACKER)
        );
    }

    function test_RefusesRecallOfARecalledOrUnknownLot() public {
        refused(recallEntry(recall(FARM)), recalledThenReason());
        IProduceLedger.Recall memory r = recall(REGULATOR);
        r.lot = keccak256("?");
        refused(recallEntry(r), abi.encodeWithSelector(IProduceLedger.UnknownLot.selector, r.lot));
    }

    function recalledThenReason() private returns (bytes memory) {
        return recalled();
    }

    function test_OnlyWhoRecalledReleases() public {
        recalled();
        refused(
            releaseEntry(release(FARM)),
            abi.encodeWithSelector(IProduceLedger.NotTheRecaller.selector, lot, REGULATOR, FARM)
        );
        recorded(releaseEntry(release(REGULATOR)));
    }

    function test_ARegulatorThatLostTheRoleStillReleasesButNoLongerRecalls() public {
        recalled();
        applied(registry, roleEntry(IPartyRegistry.RoleChange(REGULATOR, Roles.LENDER, DEADLINE)));
        recorded(releaseEntry(release(REGULATOR)));
        IProduceLedger.Recall memory r = recall(REGULATOR);
        r.deadline -= 1;
        refused(
            recallEntry(r), abi.encodeWithSelector(IProduceLedger.MayNotRecall.selector, lot, REGULATOR)
        );
    }

    function test_RefusesReleaseOfWhatIsNotRecalled() public {
        refused(releaseEntry(release(FARM)), abi.encodeWithSelector(IProduceLedger.NotRecalled.selector, lot));
        IProduceLedger.Release memory r = release(FARM);
        r.lot = keccak256("?");
        refused(releaseEntry(r), abi.encodeWithSelector(IProduceLedger.UnknownLot.selector, r.lot));
    }

    function test_RefusesTheReplayOfARecallAfterItsRelease() public {
        recorded(recallEntry(recall(FARM)));
        recorded(releaseEntry(release(FARM)));
        refused(
            recallEntry(recall(FARM)),
            abi.encodeWithSelector(IProduceLedger.AlreadyUsed.selector, ledgerDigest(recall(FARM).hash()))
        );
        IProduceLedger.Recall memory again = recall(FARM);
        again.contentHash = keccak256("another event");
        recorded(recallEntry(again));
        refused(
            releaseEntry(release(FARM)),
            abi.encodeWithSelector(IProduceLedger.AlreadyUsed.selector, ledgerDigest(release(FARM).hash()))
        );
    }

    // ------------------------------------------------------------------------------------------------ where to

    function test_ARecalledLotIsNotShippedSoldOrTransformed() public {
        bytes memory reason = recalled();
        refused(shipmentEntry(shipment(PACKER, BUYER, "R", lines(lot, 1))), reason);
        refused(saleEntry(IProduceLedger.Sale(PACKER, lines(lot, 1), CONTENT, DEADLINE)), reason);
        IProduceLedger.Output[] memory outputs = new IProduceLedger.Output[](1);
        outputs[0] = IProduceLedger.Output(BOX, "C", 1);
        refused(
            transformationEntry(transformation(PACKER, lines(lot, 1), outputs)),
            reason
        );
    }

    function test_ItsIssuerMayNotShipItOnEither() public {
        refused(shipmentEntry(shipment(FARM, BUYER, "R", lines(lot, 1))), recalledThenReason());
    }

    function test_ARecalledLotGoesBackToItsIssuer() public {
        recalled();
        handedOver(PACKER, FARM, "R", lines(lot, 600));
        vm.assertEq(balance(lot, FARM), 1000, "back");
    }

    function test_ARecalledLotIsDestroyed() public {
        recalled();
        recorded(disposalEntry(IProduceLedger.Disposal(PACKER, lines(lot, 600), CONTENT, DEADLINE)));
        vm.assertEq(balance(lot, PACKER), 0, "destroyed");
    }

    function test_WhatWasUnderWayAtTheRecallStillArrives() public {
        bytes32 id = shipped(PACKER, BUYER, "R", lines(lot, 600));
        bytes memory reason = recalled();
        recorded(receiptEntry(receipt(BUYER, id, lines(lot, 600)), lines(lot, 600)));
        vm.assertEq(balance(lot, BUYER), 600, "received");
        vm.assertEq(lotState(lot).recalledBy, REGULATOR, "and still recalled");
        refused(shipmentEntry(shipment(BUYER, PACKER, "R2", lines(lot, 1))), reason);
    }

    function test_OneRecalledLineStopsItsManifest() public {
        bytes32 sound = harvested("L2", 10);
        bytes memory reason = recalled();
        refused(shipmentEntry(shipment(FARM, BUYER, "R", lines(lot, 1, sound, 10))), reason);
        shipped(FARM, BUYER, "R", lines(sound, 10));
    }

    function test_AReleasedLotMovesAgain() public {
        recalled();
        recorded(releaseEntry(release(REGULATOR)));
        handedOver(PACKER, BUYER, "R", lines(lot, 600));
    }
}
