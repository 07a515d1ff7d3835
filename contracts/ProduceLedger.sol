// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {EntryRelay} from "./EntryRelay.sol";
import {IPartyRegistry} from "./interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "./interfaces/IProduceLedger.sol";
import {ActionHashes} from "./libraries/ActionHashes.sol";
import {LotCodes} from "./libraries/LotCodes.sol";
import {Packing} from "./libraries/Packing.sol";
import {Roles} from "./libraries/Roles.sol";

/**
 * @title The ledger of lots and custody
 * @dev Nobody owns it, nothing pauses or upgrades it. An entry is decoded, its deadline checked, its signature and role
 * asked of the registry, then its own rules; the first rule that fails reverts the entry. What stops a replay is named
 * with each entry: the lot that it made, the consignment that it opened or closed, or else its digest in `_used`.
 */
contract ProduceLedger is IProduceLedger, EntryRelay, EIP712 {
    using ActionHashes for *;
    using Packing for *;

    IPartyRegistry private immutable _REGISTRY;

    /// @dev `Packing.Lot`; 0 where there is no such lot.
    mapping(bytes32 lot => uint256) private _lots;
    mapping(bytes32 lot => bytes32) private _parents;
    /// @dev Grams of those who hold some beside the lot's `holder`, by the registry's index.
    mapping(bytes32 lot => mapping(uint32 party => uint64)) private _balances;
    /// @dev `Packing.Consignment`; 0 where there is no such consignment.
    mapping(bytes32 consignment => uint256) private _consignments;
    mapping(bytes32 digest => bool) private _used;

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
            Packing.Lot memory lot = _lots[lots[i]].toLot();
            (indexes[2 * i], indexes[2 * i + 1]) = (lot.issuer, lot.recalledBy);
            (states[i].grams, states[i].entries, states[i].parentsHash) = (lot.grams, lot.entries, _parents[lots[i]]);
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
            // Roles do not matter here.
            // slither-disable-next-line calls-loop,unused-return
            (uint32 index,) = _REGISTRY.indexOf(holders[i]);
            grams[i] = index == 0 ? 0 : _held(_lots[lots[i]].toLot(), lots[i], index);
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
            Packing.Consignment memory consignment = _consignments[consignments[i]].toConsignment();
            (indexes[2 * i], indexes[2 * i + 1]) = (consignment.shipper, consignment.receiver);
            (records[i].state, records[i].manifestHash) = (consignment.state, consignment.manifestHash);
        }
        uint64[] memory parties = _REGISTRY.partiesAt(indexes);
        for (uint256 i = 0; i < consignments.length; ++i) {
            (records[i].shipper, records[i].receiver) = (parties[2 * i], parties[2 * i + 1]);
        }
    }

    // ------------------------------------------------------------------------------------------------ entries

    function _baseAllowance() internal pure override returns (uint256) {
        return _ALLOWANCE_BASE;
    }

    /// @dev A receipt is always smaller than the shipment it answers, so whatever was shipped can be received.
    function _maxSize() internal pure override returns (uint256) {
        return 24_576;
    }

    /// @inheritdoc EntryRelay
    function _apply(Entry calldata entry) internal override {
        if (entry.kind == uint8(Kind.Harvest)) _harvest(entry);
        else if (entry.kind == uint8(Kind.Intake)) _takeIn(entry);
        else if (entry.kind == uint8(Kind.Transformation)) _transform(entry);
        else if (entry.kind == uint8(Kind.Shipment)) _ship(entry);
        else if (entry.kind == uint8(Kind.Receipt)) _receive(entry);
        else if (entry.kind == uint8(Kind.Sale)) _sell(entry);
        else if (entry.kind == uint8(Kind.Disposal)) _dispose(entry);
        else if (entry.kind == uint8(Kind.Recall)) _recall(entry);
        else if (entry.kind == uint8(Kind.Release)) _release(entry);
        else if (entry.kind == uint8(Kind.Statement)) _state(entry);
        else revert UnknownKind(entry.kind);
    }

    /// @dev Replay: the lot exists.
    function _harvest(Entry calldata entry) private {
        Harvest memory action = abi.decode(entry.payload, (Harvest));
        (bytes32 digest, uint32 issuer,) =
            _authorise(entry, action.producer, Roles.PRODUCER, action.hash(), action.deadline);
        _bear(action.product, action.lotCode, action.grams, action.producer, issuer);
        _record(entry, action.contentHash, action.producer, digest);
    }

    /// @dev Replay: the lot exists.
    function _takeIn(Entry calldata entry) private {
        Intake memory action = abi.decode(entry.payload, (Intake));
        (bytes32 digest, uint32 issuer,) = _authorise(
            entry, action.buyer, Roles.PRODUCER | Roles.PACKER | Roles.BUYER, action.hash(), action.deadline
        );
        _bear(action.product, action.lotCode, action.grams, action.buyer, issuer);
        _record(entry, action.contentHash, action.buyer, digest);
    }

    /// @dev Replay: the outputs exist.
    function _transform(Entry calldata entry) private {
        Transformation memory action = abi.decode(entry.payload, (Transformation));
        (bytes32 digest, uint32 packer,) = _authorise(
            entry,
            action.packer,
            Roles.PACKER | Roles.BUYER | Roles.PRODUCER | Roles.HUB,
            action.hash(),
            action.deadline
        );
        uint256 gramsIn = _take(action.inputs, action.packer, packer, 0, false);
        uint256 gramsOut = _bearAll(action.outputs, _parentsHash(action.inputs), action.packer, packer);
        if (gramsOut > gramsIn) revert MoreOutThanIn(gramsIn, gramsOut);
        _record(entry, action.contentHash, action.packer, digest);
    }

    /// @dev Replay: the consignment is used.
    function _ship(Entry calldata entry) private {
        Shipment memory action = abi.decode(entry.payload, (Shipment));
        bytes32 manifestHash = action.manifest.hash();
        (bytes32 digest, uint32 shipper,) =
            _authorise(entry, action.shipper, 0, action.hash(manifestHash), action.deadline);
        if (action.receiver == action.shipper) revert SelfShipment(action.shipper);
        (uint32 receiver, uint16 roles) = _REGISTRY.indexOf(action.receiver);
        if (roles == 0) revert UnknownReceiver(action.receiver);
        bytes32 consignment = keccak256(abi.encode(action.shipper, keccak256(bytes(action.consignmentRef))));
        if (_consignments[consignment] != 0) revert ConsignmentUsed(consignment);
        _take(action.manifest, action.shipper, shipper, receiver, false);
        _consignments[consignment] = Packing.Consignment({
            shipper: shipper,
            receiver: receiver,
            state: ConsignmentState.InTransit,
            manifestHash: bytes23(manifestHash)
        }).pack();
        _record(entry, action.contentHash, action.shipper, digest);
    }

    /// @dev Replay: the consignment is no longer in transit. A recalled lot that is under way still arrives.
    function _receive(Entry calldata entry) private {
        (Receipt memory action, Line[] memory manifest) = abi.decode(entry.payload, (Receipt, Line[]));
        (bytes32 digest, uint32 receiver,) = _authorise(entry, action.receiver, 0, action.hash(), action.deadline);
        Packing.Consignment memory consignment = _consignments[action.consignment].toConsignment();
        if (consignment.state != ConsignmentState.InTransit) {
            revert NotInTransit(action.consignment, consignment.state);
        }
        if (consignment.receiver != receiver) {
            revert NotTheReceiver(action.receiver, _partyAt(consignment.receiver));
        }
        if (consignment.manifestHash != bytes23(action.manifestHash)) {
            revert WrongManifest(consignment.manifestHash, action.manifestHash);
        }
        bytes32 shown = manifest.hash();
        if (shown != action.manifestHash) revert WrongManifest(action.manifestHash, shown);

        consignment.state = ConsignmentState.Received;
        _consignments[action.consignment] = consignment.pack();
        for (uint256 i = 0; i < manifest.length; ++i) _give(manifest[i].lot, manifest[i].grams, receiver);
        _record(entry, action.contentHash, action.receiver, digest);
    }

    function _sell(Entry calldata entry) private {
        Sale memory action = abi.decode(entry.payload, (Sale));
        (bytes32 digest, uint32 holder,) = _authorise(entry, action.holder, 0, action.hash(), action.deadline);
        _useOnce(digest);
        _take(action.lines, action.holder, holder, 0, false);
        _record(entry, action.contentHash, action.holder, digest);
    }

    function _dispose(Entry calldata entry) private {
        Disposal memory action = abi.decode(entry.payload, (Disposal));
        (bytes32 digest, uint32 holder,) = _authorise(entry, action.holder, 0, action.hash(), action.deadline);
        _useOnce(digest);
        _take(action.lines, action.holder, holder, 0, true);
        _record(entry, action.contentHash, action.holder, digest);
    }

    function _recall(Entry calldata entry) private {
        Recall memory action = abi.decode(entry.payload, (Recall));
        (bytes32 digest, uint32 party, uint16 roles) =
            _authorise(entry, action.issuer, 0, action.hash(), action.deadline);
        _useOnce(digest);
        Packing.Lot memory lot = _known(action.lot);
        if (lot.recalledBy != 0) revert LotRecalled(action.lot, _partyAt(lot.recalledBy));
        if (lot.issuer != party && roles & Roles.REGULATOR == 0) revert MayNotRecall(action.lot, action.issuer);
        lot.recalledBy = party;
        ++lot.entries;
        _lots[action.lot] = lot.pack();
        _record(entry, action.contentHash, action.issuer, digest);
    }

    function _release(Entry calldata entry) private {
        Release memory action = abi.decode(entry.payload, (Release));
        (bytes32 digest, uint32 party,) = _authorise(entry, action.issuer, 0, action.hash(), action.deadline);
        _useOnce(digest);
        Packing.Lot memory lot = _known(action.lot);
        if (lot.recalledBy == 0) revert NotRecalled(action.lot);
        if (lot.recalledBy != party) revert NotTheRecaller(action.lot, _partyAt(lot.recalledBy), action.issuer);
        lot.recalledBy = 0;
        ++lot.entries;
        _lots[action.lot] = lot.pack();
        _record(entry, action.contentHash, action.issuer, digest);
    }

    function _state(Entry calldata entry) private {
        Statement memory action = abi.decode(entry.payload, (Statement));
        (bytes32 digest,,) = _authorise(entry, action.party, 0, action.hash(), action.deadline);
        _useOnce(digest);
        _record(entry, action.contentHash, action.party, digest);
    }

    // ------------------------------------------------------------------------------------------------ who and once

    function _authorise(Entry calldata entry, uint64 party, uint16 anyOfRoles, bytes32 structHash, uint64 deadline)
        private
        view
        returns (bytes32 digest, uint32 index, uint16 roles)
    {
        // A block's time is the validators' to choose within seconds; deadlines are days.
        // slither-disable-next-line timestamp
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
        digest = _hashTypedDataV4(structHash);
        (index, roles) = _REGISTRY.requireSigned(digest, entry.keyId, party, anyOfRoles, entry.signature);
    }

    function _useOnce(bytes32 digest) private {
        if (_used[digest]) revert AlreadyUsed(digest);
        _used[digest] = true;
    }

    function _record(Entry calldata entry, bytes32 contentHash, uint64 party, bytes32 digest) private {
        emit EntryRecorded(contentHash, party, Kind(entry.kind), entry.keyId, digest);
    }

    // ------------------------------------------------------------------------------------------------ lots

    function _bear(uint64 product, string memory lotCode, uint64 grams, uint64 party, uint32 issuer)
        private
        returns (bytes32 id)
    {
        bool valid;
        (valid, id) = LotCodes.tryLotId(product, lotCode);
        if (!valid) revert InvalidLotCode(lotCode);
        if (grams == 0) revert ZeroGrams(id);
        // slither-disable-next-line calls-loop
        if (!_REGISTRY.mayUse(product, party)) revert ProductNotAllowed(product, party);
        if (_lots[id] != 0) revert LotExists(id);
        _lots[id] =
            Packing.Lot({issuer: issuer, recalledBy: 0, holder: issuer, entries: 1, grams: grams, held: grams}).pack();
    }

    function _bearAll(Output[] memory outputs, bytes32 parentsHash, uint64 party, uint32 issuer)
        private
        returns (uint256 sum)
    {
        if (outputs.length == 0) revert NothingListed();
        for (uint256 i = 0; i < outputs.length; ++i) {
            Output memory output = outputs[i];
            bytes32 id = _bear(output.product, output.lotCode, output.grams, party, issuer);
            _parents[id] = parentsHash;
            sum += output.grams;
        }
    }

    /// @dev Takes every line from the holder. `receiver`: a recalled lot may go back to its issuer; 0 for nobody.
    function _take(Line[] memory lines, uint64 party, uint32 holder, uint32 receiver, bool recalledMayGo)
        private
        returns (uint256 sum)
    {
        if (lines.length == 0) revert NothingListed();
        bytes32 previous = 0;
        for (uint256 i = 0; i < lines.length; ++i) {
            (bytes32 id, uint64 grams) = (lines[i].lot, lines[i].grams);
            if (id <= previous) revert NotAscending(previous, id);
            previous = id;
            if (grams == 0) revert ZeroGrams(id);
            Packing.Lot memory lot = _known(id);
            if (lot.recalledBy != 0 && !recalledMayGo && receiver != lot.issuer) {
                revert LotRecalled(id, _partyAt(lot.recalledBy));
            }
            uint64 held = _held(lot, id, holder);
            if (held < grams) revert NotEnoughHeld(id, party, held, grams);
            if (lot.holder == holder) lot.held = held - grams;
            else _balances[id][holder] = held - grams;
            ++lot.entries;
            _lots[id] = lot.pack();
            sum += grams;
        }
    }

    /// @dev Gives grams that a consignment carried; they left another's balance when it was shipped.
    function _give(bytes32 id, uint64 grams, uint32 receiver) private {
        Packing.Lot memory lot = _lots[id].toLot();
        if (lot.holder == receiver) {
            lot.held += grams;
        } else {
            uint64 held = _balances[id][receiver];
            if (lot.held == 0 && held == 0) (lot.holder, lot.held) = (receiver, grams);
            else _balances[id][receiver] = held + grams;
        }
        ++lot.entries;
        _lots[id] = lot.pack();
    }

    function _known(bytes32 id) private view returns (Packing.Lot memory lot) {
        uint256 slot = _lots[id];
        if (slot == 0) revert UnknownLot(id);
        return slot.toLot();
    }

    function _held(Packing.Lot memory lot, bytes32 id, uint32 party) private view returns (uint64) {
        return lot.holder == party ? lot.held : _balances[id][party];
    }

    function _parentsHash(Line[] memory inputs) private pure returns (bytes32) {
        bytes32[] memory lots = new bytes32[](inputs.length);
        for (uint256 i = 0; i < inputs.length; ++i) lots[i] = inputs[i].lot;
        return keccak256(abi.encode(lots));
    }

    function _partyAt(uint32 index) private view returns (uint64) {
        uint32[] memory indexes = new uint32[](1);
        indexes[0] = index;
        // slither-disable-next-line calls-loop
        return _REGISTRY.partiesAt(indexes)[0];
    }
}
