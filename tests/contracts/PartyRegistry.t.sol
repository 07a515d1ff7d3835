// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {RegistryHashes} from "../../contracts/libraries/RegistryHashes.sol";
import {Roles} from "../../contracts/libraries/Roles.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Admission, products, permits, roles and the admin of the registry
contract PartyRegistryTest is Fixture {
    using RegistryHashes for *;

    function one(uint64 number) private pure returns (uint64[] memory list) {
        list = new uint64[](1);
        list[0] = number;
    }

    function keyRecord(bytes32 keyId) private view returns (IPartyRegistry.Key memory) {
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = keyId;
        return registry.keysOf(ids)[0];
    }

    // ------------------------------------------------------------------------------------------------ admission

    function test_AdmissionGivesRolesIndexAndALastingAdminKey() public {
        IPartyRegistry.Admission memory a = admission(STRANGER, Roles.HUB | Roles.LENDER);
        a.hosted = true;
        vm.expectEmit(address(registry));
        emit IPartyRegistry.PartyAdmitted(STRANGER, a.roles, a.keyId, 8);
        vm.expectEmit(address(registry));
        emit IPartyRegistry.KeyGranted(STRANGER, a.keyId, scheme(), true, true);
        applied(registry, admissionEntry(a, secretOf(STRANGER)));

        (uint32 index, uint16 roles) = registry.indexOf(STRANGER);
        vm.assertEq(index, 8, "index");
        vm.assertEq(roles, a.roles, "roles");
        vm.assertEq(registry.rolesOf(one(STRANGER))[0], a.roles, "rolesOf");
        uint32[] memory indexes = new uint32[](2);
        (indexes[0], indexes[1]) = (8, 9);
        vm.assertEq(registry.partiesAt(indexes)[0], STRANGER, "partiesAt");
        vm.assertEq(registry.partiesAt(indexes)[1], 0, "no party there");
        IPartyRegistry.Key memory key = keyRecord(a.keyId);
        vm.assertEq(key.party, STRANGER, "key's party");
        vm.assertTrue(key.admin && key.hosted, "admin and hosted");
        vm.assertEq(key.validFrom, START, "valid from the block on");
        vm.assertEq(uint256(key.validUntil) + key.revokedAt, 0, "without end");
    }

    function test_UnknownThingsReadAsZero() public view {
        (uint32 index, uint16 roles) = registry.indexOf(STRANGER);
        vm.assertEq(uint256(index) + roles + registry.rolesOf(one(STRANGER))[0], 0, "party");
        vm.assertEq(registry.ownersOf(one(77))[0], 0, "product");
        vm.assertEq(uint256(keyRecord(keyOf(STRANGER)).scheme), 0, "key");
        vm.assertTrue(!registry.mayUse(77, FARM), "nobody may use an unassigned product");
        vm.assertTrue(!registry.mayUse(77, 0), "not even party 0, the owner of unassigned products");
    }

    function test_RefusesASecondAdmission() public {
        IPartyRegistry.Admission memory a = admission(FARM, Roles.PRODUCER);
        a.keyId = keyOf(STRANGER);
        refused(
            registry,
            admissionEntry(a, secretOf(STRANGER)),
            abi.encodeWithSelector(IPartyRegistry.PartyExists.selector, FARM)
        );
    }

    function test_RefusesPartyZero() public {
        refused(
            registry,
            admissionEntry(admission(0, Roles.HUB), secretOf(0)),
            abi.encodeWithSelector(IPartyRegistry.InvalidParty.selector, uint64(0))
        );
    }

    function test_RefusesAdmissionWithoutRolesOrWithUnknownOnes() public {
        uint16[3] memory bad = [uint16(0), 256, 0x8001];
        for (uint256 i = 0; i < bad.length; ++i) {
            refused(
                registry,
                admissionEntry(admission(STRANGER, bad[i]), secretOf(STRANGER)),
                abi.encodeWithSelector(IPartyRegistry.InvalidRoles.selector, bad[i])
            );
        }
    }

    function test_RefusesAKeyOfAnotherParty() public {
        IPartyRegistry.Admission memory a = admission(STRANGER, Roles.HUB);
        a.keyId = keyOf(FARM);
        refused(
            registry,
            admissionEntry(a, secretOf(FARM)),
            abi.encodeWithSelector(IPartyRegistry.KeyInUse.selector, keyOf(FARM), FARM)
        );
    }

    function test_RefusesAKeyOfNoScheme() public {
        IPartyRegistry.Admission memory a = admission(STRANGER, Roles.HUB);
        a.scheme = IPartyRegistry.Scheme.None;
        refused(
            registry,
            admissionEntry(a, secretOf(STRANGER)),
            abi.encodeWithSelector(IPartyRegistry.UnsupportedScheme.selector, IPartyRegistry.Scheme.None)
        );
    }

    function test_RefusesAdmissionThatTheNewKeyDidNotSign() public {
        IPartyRegistry.Admission memory a = admission(STRANGER, Roles.HUB);
        bytes memory reason = abi.encodeWithSelector(IPartyRegistry.InvalidSignature.selector, keyOf(STRANGER));
        refused(registry, admissionEntry(a, secretOf(FARM)), reason);
        IEntryRelay.Entry memory entry = admissionEntry(a, secretOf(STRANGER));
        entry.payload = abi.encode(a, bytes(""));
        refused(registry, entry, reason);
    }

    /// @dev A registrar is an address: no P-256 key can be one.
    function notTheRegistrar(uint64 party) private pure returns (bytes memory) {
        return scheme() == IPartyRegistry.Scheme.P256
            ? abi.encodeWithSelector(IPartyRegistry.InvalidSignature.selector, keyOf(party))
            : abi.encodeWithSelector(IPartyRegistry.NotTheRegistrar.selector, vm.addr(secretOf(party)));
    }

    function test_RefusesAdmissionByAnybodyElse() public {
        IPartyRegistry.Admission memory a = admission(STRANGER, Roles.HUB);
        IEntryRelay.Entry memory entry = admissionEntry(a, secretOf(STRANGER));
        (entry.keyId, entry.signature) = (keyOf(FARM), signed(secretOf(FARM), registryDigest(a.hash())));
        refused(
            registry,
            entry,
            notTheRegistrar(FARM)
        );
    }

    function test_RefusesARegistrarNamedButNotSigning() public {
        IPartyRegistry.Admission memory a = admission(STRANGER, Roles.HUB);
        IEntryRelay.Entry memory entry = admissionEntry(a, secretOf(STRANGER));
        entry.signature = signed(secretOf(FARM), registryDigest(a.hash()));
        bytes memory reason =
            abi.encodeWithSelector(IPartyRegistry.InvalidSignature.selector, keyOfSecret(REGISTRAR_SECRET));
        refused(registry, entry, reason);
        entry.signature = new bytes(64);
        refused(registry, entry, reason);
    }

    /// @dev A failed recovery gives address 0, which must be neither a registrar nor a key.
    function test_RefusesTheZeroKey() public {
        bytes memory reason = abi.encodeWithSelector(IPartyRegistry.InvalidSignature.selector, bytes32(0));
        IPartyRegistry.Admission memory a = admission(STRANGER, Roles.HUB);
        IEntryRelay.Entry memory entry = admissionEntry(a, secretOf(STRANGER));
        (entry.keyId, entry.signature) = (0, new bytes(65));
        refused(registry, entry, reason);
        a.keyId = 0;
        entry = admissionEntry(a, secretOf(STRANGER));
        entry.payload = abi.encode(a, new bytes(65));
        refused(registry, entry, reason);
    }

    function test_ADismissedRegistrarSignsNothing() public {
        bytes32 role = registry.REGISTRAR_ROLE();
        vm.prank(ADMIN);
        registry.revokeRole(role, vm.addr(REGISTRAR_SECRET));
        refused(
            registry,
            admissionEntry(admission(STRANGER, Roles.HUB), secretOf(STRANGER)),
            abi.encodeWithSelector(IPartyRegistry.NotTheRegistrar.selector, vm.addr(REGISTRAR_SECRET))
        );
    }

    function test_OnlyTheAdminNamesRegistrars() public {
        bytes32 role = registry.REGISTRAR_ROLE();
        vm.expectRevert();
        vm.prank(vm.addr(REGISTRAR_SECRET));
        registry.grantRole(role, address(this));
    }

    // ------------------------------------------------------------------------------------------------ products

    function test_AnOwnerAndAPermittedPackerMayUseAProduct() public {
        vm.assertEq(registry.ownersOf(one(BULK))[0], FARM, "owner");
        vm.assertTrue(registry.mayUse(BULK, FARM) && registry.mayUse(BULK, PACKER), "owner and packer");
        vm.assertTrue(!registry.mayUse(BULK, BUYER), "nobody else");
        vm.expectEmit(address(registry));
        emit IPartyRegistry.ProductPermitted(BULK, PACKER, false);
        applied(registry, permitEntry(IPartyRegistry.ProductPermit(BULK, FARM, PACKER, false, DEADLINE)));
        vm.assertTrue(!registry.mayUse(BULK, PACKER), "permit taken back");
    }

    function test_AnAssignmentIsFinal() public {
        vm.expectEmit(address(registry));
        emit IPartyRegistry.ProductAssigned(5, BUYER);
        assign(5, BUYER);
        refused(
            registry,
            assignmentEntry(IPartyRegistry.ProductAssignment(5, FARM, DEADLINE)),
            abi.encodeWithSelector(IPartyRegistry.ProductTaken.selector, uint64(5), BUYER)
        );
    }

    function test_RefusesProductZeroAndUnknownOwners() public {
        refused(
            registry,
            assignmentEntry(IPartyRegistry.ProductAssignment(0, FARM, DEADLINE)),
            abi.encodeWithSelector(IPartyRegistry.InvalidProduct.selector, uint64(0))
        );
        refused(
            registry,
            assignmentEntry(IPartyRegistry.ProductAssignment(5, STRANGER, DEADLINE)),
            abi.encodeWithSelector(IPartyRegistry.UnknownParty.selector, STRANGER)
        );
    }

    function test_RefusesAssignmentByTheOwnerItself() public {
        IPartyRegistry.ProductAssignment memory a = IPartyRegistry.ProductAssignment(5, FARM, DEADLINE);
        IEntryRelay.Entry memory entry = registryEntry(
            IPartyRegistry.Kind.ProductAssignment, secretOf(FARM), abi.encode(a), a.hash()
        );
        refused(
            registry, entry, notTheRegistrar(FARM)
        );
    }

    function test_RefusesPermitsByOthersThanTheOwner() public {
        refused(
            registry,
            permitEntry(IPartyRegistry.ProductPermit(BULK, PACKER, BUYER, true, DEADLINE)),
            abi.encodeWithSelector(IPartyRegistry.NotTheProductOwner.selector, BULK, FARM, PACKER)
        );
        refused(
            registry,
            permitEntry(IPartyRegistry.ProductPermit(BULK, FARM, STRANGER, true, DEADLINE)),
            abi.encodeWithSelector(IPartyRegistry.UnknownParty.selector, STRANGER)
        );
    }

    function test_RefusesTheReplayOfAPermitThatWasTakenBack() public {
        IPartyRegistry.ProductPermit memory given = IPartyRegistry.ProductPermit(BULK, FARM, PACKER, true, DEADLINE);
        applied(registry, permitEntry(IPartyRegistry.ProductPermit(BULK, FARM, PACKER, false, DEADLINE)));
        refused(
            registry,
            permitEntry(given),
            abi.encodeWithSelector(IPartyRegistry.AlreadyUsed.selector, registryDigest(given.hash()))
        );
    }

    // ------------------------------------------------------------------------------------------------ roles

    function test_TheRegistrarChangesRolesAndSuspends() public {
        vm.expectEmit(address(registry));
        emit IPartyRegistry.RolesChanged(FARM, Roles.PACKER);
        applied(registry, roleEntry(IPartyRegistry.RoleChange(FARM, Roles.PACKER, DEADLINE)));
        vm.assertEq(registry.rolesOf(one(FARM))[0], Roles.PACKER, "changed");

        suspend(FARM);
        IPartyRegistry.ProductPermit memory permit = IPartyRegistry.ProductPermit(BULK, FARM, BUYER, true, DEADLINE);
        refused(
            registry,
            permitEntry(permit),
            abi.encodeWithSelector(IPartyRegistry.PartyIsSuspended.selector, FARM)
        );
    }

    function test_RefusesRoleChangesOfUnknownPartiesAndRoles() public {
        refused(
            registry,
            roleEntry(IPartyRegistry.RoleChange(STRANGER, Roles.HUB, DEADLINE)),
            abi.encodeWithSelector(IPartyRegistry.UnknownParty.selector, STRANGER)
        );
        refused(
            registry,
            roleEntry(IPartyRegistry.RoleChange(FARM, 256, DEADLINE)),
            abi.encodeWithSelector(IPartyRegistry.InvalidRoles.selector, uint16(256))
        );
        refused(
            registry,
            roleEntry(IPartyRegistry.RoleChange(FARM, 0, DEADLINE)),
            abi.encodeWithSelector(IPartyRegistry.InvalidRoles.selector, uint16(0))
        );
    }

    function test_RefusesTheReplayOfARoleChange() public {
        IPartyRegistry.RoleChange memory change = IPartyRegistry.RoleChange(FARM, Roles.PACKER, DEADLINE);
        applied(registry, roleEntry(change));
        suspend(FARM);
        refused(
            registry,
            roleEntry(change),
            abi.encodeWithSelector(IPartyRegistry.AlreadyUsed.selector, registryDigest(change.hash()))
        );
    }

    function test_RefusesEveryKindAfterItsDeadline() public {
        vm.warp(uint256(DEADLINE) + 1);
        bytes memory late =
            abi.encodeWithSelector(IPartyRegistry.DeadlinePassed.selector, DEADLINE, uint256(DEADLINE) + 1);
        refused(registry, admissionEntry(admission(STRANGER, Roles.HUB), secretOf(STRANGER)), late);
        refused(
            registry,
            grantEntry(
                IPartyRegistry.KeyGrant(
                    FARM, keyOfSecret(9), scheme(), true, false, 0, 0, DEADLINE
                ),
                secretOf(FARM),
                9
            ),
            late
        );
        refused(
            registry,
            revocationEntry(IPartyRegistry.KeyRevocation(FARM, keyOf(FARM), DEADLINE), secretOf(FARM)),
            late
        );
        refused(registry, assignmentEntry(IPartyRegistry.ProductAssignment(5, FARM, DEADLINE)), late);
        refused(registry, permitEntry(IPartyRegistry.ProductPermit(BULK, FARM, BUYER, true, DEADLINE)), late);
        refused(registry, roleEntry(IPartyRegistry.RoleChange(FARM, Roles.PACKER, DEADLINE)), late);
        refused(registry, suspensionEntry(FARM, true, DEADLINE), late);
        refused(registry, cancellationEntry(FARM, CONTENT, secretOf(FARM)), late);
        refused(registry, acceptanceEntry(registry.REGISTRAR_ROLE(), 90), late);
        IPartyRegistry.Recovery memory r = recovery(FARM, 9);
        r.deadline = DEADLINE;
        refused(registry, recoveryEntry(r, REGISTRAR_SECRET, 9), late);
        IEntryRelay.Entry memory off = recoveryCancellationEntry(FARM, r.keyId, secretOf(FARM));
        IEntryRelay.Entry memory done = completionEntry(FARM, 9, 9);
        uint64 end = uint64(block.timestamp + 1 days);
        vm.warp(uint256(end) + 1);
        late = abi.encodeWithSelector(IPartyRegistry.DeadlinePassed.selector, end, uint256(end) + 1);
        refused(registry, off, late);
        refused(registry, done, late);
    }

    function testFuzz_RefusesKindsThatDoNotExist(uint8 kind, bytes memory payload) public {
        kind = uint8(12 + kind % 244);
        refused(
            registry,
            IEntryRelay.Entry(kind, 0, payload, ""),
            abi.encodeWithSelector(IEntryRelay.UnknownKind.selector, kind)
        );
    }
}

/// @title The same with P-256 keys; the registrar keeps its secp256k1 key
contract PartyRegistryP256Test is PartyRegistryTest {
    function scheme() internal pure override returns (IPartyRegistry.Scheme) {
        return IPartyRegistry.Scheme.P256;
    }
}
