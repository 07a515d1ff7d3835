// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {Custody} from "../../contracts/libraries/Custody.sol";
import {LedgerStorage} from "../../contracts/libraries/LedgerStorage.sol";
import {Packing} from "../../contracts/libraries/Packing.sol";
import {Payloads} from "../../contracts/libraries/Payloads.sol";
import {Vm} from "./support/Vm.sol";

/// @dev What the ledger reads in the calldata, and what the compiler's decoder makes of the same bytes, as struct hashes.
contract Readers {
    using ActionHashes for *;

    function shipmentAt(bytes calldata payload) external pure returns (uint64, uint64, uint64, bytes32) {
        (IProduceLedger.Shipment calldata action, IProduceLedger.Line[] calldata manifest) = Payloads.shipment(payload);
        bytes32 hash = action.hashAt(keccak256(bytes(action.consignmentRef)), manifest.hashAt());
        return (action.shipper, action.receiver, action.deadline, hash);
    }

    function shipmentDecoded(bytes calldata payload) external pure returns (uint64, uint64, uint64, bytes32) {
        IProduceLedger.Shipment memory action = abi.decode(payload, (IProduceLedger.Shipment));
        return (action.shipper, action.receiver, action.deadline, action.hash());
    }

    function receiptAt(bytes calldata payload) external pure returns (uint64, uint64, bytes32, bytes32) {
        (IProduceLedger.Receipt calldata action, IProduceLedger.Line[] calldata manifest) = Payloads.receipt(payload);
        return (action.receiver, action.deadline, action.hashAt(), manifest.hashAt());
    }

    function receiptDecoded(bytes calldata payload) external pure returns (uint64, uint64, bytes32, bytes32) {
        (IProduceLedger.Receipt memory action, IProduceLedger.Line[] memory manifest) =
            abi.decode(payload, (IProduceLedger.Receipt, IProduceLedger.Line[]));
        return (action.receiver, action.deadline, action.hash(), manifest.hash());
    }

    function saleAt(bytes calldata payload) external pure returns (uint64, uint64, bytes32) {
        (IProduceLedger.Sale calldata action, IProduceLedger.Line[] calldata lines) = Payloads.sale(payload);
        bytes32 hash = ActionHashes.hashAt(ActionHashes.SALE_TYPEHASH, action, lines.hashAt());
        return (action.holder, action.deadline, hash);
    }

    function saleDecoded(bytes calldata payload) external pure returns (uint64, uint64, bytes32) {
        IProduceLedger.Sale memory action = abi.decode(payload, (IProduceLedger.Sale));
        return (action.holder, action.deadline, action.hash());
    }
}

/**
 * @title Rules that are written twice for gas (ADR 71) agree
 * @dev Payloads in the calldata against `abi.decode`; the place of a balance on the packed slot against the unpacked one.
 */
contract TwoReadingsTest {
    using Custody for LedgerStorage.Layout;
    using Packing for *;

    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bytes32 private constant LOT = keccak256("lot");

    Readers private readers = new Readers();
    LedgerStorage.Layout private _packed;
    LedgerStorage.Layout private _unpacked;

    // ------------------------------------------------------------------------------------------------ payloads

    function testFuzz_AShipmentIsReadAsItIsDecoded(
        IProduceLedger.Shipment memory action,
        uint256 value
    ) public view {
        requireSameReading(readers.shipmentAt.selector, readers.shipmentDecoded.selector, abi.encode(action), value);
    }

    function testFuzz_AReceiptIsReadAsItIsDecoded(
        IProduceLedger.Receipt memory action,
        IProduceLedger.Line[] memory manifest,
        uint256 value
    ) public view {
        bytes memory payload = abi.encode(action, manifest);
        requireSameReading(readers.receiptAt.selector, readers.receiptDecoded.selector, payload, value);
    }

    function testFuzz_ASaleIsReadAsItIsDecoded(IProduceLedger.Sale memory action, uint256 value)
        public
        view
    {
        requireSameReading(readers.saleAt.selector, readers.saleDecoded.selector, abi.encode(action), value);
    }

    /// @dev As encoded, both readings succeed and agree; with any word changed, what is taken at all is read alike.
    function requireSameReading(bytes4 read, bytes4 decoded, bytes memory payload, uint256 value) private view {
        vm.assertTrue(sameReading(read, decoded, payload), "as encoded it is taken");
        // Heads, lengths and the first line. Offsets that point into the payload are the ones that fit.
        for (uint256 word = 0; word < 10 && word < payload.length / 32; ++word) {
            sameReading(read, decoded, changed(payload, word, value));
            sameReading(read, decoded, changed(payload, word, value % 16 * 32));
            sameReading(read, decoded, changed(payload, word, value % 4));
        }
    }

    function sameReading(bytes4 read, bytes4 decoded, bytes memory payload) private view returns (bool taken) {
        bytes memory found;
        (taken, found) = address(readers).staticcall(abi.encodeWithSelector(read, payload));
        if (!taken) return false;
        (bool possible, bytes memory expected) = address(readers).staticcall(abi.encodeWithSelector(decoded, payload));
        vm.assertTrue(possible, "the decoder takes it too");
        vm.assertEq(found, expected, "the same values");
    }

    function changed(bytes memory payload, uint256 word, uint256 value) private pure returns (bytes memory other) {
        other = bytes.concat(payload);
        assembly ("memory-safe") {
            mstore(add(add(other, 0x20), mul(0x20, word)), value)
        }
    }

    // ------------------------------------------------------------------------------------------------ places

    /// @dev The same gifts and takings to both ledgers, among six parties; after each, slot and mapping are the same.
    function testFuzz_ABalanceTakesTheSamePlacePackedAndUnpacked(uint256[40] memory moves) public {
        Packing.Lot memory born;
        (born.issuer, born.holder, born.grams, born.held, born.entries) = (1, 1, 1_000_000, 10, 1);
        _packed.lots[LOT] = born.pack();
        _unpacked.lots[LOT] = born.pack();
        for (uint256 i = 0; i < moves.length; ++i) {
            uint32 party = uint32(1 + moves[i] % 6);
            uint64 held = _packed.heldBy(_packed.lots[LOT], LOT, party);
            if (held != 0 && (moves[i] >> 8) % 2 == 0) {
                // Mostly all of it, so that places become free.
                uint64 grams = (moves[i] >> 16) % 4 == 0 ? 1 + uint64((moves[i] >> 24) % held) : held;
                takenFrom(_packed, party, grams);
                takenFrom(_unpacked, party, grams);
            } else {
                uint64 grams = 1 + uint64((moves[i] >> 16) % 1000);
                _packed.give(LOT, grams, party);
                Packing.Lot memory lot = _unpacked.lots[LOT].toLot();
                _unpacked.giveTo(lot, LOT, party, grams);
                ++lot.entries;
                _unpacked.lots[LOT] = lot.pack();
            }
            vm.assertEq(_packed.lots[LOT], _unpacked.lots[LOT], "the slot");
            for (uint32 j = 1; j <= 6; ++j) {
                vm.assertEq(_packed.balances[LOT][j], _unpacked.balances[LOT][j], "the mapping");
                uint64 there = _packed.heldBy(_packed.lots[LOT].toLot(), LOT, j);
                vm.assertEq(_packed.heldBy(_packed.lots[LOT], LOT, j), there, "what it holds");
            }
        }
    }

    function takenFrom(LedgerStorage.Layout storage s, uint32 party, uint64 grams) private {
        Packing.Lot memory lot = s.lots[LOT].toLot();
        s.takeFrom(lot, LOT, party, party, grams);
        s.lots[LOT] = lot.pack();
    }
}
