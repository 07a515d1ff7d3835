// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Sales, disposals and statements
contract DeparturesTest is Fixture {
    using ActionHashes for *;

    bytes32 private lot;

    function setUp() public override {
        super.setUp();
        lot = harvested("L1", 1000);
    }

    function sale(IProduceLedger.Line[] memory list) private pure returns (IProduceLedger.Sale memory) {
        return IProduceLedger.Sale(FARM, list, CONTENT, DEADLINE);
    }

    function disposal(IProduceLedger.Line[] memory list) private pure returns (IProduceLedger.Disposal memory) {
        return IProduceLedger.Disposal(FARM, list, CONTENT, DEADLINE);
    }

    function statement() private pure returns (IProduceLedger.Statement memory) {
        bytes32[] memory lots = new bytes32[](2);
        (lots[0], lots[1]) = (keccak256("b"), keccak256("a"));
        return IProduceLedger.Statement(CARRIER, "transporting", lots, CONTENT, DEADLINE);
    }

    function test_ASaleRetiresGrams() public {
        IProduceLedger.Sale memory s = sale(lines(lot, 300));
        vm.expectEmit(address(ledger));
        emit IProduceLedger.EntryRecorded(
            CONTENT, FARM, IProduceLedger.Kind.Sale, keyOf(FARM), ledgerDigest(s.hash())
        );
        recorded(saleEntry(s));
        vm.assertEq(balance(lot, FARM), 700, "sold");
        vm.assertEq(lotState(lot).entries, 2, "birth and sale");
    }

    function test_ADisposalRetiresGrams() public {
        recorded(disposalEntry(disposal(lines(lot, 1000))));
        vm.assertEq(balance(lot, FARM), 0, "destroyed");
        vm.assertEq(lotState(lot).grams, 1000, "what it weighed at birth stays on record");
    }

    function test_RefusesTheReplayOfASaleOrDisposal() public {
        IProduceLedger.Sale memory s = sale(lines(lot, 300));
        recorded(saleEntry(s));
        refused(
            saleEntry(s), abi.encodeWithSelector(IProduceLedger.AlreadyUsed.selector, ledgerDigest(s.hash()))
        );
        IProduceLedger.Disposal memory d = disposal(lines(lot, 300));
        recorded(disposalEntry(d));
        refused(
            disposalEntry(d), abi.encodeWithSelector(IProduceLedger.AlreadyUsed.selector, ledgerDigest(d.hash()))
        );
        vm.assertEq(balance(lot, FARM), 400, "each once");
    }

    function test_RefusesToSellOrDestroyWhatIsNotHeld() public {
        bytes memory reason =
            abi.encodeWithSelector(IProduceLedger.NotEnoughHeld.selector, lot, FARM, uint64(1000), uint64(1001));
        refused(saleEntry(sale(lines(lot, 1001))), reason);
        refused(disposalEntry(disposal(lines(lot, 1001))), reason);
    }

    function test_RefusesEmptyUnorderedZeroAndUnknownLines() public {
        bytes32 other = harvested("L2", 5);
        IProduceLedger.Line[] memory unordered = lines(lot, 1, other, 1);
        (unordered[0], unordered[1]) = (unordered[1], unordered[0]);
        IProduceLedger.Line[][4] memory lists =
            [new IProduceLedger.Line[](0), unordered, lines(lot, 0), lines(keccak256("?"), 1)];
        bytes[4] memory reasons = [
            abi.encodeWithSelector(IProduceLedger.NothingListed.selector),
            abi.encodeWithSelector(IProduceLedger.NotAscending.selector, unordered[0].lot, unordered[1].lot),
            abi.encodeWithSelector(IProduceLedger.ZeroGrams.selector, lot),
            abi.encodeWithSelector(IProduceLedger.UnknownLot.selector, keccak256("?"))
        ];
        for (uint256 i = 0; i < lists.length; ++i) {
            refused(saleEntry(sale(lists[i])), reasons[i]);
            refused(disposalEntry(disposal(lists[i])), reasons[i]);
        }
    }

    function test_AStatementMovesNothingAndIsNotCounted() public {
        IProduceLedger.Statement memory s = statement();
        s.lots[0] = lot;
        vm.expectEmit(address(ledger));
        emit IProduceLedger.EntryRecorded(
            CONTENT, CARRIER, IProduceLedger.Kind.Statement, keyOf(CARRIER), ledgerDigest(s.hash())
        );
        recorded(statementEntry(s));
        vm.assertEq(lotState(lot).entries, 1, "the birth alone");
    }

    function test_RefusesTheReplayOfAStatement() public {
        IProduceLedger.Statement memory s = statement();
        recorded(statementEntry(s));
        refused(
            statementEntry(s), abi.encodeWithSelector(IProduceLedger.AlreadyUsed.selector, ledgerDigest(s.hash()))
        );
        s.deadline -= 1;
        recorded(statementEntry(s)); // signed anew, it is another statement
    }

    function test_AStatementMayNameNoLots() public {
        IProduceLedger.Statement memory s = statement();
        s.lots = new bytes32[](0);
        recorded(statementEntry(s));
    }

    function testFuzz_RefusesKindsThatDoNotExist(uint8 kind, bytes memory payload) public {
        kind = uint8(21 + kind % 235);
        refused(
            IEntryRelay.Entry(kind, 0, payload, ""), abi.encodeWithSelector(IEntryRelay.UnknownKind.selector, kind)
        );
    }
}
