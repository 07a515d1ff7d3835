// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ProduceLedger} from "../../contracts/ProduceLedger.sol";
import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title No forged, malleated, truncated or displaced signature makes an entry stand
contract SignaturesTest is Fixture {
    using ActionHashes for *;

    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function invalid(uint64 party) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPartyRegistry.InvalidSignature.selector, keyOf(party));
    }

    function split(bytes memory signature) private pure returns (bytes32 r, bytes32 s, uint8 v) {
        assembly ("memory-safe") {
            r := mload(add(signature, 0x20))
            s := mload(add(signature, 0x40))
            v := byte(0, mload(add(signature, 0x60)))
        }
    }

    function test_RefusesHighS() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        (bytes32 r, bytes32 s, uint8 v) = split(entry.signature);
        entry.signature = abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        vm.assertEq(
            bytes32(
                uint256(
                    uint160(
                        ecrecover(
                            ledgerDigest(harvest("L1", 5).hash()), v == 27 ? 28 : 27, r, bytes32(ORDER - uint256(s))
                        )
                    )
                )
            ),
            keyOf(FARM),
            "the precompile itself would take it"
        );
        refused(entry, invalid(FARM));
    }

    function testFuzz_RefusesOtherV(uint8 v) public {
        vm.assume(v != 27 && v != 28);
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        (bytes32 r, bytes32 s,) = split(entry.signature);
        entry.signature = abi.encodePacked(r, s, v);
        refused(entry, invalid(FARM));
    }

    function testFuzz_RefusesOtherLengths(uint8 length) public {
        vm.assume(length != 65);
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        bytes memory cut = new bytes(length);
        for (uint256 i = 0; i < cut.length && i < 65; ++i) cut[i] = entry.signature[i];
        entry.signature = cut;
        refused(entry, invalid(FARM));
    }

    function test_RefusesTheCompactFormOfTheSameSignature() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        (bytes32 r, bytes32 s, uint8 v) = split(entry.signature);
        entry.signature = abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
        refused(entry, invalid(FARM));
    }

    function testFuzz_RefusesOneFlippedBit(uint16 bit) public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        uint256 place = bit % (65 * 8);
        entry.signature[place / 8] ^= bytes1(uint8(1 << (place % 8)));
        refused(entry, invalid(FARM));
    }

    function test_RefusesZeros() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        entry.signature = new bytes(65);
        refused(entry, invalid(FARM));
        entry.keyId = 0; // what a failed recovery gives
        refused(entry, abi.encodeWithSelector(IPartyRegistry.UnknownKey.selector, bytes32(0)));
    }

    function test_RefusesAnotherChain() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        vm.chainId(block.chainid + 1);
        refused(entry, invalid(FARM));
    }

    function test_RefusesAnotherContract() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        ProduceLedger twin = new ProduceLedger(registry);
        refused(twin, entry, invalid(FARM));
    }

    function test_RefusesTheRegistrysDomain() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        entry.signature = signed(secretOf(FARM), registryDigest(harvest("L1", 5).hash()));
        refused(entry, invalid(FARM));
    }

    function test_RefusesTheBareStructHashAndThePersonalMessage() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        bytes32 digest = ledgerDigest(harvest("L1", 5).hash());
        entry.signature = signed(secretOf(FARM), harvest("L1", 5).hash());
        refused(entry, invalid(FARM));
        entry.signature =
            signed(secretOf(FARM), keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", digest)));
        refused(entry, invalid(FARM));
    }

    function test_RefusesASaleReplayedAsADisposalAndARecallAsARelease() public {
        bytes32 lot = harvested("L1", 1000);
        IEntryRelay.Entry memory entry =
            saleEntry(IProduceLedger.Sale(FARM, lines(lot, 5), CONTENT, DEADLINE));
        entry.kind = uint8(IProduceLedger.Kind.Disposal);
        refused(entry, invalid(FARM));
        entry = recallEntry(IProduceLedger.Recall(FARM, lot, CONTENT, DEADLINE));
        recorded(entry);
        entry.kind = uint8(IProduceLedger.Kind.Release);
        refused(entry, invalid(FARM));
    }

    /// @dev Every word of the struct is signed: another value in any of them makes the signature another's.
    function testFuzz_RefusesAnyOtherField(uint8 field, uint64 value) public {
        IProduceLedger.Harvest memory h = harvest("L1", 5);
        IEntryRelay.Entry memory entry = harvestEntry(h);
        bytes32 before = h.hash();
        field = field % 6;
        if (field == 0) h.product = value;
        if (field == 1) h.lotCode = vm.toString(value);
        if (field == 2) h.plot = bytes32(uint256(value));
        if (field == 3) h.grams = value;
        if (field == 4) h.contentHash = bytes32(uint256(value));
        if (field == 5) h.deadline = value;
        vm.assume(h.hash() != before && h.deadline >= START);
        entry.payload = abi.encode(h);
        refused(entry, invalid(FARM));
    }

    function test_RefusesSwappedFields() public {
        IProduceLedger.Shipment memory s = shipment(FARM, PACKER, "R", lines(harvested("L1", 5), 5));
        IEntryRelay.Entry memory entry = shipmentEntry(s);
        (s.shipper, s.receiver) = (s.receiver, s.shipper);
        entry.payload = abi.encode(s);
        refused(entry, abi.encodeWithSelector(IPartyRegistry.WrongParty.selector, keyOf(FARM), FARM, PACKER));
        entry.keyId = keyOf(PACKER);
        refused(entry, invalid(PACKER));
    }

    function test_RefusesAKeyOfAnotherParty() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        entry.keyId = keyOf(BUYER);
        entry.signature = signed(secretOf(BUYER), ledgerDigest(harvest("L1", 5).hash()));
        refused(entry, abi.encodeWithSelector(IPartyRegistry.WrongParty.selector, keyOf(BUYER), BUYER, FARM));
    }

    function test_RefusesKeysThatAreUnknownOrHaveOtherBitsInFront() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        entry.keyId = keyOf(FARM) | bytes32(uint256(1) << 200);
        refused(entry, abi.encodeWithSelector(IPartyRegistry.UnknownKey.selector, entry.keyId));
    }

    function test_RefusesARevokedKey() public {
        IPartyRegistry.KeyGrant memory g = IPartyRegistry.KeyGrant(
            FARM, keyOfSecret(7), IPartyRegistry.Scheme.Secp256k1, true, false, 0, 0, DEADLINE
        );
        applied(registry, grantEntry(g, secretOf(FARM), 7));
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        applied(registry, revocationEntry(IPartyRegistry.KeyRevocation(FARM, keyOf(FARM), DEADLINE), 7));
        refused(entry, abi.encodeWithSelector(IPartyRegistry.KeyIsRevoked.selector, keyOf(FARM), START));
        entry.keyId = g.keyId;
        entry.signature = signed(7, ledgerDigest(harvest("L1", 5).hash()));
        recorded(entry);
    }

    function test_TheDeadlineIsTheLastSecond() public {
        vm.warp(DEADLINE);
        recorded(harvestEntry(harvest("L1", 5)));
        vm.warp(uint256(DEADLINE) + 1);
        refused(
            harvestEntry(harvest("L2", 5)),
            abi.encodeWithSelector(IProduceLedger.DeadlinePassed.selector, DEADLINE, uint256(DEADLINE) + 1)
        );
    }

    function test_RefusesEveryKindAfterItsDeadline() public {
        bytes32 lot = harvested("L1", 5);
        IProduceLedger.Line[] memory list = lines(lot, 1);
        IProduceLedger.Output[] memory outputs = new IProduceLedger.Output[](1);
        outputs[0] = IProduceLedger.Output(BULK, "C", 1);
        bytes32[] memory lots = new bytes32[](1);
        IEntryRelay.Entry[10] memory entries = [
            harvestEntry(harvest("L2", 5)),
            intakeEntry(IProduceLedger.Intake(FARM, BULK, "L3", 5, CONTENT, DEADLINE)),
            transformationEntry(IProduceLedger.Transformation(FARM, list, outputs, CONTENT, DEADLINE)),
            shipmentEntry(shipment(FARM, PACKER, "R", list)),
            receiptEntry(receipt(PACKER, consignmentOf(FARM, "R"), list), list),
            saleEntry(IProduceLedger.Sale(FARM, list, CONTENT, DEADLINE)),
            disposalEntry(IProduceLedger.Disposal(FARM, list, CONTENT, DEADLINE)),
            recallEntry(IProduceLedger.Recall(FARM, lot, CONTENT, DEADLINE)),
            releaseEntry(IProduceLedger.Release(FARM, lot, CONTENT, DEADLINE)),
            statementEntry(IProduceLedger.Statement(FARM, "storing", lots, CONTENT, DEADLINE))
        ];
        bytes memory late =
            abi.encodeWithSelector(IProduceLedger.DeadlinePassed.selector, DEADLINE, uint256(DEADLINE) + 1);
        for (uint256 i = 0; i < entries.length; ++i) {
            vm.assertEq(entries[i].kind, i, "every kind");
            vm.warp(uint256(DEADLINE) + 1);
            refused(entries[i], late);
            vm.warp(START);
            recorded(entries[i]); // in time it stands
        }
    }
}
