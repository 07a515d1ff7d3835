// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Payloads that no honest encoder makes
library Malformed {
    /**
     * @notice A transformation whose `count` outputs all point at one output with a code of `length` bytes.
     * @dev Decoding copies the code once an output, so the memory grows with the product of both: it burns any gas.
     */
    function aliasedOutputs(uint256 count, uint256 length) internal pure returns (bytes memory) {
        bytes memory offsets = "";
        for (uint256 i = 0; i < count; ++i) offsets = abi.encodePacked(offsets, count * 32);
        // The tuple: packer, inputs at 160, outputs at 192, content, deadline; inputs: none; outputs: count, offsets,
        // and the one output: product, code at 96, grams, code.
        return abi.encodePacked(
            abi.encode(uint256(32), uint256(1), uint256(160), uint256(192), uint256(0), type(uint64).max),
            abi.encode(uint256(0), count),
            offsets,
            abi.encode(uint256(1), uint256(96), uint256(1), length),
            new bytes((length + 31) / 32 * 32)
        );
    }
}
