// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEntryRelay} from "../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {Fixture} from "./support/Fixture.sol";
import {Vm} from "./support/Vm.sol";

/**
 * @title Does random business with the ledger, and keeps its own books
 * @dev Every action goes through `submit`; what the ledger skips, the books do not enter. Some actions are wrong on
 * purpose (more than held, another's consignment, a recalled lot).
 */
contract Trader is Fixture {
    using ActionHashes for *;

    struct Consignment {
        uint64 shipper;
        uint64 receiver;
        string ref;
        IProduceLedger.Line[] manifest;
        bool open;
    }

    uint64[4] public parties = [FARM, PACKER, CARRIER, BUYER];
    bytes32[] public lots;
    mapping(bytes32 lot => uint256) public born;
    mapping(bytes32 lot => uint256) public retired;
    mapping(bytes32 lot => uint256) public inTransit;
    mapping(bytes32 lot => uint256) public entries;
    uint256 public transformedIn;
    uint256 public transformedOut;
    uint256 public stood;
    Consignment[] private _consignments;
    uint256 private _counter;

    constructor() {
        setUp();
        for (uint256 i = 2; i < 4; ++i) {
            applied(registry, permitEntry(permit(parties[i])));
        }
    }

    function permit(uint64 packer) private pure returns (IPartyRegistry.ProductPermit memory) {
        return IPartyRegistry.ProductPermit(BULK, FARM, packer, true, DEADLINE);
    }

    function lotCount() external view returns (uint256) {
        return lots.length;
    }

    function balanceOf(bytes32 lot, uint64 party) external view returns (uint64) {
        return balance(lot, party);
    }

    function stateOf(bytes32 lot) external view returns (IProduceLedger.LotState memory) {
        return lotState(lot);
    }

    function harvestSome(uint64 grams) external {
        (string memory code, uint64 weight) = (fresh(), 1 + grams % 100_000);
        if (stands(harvestEntry(harvest(code, weight)))) bear(lotOf(BULK, code), weight);
    }

    function transform(uint256 who, uint256 first, uint256 second, uint64 grams, uint64 out) external {
        uint64 party = parties[who % 4];
        IProduceLedger.Line[] memory inputs = pick(party, first, second, grams);
        if (inputs.length == 0) return;
        uint256 sum = 0;
        for (uint256 i = 0; i < inputs.length; ++i) sum += inputs[i].grams;
        IProduceLedger.Output[] memory outputs = new IProduceLedger.Output[](2);
        outputs[0] = IProduceLedger.Output(BULK, fresh(), 1 + uint64(out % (sum + sum / 10 + 1))); // now and then too much
        outputs[1] = IProduceLedger.Output(BULK, fresh(), 1 + uint64(out % 7));
        if (!stands(
                transformationEntry(transformation(party, inputs, outputs))
            )) return;
        for (uint256 i = 0; i < inputs.length; ++i) retire(inputs[i]);
        transformedIn += sum;
        for (uint256 i = 0; i < 2; ++i) {
            bear(lotOf(BULK, outputs[i].lotCode), outputs[i].grams);
            transformedOut += outputs[i].grams;
        }
    }

    function ship(uint256 from, uint256 to, uint256 first, uint256 second, uint64 grams) external {
        (uint64 shipper, uint64 receiver) = (parties[from % 4], parties[to % 4]);
        IProduceLedger.Line[] memory manifest = pick(shipper, first, second, grams);
        string memory ref = fresh();
        if (!stands(shipmentEntry(shipment(shipper, receiver, ref, manifest)))) return;
        Consignment storage consignment = _consignments.push();
        (consignment.shipper, consignment.receiver, consignment.ref, consignment.open) =
            (shipper, receiver, ref, true);
        for (uint256 i = 0; i < manifest.length; ++i) {
            consignment.manifest.push(manifest[i]);
            inTransit[manifest[i].lot] += manifest[i].grams;
            ++entries[manifest[i].lot];
        }
    }

    function receiveSome(uint256 which, uint256 who) external {
        if (_consignments.length == 0) return;
        Consignment storage consignment = _consignments[which % _consignments.length];
        uint64 receiver = who % 5 == 0 ? parties[who % 4] : consignment.receiver; // now and then somebody else
        IProduceLedger.Line[] memory manifest = consignment.manifest;
        bytes32 id = consignmentOf(consignment.shipper, consignment.ref);
        if (!stands(receiptEntry(receipt(receiver, id, manifest), manifest))) return;
        require(consignment.open && receiver == consignment.receiver, "received twice or by another");
        consignment.open = false;
        for (uint256 i = 0; i < manifest.length; ++i) {
            inTransit[manifest[i].lot] -= manifest[i].grams;
            ++entries[manifest[i].lot];
        }
    }

    function sellOrDestroy(uint256 who, uint256 first, uint256 second, uint64 grams, bool sell) external {
        uint64 party = parties[who % 4];
        IProduceLedger.Line[] memory list = pick(party, first, second, grams);
        bytes32 content = keccak256(bytes(fresh()));
        IEntryRelay.Entry memory entry = sell
            ? saleEntry(IProduceLedger.Sale(party, list, content, DEADLINE))
            : disposalEntry(IProduceLedger.Disposal(party, list, content, DEADLINE));
        if (!stands(entry)) return;
        for (uint256 i = 0; i < list.length; ++i) retire(list[i]);
    }

    function recallOrRelease(uint256 which, bool release) external {
        if (lots.length == 0) return;
        bytes32 lot = lots[which % lots.length];
        bytes32 content = keccak256(bytes(fresh()));
        IEntryRelay.Entry memory entry = release
            ? releaseEntry(IProduceLedger.Release(REGULATOR, lot, content, DEADLINE))
            : recallEntry(IProduceLedger.Recall(REGULATOR, lot, content, DEADLINE));
        if (stands(entry)) ++entries[lot];
    }

    // ------------------------------------------------------------------------------------------------ books

    function stands(IEntryRelay.Entry memory entry) private returns (bool yes) {
        IEntryRelay.Entry[] memory batch = new IEntryRelay.Entry[](1);
        batch[0] = entry;
        yes = ledger.submit(batch) == 1;
        if (yes) ++stood;
    }

    function bear(bytes32 lot, uint64 grams) private {
        lots.push(lot);
        born[lot] = grams;
        entries[lot] = 1;
    }

    function retire(IProduceLedger.Line memory line) private {
        retired[line.lot] += line.grams;
        ++entries[line.lot];
    }

    /// @dev One or two lots and about what the party holds of them: all, a part, now and then too much.
    function pick(uint64 party, uint256 first, uint256 second, uint64 grams)
        private
        view
        returns (IProduceLedger.Line[] memory)
    {
        if (lots.length == 0) return new IProduceLedger.Line[](0);
        bytes32 a = held(party, first);
        bytes32 b = held(party, second);
        if (a == b) return lines(a, part(party, a, grams));
        return lines(a, part(party, a, grams), b, part(party, b, grams >> 3));
    }

    /// @dev The next lot that the party holds some of, from a random place on.
    function held(uint64 party, uint256 from) private view returns (bytes32) {
        for (uint256 i = 0; i < lots.length; ++i) {
            bytes32 lot = lots[(from % lots.length + i) % lots.length];
            if (balance(lot, party) > 0) return lot;
        }
        return lots[from % lots.length];
    }

    function part(uint64 party, bytes32 lot, uint64 grams) private view returns (uint64) {
        uint64 all = balance(lot, party);
        if (grams % 4 == 0) return all;
        if (grams % 16 == 1) return all + 1;
        return 1 + grams % (all + 1);
    }

    function fresh() private returns (string memory) {
        return vm.toString(++_counter);
    }
}

