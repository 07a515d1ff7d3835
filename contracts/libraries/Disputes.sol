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

/**
 * @title Consignments that do not arrive whole: partial receipts, settlements, notices, voids
 * @dev Linked to the ledger and working on its storage. What is open of a consignment only ever gets less, so that a receipt,
 * a settlement or a void cannot be replayed; a notice is used once.
 */
library Disputes {
    using ActionHashes for *;
    using Custody for LedgerStorage.Layout;
    using Packing for *;

    /// @dev How long a public notice takes before one side may act alone.
    uint256 internal constant NOTICE_PERIOD = 72 hours;

    /// @dev What can become of the grams of a line, apart from being accepted.
    enum Part {
        Refused,
        ToCome,
        Missing
    }

    /// @dev `IProduceLedger.PartialReceipt`.
    function receivePartly(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IEntryRelay.Entry calldata entry
    ) external {
        (IProduceLedger.PartialReceipt memory action, IProduceLedger.Line[] memory open) =
            abi.decode(entry.payload, (IProduceLedger.PartialReceipt, IProduceLedger.Line[]));
        // Any role will do.
        // slither-disable-next-line unused-return
        (bytes32 digest, uint32 receiver,) =
            Authority.authorise(context, entry, action.receiver, 0, action.hash(), action.deadline);
        Packing.Consignment memory consignment = s.consignments[action.consignment].toConsignment();
        Manifests.requireUnderWay(action.consignment, consignment);
        if (consignment.receiver != receiver) {
            revert IProduceLedger.NotTheReceiver(
                action.receiver, Authority.partyAt(context, consignment.receiver)
            );
        }
        Manifests.requireShown(consignment.manifestHash, action.manifestHash, open);
        Manifests.requireSameLots(Manifests.lotsOf(open), _lotsOf(action.lines));
        IProduceLedger.Line[] memory toCome = _part(action.lines, open, Part.ToCome);
        bool arrived = _requireAccounted(action.lines, open, toCome.length != 0);
        if (toCome.length != 0 && !arrived) revert IProduceLedger.NothingReceived(action.consignment);

        _openReturn(s, action, consignment, _part(action.lines, open, Part.Refused));
        _close(s, action.consignment, consignment, toCome, _part(action.lines, open, Part.Missing));
        for (uint256 i = 0; i < open.length; ++i) {
            _credit(s, open[i].lot, 0, 0, receiver, action.lines[i].accepted);
        }
        emit IProduceLedger.EntryRecorded(
            action.contentHash, action.receiver, IProduceLedger.Kind.PartialReceipt, entry.keyId, digest
        );
    }

    /// @dev `IProduceLedger.Settlement`.
    function settle(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IEntryRelay.Entry calldata entry
    ) external {
        (IProduceLedger.Settlement memory action, IProduceLedger.Line[] memory missing) =
            abi.decode(entry.payload, (IProduceLedger.Settlement, IProduceLedger.Line[]));
        (bytes32 digest, uint32 party, uint32 counterparty) = _authoriseSides(
            context, entry, action.party, action.counterparty, action.hash(), action.deadline
        );
        Packing.Consignment memory consignment = s.consignments[action.consignment].toConsignment();
        if (
            consignment.state != IProduceLedger.ConsignmentState.Variance
                && consignment.state != IProduceLedger.ConsignmentState.WriteOffAnnounced
        ) revert IProduceLedger.NoVariance(action.consignment, consignment.state);
        if (party != consignment.shipper && party != consignment.receiver) {
            revert IProduceLedger.NotASide(action.consignment, action.party);
        }
        if (action.counterparty == 0) {
            _requireNoticeOver(s, context, action.consignment);
        } else if (counterparty != (party == consignment.shipper ? consignment.receiver : consignment.shipper)) {
            revert IProduceLedger.NotASide(action.consignment, action.counterparty);
        }
        Manifests.requireShown(consignment.manifestHash, action.manifestHash, missing);
        Manifests.requireSameLots(Manifests.lotsOf(missing), _lotsOf(action.lines));
        _requireSettled(action, missing);

        consignment.state = IProduceLedger.ConsignmentState.Settled;
        s.consignments[action.consignment] = consignment.pack();
        for (uint256 i = 0; i < missing.length; ++i) {
            IProduceLedger.SettledLine memory line = action.lines[i];
            _credit(s, line.lot, consignment.shipper, line.returned, consignment.receiver, line.received);
        }
        emit IProduceLedger.EntryRecorded(
            action.contentHash, action.party, IProduceLedger.Kind.Settlement, entry.keyId, digest
        );
    }

    /**
     * @dev `IProduceLedger.Notice`. Used once: the same signature must not announce a void, and then a write-off of
     * what is missing from the receipt that came meanwhile.
     */
    function announce(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IEntryRelay.Entry calldata entry
    ) external {
        IProduceLedger.Notice memory action = abi.decode(entry.payload, (IProduceLedger.Notice));
        // Any role will do.
        // slither-disable-next-line unused-return
        (bytes32 digest, uint32 party,) =
            Authority.authorise(context, entry, action.party, 0, action.hash(), action.deadline);
        Authority.useOnce(s, digest);
        Packing.Consignment memory consignment = s.consignments[action.consignment].toConsignment();
        bool ships = party == consignment.shipper;
        if (consignment.state == IProduceLedger.ConsignmentState.InTransit && ships) {
            consignment.state = IProduceLedger.ConsignmentState.VoidAnnounced;
        } else if (
            consignment.state == IProduceLedger.ConsignmentState.Variance
                && (ships || party == consignment.receiver)
        ) {
            consignment.state = IProduceLedger.ConsignmentState.WriteOffAnnounced;
        } else {
            revert IProduceLedger.NoticeNotPossible(action.consignment, consignment.state, action.party);
        }
        s.consignments[action.consignment] = consignment.pack();
        s.noticeAt[action.consignment] = block.timestamp;
        emit IProduceLedger.EntryRecorded(
            action.contentHash, action.party, IProduceLedger.Kind.Notice, entry.keyId, digest
        );
    }

    /// @dev `IProduceLedger.Void`.
    function voidShipment(
        LedgerStorage.Layout storage s,
        Authority.Context memory context,
        IEntryRelay.Entry calldata entry
    ) external {
        (IProduceLedger.Void memory action, IProduceLedger.Line[] memory open) =
            abi.decode(entry.payload, (IProduceLedger.Void, IProduceLedger.Line[]));
        (bytes32 digest, uint32 shipper, uint32 receiver) = _authoriseSides(
            context, entry, action.shipper, action.receiver, action.hash(), action.deadline
        );
        Packing.Consignment memory consignment = s.consignments[action.consignment].toConsignment();
        Manifests.requireUnderWay(action.consignment, consignment);
        if (shipper != consignment.shipper) revert IProduceLedger.NotASide(action.consignment, action.shipper);
        if (action.receiver == 0) {
            _requireNoticeOver(s, context, action.consignment);
        } else if (receiver != consignment.receiver) {
            revert IProduceLedger.NotASide(action.consignment, action.receiver);
        }
        Manifests.requireShown(consignment.manifestHash, action.manifestHash, open);

        consignment.state = IProduceLedger.ConsignmentState.Voided;
        s.consignments[action.consignment] = consignment.pack();
        for (uint256 i = 0; i < open.length; ++i) s.give(open[i].lot, open[i].grams, shipper);
        emit IProduceLedger.EntryRecorded(
            action.contentHash, action.shipper, IProduceLedger.Kind.Void, entry.keyId, digest
        );
    }

    // ------------------------------------------------------------------------------------------------ rules

    /// @dev One side signs, or both; `coParty` 0: one.
    function _authoriseSides(
        Authority.Context memory context,
        IEntryRelay.Entry calldata entry,
        uint64 party,
        uint64 coParty,
        bytes32 structHash,
        uint64 deadline
    ) private view returns (bytes32 digest, uint32 index, uint32 coIndex) {
        if (coParty != 0) return Authority.authoriseBoth(context, entry, party, coParty, 0, structHash, deadline);
        // Any role will do.
        // slither-disable-next-line unused-return
        (digest, index,) = Authority.authorise(context, entry, party, 0, structHash, deadline);
    }

    /// @dev `noticeAt` is 0 unless a notice stands. The period begins again after a pause, in which nobody could answer.
    function _requireNoticeOver(LedgerStorage.Layout storage s, Authority.Context memory context, bytes32 consignment)
        private
        view
    {
        uint256 from = s.noticeAt[consignment];
        if (from != 0) {
            uint256 unpausedAt = context.registry.unpausedAt();
            from = (unpausedAt > from ? unpausedAt : from) + NOTICE_PERIOD;
        }
        // Seconds of a validator's choosing do not matter to days.
        // slither-disable-next-line timestamp
        if (from == 0 || block.timestamp < from) revert IProduceLedger.NoticeNotOver(consignment, from);
    }

    /// @dev At most what was under way is accounted for, and all of it while some is to come. Whether anything arrived.
    function _requireAccounted(
        IProduceLedger.ReceiptLine[] memory lines,
        IProduceLedger.Line[] memory open,
        bool moreToCome
    ) private pure returns (bool arrived) {
        for (uint256 i = 0; i < lines.length; ++i) {
            IProduceLedger.ReceiptLine memory line = lines[i];
            uint256 stated = uint256(line.accepted) + line.refused + line.toCome;
            if (stated > open[i].grams || (moreToCome && stated != open[i].grams)) {
                revert IProduceLedger.LineUnbalanced(line.lot, open[i].grams, stated);
            }
            if (line.accepted != 0 || line.refused != 0) arrived = true;
        }
    }

    /// @dev Exactly what is missing is accounted for; by one side alone, as loss.
    function _requireSettled(IProduceLedger.Settlement memory action, IProduceLedger.Line[] memory missing)
        private
        pure
    {
        for (uint256 i = 0; i < missing.length; ++i) {
            IProduceLedger.SettledLine memory line = action.lines[i];
            uint256 stated = uint256(line.loss) + line.weightLoss + line.returned + line.received;
            if (stated != missing[i].grams) {
                revert IProduceLedger.LineUnbalanced(line.lot, missing[i].grams, stated);
            }
            if (action.counterparty == 0 && line.loss != stated) revert IProduceLedger.OnlyLoss(line.lot);
        }
    }

    // ------------------------------------------------------------------------------------------------ effects

    /// @dev What is refused is under way back, as a consignment of the receiver's.
    function _openReturn(
        LedgerStorage.Layout storage s,
        IProduceLedger.PartialReceipt memory action,
        Packing.Consignment memory consignment,
        IProduceLedger.Line[] memory refused
    ) private {
        uint256 grams = 0;
        for (uint256 i = 0; i < refused.length; ++i) grams += refused[i].grams;
        if ((grams == 0) != (bytes(action.returnRef).length == 0)) {
            revert IProduceLedger.ReturnReference(grams, action.returnRef);
        }
        if (grams == 0) return;
        bytes32 id = keccak256(abi.encode(action.receiver, keccak256(bytes(action.returnRef))));
        if (s.consignments[id] != 0) revert IProduceLedger.ConsignmentUsed(id);
        bytes32 manifestHash = refused.hash();
        s.consignments[id] = Packing.Consignment({
            shipper: consignment.receiver,
            receiver: consignment.shipper,
            state: IProduceLedger.ConsignmentState.InTransit,
            manifestHash: bytes24(manifestHash)
        }).pack();
        emit IProduceLedger.ReturnOpened(action.consignment, id, manifestHash);
    }

    /// @dev Where a consignment stands after a receipt. A notice that it would be voided is none that it will be written off.
    function _close(
        LedgerStorage.Layout storage s,
        bytes32 id,
        Packing.Consignment memory consignment,
        IProduceLedger.Line[] memory toCome,
        IProduceLedger.Line[] memory missing
    ) private {
        if (toCome.length != 0) {
            consignment.manifestHash = bytes24(toCome.hash());
        } else if (missing.length != 0) {
            if (consignment.state == IProduceLedger.ConsignmentState.VoidAnnounced) delete s.noticeAt[id];
            consignment.state = IProduceLedger.ConsignmentState.Variance;
            consignment.manifestHash = bytes24(missing.hash());
        } else {
            consignment.state = IProduceLedger.ConsignmentState.Received;
        }
        s.consignments[id] = consignment.pack();
    }

    /// @dev Gives grams that nobody holds to two parties, and counts the entry, also where both get none.
    function _credit(
        LedgerStorage.Layout storage s,
        bytes32 id,
        uint32 shipper,
        uint64 returned,
        uint32 receiver,
        uint64 received
    ) private {
        Packing.Lot memory lot = s.lots[id].toLot();
        if (returned != 0) s.giveTo(lot, id, shipper, returned);
        if (received != 0) s.giveTo(lot, id, receiver, received);
        ++lot.entries;
        s.lots[id] = lot.pack();
    }

    // ------------------------------------------------------------------------------------------------ lines

    /// @dev The lines of one part that have grams. For `Missing`, none may state more than what was open.
    function _part(IProduceLedger.ReceiptLine[] memory lines, IProduceLedger.Line[] memory open, Part part)
        private
        pure
        returns (IProduceLedger.Line[] memory list)
    {
        uint256 count = 0;
        for (uint256 i = 0; i < lines.length; ++i) if (_gramsOf(lines[i], open[i], part) != 0) ++count;
        list = new IProduceLedger.Line[](count);
        if (count == 0) return list;
        count = 0;
        for (uint256 i = 0; i < lines.length; ++i) {
            uint64 grams = _gramsOf(lines[i], open[i], part);
            if (grams != 0) list[count++] = IProduceLedger.Line(lines[i].lot, grams);
        }
    }

    function _gramsOf(IProduceLedger.ReceiptLine memory line, IProduceLedger.Line memory open, Part part)
        private
        pure
        returns (uint64)
    {
        if (part == Part.Refused) return line.refused;
        if (part == Part.ToCome) return line.toCome;
        return open.grams - line.accepted - line.refused - line.toCome;
    }

    function _lotsOf(IProduceLedger.ReceiptLine[] memory lines) private pure returns (bytes32[] memory lots) {
        lots = new bytes32[](lines.length);
        for (uint256 i = 0; i < lots.length; ++i) lots[i] = lines[i].lot;
    }

    function _lotsOf(IProduceLedger.SettledLine[] memory lines) private pure returns (bytes32[] memory lots) {
        lots = new bytes32[](lines.length);
        for (uint256 i = 0; i < lots.length; ++i) lots[i] = lines[i].lot;
    }
}
