// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Vm} from "../support/Vm.sol";
import {Rules} from "./Rules.sol";

/// @title Random calls, and after them every rule; campaigns differ in who calls how often
abstract contract Campaign is Rules {
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(world);
    }

    function targetSelectors() external view returns (Vm.FuzzSelector[] memory targets) {
        targets = new Vm.FuzzSelector[](1);
        targets[0] = Vm.FuzzSelector(address(world), selectors());
    }

    /// @dev Who calls; one that is listed twice calls twice as often.
    function selectors() internal pure virtual returns (bytes4[] memory);

    /// @dev One function, since forge runs the same calls again for each.
    function invariant_EveryRuleHolds() public {
        everyRuleHolds();
    }
}
