// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {RegistryHashes} from "../../contracts/libraries/RegistryHashes.sol";
import {LedgerEntries} from "./support/LedgerEntries.sol";

/// @title Where two sign, both have to, each with a key of its own, over the same digest
abstract contract CoSignaturesTest is LedgerEntries {
    using ActionHashes for *;

    bytes32 private lot;
    /// @dev FARM to PACKER: 600 g under way, and 100 g missing.
    bytes32 private underWay;
    bytes32 private disputed;

    function setUp() public override {
        super.setUp();
        lot = harvested("L1", 1000);
        underWay = shipped(FARM, PACKER, "SSCC-1", lines(lot, 600));
        disputed = shipped(FARM, PACKER, "SSCC-2", lines(lot, 100));
        recorded(
            partialReceiptEntry(
                partialReceipt(disputed, lines(lot, 100), received(lot, 0, 0, 0), ""), lines(lot, 100)
            )
        );
    }

    /// @dev The same signature in its other form, which the curve's equation satisfies too.
    function malleated(bytes memory signature) internal pure virtual returns (bytes memory);

    function settles() private view returns (IProduceLedger.Settlement memory) {
        return settlement(FARM, PACKER, disputed, lines(lot, 100), settled(lot, 0, 0, 40, 60));
    }

    function voids() private view returns (IProduceLedger.Void memory) {
        return voiding(FARM, PACKER, underWay, lines(lot, 600));
    }

    function pledges() private view returns (IProduceLedger.Pledge memory) {
        return IProduceLedger.Pledge(FARM, LENDER, lot, 300, uint64(START + 1 days), CONTENT, DEADLINE);
    }

    /// @dev The three kinds that two sign, each with who signs second and what both sign.
    function entries()
        private
        view
        returns (IEntryRelay.Entry[3] memory list, uint64[3] memory second, bytes32[3] memory digests)
    {
        list = [
            settlementEntry(settles(), lines(lot, 100)), voidEntry(voids(), lines(lot, 600)), pledgeEntry(pledges())
        ];
        second = [PACKER, PACKER, LENDER];
        digests = [ledgerDigest(settles().hash()), ledgerDigest(voids().hash()), ledgerDigest(pledges().hash())];
    }

    function parts(IEntryRelay.Entry memory entry) internal pure returns (bytes memory, bytes32, bytes memory) {
        return abi.decode(entry.signature, (bytes, bytes32, bytes));
    }

    function invalid(uint64 party) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IPartyRegistry.InvalidSignature.selector, keyOf(party));
    }

    function wrongParty(uint64 signer, uint64 claimed) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IPartyRegistry.WrongParty.selector, keyOf(signer), signer, claimed);
    }

    /// @dev Without a reason: what is not two signatures cannot be decoded.
    function refusedAsMalformed(IEntryRelay.Entry memory entry) private {
        IEntryRelay.Entry[] memory list = new IEntryRelay.Entry[](1);
        list[0] = entry;
        vm.expectEmit(address(ledger));
        emit IEntryRelay.EntrySkipped(0, keccak256(entry.payload), "");
        vm.assertEq(ledger.submit(list), 0, "skipped");
    }

    // ------------------------------------------------------------------------------------------------ both

    function test_WithBothItStands() public {
        (IEntryRelay.Entry[3] memory list,, bytes32[3] memory digests) = entries();
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectEmit(address(ledger));
            emit IProduceLedger.EntryRecorded(
                CONTENT, FARM, IProduceLedger.Kind(list[i].kind), keyOf(FARM), digests[i]
            );
            recorded(list[i]);
        }
        requireState(disputed, IProduceLedger.ConsignmentState.Settled);
        requireState(underWay, IProduceLedger.ConsignmentState.Voided);
        vm.assertEq(ledger.pledgesOf(lot, FARM).length, 1, "pledged");
    }

    function test_ThroughTheRelayTheyHaveGasEnough() public {
        (IEntryRelay.Entry[3] memory three,,) = entries();
        IEntryRelay.Entry[] memory list = new IEntryRelay.Entry[](3);
        for (uint256 i = 0; i < 3; ++i) list[i] = three[i];
        vm.assertEq(ledger.submit(list), 3, "all recorded");
    }

    function test_RefusesSwappedSignatures() public {
        (IEntryRelay.Entry[3] memory list, uint64[3] memory second,) = entries();
        for (uint256 i = 0; i < 3; ++i) {
            (bytes memory a, bytes32 coKey, bytes memory b) = parts(list[i]);
            list[i].signature = abi.encode(b, coKey, a);
            refused(list[i], invalid(FARM));
            list[i].signature = abi.encode(b, keyOf(FARM), a);
            list[i].keyId = coKey;
            refused(list[i], wrongParty(second[i], FARM));
        }
    }

    function test_RefusesOneSignatureInTwoPlaces() public {
        (IEntryRelay.Entry[3] memory list, uint64[3] memory second,) = entries();
        for (uint256 i = 0; i < 3; ++i) {
            (bytes memory a, bytes32 coKey,) = parts(list[i]);
            list[i].signature = abi.encode(a, coKey, a);
            refused(list[i], invalid(second[i]));
            list[i].signature = abi.encode(a, keyOf(FARM), a);
            refused(list[i], wrongParty(FARM, second[i]));
        }
    }

    function test_RefusesAMissingSignature() public {
        (IEntryRelay.Entry[3] memory list, uint64[3] memory second, bytes32[3] memory digests) = entries();
        for (uint256 i = 0; i < 3; ++i) {
            (bytes memory a, bytes32 coKey, bytes memory b) = parts(list[i]);
            list[i].signature = abi.encode(a, coKey, bytes(""));
            refused(list[i], invalid(second[i]));
            list[i].signature = abi.encode(bytes(""), coKey, b);
            refused(list[i], invalid(FARM));
            list[i].signature = abi.encode(a, bytes32(0), b);
            refused(list[i], abi.encodeWithSelector(IPartyRegistry.UnknownKey.selector, bytes32(0)));
            list[i].signature = signed(secretOf(FARM), digests[i]);
            refusedAsMalformed(list[i]);
            list[i].signature = "";
            refusedAsMalformed(list[i]);
        }
    }

    function test_RefusesTheWrongParty() public {
        (IEntryRelay.Entry[3] memory list, uint64[3] memory second, bytes32[3] memory digests) = entries();
        for (uint256 i = 0; i < 3; ++i) {
            (bytes memory a, bytes32 coKey, bytes memory b) = parts(list[i]);
            list[i].signature = abi.encode(a, keyOf(BUYER), signed(secretOf(BUYER), digests[i]));
            refused(list[i], wrongParty(BUYER, second[i]));
            list[i].signature = abi.encode(a, coKey, signed(secretOf(BUYER), digests[i]));
            refused(list[i], invalid(second[i]));
            list[i].signature = abi.encode(signed(secretOf(BUYER), digests[i]), coKey, b);
            refused(list[i], invalid(FARM));
            list[i].keyId = keyOf(BUYER);
            refused(list[i], wrongParty(BUYER, FARM));
        }
    }

    function test_RefusesAnotherDigest() public {
        (IEntryRelay.Entry[3] memory list, uint64[3] memory second, bytes32[3] memory digests) = entries();
        for (uint256 i = 0; i < 3; ++i) {
            (bytes memory a, bytes32 coKey, bytes memory b) = parts(list[i]);
            bytes32 another = digests[(i + 1) % 3];
            list[i].signature = abi.encode(a, coKey, signed(secretOf(second[i]), another));
            refused(list[i], invalid(second[i]));
            list[i].signature = abi.encode(signed(secretOf(FARM), another), coKey, b);
            refused(list[i], invalid(FARM));
        }
    }

    /// @dev What one agreed to with the other side does not serve for acting without it.
    function test_RefusesHalfOfAnAgreementAsAnEntryOfOneSide() public {
        recorded(noticeEntry(notice(FARM, underWay)));
        recorded(noticeEntry(notice(FARM, disputed)));
        (IEntryRelay.Entry[3] memory list,,) = entries();
        vm.warp(START + 72 hours);
        IProduceLedger.Settlement memory alone = settles();
        alone.counterparty = 0;
        (list[0].signature,,) = parts(list[0]);
        list[0].payload = abi.encode(alone, lines(lot, 100));
        refused(list[0], invalid(FARM));
        IProduceLedger.Void memory voidAlone = voids();
        voidAlone.receiver = 0;
        (list[1].signature,,) = parts(list[1]);
        list[1].payload = abi.encode(voidAlone, lines(lot, 600));
        refused(list[1], invalid(FARM));
    }

    function test_RefusesHighS() public {
        (IEntryRelay.Entry[3] memory list, uint64[3] memory second,) = entries();
        for (uint256 i = 0; i < 3; ++i) {
            (bytes memory a, bytes32 coKey, bytes memory b) = parts(list[i]);
            list[i].signature = abi.encode(a, coKey, malleated(b));
            refused(list[i], invalid(second[i]));
            list[i].signature = abi.encode(malleated(a), coKey, b);
            refused(list[i], invalid(FARM));
            // The other form of the other form is the signature itself: it is nothing else that is refused.
            list[i].signature = abi.encode(malleated(malleated(a)), coKey, malleated(malleated(b)));
            recorded(list[i]);
        }
    }

    function testFuzz_RefusesOneFlippedBitOfEither(uint16 bit, bool first) public {
        (IEntryRelay.Entry[3] memory list, uint64[3] memory second,) = entries();
        for (uint256 i = 0; i < 3; ++i) {
            (bytes memory a, bytes32 coKey, bytes memory b) = parts(list[i]);
            bytes memory flipped = first ? a : b;
            uint256 place = bit % (flipped.length * 8);
            flipped[place / 8] ^= bytes1(uint8(1 << (place % 8)));
            list[i].signature = abi.encode(a, coKey, b);
            refused(list[i], invalid(first ? FARM : second[i]));
        }
    }

    // ------------------------------------------------------------------------------------------------ keys and parties

    function test_EitherMayCancelWhatItSigned() public {
        (IEntryRelay.Entry[3] memory list, uint64[3] memory second, bytes32[3] memory digests) = entries();
        for (uint256 i = 0; i < 3; ++i) {
            uint256 before = vm.snapshotState();
            bytes memory reason = abi.encodeWithSelector(IPartyRegistry.Cancelled.selector, digests[i]);
            applied(registry, cancellationEntry(second[i], digests[i], secretOf(second[i])));
            refused(list[i], reason);
            vm.revertToState(before);
            applied(registry, cancellationEntry(FARM, digests[i], secretOf(FARM)));
            refused(list[i], reason);
            vm.revertToState(before);
        }
    }

    function test_NeitherMayBeSuspended() public {
        (IEntryRelay.Entry[3] memory list, uint64[3] memory second,) = entries();
        for (uint256 i = 0; i < 3; ++i) {
            uint256 before = vm.snapshotState();
            suspend(second[i]);
            refused(list[i], abi.encodeWithSelector(IPartyRegistry.PartyIsSuspended.selector, second[i]));
            vm.revertToState(before);
            suspend(FARM);
            refused(list[i], abi.encodeWithSelector(IPartyRegistry.PartyIsSuspended.selector, FARM));
            vm.revertToState(before);
        }
    }

    function test_ARevokedSecondKeySignsNothing() public {
        IPartyRegistry.KeyGrant memory g =
            IPartyRegistry.KeyGrant(PACKER, keyOfSecret(7), scheme(), true, false, 0, 0, DEADLINE);
        applied(registry, grantEntry(g, secretOf(PACKER), 7));
        applied(registry, revocationEntry(IPartyRegistry.KeyRevocation(PACKER, keyOf(PACKER), DEADLINE), 7));
        IEntryRelay.Entry memory entry = voidEntry(voids(), lines(lot, 600));
        refused(entry, abi.encodeWithSelector(IPartyRegistry.KeyIsRevoked.selector, keyOf(PACKER), START));
        (bytes memory a,,) = parts(entry);
        entry.signature = abi.encode(a, g.keyId, signed(7, ledgerDigest(voids().hash())));
        recorded(entry);
    }

    // ------------------------------------------------------------------------------------------------ deadlines

    function test_RefusesEveryKindAfterItsDeadline() public {
        IProduceLedger.Output[] memory outputs = output(BULK, "C", 10);
        recorded(transformationEntry(transformation(FARM, lines(lot, 10), outputs)));
        bytes32 fresh = harvested("L2", 5);
        bytes32 third = shipped(FARM, PACKER, "SSCC-3", lines(fresh, 1));
        certified(keccak256("plot 2"), 5);
        IEntryRelay.Entry[10] memory list = [
            partialReceiptEntry(
                partialReceipt(third, lines(fresh, 1), received(fresh, 1, 0, 0), ""), lines(fresh, 1)
            ),
            settlementEntry(settles(), lines(lot, 100)),
            noticeEntry(notice(FARM, underWay)),
            voidEntry(voids(), lines(lot, 600)),
            plotEntry(IProduceLedger.PlotRegistration(CERTIFIER, FARM, keccak256("plot"), CONTENT, DEADLINE)),
            yieldEntry(
                IProduceLedger.YieldCertificate(CERTIFIER, keccak256("plot 2"), SEASON, 4, CONTENT, DEADLINE)
            ),
            birthAmendmentEntry(
                IProduceLedger.BirthAmendment(FARM, harvested("L3", 5), 5, 4, CONTENT, CONTENT, DEADLINE)
            ),
            transformationAmendmentEntry(
                IProduceLedger.TransformationAmendment(
                    FARM, originOf(lines(lot, 10), outputs), lines(lot, 11), outputs, 1, 0, 0, 0, CONTENT, DEADLINE
                ),
                lines(lot, 10),
                outputs
            ),
            pledgeEntry(
                IProduceLedger.Pledge(FARM, LENDER, lot, 9, DEADLINE + 2, CONTENT, DEADLINE)
            ),
            pledgeReleaseEntry(IProduceLedger.PledgeRelease(LENDER, FARM, lot, CONTENT, DEADLINE))
        ];
        bytes memory late =
            abi.encodeWithSelector(IProduceLedger.DeadlinePassed.selector, DEADLINE, uint256(DEADLINE) + 1);
        for (uint256 i = 0; i < list.length; ++i) {
            vm.warp(uint256(DEADLINE) + 1);
            refused(list[i], late);
            vm.warp(DEADLINE);
            recorded(list[i]); // in time it stands
        }
    }
}

