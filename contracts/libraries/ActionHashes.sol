// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../interfaces/IProduceLedger.sol";

/// @title EIP-712 struct hashes of the ledger's entries
/// @dev Every typehash is made from its literal string; `tests/contracts/TypeHashes.t.sol` derives it again.
library ActionHashes {
    bytes32 internal constant LINE_TYPEHASH = keccak256("Line(bytes32 lot,uint64 grams)");
    bytes32 internal constant OUTPUT_TYPEHASH = keccak256("Output(uint64 product,string lotCode,uint64 grams)");
    bytes32 internal constant HARVEST_TYPEHASH = keccak256(
        "Harvest(uint64 producer,uint64 product,string lotCode,bytes32 plot,uint64 grams,bytes32 contentHash,uint64 deadline)"
    );
    bytes32 internal constant INTAKE_TYPEHASH = keccak256(
        "Intake(uint64 buyer,uint64 product,string lotCode,uint64 grams,bytes32 contentHash,uint64 deadline)"
    );
    bytes32 internal constant TRANSFORMATION_TYPEHASH = keccak256(
        "Transformation(uint64 packer,Line[] inputs,Output[] outputs,bytes32 contentHash,uint64 deadline)Line(bytes32 lot,uint64 grams)Output(uint64 product,string lotCode,uint64 grams)"
    );
    bytes32 internal constant SHIPMENT_TYPEHASH = keccak256(
        "Shipment(uint64 shipper,uint64 receiver,string consignmentRef,Line[] manifest,bytes32 contentHash,uint64 deadline)Line(bytes32 lot,uint64 grams)"
    );
    bytes32 internal constant RECEIPT_TYPEHASH = keccak256(
        "Receipt(uint64 receiver,bytes32 consignment,bytes32 manifestHash,bytes32 contentHash,uint64 deadline)"
    );
    bytes32 internal constant SALE_TYPEHASH =
        keccak256("Sale(uint64 holder,Line[] lines,bytes32 contentHash,uint64 deadline)Line(bytes32 lot,uint64 grams)");
    bytes32 internal constant DISPOSAL_TYPEHASH = keccak256(
        "Disposal(uint64 holder,Line[] lines,bytes32 contentHash,uint64 deadline)Line(bytes32 lot,uint64 grams)"
    );
    bytes32 internal constant RECALL_TYPEHASH =
        keccak256("Recall(uint64 issuer,bytes32 lot,bytes32 contentHash,uint64 deadline)");
    bytes32 internal constant RELEASE_TYPEHASH =
        keccak256("Release(uint64 issuer,bytes32 lot,bytes32 contentHash,uint64 deadline)");
    bytes32 internal constant STATEMENT_TYPEHASH =
        keccak256("Statement(uint64 party,string step,bytes32[] lots,bytes32 contentHash,uint64 deadline)");

    function hash(IProduceLedger.Harvest memory action) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                HARVEST_TYPEHASH,
                action.producer,
                action.product,
                keccak256(bytes(action.lotCode)),
                action.plot,
                action.grams,
                action.contentHash,
                action.deadline
            )
        );
    }

    function hash(IProduceLedger.Intake memory action) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                INTAKE_TYPEHASH,
                action.buyer,
                action.product,
                keccak256(bytes(action.lotCode)),
                action.grams,
                action.contentHash,
                action.deadline
            )
        );
    }

    function hash(IProduceLedger.Transformation memory action) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                TRANSFORMATION_TYPEHASH,
                action.packer,
                hash(action.inputs),
                hash(action.outputs),
                action.contentHash,
                action.deadline
            )
        );
    }

    function hash(IProduceLedger.Shipment memory action) internal pure returns (bytes32) {
        return hash(action, hash(action.manifest));
    }

    /// @dev For who needs the manifest's hash too.
    function hash(IProduceLedger.Shipment memory action, bytes32 manifestHash) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                SHIPMENT_TYPEHASH,
                action.shipper,
                action.receiver,
                keccak256(bytes(action.consignmentRef)),
                manifestHash,
                action.contentHash,
                action.deadline
            )
        );
    }

    function hash(IProduceLedger.Receipt memory action) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, action));
    }

    function hash(IProduceLedger.Sale memory action) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(SALE_TYPEHASH, action.holder, hash(action.lines), action.contentHash, action.deadline)
        );
    }

    function hash(IProduceLedger.Disposal memory action) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(DISPOSAL_TYPEHASH, action.holder, hash(action.lines), action.contentHash, action.deadline)
        );
    }

    function hash(IProduceLedger.Recall memory action) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECALL_TYPEHASH, action));
    }

    function hash(IProduceLedger.Release memory action) internal pure returns (bytes32) {
        return keccak256(abi.encode(RELEASE_TYPEHASH, action));
    }

    function hash(IProduceLedger.Statement memory action) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                STATEMENT_TYPEHASH,
                action.party,
                keccak256(bytes(action.step)),
                keccak256(abi.encodePacked(action.lots)),
                action.contentHash,
                action.deadline
            )
        );
    }

    /// @notice The EIP-712 hash of an array of lines: keccak256 of the concatenated struct hashes. A manifest's hash.
    function hash(IProduceLedger.Line[] memory lines) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](lines.length);
        for (uint256 i = 0; i < lines.length; ++i) {
            hashes[i] = keccak256(abi.encode(LINE_TYPEHASH, lines[i].lot, lines[i].grams));
        }
        return keccak256(abi.encodePacked(hashes));
    }

    /// @notice The EIP-712 hash of an array of outputs.
    function hash(IProduceLedger.Output[] memory outputs) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](outputs.length);
        for (uint256 i = 0; i < outputs.length; ++i) {
            IProduceLedger.Output memory output = outputs[i];
            hashes[i] = keccak256(
                abi.encode(OUTPUT_TYPEHASH, output.product, keccak256(bytes(output.lotCode)), output.grams)
            );
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
