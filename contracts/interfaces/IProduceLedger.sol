// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/**
 * @title Lots of produce and their custody, in net grams
 * @notice Lots are born by harvest, intake or transformation; grams move by shipment and receipt, which two different
 * parties sign, and leave by sale or disposal. Grams never grow, and certified grams never grow either: they come from
 * plots whose yield a certifier signed, and follow the fruit.
 *
 * `lotId = keccak256(abi.encode(uint64 product, bytes32 lotCode))`,
 * `consignmentId = keccak256(abi.encode(uint64 shipper, keccak256(bytes(consignmentRef))))`.
 * Lines of a manifest, of inputs and of a sale or disposal are in strictly ascending order of lot id.
 *
 * Two parties sign a `Settlement`, a `Void` by agreement and a `Pledge`: both sign the same digest, and the entry's
 * signature is `abi.encode(bytes signature, bytes32 coKeyId, bytes coSignature)`, first the party whose key `keyId` is.
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
        Statement,
        PartialReceipt,
        Settlement,
        Notice,
        Void,
        PlotRegistration,
        YieldCertificate,
        BirthAmendment,
        TransformationAmendment,
        Propagation,
        Pledge,
        PledgeRelease
    }

    /**
     * @notice Where a consignment stands. Under way: `InTransit`, and `VoidAnnounced` once its shipper gave notice. In
     * dispute over what did not arrive: `Variance`, and `WriteOffAnnounced` once one side gave notice. The others are ends.
     */
    enum ConsignmentState {
        None,
        InTransit,
        Received,
        VoidAnnounced,
        Variance,
        WriteOffAnnounced,
        Settled,
        Voided
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

    /// @notice What became of the grams of a lot that were still under way; together at most those.
    struct ReceiptLine {
        bytes32 lot;
        uint64 accepted;
        uint64 refused;
        uint64 toCome;
    }

    /// @notice How the grams of a lot that never arrived are settled; together exactly those.
    struct SettledLine {
        bytes32 lot;
        uint64 loss;
        uint64 weightLoss;
        uint64 returned;
        uint64 received;
    }

    /**
     * @notice A producer brings a lot into being. Role PRODUCER.
     * @dev `plot`: the field it grew on, 0 where none is named; `season`: the year whose yield it counts against. The
     * lot is certified where the plot is registered for this producer and has a yield for that season, which it then
     * counts against.
     */
    struct Harvest {
        uint64 producer;
        uint64 product;
        string lotCode;
        bytes32 plot;
        uint16 season;
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

    /**
     * @notice Lots in, new lots out. Role PACKER, BUYER, PRODUCER or HUB.
     * @dev Grams: inputs = outputs + culls + processLoss + remainder. `remainder` is sound fruit that goes into no lot.
     */
    struct Transformation {
        uint64 packer;
        Line[] inputs;
        Output[] outputs;
        uint64 culls;
        uint64 processLoss;
        uint64 remainder;
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
     * @notice The receiver's side of a handoff: all that is still under way arrived. The entry's payload carries those
     * lines behind the struct; their hash (the EIP-712 hash of the `Line[]`) is what was signed.
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

    /**
     * @notice Whoever recalled the lot takes the recall back. A lot that was made from others stays recalled as if the recall
     * had been carried to it, until somebody shows by a `Propagation` that none of those is recalled.
     */
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
     * @notice The receiver states what became of each lot still under way: accepted, refused, still to come. Where a
     * line has grams to come, every gram is accounted for and the consignment stays under way. Where none has, this
     * is the last receipt, and what is missing opens a variance. Refused grams go back: they become a consignment from
     * the receiver to the shipper, under the receiver's own `returnRef` ("" where nothing is refused).
     * @dev Payload: the struct, then the `Line[]` still under way, whose hash is `manifestHash`. `lines` name the same
     * lots in the same order. What arrives over the manifest is not stated here and never credited.
     */
    struct PartialReceipt {
        uint64 receiver;
        bytes32 consignment;
        bytes32 manifestHash;
        ReceiptLine[] lines;
        string returnRef;
        bytes32 contentHash;
        uint64 deadline;
    }

    /**
     * @notice Ends a variance. Shipper and receiver both sign, in either order of `party` and `counterparty`; or one of
     * them alone (`counterparty` 0) 72 hours after a notice, and then all of it is loss. `returned` goes to the shipper,
     * `received` to the receiver, `loss` and `weightLoss` leave the ledger.
     * @dev Payload: the struct, then the `Line[]` in variance, whose hash is `manifestHash`; `lines` name the same lots.
     */
    struct Settlement {
        uint64 party;
        uint64 counterparty;
        bytes32 consignment;
        bytes32 manifestHash;
        SettledLine[] lines;
        bytes32 contentHash;
        uint64 deadline;
    }

    /**
     * @notice Public notice: by the shipper of a consignment under way, that it will be voided; by either side of a
     * variance, that it will be written off. Once each; it takes 72 hours, which begin again where the registry was paused.
     */
    struct Notice {
        uint64 party;
        bytes32 consignment;
        bytes32 contentHash;
        uint64 deadline;
    }

    /**
     * @notice What is still under way goes back to the shipper. The receiver signs too, or (`receiver` 0) 72 hours went by
     * since a notice; a receipt recorded before then stands.
     * @dev Payload: the struct, then the `Line[]` still under way, whose hash is `manifestHash`.
     */
    struct Void {
        uint64 shipper;
        uint64 receiver;
        bytes32 consignment;
        bytes32 manifestHash;
        bytes32 contentHash;
        uint64 deadline;
    }

    /// @notice A certifier registers a field of a producer's, once. Role CERTIFIER.
    struct PlotRegistration {
        uint64 certifier;
        uint64 producer;
        bytes32 plot;
        bytes32 contentHash;
        uint64 deadline;
    }

    /**
     * @notice The certifier of a plot states its yield of a season. Once; after that it may be lowered, never below what
     * was harvested. Role CERTIFIER.
     */
    struct YieldCertificate {
        uint64 certifier;
        bytes32 plot;
        uint16 season;
        uint64 grams;
        bytes32 contentHash;
        uint64 deadline;
    }

    /**
     * @notice The issuer of a harvested or pooled lot corrects its grams, while none of it has moved. 0 annuls the lot.
     * More grams than before need a role that may bring lots into being: PRODUCER where the lot counts against a yield,
     * else PRODUCER, PACKER or BUYER.
     * @dev `was`: its grams until now, so that amendments cannot be applied in another order. `corrects`: the content hash of the event that is corrected, as the signer states it.
     */
    struct BirthAmendment {
        uint64 party;
        bytes32 lot;
        uint64 was;
        uint64 grams;
        bytes32 corrects;
        bytes32 contentHash;
        uint64 deadline;
    }

    /**
     * @notice The packer corrects the grams of a transformation, while none of its outputs has moved; what its inputs
     * gave too much goes back to the packer, what they gave too little is taken. 0 everywhere annuls it.
     * @dev `inputs` and `outputs` name the same lots in the same order as before. `originHash`: that of `LotState` until
     * now. Payload: the struct, then the `Line[]` inputs and `Output[]` outputs that it replaces. `corrects` as in
     * `BirthAmendment`.
     */
    struct TransformationAmendment {
        uint64 packer;
        bytes32 originHash;
        Line[] inputs;
        Output[] outputs;
        uint64 culls;
        uint64 processLoss;
        uint64 remainder;
        bytes32 corrects;
        bytes32 contentHash;
        uint64 deadline;
    }

    /**
     * @notice Grams of a lot secure a loan: the holder cannot ship, transform, sell or dispose of them before the lender
     * releases them or `until` (Unix seconds, at most two years ahead) is over. Both sign; the lender has role LENDER.
     */
    struct Pledge {
        uint64 holder;
        uint64 lender;
        bytes32 lot;
        uint64 grams;
        uint64 until;
        bytes32 contentHash;
        uint64 deadline;
    }

    /// @notice The lender lets go of all that the holder pledged to it of that lot.
    struct PledgeRelease {
        uint64 lender;
        uint64 holder;
        bytes32 lot;
        bytes32 contentHash;
        uint64 deadline;
    }

    /**
     * @notice A lot as the contract knows it.
     * @param issuer The party that brought it into being; 0 where there is no such lot.
     * @param grams Net grams at birth, as last amended.
     * @param certifiedGrams How many of them come from certified plots.
     * @param entries How many signed entries changed this lot: birth, consumption, shipment, receipt of any kind, settlement,
     * void, sale, disposal, recall, release, amendment. Not statements, notices, pledges and carried recalls.
     * @param recalledBy The party whose recall stands; 0 where none does.
     * @param inherited Whether that recall was carried here from a lot that went into this one.
     * @param moved Whether any of it was ever shipped, transformed, sold or disposed of: then it can no longer be amended.
     * @param originHash keccak256(abi.encode(hash of the input `Line[]`, hash of the `Output[]`)), both by EIP-712, of the
     * transformation that made it, as last amended; else 0.
     */
    struct LotState {
        uint64 issuer;
        uint64 grams;
        uint64 certifiedGrams;
        uint32 entries;
        uint64 recalledBy;
        bool inherited;
        bool moved;
        bytes32 originHash;
    }

    /**
     * @notice A consignment as the contract knows it.
     * @param shipper Who sent it; 0 where there is no such consignment.
     * @param receiver Who alone may receive it.
     * @param state Where it stands.
     * @param noticeAt When notice was given, in Unix seconds; 0 where it was not.
     * @param manifestHash The first 24 bytes of the EIP-712 hash of the lines still under way, or in variance; at an end,
     * of those that the last entry was about. The rest is not stored, so that a consignment fits one slot. Finding
     * two manifests alike in them takes about 2^96 hashes.
     */
    struct ConsignmentRecord {
        uint64 shipper;
        uint64 receiver;
        ConsignmentState state;
        uint64 noticeAt;
        bytes24 manifestHash;
    }

    /// @notice A plot: whose it is and who registered it; 0 where nobody did.
    struct PlotRecord {
        uint64 producer;
        uint64 certifier;
    }

    /// @notice What a plot was certified for in a season, and what was harvested against it; all 0 where it was not.
    struct YieldRecord {
        uint64 certified;
        uint64 harvested;
    }

    /// @notice A pledge that stands.
    struct PledgeRecord {
        uint64 lender;
        uint64 grams;
        uint64 until;
    }

    /// @notice An entry stands. `digest` is the EIP-712 digest that the key signed.
    event EntryRecorded(bytes32 indexed contentHash, uint64 indexed party, Kind kind, bytes32 keyId, bytes32 digest);

    /// @notice A recall came to `lot` from `parent`, one of the lots that went into it.
    event RecallCarried(bytes32 indexed lot, bytes32 indexed parent, uint64 recalledBy);
    /// @notice The recall that had been carried to `lot` ended, since none of the lots that went into it is recalled now.
    event RecallLifted(bytes32 indexed lot);
    /// @notice A receipt refused grams: they are under way back to the shipper, as the consignment `returned`.
    event ReturnOpened(bytes32 indexed consignment, bytes32 indexed returned, bytes32 manifestHash);

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
    /// @notice A lot has at most 68,719,476,735 grams, 68,719 tonnes.
    error TooManyGrams(bytes32 lot, uint64 grams);
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
    /// @notice Inputs are not outputs and culls and process loss and remainder.
    error Unbalanced(uint256 gramsIn, uint256 accounted);
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
    /// @notice The manifest is not the one expected: `expected` is what was signed, or the 24 bytes that are stored of what is under way.
    error WrongManifest(bytes32 expected, bytes32 actual);
    /// @notice The lines do not name the lots that they have to name, in that order.
    error LotsDiffer(bytes32 expected, bytes32 actual);
    /// @notice Not every gram is accounted for, or too many are: `expected` were under way or missing.
    error LineUnbalanced(bytes32 lot, uint64 expected, uint256 stated);
    /// @notice A receipt that leaves everything to come says nothing.
    error NothingReceived(bytes32 consignment);
    /// @notice A return has a reference of the receiver's, and only a return has.
    error ReturnReference(uint256 refusedGrams, string returnRef);
    /// @notice There is no variance to settle.
    error NoVariance(bytes32 consignment, ConsignmentState state);
    /// @notice The consignment is at an end, or the party has given notice already or is none that may.
    error NoticeNotPossible(bytes32 consignment, ConsignmentState state, uint64 party);
    /// @notice The party is not a side of that consignment, or not the side that may.
    error NotASide(bytes32 consignment, uint64 party);
    /// @notice Without the other side's signature, 72 hours have to go by after a notice; `from` 0: none was given.
    error NoticeNotOver(bytes32 consignment, uint256 from);
    /// @notice What one side settles alone is all loss.
    error OnlyLoss(bytes32 lot);
    /// @notice A plot is registered once.
    error PlotExists(bytes32 plot, uint64 producer);
    /// @notice The producer of a plot has role PRODUCER.
    error NotAProducer(uint64 party);
    /// @notice No certifier registered that plot.
    error UnknownPlot(bytes32 plot);
    /// @notice The plot is another producer's.
    error NotThePlotsProducer(bytes32 plot, uint64 producer, uint64 party);
    /// @notice Only the certifier that registered a plot certifies its yield.
    error NotThePlotsCertifier(bytes32 plot, uint64 certifier, uint64 party);
    /// @notice A yield is certified once for a season; after that it is only lowered.
    error YieldNotLower(bytes32 plot, uint16 season, uint64 certified, uint64 grams);
    /// @notice A yield is at least one gram and is not lowered below what was harvested.
    error YieldBelowHarvest(bytes32 plot, uint16 season, uint64 harvested, uint64 grams);
    /// @notice More would be harvested than the plot was certified for.
    error YieldExceeded(uint64 certified, uint64 harvested, uint64 grams);
    /// @notice Only whoever brought the lot into being amends it.
    error NotTheIssuer(bytes32 lot, uint64 issuer, uint64 party);
    /// @notice Some of the lot has moved: it can no longer be amended.
    error LotMoved(bytes32 lot);
    /// @notice The lot has other grams than those that the amendment replaces.
    error WrongAmount(bytes32 lot, uint64 grams, uint64 was);
    /// @notice A lot made by a transformation is amended with all of that transformation, and only such a lot is.
    error WrongAmendment(bytes32 lot);
    /// @notice What is shown is not what the lot was made from.
    error WrongOrigin(bytes32 lot, bytes32 expected, bytes32 shown);
    /// @notice The recall stands as those of the lots that went into this one do: it ends with them, by `Propagation`.
    error RecallInherited(bytes32 lot);
    /// @notice The lot's recall is already what those of its parents make it.
    error NothingToPropagate(bytes32 lot);
    /// @notice The party holds that many grams, of which so many are pledged: the rest is less than needed.
    error PledgedGrams(bytes32 lot, uint64 holder, uint64 held, uint64 pledged, uint64 needed);
    /// @notice A party does not lend to itself.
    error SelfPledge(uint64 party);
    /// @notice A pledge ends after now and at most two years from now.
    error InvalidTerm(uint64 until, uint256 time);
    /// @notice At most four pledges stand on what one party holds of a lot.
    error TooManyPledges(bytes32 lot, uint64 holder);
    /// @notice Nothing of that is pledged to that lender now.
    error NoPledge(bytes32 lot, uint64 holder, uint64 lender);
    /// @notice This ledger counts parties up to 2^28 - 1.
    error TooManyParties(uint32 index);
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

    /// @notice Each plot's record.
    function plotsOf(bytes32[] calldata plots) external view returns (PlotRecord[] memory);

    /// @notice The yield of `plots[i]` in `seasons[i]`.
    function yieldsOf(bytes32[] calldata plots, uint16[] calldata seasons) external view returns (YieldRecord[] memory);

    /// @notice The pledges that stand now on what the holder has of the lot.
    function pledgesOf(bytes32 lot, uint64 holder) external view returns (PledgeRecord[] memory);
}
