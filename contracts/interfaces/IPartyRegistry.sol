// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/**
 * @title Parties, their roles, products and signing keys
 * @notice The registrar admits a party with its first key, which signs its own admission; from then on only the party's
 * own admin keys add or revoke keys, and give or take away what only they may. The registrar may suspend a party, or start
 * a recovery that takes effect after a public delay and that the party can cancel until then. Every change is a signed
 * EIP-712 struct that anybody may relay.
 *
 * A party is its GLN as a number, or a number from 10^13 up that the registrar allots. A product is its GTIN-14 as a
 * number, or an allotted number from 10^14 up. Times are Unix seconds of the block. Check digits are the registrar's to
 * check. A deadline has passed when the block's time is greater.
 */
interface IPartyRegistry {
    /// @notice Entries of this contract, in the order of `IEntryRelay.Entry.kind`.
    enum Kind {
        Admission,
        KeyGrant,
        KeyRevocation,
        ProductAssignment,
        ProductPermit,
        RoleChange,
        Suspension,
        Recovery,
        RecoveryCancellation,
        RecoveryCompletion,
        Cancellation,
        RoleAcceptance
    }

    /**
     * @notice How a key signs. Secp256k1: the digest; 65 bytes r, s, v; key id: the address. P256: the SHA-256 of the
     * digest, as WebCrypto does; 128 bytes r, s, x, y; key id: keccak256(x, y). Low s in both.
     */
    enum Scheme {
        None,
        Secp256k1,
        P256
    }

    /**
     * @notice A signing key.
     * @param party Whose it is.
     * @param scheme How it signs; None where there is no such key.
     * @param admin Whether it may add and revoke the party's keys and give permits.
     * @param hosted Whether the service keeps it for the party.
     * @param validFrom The first second in which it is valid.
     * @param validUntil The first second in which it no longer is; 0 means never.
     * @param revokedAt When it was revoked; 0 means never. A revoked key stays on record and can't be granted again.
     */
    struct Key {
        uint64 party;
        Scheme scheme;
        bool admin;
        bool hosted;
        uint40 validFrom;
        uint40 validUntil;
        uint40 revokedAt;
    }

    /// @notice Signed by the registrar (entry signature) and by the first key (witness behind the struct).
    struct Admission {
        uint64 party;
        uint16 roles;
        bytes32 keyId;
        Scheme scheme;
        bool hosted;
        uint64 deadline;
    }

    /**
     * @notice Signed by an admin key of the party (entry signature) and by the new key (witness behind the struct).
     * A `validFrom` in the past, 0 included, means from the block on: validity never begins in the past.
     */
    struct KeyGrant {
        uint64 party;
        bytes32 keyId;
        Scheme scheme;
        bool admin;
        bool hosted;
        uint64 validFrom;
        uint64 validUntil;
        uint64 deadline;
    }

    /// @notice Signed by an admin key of the party. Takes effect with the block.
    struct KeyRevocation {
        uint64 party;
        bytes32 keyId;
        uint64 deadline;
    }

    /// @notice Signed by the registrar: the product belongs to the owner. Final.
    struct ProductAssignment {
        uint64 product;
        uint64 owner;
        uint64 deadline;
    }

    /// @notice Signed by an admin key of the owner: the packer may (or may no longer) make lots of the product.
    struct ProductPermit {
        uint64 product;
        uint64 owner;
        uint64 packer;
        bool allowed;
        uint64 deadline;
    }

    /// @notice Signed by the registrar: all roles of the party, at least one. See `Suspension` for taking all away.
    struct RoleChange {
        uint64 party;
        uint16 roles;
        uint64 deadline;
    }

    /**
     * @notice Signed by the registrar. A suspended party keeps its roles and keys, and signs nothing but changes of its own
     * keys, cancellations of what it signed and of recoveries.
     */
    struct Suspension {
        uint64 party;
        bool suspended;
        uint64 deadline;
    }

    /**
     * @notice Signed by the registrar (entry signature) and by the new key (witness behind the struct): from `effectiveAt`
     * on, at least `recoveryDelay` ahead of the block, the key can become an admin key of the party.
     */
    struct Recovery {
        uint64 party;
        bytes32 keyId;
        Scheme scheme;
        bool hosted;
        uint64 effectiveAt;
        uint64 deadline;
    }

