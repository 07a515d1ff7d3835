// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IPartyRegistry} from "../../../contracts/interfaces/IPartyRegistry.sol";
import {Fixture} from "./Fixture.sol";

/// @title A party that has a second key, or whose recovery to another key was started
abstract contract ProtectedParty is Fixture {
    uint256 internal constant RESCUE = 0x5E5C;
    uint256 internal constant SECOND = 0xBEEF;

    function started() internal returns (IPartyRegistry.Recovery memory r) {
        r = recovery(FARM, RESCUE);
        applied(registry, recoveryEntry(r, REGISTRAR_SECRET, RESCUE));
    }

    function granted(bool admin, uint64 until) internal {
        IPartyRegistry.KeyGrant memory g = IPartyRegistry.KeyGrant(
            FARM, keyOfSecret(SECOND), scheme(), admin, false, 0, until, DEADLINE
        );
        applied(registry, grantEntry(g, secretOf(FARM), SECOND));
    }

    function one(uint64 party) internal pure returns (uint64[] memory list) {
        list = new uint64[](1);
        list[0] = party;
    }
}
