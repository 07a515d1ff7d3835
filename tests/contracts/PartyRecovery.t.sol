// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {RegistryHashes} from "../../contracts/libraries/RegistryHashes.sol";
import {ProtectedParty} from "./support/ProtectedParty.sol";

/// @title How a party that lost its keys gets a new one: by the registrar, after a public delay, unless somebody objects
contract PartyRecoveryTest is ProtectedParty {
    using RegistryHashes for *;

    function pending(uint64 party) private view returns (IPartyRegistry.PendingRecovery memory) {
        return registry.recoveriesOf(one(party))[0];
    }

    function noRecovery() private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPartyRegistry.NoRecovery.selector, FARM, keyOfSecret(RESCUE));
    }

    function test_ARecoveryTakesEffectAfterItsPublicDelay() public {
        IPartyRegistry.Recovery memory r = recovery(FARM, RESCUE);
        vm.expectEmit(address(registry));
        emit IPartyRegistry.RecoveryStarted(FARM, r.keyId, uint40(r.effectiveAt));
        started();
        vm.assertEq(pending(FARM).effectiveAt, r.effectiveAt, "visible");
        vm.warp(r.effectiveAt - 1);
        refused(
            registry,
            completionEntry(FARM, RESCUE, RESCUE),
            abi.encodeWithSelector(IPartyRegistry.RecoveryNotDue.selector, FARM, r.effectiveAt)
        );
        vm.warp(r.effectiveAt);
        applied(registry, completionEntry(FARM, RESCUE, RESCUE));
        vm.assertEq(pending(FARM).effectiveAt, 0, "over");
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = r.keyId;
        IPartyRegistry.Key memory key = registry.keysOf(ids)[0];
        vm.assertEq(key.validFrom, r.effectiveAt, "not before its block");
        // The new key rids the party of the lost one.
        IPartyRegistry.KeyRevocation memory v = IPartyRegistry.KeyRevocation(
            FARM, keyOf(FARM), uint64(block.timestamp + 1)
        );
        applied(registry, revocationEntry(v, RESCUE));
        refused(registry, completionEntry(FARM, RESCUE, RESCUE), noRecovery());
    }

    function testFuzz_NoRecoveryIsCompletedEarly(uint40 after_) public {
        IPartyRegistry.Recovery memory r = started();
        vm.warp(START + after_ % RECOVERY_DELAY);
        refused(
            registry,
            completionEntry(FARM, RESCUE, RESCUE),
            abi.encodeWithSelector(IPartyRegistry.RecoveryNotDue.selector, FARM, r.effectiveAt)
        );
    }

    function test_RefusesARecoveryWithLessThanTheDelayOrFarAhead() public {
        uint256 earliest = START + RECOVERY_DELAY;
        uint64[3] memory times = [uint64(0), uint64(earliest - 1), uint64(earliest + 365 days + 1)];
        for (uint256 i = 0; i < times.length; ++i) {
            IPartyRegistry.Recovery memory r = recovery(FARM, RESCUE);
            r.effectiveAt = times[i];
            refused(
                registry,
                recoveryEntry(r, REGISTRAR_SECRET, RESCUE),
                abi.encodeWithSelector(IPartyRegistry.InvalidRecoveryTime.selector, times[i], earliest)
            );
        }
    }

    function test_RefusesRecoveriesOfStrangersTwiceToUsedKeysAndUnsigned() public {
        IPartyRegistry.Recovery memory r = recovery(STRANGER, RESCUE);
        refused(
            registry,
            recoveryEntry(r, REGISTRAR_SECRET, RESCUE),
            abi.encodeWithSelector(IPartyRegistry.UnknownParty.selector, STRANGER)
        );
        r = recovery(FARM, secretOf(BUYER));
        refused(
            registry,
            recoveryEntry(r, REGISTRAR_SECRET, secretOf(BUYER)),
            abi.encodeWithSelector(IPartyRegistry.KeyInUse.selector, r.keyId, BUYER)
        );
        r = recovery(FARM, RESCUE);
        refused(
            registry,
            recoveryEntry(r, REGISTRAR_SECRET, 78),
            abi.encodeWithSelector(IPartyRegistry.InvalidSignature.selector, r.keyId)
        );
        started();
        refused(
            registry,
            recoveryEntry(recovery(FARM, 78), REGISTRAR_SECRET, 78),
            abi.encodeWithSelector(IPartyRegistry.RecoveryPending.selector, FARM, r.keyId, r.effectiveAt)
        );
    }

    function test_ThePartyCancelsARecoveryAndNobodyReplaysIt() public {
        IPartyRegistry.Recovery memory r = started();
        IEntryRelay.Entry memory cancellation = recoveryCancellationEntry(FARM, r.keyId, secretOf(FARM));
        vm.expectEmit(address(registry));
        emit IPartyRegistry.RecoveryCancelled(FARM, r.keyId, keyOf(FARM));
        applied(registry, cancellation);
        refused(
            registry,
            recoveryEntry(r, REGISTRAR_SECRET, RESCUE),
            abi.encodeWithSelector(IPartyRegistry.AlreadyUsed.selector, registryDigest(r.hash()))
        );
        vm.warp(r.effectiveAt);
        refused(registry, completionEntry(FARM, RESCUE, RESCUE), noRecovery());
    }

    function test_AnOldCancellationDoesNotStopALaterRecovery() public {
        IPartyRegistry.Recovery memory r = started();
        IEntryRelay.Entry memory cancellation = recoveryCancellationEntry(FARM, r.keyId, secretOf(FARM));
        applied(registry, cancellation);
        r.effectiveAt += 1;
        applied(registry, recoveryEntry(r, REGISTRAR_SECRET, RESCUE));
        vm.expectRevert();
        vm.prank(address(registry));
        registry.applyEntry(cancellation);
        vm.assertEq(pending(FARM).effectiveAt, r.effectiveAt, "still under way");
    }

    function test_TheRegistrarTakesARecoveryBack() public {
        IPartyRegistry.Recovery memory r = started();
        applied(registry, recoveryCancellationEntry(FARM, r.keyId, REGISTRAR_SECRET));
        vm.assertEq(pending(FARM).effectiveAt, 0, "off");
        refused(registry, recoveryCancellationEntry(FARM, r.keyId, secretOf(FARM)), noRecovery());
    }

    function test_RefusesACancellationByADeviceOrAnotherParty() public {
        granted(false, 0);
        IPartyRegistry.Recovery memory r = started();
        refused(
            registry,
            recoveryCancellationEntry(FARM, r.keyId, SECOND),
            abi.encodeWithSelector(IPartyRegistry.NotAnAdminKey.selector, keyOfSecret(SECOND), FARM)
        );
        refused(
            registry,
            recoveryCancellationEntry(FARM, r.keyId, secretOf(BUYER)),
            scheme() == IPartyRegistry.Scheme.P256
                ? abi.encodeWithSelector(IPartyRegistry.InvalidSignature.selector, keyOf(BUYER))
                : abi.encodeWithSelector(IPartyRegistry.NotTheRegistrar.selector, vm.addr(secretOf(BUYER)))
        );
        refused(
            registry,
            recoveryCancellationEntry(FARM, keyOfSecret(79), secretOf(FARM)),
            abi.encodeWithSelector(IPartyRegistry.NoRecovery.selector, FARM, keyOfSecret(79))
        );
    }

    function test_RefusesACompletionByAnybodyButTheNewKey() public {
        IPartyRegistry.Recovery memory r = started();
        vm.warp(r.effectiveAt);
        refused(registry, completionEntry(FARM, RESCUE, secretOf(BUYER)), noRecovery());
        refused(registry, completionEntry(FARM, RESCUE, REGISTRAR_SECRET), noRecovery());
        IEntryRelay.Entry memory entry = completionEntry(FARM, RESCUE, secretOf(BUYER));
        entry.keyId = r.keyId;
        refused(registry, entry, abi.encodeWithSelector(IPartyRegistry.InvalidSignature.selector, r.keyId));
    }

    /// @dev The key became somebody's meanwhile; its own signature was needed for that.
    function test_RefusesACompletionWithAKeyThatIsInUse() public {
        IPartyRegistry.Recovery memory r = started();
        IPartyRegistry.KeyGrant memory g =
            IPartyRegistry.KeyGrant(BUYER, r.keyId, scheme(), false, false, 0, 0, DEADLINE);
        applied(registry, grantEntry(g, secretOf(BUYER), RESCUE));
        vm.warp(r.effectiveAt);
        refused(
            registry,
            completionEntry(FARM, RESCUE, RESCUE),
            abi.encodeWithSelector(IPartyRegistry.KeyInUse.selector, r.keyId, BUYER)
        );
    }
}

/// @title The same with P-256 keys
contract PartyRecoveryP256Test is PartyRecoveryTest {
    function scheme() internal pure override returns (IPartyRegistry.Scheme) {
        return IPartyRegistry.Scheme.P256;
    }
}
