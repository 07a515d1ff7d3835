// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {Roles} from "../../contracts/libraries/Roles.sol";
import {LedgerEntries} from "./support/LedgerEntries.sol";

/// @title Grams that secure a loan stay where they are until the lender lets go or the term ends
contract PledgesTest is LedgerEntries {
    using ActionHashes for *;

    uint64 private constant BANK = 10_000_000_000_005;
    uint64 private constant TERM = uint64(START + 3 days);

    bytes32 private lot;

    function setUp() public override {
        super.setUp();
        admit(BANK, Roles.LENDER);
        lot = harvested("L1", 1000);
    }

    function pledge(uint64 lender, uint64 grams, uint64 until)
        private
        view
        returns (IProduceLedger.Pledge memory)
    {
        return IProduceLedger.Pledge(FARM, lender, lot, grams, until, CONTENT, DEADLINE);
    }

    function pledged(uint64 lender, uint64 grams) private {
        recorded(pledgeEntry(pledge(lender, grams, TERM)));
    }

    function release(uint64 lender) private view returns (IProduceLedger.PledgeRelease memory) {
        return IProduceLedger.PledgeRelease(lender, FARM, lot, CONTENT, DEADLINE);
    }

    function pledgedGrams(uint64 held, uint64 pledged_, uint64 needed) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IProduceLedger.PledgedGrams.selector, lot, FARM, held, pledged_, needed
        );
    }

    // ------------------------------------------------------------------------------------------------ what it does

    function test_HolderAndLenderPledge() public {
        uint32 before = lotState(lot).entries;
        IProduceLedger.Pledge memory action = pledge(LENDER, 700, TERM);
        recordedAs(pledgeEntry(action), IProduceLedger.Kind.Pledge, FARM, action.hash());
        IProduceLedger.PledgeRecord[] memory records = ledger.pledgesOf(lot, FARM);
        vm.assertEq(records.length, 1, "one");
        vm.assertEq(records[0].lender, LENDER, "to whom");
        vm.assertEq(records[0].grams, 700, "how much");
        vm.assertEq(records[0].until, TERM, "until when");
        vm.assertEq(balance(lot, FARM), 1000, "the holder holds it all the same");
        vm.assertEq(lotState(lot).entries, before, "no entry of the lot");
        vm.assertTrue(!lotState(lot).moved, "nothing moved");
    }

    function test_PledgedGramsDoNotMove() public {
        pledged(LENDER, 700);
        IProduceLedger.Line[] memory list = lines(lot, 301);
        bytes memory reason = pledgedGrams(1000, 700, 301);
        refused(shipmentEntry(shipment(FARM, PACKER, "R", list)), reason);
        refused(saleEntry(IProduceLedger.Sale(FARM, list, CONTENT, DEADLINE)), reason);
        refused(disposalEntry(IProduceLedger.Disposal(FARM, list, CONTENT, DEADLINE)), reason);
        refused(transformationEntry(transformation(FARM, list, output(BULK, "C", 1))), reason);
        refused(
            birthAmendmentEntry(
                IProduceLedger.BirthAmendment(FARM, lot, 1000, 699, CONTENT, CONTENT, DEADLINE)
            ),
            pledgedGrams(1000, 700, 301)
        );
        recorded(
            birthAmendmentEntry(
                IProduceLedger.BirthAmendment(FARM, lot, 1000, 700, CONTENT, CONTENT, DEADLINE)
            )
        );
    }

    function test_TheRestMoves() public {
        pledged(LENDER, 700);
        recorded(shipmentEntry(shipment(FARM, PACKER, "R", lines(lot, 100))));
        recorded(saleEntry(IProduceLedger.Sale(FARM, lines(lot, 100), CONTENT, DEADLINE)));
        recorded(transformationEntry(transformation(FARM, lines(lot, 100), output(BULK, "C", 1))));
        refused(
            saleEntry(IProduceLedger.Sale(FARM, lines(lot, 1), CONTENT, DEADLINE)), pledgedGrams(700, 700, 1)
        );
    }

    function test_EvenDisposalOfARecalledLotWaitsForTheLender() public {
        pledged(LENDER, 1000);
        recorded(recallEntry(IProduceLedger.Recall(REGULATOR, lot, CONTENT, DEADLINE)));
        IEntryRelay.Entry memory disposal =
            disposalEntry(IProduceLedger.Disposal(FARM, lines(lot, 1000), CONTENT, DEADLINE));
        refused(disposal, pledgedGrams(1000, 1000, 1000));
        recorded(pledgeReleaseEntry(release(LENDER)));
        recorded(disposal);
    }

    function test_OneHoldersPledgeDoesNotBindAnother() public {
        handedOver(FARM, PACKER, "R", lines(lot, 400));
        pledged(LENDER, 600);
        handedOver(PACKER, BUYER, "R", lines(lot, 400));
        vm.assertEq(ledger.pledgesOf(lot, PACKER).length, 0, "not the other's");
    }

    /// @dev A holder whose grams are neither the first nor the second of the lot's own slot.
    function test_AThirdHolderPledgesToo() public {
        handedOver(FARM, PACKER, "1", lines(lot, 300));
        handedOver(FARM, BUYER, "2", lines(lot, 300));
        IProduceLedger.Pledge memory action = pledge(LENDER, 200, TERM);
        action.holder = BUYER;
        recorded(pledgeEntry(action));
        refused(
            saleEntry(IProduceLedger.Sale(BUYER, lines(lot, 101), CONTENT, DEADLINE)),
            abi.encodeWithSelector(
                IProduceLedger.PledgedGrams.selector, lot, BUYER, uint64(300), uint64(200), uint64(101)
            )
        );
        recorded(saleEntry(IProduceLedger.Sale(BUYER, lines(lot, 100), CONTENT, DEADLINE)));
    }

    // ------------------------------------------------------------------------------------------------ ends

    function test_TheTermsEndFrees() public {
        pledged(LENDER, 1000);
        IEntryRelay.Entry memory sale = saleEntry(IProduceLedger.Sale(FARM, lines(lot, 1000), CONTENT, DEADLINE));
        vm.warp(TERM - 1);
        refused(sale, pledgedGrams(1000, 1000, 1000));
        vm.warp(TERM);
        vm.assertEq(ledger.pledgesOf(lot, FARM).length, 0, "none stands");
        recorded(sale);
    }

    function test_TheLenderLetsGoOfAllOfIts() public {
        pledged(LENDER, 300);
        recorded(pledgeEntry(pledge(LENDER, 200, TERM)));
        pledged(BANK, 100);
        IProduceLedger.PledgeRelease memory action = release(LENDER);
        recordedAs(pledgeReleaseEntry(action), IProduceLedger.Kind.PledgeRelease, LENDER, action.hash());
        IProduceLedger.PledgeRecord[] memory records = ledger.pledgesOf(lot, FARM);
        vm.assertEq(records.length, 1, "the other lender's stays");
        vm.assertEq(records[0].lender, BANK, "whose");
        recorded(saleEntry(IProduceLedger.Sale(FARM, lines(lot, 900), CONTENT, DEADLINE)));
        refused(
            saleEntry(IProduceLedger.Sale(FARM, lines(lot, 1), CONTENT, DEADLINE)), pledgedGrams(100, 100, 1)
        );
    }

    function test_ALenderWithoutTheRoleStillLetsGo() public {
        pledged(LENDER, 300);
        applied(registry, roleEntry(IPartyRegistry.RoleChange(LENDER, Roles.BUYER, DEADLINE)));
        recorded(pledgeReleaseEntry(release(LENDER)));
        vm.assertEq(ledger.pledgesOf(lot, FARM).length, 0, "free");
    }

    function test_RefusesTheReleaseOfNothing() public {
        bytes memory none = abi.encodeWithSelector(IProduceLedger.NoPledge.selector, lot, FARM, BANK);
        refused(pledgeReleaseEntry(release(BANK)), none);
        pledged(LENDER, 300);
        refused(pledgeReleaseEntry(release(BANK)), none);
        IProduceLedger.PledgeRelease memory action = release(LENDER);
        action.holder = STRANGER;
        refused(
            pledgeReleaseEntry(action),
            abi.encodeWithSelector(IProduceLedger.NoPledge.selector, lot, STRANGER, LENDER)
        );
        vm.warp(TERM);
        refused(
            pledgeReleaseEntry(release(LENDER)),
            abi.encodeWithSelector(IProduceLedger.NoPledge.selector, lot, FARM, LENDER)
        );
    }

    function test_RefusesReplays() public {
        IEntryRelay.Entry memory entry = pledgeEntry(pledge(LENDER, 300, TERM));
        recorded(entry);
        bytes memory used = abi.encodeWithSelector(
            IProduceLedger.AlreadyUsed.selector, ledgerDigest(pledge(LENDER, 300, TERM).hash())
        );
        refused(entry, used);
        recorded(pledgeReleaseEntry(release(LENDER)));
        refused(entry, used);
        refused(
            pledgeReleaseEntry(release(LENDER)),
            abi.encodeWithSelector(IProduceLedger.AlreadyUsed.selector, ledgerDigest(release(LENDER).hash()))
        );
    }

    // ------------------------------------------------------------------------------------------------ refusals

    function test_ASecondPledgeOfTheSameGramsIsRefused() public {
        pledged(LENDER, 700);
        refused(pledgeEntry(pledge(BANK, 301, TERM)), pledgedGrams(1000, 700, 301));
        refused(pledgeEntry(pledge(LENDER, 301, TERM)), pledgedGrams(1000, 700, 301));
        pledged(BANK, 300);
        refused(pledgeEntry(pledge(BANK, 1, TERM)), pledgedGrams(1000, 1000, 1));
    }

    function test_RefusesMoreThanHeld() public {
        refused(
            pledgeEntry(pledge(LENDER, 1001, TERM)),
            abi.encodeWithSelector(
                IProduceLedger.NotEnoughHeld.selector, lot, FARM, uint64(1000), uint64(1001)
            )
        );
        IProduceLedger.Pledge memory action = pledge(LENDER, 1, TERM);
        action.holder = PACKER;
        refused(
            pledgeEntry(action),
            abi.encodeWithSelector(IProduceLedger.NotEnoughHeld.selector, lot, PACKER, uint64(0), uint64(1))
        );
    }

    function test_OnlyALenderLends() public {
        refused(
            pledgeEntry(pledge(BUYER, 1, TERM)),
            abi.encodeWithSelector(IPartyRegistry.RoleMissing.selector, BUYER, Roles.BUYER, Roles.LENDER)
        );
    }

    function test_RefusesLendingToOneself() public {
        IProduceLedger.Pledge memory action = pledge(LENDER, 1, TERM);
        action.holder = LENDER;
        refused(pledgeEntry(action), abi.encodeWithSelector(IProduceLedger.SelfPledge.selector, LENDER));
    }

    function test_RefusesUnknownRecalledAndNoGrams() public {
        IProduceLedger.Pledge memory action = pledge(LENDER, 1, TERM);
        action.lot = keccak256("?");
        refused(pledgeEntry(action), abi.encodeWithSelector(IProduceLedger.UnknownLot.selector, action.lot));
        refused(
            pledgeEntry(pledge(LENDER, 0, TERM)), abi.encodeWithSelector(IProduceLedger.ZeroGrams.selector, lot)
        );
        recorded(recallEntry(IProduceLedger.Recall(REGULATOR, lot, CONTENT, DEADLINE)));
        refused(
            pledgeEntry(pledge(LENDER, 1, TERM)),
            abi.encodeWithSelector(IProduceLedger.LotRecalled.selector, lot, REGULATOR)
        );
    }

    function test_TheTermEndsAfterNowAndWithinTwoYears() public {
        uint64 longest = uint64(START + 730 days);
        uint64[3] memory terms = [uint64(START), longest + 1, type(uint64).max];
        for (uint256 i = 0; i < terms.length; ++i) {
            refused(
                pledgeEntry(pledge(LENDER, 1, terms[i])),
                abi.encodeWithSelector(IProduceLedger.InvalidTerm.selector, terms[i], START)
            );
        }
        recorded(pledgeEntry(pledge(LENDER, 1, uint64(START + 1))));
        recorded(pledgeEntry(pledge(LENDER, 2, longest)));
    }

    function test_AtMostFourStandAndFreePlacesAreUsedAgain() public {
        for (uint64 i = 1; i <= 3; ++i) pledged(LENDER, i);
        recorded(pledgeEntry(pledge(BANK, 4, uint64(START + 10))));
        bytes memory full = abi.encodeWithSelector(IProduceLedger.TooManyPledges.selector, lot, FARM);
        refused(pledgeEntry(pledge(LENDER, 5, TERM)), full);
        vm.warp(START + 10);
        pledged(LENDER, 5); // where the bank's ended
        refused(pledgeEntry(pledge(LENDER, 6, TERM)), full);
        recorded(pledgeReleaseEntry(release(LENDER)));
        for (uint64 i = 7; i <= 10; ++i) pledged(BANK, i);
        refused(pledgeEntry(pledge(LENDER, 6, TERM)), full);
        IProduceLedger.PledgeRecord[] memory records = ledger.pledgesOf(lot, FARM);
        uint256 sum = 0;
        for (uint256 i = 0; i < records.length; ++i) sum += records[i].grams;
        vm.assertEq(sum, 7 + 8 + 9 + 10, "those that stand");
    }

    function testFuzz_ThePledgedNeverMoves(uint64 a, uint64 b, uint64 sale) public {
        (a, b, sale) = (1 + a % 500, 1 + b % 500, 1 + sale % 1000);
        pledged(LENDER, a);
        pledged(BANK, b);
        IEntryRelay.Entry memory entry =
            saleEntry(IProduceLedger.Sale(FARM, lines(lot, sale), CONTENT, DEADLINE));
        if (sale > 1000 - a - b) refused(entry, pledgedGrams(1000, a + b, sale));
        else recorded(entry);
        vm.assertTrue(balance(lot, FARM) >= a + b, "what is pledged is there");
    }
}
