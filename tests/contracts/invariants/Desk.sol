// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../../contracts/interfaces/IEntryRelay.sol";
import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {Vm} from "../support/Vm.sol";
import {Bookkeeper} from "./Bookkeeper.sol";

/// @title Signs drafts, submits batches, and checks of whatever was recorded who signed it, and that it is new
abstract contract Desk is Bookkeeper {
    /// @dev An action before it is signed; `coParty` 0: one signature; `party` 0: none.
    struct Draft {
        IProduceLedger.Kind kind;
        uint64 party;
        uint64 coParty;
        bytes payload;
        bytes32 structHash;
    }

    /// @dev What a key is, as its party made it: whose, until when (0: for ever), and whether it was revoked.
    struct KeyBook {
        uint64 party;
        uint256 until;
        bool revoked;
    }

    uint256 private constant ARCHIVE = 24;

    mapping(bytes32 key => KeyBook) internal keyBooks;
    mapping(uint64 party => bool) internal suspended;
    mapping(uint64 party => mapping(bytes32 digest => bool)) internal cancelled;
    mapping(bytes32 digest => bool) internal acted;
    bool internal paused;

    /// @dev Encoded entries of before: recorded, refused, or signed and withheld.
    bytes[] internal archive;
    uint256 internal calls;
    uint256 private _seed;

    constructor() {
        setUp();
        for (uint256 i = 0; i < parties.length; ++i) keyBooks[keyOf(parties[i])].party = parties[i];
    }

    /// @dev Every handler begins with it: the campaign's time and the randomness of this call.
    modifier step(uint256 seed) {
        ++calls;
        vm.warp(time);
        _seed = uint256(keccak256(abi.encode(seed, calls)));
        _;
    }

    // ------------------------------------------------------------------------------------------------ chance

    function roll(uint256 sides) internal returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % sides;
    }

    function one(uint256 of_) internal returns (bool) {
        return roll(of_) == 0;
    }

    function anyParty() internal returns (uint64) {
        return parties[roll(parties.length)];
    }

    function fresh() internal returns (string memory) {
        return vm.toString(roll(10 ** 18));
    }

    function content() internal returns (bytes32) {
        return bytes32(roll(type(uint256).max));
    }

    /// @dev Mostly days ahead, now and then about now, or over.
    function soon() internal returns (uint64) {
        return uint64(one(12) ? time - 1 hours + roll(3 hours) : time + 3 days + roll(30 days));
    }

    // ------------------------------------------------------------------------------------------------ signing

    function sealedBy(Draft memory d, uint256 secret, uint256 coSecret)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        if (d.party == 0) return IEntryRelay.Entry(uint8(d.kind), 0, d.payload, "");
        bytes32 digest = ledgerDigest(d.structHash);
        bytes memory signature = signed(secret, digest);
        if (d.coParty != 0) signature = abi.encode(signature, keyOfSecret(coSecret), signed(coSecret, digest));
        return IEntryRelay.Entry(uint8(d.kind), keyOfSecret(secret), d.payload, signature);
    }

    function sealedUp(Draft memory d) internal view returns (IEntryRelay.Entry memory) {
        return sealedBy(d, secretOf(d.party), secretOf(d.coParty));
    }

    // ------------------------------------------------------------------------------------------------ submitting

    function only(IEntryRelay.Entry memory entry) internal pure returns (IEntryRelay.Entry[] memory batch) {
        batch = new IEntryRelay.Entry[](1);
        batch[0] = entry;
    }

    /// @dev Whether it was recorded.
    function submitted(IEntryRelay.Entry memory entry) internal returns (bool) {
        keep(entry);
        bytes32[] memory outcomes = submit(only(entry));
        return outcomes[0] == 0;
    }

    function submit(IEntryRelay.Entry[] memory batch) internal returns (bytes32[] memory outcomes) {
        vm.recordLogs();
        uint256 recorded_ = ledger.submit(batch);
        return enterAll(batch, recorded_);
    }

    /// @dev Enters what the logs tell of a batch. @return outcomes Of each entry the hash of its refusal; 0: recorded.
    function enterAll(IEntryRelay.Entry[] memory batch, uint256 recorded_)
        internal
        returns (bytes32[] memory outcomes)
    {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        outcomes = new bytes32[](batch.length);
        uint256 count = batch.length;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != address(ledger)) continue;
            if (logs[i].topics[0] != IEntryRelay.EntrySkipped.selector) continue;
            (uint256 index, bytes memory reason) = abi.decode(logs[i].data, (uint256, bytes));
            if (outcomes[index] != 0 || logs[i].topics[1] != keccak256(batch[index].payload)) {
                note(Rule.Neighbours, "a skip names another entry");
            }
            outcomes[index] = keccak256(reason);
            --count;
        }
        if (count != recorded_) note(Rule.Neighbours, "recorded and skipped are not all");
        uint256 next = 0;
        for (uint256 i = 0; i < batch.length; ++i) {
            if (batch[i].kind < 21) ++(outcomes[i] == 0 ? stood : skipped)[batch[i].kind];
            if (outcomes[i] != 0) continue;
            if (batch[i].kind != uint8(IProduceLedger.Kind.Propagation)) next = checkRecord(batch[i], logs, next);
            enter(batch[i]);
        }
    }

    /// @dev The next EntryRecorded is this entry's. @return after_ Where to look for the next one.
    function checkRecord(IEntryRelay.Entry memory entry, Vm.Log[] memory logs, uint256 from)
        private
        returns (uint256 after_)
    {
        for (uint256 i = from; i < logs.length; ++i) {
            if (logs[i].topics[0] != IProduceLedger.EntryRecorded.selector) continue;
            (IProduceLedger.Kind kind, bytes32 keyId, bytes32 digest) =
                abi.decode(logs[i].data, (IProduceLedger.Kind, bytes32, bytes32));
            if (uint8(kind) != entry.kind || keyId != entry.keyId) {
                note(Rule.Neighbours, "recorded as another entry");
            }
            if (acted[digest]) note(Rule.Once, "a digest acted twice");
            acted[digest] = true;
            checkAuthority(uint64(uint256(logs[i].topics[2])), keyId, digest);
            checkSecond(entry, digest);
            return i + 1;
        }
        note(Rule.Neighbours, "recorded without a word");
        return logs.length;
    }

    /// @dev Of entries that two parties sign, the second.
    function checkSecond(IEntryRelay.Entry memory entry, bytes32 digest) private {
        uint64 coParty = 0;
        // Which parties sign stands in the first two words of the struct. Structs with lists stand behind an offset.
        bytes memory payload = entry.payload;
        if (entry.kind == uint8(IProduceLedger.Kind.Pledge) || entry.kind == uint8(IProduceLedger.Kind.Void)) {
            (, coParty) = abi.decode(payload, (uint64, uint64));
        } else if (entry.kind == uint8(IProduceLedger.Kind.Settlement)) {
            (IProduceLedger.Settlement memory action,) =
                abi.decode(payload, (IProduceLedger.Settlement, IProduceLedger.Line[]));
            coParty = action.counterparty;
        }
        if (coParty == 0) return;
        (, bytes32 coKeyId,) = abi.decode(entry.signature, (bytes, bytes32, bytes));
        checkAuthority(coParty, coKeyId, digest);
    }

    /// @dev The key is one that the party itself made, and both are in good standing.
    function checkAuthority(uint64 party, bytes32 keyId, bytes32 digest) private {
        KeyBook storage key = keyBooks[keyId];
        if (key.party != party) note(Rule.Registrar, "recorded for a party by a key that it did not make");
        if (key.revoked) note(Rule.Authority, "recorded under a revoked key");
        if (key.until != 0 && time >= key.until) note(Rule.Authority, "recorded under a key that had ended");
        if (suspended[party]) note(Rule.Authority, "recorded for a suspended party");
        if (cancelled[party][digest]) note(Rule.Authority, "recorded though it was cancelled");
        if (paused) note(Rule.Authority, "recorded in a pause");
    }

    // ------------------------------------------------------------------------------------------------ archive

    function keep(IEntryRelay.Entry memory entry) internal {
        if (archive.length < ARCHIVE) archive.push(abi.encode(entry));
        else archive[roll(ARCHIVE)] = abi.encode(entry);
    }

    function old() internal returns (IEntryRelay.Entry memory) {
        return abi.decode(archive[roll(archive.length)], (IEntryRelay.Entry));
    }
}
