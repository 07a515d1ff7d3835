// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {LedgerEntries} from "./support/LedgerEntries.sol";

/// @title Transformations are corrected while nothing of what they made has moved
contract TransformationAmendmentsTest is LedgerEntries {
    using ActionHashes for *;

    bytes32 private constant PLOT = keccak256("plot");

    /// @dev PACKER made 900 g A1 and 500 g A2 of 1000 g `plain` and 500 g `pure`, which is certified.
    bytes32 private plain;
    bytes32 private pure_;
    bytes32 private first;
    bytes32 private second;
    IProduceLedger.TransformationAmendment private amendment;

    function setUp() public override {
        super.setUp();
        plain = harvested("L1", 2000);
        certified(PLOT, 1000);
        IProduceLedger.Harvest memory h = harvest("L2", 1000);
        h.plot = PLOT;
        recorded(harvestEntry(h));
        pure_ = lotOf(BULK, "L2");
        handedOver(FARM, PACKER, "R", lines(plain, 1500, pure_, 700));
        recorded(transformationEntry(transformation(PACKER, inputs(1000, 500), outputs(900, 500))));
        (first, second) = (lotOf(BOX, "A1"), lotOf(BOX, "A2"));
        (amendment.packer, amendment.originHash) = (PACKER, lotState(first).originHash);
        (amendment.corrects, amendment.contentHash, amendment.deadline) = (keccak256("event"), CONTENT, DEADLINE);
    }

    function inputs(uint64 ofPlain, uint64 ofPure) private view returns (IProduceLedger.Line[] memory) {
        return lines(plain, ofPlain, pure_, ofPure);
    }

    function outputs(uint64 a, uint64 b) private pure returns (IProduceLedger.Output[] memory list) {
        list = new IProduceLedger.Output[](2);
        list[0] = IProduceLedger.Output(BOX, "A1", a);
        list[1] = IProduceLedger.Output(BOX, "A2", b);
    }

    /// @dev To these lines; what goes into no output is culls.
    function to(IProduceLedger.Line[] memory newInputs, IProduceLedger.Output[] memory newOutputs)
        private
        view
        returns (IProduceLedger.TransformationAmendment memory action)
    {
        action = amendment;
        (action.inputs, action.outputs) = (newInputs, newOutputs);
        uint64 rest = 0;
        unchecked {
            for (uint256 i = 0; i < newInputs.length; ++i) rest += newInputs[i].grams;
            for (uint256 i = 0; i < newOutputs.length; ++i) rest -= newOutputs[i].grams;
        }
        action.culls = rest;
    }

    /// @dev Of what `setUp` made.
    function entryFor(IProduceLedger.TransformationAmendment memory action)
        private
        view
        returns (IEntryRelay.Entry memory)
    {
        return transformationAmendmentEntry(action, inputs(1000, 500), outputs(900, 500));
    }

    function entryTo(uint64 ofPlain, uint64 ofPure, uint64 a, uint64 b)
        private
        view
        returns (IEntryRelay.Entry memory)
    {
        return entryFor(to(inputs(ofPlain, ofPure), outputs(a, b)));
    }

    // ------------------------------------------------------------------------------------------------ effects

    function test_GivesBackTakesAndWeighsAnew() public {
        vm.assertEq(lotState(first).certifiedGrams, 300, "a third before");
        IProduceLedger.TransformationAmendment memory action = to(inputs(500, 600), outputs(550, 500));
        recordedAs(
            entryFor(action), IProduceLedger.Kind.TransformationAmendment, PACKER, hashOf(action)
        );
        vm.assertEq(balance(plain, PACKER), 1000, "500 given back");
        vm.assertEq(balance(pure_, PACKER), 100, "100 taken");
        vm.assertEq(balance(first, PACKER), 550, "weighed anew");
        vm.assertEq(lotState(first).grams, 550, "at birth too");
        vm.assertEq(balance(second, PACKER), 500, "as before");
        vm.assertEq(lotState(first).certifiedGrams, 300, "600 of 1100, of 550");
        vm.assertEq(lotState(second).certifiedGrams, 272, "600 of 1100, of 500, rounded down");
        bytes32 origin = originOf(inputs(500, 600), outputs(550, 500));
        vm.assertEq(lotState(first).originHash, origin, "made of the new lines");
        vm.assertEq(lotState(second).originHash, origin, "each of them");
    }

    function test_CountsAnEntryOfEveryLotInAndOut() public {
        uint32[4] memory before = [
            lotState(plain).entries, lotState(pure_).entries, lotState(first).entries, lotState(second).entries
        ];
        recorded(entryTo(1000, 400, 900, 400));
        vm.assertEq(lotState(plain).entries, before[0] + 1, "an input that stays as it was");
        vm.assertEq(lotState(pure_).entries, before[1] + 1, "an input");
        vm.assertEq(lotState(first).entries, before[2] + 1, "an output that stays as it was");
        vm.assertEq(lotState(second).entries, before[3] + 1, "an output");
    }

    function test_ZeroEverywhereAnnulsAndALaterAmendmentRevives() public {
        recorded(entryTo(0, 0, 0, 0));
        vm.assertEq(balance(plain, PACKER), 1500, "all back");
        vm.assertEq(balance(pure_, PACKER), 700, "all back");
        vm.assertEq(balance(first, PACKER) + balance(second, PACKER), 0, "nothing made");
        vm.assertEq(lotState(first).certifiedGrams, 0, "nothing certified");
        vm.assertEq(lotState(first).issuer, PACKER, "and still known");

        amendment.originHash = originOf(inputs(0, 0), outputs(0, 0));
        IProduceLedger.TransformationAmendment memory action = to(inputs(0, 700), outputs(700, 0));
        recorded(transformationAmendmentEntry(action, inputs(0, 0), outputs(0, 0)));
        vm.assertEq(balance(pure_, PACKER), 0, "taken again");
        vm.assertEq(lotState(first).certifiedGrams, 700, "all of it certified now");
        vm.assertEq(lotState(second).grams, 0, "one output stays annulled");
    }

    function test_OneAfterTheOtherByTheNewOrigin() public {
        recorded(entryTo(1000, 400, 900, 400));
        IProduceLedger.TransformationAmendment memory action = to(inputs(1000, 500), outputs(900, 500));
        bytes32 now_ = originOf(inputs(1000, 400), outputs(900, 400));
        refused(
            entryFor(action),
            abi.encodeWithSelector(IProduceLedger.WrongOrigin.selector, first, now_, amendment.originHash)
        );
        action.originHash = now_;
        recorded(transformationAmendmentEntry(action, inputs(1000, 400), outputs(900, 400)));
        vm.assertEq(lotState(first).originHash, amendment.originHash, "back where it was");
        refused(
            entryTo(1000, 400, 900, 400),
            abi.encodeWithSelector(
                IProduceLedger.AlreadyUsed.selector,
                ledgerDigest(hashOf(to(inputs(1000, 400), outputs(900, 400))))
            )
        );
    }

    function test_ARecallIsCarriedByTheNewLines() public {
        recorded(entryTo(1000, 400, 900, 400));
        recorded(recallEntry(IProduceLedger.Recall(FARM, plain, CONTENT, DEADLINE)));
        recorded(propagationEntry(first, inputs(1000, 400), outputs(900, 400).hash()));
        vm.assertTrue(lotState(first).inherited, "carried");
        refused(
            propagationEntry(second, inputs(1000, 500), outputs(900, 500).hash()),
            abi.encodeWithSelector(
                IProduceLedger.WrongOrigin.selector,
                second,
                originOf(inputs(1000, 400), outputs(900, 400)),
                amendment.originHash
            )
        );
    }

    // ------------------------------------------------------------------------------------------------ who and what

    function test_OnlyItsPacker() public {
        IProduceLedger.TransformationAmendment memory action = to(inputs(1000, 500), outputs(800, 500));
        action.packer = FARM;
        refused(
            entryFor(action),
            abi.encodeWithSelector(IProduceLedger.NotTheIssuer.selector, first, PACKER, FARM)
        );
    }

    function test_RefusesNoOutputs() public {
        refused(
            entryFor(to(inputs(1000, 500), new IProduceLedger.Output[](0))),
            abi.encodeWithSelector(IProduceLedger.NothingListed.selector)
        );
    }

    function test_RefusesOtherLinesThanThoseItReplaces() public {
        IProduceLedger.TransformationAmendment memory action = to(inputs(1000, 500), outputs(800, 500));
        refused(
            transformationAmendmentEntry(action, inputs(1, 500), outputs(900, 500)),
            abi.encodeWithSelector(
                IProduceLedger.WrongOrigin.selector,
                first,
                amendment.originHash,
                originOf(inputs(1, 500), outputs(900, 500))
            )
        );
        // Invented lines with a hash to suit them are not those of the lot.
        action.originHash = originOf(inputs(1, 500), outputs(900, 500));
        refused(
            transformationAmendmentEntry(action, inputs(1, 500), outputs(900, 500)),
            abi.encodeWithSelector(
                IProduceLedger.WrongOrigin.selector, first, amendment.originHash, action.originHash
            )
        );
    }

    function test_RefusesOtherOutputs() public {
        IProduceLedger.Output[] memory list = outputs(900, 500);
        list[1].lotCode = "??";
        refused(
            entryFor(to(inputs(1000, 500), list)),
            abi.encodeWithSelector(IProduceLedger.UnknownLot.selector, lotOf(BOX, "??"))
        );
        list[1].lotCode = "not a lot code";
        refused(
            entryFor(to(inputs(1000, 500), list)),
            abi.encodeWithSelector(IProduceLedger.UnknownLot.selector, bytes32(0))
        );
        list[1] = IProduceLedger.Output(BULK, "L1", 500);
        refused(
            entryFor(to(inputs(1000, 500), list)),
            abi.encodeWithSelector(IProduceLedger.NotTheIssuer.selector, plain, FARM, PACKER)
        );
        recorded(transformationEntry(transformation(PACKER, lines(plain, 10), output(BOX, "B", 10))));
        list[1] = IProduceLedger.Output(BOX, "B", 10);
        refused(
            entryFor(to(inputs(1000, 500), list)),
            abi.encodeWithSelector(
                IProduceLedger.WrongOrigin.selector,
                lotOf(BOX, "B"),
                lotState(lotOf(BOX, "B")).originHash,
                amendment.originHash
            )
        );
    }

    function differ(bytes32 expected, bytes32 actual) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IProduceLedger.LotsDiffer.selector, expected, actual);
    }

    function test_TheSameLotsInTheSameOrder() public {
        IProduceLedger.Output[] memory list = outputs(900, 500);
        refused(entryFor(to(inputs(1000, 500), output(BOX, "A1", 900))), differ(second, 0));
        refused(entryFor(to(inputs(1000, 500), output(BOX, "A2", 900))), differ(first, second));
        list[1].lotCode = "A1";
        refused(entryFor(to(inputs(1000, 500), list)), differ(second, first));
        list[1].lotCode = "A2";
        (list[0], list[1]) = (list[1], list[0]);
        refused(entryFor(to(inputs(1000, 500), list)), differ(first, second));

        IProduceLedger.Line[] memory before = inputs(1000, 500);
        list = outputs(500, 500);
        refused(entryFor(to(lines(before[0].lot, 1000), list)), differ(before[1].lot, 0));
        refused(entryFor(to(new IProduceLedger.Line[](0), list)), differ(before[0].lot, 0));
        IProduceLedger.Line[] memory swapped = new IProduceLedger.Line[](2);
        (swapped[0], swapped[1]) = (before[1], before[0]);
        refused(entryFor(to(swapped, list)), differ(before[0].lot, before[1].lot));
    }

    // ------------------------------------------------------------------------------------------------ state of the lots

    function test_NotOnceAnOutputMovedOrIsRecalled() public {
        uint256 before = vm.snapshotState();
        recorded(saleEntry(IProduceLedger.Sale(PACKER, lines(second, 1), CONTENT, DEADLINE)));
        refused(
            entryTo(1000, 400, 900, 400), abi.encodeWithSelector(IProduceLedger.LotMoved.selector, second)
        );
        vm.revertToState(before);
        recorded(recallEntry(IProduceLedger.Recall(PACKER, second, CONTENT, DEADLINE)));
        refused(
            entryTo(1000, 400, 900, 400),
            abi.encodeWithSelector(IProduceLedger.LotRecalled.selector, second, PACKER)
        );
    }

    /// @dev Else what was recalled would come out of the lots that the recall has to reach.
    function test_NotWhileAnInputIsRecalled() public {
        recorded(recallEntry(IProduceLedger.Recall(REGULATOR, plain, CONTENT, DEADLINE)));
        refused(
            entryTo(0, 500, 0, 500),
            abi.encodeWithSelector(IProduceLedger.LotRecalled.selector, plain, REGULATOR)
        );
    }

    function test_TakesNoMoreThanIsHeldAndFree() public {
        refused(
            entryTo(1501, 500, 900, 500),
            abi.encodeWithSelector(
                IProduceLedger.NotEnoughHeld.selector, plain, PACKER, uint64(500), uint64(501)
            )
        );
        recorded(
            pledgeEntry(
                IProduceLedger.Pledge(PACKER, LENDER, plain, 400, uint64(START + 1), CONTENT, DEADLINE)
            )
        );
        refused(
            entryTo(1101, 500, 900, 500),
            abi.encodeWithSelector(
                IProduceLedger.PledgedGrams.selector, plain, PACKER, uint64(500), uint64(400), uint64(101)
            )
        );
        recorded(entryTo(1100, 500, 900, 500));
    }

    function test_NotBelowWhatIsPledgedOfAnOutput() public {
        recorded(
            pledgeEntry(
                IProduceLedger.Pledge(PACKER, LENDER, first, 800, uint64(START + 1), CONTENT, DEADLINE)
            )
        );
        refused(
            entryTo(1000, 500, 799, 500),
            abi.encodeWithSelector(
                IProduceLedger.PledgedGrams.selector, first, PACKER, uint64(900), uint64(800), uint64(101)
            )
        );
        recorded(entryTo(1000, 500, 800, 500));
    }

    function test_RefusesMoreThanALotCanHave() public {
        refused(
            entryTo(1000, 500, MOST_GRAMS + 1, 500),
            abi.encodeWithSelector(IProduceLedger.TooManyGrams.selector, first, MOST_GRAMS + 1)
        );
    }

    function test_GramsBalance() public {
        refused(
            entryTo(1000, 500, 1001, 500),
            abi.encodeWithSelector(IProduceLedger.MoreOutThanIn.selector, uint256(1500), uint256(1501))
        );
        refused(
            entryTo(0, 0, 1, 0),
            abi.encodeWithSelector(IProduceLedger.MoreOutThanIn.selector, uint256(0), uint256(1))
        );
        IProduceLedger.TransformationAmendment memory action = to(inputs(1000, 500), outputs(800, 500));
        (action.culls, action.processLoss, action.remainder) = (100, 50, 49);
        refused(
            entryFor(action),
            abi.encodeWithSelector(IProduceLedger.Unbalanced.selector, uint256(1500), uint256(1499))
        );
        action.remainder = 51;
        refused(
            entryFor(action),
            abi.encodeWithSelector(IProduceLedger.Unbalanced.selector, uint256(1500), uint256(1501))
        );
        action.remainder = 50;
        recorded(entryFor(action));
    }

    function test_RefusesASuspendedPacker() public {
        IEntryRelay.Entry memory entry = entryTo(1000, 400, 900, 400);
        suspend(PACKER);
        refused(entry, abi.encodeWithSelector(IPartyRegistry.PartyIsSuspended.selector, PACKER));
    }

    // ------------------------------------------------------------------------------------------------ shares

    /// @dev However a packing is stated and amended: its outputs are certified for no more than what went in was.
    function testFuzz_NoMoreCertifiedOutThanIn(uint64 ofPlain, uint64 ofPure, uint64 a, uint64 b) public {
        (ofPlain, ofPure) = (ofPlain % 1501, ofPure % 701);
        uint64 gramsIn = ofPlain + ofPure;
        a %= gramsIn + 1;
        b %= gramsIn - a + 1;
        recorded(entryTo(ofPlain, ofPure, a, b));
        (uint64 inFirst, uint64 inSecond) = (lotState(first).certifiedGrams, lotState(second).certifiedGrams);
        vm.assertTrue(inFirst + inSecond <= ofPure, "never above the certified input");
        vm.assertTrue(inFirst <= a && inSecond <= b, "nor above the output");
        if (gramsIn != 0) {
            vm.assertEq(inFirst, uint256(ofPure) * a / gramsIn, "by weight, rounded down");
            vm.assertEq(inSecond, uint256(ofPure) * b / gramsIn, "by weight, rounded down");
        }
        vm.assertEq(balance(plain, PACKER) + ofPlain, 1500, "what did not go in is there");
        vm.assertEq(balance(pure_, PACKER) + ofPure, 700, "of both");
    }

    /// @dev The same of a second generation, whose inputs are certified in part.
    function testFuzz_AShareOfAShare(uint64 ofFirst, uint64 ofSecond, uint64 grams) public {
        (ofFirst, ofSecond) = (1 + ofFirst % 900, 1 + ofSecond % 500);
        grams = 1 + grams % (ofFirst + ofSecond);
        recorded(
            transformationEntry(
                transformation(PACKER, lines(first, ofFirst, second, ofSecond), output(BOX, "D", grams))
            )
        );
        uint256 certifiedIn = uint256(ofFirst) * 300 / 900 + uint256(ofSecond) * 166 / 500;
        vm.assertEq(
            lotState(lotOf(BOX, "D")).certifiedGrams, certifiedIn * grams / (ofFirst + ofSecond), "its share"
        );
        vm.assertTrue(certifiedIn <= 466, "of no more than there is");
    }
}
