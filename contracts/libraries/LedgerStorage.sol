// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title What the ledger stores, in one struct, so that its linked libraries work on the same storage
library LedgerStorage {
    /// @dev In `recalls`: the recall was carried here from a lot that went into this one.
    uint256 internal constant INHERITED = 1 << 32;

    /// @dev One slot. `certifier` 0: no such plot. Both are indexes of the registry.
    struct Plot {
        uint32 producer;
        uint32 certifier;
    }

    /// @dev One slot: what a plot was certified for in a season, and what was harvested against it. Grams.
    struct Yield {
        uint64 certified;
        uint64 harvested;
    }

    /// @dev One slot. `lender` 0: free to use again. `until` in Unix seconds.
    struct Pledge {
        uint32 lender;
        uint64 grams;
        uint40 until;
    }

    struct Layout {
        /// @dev `Packing.Lot`; 0 where there is no such lot.
        mapping(bytes32 lot => uint256) lots;
        /// @dev `IProduceLedger.LotState.originHash`.
        mapping(bytes32 lot => bytes32) origins;
        /// @dev Grams of those who hold some beside the lot's `holder` and `second`.
        mapping(bytes32 lot => mapping(uint32 party => uint64)) balances;
        /// @dev Of recalled lots: index of the party whose recall it is, and `INHERITED` where it was carried here.
        mapping(bytes32 lot => uint256) recalls;
        /// @dev `Packing.Consignment`; 0 where there is no such consignment.
        mapping(bytes32 consignment => uint256) consignments;
        mapping(bytes32 consignment => uint256) noticeAt;
        mapping(bytes32 digest => bool) used;
        mapping(bytes32 plot => Plot) plots;
        /// @dev The number of a plot's yield in a season, from 1 on; a harvested lot remembers it.
        mapping(bytes32 plot => mapping(uint16 season => uint64)) yieldNumbers;
        mapping(uint64 number => Yield) yields;
        uint64 yieldCount;
        mapping(bytes32 lot => mapping(uint32 holder => Pledge[])) pledges;
    }
}
