// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IPartyRegistry} from "../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../contracts/interfaces/IProduceLedger.sol";
import {ActionHashes} from "../../contracts/libraries/ActionHashes.sol";
import {RegistryHashes} from "../../contracts/libraries/RegistryHashes.sol";
import {TypedData} from "./support/TypedData.sol";

/**
 * @title The libraries' struct hashes against forge's EIP-712 encoder, fed with typed data as a wallet gets it
 * @dev The encoder makes its own type strings from the members listed here, so that a wrong literal or a forgotten
 * member in a library shows as another digest.
 */
contract TypeHashesTest is TypedData {
    using ActionHashes for *;
    using RegistryHashes for *;

    string private constant LINE = '"Line":[{"name":"lot","type":"bytes32"},{"name":"grams","type":"uint64"}],';
    string private constant OUTPUT =
        '"Output":[{"name":"product","type":"uint64"},{"name":"lotCode","type":"string"},{"name":"grams","type":"uint64"}],';

    string private constant RECEIPT_LINE =
        '"ReceiptLine":[{"name":"lot","type":"bytes32"},{"name":"accepted","type":"uint64"},{"name":"refused","type":"uint64"},{"name":"toCome","type":"uint64"}],';
    string private constant SETTLED_LINE =
        '"SettledLine":[{"name":"lot","type":"bytes32"},{"name":"loss","type":"uint64"},{"name":"weightLoss","type":"uint64"},{"name":"returned","type":"uint64"},{"name":"received","type":"uint64"}],';

    function setUp() public override {}

    // ------------------------------------------------------------------------------------------------ ledger

    function testFuzz_Harvest(IProduceLedger.Harvest memory h) public {
        h.lotCode = "HM-1";
        addNumber("uint64", "producer", h.producer);
        addNumber("uint64", "product", h.product);
        addText("lotCode", h.lotCode);
        addWord("plot", h.plot);
        addNumber("uint16", "season", h.season);
        addNumber("uint64", "grams", h.grams);
        addEnd(h.contentHash, h.deadline);
        ledgerCheck("Harvest", "", _members, _values, h.hash());
    }

    function testFuzz_Intake(IProduceLedger.Intake memory i) public {
        i.lotCode = "HM-1";
        addNumber("uint64", "buyer", i.buyer);
        addNumber("uint64", "product", i.product);
        addText("lotCode", i.lotCode);
        addNumber("uint64", "grams", i.grams);
        addEnd(i.contentHash, i.deadline);
        ledgerCheck("Intake", "", _members, _values, i.hash());
    }

    function testFuzz_Transformation(uint64 packer, bytes32 lot, uint64 grams, bytes32 content, uint64 deadline)
        public
    {
        (IProduceLedger.Line[] memory list, string memory json) = twoLines(lot, grams);
        IProduceLedger.Output[] memory outputs = new IProduceLedger.Output[](2);
        (outputs[0], outputs[1]) = (IProduceLedger.Output(5, "A", grams), IProduceLedger.Output(6, "B", 1));
        addNumber("uint64", "packer", packer);
        add("Line[]", "inputs", json);
        add(
            "Output[]",
            "outputs",
            string.concat(
                '[{"product":"5","lotCode":"A","grams":"',
                vm.toString(grams),
                '"},{"product":"6","lotCode":"B","grams":"1"}]'
            )
        );
        addLosses(grams);
        addEnd(content, deadline);
        bytes32 hash =
            IProduceLedger.Transformation(packer, list, outputs, 1, grams, ~grams, content, deadline).hash();
        ledgerCheck("Transformation", string.concat(LINE, OUTPUT), _members, _values, hash);
    }

    function testFuzz_Shipment(uint64 shipper, uint64 receiver, bytes32 lot, uint64 grams, bytes32 content) public {
        (IProduceLedger.Line[] memory list, string memory json) = twoLines(lot, grams);
        addNumber("uint64", "shipper", shipper);
        addNumber("uint64", "receiver", receiver);
        addText("consignmentRef", "SSCC 1");
        add("Line[]", "manifest", json);
        addEnd(content, DEADLINE);
        bytes32 hash = IProduceLedger.Shipment(shipper, receiver, "SSCC 1", list, content, DEADLINE).hash();
        ledgerCheck("Shipment", LINE, _members, _values, hash);
    }

    function testFuzz_Receipt(IProduceLedger.Receipt memory r) public {
        addNumber("uint64", "receiver", r.receiver);
        addWord("consignment", r.consignment);
        addWord("manifestHash", r.manifestHash);
        addEnd(r.contentHash, r.deadline);
        ledgerCheck("Receipt", "", _members, _values, r.hash());
    }

    function testFuzz_SaleAndDisposal(uint64 holder, bytes32 lot, uint64 grams, bytes32 content) public {
        (IProduceLedger.Line[] memory list, string memory json) = twoLines(lot, grams);
        addNumber("uint64", "holder", holder);
        add("Line[]", "lines", json);
        addEnd(content, DEADLINE);
        ledgerCheck("Sale", LINE, _members, _values, IProduceLedger.Sale(holder, list, content, DEADLINE).hash());
        ledgerCheck(
            "Disposal", LINE, _members, _values, IProduceLedger.Disposal(holder, list, content, DEADLINE).hash()
        );
    }

    function testFuzz_RecallAndRelease(IProduceLedger.Recall memory r) public {
        addNumber("uint64", "issuer", r.issuer);
        addWord("lot", r.lot);
        addEnd(r.contentHash, r.deadline);
        ledgerCheck("Recall", "", _members, _values, r.hash());
        bytes32 hash = IProduceLedger.Release(r.issuer, r.lot, r.contentHash, r.deadline).hash();
        ledgerCheck("Release", "", _members, _values, hash);
    }

    function testFuzz_PartialReceipt(IProduceLedger.PartialReceipt memory r, bytes32 lot, uint64 grams) public {
        r.lines = new IProduceLedger.ReceiptLine[](2);
        (r.lines[0], r.lines[1]) =
            (IProduceLedger.ReceiptLine(lot, grams, 1, 2), IProduceLedger.ReceiptLine(~lot, 3, 4, grams));
        r.returnRef = "RMA 1";
        addNumber("uint64", "receiver", r.receiver);
        addWord("consignment", r.consignment);
        addWord("manifestHash", r.manifestHash);
        string memory first =
            string.concat('[{"lot":"', vm.toString(lot), '","accepted":"', vm.toString(grams));
        string memory second =
            string.concat('","refused":"1","toCome":"2"},{"lot":"', vm.toString(~lot), '","accepted":"3",');
        add(
            "ReceiptLine[]",
            "lines",
            string.concat(first, second, '"refused":"4","toCome":"', vm.toString(grams), '"}]')
        );
        addText("returnRef", r.returnRef);
        addEnd(r.contentHash, r.deadline);
        ledgerCheck("PartialReceipt", RECEIPT_LINE, _members, _values, r.hash());
    }

    function testFuzz_Settlement(IProduceLedger.Settlement memory s, bytes32 lot, uint64 grams) public {
        s.lines = new IProduceLedger.SettledLine[](1);
        s.lines[0] = IProduceLedger.SettledLine(lot, grams, 1, 2, 3);
        addNumber("uint64", "party", s.party);
        addNumber("uint64", "counterparty", s.counterparty);
        addWord("consignment", s.consignment);
        addWord("manifestHash", s.manifestHash);
        string memory first = string.concat('[{"lot":"', vm.toString(lot), '","loss":"', vm.toString(grams));
        add("SettledLine[]", "lines", string.concat(first, '","weightLoss":"1","returned":"2","received":"3"}]'));
        addEnd(s.contentHash, s.deadline);
        ledgerCheck("Settlement", SETTLED_LINE, _members, _values, s.hash());
    }

    function testFuzz_Notice(IProduceLedger.Notice memory n) public {
        addNumber("uint64", "party", n.party);
        addWord("consignment", n.consignment);
        addEnd(n.contentHash, n.deadline);
        ledgerCheck("Notice", "", _members, _values, n.hash());
    }

    function testFuzz_Void(IProduceLedger.Void memory v) public {
        addNumber("uint64", "shipper", v.shipper);
        addNumber("uint64", "receiver", v.receiver);
        addWord("consignment", v.consignment);
        addWord("manifestHash", v.manifestHash);
        addEnd(v.contentHash, v.deadline);
        ledgerCheck("Void", "", _members, _values, v.hash());
    }

    function testFuzz_PlotRegistration(IProduceLedger.PlotRegistration memory p) public {
        addNumber("uint64", "certifier", p.certifier);
        addNumber("uint64", "producer", p.producer);
        addWord("plot", p.plot);
        addEnd(p.contentHash, p.deadline);
        ledgerCheck("PlotRegistration", "", _members, _values, p.hash());
    }

    function testFuzz_YieldCertificate(IProduceLedger.YieldCertificate memory y) public {
        addNumber("uint64", "certifier", y.certifier);
        addWord("plot", y.plot);
        addNumber("uint16", "season", y.season);
        addNumber("uint64", "grams", y.grams);
        addEnd(y.contentHash, y.deadline);
        ledgerCheck("YieldCertificate", "", _members, _values, y.hash());
    }

    function testFuzz_BirthAmendment(IProduceLedger.BirthAmendment memory a) public {
        addNumber("uint64", "party", a.party);
        addWord("lot", a.lot);
        addNumber("uint64", "was", a.was);
        addNumber("uint64", "grams", a.grams);
        addWord("corrects", a.corrects);
        addEnd(a.contentHash, a.deadline);
        ledgerCheck("BirthAmendment", "", _members, _values, a.hash());
    }

    function testFuzz_TransformationAmendment(uint64 packer, bytes32 lot, uint64 grams, bytes32 content) public {
        (IProduceLedger.Line[] memory list, string memory json) = twoLines(lot, grams);
        IProduceLedger.Output[] memory outputs = new IProduceLedger.Output[](1);
        outputs[0] = IProduceLedger.Output(5, "A", grams);
        addNumber("uint64", "packer", packer);
        addWord("originHash", ~content);
        add("Line[]", "inputs", json);
        add(
            "Output[]",
            "outputs",
            string.concat('[{"product":"5","lotCode":"A","grams":"', vm.toString(grams), '"}]')
        );
        addLosses(grams);
        addWord("corrects", lot);
        addEnd(content, DEADLINE);
        IProduceLedger.TransformationAmendment memory a = IProduceLedger.TransformationAmendment(
            packer, ~content, list, outputs, 1, grams, ~grams, lot, content, DEADLINE
        );
        bytes32 hash = a.hash(list.hash(), outputs.hash());
        ledgerCheck("TransformationAmendment", string.concat(LINE, OUTPUT), _members, _values, hash);
    }

    function testFuzz_Pledge(IProduceLedger.Pledge memory p) public {
        addNumber("uint64", "holder", p.holder);
        addNumber("uint64", "lender", p.lender);
        addWord("lot", p.lot);
        addNumber("uint64", "grams", p.grams);
        addNumber("uint64", "until", p.until);
        addEnd(p.contentHash, p.deadline);
        ledgerCheck("Pledge", "", _members, _values, p.hash());
    }

    function testFuzz_PledgeRelease(IProduceLedger.PledgeRelease memory p) public {
        addNumber("uint64", "lender", p.lender);
        addNumber("uint64", "holder", p.holder);
        addWord("lot", p.lot);
        addEnd(p.contentHash, p.deadline);
        ledgerCheck("PledgeRelease", "", _members, _values, p.hash());
    }

    function testFuzz_Statement(uint64 party, bytes32 lot, bytes32 content, uint64 deadline) public {
        bytes32[] memory lots = new bytes32[](2);
        (lots[0], lots[1]) = (lot, ~lot);
        addNumber("uint64", "party", party);
        addText("step", "inspecting");
        add(
            "bytes32[]",
            "lots",
            string.concat('["', vm.toString(lot), '","', vm.toString(~lot), '"]')
        );
        addEnd(content, deadline);
        bytes32 hash = IProduceLedger.Statement(party, "inspecting", lots, content, deadline).hash();
        ledgerCheck("Statement", "", _members, _values, hash);
    }

    // ------------------------------------------------------------------------------------------------ registry

    function testFuzz_Admission(uint64 party, uint16 roles, bytes32 keyId, bool hosted) public {
        addNumber("uint64", "party", party);
        addNumber("uint16", "roles", roles);
        addWord("keyId", keyId);
        addNumber("uint8", "scheme", 1);
        add("bool", "hosted", truth(hosted));
        addNumber("uint64", "deadline", DEADLINE);
        bytes32 hash = IPartyRegistry.Admission(
            party, roles, keyId, IPartyRegistry.Scheme.Secp256k1, hosted, DEADLINE
        ).hash();
        registryCheck("Admission", _members, _values, hash);
    }

    function testFuzz_KeyGrant(uint64 party, bytes32 keyId, bool admin, uint64 from, uint64 until) public {
        addNumber("uint64", "party", party);
        addWord("keyId", keyId);
        addNumber("uint8", "scheme", 2);
        add("bool", "admin", truth(admin));
        add("bool", "hosted", truth(!admin));
        addNumber("uint64", "validFrom", from);
        addNumber("uint64", "validUntil", until);
        addNumber("uint64", "deadline", DEADLINE);
        bytes32 hash = IPartyRegistry.KeyGrant(
            party, keyId, IPartyRegistry.Scheme.P256, admin, !admin, from, until, DEADLINE
        ).hash();
        registryCheck("KeyGrant", _members, _values, hash);
    }

    function testFuzz_KeyRevocation(IPartyRegistry.KeyRevocation memory r) public {
        addNumber("uint64", "party", r.party);
        addWord("keyId", r.keyId);
        addNumber("uint64", "deadline", r.deadline);
        registryCheck("KeyRevocation", _members, _values, r.hash());
    }

    function testFuzz_ProductAssignment(IPartyRegistry.ProductAssignment memory a) public {
        addNumber("uint64", "product", a.product);
        addNumber("uint64", "owner", a.owner);
        addNumber("uint64", "deadline", a.deadline);
        registryCheck("ProductAssignment", _members, _values, a.hash());
    }

    function testFuzz_ProductPermit(IPartyRegistry.ProductPermit memory p) public {
        addNumber("uint64", "product", p.product);
        addNumber("uint64", "owner", p.owner);
        addNumber("uint64", "packer", p.packer);
        add("bool", "allowed", truth(p.allowed));
        addNumber("uint64", "deadline", p.deadline);
        registryCheck("ProductPermit", _members, _values, p.hash());
    }

    function testFuzz_RoleChange(IPartyRegistry.RoleChange memory c) public {
        addNumber("uint64", "party", c.party);
        addNumber("uint16", "roles", c.roles);
        addNumber("uint64", "deadline", c.deadline);
        registryCheck("RoleChange", _members, _values, c.hash());
    }

    function testFuzz_Suspension(IPartyRegistry.Suspension memory a) public {
        addNumber("uint64", "party", a.party);
        add("bool", "suspended", truth(a.suspended));
        addNumber("uint64", "deadline", a.deadline);
        registryCheck("Suspension", _members, _values, a.hash());
    }

    function testFuzz_Recovery(uint64 party, bytes32 keyId, bool hosted, uint64 effectiveAt) public {
        addNumber("uint64", "party", party);
        addWord("keyId", keyId);
        addNumber("uint8", "scheme", 2);
        add("bool", "hosted", truth(hosted));
        addNumber("uint64", "effectiveAt", effectiveAt);
        addNumber("uint64", "deadline", DEADLINE);
        bytes32 hash = IPartyRegistry.Recovery(
            party, keyId, IPartyRegistry.Scheme.P256, hosted, effectiveAt, DEADLINE
        ).hash();
        registryCheck("Recovery", _members, _values, hash);
    }

    function testFuzz_RecoveryCancellation(IPartyRegistry.RecoveryCancellation memory a) public {
        addNumber("uint64", "party", a.party);
        addWord("keyId", a.keyId);
        addNumber("uint64", "deadline", a.deadline);
        registryCheck("RecoveryCancellation", _members, _values, a.hash());
    }

    function testFuzz_RecoveryCompletion(IPartyRegistry.RecoveryCompletion memory a) public {
        addNumber("uint64", "party", a.party);
        addWord("keyId", a.keyId);
        addNumber("uint64", "deadline", a.deadline);
        registryCheck("RecoveryCompletion", _members, _values, a.hash());
    }

    function testFuzz_Cancellation(IPartyRegistry.Cancellation memory a) public {
        addNumber("uint64", "party", a.party);
        addWord("digest", a.digest);
        addNumber("uint64", "deadline", a.deadline);
        registryCheck("Cancellation", _members, _values, a.hash());
    }

    function testFuzz_RoleAcceptance(IPartyRegistry.RoleAcceptance memory a) public {
        addWord("role", a.role);
        addNumber("uint64", "deadline", a.deadline);
        registryCheck("RoleAcceptance", _members, _values, a.hash());
    }
}
