// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../interfaces/IProduceLedger.sol";
import {Authority} from "./Authority.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {Packing} from "./Packing.sol";

/// @title Who holds how many grams of a lot, and how they leave and come
library Custody {
    using Packing for *;

    /**
     * @dev Takes every line from the holder. `receiver`: a recalled lot may go back to its issuer; 0 for nobody.
     * `recalledMayGo`: to destruction. @return sum Grams taken.
     */
    function take(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IProduceLedger.Line[] memory lines,
        uint64 party,
        uint32 holder,
        uint32 receiver,
        bool recalledMayGo
    ) internal returns (uint256 sum) {
        if (lines.length == 0) revert IProduceLedger.NothingListed();
        bytes32 previous = 0;
        for (uint256 i = 0; i < lines.length; ++i) {
            (bytes32 id, uint64 grams) = (lines[i].lot, lines[i].grams);
            if (id <= previous) revert IProduceLedger.NotAscending(previous, id);
            previous = id;
            if (grams == 0) revert IProduceLedger.ZeroGrams(id);
            Packing.Lot memory lot = known(s, id);
            if (lot.recalled && !recalledMayGo && receiver != lot.issuer) {
                (uint32 by,) = recallOf(s, id);
                revert IProduceLedger.LotRecalled(id, Authority.partyAt(context, by));
            }
            takeFrom(s, lot, id, party, holder, grams);
            lot.moved = true;
            ++lot.entries;
            s.lots[id] = lot.pack();
            sum += grams;
        }
    }

    /// @dev Lessens what the holder has, in `lot` (which the caller writes back) or in the mapping.
    function takeFrom(
        LedgerStorage.Layout storage s,
        Packing.Lot memory lot,
        bytes32 id,
        uint64 party,
        uint32 holder,
        uint64 grams
    ) internal {
        uint64 had = heldBy(s, lot, id, holder);
        if (had < grams) revert IProduceLedger.NotEnoughHeld(id, party, had, grams);
        if (lot.pledged) {
            uint64 pledged = pledgedOf(s, id, holder);
            if (had - pledged < grams) revert IProduceLedger.PledgedGrams(id, party, had, pledged, grams);
        }
        if (lot.holder == holder) lot.held = had - grams;
        else if (lot.second == holder) lot.secondHeld = had - grams;
        else s.balances[id][holder] = had - grams;
    }

    /// @dev Gives grams that nobody holds, and counts the entry.
    function give(LedgerStorage.Layout storage s, bytes32 id, uint64 grams, uint32 party) internal {
        Packing.Lot memory lot = s.lots[id].toLot();
        giveTo(s, lot, id, party, grams);
        ++lot.entries;
        s.lots[id] = lot.pack();
    }

    /// @dev The same in `lot`, which the caller writes back. A party without grams takes a free place in the slot.
    function giveTo(LedgerStorage.Layout storage s, Packing.Lot memory lot, bytes32 id, uint32 party, uint64 grams)
        internal
    {
        if (lot.holder == party) {
            lot.held += grams;
        } else if (lot.second == party) {
            lot.secondHeld += grams;
        } else {
            uint64 held = lot.spilled ? s.balances[id][party] : 0;
            if (held == 0 && lot.held == 0) {
                (lot.holder, lot.held) = (party, grams);
            } else if (held == 0 && lot.secondHeld == 0) {
                (lot.second, lot.secondHeld) = (party, grams);
            } else {
                lot.spilled = true;
                s.balances[id][party] = held + grams;
            }
        }
    }

    /// @dev What the party holds of the lot.
    function heldBy(LedgerStorage.Layout storage s, Packing.Lot memory lot, bytes32 id, uint32 party)
        internal
        view
        returns (uint64)
    {
        if (lot.holder == party) return lot.held;
        if (lot.second == party) return lot.secondHeld;
        return lot.spilled ? s.balances[id][party] : 0;
    }

    /// @dev What of that is pledged now.
    function pledgedOf(LedgerStorage.Layout storage s, bytes32 id, uint32 party) internal view returns (uint64 sum) {
        LedgerStorage.Pledge[] storage pledges = s.pledges[id][party];
        for (uint256 i = 0; i < pledges.length; ++i) {
            // Seconds of a validator's choosing do not matter to terms of days.
            // slither-disable-next-line timestamp
            if (pledges[i].until > block.timestamp) sum += pledges[i].grams;
        }
    }

    /// @dev The lot, which has to exist.
    function known(LedgerStorage.Layout storage s, bytes32 id) internal view returns (Packing.Lot memory lot) {
        uint256 slot = s.lots[id];
        if (slot == 0) revert IProduceLedger.UnknownLot(id);
        return slot.toLot();
    }

    /// @dev Whose recall of a recalled lot stands, by index, and whether it was carried here.
    function recallOf(LedgerStorage.Layout storage s, bytes32 id) internal view returns (uint32 by, bool inherited) {
        uint256 slot = s.recalls[id];
        return (uint32(slot), slot & LedgerStorage.INHERITED != 0);
    }

    /// @dev How many certified grams the lines bring: of each its share of the lot's, rounded down. The lots exist.
    function certifiedIn(LedgerStorage.Layout storage s, IProduceLedger.Line[] memory lines)
        internal
        view
        returns (uint256 sum)
    {
        for (uint256 i = 0; i < lines.length; ++i) {
            Packing.Lot memory lot = s.lots[lines[i].lot].toLot();
            uint256 certified = certifiedOf(lot);
            if (certified != 0) sum += certified * lines[i].grams / lot.grams;
        }
    }

    /// @dev How many of its grams come from certified plots.
    function certifiedOf(Packing.Lot memory lot) internal pure returns (uint64) {
        if (!lot.harvested) return lot.origin;
        return lot.origin == 0 ? 0 : lot.grams;
    }
}
