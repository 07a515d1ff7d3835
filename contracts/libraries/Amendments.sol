// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../interfaces/IProduceLedger.sol";
import {ActionHashes} from "./ActionHashes.sol";
import {Authority} from "./Authority.sol";
import {Custody} from "./Custody.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {LotCodes} from "./LotCodes.sol";
import {Manifests} from "./Manifests.sol";
import {Packing} from "./Packing.sol";
import {Roles} from "./Roles.sol";

/**
 * @title How the grams of a birth or of a transformation are corrected
 * @dev Linked to the ledger and working on its storage. Of a lot that never moved its issuer holds all, in the lot's own
 * slot, and no other lot was made from it. Replay: the digest is used.
 */
library Amendments {
    using ActionHashes for *;
    using Custody for LedgerStorage.Layout;
    using Packing for *;

    /// @dev `IProduceLedger.BirthAmendment`.
    function amendBirth(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IEntryRelay.Entry calldata entry
    ) external {
        IProduceLedger.BirthAmendment memory action = abi.decode(entry.payload, (IProduceLedger.BirthAmendment));
        (bytes32 digest, uint32 party, uint16 roles) =
            Authority.authorise(context, entry, action.party, 0, action.hash(), action.deadline);
        Authority.useOnce(s, digest);
        Packing.Lot memory lot = s.known(action.lot);
        _requireIssuer(context, lot, action.lot, action.party, party);
        if (s.origins[action.lot] != 0) revert IProduceLedger.WrongAmendment(action.lot);
        _requireAtRest(s, context, lot, action.lot);
        if (lot.grams != action.was) revert IProduceLedger.WrongAmount(action.lot, lot.grams, action.was);
        if (action.grams > action.was) _requireBirthRole(lot, action.party, roles);
        _requirePossible(s, lot, action.lot, action.party, action.grams);
        if (lot.harvested && lot.origin != 0) _countAnew(s, lot.origin, action);
        _weighAnew(s, lot, action.lot, action.grams);
        emit IProduceLedger.EntryRecorded(
            action.contentHash, action.party, IProduceLedger.Kind.BirthAmendment, entry.keyId, digest
        );
    }

    /// @dev `IProduceLedger.TransformationAmendment`.
    function amendTransformation(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IEntryRelay.Entry calldata entry
    ) external {
        (
            IProduceLedger.TransformationAmendment memory action,
            IProduceLedger.Line[] memory inputs,
            IProduceLedger.Output[] memory outputs
        ) = abi.decode(
            entry.payload, (IProduceLedger.TransformationAmendment, IProduceLedger.Line[], IProduceLedger.Output[])
        );
        (bytes32 digest, uint32 packer, bytes32 origin) = _authorise(context, entry, action);
        Authority.useOnce(s, digest);
        bytes32[] memory made = _requireAmendable(s, context, action, packer, _originOf(inputs, outputs));
        Manifests.requireSameLots(Manifests.lotsOf(inputs), Manifests.lotsOf(action.inputs));
        Manifests.requireSameLots(_lotsOf(outputs), made);
        uint256 gramsIn = _takeAnew(s, context, action, packer, inputs);
        _makeAnew(s, action, made, gramsIn, origin);
        emit IProduceLedger.EntryRecorded(
            action.contentHash,
            action.packer,
            IProduceLedger.Kind.TransformationAmendment,
            entry.keyId,
            digest
        );
    }

    // ------------------------------------------------------------------------------------------------ rules

    /// @dev Who signed, and the hash of the new lists.
    function _authorise(
        Authority.Context memory context,
        IEntryRelay.Entry calldata entry,
        IProduceLedger.TransformationAmendment memory action
    ) private view returns (bytes32 digest, uint32 packer, bytes32 origin) {
        (bytes32 inputsHash, bytes32 outputsHash) = (action.inputs.hash(), action.outputs.hash());
        origin = keccak256(abi.encode(inputsHash, outputsHash));
        // Any role will do.
        // slither-disable-next-line unused-return
        (digest, packer,) = Authority.authorise(
            context, entry, action.packer, 0, action.hash(inputsHash, outputsHash), action.deadline
        );
    }

    /// @dev What is shown made every output, which is the packer's and at rest. @return made The outputs' lots.
    function _requireAmendable(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IProduceLedger.TransformationAmendment memory action,
        uint32 packer,
        bytes32 shown
    ) private view returns (bytes32[] memory made) {
        if (action.outputs.length == 0) revert IProduceLedger.NothingListed();
        made = _lotsOf(action.outputs);
        if (shown != action.originHash) revert IProduceLedger.WrongOrigin(made[0], action.originHash, shown);
        for (uint256 i = 0; i < made.length; ++i) {
            Packing.Lot memory lot = s.known(made[i]);
            _requireIssuer(context, lot, made[i], action.packer, packer);
            bytes32 origin = s.origins[made[i]];
            if (origin != action.originHash) {
                revert IProduceLedger.WrongOrigin(made[i], origin, action.originHash);
            }
            _requireAtRest(s, context, lot, made[i]);
        }
    }

    function _requireIssuer(
        Authority.Context memory context,
        Packing.Lot memory lot,
        bytes32 id,
        uint64 party,
        uint32 index
    ) private view {
        if (lot.issuer != index) {
            revert IProduceLedger.NotTheIssuer(id, Authority.partyAt(context, lot.issuer), party);
        }
    }

    /// @dev More grams are a birth: who may bring none into being any more only lessens what it made.
    function _requireBirthRole(Packing.Lot memory lot, uint64 party, uint16 roles) private pure {
        bool certified = lot.harvested && lot.origin != 0;
        uint16 enough = certified ? Roles.PRODUCER : Roles.PRODUCER | Roles.PACKER | Roles.BUYER;
        if (roles & enough == 0) revert IPartyRegistry.RoleMissing(party, roles, enough);
    }

    function _requireAtRest(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        Packing.Lot memory lot,
        bytes32 id
    ) private view {
        Manifests.requireNotRecalled(s, context, lot, id);
        if (lot.moved) revert IProduceLedger.LotMoved(id);
    }

    /// @dev A lot's limit, and what its issuer pledged of it.
    function _requirePossible(
        LedgerStorage.Layout storage s,
        Packing.Lot memory lot,
        bytes32 id,
        uint64 party,
        uint64 grams
    ) private view {
        if (grams > Packing.MAX_GRAMS) revert IProduceLedger.TooManyGrams(id, grams);
        if (!lot.pledged) return;
        uint64 pledged = s.pledgedOf(id, lot.issuer);
        if (pledged > grams) {
            revert IProduceLedger.PledgedGrams(id, party, lot.held, pledged, lot.grams - grams);
        }
    }

    // ------------------------------------------------------------------------------------------------ effects

    /// @dev The lot counts against the yield with its new grams in place of the old ones.
    function _countAnew(
        LedgerStorage.Layout storage s,
        uint64 number,
        IProduceLedger.BirthAmendment memory action
    ) private {
        LedgerStorage.Yield memory yield = s.yields[number];
        uint64 others = yield.harvested - action.was;
        if (uint256(others) + action.grams > yield.certified) {
            revert IProduceLedger.YieldExceeded(yield.certified, others, action.grams);
        }
        s.yields[number].harvested = others + action.grams;
    }

    /// @dev Gives back what went in too much and takes what went in too little. @return sum What went in, all in all.
    function _takeAnew(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IProduceLedger.TransformationAmendment memory action,
        uint32 packer,
        IProduceLedger.Line[] memory before
    ) private returns (uint256 sum) {
        for (uint256 i = 0; i < before.length; ++i) {
            Packing.Lot memory lot = s.known(before[i].lot);
            Manifests.requireNotRecalled(s, context, lot, before[i].lot);
            _exchange(s, lot, before[i], action.inputs[i].grams, action.packer, packer);
            sum += action.inputs[i].grams;
        }
    }

    function _exchange(
        LedgerStorage.Layout storage s,
        Packing.Lot memory lot,
        IProduceLedger.Line memory before,
        uint64 grams,
        uint64 party,
        uint32 packer
    ) private {
        if (grams < before.grams) s.giveTo(lot, before.lot, packer, before.grams - grams);
        else if (grams > before.grams) s.takeFrom(lot, before.lot, party, packer, grams - before.grams);
        ++lot.entries;
        s.lots[before.lot] = lot.pack();
    }

    /// @dev The outputs have their new grams and share what is certified of the inputs anew.
    function _makeAnew(
        LedgerStorage.Layout storage s,
        IProduceLedger.TransformationAmendment memory action,
        bytes32[] memory made,
        uint256 gramsIn,
        bytes32 origin
    ) private {
        uint256 gramsOut = 0;
        for (uint256 i = 0; i < made.length; ++i) {
            uint64 grams = action.outputs[i].grams;
            _requirePossible(s, s.lots[made[i]].toLot(), made[i], action.packer, grams);
            gramsOut += grams;
        }
        if (gramsOut > gramsIn) revert IProduceLedger.MoreOutThanIn(gramsIn, gramsOut);
        gramsOut += uint256(action.culls) + action.processLoss + action.remainder;
        if (gramsOut != gramsIn) revert IProduceLedger.Unbalanced(gramsIn, gramsOut);
        uint256 certifiedIn = s.certifiedIn(action.inputs);
        for (uint256 i = 0; i < made.length; ++i) {
            uint64 grams = action.outputs[i].grams;
            Packing.Lot memory lot = s.lots[made[i]].toLot();
            // At most the output's own grams, since no more is certified than went in.
            lot.origin = gramsIn == 0 ? 0 : uint64(certifiedIn * grams / gramsIn);
            _weighAnew(s, lot, made[i], grams);
            s.origins[made[i]] = origin;
        }
    }

    function _weighAnew(LedgerStorage.Layout storage s, Packing.Lot memory lot, bytes32 id, uint64 grams) private {
        (lot.grams, lot.held) = (grams, grams);
        ++lot.entries;
        s.lots[id] = lot.pack();
    }

    // ------------------------------------------------------------------------------------------------ lists

    function _originOf(IProduceLedger.Line[] memory inputs, IProduceLedger.Output[] memory outputs)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(inputs.hash(), outputs.hash()));
    }

    /// @dev The lots of the outputs; 0 for a lot code that none can have.
    function _lotsOf(IProduceLedger.Output[] memory outputs) private pure returns (bytes32[] memory lots) {
        lots = new bytes32[](outputs.length);
        for (uint256 i = 0; i < lots.length; ++i) {
            // An invalid code is a lot that is unknown.
            // slither-disable-next-line unused-return
            (, lots[i]) = LotCodes.tryLotId(outputs[i].product, outputs[i].lotCode);
        }
    }
}
