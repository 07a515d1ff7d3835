// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Payloads that are read in the calldata are taken in canonical form only
contract PayloadsTest is Fixture {
    bytes32 private lot;

    function setUp() public override {
        super.setUp();
        lot = harvested("L1", 1000);
    }

    /// @dev A shipment, a receipt, a sale and a disposal, each of which would stand.
    function everyday() private returns (IEntryRelay.Entry[4] memory entries) {
        IProduceLedger.Line[] memory list = lines(lot, 100);
        bytes32 id = shipped(FARM, PACKER, "R0", list);
        entries[0] = shipmentEntry(shipment(FARM, PACKER, "a reference of more than thirty-two bytes", list));
        entries[1] = receiptEntry(receipt(PACKER, id, list), list);
        entries[2] = saleEntry(IProduceLedger.Sale(FARM, list, CONTENT, DEADLINE));
        entries[3] = disposalEntry(IProduceLedger.Disposal(FARM, list, CONTENT, DEADLINE));
    }

    function test_AsTheyAreEncodedTheyStand() public {
        IEntryRelay.Entry[4] memory entries = everyday();
        for (uint256 i = 0; i < 4; ++i) recorded(entries[i]);
    }

    function test_RefusesAnythingBehindTheLastLineAndAnythingMissing() public {
        IEntryRelay.Entry[4] memory entries = everyday();
        for (uint256 i = 0; i < 4; ++i) {
            bytes memory payload = entries[i].payload;
            entries[i].payload = bytes.concat(payload, bytes32(0));
            refused(entries[i], "");
            entries[i].payload = bytes.concat(payload, hex"00");
            refused(entries[i], "");
            for (uint256 j = 0; j < payload.length; j += 31) {
                entries[i].payload = cut(payload, j);
                refused(entries[i], "");
            }
        }
    }

    /// @dev Words of each payload that say where a part is or how long: any other value is refused, whoever signed.
    function testFuzz_RefusesOtherOffsetsAndLengths(uint256 value) public {
        IEntryRelay.Entry[4] memory entries = everyday();
        uint8[5][4] memory places = [[0, 3, 4, 7, 10], [5, 6, 5, 6, 5], [0, 2, 5, 0, 2], [0, 2, 5, 0, 2]];
        for (uint256 i = 0; i < 4; ++i) {
            for (uint256 j = 0; j < 5; ++j) {
                bytes memory payload = entries[i].payload;
                entries[i].payload = changed(payload, places[i][j], value);
                // A length that needs as many words changes what was signed, and not how it is read.
                if (keccak256(entries[i].payload) != keccak256(payload) && !(i == 0 && j == 3 && value > 32 && value <= 64)) {
                    refused(entries[i], "");
                }
                entries[i].payload = payload;
            }
        }
    }

    /// @dev Numbers beyond their type are refused before anything else, as when they were decoded to memory.
    function test_RefusesNumbersBeyondTheirType() public {
        IEntryRelay.Entry[4] memory entries = everyday();
        uint8[4][4] memory places = [[1, 2, 6, 12], [0, 4, 8, 8], [1, 4, 7, 7], [1, 4, 7, 7]];
        for (uint256 i = 0; i < 4; ++i) {
            for (uint256 j = 0; j < 4; ++j) {
                bytes memory payload = entries[i].payload;
                entries[i].payload = changed(payload, places[i][j], 2 ** 64 + wordAt(payload, places[i][j]));
                refused(entries[i], "");
                entries[i].payload = payload;
            }
        }
    }

    function cut(bytes memory payload, uint256 length) private pure returns (bytes memory shorter) {
        shorter = bytes.concat(payload);
        assembly ("memory-safe") {
            mstore(shorter, length)
        }
    }

    function changed(bytes memory payload, uint256 word, uint256 value) private pure returns (bytes memory other) {
        other = bytes.concat(payload);
        assembly ("memory-safe") {
            mstore(add(add(other, 0x20), mul(0x20, word)), value)
        }
    }

    function wordAt(bytes memory payload, uint256 word) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(payload, 0x20), mul(0x20, word)))
        }
    }
}
