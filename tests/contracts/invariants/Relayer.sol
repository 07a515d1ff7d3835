// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../../contracts/interfaces/IEntryRelay.sol";
import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../../contracts/libraries/ActionHashes.sol";
import {Malformed} from "../support/Malformed.sol";
import {Actors} from "./Actors.sol";

/**
 * @title A relayer that does everything it can: another order, the same again, old entries, garbage between, little gas
 * @dev Two of its tricks are tried twice from the same state, with and without, and must make no difference.
 */
contract Relayer is Actors {
    using ActionHashes for *;

    uint256 public starved;
    uint256 public fed;

    /// @dev What parties signed in one order is sent in another.
    function reorder(uint256 seed) external step(seed) {
        IEntryRelay.Entry[] memory batch = someEntries(2 + roll(4));
        for (uint256 i = batch.length - 1; i > 0; --i) {
            uint256 j = roll(i + 1);
            (batch[i], batch[j]) = (batch[j], batch[i]);
        }
        submit(batch);
    }

    /// @dev Each entry twice in one call, and then all once more.
    function repeat(uint256 seed) external step(seed) {
        IEntryRelay.Entry[] memory batch = someEntries(1 + roll(3));
        IEntryRelay.Entry[] memory twice = new IEntryRelay.Entry[](2 * batch.length);
        for (uint256 i = 0; i < twice.length; ++i) twice[i] = batch[one(2) ? i / 2 : i % batch.length];
        submit(twice);
        submit(batch);
    }

    /// @dev What was recorded, refused or held back long ago.
    function resubmit(uint256 seed) external step(seed) {
        if (archive.length == 0) return;
        IEntryRelay.Entry[] memory batch = new IEntryRelay.Entry[](1 + roll(4));
        for (uint256 i = 0; i < batch.length; ++i) batch[i] = old();
        submit(batch);
    }

    /// @dev Keeps entries back for later.
    function withhold(uint256 seed) external step(seed) {
        keep(sealedUp(anyDraft()));
        keep(sealedUp(anyDraft()));
    }

    /// @dev Entries with garbage between them come out as they do without it.
    function spoil(uint256 seed) external step(seed) {
        IEntryRelay.Entry[] memory good = someEntries(1 + roll(3));
        (IEntryRelay.Entry[] memory mixed, uint256[] memory places) = withGarbage(good);
        (bytes32[] memory expected, bytes32 state) = rehearsed(good);
        bytes32[] memory outcomes = submit(mixed);
        uint256 next = 0;
        for (uint256 i = 0; i < mixed.length; ++i) {
            if (next < places.length && places[next] == i) {
                if (outcomes[i] != expected[next]) note(Rule.Neighbours, "garbage changed another entry's outcome");
                ++next;
            } else if (outcomes[i] == 0) {
                note(Rule.Neighbours, "garbage was recorded");
            }
        }
        if (fingerprint() != state) note(Rule.Neighbours, "garbage changed the ledger");
    }

    /// @dev With little gas either all comes out as with plenty, or nothing stands.
    function starve(uint256 seed, uint256 gas_) external step(seed) {
        // Only of a large entry the 64th of the gas that a caller keeps is enough to go on when the entry ran out.
        bool large = one(2) && lots.length != 0 && lots.length < MOST_LOTS;
        IEntryRelay.Entry[] memory batch = large ? only(sealedUp(draftLarge())) : someEntries(1 + roll(3));
        (bytes32[] memory expected, bytes32 state) = rehearsed(batch);
        bytes32 before = fingerprint();
        vm.recordLogs();
        // From nothing to somewhat more than the calls may need.
        gas_ = large ? 150_000 + gas_ % 500_000 : gas_ % (batch.length * 700_000);
        try ledger.submit{gas: gas_}(batch) returns (uint256 recorded_) {
            ++fed;
            bytes32[] memory outcomes = enterAll(batch, recorded_);
            if (keccak256(abi.encode(outcomes)) != keccak256(abi.encode(expected)) || fingerprint() != state) {
                note(Rule.Starved, "little gas changed an outcome");
            }
        } catch {
            ++starved;
            if (fingerprint() != before) note(Rule.Starved, "a call that failed left something");
        }
    }

    // ------------------------------------------------------------------------------------------------ batches

    /// @dev A transformation into eight lots of a gram, which takes more gas than most.
    function draftLarge() private returns (Draft memory) {
        (bytes32 lot, uint64 party) = anyHolding();
        IProduceLedger.Transformation memory a;
        (a.packer, a.inputs) = (party, lines(lot, 8));
        a.outputs = new IProduceLedger.Output[](8);
        for (uint256 i = 0; i < 8; ++i) {
            a.outputs[i] = IProduceLedger.Output(party == PACKER ? BOX : BULK, fresh(), 1);
        }
        (a.contentHash, a.deadline) = (content(), soon());
        return Draft(IProduceLedger.Kind.Transformation, party, 0, abi.encode(a), a.hash());
    }

    function someEntries(uint256 count) private returns (IEntryRelay.Entry[] memory batch) {
        batch = new IEntryRelay.Entry[](count);
        for (uint256 i = 0; i < count; ++i) {
            batch[i] = archive.length > 0 && one(4) ? old() : sealedUp(anyDraft());
            keep(batch[i]);
        }
    }

    /// @dev How the batch comes out, without its coming to pass.
    function rehearsed(IEntryRelay.Entry[] memory batch) private returns (bytes32[] memory outcomes, bytes32 state) {
        uint256 snapshot = vm.snapshotState();
        outcomes = submit(batch);
        state = fingerprint();
        vm.revertToStateAndDelete(snapshot);
    }

    /// @dev @return places Where the good ones are.
    function withGarbage(IEntryRelay.Entry[] memory good)
        private
        returns (IEntryRelay.Entry[] memory mixed, uint256[] memory places)
    {
        uint256 bad = 1 + roll(3);
        mixed = new IEntryRelay.Entry[](good.length + bad);
        places = new uint256[](good.length);
        uint256 next = 0;
        for (uint256 i = 0; i < mixed.length; ++i) {
            if (roll(mixed.length - i) < good.length - next) {
                places[next] = i;
                mixed[i] = good[next++];
            } else {
                mixed[i] = garbage();
            }
        }
    }

    /// @dev An entry that is refused whatever the ledger holds.
    function garbage() private returns (IEntryRelay.Entry memory entry) {
        Draft memory d = anyDraft();
        if (d.party == 0) d = draftStatement(anyParty());
        entry = sealedUp(d);
        uint256 way = roll(40);
        if (way == 0) {
            // Burns all the gas that it is given.
            entry.kind = uint8(IProduceLedger.Kind.Transformation);
            entry.payload = Malformed.aliasedOutputs(60, 400);
        } else if (way == 1) {
            entry.payload = new bytes(24_577);
        } else if (way < 8) {
            entry.kind = uint8(21 + roll(235));
        } else if (way < 14) {
            entry.payload = cut(entry.payload, roll(entry.payload.length / 2));
        } else if (way < 20) {
            entry.signature = cut(entry.signature, roll(64));
        } else if (way < 24) {
            entry.signature = new bytes(417 + roll(64));
        } else if (way < 28) {
            entry.keyId = content();
        } else if (way < 32) {
            entry.payload = abi.encodePacked(content(), content(), content());
        } else if (way < 36) {
            entry = sealedBy(d, 0x6A5BA6E, 0x6A5BA6E); // another's key
        } else {
            // Another struct than the one that was signed: its last word is the deadline, or part of a list.
            d.structHash = content();
            entry = sealedUp(d);
        }
    }

    function cut(bytes memory whole, uint256 length) private pure returns (bytes memory piece) {
        piece = new bytes(length);
        for (uint256 i = 0; i < length; ++i) piece[i] = whole[i];
    }
}
