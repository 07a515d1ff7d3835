// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/**
 * @title Lots of produce and their custody, in net grams
 * @notice Lots are born by harvest, intake or transformation; grams move by shipment and receipt, which two different
 * parties sign, and leave by sale or disposal. Grams never grow.
 *
 * `lotId = keccak256(abi.encode(uint64 product, bytes32 lotCode))`,
 * `consignmentId = keccak256(abi.encode(uint64 shipper, keccak256(bytes(consignmentRef))))`.
 * Lines of a manifest, of inputs and of a sale or disposal are in strictly ascending order of lot id.
 */
interface IProduceLedger {
    /// @notice Entries of this contract, in the order of `IEntryRelay.Entry.kind`.
    enum Kind { Harvest, Intake, Transformation, Shipment, Receipt, Sale, Disposal, Recall, Release, Statement }

    /// @notice Where a consignment stands.
    enum ConsignmentState { None, InTransit, Received }

    struct Line { bytes32 lot; uint64 grams; }
    struct Output { uint64 product; string lotCode; uint64 grams; }

    struct Harvest {
        uint64 producer; uint64 product; string lotCode; bytes32 plot; uint64 grams; bytes32 contentHash; uint64 deadline;
    }
    struct Intake { uint64 buyer; uint64 product; string lotCode; uint64 grams; bytes32 contentHash; uint64 deadline; }
    struct Transformation { uint64 packer; Line[] inputs; Output[] outputs; bytes32 contentHash; uint64 deadline; }
    struct Shipment {
        uint64 shipper; uint64 receiver; string consignmentRef; Line[] manifest; bytes32 contentHash; uint64 deadline;
    }
    /// @notice The entry's payload carries the manifest's lines behind the struct; their hash is what was signed.
    struct Receipt { uint64 receiver; bytes32 consignment; bytes32 manifestHash; bytes32 contentHash; uint64 deadline; }
    struct Sale { uint64 holder; Line[] lines; bytes32 contentHash; uint64 deadline; }
    struct Disposal { uint64 holder; Line[] lines; bytes32 contentHash; uint64 deadline; }
    struct Recall { uint64 issuer; bytes32 lot; bytes32 contentHash; uint64 deadline; }
    struct Release { uint64 issuer; bytes32 lot; bytes32 contentHash; uint64 deadline; }
    struct Statement { uint64 party; string step; bytes32[] lots; bytes32 contentHash; uint64 deadline; }

    /**
     * @notice A lot as the contract knows it.
     * @param issuer The party that brought it into being; 0 where there is no such lot.
     * @param grams Net grams at birth.
     * @param entries How many recorded entries changed this lot (birth, consumption, shipment, receipt, sale, disposal,
     * recall, release; statements are not counted).
     * @param recalledBy The party whose recall stands; 0 where none does.
     * @param parentsHash keccak256(abi.encode(bytes32[] input lot ids, ascending)) for a transformation's output, else 0.
     */
    struct LotState { uint64 issuer; uint64 grams; uint32 entries; uint64 recalledBy; bytes32 parentsHash; }

    struct ConsignmentRecord { uint64 shipper; uint64 receiver; ConsignmentState state; bytes32 manifestHash; }

    /// @notice An entry stands. `digest` is the EIP-712 digest that the key signed.
    event EntryRecorded(
        bytes32 indexed contentHash, uint64 indexed party, Kind kind, bytes32 keyId, bytes32 digest
    );

    error DeadlinePassed(uint64 deadline, uint256 time);
    error AlreadyUsed(bytes32 digest);
    error LotExists(bytes32 lot);
    error UnknownLot(bytes32 lot);
    error InvalidLotCode(string lotCode);
    error ZeroGrams(bytes32 lot);
    error NothingListed();
    error NotAscending(bytes32 previous, bytes32 lot);
    error ProductNotAllowed(uint64 product, uint64 party);
    error NotEnoughHeld(bytes32 lot, uint64 holder, uint64 held, uint64 needed);
    error MoreOutThanIn(uint256 gramsIn, uint256 gramsOut);
    error UnknownReceiver(uint64 receiver);
    error SelfShipment(uint64 party);
    error ConsignmentUsed(bytes32 consignment);
    error NotInTransit(bytes32 consignment, ConsignmentState state);
    error NotTheReceiver(uint64 receiver, uint64 named);
    error WrongManifest(bytes32 expected, bytes32 actual);
    error LotRecalled(bytes32 lot, uint64 recalledBy);
    error NotRecalled(bytes32 lot);
    error MayNotRecall(bytes32 lot, uint64 party);
    error NotTheRecaller(bytes32 lot, uint64 recalledBy, uint64 party);

    /// @notice The registry whose keys and roles this ledger obeys.
    function registry() external view returns (address);

    /// @notice Each lot's state.
    function lotsOf(bytes32[] calldata lots) external view returns (LotState[] memory);

    /// @notice Grams of `lots[i]` that `holders[i]` holds.
    function balancesOf(bytes32[] calldata lots, uint64[] calldata holders) external view returns (uint64[] memory);

    /// @notice Each consignment's record.
    function consignmentsOf(bytes32[] calldata consignments) external view returns (ConsignmentRecord[] memory);
}
