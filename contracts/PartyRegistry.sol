// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {EntryRelay} from "./EntryRelay.sol";
import {IPartyRegistry} from "./interfaces/IPartyRegistry.sol";
import {RegistryHashes} from "./libraries/RegistryHashes.sol";
import {Roles} from "./libraries/Roles.sol";
import {Signatures} from "./libraries/Signatures.sol";

/**
 * @title The registry of parties
 * @dev Registrars sign entries like everybody else; holding REGISTRAR_ROLE gives an address no function to call. The
 * default admin hands itself over in two steps with a delay (AccessControlDefaultAdminRules). Every other role too changes
 * hands in two steps: the admin names an address, which takes the role by signing a RoleAcceptance.
 */
contract PartyRegistry is IPartyRegistry, EntryRelay, AccessControlDefaultAdminRules, Pausable, EIP712 {
    using RegistryHashes for *;

    /**
     * @dev One slot. `lastingAdminKeys`: unrevoked admin keys without an end; never falls to 0. `cancels`: it cancelled a
     * digest once; parties that never did need no look into `_cancelled`.
     */
    struct Party {
        uint32 index;
        uint16 roles;
        uint32 lastingAdminKeys;
        bool suspended;
        bool cancels;
    }

    /// @notice Whoever holds it admits and suspends parties, assigns products, changes roles, starts recoveries; by signature.
    bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");
    /// @notice Whoever holds it may call `pause` and `unpause`.
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    /// @inheritdoc IPartyRegistry
    uint48 public immutable recoveryDelay;

    /// @dev How far ahead a key's window may begin, so that no typing error leaves a party without a usable admin key.
    uint256 private constant _LATEST_START = 365 days;

    mapping(uint64 party => Party) private _parties;
    mapping(uint32 index => uint64 party) private _partyAt;
    mapping(bytes32 keyId => Key) private _keys;
    mapping(uint64 product => uint64 party) private _owners;
    mapping(uint64 product => mapping(uint64 packer => bool)) private _permits;
    /// @dev Only for entries that a later one can take back; the others are stopped by the state that they made.
    mapping(bytes32 digest => bool) private _used;
    mapping(uint64 party => PendingRecovery) private _recoveries;
    mapping(uint64 party => mapping(bytes32 digest => bool)) private _cancelled;
    mapping(bytes32 role => mapping(address account => bool)) private _offered;
    uint32 private _partyCount;
    /// @inheritdoc IPartyRegistry
    uint48 public unpausedAt;

    /**
     * @param admin The first default admin, who is the first pauser too.
     * @param registrar The first registrar; an address whose key signs (a contract cannot).
     * @param adminDelay Seconds between the two steps of handing the admin role over.
     * @param recoveryDelay_ Seconds between the start of a recovery and its effect, at least.
     */
    constructor(address admin, address registrar, uint48 adminDelay, uint48 recoveryDelay_)
        AccessControlDefaultAdminRules(adminDelay, admin)
        EIP712("Silkroot PartyRegistry", "1")
    {
        recoveryDelay = recoveryDelay_;
        _grantRole(REGISTRAR_ROLE, registrar);
        _grantRole(PAUSER_ROLE, admin);
    }

    // ------------------------------------------------------------------------------------------------ administration

    /// @notice Names an account for the role; it has the role once it signed a `RoleAcceptance`.
    function grantRole(bytes32 role, address account) public override onlyRole(getRoleAdmin(role)) {
        // The default admin changes hands by its own rules.
        if (role == DEFAULT_ADMIN_ROLE) revert AccessControlEnforcedDefaultAdminRules();
        _offered[role][account] = true;
        emit RoleOffered(role, account);
    }

    /// @notice Takes the role away at once, and an offer of it back.
    function revokeRole(bytes32 role, address account) public override {
        super.revokeRole(role, account);
        delete _offered[role][account];
    }

    /// @inheritdoc IPartyRegistry
    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
    }

    /// @inheritdoc IPartyRegistry
    function unpause() external {
        // Two addresses are compared; time only decides who is the next default admin.
        // slither-disable-next-line timestamp
        if (msg.sender != defaultAdmin()) _checkRole(PAUSER_ROLE);
        _unpause();
        unpausedAt = uint48(block.timestamp);
    }

    // ------------------------------------------------------------------------------------------------ reading

    /// @inheritdoc IPartyRegistry
    function requireSigned(bytes32 digest, bytes32 keyId, uint64 party, uint16 anyOfRoles, bytes calldata signature)
        external
        view
        returns (uint32 index, uint16 roles)
    {
        _requireNotPaused();
        Party memory record = _requireKey(digest, keyId, party, signature);
        if (record.suspended) revert PartyIsSuspended(party);
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
        return (_parties[party].index, _rolesOf(party));
    }

    /// @inheritdoc IPartyRegistry
    function partiesAt(uint32[] calldata indexes) external view returns (uint64[] memory parties) {
        parties = new uint64[](indexes.length);
        for (uint256 i = 0; i < indexes.length; ++i) parties[i] = _partyAt[indexes[i]];
    }

    /// @inheritdoc IPartyRegistry
    function rolesOf(uint64[] calldata parties) external view returns (uint16[] memory roles) {
        roles = new uint16[](parties.length);
        for (uint256 i = 0; i < parties.length; ++i) roles[i] = _rolesOf(parties[i]);
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

    /// @inheritdoc IPartyRegistry
    function suspendedOf(uint64[] calldata parties) external view returns (bool[] memory suspended) {
        suspended = new bool[](parties.length);
        for (uint256 i = 0; i < parties.length; ++i) suspended[i] = _parties[parties[i]].suspended;
    }

    /// @inheritdoc IPartyRegistry
    function recoveriesOf(uint64[] calldata parties) external view returns (PendingRecovery[] memory recoveries) {
        recoveries = new PendingRecovery[](parties.length);
        for (uint256 i = 0; i < parties.length; ++i) recoveries[i] = _recoveries[parties[i]];
    }

    /// @inheritdoc IPartyRegistry
    function isCancelled(uint64 party, bytes32 digest) external view returns (bool) {
        return _cancelled[party][digest];
    }

    function _rolesOf(uint64 party) private view returns (uint16) {
        Party memory record = _parties[party];
        return record.suspended ? 0 : record.roles;
    }

    // ------------------------------------------------------------------------------------------------ entries

    /// @dev An entry may carry a second signature in its payload, the new key's.
    function _baseAllowance() internal pure override returns (uint256) {
        return _ALLOWANCE_BASE + _P256_ALLOWANCE;
    }

    function _maxSize(uint8) internal pure override returns (uint256) {
        return 2_048;
    }

    /// @inheritdoc EntryRelay
    function _apply(Entry calldata entry) internal override {
        // What only takes power away goes on in a pause, so that no pause runs a recovery's delay out on a party.
        if (entry.kind == uint8(Kind.KeyRevocation)) return _revokeKey(entry);
        if (entry.kind == uint8(Kind.Suspension)) return _suspend(entry);
        if (entry.kind == uint8(Kind.RecoveryCancellation)) return _cancelRecovery(entry);
        if (entry.kind == uint8(Kind.Cancellation)) return _cancel(entry);
        _requireNotPaused();
        if (entry.kind == uint8(Kind.Admission)) _admit(entry);
        else if (entry.kind == uint8(Kind.KeyGrant)) _grantKey(entry);
        else if (entry.kind == uint8(Kind.ProductAssignment)) _assignProduct(entry);
        else if (entry.kind == uint8(Kind.ProductPermit)) _permitProduct(entry);
        else if (entry.kind == uint8(Kind.RoleChange)) _changeRoles(entry);
        else if (entry.kind == uint8(Kind.Recovery)) _startRecovery(entry);
        else if (entry.kind == uint8(Kind.RecoveryCompletion)) _completeRecovery(entry);
        else if (entry.kind == uint8(Kind.RoleAcceptance)) _acceptRole(entry);
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
        _parties[party].index = index;
        _parties[party].roles = admission.roles;
        _partyAt[index] = party;
        emit PartyAdmitted(party, admission.roles, admission.keyId, index);
        _addLastingAdminKey(party, admission.keyId, admission.scheme, admission.hosted);
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
        _requireParty(assignment.owner);
        if (_owners[product] != 0) revert ProductTaken(product, _owners[product]);

        _owners[product] = assignment.owner;
        emit ProductAssigned(product, assignment.owner);
    }

    function _permitProduct(Entry calldata entry) private {
        ProductPermit memory permit = abi.decode(entry.payload, (ProductPermit));
        bytes32 digest = _digest(permit.hash(), permit.deadline);
        _requireAdminKey(digest, entry, permit.owner);
        if (_parties[permit.owner].suspended) revert PartyIsSuspended(permit.owner);
        uint64 owner = _owners[permit.product];
        if (owner != permit.owner) revert NotTheProductOwner(permit.product, owner, permit.owner);
        _requireParty(permit.packer);
        _useOnce(digest);

        _permits[permit.product][permit.packer] = permit.allowed;
        emit ProductPermitted(permit.product, permit.packer, permit.allowed);
    }

    function _changeRoles(Entry calldata entry) private {
        RoleChange memory change = abi.decode(entry.payload, (RoleChange));
        bytes32 digest = _digest(change.hash(), change.deadline);
        _requireRegistrar(digest, entry);
        if (change.roles == 0 || change.roles & ~Roles.ALL != 0) revert InvalidRoles(change.roles);
        _requireParty(change.party);
        _useOnce(digest);

        _parties[change.party].roles = change.roles;
        emit RolesChanged(change.party, change.roles);
    }

    function _suspend(Entry calldata entry) private {
        Suspension memory suspension = abi.decode(entry.payload, (Suspension));
        bytes32 digest = _digest(suspension.hash(), suspension.deadline);
        _requireRegistrar(digest, entry);
        // A pause stops what gives power back.
        if (!suspension.suspended) _requireNotPaused();
        _requireParty(suspension.party);
        _useOnce(digest);

        _parties[suspension.party].suspended = suspension.suspended;
        emit PartySuspensionChanged(suspension.party, suspension.suspended);
    }

    function _startRecovery(Entry calldata entry) private {
        (Recovery memory recovery, bytes memory newKeySignature) = abi.decode(entry.payload, (Recovery, bytes));
        bytes32 digest = _digest(recovery.hash(), recovery.deadline);
        _requireRegistrar(digest, entry);
        _requireParty(recovery.party);
        PendingRecovery memory pending = _recoveries[recovery.party];
        if (pending.effectiveAt != 0) revert RecoveryPending(recovery.party, pending.keyId, pending.effectiveAt);
        _requireNewKey(digest, recovery.keyId, recovery.scheme, newKeySignature);
        uint256 earliest = block.timestamp + recoveryDelay;
        // slither-disable-next-line timestamp
        if (recovery.effectiveAt < earliest || recovery.effectiveAt > earliest + _LATEST_START) {
            revert InvalidRecoveryTime(recovery.effectiveAt, earliest);
        }
        _useOnce(digest);

        uint40 effectiveAt = uint40(recovery.effectiveAt);
        _recoveries[recovery.party] =
            PendingRecovery(recovery.keyId, recovery.scheme, recovery.hosted, effectiveAt);
        emit RecoveryStarted(recovery.party, recovery.keyId, effectiveAt);
    }

    function _cancelRecovery(Entry calldata entry) private {
        RecoveryCancellation memory cancellation = abi.decode(entry.payload, (RecoveryCancellation));
        (uint64 party, bytes32 keyId) = (cancellation.party, cancellation.keyId);
        bytes32 digest = _digest(cancellation.hash(), cancellation.deadline);
        // Keys of parties are on record; a registrar's need not be.
        if (_keys[entry.keyId].party == party) _requireAdminKey(digest, entry, party);
        else _requireRegistrar(digest, entry);
        if (_recoveries[party].effectiveAt == 0 || _recoveries[party].keyId != keyId) revert NoRecovery(party, keyId);
        _useOnce(digest);

        delete _recoveries[party];
        emit RecoveryCancelled(party, keyId, entry.keyId);
    }

    function _completeRecovery(Entry calldata entry) private {
        RecoveryCompletion memory completion = abi.decode(entry.payload, (RecoveryCompletion));
        (uint64 party, bytes32 keyId) = (completion.party, completion.keyId);
        bytes32 digest = _digest(completion.hash(), completion.deadline);
        PendingRecovery memory pending = _recoveries[party];
        if (pending.effectiveAt == 0 || pending.keyId != keyId || entry.keyId != keyId) revert NoRecovery(party, keyId);
        // slither-disable-next-line timestamp
        if (block.timestamp < pending.effectiveAt) revert RecoveryNotDue(party, pending.effectiveAt);
        _requireNewKey(digest, keyId, pending.scheme, entry.signature);

        delete _recoveries[party];
        _addLastingAdminKey(party, keyId, pending.scheme, pending.hosted);
    }

    function _cancel(Entry calldata entry) private {
        Cancellation memory cancellation = abi.decode(entry.payload, (Cancellation));
        (uint64 party, bytes32 digest) = (cancellation.party, cancellation.digest);
        // slither-disable-next-line unused-return
        _requireKey(_digest(cancellation.hash(), cancellation.deadline), entry.keyId, party, entry.signature);
        if (_cancelled[party][digest]) revert Cancelled(digest);

        _cancelled[party][digest] = true;
        _parties[party].cancels = true;
        emit DigestCancelled(party, digest, entry.keyId);
    }

    function _acceptRole(Entry calldata entry) private {
        RoleAcceptance memory acceptance = abi.decode(entry.payload, (RoleAcceptance));
        address account = _signer(_digest(acceptance.hash(), acceptance.deadline), entry);
        if (!_offered[acceptance.role][account]) revert RoleNotOffered(acceptance.role, account);

        delete _offered[acceptance.role][account];
        // The first grant returns true; another changes nothing.
        // slither-disable-next-line unused-return
        _grantRole(acceptance.role, account);
    }

    function _addLastingAdminKey(uint64 party, bytes32 keyId, Scheme scheme, bool hosted) private {
        ++_parties[party].lastingAdminKeys;
        _keys[keyId] = Key({
            party: party,
            scheme: scheme,
            admin: true,
            hosted: hosted,
            validFrom: uint40(block.timestamp),
            validUntil: 0,
            revokedAt: 0
        });
        emit KeyGranted(party, keyId, scheme, true, hosted);
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

    function _requireParty(uint64 party) private view {
        if (_parties[party].index == 0) revert UnknownParty(party);
    }

    function _signer(bytes32 digest, Entry calldata entry) private pure returns (address signer) {
        ECDSA.RecoverError problem;
        // The third value only describes the problem.
        // slither-disable-next-line unused-return
        (signer, problem,) = ECDSA.tryRecoverCalldata(digest, entry.signature);
        if (problem != ECDSA.RecoverError.NoError || Signatures.keyIdOf(signer) != entry.keyId) {
            revert InvalidSignature(entry.keyId);
        }
    }

    function _requireRegistrar(bytes32 digest, Entry calldata entry) private view {
        address signer = _signer(digest, entry);
        if (!hasRole(REGISTRAR_ROLE, signer)) revert NotTheRegistrar(signer);
    }

    function _requireAdminKey(bytes32 digest, Entry calldata entry, uint64 party) private view {
        // slither-disable-next-line unused-return
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

    function _requireKey(bytes32 digest, bytes32 keyId, uint64 party, bytes calldata signature)
        private
        view
        returns (Party memory record)
    {
        Key memory key = _keys[keyId];
        if (key.scheme == Scheme.None) revert UnknownKey(keyId);
        if (key.party != party) revert WrongParty(keyId, key.party, party);
        // slither-disable-start timestamp
        if (block.timestamp < key.validFrom) revert KeyNotYetValid(keyId, key.validFrom);
        if (key.validUntil != 0 && block.timestamp >= key.validUntil) revert KeyExpired(keyId, key.validUntil);
        // slither-disable-end timestamp
        if (key.revokedAt != 0) revert KeyIsRevoked(keyId, key.revokedAt);
        if (!Signatures.isBy(keyId, key.scheme, digest, signature)) revert InvalidSignature(keyId);
        record = _parties[party];
        if (record.cancels && _cancelled[party][digest]) revert Cancelled(digest);
    }

    // slither-disable-end incorrect-equality
}
