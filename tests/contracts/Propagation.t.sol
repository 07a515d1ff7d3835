// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {LedgerEntries} from "./support/LedgerEntries.sol";

/// @title A recall travels to what was made from the lot, and ends there with it
contract PropagationTest is LedgerEntries {
    using ActionHashes for *;

    /// @dev `root` and `other` (FARM's, held by PACKER) make `child`; `child` makes `grandchild`; that, `last`.
    bytes32 private root;
    bytes32 private other;
    bytes32 private child;
    bytes32 private grandchild;
    bytes32 private last;

    function setUp() public override {
        super.setUp();
        root = harvested("L1", 1000);
        other = harvested("L2", 1000);
        handedOver(FARM, PACKER, "R", lines(root, 800, other, 800));
        child = made(lines(root, 500, other, 500), "C1");
        grandchild = made(lines(child, 500), "C2");
        last = made(lines(grandchild, 250), "C3");
    }

    /// @dev One output of BOX, half of what goes in.
    function made(IProduceLedger.Line[] memory inputs, string memory code) private returns (bytes32) {
        recorded(transformationEntry(transformation(PACKER, inputs, halfOf(inputs, code))));
        return lotOf(BOX, code);
    }

    function halfOf(IProduceLedger.Line[] memory inputs, string memory code)
        private
        pure
        returns (IProduceLedger.Output[] memory)
    {
        uint64 sum = 0;
        for (uint256 i = 0; i < inputs.length; ++i) sum += inputs[i].grams;
        return output(BOX, code, sum / 2);
    }

    function toChild() private view returns (IEntryRelay.Entry memory) {
        IProduceLedger.Line[] memory inputs = lines(root, 500, other, 500);
        return propagationEntry(child, inputs, halfOf(inputs, "C1").hash());
    }

    function toGrandchild() private view returns (IEntryRelay.Entry memory) {
        return propagationEntry(grandchild, lines(child, 500), halfOf(lines(child, 500), "C2").hash());
    }

    function toLast() private view returns (IEntryRelay.Entry memory) {
        return propagationEntry(last, lines(grandchild, 250), halfOf(lines(grandchild, 250), "C3").hash());
    }

    function recall(uint64 by, bytes32 lot) private pure returns (IProduceLedger.Recall memory) {
        return IProduceLedger.Recall(by, lot, CONTENT, DEADLINE);
    }

    function release(uint64 by, bytes32 lot) private pure returns (IProduceLedger.Release memory) {
        return IProduceLedger.Release(by, lot, CONTENT, DEADLINE);
    }

    function nothingFor(bytes32 lot) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IProduceLedger.NothingToPropagate.selector, lot);
    }

    function requireRecalled(bytes32 lot, uint64 by, bool inherited) private view {
        vm.assertEq(lotState(lot).recalledBy, by, "recalled by");
        vm.assertTrue(lotState(lot).inherited == inherited, "carried here or not");
    }

    // ------------------------------------------------------------------------------------------------ stories

    function test_DownThreeGenerationsAndBack() public {
        refused(toChild(), nothingFor(child));
        recorded(recallEntry(recall(REGULATOR, root)));
        requireRecalled(child, 0, false);
        refused(toGrandchild(), nothingFor(grandchild));

        vm.expectEmit(address(ledger));
        emit IProduceLedger.RecallCarried(child, root, REGULATOR);
        recorded(toChild());
        requireRecalled(child, REGULATOR, true);
        vm.expectEmit(address(ledger));
        emit IProduceLedger.RecallCarried(grandchild, child, REGULATOR);
        recorded(toGrandchild());
        recorded(toLast());
        requireRecalled(last, REGULATOR, true);
        refused(
            saleEntry(IProduceLedger.Sale(PACKER, lines(last, 1), CONTENT, DEADLINE)),
            abi.encodeWithSelector(IProduceLedger.LotRecalled.selector, last, REGULATOR)
        );

        recorded(releaseEntry(release(REGULATOR, root)));
        requireRecalled(child, REGULATOR, true);
        refused(toLast(), nothingFor(last));
        vm.expectEmit(address(ledger));
        emit IProduceLedger.RecallLifted(child);
        recorded(toChild());
        requireRecalled(child, 0, false);
        recorded(toGrandchild());
        recorded(toLast());
        requireRecalled(last, 0, false);
        recorded(saleEntry(IProduceLedger.Sale(PACKER, lines(last, 1), CONTENT, DEADLINE)));
    }

    function test_AnybodyCarriesItThroughTheRelayAndNoEntryIsCounted() public {
        recorded(recallEntry(recall(FARM, other)));
        uint32 before = lotState(child).entries;
        IEntryRelay.Entry[] memory entries = new IEntryRelay.Entry[](3);
        (entries[0], entries[1], entries[2]) = (toChild(), toGrandchild(), toLast());
        vm.prank(address(0xBEEF));
        vm.assertEq(ledger.submit(entries), 3, "in one call");
        requireRecalled(child, FARM, true);
        requireRecalled(last, FARM, true);
        vm.assertEq(lotState(child).entries, before, "nobody signed it");
    }

    function test_NoPingPong() public {
        recorded(recallEntry(recall(FARM, root)));
        recorded(toChild());
        refused(toChild(), nothingFor(child));
        recorded(releaseEntry(release(FARM, root)));
        recorded(toChild());
        refused(toChild(), nothingFor(child));
    }

    function test_ItStandsWhileOneParentIsStillRecalled() public {
        recorded(recallEntry(recall(FARM, root)));
        recorded(recallEntry(recall(REGULATOR, other)));
        recorded(toChild());
        recorded(releaseEntry(release(root < other ? FARM : REGULATOR, root < other ? root : other)));
        requireRecalled(child, root < other ? FARM : REGULATOR, true);
        recorded(toChild());
        requireRecalled(child, root < other ? REGULATOR : FARM, true);
        refused(toChild(), nothingFor(child));
        recorded(releaseEntry(release(root < other ? REGULATOR : FARM, root < other ? other : root)));
        recorded(toChild());
        requireRecalled(child, 0, false);
    }

    function test_TheFirstRecalledParentIsNamed() public {
        recorded(recallEntry(recall(FARM, root)));
        recorded(recallEntry(recall(REGULATOR, other)));
        (bytes32 first, uint64 by) = root < other ? (root, FARM) : (other, REGULATOR);
        vm.expectEmit(address(ledger));
        emit IProduceLedger.RecallCarried(child, first, by);
        recorded(toChild());
    }

    // ------------------------------------------------------------------------------------------------ beside a recall of its own

    function test_ADirectRecallTakesThePlaceOfACarriedOne() public {
        recorded(recallEntry(recall(FARM, root)));
        recorded(toChild());
        recorded(recallEntry(recall(REGULATOR, child)));
        requireRecalled(child, REGULATOR, false);
        refused(
            recallEntry(recall(PACKER, child)),
            abi.encodeWithSelector(IProduceLedger.LotRecalled.selector, child, REGULATOR)
        );
        refused(toChild(), nothingFor(child));
        recorded(releaseEntry(release(FARM, root)));
        refused(toChild(), nothingFor(child));
        requireRecalled(child, REGULATOR, false);
        recorded(releaseEntry(release(REGULATOR, child)));
        requireRecalled(child, REGULATOR, true);
        recorded(toChild());
        requireRecalled(child, 0, false);
    }

    function test_AReleasedLotStaysRecalledUntilItsParentsAreShownToBeFree() public {
        recorded(recallEntry(recall(PACKER, child)));
        recorded(recallEntry(recall(FARM, root)));
        refused(toChild(), nothingFor(child));
        recorded(releaseEntry(release(PACKER, child)));
        requireRecalled(child, PACKER, true);
        refused(
            releaseEntry(release(PACKER, child)),
            abi.encodeWithSelector(IProduceLedger.AlreadyUsed.selector, ledgerDigest(release(PACKER, child).hash()))
        );
        recorded(toChild());
        requireRecalled(child, FARM, true);
        refused(toChild(), nothingFor(child));
        recorded(releaseEntry(release(FARM, root)));
        recorded(toChild());
        requireRecalled(child, 0, false);
    }

    /// @dev With one of its own in the place of the carried one, taken back at once, and all of it in one call.
    function test_WhoPackedALotCannotShedARecallThatWasCarriedToIt() public {
        recorded(recallEntry(recall(REGULATOR, root)));
        recorded(toChild());
        IEntryRelay.Entry[] memory batch = new IEntryRelay.Entry[](3);
        batch[0] = recallEntry(recall(PACKER, child));
        batch[1] = releaseEntry(release(PACKER, child));
        batch[2] = saleEntry(IProduceLedger.Sale(PACKER, lines(child, 1), CONTENT, DEADLINE));
        vm.assertEq(ledger.submit(batch), 2, "all but the sale");
        requireRecalled(child, PACKER, true);
        recorded(toChild());
        requireRecalled(child, REGULATOR, true);
    }

    /// @dev Nobody signs it, and it gives nobody any power.
    function test_APauseDoesNotStopARecallOnItsWay() public {
        recorded(recallEntry(recall(FARM, root)));
        vm.prank(ADMIN);
        registry.pause();
        recorded(toChild());
        requireRecalled(child, FARM, true);
    }

    function test_NobodyReleasesACarriedRecall() public {
        recorded(recallEntry(recall(REGULATOR, root)));
        recorded(toChild());
        bytes memory reason = abi.encodeWithSelector(IProduceLedger.RecallInherited.selector, child);
        refused(releaseEntry(release(PACKER, child)), reason);
        refused(releaseEntry(release(REGULATOR, child)), reason);
    }

    function test_ALotUnderACarriedRecallGoesBackToItsIssuerOrToDestruction() public {
        handedOver(PACKER, BUYER, "R2", lines(last, 100));
        recorded(recallEntry(recall(FARM, root)));
        recorded(toChild());
        recorded(toGrandchild());
        recorded(toLast());
        refused(
            shipmentEntry(shipment(BUYER, CARRIER, "R3", lines(last, 1))),
            abi.encodeWithSelector(IProduceLedger.LotRecalled.selector, last, FARM)
        );
        handedOver(BUYER, PACKER, "R3", lines(last, 40));
        recorded(disposalEntry(IProduceLedger.Disposal(BUYER, lines(last, 60), CONTENT, DEADLINE)));
    }

    // ------------------------------------------------------------------------------------------------ refusals

    function wrongOrigin(bytes32 lot, IEntryRelay.Entry memory entry) private view returns (bytes memory) {
        (, IProduceLedger.Line[] memory inputs, bytes32 outputsHash) =
            abi.decode(entry.payload, (bytes32, IProduceLedger.Line[], bytes32));
        bytes32 shown = keccak256(abi.encode(inputs.hash(), outputsHash));
        return abi.encodeWithSelector(
            IProduceLedger.WrongOrigin.selector, lot, lotState(lot).originHash, shown
        );
    }

    function test_RefusesParentsThatAreNotTheLots() public {
        recorded(recallEntry(recall(REGULATOR, root)));
        IProduceLedger.Line[] memory inputs = lines(root, 500, other, 500);
        bytes32 outputsHash = halfOf(inputs, "C1").hash();
        IEntryRelay.Entry memory entry = propagationEntry(grandchild, inputs, outputsHash);
        refused(entry, wrongOrigin(grandchild, entry));
        entry = propagationEntry(child, lines(root, 500), outputsHash);
        refused(entry, wrongOrigin(child, entry));
        entry = propagationEntry(child, lines(root, 501, other, 500), outputsHash);
        refused(entry, wrongOrigin(child, entry));
        entry = propagationEntry(child, inputs, keccak256("?"));
        refused(entry, wrongOrigin(child, entry));
        entry = propagationEntry(child, new IProduceLedger.Line[](0), outputsHash);
        refused(entry, wrongOrigin(child, entry));
        vm.assertEq(lotState(child).recalledBy, 0, "nothing carried");
    }

    function test_RefusesALotThatWasNotMadeFromOthers() public {
        recorded(recallEntry(recall(REGULATOR, root)));
        IEntryRelay.Entry memory entry = propagationEntry(other, lines(root, 1), keccak256(""));
        refused(entry, wrongOrigin(other, entry));
    }

    function test_RefusesAnUnknownLot() public {
        refused(
            propagationEntry(keccak256("?"), lines(root, 1), keccak256("")),
            abi.encodeWithSelector(IProduceLedger.UnknownLot.selector, keccak256("?"))
        );
    }
}
