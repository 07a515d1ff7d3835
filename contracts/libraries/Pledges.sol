// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../interfaces/IEntryRelay.sol";
import {IProduceLedger} from "../interfaces/IProduceLedger.sol";
import {ActionHashes} from "./ActionHashes.sol";
import {Authority} from "./Authority.sol";
import {Custody} from "./Custody.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {Manifests} from "./Manifests.sol";
import {Packing} from "./Packing.sol";
import {Roles} from "./Roles.sol";

/**
 * @title Grams of a lot as security for a loan
 * @dev Linked to the ledger and working on its storage. Replay: the digest is used. Terms are of days; seconds of a
 * validator's choosing do not matter to them.
 */
library Pledges {
    using ActionHashes for *;
    using Custody for LedgerStorage.Layout;
    using Packing for *;

    /// @dev As many pledges stand at a time on what one party holds of a lot, so that asking for them stays cheap.
    uint256 internal constant MAX_PLEDGES = 4;
    uint256 internal constant LONGEST_TERM = 730 days;

    /// @dev `IProduceLedger.Pledge`.
    function pledge(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IEntryRelay.Entry calldata entry
    ) external {
        IProduceLedger.Pledge memory action = abi.decode(entry.payload, (IProduceLedger.Pledge));
        (bytes32 digest, uint32 holder, uint32 lender) = Authority.authoriseBoth(
            context, entry, action.holder, action.lender, Roles.LENDER, action.hash(), action.deadline
        );
        Authority.useOnce(s, digest);
        if (holder == lender) revert IProduceLedger.SelfPledge(action.holder);
        Packing.Lot memory lot = s.known(action.lot);
        if (action.grams == 0) revert IProduceLedger.ZeroGrams(action.lot);
        Manifests.requireNotRecalled(s, context, lot, action.lot);
        // slither-disable-next-line timestamp
        if (action.until <= block.timestamp || action.until > block.timestamp + LONGEST_TERM) {
            revert IProduceLedger.InvalidTerm(action.until, block.timestamp);
        }
        _requireFree(s, lot, action, holder);
        _keep(s, action, holder, lender);
        if (!lot.pledged) {
            // Never unset: it only says whether to look for pledges at all.
            lot.pledged = true;
            s.lots[action.lot] = lot.pack();
        }
        emit IProduceLedger.EntryRecorded(
            action.contentHash, action.holder, IProduceLedger.Kind.Pledge, entry.keyId, digest
        );
    }

    /// @dev `IProduceLedger.PledgeRelease`.
    function releasePledge(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IEntryRelay.Entry calldata entry
    ) external {
        IProduceLedger.PledgeRelease memory action = abi.decode(entry.payload, (IProduceLedger.PledgeRelease));
        // Any role will do.
        // slither-disable-next-line unused-return
        (bytes32 digest, uint32 lender,) =
            Authority.authorise(context, entry, action.lender, 0, action.hash(), action.deadline);
        Authority.useOnce(s, digest);
        // A holder that is suspended now may have its pledge released.
        // slither-disable-next-line unused-return
        (uint32 holder,) = Authority.indexOf(context, action.holder);
        LedgerStorage.Pledge[] storage pledges = s.pledges[action.lot][holder];
        bool found = false;
        for (uint256 i = 0; i < pledges.length; ++i) {
            // slither-disable-next-line timestamp
            if (pledges[i].lender == lender && pledges[i].until > block.timestamp) {
                found = true;
                delete pledges[i];
            }
        }
        if (!found) revert IProduceLedger.NoPledge(action.lot, action.holder, action.lender);
        emit IProduceLedger.EntryRecorded(
            action.contentHash, action.lender, IProduceLedger.Kind.PledgeRelease, entry.keyId, digest
        );
    }

    /// @dev The holder has that many grams, pledged to nobody.
    function _requireFree(
        LedgerStorage.Layout storage s,
        Packing.Lot memory lot,
        IProduceLedger.Pledge memory action,
        uint32 holder
    ) private view {
        uint64 held = s.heldBy(lot, action.lot, holder);
        if (held < action.grams) {
            revert IProduceLedger.NotEnoughHeld(action.lot, action.holder, held, action.grams);
        }
        uint64 pledged = s.pledgedOf(action.lot, holder);
        if (held - pledged < action.grams) {
            revert IProduceLedger.PledgedGrams(action.lot, action.holder, held, pledged, action.grams);
        }
    }

    /// @dev In the place of a pledge that ended or was released, else in a new one.
    function _keep(
        LedgerStorage.Layout storage s,
        IProduceLedger.Pledge memory action,
        uint32 holder,
        uint32 lender
    ) private {
        LedgerStorage.Pledge[] storage pledges = s.pledges[action.lot][holder];
        LedgerStorage.Pledge memory kept = LedgerStorage.Pledge(lender, action.grams, uint40(action.until));
        for (uint256 i = 0; i < pledges.length; ++i) {
            // slither-disable-next-line timestamp
            if (pledges[i].until <= block.timestamp) {
                pledges[i] = kept;
                return;
            }
        }
        if (pledges.length == MAX_PLEDGES) revert IProduceLedger.TooManyPledges(action.lot, action.holder);
        pledges.push(kept);
    }
}
