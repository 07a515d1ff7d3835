// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../interfaces/IEntryRelay.sol";
import {IProduceLedger} from "../interfaces/IProduceLedger.sol";
import {ActionHashes} from "./ActionHashes.sol";
import {Authority} from "./Authority.sol";
import {Custody} from "./Custody.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {Packing} from "./Packing.sol";

/**
 * @title How a recall reaches what was made from the recalled lot
 * @dev Linked to the ledger and working on its storage. Anybody carries a recall one generation on by showing what the lot
 * was made from, and lifts one that was carried here once no parent is recalled any more. A lot's recall follows from
 * those of its parents, so that a repeat has nothing to do.
 */
library Recalls {
    using ActionHashes for *;
    using Custody for LedgerStorage.Layout;
    using Packing for *;

    /// @dev `IProduceLedger.Kind.Propagation`. Nobody signs. Payload: the lot, its inputs, the hash of its transformation's outputs.
    function propagate(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IEntryRelay.Entry calldata entry
    ) external {
        (bytes32 id, IProduceLedger.Line[] memory inputs, bytes32 outputsHash) =
            abi.decode(entry.payload, (bytes32, IProduceLedger.Line[], bytes32));
        Packing.Lot memory lot = s.known(id);
        bytes32 shown = keccak256(abi.encode(inputs.hash(), outputsHash));
        if (shown != s.origins[id]) revert IProduceLedger.WrongOrigin(id, s.origins[id], shown);
        (bytes32 parent, uint32 by) = _recalledParent(s, inputs);
        bool inherited = lot.recalled && s.recalls[id] & LedgerStorage.INHERITED != 0;
        // A recall that was carried here is that of the first parent which is recalled now.
        if (parent != 0 && (!lot.recalled || (inherited && uint32(s.recalls[id]) != by))) {
            lot.recalled = true;
            s.recalls[id] = by | LedgerStorage.INHERITED;
            emit IProduceLedger.RecallCarried(id, parent, Authority.partyAt(context, by));
        } else if (parent == 0 && inherited) {
            lot.recalled = false;
            delete s.recalls[id];
            emit IProduceLedger.RecallLifted(id);
        } else {
            revert IProduceLedger.NothingToPropagate(id);
        }
        s.lots[id] = lot.pack();
    }

    /// @dev The first of the inputs that is recalled, and by whom; 0 where none is.
    function _recalledParent(LedgerStorage.Layout storage s, IProduceLedger.Line[] memory inputs)
        private
        view
        returns (bytes32 parent, uint32 by)
    {
        for (uint256 i = 0; i < inputs.length; ++i) {
            parent = inputs[i].lot;
            if (!s.lots[parent].toLot().recalled) continue;
            // Whether it was carried to the parent does not matter.
            // slither-disable-next-line unused-return
            (by,) = s.recallOf(parent);
            return (parent, by);
        }
        return (0, 0);
    }
}
