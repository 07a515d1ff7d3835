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
    enum Kind {
        Harvest,
        Intake,
        Transformation,
        Shipment,
        Receipt,
        Sale,
        Disposal,
        Recall,
        Release,
        Statement
    }

    /// @notice Where a consignment stands.
    enum ConsignmentState {
        None,
        InTransit,
        Received
    }

    /// @notice So many grams of a lot.
    struct Line {
        bytes32 lot;
        uint64 grams;
    }

    /// @notice A lot that a transformation brings into being. `lotCode`: 1 to 20 bytes of GS1 character set 82.
    struct Output {
        uint64 product;
        string lotCode;
        uint64 grams;
    }

    /// @notice A producer brings a lot into being. `plot`: the field it grew on, 0 where none is named. Role PRODUCER.
    struct Harvest {
        uint64 producer;
        uint64 product;
        string lotCode;
        bytes32 plot;
        uint64 grams;
        bytes32 contentHash;
        uint64 deadline;
    }

    /// @notice A buyer pools fruit of growers outside the ledger into a new lot. Role PRODUCER, PACKER or BUYER.
    struct Intake {
        uint64 buyer;
        uint64 product;
        string lotCode;
        uint64 grams;
        bytes32 contentHash;
        uint64 deadline;
    }

    /// @notice Lots in, new lots out; the difference is loss. Role PACKER, BUYER, PRODUCER or HUB.
    struct Transformation {
        uint64 packer;
        Line[] inputs;
        Output[] outputs;
        bytes32 contentHash;
        uint64 deadline;
    }

    /// @notice The sender's side of a handoff, to one named receiver, under a reference of the shipper's used once.
    struct Shipment {
        uint64 shipper;
        uint64 receiver;
        string consignmentRef;
        Line[] manifest;
        bytes32 contentHash;
        uint64 deadline;
    }

    /**
     * @notice The receiver's side of a handoff, in full. The entry's payload carries the manifest's lines behind the
     * struct; their hash (the EIP-712 hash of the `Line[]`) is what was signed.
     */
    struct Receipt {
        uint64 receiver;
        bytes32 consignment;
        bytes32 manifestHash;
        bytes32 contentHash;
        uint64 deadline;
    }

    /// @notice Grams leave the ledger by sale to somebody outside it.
    struct Sale {
        uint64 holder;
        Line[] lines;
        bytes32 contentHash;
        uint64 deadline;
    }

    /// @notice Grams are destroyed.
    struct Disposal {
        uint64 holder;
        Line[] lines;
        bytes32 contentHash;
        uint64 deadline;
    }

    /// @notice The lot's issuer, or a party with role REGULATOR, recalls the lot.
    struct Recall {
        uint64 issuer;
        bytes32 lot;
        bytes32 contentHash;
        uint64 deadline;
    }

    /// @notice Whoever recalled the lot takes the recall back.
    struct Release {
        uint64 issuer;
        bytes32 lot;
        bytes32 contentHash;
        uint64 deadline;
    }

    /// @notice An event that moves nothing. The lots it names need not exist (a field is cooled before it is a lot).
    struct Statement {
        uint64 party;
        string step;
        bytes32[] lots;
        bytes32 contentHash;
        uint64 deadline;
    }

    /**
     * @notice A lot as the contract knows it.
     * @param issuer The party that brought it into being; 0 where there is no such lot.
     * @param grams Net grams at birth.
     * @param entries How many recorded entries changed this lot (birth, consumption, shipment, receipt, sale, disposal,
     * recall, release; statements are not counted).
     * @param recalledBy The party whose recall stands; 0 where none does.
     * @param parentsHash keccak256(abi.encode(bytes32[] input lot ids, ascending)) for a transformation's output, else 0.
     */
    struct LotState {
        uint64 issuer;
        uint64 grams;
        uint32 entries;
        uint64 recalledBy;
        bytes32 parentsHash;
    }

    /**
     * @notice A consignment as the contract knows it.
     * @param shipper Who sent it; 0 where there is no such consignment.
     * @param receiver Who alone may receive it.
     * @param state Where it stands.
     * @param manifestHash The first 23 bytes of the manifest's EIP-712 hash; the rest is not stored, so that a
     * consignment fits one slot. Finding two manifests alike in them takes about 2^92 hashes.
     */
    struct ConsignmentRecord {
        uint64 shipper;
        uint64 receiver;
        ConsignmentState state;
        bytes23 manifestHash;
    }

    /// @notice An entry stands. `digest` is the EIP-712 digest that the key signed.
    event EntryRecorded(bytes32 indexed contentHash, uint64 indexed party, Kind kind, bytes32 keyId, bytes32 digest);

    /// @notice The entry came too late.
    error DeadlinePassed(uint64 deadline, uint256 time);
    /// @notice The signed struct was recorded before.
    error AlreadyUsed(bytes32 digest);
    /// @notice A lot is born once.
    error LotExists(bytes32 lot);
    /// @notice No such lot was ever made.
    error UnknownLot(bytes32 lot);
    /// @notice A lot code has 1 to 20 bytes of GS1 character set 82.
    error InvalidLotCode(string lotCode);
    /// @notice A lot, and a line, has at least one gram.
    error ZeroGrams(bytes32 lot);
    /// @notice A manifest, inputs, outputs, a sale and a disposal list at least one lot.
    error NothingListed();
    /// @notice Lines are in strictly ascending order of lot id.
    error NotAscending(bytes32 previous, bytes32 lot);
    /// @notice The product is neither the party's nor permitted to it by its owner.
    error ProductNotAllowed(uint64 product, uint64 party);
    /// @notice The party does not hold that many grams of the lot.
    error NotEnoughHeld(bytes32 lot, uint64 holder, uint64 held, uint64 needed);
    /// @notice A transformation's outputs weigh more than its inputs.
    error MoreOutThanIn(uint256 gramsIn, uint256 gramsOut);
    /// @notice The named receiver was never admitted, or is suspended.
    error UnknownReceiver(uint64 receiver);
    /// @notice A handoff takes two parties.
    error SelfShipment(uint64 party);
    /// @notice The shipper used that reference before.
    error ConsignmentUsed(bytes32 consignment);
    /// @notice Nothing is under way under that consignment.
    error NotInTransit(bytes32 consignment, ConsignmentState state);
    /// @notice Only the receiver that the shipper named may receive.
    error NotTheReceiver(uint64 receiver, uint64 named);
    /// @notice The manifest is not the one expected: `expected` is what was signed, or the 23 bytes of what was shipped.
    error WrongManifest(bytes32 expected, bytes32 actual);
    /// @notice A recalled lot is only received, disposed of, shipped to its issuer or released.
    error LotRecalled(bytes32 lot, uint64 recalledBy);
    /// @notice There is no recall to take back.
    error NotRecalled(bytes32 lot);
    /// @notice Only the lot's issuer or a regulator recalls it.
    error MayNotRecall(bytes32 lot, uint64 party);
    /// @notice Only whoever recalled the lot releases it.
    error NotTheRecaller(bytes32 lot, uint64 recalledBy, uint64 party);
    /// @notice The arrays of a question have different lengths.
    error LengthMismatch(uint256 lots, uint256 holders);

    /// @notice The registry whose keys and roles this ledger obeys.
    function registry() external view returns (address);

    /// @notice Each lot's state.
    function lotsOf(bytes32[] calldata lots) external view returns (LotState[] memory);

    /// @notice Grams of `lots[i]` that `holders[i]` holds.
    function balancesOf(bytes32[] calldata lots, uint64[] calldata holders) external view returns (uint64[] memory);

    /// @notice Each consignment's record.
    function consignmentsOf(bytes32[] calldata consignments) external view returns (ConsignmentRecord[] memory);
}
