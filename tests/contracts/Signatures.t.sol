// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ProduceLedger} from "../../contracts/ProduceLedger.sol";
import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title No forged, malleated, truncated or displaced signature makes an entry stand, whatever the scheme
abstract contract SignaturesTest is Fixture {
    using ActionHashes for *;

    /// @dev Bytes of a signature.
    function size() internal pure virtual returns (uint256);

    function invalid(uint64 party) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IPartyRegistry.InvalidSignature.selector, keyOf(party));
    }

    function testFuzz_RefusesOtherLengths(uint8 length) public {
        vm.assume(length != size());
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        bytes memory cut = new bytes(length);
        for (uint256 i = 0; i < cut.length && i < size(); ++i) cut[i] = entry.signature[i];
        entry.signature = cut;
        refused(entry, invalid(FARM));
    }

    function testFuzz_RefusesOneFlippedBit(uint16 bit) public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        uint256 place = bit % (size() * 8);
        entry.signature[place / 8] ^= bytes1(uint8(1 << (place % 8)));
        refused(entry, invalid(FARM));
    }

    function test_RefusesZeros() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        entry.signature = new bytes(size());
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
        entry.keyId = keyOf(FARM) ^ bytes32(uint256(1) << 200);
        refused(entry, abi.encodeWithSelector(IPartyRegistry.UnknownKey.selector, entry.keyId));
    }

    function test_RefusesARevokedKey() public {
        IPartyRegistry.KeyGrant memory g = IPartyRegistry.KeyGrant(
            FARM, keyOfSecret(7), scheme(), true, false, 0, 0, DEADLINE
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
            transformationEntry(transformation(FARM, list, outputs)),
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

/// @title secp256k1: 65 bytes r, s, v
contract Secp256k1SignaturesTest is SignaturesTest {
    using ActionHashes for *;

    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function size() internal pure override returns (uint256) {
        return 65;
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
        bytes32 high = bytes32(ORDER - uint256(s));
        uint8 other = v == 27 ? 28 : 27;
        entry.signature = abi.encodePacked(r, high, other);
        address recovered = ecrecover(ledgerDigest(harvest("L1", 5).hash()), other, r, high);
        vm.assertEq(bytes32(uint256(uint160(recovered))), keyOf(FARM), "the precompile itself would take it");
        refused(entry, invalid(FARM));
    }

    function testFuzz_RefusesOtherV(uint8 v) public {
        vm.assume(v != 27 && v != 28);
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        (bytes32 r, bytes32 s,) = split(entry.signature);
        entry.signature = abi.encodePacked(r, s, v);
        refused(entry, invalid(FARM));
    }

    function test_RefusesTheCompactFormOfTheSameSignature() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        (bytes32 r, bytes32 s, uint8 v) = split(entry.signature);
        entry.signature = abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
        refused(entry, invalid(FARM));
    }

    function test_RefusesAP256SignatureOfTheSameSecret() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        entry.signature = signedP256(secretOf(FARM), ledgerDigest(harvest("L1", 5).hash()));
        refused(entry, invalid(FARM));
    }
}

/// @title P-256: 128 bytes r, s, x, y over the SHA-256 of the digest
contract P256SignaturesTest is SignaturesTest {
    using ActionHashes for *;

    function scheme() internal pure override returns (IPartyRegistry.Scheme) {
        return IPartyRegistry.Scheme.P256;
    }

    function size() internal pure override returns (uint256) {
        return 128;
    }

    /// @dev The four words of a harvest's signature.
    function words(IEntryRelay.Entry memory entry) private pure returns (bytes32 r, bytes32 s, bytes32 x, bytes32 y) {
        return abi.decode(entry.signature, (bytes32, bytes32, bytes32, bytes32));
    }

    function test_RefusesHighS() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        (bytes32 r, bytes32 s, bytes32 x, bytes32 y) = words(entry);
        bytes32 high = bytes32(P256_ORDER - uint256(s));
        bytes32 message = sha256(abi.encodePacked(ledgerDigest(harvest("L1", 5).hash())));
        (bool ok, bytes memory said) = address(0x100).staticcall(abi.encodePacked(message, r, high, x, y));
        vm.assertTrue(!ok || said.length == 0 || abi.decode(said, (bool)), "the precompile itself would take it");
        entry.signature = abi.encodePacked(r, high, x, y);
        refused(entry, invalid(FARM));
    }

    function test_RefusesZerosAndOrdersInRAndS() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        (bytes32 r, bytes32 s, bytes32 x, bytes32 y) = words(entry);
        bytes[4] memory others = [
            abi.encodePacked(bytes32(0), s, x, y),
            abi.encodePacked(r, bytes32(0), x, y),
            abi.encodePacked(bytes32(P256_ORDER), s, x, y),
            abi.encodePacked(r, bytes32(P256_ORDER), x, y)
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            entry.signature = others[i];
            refused(entry, invalid(FARM));
        }
    }

    function test_RefusesASignatureOverTheDigestItself() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        (,, bytes32 x, bytes32 y) = words(entry);
        (bytes32 r, bytes32 s) = vm.signP256(secretOf(FARM), ledgerDigest(harvest("L1", 5).hash()));
        if (uint256(s) > P256_ORDER / 2) s = bytes32(P256_ORDER - uint256(s));
        entry.signature = abi.encodePacked(r, s, x, y);
        refused(entry, invalid(FARM));
    }

    function test_RefusesAnotherPublicKeyBesideTheSignature() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        entry.signature = signed(secretOf(BUYER), ledgerDigest(harvest("L1", 5).hash()));
        refused(entry, invalid(FARM));
    }

    /// @dev A point that is not on the curve, registered or not: nothing verifies under it.
    function test_RefusesAPointOffTheCurve() public {
        (uint256 x, uint256 y) = vm.publicKeyP256(7);
        IPartyRegistry.KeyGrant memory g = IPartyRegistry.KeyGrant(
            FARM, keccak256(abi.encode(x, y + 1)), scheme(), false, false, 0, 0, DEADLINE
        );
        IEntryRelay.Entry memory entry = grantEntry(g, secretOf(FARM), 7);
        refused(registry, entry, abi.encodeWithSelector(IPartyRegistry.InvalidSignature.selector, g.keyId));
    }

    function test_RefusesASecp256k1SignatureOfTheSameSecret() public {
        IEntryRelay.Entry memory entry = harvestEntry(harvest("L1", 5));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secretOf(FARM), ledgerDigest(harvest("L1", 5).hash()));
        entry.signature = abi.encodePacked(r, s, v);
        refused(entry, invalid(FARM));
    }
}

/**
 * @title The same on a chain that has no precompile at 0x100
 * forge-config: default.evm_version = "prague"
 */
contract P256SignaturesInSolidityTest is P256SignaturesTest {
    function test_ThereIsNoPrecompile() public view {
        (bytes32 r, bytes32 s) = vm.signP256(7, bytes32(uint256(1)));
        (uint256 x, uint256 y) = vm.publicKeyP256(7);
        (, bytes memory said) = address(0x100).staticcall(abi.encodePacked(uint256(1), r, s, x, y));
        vm.assertEq(said.length, 0, "nobody answers");
    }
}
