// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {Roles} from "../../contracts/libraries/Roles.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Keys: who grants and revokes them, their windows, and what `requireSigned` asks
contract PartyKeysTest is Fixture {
    uint256 private constant SECOND = 0xBEEF;
    bytes32 private constant DIGEST = keccak256("something signed");

    function grant() private pure returns (IPartyRegistry.KeyGrant memory) {
        return IPartyRegistry.KeyGrant(
            FARM, keyOfSecret(SECOND), scheme(), false, false, 0, 0, DEADLINE
        );
    }

    function granted(IPartyRegistry.KeyGrant memory g) private {
        applied(registry, grantEntry(g, secretOf(FARM), SECOND));
    }

    function revoked(bytes32 keyId) private {
        applied(registry, revocationEntry(IPartyRegistry.KeyRevocation(FARM, keyId, DEADLINE), secretOf(FARM)));
    }

    function asked(uint256 secret, uint64 party, uint16 roles, bytes memory reason) private {
        bytes memory signature = signed(secret, DIGEST);
        bytes32 keyId = keyOfSecret(secret);
        if (reason.length > 0) vm.expectRevert(reason);
        registry.requireSigned(DIGEST, keyId, party, roles, signature);
    }

    // ------------------------------------------------------------------------------------------------ granting

    function test_AnAdminKeyGrantsASigningKey() public {
        vm.expectEmit(address(registry));
        emit IPartyRegistry.KeyGranted(FARM, keyOfSecret(SECOND), scheme(), false, false);
        granted(grant());
        asked(SECOND, FARM, Roles.PRODUCER, "");
    }

    function test_RefusesAGrantByAKeyThatIsNoAdmin() public {
        granted(grant());
        IPartyRegistry.KeyGrant memory g = grant();
        g.keyId = keyOfSecret(77);
        refused(
            registry,
            grantEntry(g, SECOND, 77),
            abi.encodeWithSelector(IPartyRegistry.NotAnAdminKey.selector, keyOfSecret(SECOND), FARM)
        );
    }

    function test_RefusesAGrantByAnotherParty() public {
        refused(
            registry,
            grantEntry(grant(), secretOf(BUYER), SECOND),
            abi.encodeWithSelector(IPartyRegistry.WrongParty.selector, keyOf(BUYER), BUYER, FARM)
        );
    }

    function test_RefusesAGrantByTheRegistrar() public {
        refused(
            registry,
            grantEntry(grant(), REGISTRAR_SECRET, SECOND),
            abi.encodeWithSelector(IPartyRegistry.UnknownKey.selector, keyOfSecret(REGISTRAR_SECRET))
        );
    }

    function test_RefusesAGrantThatTheNewKeyDidNotSign() public {
        refused(
            registry,
            grantEntry(grant(), secretOf(FARM), 78),
            abi.encodeWithSelector(IPartyRegistry.InvalidSignature.selector, keyOfSecret(SECOND))
        );
    }

    function test_RefusesAKeyTwice() public {
        granted(grant());
        bytes memory reason = abi.encodeWithSelector(IPartyRegistry.KeyInUse.selector, keyOfSecret(SECOND), FARM);
        refused(registry, grantEntry(grant(), secretOf(FARM), SECOND), reason);
        revoked(keyOfSecret(SECOND));
        refused(registry, grantEntry(grant(), secretOf(FARM), SECOND), reason);
    }

    function test_RefusesAKeyOfNoScheme() public {
        IPartyRegistry.KeyGrant memory g = grant();
        g.scheme = IPartyRegistry.Scheme.None;
        refused(
            registry,
            grantEntry(g, secretOf(FARM), SECOND),
            abi.encodeWithSelector(IPartyRegistry.UnsupportedScheme.selector, IPartyRegistry.Scheme.None)
        );
    }

    function test_RefusesAKeyUnderTheOtherScheme() public {
        IPartyRegistry.KeyGrant memory g = grant();
        g.scheme = scheme() == IPartyRegistry.Scheme.P256
            ? IPartyRegistry.Scheme.Secp256k1
            : IPartyRegistry.Scheme.P256;
        refused(
            registry,
            grantEntry(g, secretOf(FARM), SECOND),
            abi.encodeWithSelector(IPartyRegistry.InvalidSignature.selector, g.keyId)
        );
    }

    function test_RefusesWindowsThatAreEmptyFarAheadOrTooLong() public {
        uint64[2][5] memory windows = [
            [uint64(START + 10), uint64(START + 10)],
            [uint64(START + 10), uint64(START + 9)],
            [uint64(0), uint64(START)],
            [uint64(START + 365 days + 1), uint64(0)],
            [uint64(0), uint64(1) << 40]
        ];
        for (uint256 i = 0; i < windows.length; ++i) {
            IPartyRegistry.KeyGrant memory g = grant();
            (g.validFrom, g.validUntil) = (windows[i][0], windows[i][1]);
            refused(
                registry,
                grantEntry(g, secretOf(FARM), SECOND),
                abi.encodeWithSelector(IPartyRegistry.InvalidWindow.selector, g.validFrom, g.validUntil)
            );
        }
    }

    function testFuzz_ValidityNeverBeginsInThePast(uint64 from) public {
        from = from % uint64(START + 365 days + 1);
        IPartyRegistry.KeyGrant memory g = grant();
        g.validFrom = from;
        granted(g);
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = keyOfSecret(SECOND);
        vm.assertEq(registry.keysOf(ids)[0].validFrom, from < START ? START : from, "validFrom");
    }

    // ------------------------------------------------------------------------------------------------ revoking

    function test_ARevokedKeySignsNothingFromTheBlockOn() public {
        granted(grant());
        vm.warp(START + 5);
        vm.expectEmit(address(registry));
        emit IPartyRegistry.KeyRevoked(FARM, keyOfSecret(SECOND));
        revoked(keyOfSecret(SECOND));
        asked(
            SECOND,
            FARM,
            0,
            abi.encodeWithSelector(IPartyRegistry.KeyIsRevoked.selector, keyOfSecret(SECOND), START + 5)
        );
    }

    function test_RefusesToRevokeWhatIsRevokedUnknownOrAnothersKey() public {
        granted(grant());
        revoked(keyOfSecret(SECOND));
        bytes32[3] memory keys = [keyOfSecret(SECOND), keyOfSecret(79), keyOf(BUYER)];
        bytes[3] memory reasons = [
            abi.encodeWithSelector(IPartyRegistry.KeyIsRevoked.selector, keys[0], START),
            abi.encodeWithSelector(IPartyRegistry.UnknownKey.selector, keys[1]),
            abi.encodeWithSelector(IPartyRegistry.WrongParty.selector, keys[2], BUYER, FARM)
        ];
        for (uint256 i = 0; i < keys.length; ++i) {
            refused(
                registry,
                revocationEntry(IPartyRegistry.KeyRevocation(FARM, keys[i], DEADLINE), secretOf(FARM)),
                reasons[i]
            );
        }
    }

    function test_RefusesToRevokeTheLastLastingAdminKey() public {
        IPartyRegistry.KeyGrant memory g = grant();
        (g.admin, g.validUntil) = (true, uint64(START + 1 days)); // An admin key that ends does not count.
        granted(g);
        IEntryRelay.Entry memory entry =
            revocationEntry(IPartyRegistry.KeyRevocation(FARM, keyOf(FARM), DEADLINE), secretOf(FARM));
        refused(registry, entry, abi.encodeWithSelector(IPartyRegistry.LastAdminKey.selector, keyOf(FARM)));
    }

    function test_AnAdminKeyCanBeReplaced() public {
        IPartyRegistry.KeyGrant memory g = grant();
        g.admin = true;
        granted(g);
        revoked(keyOf(FARM));
        refused(
            registry,
            revocationEntry(IPartyRegistry.KeyRevocation(FARM, g.keyId, DEADLINE), SECOND),
            abi.encodeWithSelector(IPartyRegistry.LastAdminKey.selector, g.keyId)
        );
    }

    function test_ASuspendedPartyStillRevokesItsKeys() public {
        granted(grant());
        suspend(FARM);
        revoked(keyOfSecret(SECOND));
    }

    // ------------------------------------------------------------------------------------------------ asking

    function testFuzz_AKeySignsWithinItsWindowOnly(uint64 from, uint64 length, uint64 time) public {
        from = uint64(START + from % 300 days);
        length = 1 + length % 900 days;
        time = uint64(START + time % 1300 days);
        IPartyRegistry.KeyGrant memory g = grant();
        (g.validFrom, g.validUntil) = (from, from + length);
        granted(g);
        vm.warp(time);
        bytes memory reason = "";
        if (time < from) reason = abi.encodeWithSelector(IPartyRegistry.KeyNotYetValid.selector, g.keyId, from);
        if (time >= from + length) {
            reason = abi.encodeWithSelector(IPartyRegistry.KeyExpired.selector, g.keyId, from + length);
        }
        asked(SECOND, FARM, 0, reason);
    }

    function test_TheWindowHasItsFirstSecondAndNotItsLast() public {
        IPartyRegistry.KeyGrant memory g = grant();
        (g.validFrom, g.validUntil) = (uint64(START + 100), uint64(START + 200));
        granted(g);
        vm.warp(START + 99);
        asked(SECOND, FARM, 0, abi.encodeWithSelector(IPartyRegistry.KeyNotYetValid.selector, g.keyId, START + 100));
        vm.warp(START + 100);
        asked(SECOND, FARM, 0, "");
        vm.warp(START + 199);
        asked(SECOND, FARM, 0, "");
        vm.warp(START + 200);
        asked(SECOND, FARM, 0, abi.encodeWithSelector(IPartyRegistry.KeyExpired.selector, g.keyId, START + 200));
    }

    function test_RefusesUnknownKeysAndOtherParties() public {
        asked(SECOND, FARM, 0, abi.encodeWithSelector(IPartyRegistry.UnknownKey.selector, keyOfSecret(SECOND)));
        asked(
            secretOf(FARM),
            BUYER,
            0,
            abi.encodeWithSelector(IPartyRegistry.WrongParty.selector, keyOf(FARM), FARM, BUYER)
        );
    }

    function testFuzz_OneOfTheRolesIsEnough(uint16 held, uint16 needed) public {
        (held, needed) = (held & Roles.ALL, needed & Roles.ALL);
        vm.assume(held != 0);
        applied(registry, roleEntry(IPartyRegistry.RoleChange(FARM, held, DEADLINE)));
        bool enough = needed == 0 || held & needed != 0;
        asked(
            secretOf(FARM),
            FARM,
            needed,
            enough ? bytes("") : abi.encodeWithSelector(IPartyRegistry.RoleMissing.selector, FARM, held, needed)
        );
    }
}

/// @title The same with P-256 keys
contract PartyKeysP256Test is PartyKeysTest {
    function scheme() internal pure override returns (IPartyRegistry.Scheme) {
        return IPartyRegistry.Scheme.P256;
    }
}
