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
}
