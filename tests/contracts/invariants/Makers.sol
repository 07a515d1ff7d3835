// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../../contracts/libraries/ActionHashes.sol";
import {Desk} from "./Desk.sol";

/**
 * @title Drafts of everyday entries: mostly sensible, now and then of too much, by another, of the wrong thing
 * @dev Lots and consignments are bounded; where there are enough, another entry is made instead.
 */
abstract contract Makers is Desk {
    using ActionHashes for *;

    uint256 internal constant MOST_LOTS = 16;
    uint256 internal constant MOST_CONSIGNMENTS = 16;

    // ------------------------------------------------------------------------------------------------ choosing

    function anyLot() internal returns (bytes32) {
        return lots.length == 0 ? keccak256("no lot") : lots[roll(lots.length)];
    }

    function anyConsignment() internal returns (bytes32) {
        return consignments.length == 0 ? keccak256("none") : consignments[roll(consignments.length)];
    }

    /// @dev The next that is under way (or missing something), from a random one on; any where none is.
    function liveConsignment(bool missing) internal returns (bytes32) {
        bytes32 id = anyConsignment();
        if (one(12) || consignments.length == 0) return id;
        uint256 from = roll(consignments.length);
        for (uint256 i = 0; i < consignments.length; ++i) {
            bytes32 next = consignments[(from + i) % consignments.length];
            if (missing ? isMissing(next) : isUnderWay(next)) return next;
        }
        return id;
    }

    /// @dev A party that holds some of a lot, from random ones on.
    function anyHolding() internal returns (bytes32 lot, uint64 party) {
        uint256 from = roll(lots.length);
        uint256 first = roll(parties.length);
        for (uint256 i = 0; i < lots.length; ++i) {
            lot = lots[(from + i) % lots.length];
            for (uint256 j = 0; j < parties.length; ++j) {
                party = parties[(first + j) % parties.length];
                if (balances[lot][party] > 0) return (lot, party);
            }
        }
    }

    /// @dev Of what the party holds: all, a part, what is not pledged; now and then too much, or nothing.
    function part(bytes32 lot, uint64 party) internal returns (uint64) {
        int256 held = balances[lot][party];
        if (held < 0) held = 0;
        int256 free = held - pledgedOf(lot, party);
        uint256 way = roll(16);
        if (way == 0) return uint64(uint256(held)) + 1;
        if (way == 1) return 0;
        if (way < 5) return uint64(uint256(held));
        if (free <= 0) return uint64(1 + roll(uint256(held) + 1));
        if (way < 7) return uint64(uint256(free));
        return uint64(1 + roll(uint256(free)));
    }

    /// @dev One to three of the lots that the party holds, in order.
    function pick(uint64 party, bytes32 first) internal returns (IProduceLedger.Line[] memory list) {
        bytes32[] memory chosen = new bytes32[](3);
        uint256 count = 1;
        chosen[0] = first;
        uint256 wanted = 1 + roll(3);
        uint256 from = roll(lots.length);
        for (uint256 i = 0; i < lots.length && count < wanted; ++i) {
            bytes32 lot = lots[(from + i) % lots.length];
            if (lot != first && balances[lot][party] > 0) chosen[count++] = lot;
        }
        list = new IProduceLedger.Line[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 place = i;
            while (place > 0 && list[place - 1].lot > chosen[i]) {
                list[place] = list[place - 1];
                --place;
            }
            list[place] = IProduceLedger.Line(chosen[i], 0);
        }
        for (uint256 i = 0; i < count; ++i) list[i].grams = part(list[i].lot, party);
        if (one(40) && count > 1) (list[0], list[1]) = (list[1], list[0]);
    }

    function someGrams() internal returns (uint64) {
        uint256 way = roll(20);
        if (way == 0) return 0;
        if (way == 1) return MOST_GRAMS + uint64(roll(2));
        if (way < 6) return uint64(1 + roll(9));
        return uint64(1 + roll(100_000));
    }

    function isFull() internal view returns (bool) {
        return lots.length >= MOST_LOTS;
    }

    // ------------------------------------------------------------------------------------------------ drafts

    function draftStatement(uint64 party) internal returns (Draft memory) {
        IProduceLedger.Statement memory a =
            IProduceLedger.Statement(party, "cooled", new bytes32[](1), content(), soon());
        a.lots[0] = anyLot();
        return Draft(IProduceLedger.Kind.Statement, party, 0, abi.encode(a), a.hash());
    }

    function draftHarvest() internal returns (Draft memory) {
        if (isFull()) return draftShipment();
        // PACKER is no producer, and the plots are FARM's or (registered for it by chance) BUYER's.
        uint64 party = one(10) ? PACKER : FARM;
        bytes32 plot = one(5) ? bytes32(0) : plots[roll(plots.length)];
        (uint16 season, uint64 grams) = (SEASON + uint16(roll(2)), someGrams());
        if (yields.length != 0 && !one(3)) {
            // About as much as is left of a yield.
            bytes32 yield = yields[roll(yields.length)];
            (plot, season) = (yieldBooks[yield].plot, yieldBooks[yield].season);
            int256 left = yieldBooks[yield].certified - harvestedOf(yield);
            if (left > 0 && one(2)) grams = uint64(uint256(left)) + uint64(roll(2));
        }
        IProduceLedger.Harvest memory a =
            IProduceLedger.Harvest(party, BULK, fresh(), plot, season, grams, content(), soon());
        return Draft(IProduceLedger.Kind.Harvest, party, 0, abi.encode(a), a.hash());
    }

    function harvestedOf(bytes32 yield) private view returns (int256 sum) {
        for (uint256 i = 0; i < lots.length; ++i) if (lotBooks[lots[i]].yield == yield) sum += lotBooks[lots[i]].born;
    }

    function draftIntake() internal returns (Draft memory) {
        if (isFull()) return draftShipment();
        uint64[5] memory buyers = [PACKER, BUYER, BUYER, FARM, CARRIER];
        uint64 party = buyers[roll(5)];
        IProduceLedger.Intake memory a = IProduceLedger.Intake(
            party, party == PACKER && one(2) ? BOX : BULK, fresh(), someGrams(), content(), soon()
        );
        return Draft(IProduceLedger.Kind.Intake, party, 0, abi.encode(a), a.hash());
    }

    function draftTransformation() internal returns (Draft memory) {
        if (lots.length == 0) return draftHarvest();
        if (isFull()) return draftDeparture(IProduceLedger.Kind.Sale);
        (bytes32 lot, uint64 party) = anyHolding();
        IProduceLedger.Line[] memory inputs = pick(party, lot);
        uint256 left = 0;
        for (uint256 i = 0; i < inputs.length; ++i) left += inputs[i].grams;
        IProduceLedger.Output[] memory outputs = new IProduceLedger.Output[](1 + roll(2));
        for (uint256 i = 0; i < outputs.length; ++i) {
            uint256 grams = one(3) ? left : roll(left + 1);
            left -= grams;
            outputs[i] = IProduceLedger.Output(party == PACKER ? BOX : BULK, fresh(), uint64(grams));
        }
        if (one(16)) outputs[0].grams += 1; // out of nothing
        IProduceLedger.Transformation memory a;
        (a.packer, a.inputs, a.outputs) = (party, inputs, outputs);
        a.culls = uint64(roll(left + 1));
        a.processLoss = uint64(roll(left - a.culls + 1));
        a.remainder = uint64(left - a.culls - a.processLoss);
        (a.contentHash, a.deadline) = (content(), soon());
        return Draft(IProduceLedger.Kind.Transformation, party, 0, abi.encode(a), a.hash());
    }

    function draftShipment() internal returns (Draft memory) {
        if (lots.length == 0) return draftHarvest();
        if (consignments.length >= MOST_CONSIGNMENTS) return draftReceipt();
        (bytes32 lot, uint64 party) = anyHolding();
        // Often back to its issuer, so that recalled lots go there too.
        uint64 receiver = one(4) ? lotBooks[lot].issuer : anyParty();
        IProduceLedger.Shipment memory a =
            IProduceLedger.Shipment(party, receiver, fresh(), pick(party, lot), content(), soon());
        return Draft(IProduceLedger.Kind.Shipment, party, 0, abi.encode(a), a.hash());
    }

    function draftReceipt() internal returns (Draft memory) {
        bytes32 id = liveConsignment(false);
        if (consignmentBooks[id].shipper == 0) return draftStatement(CARRIER);
        uint64 receiver = one(12) ? anyParty() : consignmentBooks[id].receiver;
        IProduceLedger.Line[] memory manifest = openLines(id);
        if (one(20)) ++manifest[0].grams;
        IProduceLedger.Receipt memory a =
            IProduceLedger.Receipt(receiver, id, manifest.hash(), content(), soon());
        return Draft(IProduceLedger.Kind.Receipt, receiver, 0, abi.encode(a, manifest), a.hash());
    }

    /// @dev A sale, or a disposal.
    function draftDeparture(IProduceLedger.Kind kind) internal returns (Draft memory) {
        if (lots.length == 0) return draftHarvest();
        (bytes32 lot, uint64 party) = anyHolding();
        IProduceLedger.Line[] memory list = pick(party, lot);
        if (kind == IProduceLedger.Kind.Sale) {
            IProduceLedger.Sale memory sale = IProduceLedger.Sale(party, list, content(), soon());
            return Draft(kind, party, 0, abi.encode(sale), sale.hash());
        }
        IProduceLedger.Disposal memory a = IProduceLedger.Disposal(party, list, content(), soon());
        return Draft(kind, party, 0, abi.encode(a), a.hash());
    }

    function draftRecall() internal returns (Draft memory) {
        bytes32 lot = anyLot();
        uint64 party = one(8) ? anyParty() : one(2) ? REGULATOR : lotBooks[lot].issuer;
        if (party == 0) return draftStatement(REGULATOR);
        IProduceLedger.Recall memory a = IProduceLedger.Recall(party, lot, content(), soon());
        return Draft(IProduceLedger.Kind.Recall, party, 0, abi.encode(a), a.hash());
    }

    function draftRelease() internal returns (Draft memory) {
        bytes32 lot = anyLot();
        for (uint256 i = 0; i < 6 && !isRecalled(lot); ++i) lot = anyLot();
        uint64 party = one(6) ? anyParty() : lotBooks[lot].recalledBy;
        if (party == 0) return draftStatement(REGULATOR);
        IProduceLedger.Release memory a = IProduceLedger.Release(party, lot, content(), soon());
        return Draft(IProduceLedger.Kind.Release, party, 0, abi.encode(a), a.hash());
    }

    function draftPropagation() internal returns (Draft memory d) {
        bytes32 lot = anyLot();
        // One that is made from a recalled lot, or whose recall was carried here, where one is found soon.
        for (uint256 i = 0; i < 10 && !isHeir(lot); ++i) lot = anyLot();
        if (lotBooks[lot].making == 0) return draftRecall();
        Making storage making = makings[lotBooks[lot].making - 1];
        IProduceLedger.Line[] memory inputs = abi.decode(making.inputs, (IProduceLedger.Line[]));
        if (one(12)) inputs[0].lot = anyLot();
        bytes32 outputsHash = abi.decode(making.outputs, (IProduceLedger.Output[])).hash();
        (d.kind, d.payload) = (IProduceLedger.Kind.Propagation, abi.encode(lot, inputs, outputsHash));
    }

    function isHeir(bytes32 lot) private view returns (bool) {
        if (lotBooks[lot].making == 0) return false;
        if (lotBooks[lot].inherited) return true;
        IProduceLedger.Line[] memory inputs =
            abi.decode(makings[lotBooks[lot].making - 1].inputs, (IProduceLedger.Line[]));
        for (uint256 i = 0; i < inputs.length; ++i) if (isRecalled(inputs[i].lot)) return true;
        return false;
    }
}
