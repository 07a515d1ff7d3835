// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../interfaces/IProduceLedger.sol";

/// @title EIP-712 struct hashes of the ledger's entries
/// @dev Every typehash is made from its literal string; `tests/contracts/TypeHashes.t.sol` derives it again.
library ActionHashes {
    bytes32 internal constant LINE_TYPEHASH = keccak256("Line(bytes32 lot,uint64 grams)");
    bytes32 internal constant OUTPUT_TYPEHASH = keccak256("Output(uint64 product,string lotCode,uint64 grams)");
    bytes32 internal constant HARVEST_TYPEHASH = keccak256(
        "Harvest(uint64 producer,uint64 product,string lotCode,bytes32 plot,uint16 season,uint64 grams,bytes32 contentHash,uint64 deadline)"
    );
    bytes32 internal constant INTAKE_TYPEHASH = keccak256(
        "Intake(uint64 buyer,uint64 product,string lotCode,uint64 grams,bytes32 contentHash,uint64 deadline)"
    );
    bytes32 internal constant TRANSFORMATION_TYPEHASH = keccak256(
        "Transformation(uint64 packer,Line[] inputs,Output[] outputs,uint64 culls,uint64 processLoss,uint64 remainder,bytes32 contentHash,uint64 deadline)Line(bytes32 lot,uint64 grams)Output(uint64 product,string lotCode,uint64 grams)"
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
    bytes32 internal constant RECEIPT_LINE_TYPEHASH =
        keccak256("ReceiptLine(bytes32 lot,uint64 accepted,uint64 refused,uint64 toCome)");
    bytes32 internal constant SETTLED_LINE_TYPEHASH =
        keccak256("SettledLine(bytes32 lot,uint64 loss,uint64 weightLoss,uint64 returned,uint64 received)");
    bytes32 internal constant PARTIAL_RECEIPT_TYPEHASH = keccak256(
        "PartialReceipt(uint64 receiver,bytes32 consignment,bytes32 manifestHash,ReceiptLine[] lines,string returnRef,bytes32 contentHash,uint64 deadline)ReceiptLine(bytes32 lot,uint64 accepted,uint64 refused,uint64 toCome)"
    );
    bytes32 internal constant SETTLEMENT_TYPEHASH = keccak256(
        "Settlement(uint64 party,uint64 counterparty,bytes32 consignment,bytes32 manifestHash,SettledLine[] lines,bytes32 contentHash,uint64 deadline)SettledLine(bytes32 lot,uint64 loss,uint64 weightLoss,uint64 returned,uint64 received)"
    );
    bytes32 internal constant NOTICE_TYPEHASH =
        keccak256("Notice(uint64 party,bytes32 consignment,bytes32 contentHash,uint64 deadline)");
    bytes32 internal constant VOID_TYPEHASH = keccak256(
        "Void(uint64 shipper,uint64 receiver,bytes32 consignment,bytes32 manifestHash,bytes32 contentHash,uint64 deadline)"
    );
    bytes32 internal constant PLOT_REGISTRATION_TYPEHASH = keccak256(
        "PlotRegistration(uint64 certifier,uint64 producer,bytes32 plot,bytes32 contentHash,uint64 deadline)"
    );
    bytes32 internal constant YIELD_CERTIFICATE_TYPEHASH = keccak256(
        "YieldCertificate(uint64 certifier,bytes32 plot,uint16 season,uint64 grams,bytes32 contentHash,uint64 deadline)"
    );
    bytes32 internal constant BIRTH_AMENDMENT_TYPEHASH = keccak256(
        "BirthAmendment(uint64 party,bytes32 lot,uint64 was,uint64 grams,bytes32 corrects,bytes32 contentHash,uint64 deadline)"
    );
    bytes32 internal constant TRANSFORMATION_AMENDMENT_TYPEHASH = keccak256(
        "TransformationAmendment(uint64 packer,bytes32 originHash,Line[] inputs,Output[] outputs,uint64 culls,uint64 processLoss,uint64 remainder,bytes32 corrects,bytes32 contentHash,uint64 deadline)Line(bytes32 lot,uint64 grams)Output(uint64 product,string lotCode,uint64 grams)"
    );
    bytes32 internal constant PLEDGE_TYPEHASH = keccak256(
        "Pledge(uint64 holder,uint64 lender,bytes32 lot,uint64 grams,uint64 until,bytes32 contentHash,uint64 deadline)"
    );
    bytes32 internal constant PLEDGE_RELEASE_TYPEHASH = keccak256(
        "PledgeRelease(uint64 lender,uint64 holder,bytes32 lot,bytes32 contentHash,uint64 deadline)"
    );
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
                action.season,
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
        return hash(action, hash(action.inputs), hash(action.outputs));
    }

    /// @dev For who needs the hashes of both lists too.
    function hash(IProduceLedger.Transformation memory action, bytes32 inputsHash, bytes32 outputsHash)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                TRANSFORMATION_TYPEHASH,
                action.packer,
                inputsHash,
                outputsHash,
                action.culls,
                action.processLoss,
                action.remainder,
                action.contentHash,
                action.deadline
            )
        );
    }

    function hash(IProduceLedger.Shipment memory action) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                SHIPMENT_TYPEHASH,
                action.shipper,
                action.receiver,
                keccak256(bytes(action.consignmentRef)),
                hash(action.manifest),
                action.contentHash,
                action.deadline
            )
        );
    }

    /// @dev Of a struct in the calldata, for who needs the hashes of its dynamic members too.
    function hashAt(IProduceLedger.Shipment calldata action, bytes32 refHash, bytes32 manifestHash)
        internal
        pure
        returns (bytes32 result)
    {
        bytes32 typehash = SHIPMENT_TYPEHASH;
        assembly ("memory-safe") {
            // The struct's head, with the hashes in place of the offsets of reference and manifest.
            let scratch := mload(0x40)
            mstore(scratch, typehash)
            calldatacopy(add(scratch, 0x20), action, 0xc0)
            mstore(add(scratch, 0x60), refHash)
            mstore(add(scratch, 0x80), manifestHash)
            result := keccak256(scratch, 0xe0)
        }
    }

    function hash(IProduceLedger.Receipt memory action) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, action));
    }

    /// @dev Of a struct in the calldata.
    function hashAt(IProduceLedger.Receipt calldata action) internal pure returns (bytes32 result) {
        bytes32 typehash = RECEIPT_TYPEHASH;
        assembly ("memory-safe") {
            let scratch := mload(0x40)
            mstore(scratch, typehash)
            calldatacopy(add(scratch, 0x20), action, 0xa0)
            result := keccak256(scratch, 0xc0)
        }
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

    /// @dev Of a sale in the calldata or, by `typehash`, of a disposal, which has the same members.
    function hashAt(bytes32 typehash, IProduceLedger.Sale calldata action, bytes32 linesHash)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(typehash, action.holder, linesHash, action.contentHash, action.deadline));
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

    function hash(IProduceLedger.Notice memory action) internal pure returns (bytes32) {
        return keccak256(abi.encode(NOTICE_TYPEHASH, action));
    }

    function hash(IProduceLedger.Void memory action) internal pure returns (bytes32) {
        return keccak256(abi.encode(VOID_TYPEHASH, action));
    }

    function hash(IProduceLedger.PlotRegistration memory action) internal pure returns (bytes32) {
        return keccak256(abi.encode(PLOT_REGISTRATION_TYPEHASH, action));
    }

    function hash(IProduceLedger.YieldCertificate memory action) internal pure returns (bytes32) {
        return keccak256(abi.encode(YIELD_CERTIFICATE_TYPEHASH, action));
    }

    function hash(IProduceLedger.BirthAmendment memory action) internal pure returns (bytes32) {
        return keccak256(abi.encode(BIRTH_AMENDMENT_TYPEHASH, action));
    }

    function hash(IProduceLedger.Pledge memory action) internal pure returns (bytes32) {
        return keccak256(abi.encode(PLEDGE_TYPEHASH, action));
    }

    function hash(IProduceLedger.PledgeRelease memory action) internal pure returns (bytes32) {
        return keccak256(abi.encode(PLEDGE_RELEASE_TYPEHASH, action));
    }

    function hash(IProduceLedger.PartialReceipt memory action) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](action.lines.length);
        for (uint256 i = 0; i < hashes.length; ++i) {
            hashes[i] = keccak256(abi.encode(RECEIPT_LINE_TYPEHASH, action.lines[i]));
        }
        return keccak256(
            abi.encode(
                PARTIAL_RECEIPT_TYPEHASH,
                action.receiver,
                action.consignment,
                action.manifestHash,
                keccak256(abi.encodePacked(hashes)),
                keccak256(bytes(action.returnRef)),
                action.contentHash,
                action.deadline
            )
        );
    }

    function hash(IProduceLedger.Settlement memory action) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](action.lines.length);
        for (uint256 i = 0; i < hashes.length; ++i) {
            hashes[i] = keccak256(abi.encode(SETTLED_LINE_TYPEHASH, action.lines[i]));
        }
        return keccak256(
            abi.encode(
                SETTLEMENT_TYPEHASH,
                action.party,
                action.counterparty,
                action.consignment,
                action.manifestHash,
                keccak256(abi.encodePacked(hashes)),
                action.contentHash,
                action.deadline
            )
        );
    }

    /// @dev `inputsHash` and `outputsHash` are those of the action's own lists.
    function hash(IProduceLedger.TransformationAmendment memory action, bytes32 inputsHash, bytes32 outputsHash)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                TRANSFORMATION_AMENDMENT_TYPEHASH,
                action.packer,
                action.originHash,
                inputsHash,
                outputsHash,
                action.culls,
                action.processLoss,
                action.remainder,
                action.corrects,
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

    /// @notice The same of lines in the calldata.
    function hashAt(IProduceLedger.Line[] calldata lines) internal pure returns (bytes32 result) {
        bytes32 typehash = LINE_TYPEHASH;
        assembly ("memory-safe") {
            let scratch := mload(0x40)
            let hashes := add(scratch, 0x60)
            let end := add(hashes, mul(0x20, lines.length))
            let line := lines.offset
            mstore(scratch, typehash)
            for { let place := hashes } lt(place, end) { place := add(place, 0x20) } {
                calldatacopy(add(scratch, 0x20), line, 0x40)
                mstore(place, keccak256(scratch, 0x60))
                line := add(line, 0x40)
            }
            result := keccak256(hashes, sub(end, hashes))
        }
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
