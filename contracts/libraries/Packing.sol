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

    /// @dev Entries are counted up to here, and no further.
    uint256 internal constant MAX_ENTRIES = 2 ** 23 - 1;

    // Where the members of a lot are, for code that works on the slot itself; `ISSUER` is at 0.
    uint256 internal constant HOLDER = 28;
    uint256 internal constant SECOND = 56;
    uint256 internal constant GRAMS = 84;
    uint256 internal constant ORIGIN = 120;
    uint256 internal constant HELD = 156;
    uint256 internal constant SECOND_HELD = 192;
    uint256 internal constant ENTRIES = 228;
    uint256 internal constant HARVESTED = 1 << 251;
    uint256 internal constant MOVED = 1 << 252;
    uint256 internal constant RECALLED = 1 << 253;
    uint256 internal constant PLEDGED = 1 << 254;
    uint256 internal constant SPILLED = 1 << 255;

    // The same of a consignment; the shipper is at 0.
    uint256 internal constant RECEIVER = 28;
    uint256 internal constant STATE = 56;
    uint256 internal constant MANIFEST = 64;

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
        slot = uint256(lot.issuer) | (uint256(lot.holder) << HOLDER) | (uint256(lot.second) << SECOND)
            | (uint256(lot.grams) << GRAMS) | (uint256(lot.origin) << ORIGIN) | (uint256(lot.held) << HELD)
            | (uint256(lot.secondHeld) << SECOND_HELD);
        slot |= (lot.entries < MAX_ENTRIES ? lot.entries : MAX_ENTRIES) << ENTRIES;
        if (lot.harvested) slot |= HARVESTED;
        if (lot.moved) slot |= MOVED;
        if (lot.recalled) slot |= RECALLED;
        if (lot.pledged) slot |= PLEDGED;
        if (lot.spilled) slot |= SPILLED;
    }

    function toLot(uint256 slot) internal pure returns (Lot memory lot) {
        lot.issuer = issuerOf(slot);
        lot.holder = holderOf(slot);
        lot.second = secondOf(slot);
        lot.grams = gramsAt(slot, GRAMS);
        lot.origin = gramsAt(slot, ORIGIN);
        lot.held = gramsAt(slot, HELD);
        lot.secondHeld = gramsAt(slot, SECOND_HELD);
        lot.entries = uint32((slot >> ENTRIES) & MAX_ENTRIES);
        lot.harvested = slot & HARVESTED != 0;
        lot.moved = slot & MOVED != 0;
        lot.recalled = slot & RECALLED != 0;
        lot.pledged = slot & PLEDGED != 0;
        lot.spilled = slot & SPILLED != 0;
    }

    function issuerOf(uint256 slot) internal pure returns (uint32) {
        return uint32(slot & MAX_PARTY);
    }

    function holderOf(uint256 slot) internal pure returns (uint32) {
        return uint32((slot >> HOLDER) & MAX_PARTY);
    }

    function secondOf(uint256 slot) internal pure returns (uint32) {
        return uint32((slot >> SECOND) & MAX_PARTY);
    }

    /// @dev One of the four amounts of a lot.
    function gramsAt(uint256 slot, uint256 place) internal pure returns (uint64) {
        return uint64((slot >> place) & MAX_GRAMS);
    }

    /// @dev The lot with one entry more.
    function counted(uint256 slot) internal pure returns (uint256) {
        return (slot >> ENTRIES) & MAX_ENTRIES == MAX_ENTRIES ? slot : slot + (1 << ENTRIES);
    }

    function pack(Consignment memory consignment) internal pure returns (uint256) {
        return uint256(consignment.shipper) | (uint256(consignment.receiver) << RECEIVER)
            | (uint256(consignment.state) << STATE) | (uint256(uint192(consignment.manifestHash)) << MANIFEST);
    }

    function toConsignment(uint256 slot) internal pure returns (Consignment memory) {
        return Consignment({
            shipper: uint32(slot & MAX_PARTY),
            receiver: uint32((slot >> RECEIVER) & MAX_PARTY),
            state: IProduceLedger.ConsignmentState(uint8(slot >> STATE)),
            manifestHash: bytes24(uint192(slot >> MANIFEST))
        });
    }
}
