// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IEntryRelay} from "../interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../interfaces/IProduceLedger.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {Packing} from "./Packing.sol";

/// @title Who signed an entry, whether in time, and once
library Authority {
    /// @dev Whom an entry is checked against: the ledger's registry and its EIP-712 domain.
    struct Context {
        IPartyRegistry registry;
        bytes32 domainSeparator;
    }

    /// @dev Refuses an entry that came too late or that the party's key did not sign in one of the roles (0: any).
    function authorise(
        Context memory context,
        IEntryRelay.Entry calldata entry,
        uint64 party,
        uint16 anyOfRoles,
        bytes32 structHash,
        uint64 deadline
    ) internal view returns (bytes32 digest, uint32 index, uint16 roles) {
        digest = _digestInTime(context, structHash, deadline);
        (index, roles) = _requireSigned(context.registry, digest, entry.keyId, party, anyOfRoles, entry.signature);
        _requireCounted(index);
    }

    /// @dev The same for two parties over one digest; see `IProduceLedger` for the form of the signature.
    function authoriseBoth(
        Context memory context,
        IEntryRelay.Entry calldata entry,
        uint64 party,
        uint64 coParty,
        uint16 coRoles,
        bytes32 structHash,
        uint64 deadline
    ) internal view returns (bytes32 digest, uint32 index, uint32 coIndex) {
        digest = _digestInTime(context, structHash, deadline);
        (bytes memory signature, bytes32 coKeyId, bytes memory coSignature) =
            abi.decode(entry.signature, (bytes, bytes32, bytes));
        // The roles were asked for; which others the parties have does not matter.
        // slither-disable-start unused-return
        (index,) = context.registry.requireSigned(digest, entry.keyId, party, 0, signature);
        (coIndex,) = context.registry.requireSigned(digest, coKeyId, coParty, coRoles, coSignature);
        // slither-disable-end unused-return
        _requireCounted(index);
        _requireCounted(coIndex);
    }

    /// @dev The index and roles of a party that does not sign; roles 0 where it was never admitted or is suspended.
    function indexOf(Context memory context, uint64 party) internal view returns (uint32 index, uint16 roles) {
        (index, roles) = context.registry.indexOf(party);
        _requireCounted(index);
    }

    /// @dev The party behind an index.
    function partyAt(Context memory context, uint32 index) internal view returns (uint64) {
        uint32[] memory indexes = new uint32[](1);
        indexes[0] = index;
        // slither-disable-next-line calls-loop
        return context.registry.partiesAt(indexes)[0];
    }

    /// @dev For entries that leave no other state to stop a replay.
    function useOnce(LedgerStorage.Layout storage s, bytes32 digest) internal {
        if (s.used[digest]) revert IProduceLedger.AlreadyUsed(digest);
        s.used[digest] = true;
    }

    function _digestInTime(Context memory context, bytes32 structHash, uint64 deadline) private view returns (bytes32) {
        // A block's time is the validators' to choose within seconds; deadlines are days.
        // slither-disable-next-line timestamp
        if (block.timestamp > deadline) revert IProduceLedger.DeadlinePassed(deadline, block.timestamp);
        return MessageHashUtils.toTypedDataHash(context.domainSeparator, structHash);
    }

    /**
     * @dev `registry.requireSigned`, encoded by hand: every entry makes this call, and the compiler's encoding of it cost
     * 700 gas (ADR 71). The registry's refusal is passed on as it is.
     */
    function _requireSigned(
        IPartyRegistry registry,
        bytes32 digest,
        bytes32 keyId,
        uint64 party,
        uint16 anyOfRoles,
        bytes calldata signature
    ) private view returns (uint32 index, uint16 roles) {
        bytes4 selector = IPartyRegistry.requireSigned.selector;
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, selector)
            mstore(add(start, 0x04), digest)
            mstore(add(start, 0x24), keyId)
            mstore(add(start, 0x44), and(party, 0xffffffffffffffff))
            mstore(add(start, 0x64), and(anyOfRoles, 0xffff))
            mstore(add(start, 0x84), 0xa0)
            mstore(add(start, 0xa4), signature.length)
            calldatacopy(add(start, 0xc4), signature.offset, signature.length)
            if iszero(staticcall(gas(), registry, start, add(0xc4, signature.length), 0x00, 0x40)) {
                returndatacopy(start, 0, returndatasize())
                revert(start, returndatasize())
            }
            if lt(returndatasize(), 0x40) { revert(0, 0) }
            index := mload(0x00)
            roles := mload(0x20)
        }
    }

    /// @dev A slot keeps 28 bits of an index; a party beyond them must not be taken for another.
    function _requireCounted(uint32 index) private pure {
        if (index > Packing.MAX_PARTY) revert IProduceLedger.TooManyParties(index);
    }
}
