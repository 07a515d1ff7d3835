// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EntryRelay} from "../../../contracts/EntryRelay.sol";
import {IEntryRelay} from "../../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../../contracts/interfaces/IPartyRegistry.sol";
import {RegistryHashes} from "../../../contracts/libraries/RegistryHashes.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {Relayer} from "./Relayer.sol";

/**
 * @title A registrar that turned bad, and a thief who has the device keys of all parties
 * @dev Parties keep their admin keys and watch; what needs one of those must never come to pass without it.
 */
contract Attackers is Relayer {
    using RegistryHashes for *;

    uint256 private constant THIEF = 0x7417F;

    /// @dev Every device key that a party ever made: all leaked.
    uint256[] private _leaked;
    mapping(uint256 secret => uint64 party) private _ownerOf;
    uint256[] private _rescues;
    uint256 private _suspensions;

    // ------------------------------------------------------------------------------------------------ parties' keys

    /// @dev A party gives itself a device key; some end by themselves.
    function grantDevice(uint256 seed) external step(seed) {
        uint64 party = anyParty();
        uint256 secret = 0xD0000000 + calls;
        uint64 until = one(2) ? 0 : uint64(time + 1 + roll(10 days));
        IPartyRegistry.KeyGrant memory g = IPartyRegistry.KeyGrant(
            party, keyOfSecret(secret), scheme(), false, false, 0, until, uint64(time + 1 days)
        );
        applied(registry, grantEntry(g, secretOf(party), secret));
        keyBooks[keyOfSecret(secret)] = KeyBook(party, until, false);
        _leaked.push(secret);
        _ownerOf[secret] = party;
    }

    function revokeDevice(uint256 seed) external step(seed) {
        if (_leaked.length == 0) return;
        uint256 secret = _leaked[roll(_leaked.length)];
        KeyBook storage key = keyBooks[keyOfSecret(secret)];
        if (key.revoked) return;
        applied(
            registry,
            revocationEntry(
                IPartyRegistry.KeyRevocation(key.party, keyOfSecret(secret), uint64(time)), secretOf(key.party)
            )
        );
        key.revoked = true;
    }

    /// @dev A party declares void what is signed in its name and not recorded yet, or was.
    function cancel(uint256 seed) external step(seed) {
        Draft memory d = anyDraft();
        if (d.party == 0) return;
        keep(sealedUp(d));
        uint64 party = d.coParty != 0 && one(2) ? d.coParty : d.party;
        bytes32 digest = ledgerDigest(d.structHash);
        IPartyRegistry.Cancellation memory c = IPartyRegistry.Cancellation(party, digest, uint64(time));
        applied(
            registry,
            registryEntry(IPartyRegistry.Kind.Cancellation, secretOf(party), abi.encode(c), c.hash())
        );
        cancelled[party][digest] = true;
        submitted(sealedUp(d));
    }

    /// @dev The pauser stops everything for a moment.
    function pauseForNow(uint256 seed) external step(seed) {
        vm.prank(ADMIN);
        registry.pause();
        paused = true;
        Draft memory d = anyDraft();
        // Nobody signs a propagation, and nothing stops it.
        if (d.party != 0) submitted(sealedUp(d));
        vm.prank(ADMIN);
        registry.unpause();
        paused = false;
    }

    // ------------------------------------------------------------------------------------------------ thief

    /// @dev Signs anything for the party whose device it has, before and after that is revoked.
    function thiefSigns(uint256 seed) external step(seed) {
        if (_leaked.length == 0) return;
        uint256 secret = _leaked[roll(_leaked.length)];
        Draft memory d = draftFor(_ownerOf[secret]);
        // Where two sign, the thief signs for both.
        submitted(sealedBy(d, secret, secret));
    }

    function thiefWithholds(uint256 seed) external step(seed) {
        if (_leaked.length == 0) return;
        uint256 secret = _leaked[roll(_leaked.length)];
        keep(sealedBy(draftFor(_ownerOf[secret]), secret, secret));
    }

    /// @dev Keys, permits and recoveries need an admin key.
    function thiefTakesOver(uint256 seed) external step(seed) {
        if (_leaked.length == 0) return;
        uint256 secret = _leaked[roll(_leaked.length)];
        uint64 party = _ownerOf[secret];
        fails(takeover(party, secret, roll(4)), "a device key changed its party's keys or permits");
    }

    // ------------------------------------------------------------------------------------------------ registrar

    /// @dev Suspends and reinstates, and changes roles, as it may.
    function registrarActs(uint256 seed) external step(seed) {
        uint64 party = anyParty();
        uint64 deadline = uint64(time + roll(1000));
        if (one(3)) {
            uint16 roles = one(2) ? Roles.ALL : uint16(1 + roll(Roles.ALL));
            tried(registry, roleEntry(IPartyRegistry.RoleChange(party, roles, deadline)));
        } else if (suspended[party] || (_suspensions < 2 && one(2))) {
            bool suspends = !suspended[party];
            // The same second may see it twice; each has its own deadline.
            if (!tried(registry, suspensionEntry(party, suspends, uint64(time + calls)))) return;
            suspended[party] = suspends;
            if (suspends) ++_suspensions;
            else --_suspensions;
        }
    }

    /// @dev Begins recoveries to its own key, as it may, and tries to end them before their parties look.
    function registrarRecovers(uint256 seed) external step(seed) {
        uint64 party = anyParty();
        if (_rescues.length == 0 || one(2)) {
            uint256 secret = 0x4E5C0000 + calls;
            IPartyRegistry.Recovery memory r = recovery(party, secret);
            r.effectiveAt = uint64(time + (one(4) ? roll(8 days) : 7 days + roll(2 days)));
            bool started = tried(registry, recoveryEntry(r, REGISTRAR_SECRET, secret));
            if (started && r.effectiveAt < time + RECOVERY_DELAY) {
                note(Rule.Registrar, "a recovery began with less than the delay");
            }
            if (started) _rescues.push(secret);
            return;
        }
        uint256 rescue = _rescues[roll(_rescues.length)];
        fails(completionEntry(party, rescue, rescue), "a recovery was completed before its party could stop it");
        Draft memory d = draftFor(party);
        submitted(sealedBy(d, rescue, rescue));
    }

    /// @dev Tries to act for a party: with its own key, under the party's key's name, by keys that it brings.
    function registrarForges(uint256 seed) external step(seed) {
        uint64 party = anyParty();
        uint256 way = roll(8);
        if (way < 3) {
            IEntryRelay.Entry memory entry = sealedBy(draftFor(party), REGISTRAR_SECRET, REGISTRAR_SECRET);
            if (way > 0) entry.keyId = keyOf(party);
            if (submitted(entry)) note(Rule.Registrar, "the registrar's signature was taken for a party's");
        } else if (way == 3) {
            IPartyRegistry.Admission memory a = IPartyRegistry.Admission(
                party, Roles.ALL, keyOfSecret(THIEF + calls), scheme(), false, uint64(time)
            );
            fails(admissionEntry(a, THIEF + calls), "a party was admitted again");
        } else {
            fails(takeover(party, REGISTRAR_SECRET, way - 4), "the registrar changed a party's keys or permits");
        }
    }

    // ------------------------------------------------------------------------------------------------ what they share

    /// @dev A draft in which the party signs first, or a statement.
    function draftFor(uint64 party) private returns (Draft memory d) {
        for (uint256 i = 0; i < 4; ++i) {
            d = anyDraft();
            if (d.party == party) return d;
        }
        return draftStatement(party);
    }

    /// @dev What would take a party over, signed by that key.
    function takeover(uint64 party, uint256 secret, uint256 way) private view returns (IEntryRelay.Entry memory) {
        uint64 deadline = uint64(time + 1 days);
        if (way < 2) {
            IPartyRegistry.KeyGrant memory g = IPartyRegistry.KeyGrant(
                party, keyOfSecret(THIEF + calls), scheme(), way == 0, false, 0, 0, deadline
            );
            return grantEntry(g, secret, THIEF + calls);
        }
        if (way == 2) return revocationEntry(IPartyRegistry.KeyRevocation(party, keyOf(party), deadline), secret);
        IPartyRegistry.ProductPermit memory p =
            IPartyRegistry.ProductPermit(party == PACKER ? BOX : BULK, party, CARRIER, true, deadline);
        return registryEntry(IPartyRegistry.Kind.ProductPermit, secret, abi.encode(p), p.hash());
    }

    function fails(IEntryRelay.Entry memory entry, string memory what) private {
        if (tried(registry, entry)) note(Rule.Registrar, what);
    }

    /// @dev Whether it was taken.
    function tried(EntryRelay target, IEntryRelay.Entry memory entry) private returns (bool) {
        return target.submit(only(entry)) == 1;
    }
}