/// @title Both under secp256k1
contract Secp256k1CoSignaturesTest is CoSignaturesTest {
    using ActionHashes for *;
    using RegistryHashes for *;

    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function malleated(bytes memory signature) internal pure override returns (bytes memory) {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        uint8 v = uint8(signature[64]) == 27 ? 28 : 27;
        return abi.encodePacked(r, bytes32(ORDER - uint256(s)), v);
    }

    /// @dev A machine of one side and a phone of the other.
    function test_EachSideSignsUnderItsOwnScheme() public {
        (uint256 x, uint256 y) = vm.publicKeyP256(7);
        IPartyRegistry.KeyGrant memory g = IPartyRegistry.KeyGrant(
            PACKER, keccak256(abi.encode(x, y)), IPartyRegistry.Scheme.P256, false, false, 0, 0, DEADLINE
        );
        bytes memory witness = signedP256(7, registryDigest(g.hash()));
        applied(
            registry,
            registryEntry(
                IPartyRegistry.Kind.KeyGrant, secretOf(PACKER), abi.encode(g, witness), g.hash()
            )
        );
        bytes32 lot_ = harvested("L9", 10);
        bytes32 id = shipped(FARM, PACKER, "SSCC-9", lines(lot_, 10));
        IProduceLedger.Void memory action = voiding(FARM, PACKER, id, lines(lot_, 10));
        bytes32 digest = ledgerDigest(action.hash());
        IEntryRelay.Entry memory entry = voidEntry(action, lines(lot_, 10));
        entry.signature = abi.encode(signed(secretOf(FARM), digest), g.keyId, signedP256(7, digest));
        recorded(entry);
        requireState(id, IProduceLedger.ConsignmentState.Voided);
    }
}

/// @title Both under P-256
contract P256CoSignaturesTest is CoSignaturesTest {
    function scheme() internal pure override returns (IPartyRegistry.Scheme) {
        return IPartyRegistry.Scheme.P256;
    }

    function malleated(bytes memory signature) internal pure override returns (bytes memory) {
        (bytes32 r, bytes32 s, bytes32 x, bytes32 y) =
            abi.decode(signature, (bytes32, bytes32, bytes32, bytes32));
        return abi.encodePacked(r, P256_ORDER - uint256(s), x, y);
    }
}

/**
 * @title The same on a chain that has no precompile at 0x100
 * forge-config: default.evm_version = "prague"
 */
contract P256CoSignaturesInSolidityTest is P256CoSignaturesTest {}
