// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../interfaces/IProduceLedger.sol";

/**
 * @title Lots and consignments, one storage slot each
 * @dev Packed by hand, since the compiler writes a struct's members one by one and knows no 28 bits. Parties are kept as
 * the registry's indexes.
 */
library Packing {
    /// @dev The largest amount of grams that a lot can have.
    uint256 internal constant MAX_GRAMS = 2 ** 36 - 1;
    /// @dev The largest index of a party.
    uint256 internal constant MAX_PARTY = 2 ** 28 - 1;

    uint256 private constant _GRAMS_BITS = 36;
    uint256 private constant _PARTY_BITS = 28;
    uint256 private constant _ENTRIES = 2 ** 23 - 1;

    /**
     * @dev A lot. `held` and `secondHeld` are what the parties at the indexes `holder` and `second` have of it: few lots
     * lie with more than two parties at a time, and those balances then cost no slots of their own. Everybody else's are
     * in the ledger's mapping, where these two parties' are always 0; `spilled` says that it was ever written.
     * `origin`: of a harvested lot, the number of the yield that it counts against (0: none, else all of it is certified);
     * of any other, its certified grams.
     */
    struct Lot {
        uint32 issuer;
        uint32 holder;
        uint32 second;
        uint32 entries;
        uint64 grams;
        uint64 origin;
        uint64 held;
        uint64 secondHeld;
        bool harvested;
        bool moved;
        bool recalled;
        bool pledged;
        bool spilled;
    }

    struct Consignment {
        uint32 shipper;
        uint32 receiver;
        IProduceLedger.ConsignmentState state;
        bytes24 manifestHash;
    }

    function pack(Lot memory lot) internal pure returns (uint256 slot) {
        slot = uint256(lot.issuer) | (uint256(lot.holder) << 28) | (uint256(lot.second) << 56)
            | (uint256(lot.grams) << 84) | (uint256(lot.origin) << 120) | (uint256(lot.held) << 156)
            | (uint256(lot.secondHeld) << 192) | (uint256(lot.entries) << 228);
        if (lot.harvested) slot |= 1 << 251;
        if (lot.moved) slot |= 1 << 252;
        if (lot.recalled) slot |= 1 << 253;
        if (lot.pledged) slot |= 1 << 254;
        if (lot.spilled) slot |= 1 << 255;
    }

    function toLot(uint256 slot) internal pure returns (Lot memory lot) {
        lot.issuer = uint32(slot & MAX_PARTY);
        lot.holder = uint32((slot >> 28) & MAX_PARTY);
        lot.second = uint32((slot >> 56) & MAX_PARTY);
        lot.grams = uint64((slot >> 84) & MAX_GRAMS);
        lot.origin = uint64((slot >> 120) & MAX_GRAMS);
        lot.held = uint64((slot >> 156) & MAX_GRAMS);
        lot.secondHeld = uint64((slot >> 192) & MAX_GRAMS);
        lot.entries = uint32((slot >> 228) & _ENTRIES);
        lot.harvested = slot & (1 << 251) != 0;
        lot.moved = slot & (1 << 252) != 0;
        lot.recalled = slot & (1 << 253) != 0;
        lot.pledged = slot & (1 << 254) != 0;
        lot.spilled = slot & (1 << 255) != 0;
    }

    function pack(Consignment memory consignment) internal pure returns (uint256) {
        return uint256(consignment.shipper) | (uint256(consignment.receiver) << 28)
            | (uint256(consignment.state) << 56) | (uint256(uint192(consignment.manifestHash)) << 64);
    }

    function toConsignment(uint256 slot) internal pure returns (Consignment memory) {
        return Consignment({
            shipper: uint32(slot & MAX_PARTY),
            receiver: uint32((slot >> 28) & MAX_PARTY),
            state: IProduceLedger.ConsignmentState(uint8(slot >> 56)),
            manifestHash: bytes24(uint192(slot >> 64))
        });
    }
}
