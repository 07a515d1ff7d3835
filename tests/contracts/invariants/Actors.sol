// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IPartyRegistry} from "../../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {RareMakers} from "./RareMakers.sol";

/// @title What farm, packer, carrier, buyer, lender, certifier and regulator do, each entry in a call of its own
contract Actors is RareMakers {
    function harvestSome(uint256 seed) external step(seed) {
        act(IProduceLedger.Kind.Harvest);
    }

    function takeIn(uint256 seed) external step(seed) {
        act(IProduceLedger.Kind.Intake);
    }

    function transform(uint256 seed) external step(seed) {
        act(IProduceLedger.Kind.Transformation);
    }

    function ship(uint256 seed) external step(seed) {
        act(IProduceLedger.Kind.Shipment);
    }

    function receiveAll(uint256 seed) external step(seed) {
        act(IProduceLedger.Kind.Receipt);
    }

    function receivePartly(uint256 seed) external step(seed) {
        act(IProduceLedger.Kind.PartialReceipt);
    }

    function settle(uint256 seed) external step(seed) {
        act(IProduceLedger.Kind.Settlement);
    }

    function announce(uint256 seed) external step(seed) {
        act(IProduceLedger.Kind.Notice);
    }

    function voidSome(uint256 seed) external step(seed) {
        act(IProduceLedger.Kind.Void);
    }

    function depart(uint256 seed) external step(seed) {
        act(one(2) ? IProduceLedger.Kind.Sale : IProduceLedger.Kind.Disposal);
    }

    function recall(uint256 seed) external step(seed) {
        act(one(2) ? IProduceLedger.Kind.Recall : IProduceLedger.Kind.Release);
    }

    function propagate(uint256 seed) external step(seed) {
        act(IProduceLedger.Kind.Propagation);
    }

    function say(uint256 seed) external step(seed) {
        act(IProduceLedger.Kind.Statement);
    }

    function certify(uint256 seed) external step(seed) {
        act(one(2) ? IProduceLedger.Kind.PlotRegistration : IProduceLedger.Kind.YieldCertificate);
    }

    function amendBirth(uint256 seed) external step(seed) {
        act(IProduceLedger.Kind.BirthAmendment);
    }

    function amendTransformation(uint256 seed) external step(seed) {
        act(IProduceLedger.Kind.TransformationAmendment);
    }

    function pledge(uint256 seed) external step(seed) {
        act(one(4) ? IProduceLedger.Kind.PledgeRelease : IProduceLedger.Kind.Pledge);
    }

    /// @dev Hours to days, so that notices, pledges and deadlines end. Parties see what a registrar began, and stop it.
    function wait_(uint256 seed) external step(seed) {
        uint256 then = time + (one(2) ? 1 hours + roll(1 days) : 1 days + roll(3 days));
        for (uint256 i = 0; i < parties.length; ++i) watch(parties[i], then);
        time = then;
    }

    function act(IProduceLedger.Kind kind) private {
        submitted(sealedUp(draft(kind)));
    }

    /// @dev Cancels a recovery that could be completed before the party looks again. Suspension does not hinder that.
    function watch(uint64 party, uint256 then) private {
        uint64[] memory list = new uint64[](1);
        list[0] = party;
        IPartyRegistry.PendingRecovery memory pending = registry.recoveriesOf(list)[0];
        if (pending.effectiveAt == 0 || pending.effectiveAt > then) return;
        applied(registry, recoveryCancellationEntry(party, pending.keyId, secretOf(party)));
    }

    // ------------------------------------------------------------------------------------------------ what is asked

    /// @dev What the rules look at, by the books and by the ledger, in one answer: piecemeal took ten times as long.
    function report() external view returns (Report memory r) {
        (r.lots, r.states, r.held) = (lots, statesOf(lots), held());
        r.lotBooks = new LotBook[](lots.length);
        r.booked = new int256[](r.held.length);
        for (uint256 i = 0; i < lots.length; ++i) {
            r.lotBooks[i] = lotBooks[lots[i]];
            for (uint256 j = 0; j < parties.length; ++j) {
                r.booked[i * parties.length + j] = balances[lots[i]][parties[j]];
            }
        }
        (r.births, r.shrunk, r.departed) = (births, shrunk, departed);
        r.consignmentBooks = new ConsignmentBook[](consignments.length);
        for (uint256 i = 0; i < consignments.length; ++i) r.consignmentBooks[i] = consignmentBooks[consignments[i]];
        r.consignments = ledger.consignmentsOf(consignments);
        reportYields(r);
        reportPledges(r);
    }

    function reportYields(Report memory r) private view {
        r.yieldBooks = new YieldBook[](yields.length);
        bytes32[] memory which = new bytes32[](yields.length);
        uint16[] memory seasons = new uint16[](yields.length);
        for (uint256 i = 0; i < yields.length; ++i) {
            r.yieldBooks[i] = yieldBooks[yields[i]];
            (which[i], seasons[i]) = (r.yieldBooks[i].plot, r.yieldBooks[i].season);
        }
        r.yields = ledger.yieldsOf(which, seasons);
    }

    function reportPledges(Report memory r) private view {
        r.pledges = new PledgeReport[](pledges.length);
        for (uint256 i = 0; i < pledges.length; ++i) {
            (bytes32 lot, uint64 holder) = (pledges[i].lot, pledges[i].holder);
            IProduceLedger.PledgeRecord[] memory records = ledger.pledgesOf(lot, holder);
            PledgeReport memory p = r.pledges[i];
            for (uint256 j = 0; j < records.length; ++j) p.kept += int256(uint256(records[j].grams));
            (p.booked, p.held) = (pledgedOf(lot, holder), balance(lot, holder));
        }
    }

    function now_() external view returns (uint256) {
        return time;
    }

    function brokenOf(Rule rule) external view returns (string memory) {
        return broken[rule];
    }

    function statesOf(bytes32[] memory list) private view returns (IProduceLedger.LotState[] memory) {
        return ledger.lotsOf(list);
    }

    /// @dev What each party holds of each lot, by the ledger: lot by lot.
    function held() private view returns (uint64[] memory) {
        uint256 many = parties.length;
        bytes32[] memory list = new bytes32[](lots.length * many);
        uint64[] memory holders = new uint64[](lots.length * many);
        for (uint256 i = 0; i < list.length; ++i) {
            (list[i], holders[i]) = (lots[i / many], parties[i % many]);
        }
        return ledger.balancesOf(list, holders);
    }

    /// @dev All that the ledger says of what the books know.
    function fingerprint() internal view returns (bytes32) {
        bytes32[] memory sums = new bytes32[](pledges.length);
        for (uint256 i = 0; i < sums.length; ++i) {
            sums[i] = keccak256(abi.encode(ledger.pledgesOf(pledges[i].lot, pledges[i].holder)));
        }
        IProduceLedger.PlotRecord[] memory plotRecords = ledger.plotsOf(plotList());
        bytes32 custody = keccak256(abi.encode(statesOf(lots), held(), ledger.consignmentsOf(consignments)));
        return keccak256(abi.encode(custody, plotRecords, yieldRecords(), sums));
    }

    function plotList() private view returns (bytes32[] memory list) {
        list = new bytes32[](plots.length);
        for (uint256 i = 0; i < list.length; ++i) list[i] = plots[i];
    }

    function yieldRecords() private view returns (IProduceLedger.YieldRecord[] memory) {
        bytes32[] memory list = new bytes32[](2 * plots.length);
        uint16[] memory seasons = new uint16[](list.length);
        for (uint256 i = 0; i < list.length; ++i) {
            (list[i], seasons[i]) = (plots[i / 2], SEASON + uint16(i % 2));
        }
        return ledger.yieldsOf(list, seasons);
    }
}
