// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Actors} from "./Actors.sol";
import {Attackers} from "./Attackers.sol";
import {Campaign} from "./Campaign.sol";
import {Relayer} from "./Relayer.sol";

/// @title Every actor's business, and time going by
contract BusinessCampaign is Campaign {
    function selectors() internal pure override returns (bytes4[] memory list) {
        bytes4[18] memory every = business();
        list = new bytes4[](every.length + 11);
        for (uint256 i = 0; i < every.length; ++i) list[i] = every[i];
        // More of what the rest needs.
        list[18] = Actors.harvestSome.selector;
        list[19] = Actors.harvestSome.selector;
        list[20] = Actors.ship.selector;
        list[21] = Actors.ship.selector;
        list[22] = Actors.transform.selector;
        list[23] = Actors.wait_.selector;
        list[24] = Actors.certify.selector;
        list[25] = Actors.certify.selector;
        list[26] = Actors.recall.selector;
        list[27] = Actors.propagate.selector;
        list[28] = Actors.propagate.selector;
    }
}

/// @title The same behind a malicious relayer
contract RelayerCampaign is Campaign {
    function selectors() internal pure override returns (bytes4[] memory list) {
        bytes4[18] memory every = business();
        list = new bytes4[](every.length + 8);
        for (uint256 i = 0; i < every.length; ++i) list[i] = every[i];
        list[18] = Relayer.reorder.selector;
        list[19] = Relayer.repeat.selector;
        list[20] = Relayer.resubmit.selector;
        list[21] = Relayer.withhold.selector;
        list[22] = Relayer.spoil.selector;
        list[23] = Relayer.spoil.selector;
        list[24] = Relayer.starve.selector;
        list[25] = Relayer.starve.selector;
    }
}

/// @title The same under a malicious registrar, with a thief who has the parties' device keys
contract AttackersCampaign is Campaign {
    function selectors() internal pure override returns (bytes4[] memory list) {
        bytes4[18] memory every = business();
        list = new bytes4[](every.length + 13);
        for (uint256 i = 0; i < every.length; ++i) list[i] = every[i];
        list[18] = Attackers.grantDevice.selector;
        list[19] = Attackers.revokeDevice.selector;
        list[20] = Attackers.cancel.selector;
        list[21] = Attackers.pauseForNow.selector;
        list[22] = Attackers.thiefSigns.selector;
        list[23] = Attackers.thiefSigns.selector;
        list[24] = Attackers.thiefWithholds.selector;
        list[25] = Attackers.thiefTakesOver.selector;
        list[26] = Attackers.registrarActs.selector;
        list[27] = Attackers.registrarRecovers.selector;
        list[28] = Attackers.registrarForges.selector;
        list[29] = Relayer.resubmit.selector;
        list[30] = Relayer.reorder.selector;
    }
}
