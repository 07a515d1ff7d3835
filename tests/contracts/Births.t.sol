// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {Roles} from "../../contracts/libraries/Roles.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Lots are born once, by harvest, intake or transformation
contract BirthsTest is Fixture {
    using ActionHashes for *;

    function intake(string memory code, uint64 grams) private pure returns (IProduceLedger.Intake memory) {
        return IProduceLedger.Intake(PACKER, BOX, code, grams, CONTENT, DEADLINE);
    }

    function output(uint64 product, string memory code, uint64 grams)
        private
        pure
        returns (IProduceLedger.Output[] memory list)
    {
        list = new IProduceLedger.Output[](1);
        list[0] = IProduceLedger.Output(product, code, grams);
    }

    function packing(IProduceLedger.Line[] memory inputs, IProduceLedger.Output[] memory outputs)
        private
        pure
        returns (IProduceLedger.Transformation memory)
    {
        return transformation(PACKER, inputs, outputs);
    }

    /// @dev A lot that PACKER took in and holds.
    function takenIn(string memory code, uint64 grams) private returns (bytes32) {
        recorded(intakeEntry(intake(code, grams)));
        return lotOf(BOX, code);
    }

    // ------------------------------------------------------------------------------------------------ harvest, intake

    function test_AHarvestMakesALotThatItsProducerHolds() public {
        IProduceLedger.Harvest memory h = harvest("L1", 500);
        bytes32 digest = ledgerDigest(h.hash());
        vm.expectEmit(address(ledger));
        emit IProduceLedger.EntryRecorded(CONTENT, FARM, IProduceLedger.Kind.Harvest, keyOf(FARM), digest);
        recorded(harvestEntry(h));

        IProduceLedger.LotState memory lot = lotState(lotOf(BULK, "L1"));
        vm.assertEq(lot.issuer, FARM, "issuer");
        vm.assertEq(lot.grams, 500, "grams");
        vm.assertEq(lot.entries, 1, "entries");
        vm.assertEq(lot.recalledBy, 0, "not recalled");
        vm.assertEq(lot.originHash, bytes32(0), "of no other lot");
        vm.assertEq(balance(lotOf(BULK, "L1"), FARM), 500, "held");
    }

    function test_AnIntakeMakesALotThatItsBuyerHolds() public {
        bytes32 lot = takenIn("P-1", 900);
        vm.assertEq(lotState(lot).issuer, PACKER, "issuer");
        vm.assertEq(balance(lot, PACKER), 900, "held");
    }

    function test_RefusesRolesThatMayNotMakeLots() public {
        IProduceLedger.Harvest memory h = harvest("L1", 500);
        (h.producer, h.product) = (PACKER, BOX);
        refused(
            harvestEntry(h),
            abi.encodeWithSelector(
                IPartyRegistry.RoleMissing.selector, PACKER, Roles.PACKER | Roles.BUYER, Roles.PRODUCER
            )
        );
        IProduceLedger.Intake memory i = intake("L1", 500);
        i.buyer = CARRIER;
        refused(
            intakeEntry(i),
            abi.encodeWithSelector(
                IPartyRegistry.RoleMissing.selector,
                CARRIER,
                Roles.CARRIER,
                Roles.PRODUCER | Roles.PACKER | Roles.BUYER
            )
        );
        IProduceLedger.Transformation memory t = packing(lines(bytes32(uint256(1)), 1), output(BOX, "X", 1));
        t.packer = CARRIER;
        refused(
            transformationEntry(t),
            abi.encodeWithSelector(
                IPartyRegistry.RoleMissing.selector,
                CARRIER,
                Roles.CARRIER,
                Roles.PRODUCER | Roles.PACKER | Roles.BUYER | Roles.HUB
            )
        );
    }

    function test_RefusesASecondBirthByWhateverKind() public {
        bytes32 lot = harvested("L1", 500);
        bytes memory reason = abi.encodeWithSelector(IProduceLedger.LotExists.selector, lot);
        refused(harvestEntry(harvest("L1", 500)), reason);
        IProduceLedger.Intake memory i = intake("L1", 7);
        i.product = BULK;
        refused(intakeEntry(i), reason);
        bytes32 input = takenIn("P-1", 900);
        refused(transformationEntry(packing(lines(input, 900), output(BULK, "L1", 900))), reason);
    }

    function test_RefusesAProductThatIsNotTheirs() public {
        IProduceLedger.Harvest memory h = harvest("L1", 500);
        h.product = BOX;
        refused(harvestEntry(h), abi.encodeWithSelector(IProduceLedger.ProductNotAllowed.selector, BOX, FARM));
        IProduceLedger.Intake memory i = intake("L1", 500);
        i.product = 4711;
        refused(
            intakeEntry(i), abi.encodeWithSelector(IProduceLedger.ProductNotAllowed.selector, uint64(4711), PACKER)
        );
    }

    function test_APermittedPackerMakesLotsOfTheOwnersProduct() public {
        IProduceLedger.Intake memory i = intake("L1", 500);
        i.product = BULK;
        recorded(intakeEntry(i));
        vm.assertEq(lotState(lotOf(BULK, "L1")).issuer, PACKER, "issuer");
    }

    function test_RefusesZeroGrams() public {
        bytes memory reason = abi.encodeWithSelector(IProduceLedger.ZeroGrams.selector, lotOf(BULK, "L1"));
        refused(harvestEntry(harvest("L1", 0)), reason);
    }

    function test_RefusesMoreGramsThanALotCanHave() public {
        bytes memory reason =
            abi.encodeWithSelector(IProduceLedger.TooManyGrams.selector, lotOf(BULK, "L1"), MOST_GRAMS + 1);
        IProduceLedger.Harvest memory h = harvest("L1", MOST_GRAMS + 1);
        refused(harvestEntry(h), reason);
        IProduceLedger.Intake memory i = intake("L1", MOST_GRAMS + 1);
        i.product = BULK;
        refused(intakeEntry(i), reason);
        bytes32 input = takenIn("P-1", MOST_GRAMS);
        refused(transformationEntry(packing(lines(input, 1), output(BULK, "L1", MOST_GRAMS + 1))), reason);
        recorded(harvestEntry(harvest("L1", MOST_GRAMS)));
        vm.assertEq(balance(lotOf(BULK, "L1"), FARM), MOST_GRAMS, "68,719 tonnes");
        // Grams are looked at before the product, as a lot without grams is.
        h.product = BOX;
        refused(
            harvestEntry(h),
            abi.encodeWithSelector(IProduceLedger.TooManyGrams.selector, lotOf(BOX, "L1"), MOST_GRAMS + 1)
        );
    }

    function testFuzz_LotCodesAreOneTo20BytesOfCharacterSet82(bytes memory code) public {
        IProduceLedger.Harvest memory h = harvest(string(code), 5);
        if (isLotCode(code)) {
            recorded(harvestEntry(h));
            vm.assertEq(lotState(lotOf(BULK, string(code))).grams, 5, "born under its identifier");
        } else {
            refused(harvestEntry(h), abi.encodeWithSelector(IProduceLedger.InvalidLotCode.selector, string(code)));
        }
    }

    function test_EveryByteAloneIsALotCodeIfItIsInCharacterSet82() public {
        for (uint256 i = 0; i < 256; ++i) testFuzz_LotCodesAreOneTo20BytesOfCharacterSet82(abi.encodePacked(uint8(i)));
    }

    function test_ALotCodeHasAtMost20Bytes() public {
        testFuzz_LotCodesAreOneTo20BytesOfCharacterSet82("ABCDEFGHIJKLMNOPQRST");
        testFuzz_LotCodesAreOneTo20BytesOfCharacterSet82("ABCDEFGHIJKLMNOPQRSTU");
        testFuzz_LotCodesAreOneTo20BytesOfCharacterSet82("");
    }

    function isLotCode(bytes memory code) private pure returns (bool) {
        bytes memory set =
            "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
        for (uint256 i = 0; i < code.length; ++i) {
            bool found = false;
            for (uint256 j = 0; j < set.length; ++j) found = found || set[j] == code[i];
            if (!found) return false;
        }
        return code.length > 0 && code.length <= 20;
    }

    // ------------------------------------------------------------------------------------------------ transformation

    function test_ATransformationConsumesInputsAndMakesOutputs() public {
        bytes32 a = takenIn("P-1", 900);
        bytes32 b = takenIn("P-2", 600);
        IProduceLedger.Output[] memory outputs = new IProduceLedger.Output[](2);
        outputs[0] = IProduceLedger.Output(BOX, "C-1", 700);
        outputs[1] = IProduceLedger.Output(BULK, "C-2", 650);
        IProduceLedger.Line[] memory inputs = lines(a, 900, b, 500);
        recorded(transformationEntry(packing(inputs, outputs)));

        vm.assertEq(balance(a, PACKER), 0, "first input consumed");
        vm.assertEq(balance(b, PACKER), 100, "second input in part");
        vm.assertEq(lotState(a).entries, 2, "birth and consumption");
        vm.assertEq(balance(lotOf(BOX, "C-1"), PACKER), 700, "first output");
        vm.assertEq(balance(lotOf(BULK, "C-2"), PACKER), 650, "second output");
        bytes32 origin = keccak256(abi.encode(inputs.hash(), outputs.hash()));
        vm.assertEq(lotState(lotOf(BOX, "C-1")).originHash, origin, "origin");
        vm.assertEq(lotState(lotOf(BULK, "C-2")).originHash, origin, "of both");
        vm.assertTrue(lotState(a).moved && lotState(b).moved && !lotState(lotOf(BOX, "C-1")).moved, "moved");
    }

    function testFuzz_NeverMoreOutThanIn(uint64 gramsIn, uint64 first, uint64 second) public {
        gramsIn = 1 + gramsIn % MOST_GRAMS;
        (first, second) = (1 + first % MOST_GRAMS, 1 + second % MOST_GRAMS);
        bytes32 input = takenIn("P-1", gramsIn);
        IProduceLedger.Output[] memory outputs = new IProduceLedger.Output[](2);
        outputs[0] = IProduceLedger.Output(BOX, "C-1", first);
        outputs[1] = IProduceLedger.Output(BOX, "C-2", second);
        IEntryRelay.Entry memory entry = transformationEntry(packing(lines(input, gramsIn), outputs));
        uint256 sum = uint256(first) + second;
        if (sum <= gramsIn) recorded(entry);
        else refused(entry, abi.encodeWithSelector(IProduceLedger.MoreOutThanIn.selector, uint256(gramsIn), sum));
    }

    function testFuzz_EveryGramIsAccountedFor(uint64 culls, uint64 processLoss, uint64 remainder) public {
        bytes32 input = takenIn("P-1", 900);
        IProduceLedger.Transformation memory t = packing(lines(input, 900), output(BOX, "C-1", 700));
        (t.culls, t.processLoss, t.remainder) = (culls, processLoss, remainder);
        uint256 accounted = 700 + uint256(culls) + processLoss + remainder;
        vm.assume(accounted != 900);
        refused(
            transformationEntry(t),
            abi.encodeWithSelector(IProduceLedger.Unbalanced.selector, uint256(900), accounted)
        );
        (t.culls, t.processLoss, t.remainder) = (culls % 67, processLoss % 67, 200 - culls % 67 - processLoss % 67);
        recorded(transformationEntry(t));
        vm.assertEq(balance(lotOf(BOX, "C-1"), PACKER), 700, "out");
        vm.assertEq(balance(input, PACKER), 0, "in");
    }

    function test_RefusesOneGramMoreOutThanIn() public {
        bytes32 input = takenIn("P-1", 900);
        refused(
            transformationEntry(packing(lines(input, 900), output(BOX, "C-1", 901))),
            abi.encodeWithSelector(IProduceLedger.MoreOutThanIn.selector, uint256(900), uint256(901))
        );
    }

    function test_RefusesTransformationsOfNothingOrToNothing() public {
        bytes32 input = takenIn("P-1", 900);
        bytes memory reason = abi.encodeWithSelector(IProduceLedger.NothingListed.selector);
        refused(
            transformationEntry(packing(new IProduceLedger.Line[](0), output(BOX, "C-1", 1))), reason
        );
        refused(
            transformationEntry(packing(lines(input, 900), new IProduceLedger.Output[](0))), reason
        );
    }

    function test_RefusesTheSameOutputTwice() public {
        bytes32 input = takenIn("P-1", 900);
        IProduceLedger.Output[] memory outputs = new IProduceLedger.Output[](2);
        (outputs[0], outputs[1]) = (IProduceLedger.Output(BOX, "C", 1), IProduceLedger.Output(BOX, "C", 1));
        refused(
            transformationEntry(packing(lines(input, 900), outputs)),
            abi.encodeWithSelector(IProduceLedger.LotExists.selector, lotOf(BOX, "C"))
        );
    }

    function test_RefusesInputsTwiceOutOfOrderOrUnknown() public {
        bytes32 a = takenIn("P-1", 900);
        bytes32 b = takenIn("P-2", 900);
        IProduceLedger.Line[] memory inputs = lines(a, 1, b, 1);
        (inputs[0], inputs[1]) = (inputs[1], inputs[0]);
        refused(
            transformationEntry(packing(inputs, output(BOX, "C", 1))),
            abi.encodeWithSelector(IProduceLedger.NotAscending.selector, inputs[0].lot, inputs[1].lot)
        );
        inputs[1] = inputs[0];
        refused(
            transformationEntry(packing(inputs, output(BOX, "C", 1))),
            abi.encodeWithSelector(IProduceLedger.NotAscending.selector, inputs[0].lot, inputs[0].lot)
        );
        refused(
            transformationEntry(packing(lines(keccak256("?"), 1), output(BOX, "C", 1))),
            abi.encodeWithSelector(IProduceLedger.UnknownLot.selector, keccak256("?"))
        );
    }

    function test_RefusesInputsOfZeroGramsOrBeyondWhatIsHeld() public {
        bytes32 own = takenIn("P-1", 900);
        bytes32 others = harvested("L1", 500);
        refused(
            transformationEntry(packing(lines(own, 0), output(BOX, "C", 1))),
            abi.encodeWithSelector(IProduceLedger.ZeroGrams.selector, own)
        );
        refused(
            transformationEntry(packing(lines(own, 901), output(BOX, "C", 1))),
            abi.encodeWithSelector(IProduceLedger.NotEnoughHeld.selector, own, PACKER, uint64(900), uint64(901))
        );
        refused(
            transformationEntry(packing(lines(others, 1), output(BOX, "C", 1))),
            abi.encodeWithSelector(IProduceLedger.NotEnoughHeld.selector, others, PACKER, uint64(0), uint64(1))
        );
    }

    function test_RefusesOutputsThatNoBirthWouldMake() public {
        bytes32 input = takenIn("P-1", 900);
        refused(
            transformationEntry(packing(lines(input, 900), output(BOX, "", 1))),
            abi.encodeWithSelector(IProduceLedger.InvalidLotCode.selector, "")
        );
        refused(
            transformationEntry(packing(lines(input, 900), output(BOX, "C", 0))),
            abi.encodeWithSelector(IProduceLedger.ZeroGrams.selector, lotOf(BOX, "C"))
        );
        refused(
            transformationEntry(packing(lines(input, 900), output(99, "C", 1))),
            abi.encodeWithSelector(IProduceLedger.ProductNotAllowed.selector, uint64(99), PACKER)
        );
    }
}
