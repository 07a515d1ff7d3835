// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/**
 * @title Bulk relaying of signed entries
 * @notice Anybody may submit entries that parties signed; the submitter pays gas and decides nothing else.
 * One bad entry is skipped with its reason and its neighbours stand. Each entry is applied with exactly `allowanceOf`
 * its size in gas, whatever the transaction brought; a call that cannot give that much reverts as a whole, so that a
 * relayer cannot fake a skip by starving an entry.
 */
interface IEntryRelay {
    /**
     * @notice One signed entry.
     * @param kind The contract's own enumeration of entries.
     * @param keyId The key that signed: an address left-padded to 32 bytes (secp256k1), keccak256(x, y) (P-256).
     * @param payload The ABI encoding of the signed struct; some kinds carry unsigned witnesses behind it.
     * @param signature 65 bytes r, s, v for secp256k1; 128 bytes r, s, x, y for P-256; low s in both. At most 416 bytes,
     * which is two of P-256 where a kind of entry takes two.
     */
    struct Entry {
        uint8 kind;
        bytes32 keyId;
        bytes payload;
        bytes signature;
    }

    /**
     * @notice The entry at `index` of the call was refused.
     * @param index Its place in the call, from 0.
     * @param payloadHash keccak256 of its payload.
     * @param reason The ABI-encoded custom error; empty where the payload cannot be decoded.
     */
    event EntrySkipped(uint256 index, bytes32 indexed payloadHash, bytes reason);

    /// @notice Less gas is left than the entry's allowance needs: nothing of the call stands. Send more, or fewer entries.
    error InsufficientGas(uint256 index, uint256 available, uint256 required);
    /// @notice Payload and signature, or the signature alone, have more bytes than an entry may have. Split the entry.
    error EntryTooLarge(uint256 size, uint256 limit);
    /// @notice `applyEntry` is for the contract itself.
    error OnlySelf();
    /// @notice There is no entry of that kind.
    error UnknownKind(uint8 kind);

    /**
     * @notice Applies the entries in order.
     * @param entries Signed entries, of any parties.
     * @return recorded How many were recorded; the others each left an `EntrySkipped`.
     */
    function submit(Entry[] calldata entries) external returns (uint256 recorded);

    /**
     * @notice Applies one entry or reverts with its reason; only callable by the contract, and by `eth_call` from it.
     * @param entry The entry.
     */
    function applyEntry(Entry calldata entry) external;

    /**
     * @notice The gas that an entry is applied with.
     * @param payloadSize Bytes of its payload.
     * @param signatureSize Bytes of its signature.
     * @return gas Neither more nor less, so that the outcome depends on nothing that the relayer chose.
     */
    function allowanceOf(uint256 payloadSize, uint256 signatureSize) external pure returns (uint256 gas);
}
