// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../interfaces/IProduceLedger.sol";
import {ActionHashes} from "./ActionHashes.sol";
import {Authority} from "./Authority.sol";
import {Custody} from "./Custody.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {Packing} from "./Packing.sol";

/// @title What the linked libraries share: lines that an entry shows, against what is stored of them, and a lot's recall
library Manifests {
    using ActionHashes for *;

    /// @dev Refuses a consignment of which nothing is under way.
    function requireUnderWay(bytes32 id, Packing.Consignment memory consignment) internal pure {
        if (
            consignment.state != IProduceLedger.ConsignmentState.InTransit
                && consignment.state != IProduceLedger.ConsignmentState.VoidAnnounced
        ) revert IProduceLedger.NotInTransit(id, consignment.state);
    }

    /// @dev Refuses unless the open lines were signed, and are shown. Of their hash 24 bytes are stored.
    function requireShown(bytes24 stored, bytes32 signed, IProduceLedger.Line[] memory shown) internal pure {
        if (stored != bytes24(signed)) revert IProduceLedger.WrongManifest(stored, signed);
        bytes32 actual = shown.hash();
        if (actual != signed) revert IProduceLedger.WrongManifest(signed, actual);
    }

    /// @dev Refuses other lots, another order, more or fewer. Where one list ends before the other, its lot is named 0.
    function requireSameLots(bytes32[] memory expected, bytes32[] memory actual) internal pure {
        uint256 count = expected.length > actual.length ? expected.length : actual.length;
        for (uint256 i = 0; i < count; ++i) {
            bytes32 wanted = i < expected.length ? expected[i] : bytes32(0);
            bytes32 found = i < actual.length ? actual[i] : bytes32(0);
            if (wanted != found || i >= expected.length || i >= actual.length) {
                revert IProduceLedger.LotsDiffer(wanted, found);
            }
        }
    }

    /// @dev The lots of the lines.
    function lotsOf(IProduceLedger.Line[] memory lines) internal pure returns (bytes32[] memory lots) {
        lots = new bytes32[](lines.length);
        for (uint256 i = 0; i < lots.length; ++i) lots[i] = lines[i].lot;
    }

    /// @dev Refuses a recalled lot.
    function requireNotRecalled(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        Packing.Lot memory lot,
        bytes32 id
    ) internal view {
        if (!lot.recalled) return;
        // Whether it was carried here does not matter.
        // slither-disable-next-line unused-return
        (uint32 by,) = Custody.recallOf(s, id);
        revert IProduceLedger.LotRecalled(id, Authority.partyAt(context, by));
    }
}
