// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/**
 * @title Bulk relaying of signed entries
 * @notice Anybody may submit entries that parties signed; the submitter pays gas and decides nothing else.
 * One bad entry is skipped with its reason and its neighbours stand. A call with too little gas reverts as a whole, so
 * that a relayer cannot fake a skip by starving an entry.
 */
interface IEntryRelay {
    /**
     * @notice One signed entry.
     * @param kind The contract's own enumeration of entries.
     * @param keyId The key that signed: an address left-padded to 32 bytes (secp256k1), keccak256(x, y) (P-256).
     * @param payload The ABI encoding of the signed struct; some kinds carry unsigned witnesses behind it.
     * @param signature 65 bytes r, s, v for secp256k1, with low s.
     */
    struct Entry {
        uint8 kind;
        bytes32 keyId;
        bytes payload;
        bytes signature;
    }

    /// @notice The entry at `index` of the call was refused; `reason` is the ABI-encoded custom error, empty if malformed.
    event EntrySkipped(uint256 index, bytes32 indexed payloadHash, bytes reason);

    /// @notice Less gas is left than any entry of that size could need: nothing of the call stands.
    error InsufficientGas(uint256 index, uint256 available, uint256 required);
    /// @notice `applyEntry` is for the contract itself.
    error OnlySelf();
    /// @notice There is no entry of that kind.
    error UnknownKind(uint8 kind);

    /// @notice Applies the entries in order; returns how many were recorded.
    function submit(Entry[] calldata entries) external returns (uint256 recorded);

    /// @notice Applies one entry or reverts with its reason; only callable by the contract, and by `eth_call` from it.
    function applyEntry(Entry calldata entry) external;
}
