// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";

/// @title EIP-712 struct hashes of the registry's entries
/// @dev Every typehash is made from its literal string; `tests/contracts/TypeHashes.t.sol` derives it again.
library RegistryHashes {
    bytes32 internal constant ADMISSION_TYPEHASH =
        keccak256("Admission(uint64 party,uint16 roles,bytes32 keyId,uint8 scheme,bool hosted,uint64 deadline)");
    bytes32 internal constant KEY_GRANT_TYPEHASH = keccak256(
        "KeyGrant(uint64 party,bytes32 keyId,uint8 scheme,bool admin,bool hosted,uint64 validFrom,uint64 validUntil,uint64 deadline)"
    );
    bytes32 internal constant KEY_REVOCATION_TYPEHASH =
        keccak256("KeyRevocation(uint64 party,bytes32 keyId,uint64 deadline)");
    bytes32 internal constant PRODUCT_ASSIGNMENT_TYPEHASH =
        keccak256("ProductAssignment(uint64 product,uint64 owner,uint64 deadline)");
    bytes32 internal constant PRODUCT_PERMIT_TYPEHASH =
        keccak256("ProductPermit(uint64 product,uint64 owner,uint64 packer,bool allowed,uint64 deadline)");
    bytes32 internal constant ROLE_CHANGE_TYPEHASH =
        keccak256("RoleChange(uint64 party,uint16 roles,uint64 deadline)");
    bytes32 internal constant SUSPENSION_TYPEHASH = keccak256("Suspension(uint64 party,bool suspended,uint64 deadline)");
    bytes32 internal constant RECOVERY_TYPEHASH = keccak256(
        "Recovery(uint64 party,bytes32 keyId,uint8 scheme,bool hosted,uint64 effectiveAt,uint64 deadline)"
    );
    bytes32 internal constant RECOVERY_CANCELLATION_TYPEHASH =
        keccak256("RecoveryCancellation(uint64 party,bytes32 keyId,uint64 deadline)");
    bytes32 internal constant RECOVERY_COMPLETION_TYPEHASH =
        keccak256("RecoveryCompletion(uint64 party,bytes32 keyId,uint64 deadline)");
    bytes32 internal constant CANCELLATION_TYPEHASH =
        keccak256("Cancellation(uint64 party,bytes32 digest,uint64 deadline)");
    bytes32 internal constant ROLE_ACCEPTANCE_TYPEHASH = keccak256("RoleAcceptance(bytes32 role,uint64 deadline)");

    // Every member of these structs is a static word, so the struct's ABI encoding is its EIP-712 encoding.

    function hash(IPartyRegistry.Admission memory admission) internal pure returns (bytes32) {
        return keccak256(abi.encode(ADMISSION_TYPEHASH, admission));
    }

    function hash(IPartyRegistry.KeyGrant memory grant) internal pure returns (bytes32) {
        return keccak256(abi.encode(KEY_GRANT_TYPEHASH, grant));
    }

    function hash(IPartyRegistry.KeyRevocation memory revocation) internal pure returns (bytes32) {
        return keccak256(abi.encode(KEY_REVOCATION_TYPEHASH, revocation));
    }

    function hash(IPartyRegistry.ProductAssignment memory assignment) internal pure returns (bytes32) {
        return keccak256(abi.encode(PRODUCT_ASSIGNMENT_TYPEHASH, assignment));
    }

    function hash(IPartyRegistry.ProductPermit memory permit) internal pure returns (bytes32) {
        return keccak256(abi.encode(PRODUCT_PERMIT_TYPEHASH, permit));
    }

    function hash(IPartyRegistry.RoleChange memory change) internal pure returns (bytes32) {
        return keccak256(abi.encode(ROLE_CHANGE_TYPEHASH, change));
    }

    function hash(IPartyRegistry.Suspension memory suspension) internal pure returns (bytes32) {
        return keccak256(abi.encode(SUSPENSION_TYPEHASH, suspension));
    }

    function hash(IPartyRegistry.Recovery memory recovery) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECOVERY_TYPEHASH, recovery));
    }

    function hash(IPartyRegistry.RecoveryCancellation memory cancellation) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECOVERY_CANCELLATION_TYPEHASH, cancellation));
    }

    function hash(IPartyRegistry.RecoveryCompletion memory completion) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECOVERY_COMPLETION_TYPEHASH, completion));
    }

    function hash(IPartyRegistry.Cancellation memory cancellation) internal pure returns (bytes32) {
        return keccak256(abi.encode(CANCELLATION_TYPEHASH, cancellation));
    }

    function hash(IPartyRegistry.RoleAcceptance memory acceptance) internal pure returns (bytes32) {
        return keccak256(abi.encode(ROLE_ACCEPTANCE_TYPEHASH, acceptance));
    }
}
