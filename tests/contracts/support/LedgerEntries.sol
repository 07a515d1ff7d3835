// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../../contracts/interfaces/IEntryRelay.sol";
import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../../contracts/libraries/ActionHashes.sol";
import {Fixture} from "./Fixture.sol";

/// @title Makers of the entries of the linked libraries, those of two signatures among them
abstract contract LedgerEntries is Fixture {
    using ActionHashes for *;

    // ------------------------------------------------------------------------------------------------ entries

    /// @dev Signed by both over one digest; `keyId` is the first party's.
    function cosignedEntry(
        IProduceLedger.Kind kind,
        uint64 party,
        uint64 coParty,
        bytes memory payload,
        bytes32 structHash
    ) internal view returns (IEntryRelay.Entry memory) {
        bytes32 digest = ledgerDigest(structHash);
        bytes memory signatures =
            abi.encode(signed(secretOf(party), digest), keyOf(coParty), signed(secretOf(coParty), digest));
        return IEntryRelay.Entry(uint8(kind), keyOf(party), payload, signatures);
    }

    function partialReceiptEntry(IProduceLedger.PartialReceipt memory action, IProduceLedger.Line[] memory open)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return entryOf(
            IProduceLedger.Kind.PartialReceipt, action.receiver, abi.encode(action, open), action.hash()
        );
    }

    /// @dev By both sides, or by one where `counterparty` is 0.
    function settlementEntry(IProduceLedger.Settlement memory action, IProduceLedger.Line[] memory missing)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        bytes memory payload = abi.encode(action, missing);
        IProduceLedger.Kind kind = IProduceLedger.Kind.Settlement;
        if (action.counterparty == 0) return entryOf(kind, action.party, payload, action.hash());
        return cosignedEntry(kind, action.party, action.counterparty, payload, action.hash());
    }

    function noticeEntry(IProduceLedger.Notice memory action) internal view returns (IEntryRelay.Entry memory) {
        return entryOf(IProduceLedger.Kind.Notice, action.party, abi.encode(action), action.hash());
    }

    /// @dev By both sides, or by the shipper alone where `receiver` is 0.
    function voidEntry(IProduceLedger.Void memory action, IProduceLedger.Line[] memory open)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        bytes memory payload = abi.encode(action, open);
        IProduceLedger.Kind kind = IProduceLedger.Kind.Void;
        if (action.receiver == 0) return entryOf(kind, action.shipper, payload, action.hash());
        return cosignedEntry(kind, action.shipper, action.receiver, payload, action.hash());
    }

    function birthAmendmentEntry(IProduceLedger.BirthAmendment memory action)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return entryOf(IProduceLedger.Kind.BirthAmendment, action.party, abi.encode(action), action.hash());
    }

    /// @dev `before`: what is replaced.
    function transformationAmendmentEntry(
        IProduceLedger.TransformationAmendment memory action,
        IProduceLedger.Line[] memory inputsBefore,
        IProduceLedger.Output[] memory outputsBefore
    ) internal view returns (IEntryRelay.Entry memory) {
        return entryOf(
            IProduceLedger.Kind.TransformationAmendment,
            action.packer,
            abi.encode(action, inputsBefore, outputsBefore),
            hashOf(action)
        );
    }

    function pledgeEntry(IProduceLedger.Pledge memory action) internal view returns (IEntryRelay.Entry memory) {
        return cosignedEntry(
            IProduceLedger.Kind.Pledge, action.holder, action.lender, abi.encode(action), action.hash()
        );
    }

    function pledgeReleaseEntry(IProduceLedger.PledgeRelease memory action)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return entryOf(IProduceLedger.Kind.PledgeRelease, action.lender, abi.encode(action), action.hash());
    }

    /// @dev Nobody signs it.
    function propagationEntry(bytes32 lot, IProduceLedger.Line[] memory inputs, bytes32 outputsHash)
        internal
        pure
        returns (IEntryRelay.Entry memory)
    {
        return IEntryRelay.Entry(
            uint8(IProduceLedger.Kind.Propagation), 0, abi.encode(lot, inputs, outputsHash), ""
        );
    }

    /// @dev Expects that the entry stands, and with which event.
    function recordedAs(
        IEntryRelay.Entry memory entry,
        IProduceLedger.Kind kind,
        uint64 party,
        bytes32 structHash
    ) internal {
        vm.expectEmit(address(ledger));
        emit IProduceLedger.EntryRecorded(CONTENT, party, kind, entry.keyId, ledgerDigest(structHash));
        recorded(entry);
    }

    // ------------------------------------------------------------------------------------------------ actions

    function partialReceipt(
        bytes32 consignment,
        IProduceLedger.Line[] memory open,
        IProduceLedger.ReceiptLine[] memory list,
        string memory returnRef
    ) internal pure returns (IProduceLedger.PartialReceipt memory) {
        return IProduceLedger.PartialReceipt(
            PACKER, consignment, open.hash(), list, returnRef, CONTENT, DEADLINE
        );
    }

    function settlement(
        uint64 party,
        uint64 counterparty,
        bytes32 consignment,
        IProduceLedger.Line[] memory missing,
        IProduceLedger.SettledLine[] memory list
    ) internal pure returns (IProduceLedger.Settlement memory) {
        return IProduceLedger.Settlement(
            party, counterparty, consignment, missing.hash(), list, CONTENT, DEADLINE
        );
    }

    function notice(uint64 party, bytes32 consignment) internal pure returns (IProduceLedger.Notice memory) {
        return IProduceLedger.Notice(party, consignment, CONTENT, DEADLINE);
    }

    function voiding(uint64 shipper, uint64 receiver, bytes32 consignment, IProduceLedger.Line[] memory open)
        internal
        pure
        returns (IProduceLedger.Void memory)
    {
        return IProduceLedger.Void(shipper, receiver, consignment, open.hash(), CONTENT, DEADLINE);
    }

    function hashOf(IProduceLedger.TransformationAmendment memory action) internal pure returns (bytes32) {
        return action.hash(action.inputs.hash(), action.outputs.hash());
    }

    function originOf(IProduceLedger.Line[] memory inputs, IProduceLedger.Output[] memory made)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(inputs.hash(), made.hash()));
    }

    // ------------------------------------------------------------------------------------------------ lines

    function received(bytes32 lot, uint64 accepted, uint64 refusedGrams, uint64 toCome)
        internal
        pure
        returns (IProduceLedger.ReceiptLine[] memory list)
    {
        list = new IProduceLedger.ReceiptLine[](1);
        list[0] = IProduceLedger.ReceiptLine(lot, accepted, refusedGrams, toCome);
    }

    /// @dev Two lines, put in order.
    function both(IProduceLedger.ReceiptLine memory a, IProduceLedger.ReceiptLine memory b)
        internal
        pure
        returns (IProduceLedger.ReceiptLine[] memory list)
    {
        list = new IProduceLedger.ReceiptLine[](2);
        (list[0], list[1]) = a.lot < b.lot ? (a, b) : (b, a);
    }

    function settled(bytes32 lot, uint64 loss, uint64 weightLoss, uint64 returned, uint64 credited)
        internal
        pure
        returns (IProduceLedger.SettledLine[] memory list)
    {
        list = new IProduceLedger.SettledLine[](1);
        list[0] = IProduceLedger.SettledLine(lot, loss, weightLoss, returned, credited);
    }

    function output(uint64 product, string memory code, uint64 grams)
        internal
        pure
        returns (IProduceLedger.Output[] memory list)
    {
        list = new IProduceLedger.Output[](1);
        list[0] = IProduceLedger.Output(product, code, grams);
    }

    // ------------------------------------------------------------------------------------------------ questions

    function requireState(bytes32 consignment, IProduceLedger.ConsignmentState state) internal view {
        vm.assertEq(uint256(consignmentRecord(consignment).state), uint256(state), "the consignment's state");
    }

    function requireOpen(bytes32 consignment, IProduceLedger.Line[] memory open) internal view {
        bytes32 kept = bytes32(consignmentRecord(consignment).manifestHash);
        vm.assertEq(kept, bytes32(bytes24(open.hash())), "the open lines");
    }

    function yieldOf(bytes32 plot, uint16 season) internal view returns (IProduceLedger.YieldRecord memory) {
        bytes32[] memory plots = new bytes32[](1);
        uint16[] memory seasons = new uint16[](1);
        (plots[0], seasons[0]) = (plot, season);
        return ledger.yieldsOf(plots, seasons)[0];
    }

    function plotOf(bytes32 plot) internal view returns (IProduceLedger.PlotRecord memory) {
        bytes32[] memory plots = new bytes32[](1);
        plots[0] = plot;
        return ledger.plotsOf(plots)[0];
    }
}