    /// @notice Signed by an admin key of the party, or by the registrar: the recovery that would bring this key is off.
    struct RecoveryCancellation {
        uint64 party;
        bytes32 keyId;
        uint64 deadline;
    }

    /// @notice Signed by the new key of a recovery whose delay is over: it is an admin key from this block on.
    struct RecoveryCompletion {
        uint64 party;
        bytes32 keyId;
        uint64 deadline;
    }

    /// @notice Signed by any key of the party: what the party signed under this digest, of either contract, is void.
    struct Cancellation {
        uint64 party;
        bytes32 digest;
        uint64 deadline;
    }

    /// @notice Signed by an address that the default admin named: it takes the role. The second step of `grantRole`.
    struct RoleAcceptance {
        bytes32 role;
        uint64 deadline;
    }

    /**
     * @notice A recovery under way.
     * @param keyId The key that it would bring; 0 where there is none.
     * @param scheme How that key signs.
     * @param hosted Whether the service keeps it.
     * @param effectiveAt The first second in which it can be completed.
     */
    struct PendingRecovery {
        bytes32 keyId;
        Scheme scheme;
        bool hosted;
        uint40 effectiveAt;
    }

    /// @notice The registrar admitted the party with its first key. `index` counts parties from 1.
    event PartyAdmitted(uint64 indexed party, uint16 roles, bytes32 indexed keyId, uint32 index);
    /// @notice The party has another key.
    event KeyGranted(uint64 indexed party, bytes32 indexed keyId, Scheme scheme, bool admin, bool hosted);
    /// @notice From this block on the key signs nothing.
    event KeyRevoked(uint64 indexed party, bytes32 indexed keyId);
    /// @notice The product belongs to the owner.
    event ProductAssigned(uint64 indexed product, uint64 indexed owner);
    /// @notice The packer may, or may no longer, make lots of the product.
    event ProductPermitted(uint64 indexed product, uint64 indexed packer, bool allowed);
    /// @notice The party's roles are these now.
    event RolesChanged(uint64 indexed party, uint16 roles);

    /// @notice The party is suspended, or no longer so.
    event PartySuspensionChanged(uint64 indexed party, bool suspended);
    /// @notice From `effectiveAt` on the key can become an admin key of the party, unless the party cancels.
    event RecoveryStarted(uint64 indexed party, bytes32 indexed keyId, uint40 effectiveAt);
    /// @notice The recovery is off; `by` is the key that signed so.
    event RecoveryCancelled(uint64 indexed party, bytes32 indexed keyId, bytes32 by);
    /// @notice What the party signed under the digest is void.
    event DigestCancelled(uint64 indexed party, bytes32 indexed digest, bytes32 keyId);
    /// @notice The default admin named the account for the role; it has to accept.
    event RoleOffered(bytes32 indexed role, address indexed account);

    /// @notice The party was admitted before.
    error PartyExists(uint64 party);
    /// @notice There is no such party.
    error UnknownParty(uint64 party);
    /// @notice 0 is no party.
    error InvalidParty(uint64 party);
    /// @notice No role at all at admission, or a bit that is no role.
    error InvalidRoles(uint16 roles);
    /// @notice A key belongs to one party for ever, revoked or not.
    error KeyInUse(bytes32 keyId, uint64 party);
    /// @notice There is no such key.
    error UnknownKey(bytes32 keyId);
    /// @notice A key has one of the two schemes.
    error UnsupportedScheme(Scheme scheme);
    /// @notice The entry needs the registrar's signature, and the signer is not one.
    error NotTheRegistrar(address signer);
    /// @notice The key may sign for the party but not change its keys or give permits.
    error NotAnAdminKey(bytes32 keyId, uint64 party);
    /// @notice Each party keeps at least one unrevoked admin key that never expires.
    error LastAdminKey(bytes32 keyId);
    /// @notice The key is another party's.
    error WrongParty(bytes32 keyId, uint64 keyParty, uint64 claimedParty);
    /// @notice The key's window has not begun.
    error KeyNotYetValid(bytes32 keyId, uint64 validFrom);
    /// @notice The key's window is over.
    error KeyExpired(bytes32 keyId, uint64 validUntil);
    /// @notice The key was revoked.
    error KeyIsRevoked(bytes32 keyId, uint64 revokedAt);
    /// @notice The window is empty, begins more than 365 days ahead, or does not fit 40 bits.
    error InvalidWindow(uint64 validFrom, uint64 validUntil);
    /// @notice The signature is malformed, has a high s, or is not that key's over this digest.
    error InvalidSignature(bytes32 keyId);
    /// @notice The entry came too late.
    error DeadlinePassed(uint64 deadline, uint256 time);
    /// @notice The signed struct was applied before.
    error AlreadyUsed(bytes32 digest);
    /// @notice 0 is no product.
    error InvalidProduct(uint64 product);
    /// @notice The product has an owner already.
    error ProductTaken(uint64 product, uint64 owner);
    /// @notice The product is not the claimed owner's.
    error NotTheProductOwner(uint64 product, uint64 owner, uint64 claimed);
    /// @notice The party holds none of the needed roles; `needed` 0: it holds none at all.
    error RoleMissing(uint64 party, uint16 roles, uint16 needed);

