// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {WithinAllowance} from "./Allowance.t.sol";
import {LedgerEntries} from "./support/LedgerEntries.sol";

/// @title Entries of the linked libraries stay within their gas allowance, as large as they may be
contract AllowanceOfLargeRareEntriesTest is WithinAllowance, LedgerEntries {
    using ActionHashes for *;

    bytes32[] private lots;

    /// @dev In order; FARM and CARRIER hold each, so that whoever else receives some needs a slot.
    function heldByTwo(uint256 count) private {
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
            handedOver(FARM, CARRIER, vm.toString(i), manifest(i, end, 500));
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

    function received(uint64 accepted, uint64 refusedGrams, uint64 toCome)
        private
        view
        returns (IProduceLedger.ReceiptLine[] memory list)
    {
        list = new IProduceLedger.ReceiptLine[](lots.length);
        for (uint256 i = 0; i < list.length; ++i) {
            list[i] = IProduceLedger.ReceiptLine(lots[i], accepted, refusedGrams, toCome);
        }
    }

    function test_PartialReceiptsAndTheSettlementOfTheMostLines() public {
        heldByTwo(104);
        IProduceLedger.Line[] memory all = manifest(0, 104, 500);
        bytes32 id = shipped(CARRIER, PACKER, "R", all);
        handedOver(FARM, BUYER, "take CARRIER's place", manifest(0, 104, 1));
        IEntryRelay.Entry memory entry =
            partialReceiptEntry(partialReceipt(id, all, received(100, 100, 300), "BACK"), all);
        vm.assertGt(entry.payload.length + entry.signature.length, 20_480 - 200, "as large as can be");
        withinAllowance(ledger, entry, false);
        all = manifest(0, 104, 300);
        entry = partialReceiptEntry(partialReceipt(id, all, received(50, 50, 0), "BACK 2"), all);
        withinAllowance(ledger, entry, false);
        all = manifest(0, 104, 200);
        IProduceLedger.SettledLine[] memory list = new IProduceLedger.SettledLine[](104);
        for (uint256 i = 0; i < 104; ++i) list[i] = IProduceLedger.SettledLine(lots[i], 10, 10, 90, 90);
        entry = settlementEntry(settlement(CARRIER, PACKER, id, all, list), all);
        withinAllowance(ledger, entry, false);
        vm.assertEq(balance(lots[0], CARRIER), 90, "returned");
    }

    function test_VoidOfTheLargestShipment() public {
        heldByTwo(368);
        IProduceLedger.Line[] memory all = manifest(0, 368, 500);
        bytes32 id = shipped(CARRIER, PACKER, "R", all);
        for (uint256 i = 0; i < 368; i += 184) {
            handedOver(FARM, BUYER, vm.toString(1000 + i), manifest(i, i + 184, 1));
        }
        withinAllowance(ledger, voidEntry(voiding(CARRIER, PACKER, id, all), all), false);
    }

    function test_AmendmentOfManyInputsAndItsRecall() public {
        heldByTwo(184);
        recorded(transformationEntry(transformation(FARM, manifest(0, 184, 100), output(BULK, "C", 1))));
        IProduceLedger.TransformationAmendment memory action = IProduceLedger.TransformationAmendment(
            FARM,
            originOf(manifest(0, 184, 100), output(BULK, "C", 1)),
            manifest(0, 184, 400),
            output(BULK, "C", 2),
            184 * 400 - 2,
            0,
            0,
            0,
            CONTENT,
            DEADLINE
        );
        withinAllowance(
            ledger,
            transformationAmendmentEntry(action, manifest(0, 184, 100), output(BULK, "C", 1)),
            false
        );
        recorded(recallEntry(IProduceLedger.Recall(REGULATOR, lots[183], CONTENT, DEADLINE)));
        withinAllowance(
            ledger,
            propagationEntry(lotOf(BULK, "C"), manifest(0, 184, 400), output(BULK, "C", 2).hash()),
            false
        );
    }

    function test_AmendmentOfManyOutputs() public {
        bytes32 lot = harvested("L", 10_000);
        IProduceLedger.Output[] memory before = outputs(62, 100);
        recorded(transformationEntry(transformation(FARM, lines(lot, 10_000), before)));
        IProduceLedger.TransformationAmendment memory action = IProduceLedger.TransformationAmendment(
            FARM,
            originOf(lines(lot, 10_000), before),
            lines(lot, 9_000),
            outputs(62, 50),
            9_000 - 62 * 50,
            0,
            0,
            0,
            CONTENT,
            DEADLINE
        );
        for (uint256 i = 0; i < 62; ++i) {
            bytes32 made = lotOf(BULK, before[i].lotCode);
            uint64 until = uint64(START + 1 days);
            recorded(pledgeEntry(IProduceLedger.Pledge(FARM, LENDER, made, 1, until, CONTENT, DEADLINE)));
        }
        withinAllowance(
            ledger, transformationAmendmentEntry(action, lines(lot, 10_000), before), false
        );
    }

    function outputs(uint256 count, uint64 grams) private pure returns (IProduceLedger.Output[] memory list) {
        list = new IProduceLedger.Output[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = IProduceLedger.Output(BULK, string.concat("ABCDEFGHIJKLMNOPQ", vm.toString(100 + i)), grams);
        }
    }
}

/// @title The smallest of each kind, where nearly all is the fixed part
contract AllowanceOfSmallRareEntriesTest is WithinAllowance, LedgerEntries {
    using ActionHashes for *;

    bytes32 private lot;

    function within(IEntryRelay.Entry memory entry) private {
        withinAllowance(ledger, entry, false);
    }

    function test_Disputes() public {
        lot = harvested("L", 1000);
        IProduceLedger.Line[] memory some = lines(lot, 100);
        bytes32 id = shipped(FARM, PACKER, "R", some);
        within(noticeEntry(notice(FARM, id)));
        within(voidEntry(voiding(FARM, PACKER, id, some), some));
        id = shipped(FARM, PACKER, "R2", some);
        within(partialReceiptEntry(partialReceipt(id, some, received(lot, 50, 10, 0), "BACK"), some));
        within(noticeEntry(notice(PACKER, id)));
        some = lines(lot, 40);
        within(settlementEntry(settlement(PACKER, FARM, id, some, settled(lot, 0, 0, 20, 20)), some));
    }

    function test_PlotsAndAmendments() public {
        bytes32 plot = keccak256("plot");
        within(plotEntry(IProduceLedger.PlotRegistration(CERTIFIER, FARM, plot, CONTENT, DEADLINE)));
        within(yieldEntry(IProduceLedger.YieldCertificate(CERTIFIER, plot, SEASON, 1000, CONTENT, DEADLINE)));
        IProduceLedger.Harvest memory h = harvest("L", 1000);
        h.plot = plot;
        within(harvestEntry(h));
        lot = lotOf(BULK, "L");
        within(
            birthAmendmentEntry(
                IProduceLedger.BirthAmendment(FARM, lot, 1000, 900, CONTENT, CONTENT, DEADLINE)
            )
        );
        IProduceLedger.Output[] memory made = output(BULK, "C", 100);
        recorded(transformationEntry(transformation(FARM, lines(lot, 100), made)));
        bytes32 origin = originOf(lines(lot, 100), made);
        within(
            transformationAmendmentEntry(
                IProduceLedger.TransformationAmendment(
                    FARM, origin, lines(lot, 100), output(BULK, "C", 90), 10, 0, 0, 0, CONTENT, DEADLINE
                ),
                lines(lot, 100),
                made
            )
        );
        recorded(recallEntry(IProduceLedger.Recall(REGULATOR, lot, CONTENT, DEADLINE)));
        within(propagationEntry(lotOf(BULK, "C"), lines(lot, 100), output(BULK, "C", 90).hash()));
        recorded(releaseEntry(IProduceLedger.Release(REGULATOR, lot, CONTENT, DEADLINE)));
        within(propagationEntry(lotOf(BULK, "C"), lines(lot, 100), output(BULK, "C", 90).hash()));
    }

    function test_Pledges() public {
        lot = harvested("L", 1000);
        for (uint64 i = 1; i <= 4; ++i) {
            uint64 until = uint64(START + 1 days);
            within(pledgeEntry(IProduceLedger.Pledge(FARM, LENDER, lot, i, until, CONTENT, DEADLINE)));
        }
        within(saleEntry(IProduceLedger.Sale(FARM, lines(lot, 990), CONTENT, DEADLINE)));
        within(pledgeReleaseEntry(IProduceLedger.PledgeRelease(LENDER, FARM, lot, CONTENT, DEADLINE)));
    }
}

/// @title The same with P-256 keys, where the precompile checks them
contract AllowanceOfP256RareEntriesTest is AllowanceOfSmallRareEntriesTest {
    function scheme() internal pure override returns (IPartyRegistry.Scheme) {
        return IPartyRegistry.Scheme.P256;
    }
}

/**
 * @title The same where Solidity has to check them
 * forge-config: default.evm_version = "prague"
 */
contract AllowanceOfP256RareEntriesInSolidityTest is AllowanceOfP256RareEntriesTest {}
