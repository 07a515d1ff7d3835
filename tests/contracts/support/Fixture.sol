// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EntryRelay} from "../../../contracts/EntryRelay.sol";
import {PartyRegistry} from "../../../contracts/PartyRegistry.sol";
import {ProduceLedger} from "../../../contracts/ProduceLedger.sol";
import {IEntryRelay} from "../../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../../contracts/libraries/ActionHashes.sol";
import {RegistryHashes} from "../../../contracts/libraries/RegistryHashes.sol";
import {Roles} from "../../../contracts/libraries/Roles.sol";
import {Vm} from "./Vm.sol";

/**
 * @title Both contracts with a handful of admitted parties, and makers of signed entries
 * @dev Party n signs with the private key `0x5170 + n`, under `scheme()`; the registrar under secp256k1. The struct hashes come from the contracts' own libraries;
 * `TypeHashes.t.sol` holds those against forge's encoder.
 */
abstract contract Fixture {
    using ActionHashes for *;
    using RegistryHashes for *;

    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint64 internal constant FARM = 9521000000012;
    uint64 internal constant PACKER = 9521000000029;
    uint64 internal constant CARRIER = 9521000000036;
    uint64 internal constant BUYER = 9521000000043;
    uint64 internal constant REGULATOR = 10_000_000_000_001;
    uint64 internal constant CERTIFIER = 10_000_000_000_002;
    uint64 internal constant LENDER = 10_000_000_000_003;
    /// @dev Never admitted.
    uint64 internal constant STRANGER = 9521000000999;

    /// @dev Belongs to FARM, permitted to PACKER.
    uint64 internal constant BULK = 9521000100019;
    /// @dev Belongs to PACKER.
    uint64 internal constant BOX = 9521000100026;
    uint16 internal constant SEASON = 2026;
    uint64 internal constant MOST_GRAMS = 2 ** 36 - 1;

    uint256 internal constant START = 1_790_000_000;
    uint64 internal constant DEADLINE = uint64(START + 7 days);
    uint256 internal constant REGISTRAR_SECRET = 0xA11CE;
    bytes32 internal constant CONTENT = keccak256("content");
    uint48 internal constant RECOVERY_DELAY = 7 days;
    address internal constant ADMIN = address(0xAD);
    uint256 internal constant P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;

    PartyRegistry internal registry;
    ProduceLedger internal ledger;

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

    // ------------------------------------------------------------------------------------------------ signing

    function secretOf(uint64 party) internal pure returns (uint256) {
        return 0x5170 + party;
    }

    /// @dev How parties sign; a test that holds for both schemes is inherited and overrides this.
    function scheme() internal pure virtual returns (IPartyRegistry.Scheme) {
        return IPartyRegistry.Scheme.Secp256k1;
    }

    function usesP256(uint256 secret) private pure returns (bool) {
        return scheme() == IPartyRegistry.Scheme.P256 && secret != REGISTRAR_SECRET;
    }

    function keyOf(uint64 party) internal pure returns (bytes32) {
        return keyOfSecret(secretOf(party));
    }

    function keyOfSecret(uint256 secret) internal pure returns (bytes32) {
        if (usesP256(secret)) {
            (uint256 x, uint256 y) = vm.publicKeyP256(secret);
            return keccak256(abi.encode(x, y));
        }
        return bytes32(uint256(uint160(vm.addr(secret))));
    }

    function signed(uint256 secret, bytes32 digest) internal pure returns (bytes memory) {
        if (usesP256(secret)) return signedP256(secret, digest);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev As WebCrypto's ECDSA with SHA-256, with s brought to its lower half.
    function signedP256(uint256 secret, bytes32 digest) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = vm.signP256(secret, sha256(abi.encodePacked(digest)));
        if (uint256(s) > P256_ORDER / 2) s = bytes32(P256_ORDER - uint256(s));
        (uint256 x, uint256 y) = vm.publicKeyP256(secret);
        return abi.encodePacked(r, s, x, y);
    }

    function digestOf(string memory name, uint256 chainId, address target, bytes32 structHash)
        internal
        pure
        returns (bytes32)
    {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256("1"),
                chainId,
                target
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    function ledgerDigest(bytes32 structHash) internal view returns (bytes32) {
        return digestOf("Silkroot ProduceLedger", block.chainid, address(ledger), structHash);
    }

    function registryDigest(bytes32 structHash) internal view returns (bytes32) {
        return digestOf("Silkroot PartyRegistry", block.chainid, address(registry), structHash);
    }

    function entryOf(IProduceLedger.Kind kind, uint64 party, bytes memory payload, bytes32 structHash)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return IEntryRelay.Entry(
            uint8(kind), keyOf(party), payload, signed(secretOf(party), ledgerDigest(structHash))
        );
    }

    function registryEntry(IPartyRegistry.Kind kind, uint256 secret, bytes memory payload, bytes32 structHash)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return IEntryRelay.Entry(
            uint8(kind), keyOfSecret(secret), payload, signed(secret, registryDigest(structHash))
        );
    }

    // ------------------------------------------------------------------------------------------------ registry

    function admissionEntry(IPartyRegistry.Admission memory admission_, uint256 newSecret)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        bytes memory witness = signed(newSecret, registryDigest(admission_.hash()));
        return registryEntry(
            IPartyRegistry.Kind.Admission, REGISTRAR_SECRET, abi.encode(admission_, witness), admission_.hash()
        );
    }

    function admission(uint64 party, uint16 roles) internal pure returns (IPartyRegistry.Admission memory) {
        return IPartyRegistry.Admission(
            party, roles, keyOf(party), scheme(), false, DEADLINE
        );
    }

    function admit(uint64 party, uint16 roles) internal {
        applied(registry, admissionEntry(admission(party, roles), secretOf(party)));
    }

    function assign(uint64 product, uint64 owner) internal {
        applied(registry, assignmentEntry(IPartyRegistry.ProductAssignment(product, owner, DEADLINE)));
    }

    function grantEntry(IPartyRegistry.KeyGrant memory grant, uint256 adminSecret, uint256 newSecret)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        bytes memory witness = signed(newSecret, registryDigest(grant.hash()));
        return registryEntry(IPartyRegistry.Kind.KeyGrant, adminSecret, abi.encode(grant, witness), grant.hash());
    }

    function revocationEntry(IPartyRegistry.KeyRevocation memory revocation, uint256 secret)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return
            registryEntry(IPartyRegistry.Kind.KeyRevocation, secret, abi.encode(revocation), revocation.hash());
    }

    function assignmentEntry(IPartyRegistry.ProductAssignment memory assignment)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return registryEntry(
            IPartyRegistry.Kind.ProductAssignment, REGISTRAR_SECRET, abi.encode(assignment), assignment.hash()
        );
    }

    function permitEntry(IPartyRegistry.ProductPermit memory permit)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return registryEntry(
            IPartyRegistry.Kind.ProductPermit, secretOf(permit.owner), abi.encode(permit), permit.hash()
        );
    }

    function roleEntry(IPartyRegistry.RoleChange memory change) internal view returns (IEntryRelay.Entry memory) {
        return registryEntry(IPartyRegistry.Kind.RoleChange, REGISTRAR_SECRET, abi.encode(change), change.hash());
    }

    function suspensionEntry(uint64 party, bool suspended, uint64 deadline)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        IPartyRegistry.Suspension memory s = IPartyRegistry.Suspension(party, suspended, deadline);
        return registryEntry(IPartyRegistry.Kind.Suspension, REGISTRAR_SECRET, abi.encode(s), s.hash());
    }

    function suspend(uint64 party) internal {
        applied(registry, suspensionEntry(party, true, DEADLINE));
    }

    function recovery(uint64 party, uint256 newSecret) internal view returns (IPartyRegistry.Recovery memory) {
        uint64 effectiveAt = uint64(block.timestamp + RECOVERY_DELAY);
        uint64 deadline = uint64(block.timestamp + 1 hours);
        return IPartyRegistry.Recovery(party, keyOfSecret(newSecret), scheme(), false, effectiveAt, deadline);
    }

    function recoveryEntry(IPartyRegistry.Recovery memory r, uint256 signer, uint256 newSecret)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        bytes memory witness = signed(newSecret, registryDigest(r.hash()));
        return registryEntry(IPartyRegistry.Kind.Recovery, signer, abi.encode(r, witness), r.hash());
    }

    function recoveryCancellationEntry(uint64 party, bytes32 keyId, uint256 signer)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        IPartyRegistry.RecoveryCancellation memory c =
            IPartyRegistry.RecoveryCancellation(party, keyId, uint64(block.timestamp + 1 days));
        return registryEntry(IPartyRegistry.Kind.RecoveryCancellation, signer, abi.encode(c), c.hash());
    }

    function completionEntry(uint64 party, uint256 newSecret, uint256 signer)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        IPartyRegistry.RecoveryCompletion memory c = IPartyRegistry.RecoveryCompletion(
            party, keyOfSecret(newSecret), uint64(block.timestamp + 1 days)
        );
        return registryEntry(IPartyRegistry.Kind.RecoveryCompletion, signer, abi.encode(c), c.hash());
    }

    function cancellationEntry(uint64 party, bytes32 digest, uint256 signer)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        IPartyRegistry.Cancellation memory c = IPartyRegistry.Cancellation(party, digest, DEADLINE);
        return registryEntry(IPartyRegistry.Kind.Cancellation, signer, abi.encode(c), c.hash());
    }

    /// @dev Signed under secp256k1 whatever the test's scheme: roles belong to addresses.
    function acceptanceEntry(bytes32 role, uint256 signer) internal view returns (IEntryRelay.Entry memory) {
        IPartyRegistry.RoleAcceptance memory a = IPartyRegistry.RoleAcceptance(role, DEADLINE);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer, registryDigest(a.hash()));
        return IEntryRelay.Entry(
            uint8(IPartyRegistry.Kind.RoleAcceptance),
            bytes32(uint256(uint160(vm.addr(signer)))),
            abi.encode(a),
            abi.encodePacked(r, s, v)
        );
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
