// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../../contracts/libraries/ActionHashes.sol";
import {Makers} from "./Makers.sol";

/// @title Drafts of the entries of the linked libraries, and of any kind
abstract contract RareMakers is Makers {
    using ActionHashes for *;

    uint256 private constant MOST_PLEDGES = 16;

    function draft(IProduceLedger.Kind kind) internal returns (Draft memory) {
        if (kind == IProduceLedger.Kind.Harvest) return draftHarvest();
        if (kind == IProduceLedger.Kind.Intake) return draftIntake();
        if (kind == IProduceLedger.Kind.Transformation) return draftTransformation();
        if (kind == IProduceLedger.Kind.Shipment) return draftShipment();
        if (kind == IProduceLedger.Kind.Receipt) return draftReceipt();
        if (kind == IProduceLedger.Kind.Sale || kind == IProduceLedger.Kind.Disposal) return draftDeparture(kind);
        if (kind == IProduceLedger.Kind.Recall) return draftRecall();
        if (kind == IProduceLedger.Kind.Release) return draftRelease();
        if (kind == IProduceLedger.Kind.PartialReceipt) return draftPartialReceipt();
        if (kind == IProduceLedger.Kind.Settlement) return draftSettlement();
        if (kind == IProduceLedger.Kind.Notice) return draftNotice();
        if (kind == IProduceLedger.Kind.Void) return draftVoid();
        if (kind == IProduceLedger.Kind.PlotRegistration) return draftPlot();
        if (kind == IProduceLedger.Kind.YieldCertificate) return draftYield();
        if (kind == IProduceLedger.Kind.BirthAmendment) return draftBirthAmendment();
        if (kind == IProduceLedger.Kind.TransformationAmendment) return draftTransformationAmendment();
        if (kind == IProduceLedger.Kind.Propagation) return draftPropagation();
        if (kind == IProduceLedger.Kind.Pledge) return draftPledge();
        if (kind == IProduceLedger.Kind.PledgeRelease) return draftPledgeRelease();
        return draftStatement(anyParty());
    }

    function anyDraft() internal returns (Draft memory) {
        return draft(IProduceLedger.Kind(roll(21)));
    }

    // ------------------------------------------------------------------------------------------------ disputes

    function draftPartialReceipt() private returns (Draft memory) {
        bytes32 id = liveConsignment(false);
        if (consignmentBooks[id].shipper == 0) return draftShipment();
        IProduceLedger.Line[] memory shown = openLines(id);
        IProduceLedger.PartialReceipt memory a;
        a.receiver = one(12) ? anyParty() : consignmentBooks[id].receiver;
        (a.consignment, a.manifestHash) = (id, shown.hash());
        a.lines = new IProduceLedger.ReceiptLine[](shown.length);
        (bool more, bool full) = (one(3), consignments.length >= MOST_CONSIGNMENTS);
        uint256 refusedGrams = 0;
        for (uint256 i = 0; i < shown.length; ++i) {
            a.lines[i] = split(shown[i], more, full);
            refusedGrams += a.lines[i].refused;
        }
        if ((refusedGrams != 0) != one(30)) a.returnRef = fresh();
        (a.contentHash, a.deadline) = (content(), soon());
        return Draft(IProduceLedger.Kind.PartialReceipt, a.receiver, 0, abi.encode(a, shown), a.hash());
    }

    /// @dev Grams of a line that were accepted, refused, and to come or missing; now and then a gram too much.
    function split(IProduceLedger.Line memory line, bool more, bool full)
        private
        returns (IProduceLedger.ReceiptLine memory part_)
    {
        uint64 left = line.grams;
        part_.lot = line.lot;
        part_.accepted = one(4) ? left : uint64(roll(left + 1));
        left -= part_.accepted;
        part_.refused = full || one(2) ? 0 : uint64(roll(left + 1));
        left -= part_.refused;
        if (more) part_.toCome = left;
        if (one(30)) part_.accepted += left + 1;
    }

    function draftSettlement() private returns (Draft memory) {
        bytes32 id = liveConsignment(true);
        ConsignmentBook storage c = consignmentBooks[id];
        if (c.shipper == 0) return draftShipment();
        IProduceLedger.Line[] memory missing = openLines(id);
        IProduceLedger.Settlement memory a;
        (a.party, a.counterparty) = one(2) ? (c.shipper, c.receiver) : (c.receiver, c.shipper);
        if (one(12)) a.party = anyParty();
        if (one(12)) a.counterparty = anyParty();
        if (one(2)) a.counterparty = 0;
        (a.consignment, a.manifestHash) = (id, missing.hash());
        a.lines = new IProduceLedger.SettledLine[](missing.length);
        for (uint256 i = 0; i < missing.length; ++i) {
            uint64 left = missing[i].grams;
            IProduceLedger.SettledLine memory line = IProduceLedger.SettledLine(missing[i].lot, 0, 0, 0, 0);
            if (a.counterparty != 0 || one(8)) {
                line.returned = uint64(roll(left + 1));
                left -= line.returned;
                line.received = uint64(roll(left + 1));
                left -= line.received;
                line.weightLoss = uint64(roll(left + 1));
                left -= line.weightLoss;
            }
            line.loss = one(30) ? left + 1 : left;
            a.lines[i] = line;
        }
        (a.contentHash, a.deadline) = (content(), soon());
        return
            Draft(IProduceLedger.Kind.Settlement, a.party, a.counterparty, abi.encode(a, missing), a.hash());
    }

    function draftNotice() private returns (Draft memory) {
        bytes32 id = liveConsignment(one(2));
        ConsignmentBook storage c = consignmentBooks[id];
        if (c.shipper == 0) return draftShipment();
        uint64 party = one(8) ? anyParty() : isMissing(id) && one(2) ? c.receiver : c.shipper;
        IProduceLedger.Notice memory a = IProduceLedger.Notice(party, id, content(), soon());
        return Draft(IProduceLedger.Kind.Notice, party, 0, abi.encode(a), a.hash());
    }

    function draftVoid() private returns (Draft memory) {
        bytes32 id = liveConsignment(false);
        ConsignmentBook storage c = consignmentBooks[id];
        if (c.shipper == 0) return draftShipment();
        IProduceLedger.Line[] memory shown = openLines(id);
        IProduceLedger.Void memory a = IProduceLedger.Void(
            one(12) ? anyParty() : c.shipper,
            one(12) ? anyParty() : one(3) ? c.receiver : 0,
            id,
            shown.hash(),
            content(),
            soon()
        );
        return Draft(IProduceLedger.Kind.Void, a.shipper, a.receiver, abi.encode(a, shown), a.hash());
    }

    // ------------------------------------------------------------------------------------------------ plots

    function draftPlot() private returns (Draft memory) {
        uint64 certifier = one(12) ? anyParty() : CERTIFIER;
        uint64 producer = one(8) ? anyParty() : FARM;
        IProduceLedger.PlotRegistration memory a = IProduceLedger.PlotRegistration(
            certifier, producer, plots[roll(plots.length)], content(), soon()
        );
        return Draft(IProduceLedger.Kind.PlotRegistration, certifier, 0, abi.encode(a), a.hash());
    }

    function draftYield() private returns (Draft memory) {
        uint64 certifier = one(12) ? anyParty() : CERTIFIER;
        bytes32 plot = plots[roll(plots.length)];
        uint16 season = SEASON + uint16(roll(2));
        int256 before = yieldBooks[yieldKey(plot, season)].certified;
        uint64 grams = uint64(roll(400_000));
        // Lowered, mostly: by a gram, to what was harvested and thereabouts.
        if (before > 0 && !one(6)) grams = uint64(uint256(before) - 1 - (one(3) ? 0 : roll(uint256(before))));
        IProduceLedger.YieldCertificate memory a =
            IProduceLedger.YieldCertificate(certifier, plot, season, grams, content(), soon());
        return Draft(IProduceLedger.Kind.YieldCertificate, certifier, 0, abi.encode(a), a.hash());
    }

    // ------------------------------------------------------------------------------------------------ amendments

    function draftBirthAmendment() private returns (Draft memory) {
        bytes32 id = anyLot();
        LotBook storage lot = lotBooks[id];
        // One that has not moved, where one is found soon; now and then any.
        for (uint256 i = 0; i < 8 && (lotBooks[id].moved || lotBooks[id].making != 0); ++i) id = anyLot();
        lot = lotBooks[id];
        if (lot.issuer == 0) return draftHarvest();
        uint64 was = lot.born < 0 ? 0 : uint64(uint256(lot.born));
        IProduceLedger.BirthAmendment memory a = IProduceLedger.BirthAmendment(
            one(12) ? anyParty() : lot.issuer,
            id,
            one(12) ? was + 1 : was,
            one(6) ? 0 : one(2) ? someGrams() : uint64(roll(was + 2)),
            content(),
            content(),
            soon()
        );
        return Draft(IProduceLedger.Kind.BirthAmendment, a.party, 0, abi.encode(a), a.hash());
    }

    function draftTransformationAmendment() private returns (Draft memory) {
        if (makings.length == 0) return draftTransformation();
        Making storage making = makings[roll(makings.length)];
        for (uint256 i = 0; i < 8 && anyMoved(making); ++i) making = makings[roll(makings.length)];
        IProduceLedger.Line[] memory inputs = abi.decode(making.inputs, (IProduceLedger.Line[]));
        IProduceLedger.Output[] memory outputs = abi.decode(making.outputs, (IProduceLedger.Output[]));
        IProduceLedger.TransformationAmendment memory a;
        a.packer = one(12) ? anyParty() : making.packer;
        a.originHash = keccak256(abi.encode(inputs.hash(), outputs.hash()));
        a.inputs = abi.decode(making.inputs, (IProduceLedger.Line[]));
        a.outputs = abi.decode(making.outputs, (IProduceLedger.Output[]));
        weighAnew(a);
        (a.corrects, a.contentHash, a.deadline) = (content(), content(), soon());
        return Draft(
            IProduceLedger.Kind.TransformationAmendment,
            a.packer,
            0,
            abi.encode(a, inputs, outputs),
            a.hash(a.inputs.hash(), a.outputs.hash())
        );
    }

    function anyMoved(Making storage making) private view returns (bool) {
        IProduceLedger.Output[] memory outputs = abi.decode(making.outputs, (IProduceLedger.Output[]));
        for (uint256 i = 0; i < outputs.length; ++i) {
            if (lotBooks[lotOf(outputs[i].product, outputs[i].lotCode)].moved) return true;
        }
        return false;
    }

    /// @dev Less of each input or some more of what is left of it, shared out among the outputs; or nothing everywhere.
    function weighAnew(IProduceLedger.TransformationAmendment memory a) private {
        uint256 left = 0;
        bool annulled = one(6);
        for (uint256 i = 0; i < a.inputs.length; ++i) {
            uint64 grams = a.inputs[i].grams;
            if (annulled) grams = 0;
            else if (one(3)) grams = uint64(roll(uint256(grams) + 1));
            else if (one(2)) grams += part(a.inputs[i].lot, a.packer);
            a.inputs[i].grams = grams;
            left += grams;
        }
        for (uint256 i = 0; i < a.outputs.length; ++i) {
            a.outputs[i].grams = uint64(one(3) ? left : roll(left + 1));
            left -= a.outputs[i].grams;
        }
        a.processLoss = uint64(left);
        if (one(16)) ++a.outputs[0].grams;
    }

    // ------------------------------------------------------------------------------------------------ pledges

    function draftPledge() private returns (Draft memory) {
        if (lots.length == 0) return draftIntake();
        if (pledges.length >= MOST_PLEDGES && one(2)) return draftPledgeRelease();
        (bytes32 lot, uint64 holder) = anyHolding();
        uint64 lender = one(12) ? anyParty() : LENDER;
        uint64 term = uint64(one(12) ? roll(800 days) : roll(8 days));
        IProduceLedger.Pledge memory a = IProduceLedger.Pledge(
            holder, lender, lot, part(lot, holder), uint64(time) + term, content(), soon()
        );
        return Draft(IProduceLedger.Kind.Pledge, holder, lender, abi.encode(a), a.hash());
    }

    function draftPledgeRelease() private returns (Draft memory) {
        if (pledges.length == 0) return draftStatement(LENDER);
        PledgeBook storage p = pledges[roll(pledges.length)];
        IProduceLedger.PledgeRelease memory a = IProduceLedger.PledgeRelease(
            one(8) ? anyParty() : p.lender, p.holder, p.lot, content(), soon()
        );
        return Draft(IProduceLedger.Kind.PledgeRelease, a.lender, 0, abi.encode(a), a.hash());
    }
}
