// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IAccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/IAccessControlDefaultAdminRules.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {RegistryHashes} from "../../contracts/libraries/RegistryHashes.sol";
import {Roles} from "../../contracts/libraries/Roles.sol";
import {ProtectedParty} from "./support/ProtectedParty.sol";

/// @title What registrar, pauser and a leaked key can do to a party, and what the party can do against it
/// @dev How a lost key is replaced: `PartyRecovery.t.sol`.
contract PartyProtectionTest is ProtectedParty {
    using ActionHashes for *;
    using RegistryHashes for *;

    function paused() private pure returns (bytes memory) {
        return abi.encodeWithSelector(Pausable.EnforcedPause.selector);
    }

    // ------------------------------------------------------------------------------------------------ suspension

    function test_ASuspendedPartySignsNothingAndIsReinstatedAsItWas() public {
        vm.expectEmit(address(registry));
        emit IPartyRegistry.PartySuspensionChanged(FARM, true);
        suspend(FARM);
        vm.assertTrue(registry.suspendedOf(one(FARM))[0], "visible");
        vm.assertEq(registry.rolesOf(one(FARM))[0], 0, "no roles meanwhile");
        refused(
            harvestEntry(harvest("L1", 5)), abi.encodeWithSelector(IPartyRegistry.PartyIsSuspended.selector, FARM)
        );
        applied(registry, suspensionEntry(FARM, false, DEADLINE));
        vm.assertEq(registry.rolesOf(one(FARM))[0], Roles.PRODUCER, "roles are back");
        recorded(harvestEntry(harvest("L1", 5)));
    }

    function test_RefusesSuspensionsReplayedByOthersAndOfStrangers() public {
        suspend(FARM);
        applied(registry, suspensionEntry(FARM, false, DEADLINE));
        bytes32 digest = registryDigest(IPartyRegistry.Suspension(FARM, true, DEADLINE).hash());
        refused(
            registry,
            suspensionEntry(FARM, true, DEADLINE),
            abi.encodeWithSelector(IPartyRegistry.AlreadyUsed.selector, digest)
        );
        refused(
            registry,
            suspensionEntry(STRANGER, true, DEADLINE),
            abi.encodeWithSelector(IPartyRegistry.UnknownParty.selector, STRANGER)
        );
        IPartyRegistry.Suspension memory s = IPartyRegistry.Suspension(BUYER, true, DEADLINE);
        (uint8 v, bytes32 r, bytes32 t) = vm.sign(77, registryDigest(s.hash()));
        IEntryRelay.Entry memory entry = IEntryRelay.Entry(
            uint8(IPartyRegistry.Kind.Suspension),
            bytes32(uint256(uint160(vm.addr(77)))),
            abi.encode(s),
            abi.encodePacked(r, t, v)
        );
        refused(registry, entry, abi.encodeWithSelector(IPartyRegistry.NotTheRegistrar.selector, vm.addr(77)));
    }

    // ------------------------------------------------------------------------------------------------ cancelling

    function test_ACancelledDigestIsRefusedByBothContracts() public {
        bytes32 digest = ledgerDigest(harvest("L1", 5).hash());
        vm.expectEmit(address(registry));
        emit IPartyRegistry.DigestCancelled(FARM, digest, keyOf(FARM));
        applied(registry, cancellationEntry(FARM, digest, secretOf(FARM)));
        vm.assertTrue(registry.isCancelled(FARM, digest), "visible");
        bytes memory cancelled = abi.encodeWithSelector(IPartyRegistry.Cancelled.selector, digest);
        refused(harvestEntry(harvest("L1", 5)), cancelled);
        refused(registry, cancellationEntry(FARM, digest, secretOf(FARM)), cancelled);
        recorded(harvestEntry(harvest("L2", 5)));

        IPartyRegistry.ProductPermit memory p = IPartyRegistry.ProductPermit(BULK, FARM, BUYER, true, DEADLINE);
        digest = registryDigest(p.hash());
        applied(registry, cancellationEntry(FARM, digest, secretOf(FARM)));
        refused(registry, permitEntry(p), abi.encodeWithSelector(IPartyRegistry.Cancelled.selector, digest));
    }

    function test_NobodyCancelsForAnother() public {
        bytes32 digest = ledgerDigest(harvest("L1", 5).hash());
        applied(registry, cancellationEntry(BUYER, digest, secretOf(BUYER)));
        refused(
            registry,
            cancellationEntry(FARM, digest, secretOf(BUYER)),
            abi.encodeWithSelector(IPartyRegistry.WrongParty.selector, keyOf(BUYER), BUYER, FARM)
        );
        recorded(harvestEntry(harvest("L1", 5)));
    }

    // ------------------------------------------------------------------------------------------------ leaked key

    function test_ALeakedDeviceKeyCannotTouchKeysAndEndsByItself() public {
        granted(false, uint64(START + 1 days));
        IPartyRegistry.KeyGrant memory g =
            IPartyRegistry.KeyGrant(FARM, keyOfSecret(79), scheme(), true, false, 0, 0, DEADLINE);
        bytes memory notAdmin = abi.encodeWithSelector(IPartyRegistry.NotAnAdminKey.selector, keyOfSecret(SECOND), FARM);
        refused(registry, grantEntry(g, SECOND, 79), notAdmin);
        refused(
            registry, revocationEntry(IPartyRegistry.KeyRevocation(FARM, keyOf(FARM), DEADLINE), SECOND), notAdmin
        );
        vm.warp(START + 1 days);
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        entry.keyId = keyOfSecret(SECOND);
        entry.signature = signed(SECOND, ledgerDigest(harvest("L1", 5).hash()));
        refused(
            entry, abi.encodeWithSelector(IPartyRegistry.KeyExpired.selector, keyOfSecret(SECOND), START + 1 days)
        );
    }

    /// @dev Signed before the revocation, not yet recorded: refused; another key signs the same struct.
    function test_WhatWasRecordedBeforeARevocationStaysAndTheRestIsSignedAgain() public {
        granted(true, 0);
        IEntryRelay.Entry memory early = harvestEntry(harvest("L1", 5));
        IEntryRelay.Entry memory late = harvestEntry(harvest("L2", 5));
        recorded(early);
        applied(registry, revocationEntry(IPartyRegistry.KeyRevocation(FARM, keyOf(FARM), DEADLINE), SECOND));
        vm.assertEq(balance(lotOf(BULK, "L1"), FARM), 5, "stays");
        refused(late, abi.encodeWithSelector(IPartyRegistry.KeyIsRevoked.selector, keyOf(FARM), START));
        late.keyId = keyOfSecret(SECOND);
        late.signature = signed(SECOND, ledgerDigest(harvest("L2", 5).hash()));
        recorded(late);
    }

    // ------------------------------------------------------------------------------------------------ registrar

    function test_AMaliciousRegistrarAddsNoKeyAndSignsForNobody() public {
        bytes32 registrar = bytes32(uint256(uint160(vm.addr(REGISTRAR_SECRET))));
        bytes memory unknown = abi.encodeWithSelector(IPartyRegistry.UnknownKey.selector, registrar);
        IPartyRegistry.KeyGrant memory g =
            IPartyRegistry.KeyGrant(FARM, keyOfSecret(79), scheme(), true, false, 0, 0, DEADLINE);
        refused(registry, grantEntry(g, REGISTRAR_SECRET, 79), unknown);
        IPartyRegistry.KeyRevocation memory v = IPartyRegistry.KeyRevocation(FARM, keyOf(FARM), DEADLINE);
        refused(registry, revocationEntry(v, REGISTRAR_SECRET), unknown);
        refused(registry, cancellationEntry(FARM, CONTENT, REGISTRAR_SECRET), unknown);
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        entry.keyId = registrar;
        entry.signature = signed(REGISTRAR_SECRET, ledgerDigest(harvest("L1", 5).hash()));
        refused(entry, unknown);
        refused(
            registry,
            admissionEntry(admission(FARM, Roles.ALL), secretOf(FARM)),
            abi.encodeWithSelector(IPartyRegistry.PartyExists.selector, FARM)
        );
    }

    // ------------------------------------------------------------------------------------------------ roles

    function test_EveryRoleChangesHandsInTwoSteps() public {
        bytes32[2] memory roles = [registry.REGISTRAR_ROLE(), registry.PAUSER_ROLE()];
        for (uint256 i = 0; i < roles.length; ++i) {
            address account = vm.addr(90 + i);
            bytes memory notOffered =
                abi.encodeWithSelector(IPartyRegistry.RoleNotOffered.selector, roles[i], account);
            refused(registry, acceptanceEntry(roles[i], 90 + i), notOffered);
            vm.expectEmit(address(registry));
            emit IPartyRegistry.RoleOffered(roles[i], account);
            vm.prank(ADMIN);
            registry.grantRole(roles[i], account);
            vm.assertTrue(!registry.hasRole(roles[i], account), "an offer is no role");
            applied(registry, acceptanceEntry(roles[i], 90 + i));
            vm.assertTrue(registry.hasRole(roles[i], account), "accepted");
            vm.prank(ADMIN);
            registry.revokeRole(roles[i], account);
            refused(registry, acceptanceEntry(roles[i], 90 + i), notOffered);
        }
    }

    function test_AnOfferCanBeTakenBackAndIsForItsAccountAlone() public {
        bytes32 role = registry.REGISTRAR_ROLE();
        vm.prank(ADMIN);
        registry.grantRole(role, vm.addr(90));
        refused(
            registry,
            acceptanceEntry(role, 91),
            abi.encodeWithSelector(IPartyRegistry.RoleNotOffered.selector, role, vm.addr(91))
        );
        vm.prank(ADMIN);
        registry.revokeRole(role, vm.addr(90));
        refused(
            registry,
            acceptanceEntry(role, 90),
            abi.encodeWithSelector(IPartyRegistry.RoleNotOffered.selector, role, vm.addr(90))
        );
    }

    function test_OnlyTheAdminOffersAndTheAdminsOwnRoleHasItsRules() public {
        bytes32 role = registry.PAUSER_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessControl.AccessControlUnauthorizedAccount.selector, vm.addr(REGISTRAR_SECRET), bytes32(0)
            )
        );
        vm.prank(vm.addr(REGISTRAR_SECRET));
        registry.grantRole(role, vm.addr(90));
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessControlDefaultAdminRules.AccessControlEnforcedDefaultAdminRules.selector
            )
        );
        vm.prank(ADMIN);
        registry.grantRole(bytes32(0), vm.addr(90));
    }

    // ------------------------------------------------------------------------------------------------ pause

    function test_APauseStopsNewEntriesOfBothContractsAndNoReading() public {
        bytes32 lot = harvested("L1", 5);
        vm.prank(ADMIN);
        registry.pause();
        refused(harvestEntry(harvest("L2", 5)), paused());
        refused(registry, admissionEntry(admission(STRANGER, Roles.HUB), secretOf(STRANGER)), paused());
        refused(registry, suspensionEntry(FARM, false, DEADLINE), paused());
        refused(registry, recoveryEntry(recovery(FARM, RESCUE), REGISTRAR_SECRET, RESCUE), paused());
        vm.assertEq(balance(lot, FARM), 5, "reading goes on");
        vm.assertEq(registry.rolesOf(one(FARM))[0], Roles.PRODUCER, "reading goes on");
        vm.prank(ADMIN);
        registry.unpause();
        recorded(harvestEntry(harvest("L2", 5)));
    }

    function test_APauseStopsNothingThatOnlyTakesPowerAway() public {
        granted(true, 0);
        IPartyRegistry.Recovery memory r = started();
        vm.prank(ADMIN);
        registry.pause();
        applied(registry, suspensionEntry(BUYER, true, DEADLINE));
        applied(registry, cancellationEntry(FARM, CONTENT, secretOf(FARM)));
        applied(registry, recoveryCancellationEntry(FARM, r.keyId, secretOf(FARM)));
        applied(registry, revocationEntry(IPartyRegistry.KeyRevocation(FARM, keyOf(FARM), DEADLINE), SECOND));
    }

    function test_OnlyAPauserPausesAndTheAdminCanEndIt() public {
        bytes32 role = registry.PAUSER_ROLE();
        vm.prank(ADMIN);
        registry.grantRole(role, vm.addr(90));
        applied(registry, acceptanceEntry(role, 90));
        vm.prank(ADMIN);
        registry.revokeRole(role, ADMIN);
        bytes memory may = abi.encodeWithSelector(
            IAccessControl.AccessControlUnauthorizedAccount.selector, ADMIN, role
        );
        vm.expectRevert(may);
        vm.prank(ADMIN);
        registry.pause();
        vm.prank(vm.addr(90));
        registry.pause();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, vm.addr(91), role)
        );
        vm.prank(vm.addr(91));
        registry.unpause();
        vm.prank(ADMIN);
        registry.unpause();
    }
}

/// @title The same with P-256 keys
contract PartyProtectionP256Test is PartyProtectionTest {
    function scheme() internal pure override returns (IPartyRegistry.Scheme) {
        return IPartyRegistry.Scheme.P256;
    }
}
