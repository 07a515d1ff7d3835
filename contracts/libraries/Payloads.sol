// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../interfaces/IProduceLedger.sol";

/**
 * @title Payloads of the entries of every day, read where they lie in the calldata
 * @dev Copying nested arrays to memory cost more than the rules of a handoff (ADR 71). A payload is taken only in the form
 * that `abi.encode` gives it, each part behind the one before and nothing behind the last, so that nothing in it
 * points outside it; anything else reverts without a reason, as a failed `abi.decode` does. Members are checked to be
 * of their type where they are read, lines in `linesAt`.
 */
library Payloads {
    uint256 private constant _WORD = 0x20;
    uint256 private constant _LINE = 0x40;

    /// @dev `abi.encode(Shipment)`. The struct's last member of dynamic size, the manifest, comes after the reference.
    function shipment(bytes calldata payload)
        internal
        pure
        returns (IProduceLedger.Shipment calldata action, IProduceLedger.Line[] calldata manifest)
    {
        _require(payload.length >= 9 * _WORD && _word(payload, 0) == _WORD && _word(payload, 3 * _WORD) == 6 * _WORD);
        uint256 length = _word(payload, 7 * _WORD);
        _require(length <= payload.length);
        uint256 place;
        unchecked {
            // Of the manifest, from the struct on. A length within the payload overflows nothing.
            // Rounded up to whole words.
            // slither-disable-next-line divide-before-multiply
            place = 7 * _WORD + (length + _WORD - 1) / _WORD * _WORD;
        }
        _require(_word(payload, 4 * _WORD) == place);
        assembly ("memory-safe") {
            action := add(payload.offset, 0x20)
        }
        manifest = linesAt(payload, _WORD + place);
    }

    /// @dev `abi.encode(Receipt, Line[])`.
    function receipt(bytes calldata payload)
        internal
        pure
        returns (IProduceLedger.Receipt calldata action, IProduceLedger.Line[] calldata manifest)
    {
        manifest = linesAt(payload, 6 * _WORD);
        _require(_word(payload, 5 * _WORD) == 6 * _WORD);
        assembly ("memory-safe") {
            action := payload.offset
        }
    }

    /// @dev `abi.encode(Sale)`, and `abi.encode(Disposal)`, which has the same members.
    function sale(bytes calldata payload)
        internal
        pure
        returns (IProduceLedger.Sale calldata action, IProduceLedger.Line[] calldata lines)
    {
        lines = linesAt(payload, 5 * _WORD);
        _require(_word(payload, 0) == _WORD && _word(payload, 2 * _WORD) == 4 * _WORD);
        assembly ("memory-safe") {
            action := add(payload.offset, 0x20)
        }
    }

    /// @dev The lines whose count is at that place and which end the payload. Reading their grams cannot fail any more.
    function linesAt(bytes calldata payload, uint256 place)
        internal
        pure
        returns (IProduceLedger.Line[] calldata lines)
    {
        _require(payload.length >= place + _WORD);
        uint256 count = _word(payload, place);
        unchecked {
            // A count within the payload's length overflows nothing.
            _require(count <= payload.length && payload.length == place + _WORD + count * _LINE);
        }
        uint256 allGrams = 0;
        assembly ("memory-safe") {
            lines.offset := add(add(payload.offset, place), 0x20)
            lines.length := count
            let end := add(lines.offset, mul(0x40, count))
            for { let grams := add(lines.offset, 0x20) } lt(grams, end) { grams := add(grams, 0x40) } {
                allGrams := or(allGrams, calldataload(grams))
            }
        }
        _require(allGrams <= type(uint64).max);
    }

    function _word(bytes calldata payload, uint256 place) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(payload.offset, place))
        }
    }

    function _require(bool canonical) private pure {
        // slither-disable-next-line incorrect-equality
        if (!canonical) revert();
    }
}
