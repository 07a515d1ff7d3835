// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {EntryRelay} from "./EntryRelay.sol";
import {IPartyRegistry} from "./interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "./interfaces/IProduceLedger.sol";
import {ActionHashes} from "./libraries/ActionHashes.sol";
import {Amendments} from "./libraries/Amendments.sol";
import {Authority} from "./libraries/Authority.sol";
import {Custody} from "./libraries/Custody.sol";
import {Disputes} from "./libraries/Disputes.sol";
import {LedgerStorage} from "./libraries/LedgerStorage.sol";
import {LotCodes} from "./libraries/LotCodes.sol";
import {Packing} from "./libraries/Packing.sol";
import {Payloads} from "./libraries/Payloads.sol";
import {Pledges} from "./libraries/Pledges.sol";
import {Plots} from "./libraries/Plots.sol";
import {Recalls} from "./libraries/Recalls.sol";
import {Roles} from "./libraries/Roles.sol";

/**
 * @title The ledger of lots and custody
 * @dev Nobody owns it, nothing pauses or upgrades it. An entry is decoded, its deadline checked, its signature and role
 * asked of the registry, then its own rules; the first rule that fails reverts the entry. What stops a replay is named
 * with each entry: the lot that it made, the consignment that it opened or closed, or else its digest in `used`.
 *
 * Entries of every day are here. The rarer ones are in linked libraries that work on the same storage, since all of them
 * together are larger than EIP-170 lets a contract be; a library is linked for ever, like the code here.
 */
