// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EntryRelay} from "../../../contracts/EntryRelay.sol";
import {PartyRegistry} from "../../../contracts/PartyRegistry.sol";
import {ProduceLedger} from "../../../contracts/ProduceLedger.sol";
import {IEntryRelay} from "../../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../../contracts/libraries/ActionHashes.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {RegistryEntries} from "./RegistryEntries.sol";

/**
 * @title Both contracts with a handful of admitted parties, and makers of signed entries
 * @dev Who the parties are: `Signers`. The struct hashes come from the contracts' own libraries;
 * `TypeHashes.t.sol` holds those against forge's encoder.
 */
abstract contract Fixture is RegistryEntries {
    using ActionHashes for *;

    function setUp() public virtual {
        vm.warp(START);
        registry = new PartyRegistry(ADMIN, vm.addr(REGISTRAR_SECRET), 2 days, RECOVERY_DELAY);
        ledger = new ProduceLedger(registry);
        admit(FARM, Roles.PRODUCER);
        admit(PACKER, Roles.PACKER | Roles.BUYER);
        admit(CARRIER, Roles.CARRIER);
        admit(BUYER, Roles.BUYER);
        admit(REGULATOR, Roles.REGULATOR);
        admit(CERTIFIER, Roles.CERTIFIER);
        admit(LENDER, Roles.LENDER);
        assign(BULK, FARM);
        assign(BOX, PACKER);
        applied(registry, permitEntry(IPartyRegistry.ProductPermit(BULK, FARM, PACKER, true, DEADLINE)));
    }

    // ------------------------------------------------------------------------------------------------ outcomes

    /// @dev Applies one entry as the contract itself would, so that its refusal is seen bare.
    function applied(EntryRelay target, IEntryRelay.Entry memory entry) internal {
        vm.prank(address(target));
        target.applyEntry(entry);
    }

    /// @dev Expects that the entry is refused with exactly this error.
    function refused(EntryRelay target, IEntryRelay.Entry memory entry, bytes memory reason) internal {
        vm.expectRevert(reason);
        vm.prank(address(target));
        target.applyEntry(entry);
    }

    function recorded(IEntryRelay.Entry memory entry) internal {
        applied(ledger, entry);
    }

    function refused(IEntryRelay.Entry memory entry, bytes memory reason) internal {
        refused(ledger, entry, reason);
    }

    function admit(uint64 party, uint16 roles) internal {
        applied(registry, admissionEntry(admission(party, roles), secretOf(party)));
    }

    function assign(uint64 product, uint64 owner) internal {
        applied(registry, assignmentEntry(IPartyRegistry.ProductAssignment(product, owner, DEADLINE)));
    }

    function suspend(uint64 party) internal {
        applied(registry, suspensionEntry(party, true, DEADLINE));
    }

    // ------------------------------------------------------------------------------------------------ ledger

    function harvestEntry(IProduceLedger.Harvest memory action) internal view returns (IEntryRelay.Entry memory) {
        return entryOf(IProduceLedger.Kind.Harvest, action.producer, abi.encode(action), action.hash());
    }

    function intakeEntry(IProduceLedger.Intake memory action) internal view returns (IEntryRelay.Entry memory) {
        return entryOf(IProduceLedger.Kind.Intake, action.buyer, abi.encode(action), action.hash());
    }

    function transformationEntry(IProduceLedger.Transformation memory action)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return entryOf(IProduceLedger.Kind.Transformation, action.packer, abi.encode(action), action.hash());
    }

    function shipmentEntry(IProduceLedger.Shipment memory action) internal view returns (IEntryRelay.Entry memory) {
        return entryOf(IProduceLedger.Kind.Shipment, action.shipper, abi.encode(action), action.hash());
    }

    function receiptEntry(IProduceLedger.Receipt memory action, IProduceLedger.Line[] memory manifest)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return
            entryOf(IProduceLedger.Kind.Receipt, action.receiver, abi.encode(action, manifest), action.hash());
    }

    function saleEntry(IProduceLedger.Sale memory action) internal view returns (IEntryRelay.Entry memory) {
        return entryOf(IProduceLedger.Kind.Sale, action.holder, abi.encode(action), action.hash());
    }

    function disposalEntry(IProduceLedger.Disposal memory action) internal view returns (IEntryRelay.Entry memory) {
        return entryOf(IProduceLedger.Kind.Disposal, action.holder, abi.encode(action), action.hash());
    }

    function recallEntry(IProduceLedger.Recall memory action) internal view returns (IEntryRelay.Entry memory) {
        return entryOf(IProduceLedger.Kind.Recall, action.issuer, abi.encode(action), action.hash());
    }

    function releaseEntry(IProduceLedger.Release memory action) internal view returns (IEntryRelay.Entry memory) {
        return entryOf(IProduceLedger.Kind.Release, action.issuer, abi.encode(action), action.hash());
    }

    function statementEntry(IProduceLedger.Statement memory action)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return entryOf(IProduceLedger.Kind.Statement, action.party, abi.encode(action), action.hash());
    }

    function plotEntry(IProduceLedger.PlotRegistration memory action)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return entryOf(IProduceLedger.Kind.PlotRegistration, action.certifier, abi.encode(action), action.hash());
    }

    function yieldEntry(IProduceLedger.YieldCertificate memory action)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return entryOf(IProduceLedger.Kind.YieldCertificate, action.certifier, abi.encode(action), action.hash());
    }

    // ------------------------------------------------------------------------------------------------ short forms

    function lotOf(uint64 product, string memory code) internal pure returns (bytes32) {
        return keccak256(abi.encode(product, bytes32(bytes(code))));
    }

    function harvest(string memory code, uint64 grams) internal pure returns (IProduceLedger.Harvest memory) {
        return IProduceLedger.Harvest(FARM, BULK, code, bytes32(0), SEASON, grams, CONTENT, DEADLINE);
    }

    /// @dev What goes into no output is process loss.
    function transformation(
        uint64 packer,
        IProduceLedger.Line[] memory inputs,
        IProduceLedger.Output[] memory outputs
    ) internal pure returns (IProduceLedger.Transformation memory) {
        uint64 loss = 0;
        unchecked {
            for (uint256 i = 0; i < inputs.length; ++i) loss += inputs[i].grams;
            for (uint256 i = 0; i < outputs.length; ++i) loss -= outputs[i].grams;
        }
        return IProduceLedger.Transformation(packer, inputs, outputs, 0, loss, 0, CONTENT, DEADLINE);
    }

    /// @dev CERTIFIER registered the plot of FARM and certified that many grams for SEASON.
    function certified(bytes32 plot, uint64 grams) internal {
        recorded(plotEntry(IProduceLedger.PlotRegistration(CERTIFIER, FARM, plot, CONTENT, DEADLINE)));
        recorded(yieldEntry(IProduceLedger.YieldCertificate(CERTIFIER, plot, SEASON, grams, CONTENT, DEADLINE)));
    }

    /// @dev A lot of BULK that FARM harvested and holds.
    function harvested(string memory code, uint64 grams) internal returns (bytes32 lot) {
        recorded(harvestEntry(harvest(code, grams)));
        return lotOf(BULK, code);
    }

    function consignmentOf(uint64 shipper, string memory ref) internal pure returns (bytes32) {
        return keccak256(abi.encode(shipper, keccak256(bytes(ref))));
    }

    function shipped(uint64 shipper, uint64 receiver, string memory ref, IProduceLedger.Line[] memory manifest)
        internal
        returns (bytes32)
    {
        recorded(shipmentEntry(shipment(shipper, receiver, ref, manifest)));
        return consignmentOf(shipper, ref);
    }

    function shipment(uint64 shipper, uint64 receiver, string memory ref, IProduceLedger.Line[] memory manifest)
        internal
        pure
        returns (IProduceLedger.Shipment memory)
    {
        return IProduceLedger.Shipment(shipper, receiver, ref, manifest, CONTENT, DEADLINE);
    }

    function receipt(uint64 receiver, bytes32 consignment, IProduceLedger.Line[] memory manifest)
        internal
        pure
        returns (IProduceLedger.Receipt memory)
    {
        return IProduceLedger.Receipt(receiver, consignment, manifest.hash(), CONTENT, DEADLINE);
    }

    function handedOver(
        uint64 shipper,
        uint64 receiver,
        string memory ref,
        IProduceLedger.Line[] memory manifest
    ) internal {
        bytes32 consignment = shipped(shipper, receiver, ref, manifest);
        recorded(receiptEntry(receipt(receiver, consignment, manifest), manifest));
    }

    function lines(bytes32 lot, uint64 grams) internal pure returns (IProduceLedger.Line[] memory list) {
        list = new IProduceLedger.Line[](1);
        list[0] = IProduceLedger.Line(lot, grams);
    }

    /// @dev Two lines, put in order.
    function lines(bytes32 lotA, uint64 gramsA, bytes32 lotB, uint64 gramsB)
        internal
        pure
        returns (IProduceLedger.Line[] memory list)
    {
        list = new IProduceLedger.Line[](2);
        (uint256 a, uint256 b) = lotA < lotB ? (0, 1) : (1, 0);
        list[a] = IProduceLedger.Line(lotA, gramsA);
        list[b] = IProduceLedger.Line(lotB, gramsB);
    }

    function balance(bytes32 lot, uint64 holder) internal view returns (uint64) {
        bytes32[] memory lots = new bytes32[](1);
        uint64[] memory holders = new uint64[](1);
        (lots[0], holders[0]) = (lot, holder);
        return ledger.balancesOf(lots, holders)[0];
    }

    function lotState(bytes32 lot) internal view returns (IProduceLedger.LotState memory) {
        bytes32[] memory lots = new bytes32[](1);
        lots[0] = lot;
        return ledger.lotsOf(lots)[0];
    }

    function consignmentRecord(bytes32 id) internal view returns (IProduceLedger.ConsignmentRecord memory) {
        bytes32[] memory ids = new bytes32[](1);
        ids[0] = id;
        return ledger.consignmentsOf(ids)[0];
    }
}
