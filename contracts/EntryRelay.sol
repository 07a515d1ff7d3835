// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "./interfaces/IEntryRelay.sol";

/**
 * @title Bulk relaying of signed entries, shared by the registry and the ledger
 * @dev The gas rule. A relayer chooses the transaction's gas, and EIP-150 hands a call at most 63/64 of what is left, so
 * a naive `try` lets it starve one entry while the loop goes on. Here every entry gets exactly `allowanceOf(size)`: what
 * an entry of that size could ever need, in cold storage. Where that cannot be given, the whole call reverts. So the
 * outcome of an entry is a function of the entry and of the contract's state alone; an entry that burns its allowance
 * (only a malformed one can) is skipped with an empty reason, for every relayer alike.
 *
 * Whoever changes what an entry does has to keep `allowanceOf` above it; `tests/contracts/Allowance.t.sol` measures.
 */
abstract contract EntryRelay is IEntryRelay {
    /// @dev What any entry may need apart from its length: signature, key, role, one new consignment or digest, log.
    uint256 private constant _ALLOWANCE_BASE = 150_000;
    /// @dev The dearest bytes are the 64 of a received line: a lot's slot rewritten (5,000), a balance made (22,100).
    uint256 private constant _ALLOWANCE_PER_BYTE = 600;
    /// @dev Between measuring the gas left and the CALL opcode, and for counting or reporting after it.
    uint256 private constant _OVERHEAD = 10_000;
    /// @dev Keeps the allowance under 15 million, thus any entry within a transaction (EIP-7825: 16,777,216). A receipt is
    /// always smaller than the shipment it answers, so whatever was shipped can be received.
    uint256 private constant _MAX_SIZE = 24_576;

    /// @inheritdoc IEntryRelay
    function submit(Entry[] calldata entries) external returns (uint256 recorded) {
        for (uint256 i = 0; i < entries.length; ++i) {
            Entry calldata entry = entries[i];
            uint256 size = entry.payload.length + entry.signature.length;
            uint256 freeMemory = _freeMemory();
            if (size > _MAX_SIZE) {
                _skip(i, entry, abi.encodeWithSelector(EntryTooLarge.selector, size, _MAX_SIZE));
                _releaseMemory(freeMemory);
                continue;
            }
            bytes memory call = abi.encodeCall(IEntryRelay.applyEntry, (entry));
            uint256 allowance = allowanceOf(size);
            uint256 required = allowance + allowance / 63 + _OVERHEAD;
            uint256 available = gasleft();
            if (available < required) revert InsufficientGas(i, available, required);
            // A call to itself that nothing but this contract's own rules can answer; no reentry from outside.
            // slither-disable-next-line low-level-calls,calls-loop,reentrancy-events
            (bool applied, bytes memory reason) = address(this).call{gas: allowance}(call);
            if (applied) ++recorded;
            else _skip(i, entry, reason);
            _releaseMemory(freeMemory);
        }
    }

    /// @inheritdoc IEntryRelay
    function applyEntry(Entry calldata entry) external {
        if (msg.sender != address(this)) revert OnlySelf();
        _apply(entry);
    }

    /// @inheritdoc IEntryRelay
    function allowanceOf(uint256 size) public pure returns (uint256 gas) {
        return _ALLOWANCE_BASE + _ALLOWANCE_PER_BYTE * size;
    }

    /// @dev Applies one entry, whose `kind` is the inheriting contract's enumeration, or reverts with a custom error.
    function _apply(Entry calldata entry) internal virtual;

    function _skip(uint256 index, Entry calldata entry, bytes memory reason) private {
        emit EntrySkipped(index, keccak256(entry.payload), reason);
    }

    function _freeMemory() private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
        }
    }

    /// @dev Memory costs grow with the square of its size: each entry reuses that of the one before.
    function _releaseMemory(uint256 pointer) private pure {
        assembly ("memory-safe") {
            mstore(0x40, pointer)
        }
    }
}