contract ProduceLedger is IProduceLedger, EntryRelay, EIP712 {
    using ActionHashes for *;
    using Custody for LedgerStorage.Layout;
    using Packing for *;

    IPartyRegistry private immutable _REGISTRY;

    LedgerStorage.Layout private _s;

    /// @param partyRegistry The registry whose keys, roles and products this ledger obeys, for ever.
    constructor(IPartyRegistry partyRegistry) EIP712("Silkroot ProduceLedger", "1") {
        _REGISTRY = partyRegistry;
    }

    // ------------------------------------------------------------------------------------------------ reading

    /// @inheritdoc IProduceLedger
    function registry() external view returns (address) {
        return address(_REGISTRY);
    }

    /// @inheritdoc IProduceLedger
    function lotsOf(bytes32[] calldata lots) external view returns (LotState[] memory states) {
        states = new LotState[](lots.length);
        uint32[] memory indexes = new uint32[](2 * lots.length);
        for (uint256 i = 0; i < lots.length; ++i) {
            Packing.Lot memory lot = _s.lots[lots[i]].toLot();
            LotState memory state = states[i];
            (state.grams, state.certifiedGrams, state.entries) = (lot.grams, Custody.certifiedOf(lot), lot.entries);
            (state.moved, state.originHash) = (lot.moved, _s.origins[lots[i]]);
            indexes[2 * i] = lot.issuer;
            if (lot.recalled) (indexes[2 * i + 1], state.inherited) = Custody.recallOf(_s, lots[i]);
        }
        uint64[] memory parties = _REGISTRY.partiesAt(indexes);
        for (uint256 i = 0; i < lots.length; ++i) {
            (states[i].issuer, states[i].recalledBy) = (parties[2 * i], parties[2 * i + 1]);
        }
    }

    /// @inheritdoc IProduceLedger
    function balancesOf(bytes32[] calldata lots, uint64[] calldata holders)
        external
        view
        returns (uint64[] memory grams)
    {
        if (lots.length != holders.length) revert LengthMismatch(lots.length, holders.length);
        grams = new uint64[](lots.length);
        for (uint256 i = 0; i < lots.length; ++i) {
            uint32 index = _indexOf(holders[i]);
            if (index != 0) grams[i] = _s.heldBy(_s.lots[lots[i]].toLot(), lots[i], index);
        }
    }

    /// @inheritdoc IProduceLedger
    function consignmentsOf(bytes32[] calldata consignments)
        external
        view
        returns (ConsignmentRecord[] memory records)
    {
        records = new ConsignmentRecord[](consignments.length);
        uint32[] memory indexes = new uint32[](2 * consignments.length);
        for (uint256 i = 0; i < consignments.length; ++i) {
            Packing.Consignment memory consignment = _s.consignments[consignments[i]].toConsignment();
            (indexes[2 * i], indexes[2 * i + 1]) = (consignment.shipper, consignment.receiver);
            (records[i].state, records[i].manifestHash) = (consignment.state, consignment.manifestHash);
            records[i].noticeAt = uint64(_s.noticeAt[consignments[i]]);
        }
        uint64[] memory parties = _REGISTRY.partiesAt(indexes);
        for (uint256 i = 0; i < consignments.length; ++i) {
            (records[i].shipper, records[i].receiver) = (parties[2 * i], parties[2 * i + 1]);
        }
    }

    /// @inheritdoc IProduceLedger
    function plotsOf(bytes32[] calldata plots) external view returns (PlotRecord[] memory records) {
        records = new PlotRecord[](plots.length);
        uint32[] memory indexes = new uint32[](2 * plots.length);
        for (uint256 i = 0; i < plots.length; ++i) {
            LedgerStorage.Plot memory plot = _s.plots[plots[i]];
            (indexes[2 * i], indexes[2 * i + 1]) = (plot.producer, plot.certifier);
        }
        uint64[] memory parties = _REGISTRY.partiesAt(indexes);
        for (uint256 i = 0; i < plots.length; ++i) records[i] = PlotRecord(parties[2 * i], parties[2 * i + 1]);
    }

    /// @inheritdoc IProduceLedger
    function yieldsOf(bytes32[] calldata plots, uint16[] calldata seasons)
        external
        view
        returns (YieldRecord[] memory records)
    {
        if (plots.length != seasons.length) revert LengthMismatch(plots.length, seasons.length);
        records = new YieldRecord[](plots.length);
        for (uint256 i = 0; i < plots.length; ++i) {
            LedgerStorage.Yield memory yield = _s.yields[_s.yieldNumbers[plots[i]][seasons[i]]];
            records[i] = YieldRecord(yield.certified, yield.harvested);
        }
    }

    /// @inheritdoc IProduceLedger
    function pledgesOf(bytes32 lot, uint64 holder) external view returns (PledgeRecord[] memory records) {
        LedgerStorage.Pledge[] memory pledges = _s.pledges[lot][_indexOf(holder)];
        uint256 count = 0;
        records = new PledgeRecord[](pledges.length);
        for (uint256 i = 0; i < pledges.length; ++i) {
            // Seconds of a validator's choosing do not matter to terms of days.
            // slither-disable-next-line timestamp
            if (pledges[i].until <= block.timestamp) continue;
            records[count++] =
                PledgeRecord(Authority.partyAt(_context(), pledges[i].lender), pledges[i].grams, pledges[i].until);
        }
        // Those that ended are left out.
        assembly ("memory-safe") {
            mstore(records, count)
        }
    }

    function _indexOf(uint64 party) private view returns (uint32 index) {
        // Roles do not matter here.
        // slither-disable-next-line calls-loop,unused-return
        (index,) = _REGISTRY.indexOf(party);
    }

    // ------------------------------------------------------------------------------------------------ entries

    function _baseAllowance() internal pure override returns (uint256) {
        return _ALLOWANCE_BASE;
    }

    /**
     * @dev Whatever was shipped can be received, and voided by its shipper, since those entries are no larger than the
     * shipment; a void by both sides has a second signature and room for 373 lines. A partial receipt is larger than the
     * shipment; its own limit, 104 lines, leaves room for a settlement of all its lines.
     */
    function _maxSize(uint8 kind) internal pure override returns (uint256) {
        return kind == uint8(Kind.PartialReceipt) ? 20_480 : 24_576;
    }

    /// @inheritdoc EntryRelay
    function _apply(Entry calldata entry) internal override {
        uint8 kind = entry.kind;
        if (kind == uint8(Kind.Shipment)) _ship(entry);
        else if (kind == uint8(Kind.Receipt)) _receive(entry);
        else if (kind == uint8(Kind.Harvest)) _harvest(entry);
        else if (kind == uint8(Kind.Intake)) _takeIn(entry);
        else if (kind == uint8(Kind.Transformation)) _transform(entry);
        else if (kind == uint8(Kind.Sale)) _sell(entry);
        else if (kind == uint8(Kind.Disposal)) _dispose(entry);
        else if (kind == uint8(Kind.Recall)) _recall(entry);
        else if (kind == uint8(Kind.Release)) _release(entry);
        else if (kind == uint8(Kind.Statement)) _state(entry);
        else _applyRare(kind, entry);
    }

    /// @dev Entries of the linked libraries; each decodes, authorises and records its own.
    // One comparison a kind, and nothing between them.
    // slither-disable-next-line cyclomatic-complexity
    function _applyRare(uint8 kind, Entry calldata entry) private {
        Authority.Context memory context = _context();
        if (kind == uint8(Kind.PartialReceipt)) Disputes.receivePartly(_s, context, entry);
        else if (kind == uint8(Kind.Settlement)) Disputes.settle(_s, context, entry);
        else if (kind == uint8(Kind.Notice)) Disputes.announce(_s, context, entry);
        else if (kind == uint8(Kind.Void)) Disputes.voidShipment(_s, context, entry);
        else if (kind == uint8(Kind.PlotRegistration)) Plots.registerPlot(_s, context, entry);
        else if (kind == uint8(Kind.YieldCertificate)) Plots.certifyYield(_s, context, entry);
        else if (kind == uint8(Kind.BirthAmendment)) Amendments.amendBirth(_s, context, entry);
        else if (kind == uint8(Kind.TransformationAmendment)) Amendments.amendTransformation(_s, context, entry);
        else if (kind == uint8(Kind.Propagation)) Recalls.propagate(_s, context, entry);
        else if (kind == uint8(Kind.Pledge)) Pledges.pledge(_s, context, entry);
        else if (kind == uint8(Kind.PledgeRelease)) Pledges.releasePledge(_s, context, entry);
        else revert UnknownKind(kind);
    }

    /// @dev Replay: the lot exists.
    function _harvest(Entry calldata entry) private {
        Harvest memory action = abi.decode(entry.payload, (Harvest));
        (bytes32 digest, uint32 issuer,) =
            _authorise(entry, action.producer, Roles.PRODUCER, action.hash(), action.deadline);
        bytes32 id = _newLot(action.product, action.lotCode, action.grams, action.producer);
        uint64 number = _countAgainstYield(action, issuer);
        _bear(id, action.grams, issuer, number, true);
        _record(entry, action.contentHash, action.producer, digest);
    }

    /// @dev The number of the yield that the harvest counts against; 0 where nobody certified one.
    function _countAgainstYield(Harvest memory action, uint32 producer) private returns (uint64 number) {
        if (action.plot == 0) return 0;
        LedgerStorage.Plot memory plot = _s.plots[action.plot];
        if (plot.certifier == 0) return 0;
        if (plot.producer != producer) {
            revert NotThePlotsProducer(action.plot, _partyAt(plot.producer), action.producer);
        }
        number = _s.yieldNumbers[action.plot][action.season];
        if (number == 0) return 0;
        LedgerStorage.Yield memory yield = _s.yields[number];
        if (uint256(yield.harvested) + action.grams > yield.certified) {
            revert YieldExceeded(yield.certified, yield.harvested, action.grams);
        }
        _s.yields[number].harvested = yield.harvested + action.grams;
    }

    /// @dev Replay: the lot exists.
    function _takeIn(Entry calldata entry) private {
        Intake memory action = abi.decode(entry.payload, (Intake));
        (bytes32 digest, uint32 issuer,) = _authorise(
            entry, action.buyer, Roles.PRODUCER | Roles.PACKER | Roles.BUYER, action.hash(), action.deadline
        );
        _bear(_newLot(action.product, action.lotCode, action.grams, action.buyer), action.grams, issuer, 0, false);
        _record(entry, action.contentHash, action.buyer, digest);
    }

    /// @dev Replay: the outputs exist.
    function _transform(Entry calldata entry) private {
        Transformation memory action = abi.decode(entry.payload, (Transformation));
        (bytes32 inputsHash, bytes32 outputsHash) = (action.inputs.hash(), action.outputs.hash());
        (bytes32 digest, uint32 packer,) = _authorise(
            entry,
            action.packer,
            Roles.PACKER | Roles.BUYER | Roles.PRODUCER | Roles.HUB,
            action.hash(inputsHash, outputsHash),
            action.deadline
        );
        uint256 gramsIn = _s.takeInputs(_context(), action.inputs, action.packer, packer);
        uint256 gramsOut = _bearAll(action, packer, gramsIn, keccak256(abi.encode(inputsHash, outputsHash)));
        if (gramsOut > gramsIn) revert MoreOutThanIn(gramsIn, gramsOut);
        uint256 accounted = gramsOut + action.culls + action.processLoss + action.remainder;
        if (accounted != gramsIn) revert Unbalanced(gramsIn, accounted);
        _record(entry, action.contentHash, action.packer, digest);
    }

    /// @dev The outputs share the certified grams of the inputs by weight.
    function _bearAll(Transformation memory action, uint32 packer, uint256 gramsIn, bytes32 originHash)
        private
        returns (uint256 sum)
    {
        if (action.outputs.length == 0) revert NothingListed();
        uint256 certifiedIn = _s.certifiedIn(action.inputs);
        for (uint256 i = 0; i < action.outputs.length; ++i) {
            Output memory output = action.outputs[i];
            bytes32 id = _newLot(output.product, output.lotCode, output.grams, action.packer);
            _s.origins[id] = originHash;
            // More than all inputs weigh is refused by the caller.
            _bear(id, output.grams, packer, uint64(certifiedIn * output.grams / gramsIn), false);
            sum += output.grams;
        }
    }

    /// @dev Replay: the consignment is used.
    function _ship(Entry calldata entry) private {
        (Shipment calldata action, Line[] calldata manifest) = Payloads.shipment(entry.payload);
        Authority.Context memory context = _context();
        (uint64 party, uint64 to) = (action.shipper, action.receiver);
        (bytes32 refHash, bytes32 manifestHash) = (keccak256(bytes(action.consignmentRef)), manifest.hashAt());
        bytes32 digest = action.hashAt(refHash, manifestHash);
        uint32 shipper;
        // Any role will do.
        // slither-disable-next-line unused-return
        (digest, shipper,) = Authority.authorise(context, entry, party, 0, digest, action.deadline);
        if (to == party) revert SelfShipment(party);
        uint32 receiver = _receiverOf(context, to);
        _open(keccak256(abi.encode(party, refHash)), shipper, receiver, manifestHash);
        _s.take(context, manifest, party, shipper, receiver);
        _record(entry, action.contentHash, party, digest);
    }

    function _receiverOf(Authority.Context memory context, uint64 party) private view returns (uint32 receiver) {
        uint16 roles;
        (receiver, roles) = Authority.indexOf(context, party);
        if (roles == 0) revert UnknownReceiver(party);
    }

    function _open(bytes32 consignment, uint32 shipper, uint32 receiver, bytes32 manifestHash) private {
        if (_s.consignments[consignment] != 0) revert ConsignmentUsed(consignment);
        _s.consignments[consignment] = Packing.Consignment({
            shipper: shipper,
            receiver: receiver,
            state: ConsignmentState.InTransit,
            manifestHash: bytes24(manifestHash)
        }).pack();
    }

    /// @dev Replay: the consignment is no longer under way. A recalled lot that is under way still arrives.
    function _receive(Entry calldata entry) private {
        (Receipt calldata action, Line[] calldata manifest) = Payloads.receipt(entry.payload);
        (bytes32 digest, uint32 receiver,) =
            _authorise(entry, action.receiver, 0, action.hashAt(), action.deadline);
        _close(action, receiver);
        bytes32 shown = manifest.hashAt();
        if (shown != action.manifestHash) revert WrongManifest(action.manifestHash, shown);
        for (uint256 i = 0; i < manifest.length; ++i) {
            Line calldata line = manifest[i];
            _s.give(line.lot, line.grams, receiver);
        }
        _record(entry, action.contentHash, action.receiver, digest);
    }

    function _close(Receipt calldata action, uint32 receiver) private {
        bytes32 id = action.consignment;
        uint256 slot = _s.consignments[id];
        ConsignmentState state = ConsignmentState(uint8(slot >> Packing.STATE));
        if (state != ConsignmentState.InTransit && state != ConsignmentState.VoidAnnounced) {
            revert NotInTransit(id, state);
        }
        uint32 named = uint32((slot >> Packing.RECEIVER) & Packing.MAX_PARTY);
        if (named != receiver) revert NotTheReceiver(action.receiver, _partyAt(named));
        bytes24 underWay = bytes24(uint192(slot >> Packing.MANIFEST));
        if (underWay != bytes24(action.manifestHash)) revert WrongManifest(underWay, action.manifestHash);
        _s.consignments[id] = slot & ~(uint256(type(uint8).max) << Packing.STATE)
            | (uint256(ConsignmentState.Received) << Packing.STATE);
    }

    function _sell(Entry calldata entry) private {
        _retire(entry, ActionHashes.SALE_TYPEHASH, 0);
    }

    function _dispose(Entry calldata entry) private {
        _retire(entry, ActionHashes.DISPOSAL_TYPEHASH, Custody.DESTRUCTION);
    }

    /// @dev A sale and a disposal differ in name, and in where recalled lots may go.
    function _retire(Entry calldata entry, bytes32 typehash, uint32 to) private {
        (Sale calldata action, Line[] calldata list) = Payloads.sale(entry.payload);
        bytes32 structHash = ActionHashes.hashAt(typehash, action, list.hashAt());
        (bytes32 digest, uint32 holder,) = _authorise(entry, action.holder, 0, structHash, action.deadline);
        Authority.useOnce(_s, digest);
        _s.take(_context(), list, action.holder, holder, to);
        _record(entry, action.contentHash, action.holder, digest);
    }

    /// @dev A recall that was carried here gives way to one of the lot itself.
    function _recall(Entry calldata entry) private {
        Recall memory action = abi.decode(entry.payload, (Recall));
        (bytes32 digest, uint32 party, uint16 roles) =
            _authorise(entry, action.issuer, 0, action.hash(), action.deadline);
        Authority.useOnce(_s, digest);
        Packing.Lot memory lot = _s.known(action.lot);
        if (lot.recalled) {
            (uint32 by, bool inherited) = _s.recallOf(action.lot);
            if (!inherited) revert LotRecalled(action.lot, _partyAt(by));
        }
        if (lot.issuer != party && roles & Roles.REGULATOR == 0) revert MayNotRecall(action.lot, action.issuer);
        lot.recalled = true;
        _s.recalls[action.lot] = party;
        ++lot.entries;
        _s.lots[action.lot] = lot.pack();
        _record(entry, action.contentHash, action.issuer, digest);
    }

    function _release(Entry calldata entry) private {
        Release memory action = abi.decode(entry.payload, (Release));
        (bytes32 digest, uint32 party,) = _authorise(entry, action.issuer, 0, action.hash(), action.deadline);
        Authority.useOnce(_s, digest);
        Packing.Lot memory lot = _s.known(action.lot);
        if (!lot.recalled) revert NotRecalled(action.lot);
        (uint32 by, bool inherited) = _s.recallOf(action.lot);
        if (inherited) revert RecallInherited(action.lot);
        if (by != party) revert NotTheRecaller(action.lot, _partyAt(by), action.issuer);
        // What was made from other lots is free once somebody shows that none of them is recalled: else whoever packed it
        // could put a recall of its own in the place of one that was carried here, and take that back.
        if (_s.origins[action.lot] != 0) {
            _s.recalls[action.lot] = party | LedgerStorage.INHERITED;
        } else {
            lot.recalled = false;
            delete _s.recalls[action.lot];
        }
        ++lot.entries;
        _s.lots[action.lot] = lot.pack();
        _record(entry, action.contentHash, action.issuer, digest);
    }

    function _state(Entry calldata entry) private {
        Statement memory action = abi.decode(entry.payload, (Statement));
        (bytes32 digest,,) = _authorise(entry, action.party, 0, action.hash(), action.deadline);
        Authority.useOnce(_s, digest);
        _record(entry, action.contentHash, action.party, digest);
    }

    // ------------------------------------------------------------------------------------------------ what they share

    function _context() private view returns (Authority.Context memory) {
        return Authority.Context(_REGISTRY, _domainSeparatorV4());
    }

    function _authorise(Entry calldata entry, uint64 party, uint16 anyOfRoles, bytes32 structHash, uint64 deadline)
        private
        view
        returns (bytes32 digest, uint32 index, uint16 roles)
    {
        return Authority.authorise(_context(), entry, party, anyOfRoles, structHash, deadline);
    }

    function _record(Entry calldata entry, bytes32 contentHash, uint64 party, bytes32 digest) private {
        emit EntryRecorded(contentHash, party, Kind(entry.kind), entry.keyId, digest);
    }

    /// @dev The identifier of a lot that the party may bring into being.
    function _newLot(uint64 product, string memory lotCode, uint64 grams, uint64 party)
        private
        view
        returns (bytes32 id)
    {
        bool valid;
        (valid, id) = LotCodes.tryLotId(product, lotCode);
        if (!valid) revert InvalidLotCode(lotCode);
        if (grams == 0) revert ZeroGrams(id);
        if (grams > Packing.MAX_GRAMS) revert TooManyGrams(id, grams);
        // slither-disable-next-line calls-loop
        if (!_REGISTRY.mayUse(product, party)) revert ProductNotAllowed(product, party);
        if (_s.lots[id] != 0) revert LotExists(id);
    }

    /// @dev The lot begins, all of it with its issuer. `origin`, `harvested`: see `Packing.Lot`.
    function _bear(bytes32 id, uint64 grams, uint32 issuer, uint64 origin, bool harvested) private {
        // Members that are not set are 0.
        // slither-disable-next-line uninitialized-local
        Packing.Lot memory lot;
        (lot.issuer, lot.holder, lot.entries, lot.grams, lot.held) = (issuer, issuer, 1, grams, grams);
        (lot.origin, lot.harvested) = (origin, harvested);
        _s.lots[id] = lot.pack();
    }

    function _partyAt(uint32 index) private view returns (uint64) {
        return Authority.partyAt(_context(), index);
    }
}
