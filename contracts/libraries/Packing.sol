// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../interfaces/IProduceLedger.sol";

/**
 * @title Lots and consignments, one storage slot each
 * @dev Packed by hand, since the compiler writes a struct's members one by one. Parties are kept as the registry's
 * 32-bit indexes.
 */
library Packing {
    /**
     * @dev A lot. `held` is what the party at index `holder` holds of it: most lots lie with one party at a time, and
     * that balance then costs no slot of its own. Everybody else's balance is in the ledger's mapping, where the
     * holder's is always 0.
     */
    struct Lot {
        uint32 issuer;
        uint32 recalledBy;
        uint32 holder;
        uint32 entries;
        uint64 grams;
        uint64 held;
    }

    struct Consignment {
        uint32 shipper;
        uint32 receiver;
        IProduceLedger.ConsignmentState state;
        bytes23 manifestHash;
    }

    function pack(Lot memory lot) internal pure returns (uint256) {
        return uint256(lot.issuer) | (uint256(lot.recalledBy) << 32) | (uint256(lot.holder) << 64)
            | (uint256(lot.entries) << 96) | (uint256(lot.grams) << 128) | (uint256(lot.held) << 192);
    }

    function toLot(uint256 slot) internal pure returns (Lot memory) {
        return Lot({
            issuer: uint32(slot),
            recalledBy: uint32(slot >> 32),
            holder: uint32(slot >> 64),
            entries: uint32(slot >> 96),
            grams: uint64(slot >> 128),
            held: uint64(slot >> 192)
        });
    }

    function pack(Consignment memory consignment) internal pure returns (uint256) {
        return uint256(consignment.shipper) | (uint256(consignment.receiver) << 32)
            | (uint256(consignment.state) << 64) | (uint256(uint184(consignment.manifestHash)) << 72);
    }

    function toConsignment(uint256 slot) internal pure returns (Consignment memory) {
        return Consignment({
            shipper: uint32(slot),
            receiver: uint32(slot >> 32),
            state: IProduceLedger.ConsignmentState(uint8(slot >> 64)),
            manifestHash: bytes23(uint184(slot >> 72))
        });
    }
}