/// @title Grams are conserved, whatever the parties do
contract ConservationTest is Fixture {
    Trader private trader;

    function setUp() public override {
        trader = new Trader();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(trader);
    }

    function targetSelectors() external view returns (Vm.FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](6);
        selectors[0] = Trader.harvestSome.selector;
        selectors[1] = Trader.transform.selector;
        selectors[2] = Trader.ship.selector;
        selectors[3] = Trader.receiveSome.selector;
        selectors[4] = Trader.sellOrDestroy.selector;
        selectors[5] = Trader.recallOrRelease.selector;
        targets = new Vm.FuzzSelector[](1);
        targets[0] = Vm.FuzzSelector(address(trader), selectors);
    }

    /// @dev For each lot: birth = retired + in transit + all balances, as booked by the trader and told by the ledger.
    function invariant_GramsOfEveryLotAreConserved() public view {
        uint256 count = trader.lotCount();
        for (uint256 i = 0; i < count; ++i) {
            bytes32 lot = trader.lots(i);
            uint256 held = 0;
            for (uint256 j = 0; j < 4; ++j) held += trader.balanceOf(lot, trader.parties(j));
            IProduceLedger.LotState memory state = trader.stateOf(lot);
            vm.assertEq(state.grams, trader.born(lot), "birth");
            vm.assertEq(state.grams, trader.retired(lot) + trader.inTransit(lot) + held, "conserved");
            vm.assertEq(state.entries, trader.entries(lot), "entries counted");
        }
        vm.assertLe(trader.transformedOut(), trader.transformedIn(), "no transformation made grams");
    }
}
