// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {Attackers} from "./Attackers.sol";
import {Rules} from "./Rules.sol";

/**
 * @title The campaigns come everywhere
 * @dev The same calls in random order, here counted: an invariant says nothing of what never happens.
 */
contract CoverageTest is Rules {
    uint256 private constant WORLDS = 12;
    uint256 private constant CALLS = 150;

    /// @dev In a few hundred calls every kind of entry is recorded and refused, and consignments stand in every state.
    function test_EveryKindIsRecordedAndRefusedAndEveryStateIsSeen() public {
        uint256[21] memory stood;
        uint256[21] memory skipped;
        bool[8] memory seen;
        bytes4[18] memory list = business();
        for (uint256 i = 0; i < WORLDS; ++i) {
            world = new Attackers();
            for (uint256 j = 0; j < CALLS; ++j) {
                uint256 seed = uint256(keccak256(abi.encode(i, j)));
                (bool done,) = address(world).call(abi.encodeWithSelector(list[seed % list.length], seed));
                vm.assertTrue(done, "a handler never fails");
                if (j % 5 != 0) continue;
                everyRuleHolds();
                IProduceLedger.ConsignmentRecord[] memory records = world.report().consignments;
                for (uint256 k = 0; k < records.length; ++k) seen[uint256(records[k].state)] = true;
            }
            for (uint256 k = 0; k < 21; ++k) {
                stood[k] += world.stood(k);
                skipped[k] += world.skipped(k);
            }
        }
        for (uint256 k = 0; k < 21; ++k) {
            vm.assertGt(stood[k], 0, string.concat("recorded: kind ", vm.toString(k)));
            vm.assertGt(skipped[k], 0, string.concat("refused: kind ", vm.toString(k)));
        }
        for (uint256 k = 1; k < 8; ++k) {
            vm.assertTrue(seen[k], string.concat("seen: state ", vm.toString(k)));
        }
    }

    /// @dev Refused although nothing is wrong with them but the gas, and taken with enough.
    function test_TheRelayerStarvesSomeCallsAndFeedsOthers() public {
        for (uint256 j = 0; j < 60; ++j) {
            world.harvestSome(j);
            world.starve(j, uint256(keccak256(abi.encode(j))));
        }
        vm.assertGt(world.starved(), 0, "with too little gas");
        vm.assertGt(world.fed(), 0, "with enough");
        everyRuleHolds();
    }
}
