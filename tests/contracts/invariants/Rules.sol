// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../../contracts/libraries/ActionHashes.sol";
import {Vm} from "../support/Vm.sol";
import {Actors} from "./Actors.sol";
import {Attackers} from "./Attackers.sol";
import {Books} from "./Books.sol";

/// @title What holds after every call, whoever called
abstract contract Rules {
    using ActionHashes for *;

    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant PARTIES = 7;

    Attackers internal world;

    function setUp() public {
        world = new Attackers();
    }

    /// @dev Every actor's entries, and time.
    function business() internal pure returns (bytes4[18] memory) {
        return [
            Actors.harvestSome.selector,
            Actors.takeIn.selector,
            Actors.transform.selector,
            Actors.ship.selector,
            Actors.receiveAll.selector,
            Actors.receivePartly.selector,
            Actors.settle.selector,
            Actors.announce.selector,
            Actors.voidSome.selector,
            Actors.depart.selector,
            Actors.recall.selector,
            Actors.propagate.selector,
            Actors.say.selector,
            Actors.certify.selector,
            Actors.amendBirth.selector,
            Actors.amendTransformation.selector,
            Actors.pledge.selector,
            Actors.wait_.selector
        ];
    }

    function everyRuleHolds() internal {
        vm.warp(world.now_());
        Books.Report memory r = world.report();
        gramsOfEveryLotAreConserved(r);
        gramsAreConservedOverall(r);
        certifiedIsNeverMoreThanCertified(r);
        pledgedGramsNeverMove(r);
        consignmentsGoAlongTheirEdges(r);
        recalledLotsGoBackOrToDestruction(r);
        aDigestActsAtMostOnce();
        nothingIsRecordedWithoutAuthority();
        theRegistrarAloneSignsForNobody();
        aBadEntryNeverAffectsANeighbour();
        littleGasNeverChangesAnOutcome();
    }

    // ------------------------------------------------------------------------------------------------ grams

    /// @dev Of every lot: what is held + under way or missing + went into other lots + left = its birth, as amended.
    function gramsOfEveryLotAreConserved(Books.Report memory r) private pure {
        for (uint256 i = 0; i < r.lots.length; ++i) {
            Books.LotBook memory book = r.lotBooks[i];
            int256 sum = book.open + book.used + book.gone;
            for (uint256 j = i * PARTIES; j < (i + 1) * PARTIES; ++j) {
                vm.assertTrue(int256(uint256(r.held[j])) == r.booked[j], "a balance is what came less what went");
                sum += int256(uint256(r.held[j]));
            }
            vm.assertTrue(int256(uint256(r.states[i].grams)) == book.born, "a lot's grams are those of its birth");
            vm.assertTrue(sum == book.born, "grams of a lot are conserved");
            vm.assertTrue(book.open >= 0, "no more arrives than was under way");
            vm.assertEq(r.states[i].entries, book.entries, "entries are counted");
        }
    }

    /// @dev All that was ever born, as amended = held + under way or missing + lost in transformations + left.
    function gramsAreConservedOverall(Books.Report memory r) private view {
        int256 sum = r.shrunk + r.departed;
        for (uint256 i = 0; i < r.held.length; ++i) sum += int256(uint256(r.held[i]));
        for (uint256 i = 0; i < r.lots.length; ++i) sum += r.lotBooks[i].open;
        vm.assertTrue(sum == r.births, "grams are conserved");
        vm.assertTrue(r.shrunk >= 0, "no transformation makes grams");
        holds(Books.Rule.Weights);
    }

    /**
     * @dev Of every yield: what was harvested against it is at most what was certified, and is the sum of the lots that
     * count against it. No lot is certified for more than its grams. And what is certified of all that is held, under
     * way or missing is at most what was harvested from certified plots.
     */
    function certifiedIsNeverMoreThanCertified(Books.Report memory r) private view {
        uint256 most = 0;
        for (uint256 j = 0; j < r.yields.length; ++j) {
            bytes32 key = keccak256(abi.encode(r.yieldBooks[j].plot, r.yieldBooks[j].season));
            uint256 counted = 0;
            for (uint256 i = 0; i < r.lots.length; ++i) {
                if (r.lotBooks[i].yield == key) counted += r.states[i].grams;
            }
            (uint256 certified, uint256 harvested) = (r.yields[j].certified, r.yields[j].harvested);
            vm.assertTrue(int256(certified) == r.yieldBooks[j].certified, "a yield is what its certifier signed");
            vm.assertLe(harvested, certified, "no more is harvested than was certified");
            vm.assertEq(harvested, counted, "a yield counts the lots that count against it");
            most += harvested;
        }
        uint256 present = 0;
        for (uint256 i = 0; i < r.lots.length; ++i) {
            (uint256 certified, uint256 grams) = (r.states[i].certifiedGrams, r.states[i].grams);
            vm.assertLe(certified, grams, "a lot is certified for at most its grams");
            if (grams == 0) continue;
            uint256 here = uint256(r.lotBooks[i].open);
            for (uint256 j = i * PARTIES; j < (i + 1) * PARTIES; ++j) here += r.held[j];
            present += here * certified / grams;
        }
        vm.assertLe(present, most, "certified grams do not grow");
        holds(Books.Rule.Yields);
    }

    /// @dev Whoever pledged grams holds them until the term ends or the lender lets go; the ledger knows each pledge.
    function pledgedGramsNeverMove(Books.Report memory r) private pure {
        for (uint256 i = 0; i < r.pledges.length; ++i) {
            Books.PledgeReport memory p = r.pledges[i];
            vm.assertTrue(int256(uint256(p.held)) >= p.booked, "pledged grams are held");
            vm.assertTrue(p.kept == p.booked, "pledges stand until they end");
        }
    }

    // ------------------------------------------------------------------------------------------------ where it stands

    /// @dev Every consignment is in one state, which it came to along the allowed edges, with the lines then open.
    function consignmentsGoAlongTheirEdges(Books.Report memory r) private view {
        for (uint256 i = 0; i < r.consignments.length; ++i) {
            IProduceLedger.ConsignmentRecord memory record = r.consignments[i];
            Books.ConsignmentBook memory book = r.consignmentBooks[i];
            vm.assertEq(uint256(record.state), uint256(book.state), "a consignment's state");
            vm.assertTrue(
                record.shipper == book.shipper && record.receiver == book.receiver, "a consignment's two sides"
            );
            IProduceLedger.ConsignmentState state = record.state;
            if (
                state == IProduceLedger.ConsignmentState.Received
                    || state == IProduceLedger.ConsignmentState.Settled
                    || state == IProduceLedger.ConsignmentState.Voided
            ) continue;
            bytes24 open = bytes24(abi.decode(book.open, (IProduceLedger.Line[])).hash());
            vm.assertEq(bytes32(record.manifestHash), bytes32(open), "a consignment's open lines");
            vm.assertEq(record.noticeAt, book.noticeAt, "when notice was given");
        }
        holds(Books.Rule.Edges);
    }

    /// @dev A recalled lot is shipped to its issuer or destroyed, and nothing else; recalls end as they came.
    function recalledLotsGoBackOrToDestruction(Books.Report memory r) private view {
        for (uint256 i = 0; i < r.lots.length; ++i) {
            vm.assertEq(r.states[i].recalledBy, r.lotBooks[i].recalledBy, "whose recall stands");
            vm.assertTrue(r.states[i].inherited == r.lotBooks[i].inherited, "whether a recall was carried");
        }
        holds(Books.Rule.Recalled);
    }

    // ------------------------------------------------------------------------------------------------ what was noted

    /// @dev No signed digest is recorded twice, in whatever kind of entry.
    function aDigestActsAtMostOnce() private view {
        holds(Books.Rule.Once);
    }

    /// @dev Nothing is recorded under a key revoked or ended, for a suspended party, in a pause, after a cancellation.
    function nothingIsRecordedWithoutAuthority() private view {
        holds(Books.Rule.Authority);
    }

    /// @dev Nothing is recorded for a party but by keys that it made itself, whatever the registrar signs.
    function theRegistrarAloneSignsForNobody() private view {
        holds(Books.Rule.Registrar);
    }

    /// @dev Entries come out as they do without the malformed ones between them.
    function aBadEntryNeverAffectsANeighbour() private view {
        holds(Books.Rule.Neighbours);
    }

    /// @dev Entries come out as with plenty of gas, or the whole call fails.
    function littleGasNeverChangesAnOutcome() private view {
        holds(Books.Rule.Starved);
    }

    function holds(Books.Rule rule) private view {
        string memory what = world.brokenOf(rule);
        vm.assertTrue(bytes(what).length == 0, what);
    }
}
