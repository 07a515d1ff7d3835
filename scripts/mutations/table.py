"""
The rules that `scripts/mutate` breaks one at a time, and the test that has to notice each.

`ROWS` is all there is to change when a rule, its wording in the contract or its test changes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """
    One rule, broken.

    `source` is a file under `contracts`, in which `original` occurs exactly once and is replaced by `mutated`.
    `suite` is a file of `tests/contracts` without `.t.sol`, a colon, and the contract in it that runs; `test` is the
    function of that contract that has to fail.
    """

    rule: str
    source: str
    original: str
    mutated: str
    suite: str
    test: str


AMENDMENTS = "libraries/Amendments.sol"
AUTHORITY = "libraries/Authority.sol"
CUSTODY = "libraries/Custody.sol"
DISPUTES = "libraries/Disputes.sol"
LEDGER = "ProduceLedger.sol"
LOG = "EventLog.sol"
MANIFESTS = "libraries/Manifests.sol"
MERKLE = "libraries/MerkleLog.sol"
PLEDGES = "libraries/Pledges.sol"
PLOTS = "libraries/Plots.sol"
RECALLS = "libraries/Recalls.sol"
REGISTRY = "PartyRegistry.sol"
RELAY = "EntryRelay.sol"
SIGNATURES = "libraries/Signatures.sol"

_M = Mutation

# fmt: off
ROWS: tuple[Mutation, ...] = (
    # ------------------------------------------------------------------------------ who signs, and when
    _M("An entry is refused after its deadline", AUTHORITY,
       "if (block.timestamp > deadline)", "if (block.timestamp > uint256(deadline) + 1)",
       "Signatures:Secp256k1SignaturesTest", "test_TheDeadlineIsTheLastSecond"),
    _M("A signature of secp256k1 has one form: low s", SIGNATURES,
       "(address signer, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(digest, signature);",
       "if (signature.length != 65) return false; ECDSA.RecoverError problem = ECDSA.RecoverError.NoError;"
       " address signer = ecrecover(digest, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64]));",
       "Signatures:Secp256k1SignaturesTest", "test_RefusesHighS"),
    _M("A signature of P-256 has one form: low s", SIGNATURES,
       "P256.verify(sha256(abi.encodePacked(digest)), r, s, x, y)",
       "P256.verify(sha256(abi.encodePacked(digest)), r,"
       " uint256(s) > P256.N / 2 ? bytes32(P256.N - uint256(s)) : s, x, y)",
       "Signatures:P256SignaturesTest", "test_RefusesHighS"),
    _M("A signature of P-256 has 128 bytes", SIGNATURES,
       "signature.length != P256_LENGTH", "signature.length < P256_LENGTH",
       "Signatures:P256SignaturesTest", "testFuzz_RefusesOtherLengths"),
    _M("An entry of two parties carries both signatures", AUTHORITY,
       "(coIndex,) = context.registry.requireSigned(digest, coKeyId, coParty, coRoles, coSignature);",
       "(coIndex,) = context.registry.indexOf(coParty);",
       "CoSignatures:Secp256k1CoSignaturesTest", "test_RefusesAMissingSignature"),
    _M("The second party signs in the role that the entry asks for", AUTHORITY,
       "coKeyId, coParty, coRoles, coSignature", "coKeyId, coParty, 0, coSignature",
       "Pledges:PledgesTest", "test_OnlyALenderLends"),
    _M("A digest is used once", AUTHORITY,
       "s.used[digest] = true;", "s.used[digest] = false;",
       "Departures:DeparturesTest", "test_RefusesTheReplayOfASaleOrDisposal"),
    # ------------------------------------------------------------------------------ relaying
    _M("An entry gets its whole allowance of gas, or the call reverts", RELAY,
       "required = allowance + allowance / 63 + _OVERHEAD;", "required = allowance;",
       "EntryRelay:EntryRelayTest", "test_OneUnitBelowTheLeastGasTheWholeCallReverts"),
    _M("An entry gets no more than its allowance of gas", RELAY,
       "applied := call(allowance, address()", "applied := call(gas(), address()",
       "EntryRelay:EntryRelayTest", "test_AnEntryThatBurnsItsGasGetsNoMoreThanItsAllowance"),
    _M("Only the contract itself applies a single entry", RELAY,
       "if (msg.sender != address(this)) revert", "if (msg.sender == address(0)) revert",
       "EntryRelay:EntryRelayTest", "test_OnlyTheContractAppliesASingleEntry"),
    # ------------------------------------------------------------------------------ births, moves
    _M("A lot is born once", LEDGER,
       "if (_s.lots[id] != 0) revert LotExists(id);", "if (_s.lots[id] == 1) revert LotExists(id);",
       "Births:BirthsTest", "test_RefusesASecondBirthByWhateverKind"),
    _M("A lot is of a product that its issuer may use", LEDGER,
       "if (!_REGISTRY.mayUse(product, party)) revert", "if (product == 0) revert",
       "Births:BirthsTest", "test_RefusesAProductThatIsNotTheirs"),
    _M("A transformation accounts for every gram", LEDGER,
       "if (accounted != gramsIn) revert", "if (accounted > gramsIn) revert",
       "Births:BirthsTest", "testFuzz_EveryGramIsAccountedFor"),
    _M("Nobody moves more than they hold", CUSTODY,
       "uint64 had = heldBy(s, slot, id, holder);\n        if (had < grams)",
       "uint64 had = heldBy(s, slot, id, holder);\n        if (had == 0)",
       "Handoffs:HandoffsTest", "test_RefusesShippingMoreThanHeld"),
    _M("No lot is in one list twice", CUSTODY,
       "bytes32 id = line.lot;\n            if (id <= previous)",
       "bytes32 id = line.lot;\n            if (id < previous)",
       "Handoffs:HandoffsTest", "test_RefusesEmptyUnorderedZeroAndUnknownLines"),
    _M("A consignment's reference is used once", LEDGER,
       "if (_s.consignments[consignment] != 0) revert", "if (_s.consignments[consignment] == 1) revert",
       "Handoffs:HandoffsTest", "test_AReferenceIsUsedOnceByEachShipper"),
    _M("Only the named receiver receives", LEDGER,
       "if (named != receiver) revert", "if (named == 0) revert",
       "Handoffs:HandoffsTest", "test_RefusesReceiptByAnotherThanTheNamedReceiver"),
    _M("A receipt signs the manifest that is under way", LEDGER,
       "if (underWay != bytes24(action.manifestHash)) revert", "if (underWay == 0) revert",
       "Handoffs:HandoffsTest", "testFuzz_RefusesAnotherManifest"),
    _M("The lines that a receipt shows are those of the signed manifest", LEDGER,
       "if (shown != action.manifestHash) revert", "if (shown == 0) revert",
       "Handoffs:HandoffsTest", "test_RefusesAWitnessThatIsNotTheSignedManifest"),
    # ------------------------------------------------------------------------------ partial receipts
    _M("What a partial receipt accepts is credited, and no more", DISPUTES,
       "receiver, action.lines[i].accepted);", "receiver, open[i].grams);",
       "PartialReceipts:PartialReceiptsTest", "testFuzz_NoGramIsMadeOrLost"),
    _M("A shortfall is stated in a final receipt only", DISPUTES,
       "if (stated > open[i].grams || (moreToCome && stated != open[i].grams)) {", "if (stated > open[i].grams) {",
       "PartialReceipts:PartialReceiptsTest", "test_WhileSomeIsToComeEveryGramOfEveryLineIsAccountedFor"),
    _M("A receipt that leaves everything to come is none", DISPUTES,
       "if (toCome.length != 0 && !arrived) revert", "if (toCome.length == 0 && !arrived && open.length == 0) revert",
       "PartialReceipts:PartialReceiptsTest", "test_RefusesAReceiptThatLeavesEverythingToCome"),
    _M("A return has a reference, and only a return has", DISPUTES,
       "if ((grams == 0) != (bytes(action.returnRef).length == 0)) {",
       "if (grams != 0 && bytes(action.returnRef).length == 0) {",
       "PartialReceipts:PartialReceiptsTest", "test_AReturnHasAReferenceAndOnlyAReturnHas"),
    _M("The open lines that are shown are those that were signed", MANIFESTS,
       "if (actual != signed) revert", "if (actual == 0) revert",
       "PartialReceipts:PartialReceiptsTest", "test_RefusesOtherLinesThanThoseUnderWay"),
    # ------------------------------------------------------------------------------ settlements, voids
    _M("A notice takes 72 hours", DISPUTES,
       "NOTICE_PERIOD = 72 hours;", "NOTICE_PERIOD = 72 hours - 1;",
       "Settlements:SettlementsTest", "test_NotBefore72HoursAfterTheNotice"),
    _M("Both sides of a consignment settle, not one side twice", DISPUTES,
       "counterparty != (party == consignment.shipper ? consignment.receiver : consignment.shipper)",
       "counterparty != consignment.shipper && counterparty != consignment.receiver",
       "Settlements:SettlementsTest", "test_RefusesOneSideTwice"),
    _M("Nobody but the sides settles", DISPUTES,
       "if (party != consignment.shipper && party != consignment.receiver) {", "if (party == 0) {",
       "Settlements:SettlementsTest", "test_RefusesWhoIsNoSide"),
    _M("One side alone can only lose", DISPUTES,
       "action.counterparty == 0 && line.loss != stated", "action.counterparty == 0 && line.received != 0",
       "Settlements:SettlementsTest", "test_OneSideAloneOnlyLoses"),
    _M("Every missing gram is settled", DISPUTES,
       "if (stated != missing[i].grams)", "if (stated > missing[i].grams)",
       "Settlements:SettlementsTest", "test_EveryMissingGramIsSettledAndNoMore"),
    _M("A notice that a consignment will be voided is none that it will be written off", DISPUTES,
       "ConsignmentState.VoidAnnounced) delete s.noticeAt[id];", "ConsignmentState.Settled) delete s.noticeAt[id];",
       "Settlements:SettlementsTest", "test_ANoticeOfAVoidIsNoneOfAWriteOff"),
    _M("Only the shipper announces a void", DISPUTES,
       "IProduceLedger.ConsignmentState.InTransit && ships) {", "IProduceLedger.ConsignmentState.InTransit) {",
       "Notices:NoticesTest", "test_OnlyTheShipperAnnouncesAVoid"),
    # ------------------------------------------------------------------------------ plots, yields
    _M("No more is harvested than was certified", LEDGER,
       "if (uint256(yield.harvested) + action.grams > yield.certified) {", "if (action.grams > yield.certified) {",
       "Plots:PlotsTest", "testFuzz_NoMoreIsHarvestedThanCertified"),
    _M("Only a plot's producer harvests it", LEDGER,
       "if (plot.producer != producer) {", "if (plot.producer == 0) {",
       "Plots:PlotsTest", "test_OnlyItsProducerHarvestsAPlot"),
    _M("A yield is only lowered", PLOTS,
       "action.grams >= yield.certified", "action.grams > yield.certified + 1",
       "Plots:PlotsTest", "test_AYieldIsOnlyLoweredAfterThat"),
    _M("A yield is never below the harvest", PLOTS,
       "action.grams == 0 || action.grams < yield.harvested", "action.grams == 0",
       "Plots:PlotsTest", "test_NeverBelowTheHarvestAndNeverZero"),
    _M("Only a plot's own certifier states its yield", PLOTS,
       "if (registered != certifier) {", "if (certifier == 0) {",
       "Plots:PlotsTest", "test_OnlyACertifierAndOnlyItsOwn"),
    # ------------------------------------------------------------------------------ amendments
    _M("A lot that moved is not amended, even if it came back", AMENDMENTS,
       "if (lot.moved) revert", "if (lot.moved && lot.held != lot.grams) revert",
       "BirthAmendments:BirthAmendmentsTest", "test_NotOnceAnyOfItMovedEvenIfItCameBack"),
    _M("A correction counts against the yield", AMENDMENTS,
       "if (uint256(others) + action.grams > yield.certified) {", "if (action.grams > yield.certified) {",
       "BirthAmendments:BirthAmendmentsTest", "test_TheYieldAndWhatIsCertifiedFollow"),
    _M("More grams of a birth need a role of births", AMENDMENTS,
       "if (action.grams > action.was) _requireBirthRole", "if (action.grams == 0) _requireBirthRole",
       "BirthAmendments:BirthAmendmentsTest", "test_WhoMayBringNothingIntoBeingOnlyLessensWhatItMade"),
    _M("A released lot that was made from others follows them", LEDGER,
       "if (_s.origins[action.lot] != 0) {", "if (_s.origins[action.lot] != 0 && inherited) {",
       "Propagation:PropagationTest", "test_WhoPackedALotCannotShedARecallThatWasCarriedToIt"),
    _M("A pause does not run a notice out", DISPUTES,
       "(unpausedAt > from ? unpausedAt : from)", "(unpausedAt > from ? from : from)",
       "Notices:NoticesTest", "test_The72HoursBeginAgainAfterAPause"),
    _M("Every output that is amended has the origin shown", AMENDMENTS,
       "if (origin != action.originHash) {", "if (origin == 0) {",
       "TransformationAmendments:TransformationAmendmentsTest", "test_RefusesOtherOutputs"),
    _M("The old lists that are shown are those of the origin", AMENDMENTS,
       "if (shown != action.originHash) revert", "if (shown == 0) revert",
       "TransformationAmendments:TransformationAmendmentsTest", "test_RefusesOtherLinesThanThoseItReplaces"),
    _M("An amended transformation accounts for every gram", AMENDMENTS,
       "if (gramsOut != gramsIn) revert", "if (gramsOut > gramsIn) revert",
       "TransformationAmendments:TransformationAmendmentsTest", "test_GramsBalance"),
    _M("An amended output's certified share is rounded down", AMENDMENTS,
       "certifiedIn * grams / gramsIn)", "(certifiedIn * grams + gramsIn - 1) / gramsIn)",
       "TransformationAmendments:TransformationAmendmentsTest", "test_GivesBackTakesAndWeighsAnew"),
    _M("A part of a lot brings its share of what is certified, rounded down", CUSTODY,
       "sum += certified * lines[i].grams / lot.grams;",
       "sum += (certified * lines[i].grams + lot.grams - 1) / lot.grams;",
       "TransformationAmendments:TransformationAmendmentsTest", "testFuzz_AShareOfAShare"),
    _M("An output's certified share is of what went in, rounded down", LEDGER,
       "uint64(certifiedIn * output.grams / gramsIn)", "uint64((certifiedIn * output.grams + gramsIn - 1) / gramsIn)",
       "TransformationAmendments:TransformationAmendmentsTest", "testFuzz_AShareOfAShare"),
    # ------------------------------------------------------------------------------ pledges
    _M("Pledged grams do not move, not even to be destroyed", CUSTODY,
       "if (slot & Packing.PLEDGED != 0) {", "if (slot & Packing.PLEDGED != 0 && to != DESTRUCTION) {",
       "Pledges:PledgesTest", "test_EvenDisposalOfARecalledLotWaitsForTheLender"),
    _M("All pledges on what a party holds add up", CUSTODY,
       "sum += pledges[i].grams;", "sum = pledges[i].grams;",
       "Pledges:PledgesTest", "testFuzz_ThePledgedNeverMoves"),
    _M("A pledge ends with its term", CUSTODY,
       "if (pledges[i].until > block.timestamp) sum", "if (pledges[i].until >= block.timestamp) sum",
       "Pledges:PledgesTest", "test_TheTermsEndFrees"),
    _M("A lender lets go of its own pledges only", PLEDGES,
       "pledges[i].lender == lender && pledges[i].until", "pledges[i].lender != 0 && pledges[i].until",
       "Pledges:PledgesTest", "test_TheLenderLetsGoOfAllOfIts"),
    _M("At most four pledges stand", PLEDGES,
       "MAX_PLEDGES = 4;", "MAX_PLEDGES = 5;",
       "Pledges:PledgesTest", "test_AtMostFourStandAndFreePlacesAreUsedAgain"),
    # ------------------------------------------------------------------------------ recalls
    _M("A recalled lot goes nowhere but to its issuer or to destruction", CUSTODY,
       "&& to != DESTRUCTION && to != slot.issuerOf()) {", "&& to == 0) {",
       "Recalls:RecallsTest", "test_ARecalledLotIsNotShippedSoldOrTransformed"),
    _M("Only who recalled a lot releases it", LEDGER,
       "if (by != party) revert", "if (by == 0) revert",
       "Recalls:RecallsTest", "test_OnlyWhoRecalledReleases"),
    _M("Nobody releases a recall that was carried here", LEDGER,
       "if (inherited) revert RecallInherited(action.lot);",
       "if (inherited && by == 0) revert RecallInherited(action.lot);",
       "Propagation:PropagationTest", "test_NobodyReleasesACarriedRecall"),
    _M("A recall is carried along what a lot was made from", RECALLS,
       "if (shown != s.origins[id]) revert", "if (shown == 0) revert",
       "Propagation:PropagationTest", "test_RefusesParentsThatAreNotTheLots"),
    # ------------------------------------------------------------------------------ the registry
    _M("A key's window does not have its last second", REGISTRY,
       "block.timestamp >= key.validUntil", "block.timestamp > key.validUntil",
       "PartyKeys:PartyKeysTest", "test_TheWindowHasItsFirstSecondAndNotItsLast"),
    _M("A revoked key signs nothing", REGISTRY,
       "// slither-disable-end timestamp\n        if (key.revokedAt != 0)",
       "// slither-disable-end timestamp\n        if (key.revokedAt != 0 && key.revokedAt < block.timestamp)",
       "PartyKeys:PartyKeysTest", "test_ARevokedKeySignsNothingFromTheBlockOn"),
    _M("A party keeps one admin key without an end", REGISTRY,
       "if (party.lastingAdminKeys == 1) revert", "if (party.lastingAdminKeys == 0) revert",
       "PartyKeys:PartyKeysTest", "test_RefusesToRevokeTheLastLastingAdminKey"),
    _M("A suspended party signs nothing", REGISTRY,
       "if (record.suspended) revert", "if (record.suspended && record.roles == 0) revert",
       "PartyProtection:PartyProtectionTest", "test_ASuspendedPartySignsNothingAndIsReinstatedAsItWas"),
    _M("A recovery waits for its public delay", REGISTRY,
       "recovery.effectiveAt < earliest || ", "recovery.effectiveAt + 1 < earliest || ",
       "PartyRecovery:PartyRecoveryTest", "test_RefusesARecoveryWithLessThanTheDelayOrFarAhead"),
    _M("A recovery is not completed before its time", REGISTRY,
       "if (block.timestamp < pending.effectiveAt) revert",
       "if (block.timestamp + 1 days < pending.effectiveAt) revert",
       "PartyRecovery:PartyRecoveryTest", "testFuzz_NoRecoveryIsCompletedEarly"),
    _M("A cancelled digest is refused", REGISTRY,
       "_cancelled[party][digest]) revert Cancelled(digest);\n    }",
       "_cancelled[party][digest] && digest == 0) revert Cancelled(digest);\n    }",
       "PartyProtection:PartyProtectionTest", "test_ACancelledDigestIsRefusedByBothContracts"),
    # ------------------------------------------------------------------------------ the log of all events
    _M("A new tree begins with the old one", LOG,
       "if (first != root) revert", "if (first == 0) revert",
       "EventLog:EventLogTest", "testFuzz_RefusesATreeWithOneEntryChanged"),
    _M("The proof leads to the new root", LOG,
       "if (second != newRoot) revert", "if (second == 0) revert",
       "EventLog:EventLogTest", "testFuzz_RefusesWhateverIsAltered"),
    _M("Only the operator extends the log", LOG,
       "bytes32[] calldata proof) external onlyOwner {", "bytes32[] calldata proof) external {",
       "EventLog:EventLogTest", "testFuzz_OnlyTheOperatorExtends"),
    _M("A node does not pass for an entry", MERKLE,
       "abi.encodePacked(bytes1(0x00), ", "abi.encodePacked(bytes1(0x01), ",
       "EventLog:EventLogTest", "test_ANodeDoesNotPassForAnEntry"),
    _M("A proof of inclusion has as many hashes as the tree asks for", MERKLE,
       "return sn == 0 && r == root;", "return r == root;",
       "EventLog:EventLogTest", "testFuzz_NoOtherEntryRootOrPlaceIsIncluded"),
)
# fmt: on
