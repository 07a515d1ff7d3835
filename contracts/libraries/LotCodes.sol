// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Lot codes (GS1 AI 10) and the identifiers made from them
library LotCodes {
    uint256 internal constant MAX_LENGTH = 20;

    /// @dev Bit n is set where byte n is in GS1 character set 82: digits, letters and ! " % & ' ( ) * + , - . / : ; < = > ? _
    uint256 private constant _CHARACTER_SET_82 = 0x07fffffe87fffffeffffffe600000000;

    /**
     * @notice The lot's identifier, keccak256(abi.encode(uint64 product, bytes32 lotCode)).
     * @return valid False where the code is empty, longer than 20 bytes or holds another byte; `lot` is then 0.
     */
    function tryLotId(uint64 product, string memory code) internal pure returns (bool valid, bytes32 lot) {
        uint256 length = bytes(code).length;
        if (length == 0 || length > MAX_LENGTH) return (false, 0);
        uint256 allowed = _CHARACTER_SET_82;
        bytes32 word;
        assembly ("memory-safe") {
            // The code left-aligned, whatever memory holds behind it.
            word := and(mload(add(code, 0x20)), not(shr(mul(8, length), not(0))))
            valid := 1
            for { let i := 0 } lt(i, length) { i := add(i, 1) } {
                valid := and(valid, shr(byte(i, word), allowed))
            }
            mstore(0x00, product)
            mstore(0x20, word)
            lot := mul(valid, keccak256(0x00, 0x40))
        }
    }
}
