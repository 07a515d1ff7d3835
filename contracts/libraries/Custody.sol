// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../interfaces/IProduceLedger.sol";
import {Authority} from "./Authority.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {Packing} from "./Packing.sol";

/// @title Who holds how many grams of a lot, and how they leave and come
library Custody {
    using Packing for *;

    /// @dev Where a line goes that is to be destroyed, in place of a receiver's index; larger than any of those.
    uint32 internal constant DESTRUCTION = type(uint32).max;

    /**
     * @dev Takes every line from the holder. `to`: the index of the receiver, since a recalled lot may go back to its
     * issuer; `DESTRUCTION`, where it may go too; 0 for neither.
     */
    function take(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IProduceLedger.Line[] calldata lines,
        uint64 party,
        uint32 holder,
        uint32 to
    ) internal {
        if (lines.length == 0) revert IProduceLedger.NothingListed();
        bytes32 previous = 0;
        for (uint256 i = 0; i < lines.length; ++i) {
            IProduceLedger.Line calldata line = lines[i];
            bytes32 id = line.lot;
            if (id <= previous) revert IProduceLedger.NotAscending(previous, id);
            _takeLine(s, context, id, line.grams, party, holder, to);
            previous = id;
        }
    }

    /// @dev The same of lines in memory, which go into another lot. @return sum Grams taken.
    function takeInputs(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IProduceLedger.Line[] memory lines,
        uint64 party,
        uint32 holder
    ) internal returns (uint256 sum) {
        if (lines.length == 0) revert IProduceLedger.NothingListed();
        bytes32 previous = 0;
        for (uint256 i = 0; i < lines.length; ++i) {
            (bytes32 id, uint64 grams) = (lines[i].lot, lines[i].grams);
            if (id <= previous) revert IProduceLedger.NotAscending(previous, id);
            _takeLine(s, context, id, grams, party, holder, 0);
            previous = id;
            sum += grams;
        }
    }

    /// @dev Works on the packed slot: unpacking thirteen members and packing them again cost 1,900 gas a line (ADR 71).
    function _takeLine(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        bytes32 id,
        uint64 grams,
        uint64 party,
        uint32 holder,
        uint32 to
    ) private {
        if (grams == 0) revert IProduceLedger.ZeroGrams(id);
        uint256 slot = s.lots[id];
        if (slot == 0) revert IProduceLedger.UnknownLot(id);
        if (slot & Packing.RECALLED != 0 && to != DESTRUCTION && to != slot.issuerOf()) {
            (uint32 by,) = recallOf(s, id);
            revert IProduceLedger.LotRecalled(id, Authority.partyAt(context, by));
        }
        uint64 had = heldBy(s, slot, id, holder);
        if (had < grams) revert IProduceLedger.NotEnoughHeld(id, party, had, grams);
        if (slot & Packing.PLEDGED != 0) {
            uint64 pledged = pledgedOf(s, id, holder);
            if (had - pledged < grams) revert IProduceLedger.PledgedGrams(id, party, had, pledged, grams);
        }
        if (slot.holderOf() == holder) slot -= uint256(grams) << Packing.HELD;
        else if (slot.secondOf() == holder) slot -= uint256(grams) << Packing.SECOND_HELD;
        else s.balances[id][holder] = had - grams;
        s.lots[id] = (slot | Packing.MOVED).counted();
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

    /// @dev Gives grams that nobody holds, and counts the entry. The rule is that of `giveTo`, on the packed slot.
    function give(LedgerStorage.Layout storage s, bytes32 id, uint64 grams, uint32 party) internal {
        uint256 slot = s.lots[id];
        if (slot.holderOf() == party) {
            slot += uint256(grams) << Packing.HELD;
        } else if (slot.secondOf() == party) {
            slot += uint256(grams) << Packing.SECOND_HELD;
        } else {
            uint64 held = slot & Packing.SPILLED != 0 ? s.balances[id][party] : 0;
            if (held == 0 && slot.gramsAt(Packing.HELD) == 0) {
                slot = slot & ~(Packing.MAX_PARTY << Packing.HOLDER) | (uint256(party) << Packing.HOLDER)
                    | (uint256(grams) << Packing.HELD);
            } else if (held == 0 && slot.gramsAt(Packing.SECOND_HELD) == 0) {
                slot = slot & ~(Packing.MAX_PARTY << Packing.SECOND) | (uint256(party) << Packing.SECOND)
                    | (uint256(grams) << Packing.SECOND_HELD);
            } else {
                slot |= Packing.SPILLED;
                s.balances[id][party] = held + grams;
            }
        }
        s.lots[id] = slot.counted();
    }

    /// @dev Gives to the party in `lot`, which the caller writes back. A party without grams takes a free place in the slot.
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

    /// @dev What the party holds of the packed lot.
    function heldBy(LedgerStorage.Layout storage s, uint256 slot, bytes32 id, uint32 party)
        internal
        view
        returns (uint64)
    {
        if (slot.holderOf() == party) return slot.gramsAt(Packing.HELD);
        if (slot.secondOf() == party) return slot.gramsAt(Packing.SECOND_HELD);
        return slot & Packing.SPILLED != 0 ? s.balances[id][party] : 0;
    }

    /// @dev The same of the unpacked lot.
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
