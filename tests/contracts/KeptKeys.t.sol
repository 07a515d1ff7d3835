// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {RegistryHashes} from "../../contracts/libraries/RegistryHashes.sol";
import {Roles} from "../../contracts/libraries/Roles.sol";
import {Fixture} from "./support/Fixture.sol";
import {Vm} from "./support/Vm.sol";

/**
 * @title A malicious registrar, pauser and relayer, and the thief of a device key, against a party that looks in every week
 * @dev The attackers hold the registrar's key, the pauser's account, a device key of FARM (no admin) and keys of their own.
 * They sign whatever they like, resubmit every entry they ever saw, pause and let time pass. FARM cancels a recovery that
 * it sees, and does nothing else.
 */
contract Attackers is Fixture {
    using RegistryHashes for *;

    uint256 private constant DEVICE = 0xDE71CE;
    uint256 private constant OWN = 0xBAD;
    uint256 private constant OWN_KEYS = 4;

    IEntryRelay.Entry[] private _seen;
    uint256 public stood;

    constructor() {
        setUp();
        IPartyRegistry.KeyGrant memory g =
            IPartyRegistry.KeyGrant(FARM, keyOfSecret(DEVICE), scheme(), false, false, 0, 0, DEADLINE);
        applied(registry, grantEntry(g, secretOf(FARM), DEVICE));
    }

    function signs(uint8 kind, uint256 who, uint256 own, uint64 ahead) external {
        uint256 signer = [REGISTRAR_SECRET, DEVICE, OWN + own % OWN_KEYS][who % 3];
        uint256 key = OWN + own % OWN_KEYS;
        uint64 deadline = uint64(block.timestamp + ahead % 30 days);
        kind = kind % 6;
        if (kind == 0) {
            IPartyRegistry.KeyGrant memory g =
                IPartyRegistry.KeyGrant(FARM, keyOfSecret(key), scheme(), true, false, 0, 0, deadline);
            send(grantEntry(g, signer, key));
        } else if (kind == 1) {
            bytes32 victim = own % 2 == 0 ? keyOf(FARM) : keyOfSecret(DEVICE);
            send(revocationEntry(IPartyRegistry.KeyRevocation(FARM, victim, deadline), signer));
        } else if (kind == 2) {
            IPartyRegistry.Recovery memory r = recovery(FARM, key);
            (r.effectiveAt, r.deadline) = (r.effectiveAt - 1 + ahead % 10 days, deadline);
            send(recoveryEntry(r, signer, key));
        } else if (kind == 3) {
            send(completionEntry(FARM, key, who % 2 == 0 ? key : signer));
        } else if (kind == 4) {
            send(suspensionEntry(FARM, own % 2 == 0, deadline));
        } else {
            IPartyRegistry.Admission memory a = admission(FARM, Roles.ALL);
            a.keyId = keyOfSecret(key);
            send(admissionEntry(a, key));
        }
    }

    function resubmits(uint256 which) external {
        if (_seen.length > 0) send(_seen[which % _seen.length]);
    }

    function pauses(bool on) external {
        if (on == registry.paused()) return;
        vm.prank(ADMIN);
        if (on) registry.pause();
        else registry.unpause();
    }

    /// @dev Less than the delay passes between two looks of the party.
    function waits(uint256 time) external {
        vm.warp(block.timestamp + time % RECOVERY_DELAY);
        uint64[] memory farm = new uint64[](1);
        farm[0] = FARM;
        IPartyRegistry.PendingRecovery memory pending = registry.recoveriesOf(farm)[0];
        if (pending.effectiveAt != 0) {
            IEntryRelay.Entry memory entry = recoveryCancellationEntry(FARM, pending.keyId, secretOf(FARM));
            _seen.push(entry);
            applied(registry, entry);
        }
    }

    function send(IEntryRelay.Entry memory entry) private {
        _seen.push(entry);
        IEntryRelay.Entry[] memory entries = new IEntryRelay.Entry[](1);
        entries[0] = entry;
        stood += registry.submit(entries);
    }

    function farmsKey() external view returns (IPartyRegistry.Key memory) {
        return keyRecord(secretOf(FARM));
    }

    /// @dev Whether one of the attackers' own keys became FARM's.
    function intruded() external view returns (bool) {
        for (uint256 i = 0; i < OWN_KEYS; ++i) if (keyRecord(OWN + i).party == FARM) return true;
        return keyRecord(DEVICE).admin;
    }

    function keyRecord(uint256 secret) private view returns (IPartyRegistry.Key memory) {
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = keyOfSecret(secret);
        return registry.keysOf(ids)[0];
    }
}

contract KeptKeysTest is Fixture {
    Attackers private attackers;

    function setUp() public override {
        attackers = new Attackers();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(attackers);
    }

    function targetSelectors() external view returns (Vm.FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](4);
        selectors[0] = Attackers.signs.selector;
        selectors[1] = Attackers.resubmits.selector;
        selectors[2] = Attackers.pauses.selector;
        selectors[3] = Attackers.waits.selector;
        targets = new Vm.FuzzSelector[](1);
        targets[0] = Vm.FuzzSelector(address(attackers), selectors);
    }

    function invariant_APartyThatLooksInKeepsItsKeysAndGetsNoOthers() public view {
        IPartyRegistry.Key memory key = attackers.farmsKey();
        vm.assertTrue(key.party == FARM && key.admin && key.revokedAt == 0, "its admin key stands");
        vm.assertTrue(!attackers.intruded(), "no key but its own");
    }

    /// @dev The campaign is worth something: without the party's looks the attackers do get in.
    function test_AgainstAPartyThatNeverLooksARecoverySucceeds() public {
        attackers.signs(2, 0, 0, 2);
        vm.warp(block.timestamp + 8 days);
        attackers.signs(3, 0, 0, 1 days);
        vm.assertTrue(attackers.intruded(), "after its delay, in public");
    }
}
