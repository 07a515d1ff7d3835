// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {Roles} from "../../contracts/libraries/Roles.sol";
import {LedgerEntries} from "./support/LedgerEntries.sol";

/// @title Plots, their certified yields, and harvests that count against them
contract PlotsTest is LedgerEntries {
    using ActionHashes for *;

    bytes32 private constant PLOT = keccak256("plot");
    uint64 private constant SECOND_CERTIFIER = 10_000_000_000_004;
    uint64 private constant SECOND_FARM = 9521000000050;

    function setUp() public override {
        super.setUp();
        admit(SECOND_CERTIFIER, Roles.CERTIFIER);
        admit(SECOND_FARM, Roles.PRODUCER);
    }

    function registration(uint64 certifier, uint64 producer)
        private
        pure
        returns (IProduceLedger.PlotRegistration memory)
    {
        return IProduceLedger.PlotRegistration(certifier, producer, PLOT, CONTENT, DEADLINE);
    }

    function certificate(uint64 certifier, uint64 grams)
        private
        pure
        returns (IProduceLedger.YieldCertificate memory)
    {
        return IProduceLedger.YieldCertificate(certifier, PLOT, SEASON, grams, CONTENT, DEADLINE);
    }

    function harvestOf(string memory code, uint64 grams) private pure returns (IProduceLedger.Harvest memory h) {
        h = harvest(code, grams);
        h.plot = PLOT;
    }

    function grown(string memory code, uint64 grams) private returns (bytes32) {
        recorded(harvestEntry(harvestOf(code, grams)));
        return lotOf(BULK, code);
    }

    function requireYield(uint64 certified_, uint64 harvested_) private view {
        IProduceLedger.YieldRecord memory record = yieldOf(PLOT, SEASON);
        vm.assertEq(record.certified, certified_, "certified");
        vm.assertEq(record.harvested, harvested_, "harvested");
    }

    // ------------------------------------------------------------------------------------------------ registration

    function test_ACertifierRegistersAPlotOfAProducer() public {
        vm.assertEq(plotOf(PLOT).certifier, 0, "unknown before");
        IProduceLedger.PlotRegistration memory action = registration(CERTIFIER, FARM);
        recordedAs(plotEntry(action), IProduceLedger.Kind.PlotRegistration, CERTIFIER, action.hash());
        vm.assertEq(plotOf(PLOT).producer, FARM, "whose");
        vm.assertEq(plotOf(PLOT).certifier, CERTIFIER, "by whom");
        requireYield(0, 0);
    }

    function test_OnlyACertifierRegisters() public {
        refused(
            plotEntry(registration(FARM, FARM)),
            abi.encodeWithSelector(IPartyRegistry.RoleMissing.selector, FARM, Roles.PRODUCER, Roles.CERTIFIER)
        );
    }

    function test_OnlyForAProducer() public {
        uint64[2] memory others = [PACKER, STRANGER];
        for (uint256 i = 0; i < others.length; ++i) {
            refused(
                plotEntry(registration(CERTIFIER, others[i])),
                abi.encodeWithSelector(IProduceLedger.NotAProducer.selector, others[i])
            );
        }
        suspend(FARM);
        refused(
            plotEntry(registration(CERTIFIER, FARM)),
            abi.encodeWithSelector(IProduceLedger.NotAProducer.selector, FARM)
        );
    }

    function test_APlotIsRegisteredOnce() public {
        recorded(plotEntry(registration(CERTIFIER, FARM)));
        bytes memory reason = abi.encodeWithSelector(IProduceLedger.PlotExists.selector, PLOT, FARM);
        refused(plotEntry(registration(CERTIFIER, FARM)), reason);
        refused(plotEntry(registration(SECOND_CERTIFIER, SECOND_FARM)), reason);
    }

    // ------------------------------------------------------------------------------------------------ yield

    function test_ItsCertifierStatesAYieldOfASeason() public {
        recorded(plotEntry(registration(CERTIFIER, FARM)));
        IProduceLedger.YieldCertificate memory action = certificate(CERTIFIER, 1000);
        recordedAs(yieldEntry(action), IProduceLedger.Kind.YieldCertificate, CERTIFIER, action.hash());
        requireYield(1000, 0);
        vm.assertEq(yieldOf(PLOT, SEASON + 1).certified, 0, "no other season");
        action.season += 1;
        action.grams = 5000;
        recorded(yieldEntry(action));
        vm.assertEq(yieldOf(PLOT, SEASON + 1).certified, 5000, "each season by itself");
        requireYield(1000, 0);
    }

    function test_AYieldMayBeMoreThanALot() public {
        certified(PLOT, type(uint64).max);
        requireYield(type(uint64).max, 0);
        grown("A", MOST_GRAMS);
        requireYield(type(uint64).max, MOST_GRAMS);
    }

    function test_OnlyACertifierAndOnlyItsOwn() public {
        refused(
            yieldEntry(certificate(CERTIFIER, 1)),
            abi.encodeWithSelector(IProduceLedger.UnknownPlot.selector, PLOT)
        );
        recorded(plotEntry(registration(CERTIFIER, FARM)));
        refused(
            yieldEntry(certificate(FARM, 1)),
            abi.encodeWithSelector(IPartyRegistry.RoleMissing.selector, FARM, Roles.PRODUCER, Roles.CERTIFIER)
        );
        refused(
            yieldEntry(certificate(SECOND_CERTIFIER, 1)),
            abi.encodeWithSelector(
                IProduceLedger.NotThePlotsCertifier.selector, PLOT, CERTIFIER, SECOND_CERTIFIER
            )
        );
    }

    function test_AYieldIsOnlyLoweredAfterThat() public {
        certified(PLOT, 1000);
        grown("A", 400);
        refused(yieldEntry(certificate(CERTIFIER, 1000)), notLower(1000, 1000));
        refused(yieldEntry(certificate(CERTIFIER, 1001)), notLower(1000, 1001));
        recorded(yieldEntry(certificate(CERTIFIER, 999)));
        requireYield(999, 400);
        refused(yieldEntry(certificate(CERTIFIER, 1000)), notLower(999, 1000));
        recorded(yieldEntry(certificate(CERTIFIER, 400)));
        requireYield(400, 400);
    }

    function notLower(uint64 before, uint64 grams) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IProduceLedger.YieldNotLower.selector, PLOT, SEASON, before, grams);
    }

    function belowHarvest(uint64 harvested_, uint64 grams) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IProduceLedger.YieldBelowHarvest.selector, PLOT, SEASON, harvested_, grams);
    }

    function test_NeverBelowTheHarvestAndNeverZero() public {
        recorded(plotEntry(registration(CERTIFIER, FARM)));
        refused(yieldEntry(certificate(CERTIFIER, 0)), belowHarvest(0, 0));
        recorded(yieldEntry(certificate(CERTIFIER, 1000)));
        refused(yieldEntry(certificate(CERTIFIER, 0)), belowHarvest(0, 0));
        grown("A", 400);
        refused(yieldEntry(certificate(CERTIFIER, 399)), belowHarvest(400, 399));
        refused(yieldEntry(certificate(CERTIFIER, 0)), belowHarvest(400, 0));
    }

    // ------------------------------------------------------------------------------------------------ harvests

    function exceeded(uint64 certified_, uint64 harvested_, uint64 grams) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IProduceLedger.YieldExceeded.selector, certified_, harvested_, grams);
    }

    function test_HarvestsCountAgainstTheYieldAndAreCertified() public {
        certified(PLOT, 1000);
        bytes32 lot = grown("A", 600);
        vm.assertEq(lotState(lot).certifiedGrams, 600, "certified whole");
        requireYield(1000, 600);
        refused(harvestEntry(harvestOf("B", 401)), exceeded(1000, 600, 401));
        bytes32 rest = grown("B", 400);
        vm.assertEq(lotState(rest).certifiedGrams, 400, "to the last gram");
        refused(harvestEntry(harvestOf("C", 1)), exceeded(1000, 1000, 1));
        vm.assertEq(lotState(lotOf(BULK, "C")).issuer, 0, "refused whole");
    }

    function test_ALoweredYieldIsTheLimitAndTakesNothingBack() public {
        certified(PLOT, 1000);
        bytes32 lot = grown("A", 600);
        recorded(yieldEntry(certificate(CERTIFIER, 700)));
        refused(harvestEntry(harvestOf("B", 101)), exceeded(700, 600, 101));
        grown("B", 100);
        vm.assertEq(lotState(lot).certifiedGrams, 600, "the first lot as before");
    }

    function test_AnotherSeasonIsAnotherYield() public {
        certified(PLOT, 1000);
        IProduceLedger.Harvest memory h = harvestOf("A", 5000);
        h.season += 1;
        recorded(harvestEntry(h));
        vm.assertEq(lotState(lotOf(BULK, "A")).certifiedGrams, 0, "nobody certified that season");
        requireYield(1000, 0);
    }

    function test_WithoutAPlotOrAYieldNothingIsCertified() public {
        vm.assertEq(lotState(grown("A", 600)).certifiedGrams, 0, "an unknown plot");
        recorded(plotEntry(registration(CERTIFIER, FARM)));
        vm.assertEq(lotState(grown("B", 600)).certifiedGrams, 0, "a plot without a yield");
        vm.assertEq(lotState(harvested("C", 600)).certifiedGrams, 0, "no plot named");
        recorded(yieldEntry(certificate(CERTIFIER, 1000)));
        requireYield(1000, 0);
        vm.assertEq(lotState(lotOf(BULK, "B")).certifiedGrams, 0, "nor afterwards");
    }

    function test_OnlyItsProducerHarvestsAPlot() public {
        recorded(plotEntry(registration(CERTIFIER, SECOND_FARM)));
        refused(
            harvestEntry(harvestOf("A", 1)),
            abi.encodeWithSelector(IProduceLedger.NotThePlotsProducer.selector, PLOT, SECOND_FARM, FARM)
        );
    }

    function testFuzz_NoMoreIsHarvestedThanCertified(uint64 limit, uint64[8] memory grams) public {
        limit = 1 + limit % 2000;
        certified(PLOT, limit);
        uint64 sum = 0;
        for (uint256 i = 0; i < grams.length; ++i) {
            uint64 g = 1 + grams[i] % 600;
            IEntryRelay.Entry memory entry = harvestEntry(harvestOf(vm.toString(i), g));
            if (sum + g > limit) {
                refused(entry, exceeded(limit, sum, g));
            } else {
                recorded(entry);
                sum += g;
            }
        }
        requireYield(limit, sum);
    }
}
