// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../../contracts/interfaces/IEntryRelay.sol";
import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {Books} from "./Books.sol";

/// @title Enters each recorded entry into the books, from nothing but its payload
abstract contract Bookkeeper is Books {
    function enter(IEntryRelay.Entry memory entry) internal {
        IProduceLedger.Kind kind = IProduceLedger.Kind(entry.kind);
        bytes memory p = entry.payload;
        if (kind == IProduceLedger.Kind.Harvest) enterHarvest(abi.decode(p, (IProduceLedger.Harvest)));
        else if (kind == IProduceLedger.Kind.Intake) enterIntake(abi.decode(p, (IProduceLedger.Intake)));
        else if (kind == IProduceLedger.Kind.Transformation) {
            enterTransformation(abi.decode(p, (IProduceLedger.Transformation)));
        } else if (kind == IProduceLedger.Kind.Shipment) enterShipment(abi.decode(p, (IProduceLedger.Shipment)));
        else if (kind == IProduceLedger.Kind.Receipt) enterReceipt(p);
        else if (kind == IProduceLedger.Kind.Sale || kind == IProduceLedger.Kind.Disposal) {
            // A disposal has the same members.
            enterDeparture(abi.decode(p, (IProduceLedger.Sale)), kind == IProduceLedger.Kind.Disposal);
        } else if (kind == IProduceLedger.Kind.Recall) enterRecall(abi.decode(p, (IProduceLedger.Recall)));
        else if (kind == IProduceLedger.Kind.Release) enterRelease(abi.decode(p, (IProduceLedger.Release)));
        else if (kind == IProduceLedger.Kind.PartialReceipt) enterPartialReceipt(p);
        else if (kind == IProduceLedger.Kind.Settlement) enterSettlement(p);
        else if (kind == IProduceLedger.Kind.Notice) enterNotice(abi.decode(p, (IProduceLedger.Notice)));
        else if (kind == IProduceLedger.Kind.Void) enterVoid(p);
        else if (kind == IProduceLedger.Kind.PlotRegistration) {
            enterPlot(abi.decode(p, (IProduceLedger.PlotRegistration)));
        } else if (kind == IProduceLedger.Kind.YieldCertificate) {
            enterYield(abi.decode(p, (IProduceLedger.YieldCertificate)));
        } else if (kind == IProduceLedger.Kind.BirthAmendment) {
            enterBirthAmendment(abi.decode(p, (IProduceLedger.BirthAmendment)));
        } else if (kind == IProduceLedger.Kind.TransformationAmendment) enterTransformationAmendment(p);
        else if (kind == IProduceLedger.Kind.Propagation) enterPropagation(p);
        else if (kind == IProduceLedger.Kind.Pledge) enterPledge(abi.decode(p, (IProduceLedger.Pledge)));
        else if (kind == IProduceLedger.Kind.PledgeRelease) {
            enterPledgeRelease(abi.decode(p, (IProduceLedger.PledgeRelease)));
        }
    }

    // ------------------------------------------------------------------------------------------------ births

    function enterHarvest(IProduceLedger.Harvest memory action) private {
        bytes32 yield = yieldKey(action.plot, action.season);
        if (yieldBooks[yield].certified == 0) yield = 0;
        else if (producers[action.plot] != action.producer) note(Rule.Yields, "another's plot was counted against");
        bear(action.product, action.lotCode, action.producer, action.grams, yield, 0);
        births += int256(uint256(action.grams));
    }

    function enterIntake(IProduceLedger.Intake memory action) private {
        bear(action.product, action.lotCode, action.buyer, action.grams, 0, 0);
        births += int256(uint256(action.grams));
    }

    function enterTransformation(IProduceLedger.Transformation memory action) private {
        makings.push(Making(action.packer, abi.encode(action.inputs), abi.encode(action.outputs)));
        for (uint256 i = 0; i < action.inputs.length; ++i) {
            IProduceLedger.Line memory line = action.inputs[i];
            take(line.lot, action.packer, line.grams, false);
            lotBooks[line.lot].used += int256(uint256(line.grams));
            shrunk += int256(uint256(line.grams));
        }
        for (uint256 i = 0; i < action.outputs.length; ++i) {
            IProduceLedger.Output memory made = action.outputs[i];
            bear(made.product, made.lotCode, action.packer, made.grams, 0, makings.length);
            shrunk -= int256(uint256(made.grams));
        }
        weigh(action.inputs, action.outputs, uint256(action.culls) + action.processLoss + action.remainder);
    }

    function enterBirthAmendment(IProduceLedger.BirthAmendment memory action) private {
        int256 more = int256(uint256(action.grams)) - lotBooks[action.lot].born;
        lotBooks[action.lot].born += more;
        ++lotBooks[action.lot].entries;
        balances[action.lot][action.party] += more;
        births += more;
    }

    function enterTransformationAmendment(bytes memory payload) private {
        (IProduceLedger.TransformationAmendment memory action,,) = abi.decode(
            payload, (IProduceLedger.TransformationAmendment, IProduceLedger.Line[], IProduceLedger.Output[])
        );
        bytes32 first = lotOf(action.outputs[0].product, action.outputs[0].lotCode);
        if (lotBooks[first].making == 0) return note(Rule.Edges, "a birth was amended as a transformation");
        Making storage making = makings[lotBooks[first].making - 1];
        IProduceLedger.Line[] memory inputs = abi.decode(making.inputs, (IProduceLedger.Line[]));
        for (uint256 i = 0; i < inputs.length; ++i) {
            int256 more = int256(uint256(action.inputs[i].grams)) - int256(uint256(inputs[i].grams));
            bytes32 lot = inputs[i].lot;
            if (isRecalled(lot)) note(Rule.Recalled, "of a recalled lot more or less went in");
            lotBooks[lot].used += more;
            balances[lot][action.packer] -= more;
            ++lotBooks[lot].entries;
            shrunk += more;
        }
        IProduceLedger.Output[] memory outputs = abi.decode(making.outputs, (IProduceLedger.Output[]));
        for (uint256 i = 0; i < outputs.length; ++i) {
            int256 more = int256(uint256(action.outputs[i].grams)) - int256(uint256(outputs[i].grams));
            bytes32 lot = lotOf(outputs[i].product, outputs[i].lotCode);
            lotBooks[lot].born += more;
            balances[lot][action.packer] += more;
            ++lotBooks[lot].entries;
            shrunk -= more;
        }
        (making.inputs, making.outputs) = (abi.encode(action.inputs), abi.encode(action.outputs));
        weigh(action.inputs, action.outputs, uint256(action.culls) + action.processLoss + action.remainder);
    }

    /// @dev What goes in comes out, or is named.
    function weigh(
        IProduceLedger.Line[] memory inputs,
        IProduceLedger.Output[] memory outputs,
        uint256 accounted
    ) private {
        uint256 gramsIn = 0;
        for (uint256 i = 0; i < inputs.length; ++i) gramsIn += inputs[i].grams;
        for (uint256 i = 0; i < outputs.length; ++i) accounted += outputs[i].grams;
        if (gramsIn != accounted) note(Rule.Weights, "a transformation does not balance");
    }

    // ------------------------------------------------------------------------------------------------ handoffs

    function enterShipment(IProduceLedger.Shipment memory action) private {
        for (uint256 i = 0; i < action.manifest.length; ++i) {
            IProduceLedger.Line memory line = action.manifest[i];
            take(line.lot, action.shipper, line.grams, action.receiver == lotBooks[line.lot].issuer);
            lotBooks[line.lot].open += int256(uint256(line.grams));
        }
        open(
            consignmentOf(action.shipper, action.consignmentRef), action.shipper, action.receiver, action.manifest
        );
    }

    function enterReceipt(bytes memory payload) private {
        (IProduceLedger.Receipt memory action, IProduceLedger.Line[] memory manifest) =
            abi.decode(payload, (IProduceLedger.Receipt, IProduceLedger.Line[]));
        if (consignmentBooks[action.consignment].receiver != action.receiver) {
            note(Rule.Edges, "received by another");
        }
        turn(action.consignment, IProduceLedger.ConsignmentState.Received);
        for (uint256 i = 0; i < manifest.length; ++i) {
            give(manifest[i].lot, action.receiver, manifest[i].grams);
            ++lotBooks[manifest[i].lot].entries;
        }
    }

    function enterPartialReceipt(bytes memory payload) private {
        (IProduceLedger.PartialReceipt memory action, IProduceLedger.Line[] memory shown) =
            abi.decode(payload, (IProduceLedger.PartialReceipt, IProduceLedger.Line[]));
        ConsignmentBook storage c = consignmentBooks[action.consignment];
        if (c.receiver != action.receiver) note(Rule.Edges, "received in part by another");
        IProduceLedger.Line[] memory refused_ = new IProduceLedger.Line[](shown.length);
        IProduceLedger.Line[] memory toCome = new IProduceLedger.Line[](shown.length);
        IProduceLedger.Line[] memory missing = new IProduceLedger.Line[](shown.length);
        for (uint256 i = 0; i < shown.length; ++i) {
            IProduceLedger.ReceiptLine memory line = action.lines[i];
            give(line.lot, action.receiver, line.accepted);
            ++lotBooks[line.lot].entries;
            refused_[i] = IProduceLedger.Line(line.lot, line.refused);
            toCome[i] = IProduceLedger.Line(line.lot, line.toCome);
            unchecked {
                missing[i] = IProduceLedger.Line(
                    line.lot, shown[i].grams - line.accepted - line.refused - line.toCome
                );
            }
        }
        refused_ = some(refused_);
        toCome = some(toCome);
        missing = some(missing);
        if (refused_.length != 0) {
            open(consignmentOf(action.receiver, action.returnRef), action.receiver, c.shipper, refused_);
        }
        if (toCome.length != 0) {
            turn(action.consignment, c.state);
            c.open = abi.encode(toCome);
        } else if (missing.length != 0) {
            turn(action.consignment, IProduceLedger.ConsignmentState.Variance);
            (c.open, c.noticeAt) = (abi.encode(missing), 0);
        } else {
            turn(action.consignment, IProduceLedger.ConsignmentState.Received);
        }
    }

    function enterSettlement(bytes memory payload) private {
        (IProduceLedger.Settlement memory action,) =
            abi.decode(payload, (IProduceLedger.Settlement, IProduceLedger.Line[]));
        ConsignmentBook storage c = consignmentBooks[action.consignment];
        if (action.counterparty == 0) requireNoticeOver(c, "settled alone before its notice was over");
        turn(action.consignment, IProduceLedger.ConsignmentState.Settled);
        for (uint256 i = 0; i < action.lines.length; ++i) {
            IProduceLedger.SettledLine memory line = action.lines[i];
            give(line.lot, c.shipper, line.returned);
            give(line.lot, c.receiver, line.received);
            uint256 lost = uint256(line.loss) + line.weightLoss;
            lotBooks[line.lot].open -= int256(lost);
            lose(line.lot, lost);
            ++lotBooks[line.lot].entries;
        }
    }

    function enterNotice(IProduceLedger.Notice memory action) private {
        ConsignmentBook storage c = consignmentBooks[action.consignment];
        bool missing = isMissing(action.consignment);
        if (c.shipper != action.party && !(missing && c.receiver == action.party)) {
            note(Rule.Edges, "notice by another");
        }
        turn(
            action.consignment,
            missing
                ? IProduceLedger.ConsignmentState.WriteOffAnnounced
                : IProduceLedger.ConsignmentState.VoidAnnounced
        );
        c.noticeAt = time;
    }

    function enterVoid(bytes memory payload) private {
        (IProduceLedger.Void memory action, IProduceLedger.Line[] memory shown) =
            abi.decode(payload, (IProduceLedger.Void, IProduceLedger.Line[]));
        ConsignmentBook storage c = consignmentBooks[action.consignment];
        if (c.shipper != action.shipper) note(Rule.Edges, "voided by another");
        if (action.receiver == 0) requireNoticeOver(c, "voided alone before its notice was over");
        turn(action.consignment, IProduceLedger.ConsignmentState.Voided);
        for (uint256 i = 0; i < shown.length; ++i) {
            give(shown[i].lot, action.shipper, shown[i].grams);
            ++lotBooks[shown[i].lot].entries;
        }
    }

    function requireNoticeOver(ConsignmentBook storage c, string memory what) private {
        if (c.noticeAt == 0 || time < c.noticeAt + 72 hours) note(Rule.Edges, what);
    }

    /// @dev The lines that have grams.
    function some(IProduceLedger.Line[] memory all) internal pure returns (IProduceLedger.Line[] memory list) {
        uint256 count = 0;
        for (uint256 i = 0; i < all.length; ++i) if (all[i].grams != 0) ++count;
        list = new IProduceLedger.Line[](count);
        count = 0;
        for (uint256 i = 0; i < all.length; ++i) if (all[i].grams != 0) list[count++] = all[i];
    }

    function enterDeparture(IProduceLedger.Sale memory action, bool destroyed) private {
        for (uint256 i = 0; i < action.lines.length; ++i) {
            take(action.lines[i].lot, action.holder, action.lines[i].grams, destroyed);
            lose(action.lines[i].lot, action.lines[i].grams);
        }
    }

    // ------------------------------------------------------------------------------------------------ the rest

    function enterRecall(IProduceLedger.Recall memory action) private {
        LotBook storage lot = lotBooks[action.lot];
        if (lot.recalledBy != 0 && !lot.inherited) note(Rule.Recalled, "recalled twice");
        (lot.recalledBy, lot.inherited) = (action.issuer, false);
        ++lot.entries;
    }

    function enterRelease(IProduceLedger.Release memory action) private {
        LotBook storage lot = lotBooks[action.lot];
        if (lot.recalledBy != action.issuer || lot.inherited) {
            note(Rule.Recalled, "released by another than recalled it");
        }
        // Of a lot that was made from others it stands as a carried one, until a propagation.
        if (lot.making == 0) lot.recalledBy = 0;
        else lot.inherited = true;
        ++lot.entries;
    }

    function enterPropagation(bytes memory payload) private {
        (bytes32 id, IProduceLedger.Line[] memory inputs,) =
            abi.decode(payload, (bytes32, IProduceLedger.Line[], bytes32));
        LotBook storage lot = lotBooks[id];
        uint64 by = 0;
        for (uint256 i = inputs.length; i > 0; --i) {
            if (isRecalled(inputs[i - 1].lot)) by = lotBooks[inputs[i - 1].lot].recalledBy;
        }
        if (lot.making == 0 || keccak256(makings[lot.making - 1].inputs) != keccak256(abi.encode(inputs))) {
            note(Rule.Recalled, "carried from what the lot was not made from");
        }
        if (by == 0 && !lot.inherited) note(Rule.Recalled, "lifted a recall that was not carried");
        if (by != 0 && lot.recalledBy != 0 && (!lot.inherited || lot.recalledBy == by)) {
            note(Rule.Recalled, "carried to a lot that is recalled");
        }
        (lot.recalledBy, lot.inherited) = (by, by != 0);
    }

    function enterPlot(IProduceLedger.PlotRegistration memory action) private {
        if (producers[action.plot] != 0) note(Rule.Yields, "a plot was registered twice");
        producers[action.plot] = action.producer;
    }

    function enterYield(IProduceLedger.YieldCertificate memory action) private {
        bytes32 key = yieldKey(action.plot, action.season);
        YieldBook storage yield = yieldBooks[key];
        int256 grams = int256(uint256(action.grams));
        if (yield.certified == 0) yields.push(key);
        else if (grams >= yield.certified) note(Rule.Yields, "a yield was raised");
        (yield.plot, yield.season, yield.certified) = (action.plot, action.season, grams);
    }

    /// @dev In the place of one that ended, so that the list stays short.
    function enterPledge(IProduceLedger.Pledge memory action) private {
        uint256 place = 0;
        while (place < pledges.length && pledges[place].until > time) ++place;
        if (place == pledges.length) pledges.push();
        pledges[place] =
            PledgeBook(action.lot, action.holder, action.lender, int256(uint256(action.grams)), action.until);
    }

    function enterPledgeRelease(IProduceLedger.PledgeRelease memory action) private {
        for (uint256 i = 0; i < pledges.length; ++i) {
            PledgeBook storage p = pledges[i];
            if (p.lot == action.lot && p.holder == action.holder && p.lender == action.lender) p.until = 0;
        }
    }
}
