// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../../contracts/interfaces/IPartyRegistry.sol";
import {RegistryHashes} from "../../../contracts/libraries/RegistryHashes.sol";
import {Signers} from "./Signers.sol";

/// @title Makers of the entries of the registry
/// @dev The struct hashes come from the contract's own library; `TypeHashes.t.sol` holds those against forge's encoder.
abstract contract RegistryEntries is Signers {
    using RegistryHashes for *;

    function admissionEntry(IPartyRegistry.Admission memory admission_, uint256 newSecret)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        bytes memory witness = signed(newSecret, registryDigest(admission_.hash()));
        return registryEntry(
            IPartyRegistry.Kind.Admission, REGISTRAR_SECRET, abi.encode(admission_, witness), admission_.hash()
        );
    }

    function admission(uint64 party, uint16 roles) internal pure returns (IPartyRegistry.Admission memory) {
        return IPartyRegistry.Admission(
            party, roles, keyOf(party), scheme(), false, DEADLINE
        );
    }

    function grantEntry(IPartyRegistry.KeyGrant memory grant, uint256 adminSecret, uint256 newSecret)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        bytes memory witness = signed(newSecret, registryDigest(grant.hash()));
        return registryEntry(IPartyRegistry.Kind.KeyGrant, adminSecret, abi.encode(grant, witness), grant.hash());
    }

    function revocationEntry(IPartyRegistry.KeyRevocation memory revocation, uint256 secret)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return
            registryEntry(IPartyRegistry.Kind.KeyRevocation, secret, abi.encode(revocation), revocation.hash());
    }

    function assignmentEntry(IPartyRegistry.ProductAssignment memory assignment)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return registryEntry(
            IPartyRegistry.Kind.ProductAssignment, REGISTRAR_SECRET, abi.encode(assignment), assignment.hash()
        );
    }

    function permitEntry(IPartyRegistry.ProductPermit memory permit)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return registryEntry(
            IPartyRegistry.Kind.ProductPermit, secretOf(permit.owner), abi.encode(permit), permit.hash()
        );
    }

    function roleEntry(IPartyRegistry.RoleChange memory change) internal view returns (IEntryRelay.Entry memory) {
        return registryEntry(IPartyRegistry.Kind.RoleChange, REGISTRAR_SECRET, abi.encode(change), change.hash());
    }

    function suspensionEntry(uint64 party, bool suspended, uint64 deadline)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        IPartyRegistry.Suspension memory s = IPartyRegistry.Suspension(party, suspended, deadline);
        return registryEntry(IPartyRegistry.Kind.Suspension, REGISTRAR_SECRET, abi.encode(s), s.hash());
    }

    function recovery(uint64 party, uint256 newSecret) internal view returns (IPartyRegistry.Recovery memory) {
        uint64 effectiveAt = uint64(block.timestamp + RECOVERY_DELAY);
        uint64 deadline = uint64(block.timestamp + 1 hours);
        return IPartyRegistry.Recovery(party, keyOfSecret(newSecret), scheme(), false, effectiveAt, deadline);
    }

    function recoveryEntry(IPartyRegistry.Recovery memory r, uint256 signer, uint256 newSecret)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        bytes memory witness = signed(newSecret, registryDigest(r.hash()));
        return registryEntry(IPartyRegistry.Kind.Recovery, signer, abi.encode(r, witness), r.hash());
    }

    function recoveryCancellationEntry(uint64 party, bytes32 keyId, uint256 signer)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        IPartyRegistry.RecoveryCancellation memory c =
            IPartyRegistry.RecoveryCancellation(party, keyId, uint64(block.timestamp + 1 days));
        return registryEntry(IPartyRegistry.Kind.RecoveryCancellation, signer, abi.encode(c), c.hash());
    }

    function completionEntry(uint64 party, uint256 newSecret, uint256 signer)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        IPartyRegistry.RecoveryCompletion memory c = IPartyRegistry.RecoveryCompletion(
            party, keyOfSecret(newSecret), uint64(block.timestamp + 1 days)
        );
        return registryEntry(IPartyRegistry.Kind.RecoveryCompletion, signer, abi.encode(c), c.hash());
    }

    function cancellationEntry(uint64 party, bytes32 digest, uint256 signer)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        IPartyRegistry.Cancellation memory c = IPartyRegistry.Cancellation(party, digest, DEADLINE);
        return registryEntry(IPartyRegistry.Kind.Cancellation, signer, abi.encode(c), c.hash());
    }

    /// @dev Signed under secp256k1 whatever the test's scheme: roles belong to addresses.
    function acceptanceEntry(bytes32 role, uint256 signer) internal view returns (IEntryRelay.Entry memory) {
        IPartyRegistry.RoleAcceptance memory a = IPartyRegistry.RoleAcceptance(role, DEADLINE);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer, registryDigest(a.hash()));
        return IEntryRelay.Entry(
            uint8(IPartyRegistry.Kind.RoleAcceptance),
            bytes32(uint256(uint160(vm.addr(signer)))),
            abi.encode(a),
            abi.encodePacked(r, s, v)
        );
    }
}
