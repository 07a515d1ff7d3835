// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {Roles} from "../../contracts/libraries/Roles.sol";
import {LedgerEntries} from "./support/LedgerEntries.sol";

/// @title Births are corrected while nothing of them has moved
contract BirthAmendmentsTest is LedgerEntries {
    using ActionHashes for *;

    bytes32 private constant PLOT = keccak256("plot");

    bytes32 private lot;

    function setUp() public override {
        super.setUp();
        lot = harvested("L1", 1000);
    }

    function amendment(uint64 was, uint64 grams) private view returns (IProduceLedger.BirthAmendment memory) {
        return IProduceLedger.BirthAmendment(FARM, lot, was, grams, keccak256("event"), CONTENT, DEADLINE);
    }

    function amended(uint64 was, uint64 grams) private {
        recorded(birthAmendmentEntry(amendment(was, grams)));
    }

    function refuse(bytes memory reason) private {
        refused(birthAmendmentEntry(amendment(1000, 500)), reason);
    }

    /// @dev A lot that counts against a yield of 1000 g.
    function grown(string memory code, uint64 grams) private returns (bytes32) {
        IProduceLedger.Harvest memory h = harvest(code, grams);
        h.plot = PLOT;
        recorded(harvestEntry(h));
        return lotOf(BULK, code);
    }

    // ------------------------------------------------------------------------------------------------ effects

    function test_TheIssuerAmendsAHarvestBothWays() public {
        IProduceLedger.BirthAmendment memory action = amendment(1000, 900);
        recordedAs(birthAmendmentEntry(action), IProduceLedger.Kind.BirthAmendment, FARM, action.hash());
        vm.assertEq(lotState(lot).grams, 900, "less");
        vm.assertEq(balance(lot, FARM), 900, "held");
        vm.assertEq(lotState(lot).certifiedGrams, 0, "uncertified as before");
        amended(900, 1100);
        vm.assertEq(lotState(lot).grams, 1100, "more");
        vm.assertEq(balance(lot, FARM), 1100, "held");
        vm.assertEq(lotState(lot).entries, 3, "birth and two amendments");
        vm.assertTrue(!lotState(lot).moved, "not moved by that");
    }

    function test_WhoMayBringNothingIntoBeingOnlyLessensWhatItMade() public {
        bytes32 pooled = lotOf(BOX, "I");
        recorded(intakeEntry(IProduceLedger.Intake(PACKER, BOX, "I", 50, CONTENT, DEADLINE)));
        applied(registry, roleEntry(IPartyRegistry.RoleChange(PACKER, Roles.CARRIER, DEADLINE)));
        IProduceLedger.BirthAmendment memory more =
            IProduceLedger.BirthAmendment(PACKER, pooled, 50, 51, keccak256("event"), CONTENT, DEADLINE);
        refused(
            birthAmendmentEntry(more),
            abi.encodeWithSelector(
                IPartyRegistry.RoleMissing.selector, PACKER, Roles.CARRIER, Roles.PRODUCER | Roles.PACKER | Roles.BUYER
            )
        );
        recorded(
            birthAmendmentEntry(
                IProduceLedger.BirthAmendment(PACKER, pooled, 50, 49, keccak256("event"), CONTENT, DEADLINE)
            )
        );
    }

    function test_OnlyAProducerAddsToWhatCountsAgainstAYield() public {
        certified(PLOT, 1000);
        lot = grown("G", 400);
        applied(registry, roleEntry(IPartyRegistry.RoleChange(FARM, Roles.PACKER, DEADLINE)));
        refused(
            birthAmendmentEntry(amendment(400, 401)),
            abi.encodeWithSelector(IPartyRegistry.RoleMissing.selector, FARM, Roles.PACKER, Roles.PRODUCER)
        );
        amended(400, 399);
    }

    function test_AnIntakeToo() public {
        recorded(intakeEntry(IProduceLedger.Intake(PACKER, BOX, "I", 50, CONTENT, DEADLINE)));
        lot = lotOf(BOX, "I");
        IProduceLedger.BirthAmendment memory action = amendment(50, 60);
        action.party = PACKER;
        recorded(birthAmendmentEntry(action));
        vm.assertEq(balance(lot, PACKER), 60, "pooled fruit weighed again");
    }

    function test_ZeroAnnulsAndALaterAmendmentRevives() public {
        amended(1000, 0);
        vm.assertEq(lotState(lot).grams, 0, "annulled");
        vm.assertEq(lotState(lot).issuer, FARM, "and still known");
        refused(
            saleEntry(IProduceLedger.Sale(FARM, lines(lot, 1), CONTENT, DEADLINE)),
            abi.encodeWithSelector(IProduceLedger.NotEnoughHeld.selector, lot, FARM, uint64(0), uint64(1))
        );
        refused(harvestEntry(harvest("L1", 5)), abi.encodeWithSelector(IProduceLedger.LotExists.selector, lot));
        amended(0, 7);
        recorded(saleEntry(IProduceLedger.Sale(FARM, lines(lot, 7), CONTENT, DEADLINE)));
    }

    function test_TheYieldAndWhatIsCertifiedFollow() public {
        certified(PLOT, 1000);
        lot = grown("A", 600);
        amended(600, 500);
        vm.assertEq(lotState(lot).certifiedGrams, 500, "certified follows");
        vm.assertEq(yieldOf(PLOT, SEASON).harvested, 500, "counted anew");
        grown("B", 300);
        refused(
            birthAmendmentEntry(amendment(500, 701)),
            abi.encodeWithSelector(IProduceLedger.YieldExceeded.selector, uint64(1000), uint64(300), uint64(701))
        );
        amended(500, 700);
        vm.assertEq(yieldOf(PLOT, SEASON).harvested, 1000, "to the last gram");
        amended(700, 0);
        vm.assertEq(yieldOf(PLOT, SEASON).harvested, 300, "annulled fruit counts no more");
        grown("C", 700);
    }

    /// @dev Lowered to the harvest: an amendment upwards has no room left, one downwards has.
    function test_ALoweredYieldLimitsAmendments() public {
        certified(PLOT, 1000);
        lot = grown("A", 600);
        recorded(
            yieldEntry(IProduceLedger.YieldCertificate(CERTIFIER, PLOT, SEASON, 600, CONTENT, DEADLINE))
        );
        refused(
            birthAmendmentEntry(amendment(600, 601)),
            abi.encodeWithSelector(IProduceLedger.YieldExceeded.selector, uint64(600), uint64(0), uint64(601))
        );
        amended(600, 599);
    }

    // ------------------------------------------------------------------------------------------------ refusals

    function test_RefusesAnUnknownLot() public {
        lot = keccak256("?");
        refuse(abi.encodeWithSelector(IProduceLedger.UnknownLot.selector, lot));
    }

    function test_OnlyItsIssuer() public {
        IProduceLedger.BirthAmendment memory action = amendment(1000, 500);
        action.party = PACKER;
        refused(
            birthAmendmentEntry(action),
            abi.encodeWithSelector(IProduceLedger.NotTheIssuer.selector, lot, FARM, PACKER)
        );
    }

    function test_NotWhatATransformationMade() public {
        recorded(transformationEntry(transformation(FARM, lines(lot, 1000), output(BULK, "C", 1000))));
        lot = lotOf(BULK, "C");
        refuse(abi.encodeWithSelector(IProduceLedger.WrongAmendment.selector, lot));
    }

    function test_NotARecalledLot() public {
        recorded(recallEntry(IProduceLedger.Recall(REGULATOR, lot, CONTENT, DEADLINE)));
        refuse(abi.encodeWithSelector(IProduceLedger.LotRecalled.selector, lot, REGULATOR));
        recorded(releaseEntry(IProduceLedger.Release(REGULATOR, lot, CONTENT, DEADLINE)));
        amended(1000, 500);
    }

    function test_NotOnceAnyOfItMovedEvenIfItCameBack() public {
        bytes memory moved = abi.encodeWithSelector(IProduceLedger.LotMoved.selector, lot);
        uint256 before = vm.snapshotState();
        recorded(saleEntry(IProduceLedger.Sale(FARM, lines(lot, 1), CONTENT, DEADLINE)));
        refuse(moved);
        vm.revertToState(before);
        recorded(disposalEntry(IProduceLedger.Disposal(FARM, lines(lot, 1), CONTENT, DEADLINE)));
        refuse(moved);
        vm.revertToState(before);
        recorded(transformationEntry(transformation(FARM, lines(lot, 1), output(BULK, "C", 1))));
        refuse(moved);
        vm.revertToState(before);
        bytes32 id = shipped(FARM, PACKER, "R", lines(lot, 1));
        recorded(voidEntry(voiding(FARM, PACKER, id, lines(lot, 1)), lines(lot, 1)));
        vm.assertEq(balance(lot, FARM), 1000, "all back");
        refuse(moved);
    }

    function test_RefusesWhatReplacesOtherGrams() public {
        refused(
            birthAmendmentEntry(amendment(999, 500)),
            abi.encodeWithSelector(IProduceLedger.WrongAmount.selector, lot, uint64(1000), uint64(999))
        );
        IEntryRelay.Entry memory late = birthAmendmentEntry(amendment(1000, 800));
        amended(1000, 900);
        refused(late, abi.encodeWithSelector(IProduceLedger.WrongAmount.selector, lot, uint64(900), uint64(1000)));
    }

    function test_RefusesReplays() public {
        amended(1000, 900);
        IProduceLedger.BirthAmendment memory back = amendment(900, 1000);
        recorded(birthAmendmentEntry(back));
        refused(
            birthAmendmentEntry(amendment(1000, 900)),
            abi.encodeWithSelector(
                IProduceLedger.AlreadyUsed.selector, ledgerDigest(amendment(1000, 900).hash())
            )
        );
    }

    function test_RefusesMoreThanALotCanHave() public {
        amended(1000, MOST_GRAMS);
        refused(
            birthAmendmentEntry(amendment(MOST_GRAMS, MOST_GRAMS + 1)),
            abi.encodeWithSelector(IProduceLedger.TooManyGrams.selector, lot, MOST_GRAMS + 1)
        );
    }

    function test_NotBelowWhatIsPledged() public {
        uint64 until = uint64(START + 1 days);
        recorded(pledgeEntry(IProduceLedger.Pledge(FARM, LENDER, lot, 600, until, CONTENT, DEADLINE)));
        refuse(
            abi.encodeWithSelector(
                IProduceLedger.PledgedGrams.selector, lot, FARM, uint64(1000), uint64(600), uint64(500)
            )
        );
        amended(1000, 600);
        vm.warp(until);
        amended(600, 0);
    }
}
