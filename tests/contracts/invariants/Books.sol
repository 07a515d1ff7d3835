// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {Fixture} from "../support/Fixture.sol";

/**
 * @title What a careful observer writes down of everything that the ledger records
 * @dev The books know effects, not refusals: whatever the ledger records is entered, right or wrong, and what should
 * not have been recorded is noted under its rule. Amounts are signed, so that entering what is wrong never reverts.
 */
abstract contract Books is Fixture {
    /// @dev Rules that are seen broken when an entry is recorded; the others show in the amounts.
    enum Rule {
        Edges,
        Once,
        Authority,
        Registrar,
        Recalled,
        Neighbours,
        Starved,
        Yields,
        Weights
    }

    struct LotBook {
        uint64 issuer;
        uint64 product;
        string code;
        /// @dev Grams at birth, as last amended.
        int256 born;
        /// @dev Grams that went into other lots.
        int256 used;
        /// @dev Grams sold, destroyed, written off.
        int256 gone;
        /// @dev Grams in lines of consignments that are under way or missing.
        int256 open;
        uint256 entries;
        /// @dev The yield that it counts against, see `yieldKey`; 0: none.
        bytes32 yield;
        bool moved;
        uint64 recalledBy;
        bool inherited;
        /// @dev From 1 on; 0 for births.
        uint256 making;
    }

    struct ConsignmentBook {
        uint64 shipper;
        uint64 receiver;
        IProduceLedger.ConsignmentState state;
        uint256 noticeAt;
        /// @dev The encoded `Line[]` that are under way or missing.
        bytes open;
    }

    /// @dev A transformation, as last amended; the lists are encoded.
    struct Making {
        uint64 packer;
        bytes inputs;
        bytes outputs;
    }

    struct PledgeBook {
        bytes32 lot;
        uint64 holder;
        uint64 lender;
        int256 grams;
        uint256 until;
    }

    struct YieldBook {
        bytes32 plot;
        uint16 season;
        int256 certified;
    }

    /// @dev What the holder of a pledge holds of the lot, and what is pledged of it by the books and by the ledger.
    struct PledgeReport {
        uint64 held;
        int256 booked;
        int256 kept;
    }

    /// @dev What the books and the ledger say. `held` and `booked`: of each lot what each party has.
    struct Report {
        bytes32[] lots;
        LotBook[] lotBooks;
        IProduceLedger.LotState[] states;
        uint64[] held;
        int256[] booked;
        int256 births;
        int256 shrunk;
        int256 departed;
        ConsignmentBook[] consignmentBooks;
        IProduceLedger.ConsignmentRecord[] consignments;
        YieldBook[] yieldBooks;
        IProduceLedger.YieldRecord[] yields;
        PledgeReport[] pledges;
    }

    uint64[7] internal parties = [FARM, PACKER, CARRIER, BUYER, LENDER, CERTIFIER, REGULATOR];
    bytes32[4] internal plots = [keccak256("north"), keccak256("south"), keccak256("river"), keccak256("hill")];

    bytes32[] internal lots;
    mapping(bytes32 lot => LotBook) internal lotBooks;
    mapping(bytes32 lot => mapping(uint64 party => int256)) internal balances;
    bytes32[] internal consignments;
    mapping(bytes32 consignment => ConsignmentBook) internal consignmentBooks;
    Making[] internal makings;
    PledgeBook[] internal pledges;
    bytes32[] internal yields;
    mapping(bytes32 yield => YieldBook) internal yieldBooks;
    mapping(bytes32 plot => uint64 producer) internal producers;

    /// @dev Grams ever harvested and taken in, those that transformations lost, and those that left; as amended.
    int256 internal births;
    int256 internal shrunk;
    int256 internal departed;

    /// @dev The time, kept here since every call of a campaign begins by setting it.
    uint256 internal time = START;

    mapping(Rule => string) internal broken;
    /// @dev How many entries of each kind were recorded, and skipped.
    uint256[21] public stood;
    uint256[21] public skipped;

    // ------------------------------------------------------------------------------------------------ what is wrong

    /// @dev Notes the first breach of a rule.
    function note(Rule rule, string memory what) internal {
        if (bytes(broken[rule]).length == 0) broken[rule] = what;
    }

    // ------------------------------------------------------------------------------------------------ lots

    function bear(
        uint64 product,
        string memory code,
        uint64 issuer,
        uint64 grams,
        bytes32 yield,
        uint256 making
    ) internal {
        bytes32 id = lotOf(product, code);
        LotBook storage lot = lotBooks[id];
        if (lot.issuer == 0) lots.push(id);
        (lot.issuer, lot.product, lot.code, lot.yield, lot.making) = (issuer, product, code, yield, making);
        lot.born += int256(uint256(grams));
        ++lot.entries;
        balances[id][issuer] += int256(uint256(grams));
    }

    /// @dev Grams leave a party. `back`: to the lot's issuer, or to destruction, where a recalled lot may go.
    function take(bytes32 id, uint64 party, uint64 grams, bool back) internal {
        LotBook storage lot = lotBooks[id];
        if (lot.recalledBy != 0 && !back) note(Rule.Recalled, "a recalled lot moved on");
        balances[id][party] -= int256(uint256(grams));
        lot.moved = true;
        ++lot.entries;
    }

    /// @dev Grams that were under way or missing come to a party.
    function give(bytes32 id, uint64 party, uint64 grams) internal {
        balances[id][party] += int256(uint256(grams));
        lotBooks[id].open -= int256(uint256(grams));
    }

    function lose(bytes32 id, uint256 grams) internal {
        lotBooks[id].gone += int256(grams);
        departed += int256(grams);
    }

    function isRecalled(bytes32 id) internal view returns (bool) {
        return lotBooks[id].recalledBy != 0;
    }

    function yieldKey(bytes32 plot, uint16 season) internal pure returns (bytes32) {
        return keccak256(abi.encode(plot, season));
    }

    /// @dev Grams pledged of what the party holds of a lot, now.
    function pledgedOf(bytes32 lot, uint64 holder) internal view returns (int256 sum) {
        for (uint256 i = 0; i < pledges.length; ++i) {
            PledgeBook storage p = pledges[i];
            if (p.lot == lot && p.holder == holder && p.until > time) sum += p.grams;
        }
    }

    // ------------------------------------------------------------------------------------------------ consignments

    function open(
        bytes32 id,
        uint64 shipper,
        uint64 receiver,
        IProduceLedger.Line[] memory manifest
    ) internal {
        ConsignmentBook storage c = consignmentBooks[id];
        if (c.shipper == 0) consignments.push(id);
        (c.shipper, c.receiver, c.open) = (shipper, receiver, abi.encode(manifest));
        turn(id, IProduceLedger.ConsignmentState.InTransit);
    }

    function openLines(bytes32 id) internal view returns (IProduceLedger.Line[] memory) {
        return abi.decode(consignmentBooks[id].open, (IProduceLedger.Line[]));
    }

    /// @dev From one state to the next, along an edge.
    function turn(bytes32 id, IProduceLedger.ConsignmentState to) internal {
        ConsignmentBook storage c = consignmentBooks[id];
        if (!isEdge(c.state, to)) {
            note(
                Rule.Edges,
                string.concat("from ", vm.toString(uint256(c.state)), " to ", vm.toString(uint256(to)))
            );
        }
        c.state = to;
    }

    /// @dev Every way that a consignment may go; a receipt with grams to come leaves it where it stands.
    function isEdge(IProduceLedger.ConsignmentState from, IProduceLedger.ConsignmentState to)
        internal
        pure
        returns (bool)
    {
        uint256 none = 1 << uint256(IProduceLedger.ConsignmentState.None);
        uint256 transit = 1 << uint256(IProduceLedger.ConsignmentState.InTransit);
        uint256 announced = 1 << uint256(IProduceLedger.ConsignmentState.VoidAnnounced);
        uint256 variance = 1 << uint256(IProduceLedger.ConsignmentState.Variance);
        uint256 writeOff = 1 << uint256(IProduceLedger.ConsignmentState.WriteOffAnnounced);
        uint256 sources = 0;
        if (to == IProduceLedger.ConsignmentState.InTransit) sources = none | transit;
        if (to == IProduceLedger.ConsignmentState.VoidAnnounced) sources = transit | announced;
        if (to == IProduceLedger.ConsignmentState.Received) sources = transit | announced;
        if (to == IProduceLedger.ConsignmentState.Voided) sources = transit | announced;
        if (to == IProduceLedger.ConsignmentState.Variance) sources = transit | announced;
        if (to == IProduceLedger.ConsignmentState.WriteOffAnnounced) sources = variance;
        if (to == IProduceLedger.ConsignmentState.Settled) sources = variance | writeOff;
        return sources & (1 << uint256(from)) != 0;
    }

    function isUnderWay(bytes32 id) internal view returns (bool) {
        IProduceLedger.ConsignmentState state = consignmentBooks[id].state;
        return state == IProduceLedger.ConsignmentState.InTransit
            || state == IProduceLedger.ConsignmentState.VoidAnnounced;
    }

    function isMissing(bytes32 id) internal view returns (bool) {
        IProduceLedger.ConsignmentState state = consignmentBooks[id].state;
        return state == IProduceLedger.ConsignmentState.Variance
            || state == IProduceLedger.ConsignmentState.WriteOffAnnounced;
    }
}
