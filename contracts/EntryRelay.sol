// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "./interfaces/IEntryRelay.sol";
import {Signatures} from "./libraries/Signatures.sol";

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
    uint256 internal constant _ALLOWANCE_BASE = 150_000;
    /// @dev What each P-256 signature may need beyond that, where the chain has no precompile at 0x100.
    uint256 internal constant _P256_ALLOWANCE = 350_000;
    /// @dev The dearest bytes are the 64 of a received line: a lot's slot rewritten (5,000), a balance made (22,100).
    uint256 private constant _ALLOWANCE_PER_BYTE = 600;
    /**
     * @dev The longest signature: two of P-256 behind one another, see `IProduceLedger`. The allowance grows with it, and
     * no entry may ask for more than a transaction can bring, or it would stop its neighbours.
     */
    uint256 private constant _MAX_SIGNATURE = 5 * 32 + 2 * Signatures.P256_LENGTH;
    /// @dev Between measuring the gas left and the CALL opcode, and for counting or reporting after it.
    uint256 private constant _OVERHEAD = 10_000;

    /// @inheritdoc IEntryRelay
    function submit(Entry[] calldata entries) external returns (uint256 recorded) {
        for (uint256 i = 0; i < entries.length; ++i) {
            (Entry calldata entry, uint256 size, uint256 signatureSize) = _entryAt(entries, i);
            uint256 limit = _maxSize(entry.kind);
            if (signatureSize > _MAX_SIGNATURE) (size, limit) = (signatureSize, _MAX_SIGNATURE);
            if (size > limit) {
                uint256 freeMemory = _freeMemory();
                _skip(i, entry, abi.encodeWithSelector(EntryTooLarge.selector, size, limit));
                _releaseMemory(freeMemory);
            } else if (_applyWithin(_allowance(size, signatureSize), i, entry)) {
                ++recorded;
            }
        }
    }

    /// @inheritdoc IEntryRelay
    function applyEntry(Entry calldata entry) external {
        if (msg.sender != address(this)) revert OnlySelf();
        _apply(entry);
    }

    /// @inheritdoc IEntryRelay
    function allowanceOf(uint256 payloadSize, uint256 signatureSize) external pure returns (uint256 gas) {
        return _allowance(payloadSize + signatureSize, signatureSize);
    }

    function _allowance(uint256 size, uint256 signatureSize) private pure returns (uint256 gas) {
        unchecked {
            // Sizes of calldata overflow nothing.
            gas = _baseAllowance() + _ALLOWANCE_PER_BYTE * size;
            // Rounded down: a shorter signature is none of P-256.
            // slither-disable-next-line divide-before-multiply
            gas += _P256_ALLOWANCE * (signatureSize / Signatures.P256_LENGTH);
        }
    }

    /// @dev What an entry may need apart from its length and from P-256 signatures of the entry itself.
    function _baseAllowance() internal pure virtual returns (uint256 gas);

    /// @dev How many bytes an entry may have, so that its allowance fits one transaction (EIP-7825: 16,777,216 gas).
    function _maxSize(uint8 kind) internal pure virtual returns (uint256 size);

    /// @dev Applies one entry, whose `kind` is the inheriting contract's enumeration, or reverts with a custom error.
    function _apply(Entry calldata entry) internal virtual;

    function _applyWithin(uint256 allowance, uint256 index, Entry calldata entry) private returns (bool applied) {
        (uint256 start, uint256 end) = _callOf(entry);
        uint256 available = gasleft();
        uint256 required;
        unchecked {
            required = allowance + allowance / 63 + _OVERHEAD;
        }
        if (available < required) revert InsufficientGas(index, available, required);
        // A call to itself that nothing but this contract's own rules can answer; no reentry from outside.
        assembly ("memory-safe") {
            applied := call(allowance, address(), 0, start, sub(end, start), 0, 0)
        }
        if (!applied) _skipWithReturnData(index, entry);
    }

    /**
     * @dev `entries[i]` with the bytes of its payload and signature together, and of its signature. All of it lies in the
     * calldata: checked here once, so that `_callOf` need not ask again; the compiler's own accessors ask at each use.
     */
    function _entryAt(Entry[] calldata entries, uint256 i)
        private
        pure
        returns (Entry calldata entry, uint256 size, uint256 signatureSize)
    {
        assembly ("memory-safe") {
            // Called below; the detector does not look into assembly.
            // slither-disable-next-line dead-code
            function lengthAt(tuple, member) -> length {
                let offset := calldataload(add(tuple, member))
                let place := add(tuple, offset)
                length := calldataload(place)
                if or(shr(32, or(offset, length)), gt(add(add(place, 0x20), length), calldatasize())) { revert(0, 0) }
            }
            let offset := calldataload(add(entries.offset, mul(0x20, i)))
            entry := add(entries.offset, offset)
            if or(shr(32, offset), gt(add(entry, 0x80), calldatasize())) { revert(0, 0) }
            signatureSize := lengthAt(entry, 0x60)
            size := add(lengthAt(entry, 0x40), signatureSize)
        }
    }

    /**
     * @dev The call of `applyEntry`, laid out by hand beyond the memory in use and left to the next entry:
     * `abi.encodeCall` checks and copies each entry once more (ADR 71). The entry lies in the calldata, see `_entryAt`.
     */
    function _callOf(Entry calldata entry) private pure returns (uint256 start, uint256 end) {
        bytes4 selector = IEntryRelay.applyEntry.selector;
        assembly ("memory-safe") {
            // Appends the length at `from` and so many bytes behind it. Called below, as in `_entryAt`.
            // slither-disable-next-line dead-code
            function append(place, from) -> next {
                let length := calldataload(from)
                next := add(place, and(add(length, 0x3f), not(0x1f)))
                mstore(sub(next, 0x20), 0) // the padding
                calldatacopy(place, from, add(length, 0x20))
            }
            start := mload(0x40)
            let tuple := add(start, 0x24)
            mstore(start, selector)
            mstore(add(start, 0x04), 0x20)
            calldatacopy(tuple, entry, 0x40) // kind and keyId
            mstore(add(tuple, 0x40), 0x80)
            end := append(add(tuple, 0x80), add(entry, calldataload(add(entry, 0x40))))
            mstore(add(tuple, 0x60), sub(end, tuple))
            end := append(end, add(entry, calldataload(add(entry, 0x60))))
        }
    }

    /// @dev The entry was refused by the last call, for the reason that it returned.
    function _skipWithReturnData(uint256 index, Entry calldata entry) private {
        uint256 freeMemory = _freeMemory();
        bytes memory reason;
        assembly ("memory-safe") {
            reason := mload(0x40)
            mstore(0x40, add(reason, and(add(returndatasize(), 0x3f), not(0x1f))))
            mstore(reason, returndatasize())
            returndatacopy(add(reason, 0x20), 0, returndatasize())
        }
        _skip(index, entry, reason);
        _releaseMemory(freeMemory);
    }

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
