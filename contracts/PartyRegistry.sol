// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {EntryRelay} from "./EntryRelay.sol";
import {IPartyRegistry} from "./interfaces/IPartyRegistry.sol";
import {RegistryHashes} from "./libraries/RegistryHashes.sol";
import {Roles} from "./libraries/Roles.sol";
import {Signatures} from "./libraries/Signatures.sol";

/**
 * @title The registry of parties
 * @dev Registrars sign entries like everybody else; holding REGISTRAR_ROLE gives an address no function to call. The
 * default admin names registrars and hands itself over in two steps with a delay (AccessControlDefaultAdminRules).
 */
contract PartyRegistry is IPartyRegistry, EntryRelay, AccessControlDefaultAdminRules, EIP712 {
    using RegistryHashes for *;

    /// @dev One slot. `lastingAdminKeys`: unrevoked admin keys without an end; never falls to 0.
    struct Party {
        uint32 index;
        uint16 roles;
        uint32 lastingAdminKeys;
    }

    /// @notice Whoever holds it admits parties, assigns products and changes roles, by signature.
    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");

    /// @dev How far ahead a key's window may begin, so that no typing error leaves a party without a usable admin key.
    uint256 private constant _LATEST_START = 365 days;

    mapping(uint64 party => Party) private _parties;
    mapping(uint32 index => uint64 party) private _partyAt;
    mapping(bytes32 keyId => Key) private _keys;
    mapping(uint64 product => uint64 party) private _owners;
    mapping(uint64 product => mapping(uint64 packer => bool)) private _permits;
    /// @dev Only for entries that a later one can take back; the others are stopped by the state that they made.
    mapping(bytes32 digest => bool) private _used;
    uint32 private _partyCount;

    /**
     * @param admin The first default admin.
     * @param registrar The first registrar; an address whose key signs (a contract cannot).
     * @param adminDelay Seconds between the two steps of handing the admin role over.
     */
    constructor(address admin, address registrar, uint48 adminDelay)
        AccessControlDefaultAdminRules(adminDelay, admin)
        EIP712("Silkroot PartyRegistry", "1")
    {
        _grantRole(REGISTRAR_ROLE, registrar);
    }

    // ------------------------------------------------------------------------------------------------ reading

    /// @inheritdoc IPartyRegistry
    function requireSigned(bytes32 digest, bytes32 keyId, uint64 party, uint16 anyOfRoles, bytes calldata signature)
        external
        view
        returns (uint32 index, uint16 roles)
    {
        _requireKey(digest, keyId, party, signature);
        Party memory record = _parties[party];
        (index, roles) = (record.index, record.roles);
        uint16 enough = anyOfRoles == 0 ? Roles.ALL : anyOfRoles;
        if (roles & enough == 0) revert RoleMissing(party, roles, anyOfRoles);
    }

    /// @inheritdoc IPartyRegistry
    function mayUse(uint64 product, uint64 party) external view returns (bool) {
        uint64 owner = _owners[product];
        return owner != 0 && (owner == party || _permits[product][party]);
    }

    /// @inheritdoc IPartyRegistry
    function indexOf(uint64 party) external view returns (uint32 index, uint16 roles) {
        Party memory record = _parties[party];
        return (record.index, record.roles);
    }

    /// @inheritdoc IPartyRegistry
    function partiesAt(uint32[] calldata indexes) external view returns (uint64[] memory parties) {
        parties = new uint64[](indexes.length);
        for (uint256 i = 0; i < indexes.length; ++i) parties[i] = _partyAt[indexes[i]];
    }

    /// @inheritdoc IPartyRegistry
    function rolesOf(uint64[] calldata parties) external view returns (uint16[] memory roles) {
        roles = new uint16[](parties.length);
        for (uint256 i = 0; i < parties.length; ++i) roles[i] = _parties[parties[i]].roles;
    }

    /// @inheritdoc IPartyRegistry
    function keysOf(bytes32[] calldata keyIds) external view returns (Key[] memory keys) {
        keys = new Key[](keyIds.length);
        for (uint256 i = 0; i < keyIds.length; ++i) keys[i] = _keys[keyIds[i]];
    }

    /// @inheritdoc IPartyRegistry
    function ownersOf(uint64[] calldata products) external view returns (uint64[] memory owners) {
        owners = new uint64[](products.length);
        for (uint256 i = 0; i < products.length; ++i) owners[i] = _owners[products[i]];
    }

    // ------------------------------------------------------------------------------------------------ entries

    /// @dev An entry may carry a second signature in its payload, the new key's.
    function _baseAllowance() internal pure override returns (uint256) {
        return _ALLOWANCE_BASE + _P256_ALLOWANCE;
    }

    function _maxSize() internal pure override returns (uint256) {
        return 2_048;
    }

    /// @inheritdoc EntryRelay
    function _apply(Entry calldata entry) internal override {
        if (entry.kind == uint8(Kind.Admission)) _admit(entry);
        else if (entry.kind == uint8(Kind.KeyGrant)) _grantKey(entry);
        else if (entry.kind == uint8(Kind.KeyRevocation)) _revokeKey(entry);
        else if (entry.kind == uint8(Kind.ProductAssignment)) _assignProduct(entry);
        else if (entry.kind == uint8(Kind.ProductPermit)) _permitProduct(entry);
        else if (entry.kind == uint8(Kind.RoleChange)) _changeRoles(entry);
        else revert UnknownKind(entry.kind);
    }

    function _admit(Entry calldata entry) private {
        (Admission memory admission, bytes memory newKeySignature) = abi.decode(entry.payload, (Admission, bytes));
        bytes32 digest = _digest(admission.hash(), admission.deadline);
        _requireRegistrar(digest, entry);
        uint64 party = admission.party;
        if (party == 0) revert InvalidParty(party);
        if (admission.roles == 0 || admission.roles & ~Roles.ALL != 0) revert InvalidRoles(admission.roles);
        if (_parties[party].index != 0) revert PartyExists(party);
        _requireNewKey(digest, admission.keyId, admission.scheme, newKeySignature);

        uint32 index = ++_partyCount;
        _parties[party] = Party({index: index, roles: admission.roles, lastingAdminKeys: 1});
        _partyAt[index] = party;
        _keys[admission.keyId] = Key({
            party: party,
            scheme: admission.scheme,
            admin: true,
            hosted: admission.hosted,
            validFrom: uint40(block.timestamp),
            validUntil: 0,
            revokedAt: 0
        });
        emit PartyAdmitted(party, admission.roles, admission.keyId, index);
        emit KeyGranted(party, admission.keyId, admission.scheme, true, admission.hosted);
    }

    function _grantKey(Entry calldata entry) private {
        (KeyGrant memory grant, bytes memory newKeySignature) = abi.decode(entry.payload, (KeyGrant, bytes));
        bytes32 digest = _digest(grant.hash(), grant.deadline);
        _requireAdminKey(digest, entry, grant.party);
        _requireNewKey(digest, grant.keyId, grant.scheme, newKeySignature);
        // Seconds of a validator's choosing do not matter to windows of days.
        // slither-disable-start timestamp
        uint256 from = grant.validFrom > block.timestamp ? grant.validFrom : block.timestamp;
        uint256 until = grant.validUntil;
        if (from > block.timestamp + _LATEST_START || (until != 0 && until <= from) || until > type(uint40).max) {
            revert InvalidWindow(grant.validFrom, grant.validUntil);
        }
        // slither-disable-end timestamp

        if (grant.admin && until == 0) ++_parties[grant.party].lastingAdminKeys;
        _keys[grant.keyId] = Key({
            party: grant.party,
            scheme: grant.scheme,
            admin: grant.admin,
            hosted: grant.hosted,
            validFrom: uint40(from),
            validUntil: uint40(until),
            revokedAt: 0
        });
        emit KeyGranted(grant.party, grant.keyId, grant.scheme, grant.admin, grant.hosted);
    }

    // Asks whether records are there, not what time it is.
    // slither-disable-next-line incorrect-equality,timestamp
    function _revokeKey(Entry calldata entry) private {
        KeyRevocation memory revocation = abi.decode(entry.payload, (KeyRevocation));
        _requireAdminKey(_digest(revocation.hash(), revocation.deadline), entry, revocation.party);
        bytes32 keyId = revocation.keyId;
        Key memory key = _keys[keyId];
        if (key.scheme == Scheme.None) revert UnknownKey(keyId);
        if (key.party != revocation.party) revert WrongParty(keyId, key.party, revocation.party);
        if (key.revokedAt != 0) revert KeyIsRevoked(keyId, key.revokedAt);

        if (key.admin && key.validUntil == 0) {
            Party storage party = _parties[key.party];
            if (party.lastingAdminKeys == 1) revert LastAdminKey(keyId);
            --party.lastingAdminKeys;
        }
        _keys[keyId].revokedAt = uint40(block.timestamp);
        emit KeyRevoked(key.party, keyId);
    }

    function _assignProduct(Entry calldata entry) private {
        ProductAssignment memory assignment = abi.decode(entry.payload, (ProductAssignment));
        _requireRegistrar(_digest(assignment.hash(), assignment.deadline), entry);
        uint64 product = assignment.product;
        if (product == 0) revert InvalidProduct(product);
        if (_parties[assignment.owner].index == 0) revert UnknownParty(assignment.owner);
        if (_owners[product] != 0) revert ProductTaken(product, _owners[product]);

        _owners[product] = assignment.owner;
        emit ProductAssigned(product, assignment.owner);
    }

    function _permitProduct(Entry calldata entry) private {
        ProductPermit memory permit = abi.decode(entry.payload, (ProductPermit));
        bytes32 digest = _digest(permit.hash(), permit.deadline);
        _requireAdminKey(digest, entry, permit.owner);
        if (_parties[permit.owner].roles == 0) revert RoleMissing(permit.owner, 0, 0);
        uint64 owner = _owners[permit.product];
        if (owner != permit.owner) revert NotTheProductOwner(permit.product, owner, permit.owner);
        if (_parties[permit.packer].index == 0) revert UnknownParty(permit.packer);
        _useOnce(digest);

        _permits[permit.product][permit.packer] = permit.allowed;
        emit ProductPermitted(permit.product, permit.packer, permit.allowed);
    }

    function _changeRoles(Entry calldata entry) private {
        RoleChange memory change = abi.decode(entry.payload, (RoleChange));
        bytes32 digest = _digest(change.hash(), change.deadline);
        _requireRegistrar(digest, entry);
        if (change.roles & ~Roles.ALL != 0) revert InvalidRoles(change.roles);
        if (_parties[change.party].index == 0) revert UnknownParty(change.party);
        _useOnce(digest);

        _parties[change.party].roles = change.roles;
        emit RolesChanged(change.party, change.roles);
    }

    // ------------------------------------------------------------------------------------------------ who signed
    // Equality with None, 0 and the like asks whether a record is there; no amount is compared.
    // slither-disable-start incorrect-equality

    function _digest(bytes32 structHash, uint64 deadline) private view returns (bytes32) {
        // A block's time is the validators' to choose within seconds; deadlines are days.
        // slither-disable-next-line timestamp
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
        return _hashTypedDataV4(structHash);
    }

    function _useOnce(bytes32 digest) private {
        if (_used[digest]) revert AlreadyUsed(digest);
        _used[digest] = true;
    }

    function _requireRegistrar(bytes32 digest, Entry calldata entry) private view {
        // The third value only describes the problem.
        // slither-disable-next-line unused-return
        (address signer, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(digest, entry.signature);
        if (problem != ECDSA.RecoverError.NoError || Signatures.keyIdOf(signer) != entry.keyId) {
            revert InvalidSignature(entry.keyId);
        }
        if (!hasRole(REGISTRAR_ROLE, signer)) revert NotTheRegistrar(signer);
    }

    function _requireAdminKey(bytes32 digest, Entry calldata entry, uint64 party) private view {
        _requireKey(digest, entry.keyId, party, entry.signature);
        if (!_keys[entry.keyId].admin) revert NotAnAdminKey(entry.keyId, party);
    }

    /// @dev The new key signs too, so that nobody can register, and thereby block, a key that is not theirs.
    function _requireNewKey(bytes32 digest, bytes32 keyId, Scheme scheme, bytes memory signature) private view {
        if (scheme == Scheme.None) revert UnsupportedScheme(scheme);
        // slither-disable-next-line timestamp
        if (_keys[keyId].scheme != Scheme.None) revert KeyInUse(keyId, _keys[keyId].party);
        if (!Signatures.isByWitness(keyId, scheme, digest, signature)) revert InvalidSignature(keyId);
    }

    function _requireKey(bytes32 digest, bytes32 keyId, uint64 party, bytes calldata signature) private view {
        Key memory key = _keys[keyId];
        if (key.scheme == Scheme.None) revert UnknownKey(keyId);
        if (key.party != party) revert WrongParty(keyId, key.party, party);
        // slither-disable-start timestamp
        if (block.timestamp < key.validFrom) revert KeyNotYetValid(keyId, key.validFrom);
        if (key.validUntil != 0 && block.timestamp >= key.validUntil) revert KeyExpired(keyId, key.validUntil);
        // slither-disable-end timestamp
        if (key.revokedAt != 0) revert KeyIsRevoked(keyId, key.revokedAt);
        if (!Signatures.isBy(keyId, key.scheme, digest, signature)) revert InvalidSignature(keyId);
    }

    // slither-disable-end incorrect-equality
}