    /// @notice The registrar suspended the party.
    error PartyIsSuspended(uint64 party);
    /// @notice A recovery of the party is under way already.
    error RecoveryPending(uint64 party, bytes32 keyId, uint40 effectiveAt);
    /// @notice No recovery of the party to that key is under way.
    error NoRecovery(uint64 party, bytes32 keyId);
    /// @notice A recovery takes effect no earlier than `earliest`, and within 365 days after that.
    error InvalidRecoveryTime(uint64 effectiveAt, uint256 earliest);
    /// @notice The recovery's delay is not over.
    error RecoveryNotDue(uint64 party, uint40 effectiveAt);
    /// @notice The party declared void what it signed under this digest.
    error Cancelled(bytes32 digest);
    /// @notice The default admin did not name the account for that role.
    error RoleNotOffered(bytes32 role, address account);

    /**
     * @notice Reverts unless the key belongs to the party, is in its window, is unrevoked, signed the digest, the party did
     * not cancel the digest, is not suspended, and holds at least one of `anyOfRoles` (0: any one role). Reverts while the
     * registry is paused.
     * @param digest The EIP-712 digest.
     * @param keyId The key that is said to have signed.
     * @param party The party that is said to act.
     * @param anyOfRoles Role bits of which one is enough.
     * @param signature In the form of the key's scheme; see `Scheme`.
     * @return index The party's index, by which other contracts may store it in 32 bits.
     * @return roles All roles of the party.
     */
    function requireSigned(bytes32 digest, bytes32 keyId, uint64 party, uint16 anyOfRoles, bytes calldata signature)
        external
        view
        returns (uint32 index, uint16 roles);

    /// @notice Whether the party owns the product or holds a permit from its owner.
    function mayUse(uint64 product, uint64 party) external view returns (bool);

    /// @notice The party's index (0 where there is no such party) and roles (0 while it is suspended).
    function indexOf(uint64 party) external view returns (uint32 index, uint16 roles);

    /// @notice The party at each index; 0 where there is none.
    function partiesAt(uint32[] calldata indexes) external view returns (uint64[] memory);

    /// @notice The roles of each party; 0 where there is no such party, or while it is suspended.
    function rolesOf(uint64[] calldata parties) external view returns (uint16[] memory);

    /// @notice Each key's record; `scheme` is None where there is no such key.
    function keysOf(bytes32[] calldata keyIds) external view returns (Key[] memory);

    /// @notice The owner of each product; 0 where it has none.
    function ownersOf(uint64[] calldata products) external view returns (uint64[] memory);

    /// @notice Whether each party is suspended.
    function suspendedOf(uint64[] calldata parties) external view returns (bool[] memory);

    /// @notice The recovery of each party that is under way.
    function recoveriesOf(uint64[] calldata parties) external view returns (PendingRecovery[] memory);

    /// @notice Whether the party declared void what it signed under the digest.
    function isCancelled(uint64 party, bytes32 digest) external view returns (bool);

    /// @notice Seconds between the start of a recovery and its effect, at least.
    function recoveryDelay() external view returns (uint48);

    /**
     * @notice Stops new entries here and wherever `requireSigned` is asked, for holders of PAUSER_ROLE. Reading goes on, and so
     * do entries that only take power away: revocations, cancellations, suspensions.
     */
    function pause() external;

    /// @notice Ends the pause; for holders of PAUSER_ROLE and for the default admin.
    function unpause() external;

    /// @notice When the last pause ended, in Unix seconds; 0 where none did. Periods of notice count from then on at the
    /// earliest, since nobody can answer a notice in a pause.
    function unpausedAt() external view returns (uint48);
}
