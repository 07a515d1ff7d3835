// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/**
 * @title The log of all events: its latest checkpoint, which can only be extended
 * @notice The log is a Merkle tree of RFC 9162 (section 2.1, the same as RFC 6962's) over SHA-256. It lives with the
 * operator; here are its size and root. A new checkpoint is taken only with a proof that the tree under it begins with
 * the tree under the last one, so that nobody, the operator neither, takes an event out, changes it or puts one before.
 *
 * A leaf is 64 bytes: the event's content hash and the SHA-256 of its signature proof. Indexes count from 0.
 *
 * Only the latest checkpoint is in storage. Earlier ones are the `Checkpoint` logs of this contract and of its
 * predecessors.
 */
interface IEventLog {
    /**
     * @notice The log has this checkpoint from this block on. The entries from `previousSize` up to, not including,
     * `size` are covered for the first time. The constructor emits one that covers none.
     * @param size Number of leaves.
     * @param root Root of the tree of these leaves.
     * @param previousSize Size of the checkpoint that was extended.
     */
    event Checkpoint(uint64 indexed size, bytes32 root, uint64 previousSize);

    /// @notice A new checkpoint has more leaves than the last one; the same number is not more.
    error SizeNotGrowing(uint64 size, uint64 newSize);
    /// @notice A consistency proof between these sizes has another number of hashes, given the empty tree none.
    error WrongProofLength(uint64 size, uint64 newSize, uint256 length);
    /// @notice The proof begins with another tree than that of the latest checkpoint.
    error NotAnExtension(bytes32 root, bytes32 proven);
    /// @notice The proof leads from the latest checkpoint to another root than the new one.
    error WrongRoot(bytes32 newRoot, bytes32 proven);
    /// @notice The log never is without an operator: hand it over instead.
    error OperatorRequired();
    /// @notice The address that is said to hold the predecessor has no code.
    error NotALog(address predecessor);

    /**
     * @notice Replaces the latest checkpoint by a later one. Only the operator may.
     *
     * The contract checks that the new tree begins with the old one. It cannot see leaves: that `newSize` of them lie
     * under the root is the operator's statement, and what it misstates it cannot prove inclusion of. Any root is an
     * extension of the empty tree.
     * @param newSize Number of leaves, greater than the latest checkpoint's.
     * @param newRoot Root of the tree of these leaves.
     * @param proof Consistency proof from the latest checkpoint (RFC 9162, section 2.1.4.1); from the empty tree, none.
     */
    function extend(uint64 newSize, bytes32 newRoot, bytes32[] calldata proof) external;

    /**
     * @notice The latest checkpoint.
     * @return size Number of leaves.
     * @return root Root of the tree; the SHA-256 of nothing while there are none.
     * @return time When it was recorded, in Unix seconds of its block (of the predecessor's, where it was taken over).
     */
    function checkpoint() external view returns (uint64 size, bytes32 root, uint64 time);

    /// @notice The log that this one goes on from, whose latest checkpoint was this one's first; 0 where it began empty.
    function predecessor() external view returns (address);

    /**
     * @notice Whether the event is in the log, at that index, under the latest checkpoint.
     *
     * A proof is for one size. Whoever needs to check against a size for longer than it is the latest one keeps what
     * `checkpoint` returned and asks `includesAt`.
     * @param contentHash Identity of the event.
     * @param signatureHash SHA-256 of the event's signature proof.
     * @param index The leaf's place, from 0.
     * @param proof Inclusion proof for the latest size (RFC 9162, section 2.1.3.1), from the leaf upwards.
     * @return Whether it is; false for a proof that is wrong in any way.
     */
    function includes(bytes32 contentHash, bytes32 signatureHash, uint64 index, bytes32[] calldata proof)
        external
        view
        returns (bool);

    /**
     * @notice Whether the event is in the tree of that size and root, at that index. Says nothing about whether the log
     * ever had that checkpoint: size and root have to come from where the caller can trust both. Reads no state; it is a
     * view since it calls the precompile of SHA-256 (ADR 60).
     * @param contentHash Identity of the event.
     * @param signatureHash SHA-256 of the event's signature proof.
     * @param index The leaf's place, from 0.
     * @param proof Inclusion proof for that size, from the leaf upwards.
     * @param size Number of leaves of the tree.
     * @param root Root of the tree.
     * @return Whether it is; false for a proof that is wrong in any way.
     */
    function includesAt(
        bytes32 contentHash,
        bytes32 signatureHash,
        uint64 index,
        bytes32[] calldata proof,
        uint64 size,
        bytes32 root
    ) external view returns (bool);
}
