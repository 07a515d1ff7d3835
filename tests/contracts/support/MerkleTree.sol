// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/**
 * @title Trees and proofs by the recursive definitions of RFC 9162, section 2.1
 * @dev Written for reading, not from the library under test. `from` and `to` bound the leaves, `to` not included.
 */
library MerkleTree {
    /// @dev Section 2.1.1: MTH.
    function root(bytes32[] memory leaves, uint256 from, uint256 to) internal pure returns (bytes32) {
        if (from == to) return sha256("");
        if (to - from == 1) return leaves[from];
        uint256 k = split(to - from);
        return sha256(bytes.concat(hex"01", root(leaves, from, from + k), root(leaves, from + k, to)));
    }

    /// @dev Section 2.1.3.1: PATH of leaf m, counted from `from`.
    function path(bytes32[] memory leaves, uint256 m, uint256 from, uint256 to)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (to - from == 1) return new bytes32[](0);
        uint256 k = split(to - from);
        return m < k
            ? push(path(leaves, m, from, from + k), root(leaves, from + k, to))
            : push(path(leaves, m - k, from + k, to), root(leaves, from, from + k));
    }

    /// @dev Section 2.1.4.1: SUBPROOF; the proof from `m` leaves on is that with `known` true.
    function subproof(bytes32[] memory leaves, uint256 m, uint256 from, uint256 to, bool known)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (m == to - from) return known ? new bytes32[](0) : push(new bytes32[](0), root(leaves, from, to));
        uint256 k = split(to - from);
        return m <= k
            ? push(subproof(leaves, m, from, from + k, known), root(leaves, from + k, to))
            : push(subproof(leaves, m - k, from + k, to, false), root(leaves, from, from + k));
    }

    function push(bytes32[] memory list, bytes32 item) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            longer[i] = list[i];
        }
        longer[list.length] = item;
    }

    /// @dev The greatest power of 2 below `count`.
    function split(uint256 count) private pure returns (uint256 k) {
        k = 1;
        while (k * 2 < count) k *= 2;
    }
}
