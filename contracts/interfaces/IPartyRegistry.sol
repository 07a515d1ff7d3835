// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/**
 * @title Parties, their roles, products and signing keys
 * @notice The registrar admits a party with its first key, which signs its own admission; from then on only the party's
 * own admin keys add or revoke keys. Every change is a signed EIP-712 struct that anybody may relay.
 *
 * A party is its GLN as a number, or a number from 10^13 up that the registrar allots. A product is its GTIN-14 as a
 * number, or an allotted number from 10^14 up. Times are Unix seconds of the block.
 */
interface IPartyRegistry {
    /// @notice Entries of this contract, in the order of `IEntryRelay.Entry.kind`.
    enum Kind { Admission, KeyGrant, KeyRevocation, ProductAssignment, ProductPermit, RoleChange }

    /// @notice How a key signs. P256 is reserved: entries that name it are refused until it is supported.
    enum Scheme { None, Secp256k1, P256 }

    /// @notice A signing key. `hosted`: the service keeps it for the party. `revokedAt` and `validUntil`: 0 means never.
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
    struct Admission { uint64 party; uint16 roles; bytes32 keyId; Scheme scheme; bool hosted; uint64 deadline; }

    /// @notice Signed by an admin key of the party (entry signature) and by the new key (witness behind the struct).
    struct KeyGrant {
        uint64 party; bytes32 keyId; Scheme scheme; bool admin; bool hosted;
        uint64 validFrom; uint64 validUntil; uint64 deadline;
    }

    /// @notice Signed by an admin key of the party. Takes effect with the block.
    struct KeyRevocation { uint64 party; bytes32 keyId; uint64 deadline; }

    /// @notice Signed by the registrar: the product belongs to the owner. Final.
    struct ProductAssignment { uint64 product; uint64 owner; uint64 deadline; }

    /// @notice Signed by an admin key of the owner: the packer may (or may no longer) make lots of the product.
    struct ProductPermit { uint64 product; uint64 owner; uint64 packer; bool allowed; uint64 deadline; }

    /// @notice Signed by the registrar.
    struct RoleChange { uint64 party; uint16 roles; uint64 deadline; }

    event PartyAdmitted(uint64 indexed party, uint16 roles, bytes32 indexed keyId);
    event KeyGranted(uint64 indexed party, bytes32 indexed keyId, Scheme scheme, bool admin, bool hosted);
    event KeyRevoked(uint64 indexed party, bytes32 indexed keyId);
    event ProductAssigned(uint64 indexed product, uint64 indexed owner);
    event ProductPermitted(uint64 indexed product, uint64 indexed packer, bool allowed);
    event RolesChanged(uint64 indexed party, uint16 roles);

    error PartyExists(uint64 party);
    error UnknownParty(uint64 party);
    error InvalidParty(uint64 party);
    error InvalidRoles(uint16 roles);
    error KeyInUse(bytes32 keyId, uint64 party);
    error UnknownKey(bytes32 keyId);
    error UnsupportedScheme(Scheme scheme);
    error NotTheRegistrar(address signer);
    error NotAnAdminKey(bytes32 keyId, uint64 party);
    error LastAdminKey(bytes32 keyId);
    error WrongParty(bytes32 keyId, uint64 keyParty, uint64 claimedParty);
    error KeyNotYetValid(bytes32 keyId, uint64 validFrom);
    error KeyExpired(bytes32 keyId, uint64 validUntil);
    error KeyIsRevoked(bytes32 keyId, uint64 revokedAt);
    error InvalidWindow(uint64 validFrom, uint64 validUntil);
    error InvalidSignature(bytes32 keyId);
    error DeadlinePassed(uint64 deadline, uint256 time);
    error AlreadyUsed(bytes32 digest);
    error InvalidProduct(uint64 product);
    error ProductTaken(uint64 product, uint64 owner);
    error NotTheProductOwner(uint64 product, uint64 owner, uint64 claimed);
    error RoleMissing(uint64 party, uint16 roles, uint16 needed);

    /// @notice Reverts unless the key belongs to the party, is in its window, is unrevoked, signed the digest, and the
    /// party holds at least one of `anyOfRoles` (0: any).
    function requireSigned(bytes32 digest, bytes32 keyId, uint64 party, uint16 anyOfRoles, bytes calldata signature)
        external
        view;

    /// @notice Whether the party owns the product or holds a permit from its owner.
    function mayUse(uint64 product, uint64 party) external view returns (bool);

    /// @notice The roles of each party; 0 where there is no such party.
    function rolesOf(uint64[] calldata parties) external view returns (uint16[] memory);

    /// @notice Each key's record; `scheme` is None where there is no such key.
    function keysOf(bytes32[] calldata keyIds) external view returns (Key[] memory);

    /// @notice The owner of each product; 0 where it has none.
    function ownersOf(uint64[] calldata products) external view returns (uint64[] memory);
}
