// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {Packing} from "../../contracts/libraries/Packing.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Two balances in a lot's slot and the others in a mapping are one account
contract HoldersTest is Fixture {
    using Packing for *;

    /// @dev What the ledger would have kept without packing anything.
    mapping(uint64 party => uint64) private _model;

    function parties() private pure returns (uint64[5] memory) {
        return [FARM, PACKER, CARRIER, BUYER, LENDER];
    }

    /// @dev Random handoffs, sales and disposals among five parties; after each, every balance is the model's.
    function testFuzz_BalancesAreThoseOfAMapping(uint256[24] memory moves) public {
        bytes32 lot = harvested("L1", 1_000_000);
        _model[FARM] = 1_000_000;
        for (uint256 i = 0; i < moves.length; ++i) {
            (uint64 from, uint64 to) = (parties()[moves[i] % 5], parties()[(moves[i] >> 8) % 5]);
            if (_model[from] == 0) continue;
            // Now and then all that the party has, so that places in the slot become free.
            uint64 grams = (moves[i] >> 16) % 3 == 0 ? _model[from] : 1 + uint64((moves[i] >> 24) % _model[from]);
            if (from != to) {
                handedOver(from, to, vm.toString(i), lines(lot, grams));
                _model[to] += grams;
            } else if (grams % 2 == 0) {
                recorded(saleEntry(IProduceLedger.Sale(from, lines(lot, grams), bytes32(i), DEADLINE)));
            } else {
                recorded(disposalEntry(IProduceLedger.Disposal(from, lines(lot, grams), bytes32(i), DEADLINE)));
            }
            _model[from] -= grams;
            for (uint256 j = 0; j < 5; ++j) {
                vm.assertEq(balance(lot, parties()[j]), _model[parties()[j]], "balance");
            }
        }
        vm.assertEq(lotState(lot).grams, 1_000_000, "the birth is untouched");
        vm.assertEq(lotState(lot).issuer, FARM, "and so is the issuer");
    }

    function test_AThirdHolderSpillsAndComesBackToTheSlot() public {
        bytes32 lot = harvested("L1", 1000);
        handedOver(FARM, PACKER, "1", lines(lot, 300));
        handedOver(FARM, BUYER, "2", lines(lot, 200)); // spills: FARM and PACKER hold the slot
        handedOver(FARM, BUYER, "3", lines(lot, 500)); // stays there though FARM's place is free now
        vm.assertEq(balance(lot, BUYER), 700, "in the mapping");
        handedOver(BUYER, CARRIER, "4", lines(lot, 700)); // takes FARM's place
        handedOver(CARRIER, BUYER, "5", lines(lot, 100)); // nothing of BUYER's is left in the mapping; a slot is not free
        handedOver(PACKER, BUYER, "6", lines(lot, 300));
        vm.assertEq(balance(lot, CARRIER), 600, "carrier");
        vm.assertEq(balance(lot, BUYER), 400, "buyer");
        vm.assertEq(balance(lot, FARM) + balance(lot, PACKER), 0, "nobody else");
    }

    // ------------------------------------------------------------------------------------------------ the slot itself

    function testFuzz_ALotSurvivesPacking(Packing.Lot memory lot) public pure {
        (lot.issuer, lot.holder, lot.second) = (lot.issuer % 2 ** 28, lot.holder % 2 ** 28, lot.second % 2 ** 28);
        (lot.grams, lot.origin) = (lot.grams % 2 ** 36, lot.origin % 2 ** 36);
        (lot.held, lot.secondHeld) = (lot.held % 2 ** 36, lot.secondHeld % 2 ** 36);
        lot.entries %= 2 ** 23;
        vm.assertEq(abi.encode(lot.pack().toLot()), abi.encode(lot), "the same lot");
    }

    /// @dev The count must not run into the flags beside it.
    function test_EntriesAreCountedUpToTheirLimitAndNoFurther() public pure {
        Packing.Lot memory lot;
        lot.entries = uint32(Packing.MAX_ENTRIES - 1);
        uint256 slot = lot.pack();
        vm.assertEq(slot.counted().toLot().entries, Packing.MAX_ENTRIES, "the last");
        vm.assertEq(slot.counted().counted(), slot.counted(), "no further");
        lot.entries = uint32(Packing.MAX_ENTRIES + 1);
        vm.assertEq(lot.pack(), slot.counted(), "packed likewise");
    }

    /// @dev A party beyond 28 bits would be taken for another.
    function test_RefusesPartiesBeyondWhatASlotCounts() public {
        vm.mockCall(
            address(registry),
            abi.encodeWithSelector(registry.requireSigned.selector),
            abi.encode(uint32(2 ** 28), uint16(1))
        );
        refused(
            harvestEntry(harvest("L1", 5)),
            abi.encodeWithSelector(IProduceLedger.TooManyParties.selector, uint32(2 ** 28))
        );
    }
}
