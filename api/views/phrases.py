"""
The words of the lot's page for verdicts, qualifiers, checks and steps; msgids in English, see `api.localization`.

Nothing here speaks of chains, hashes or keys beyond what a shopper needs; the evidence fold has those. The words for
the findings behind a verdict stand in `api.views.finding_phrases`.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.localization import N_
from ledger.domain.actions import EntryKind
from ledger.domain.story_values import CheckName, Outcome, QualifierCode, Verdict


@dataclass(frozen=True, slots=True)
class VerdictWords:
    """A verdict's word, its meaning, and what to do about it ("" where there is nothing to do)."""

    title: str
    lead: str
    advice: str = ""


VERDICTS = {
    Verdict.VERIFIED: VerdictWords(
        N_("Verified"),
        N_("Every step below was signed by the one who did it, and matches the shared ledger."),
    ),
    Verdict.PENDING: VerdictWords(
        N_("Not final yet"),
        N_("The newest entries are accepted, but the shared ledger has not made them final."),
        N_("Nothing is wrong. Look again in a minute."),
    ),
    Verdict.SUSPECT: VerdictWords(
        N_("Something does not add up"),
        N_("Part of this lot’s way is not accounted for."),
        N_("Ask the seller about the point below before you buy."),
    ),
    Verdict.UNVERIFIED: VerdictWords(
        N_("Not verified"),
        N_("This record does not pass the check. Do not rely on it."),
        N_("Ask the seller for proof of origin, or choose another lot."),
    ),
    Verdict.RECALLED: VerdictWords(
        N_("Recalled"),
        N_("This lot was called back. Do not eat it and do not sell it."),
        N_("Take it back to where you bought it, with this label, or throw it away."),
    ),
    Verdict.UNKNOWN: VerdictWords(
        N_("Could not be checked"),
        N_("The shared ledger does not answer just now. This says nothing about the fruit, good or bad."),
        N_("What follows is our own unchecked record. Try again in a minute."),
    ),
}

SHORT_VERDICTS = {
    Verdict.VERIFIED: N_("verified"),
    Verdict.PENDING: N_("not final yet"),
    Verdict.SUSPECT: N_("does not add up"),
    Verdict.UNVERIFIED: N_("not verified"),
    Verdict.RECALLED: N_("recalled"),
    Verdict.UNKNOWN: N_("not checked"),
}

QUALIFIERS = {
    QualifierCode.HOSTED_KEY: N_(
        "This service keeps the signing key of %(parties)s for them. Whoever runs the service could sign in their name."
    ),
    QualifierCode.BOTH_SIDES_HOSTED: N_(
        "Where %(parties)s signed with one another, this service keeps the keys of both sides, so their agreement "
        "rests on this service."
    ),
    QualifierCode.SINGLE_OPERATOR_CHAIN: N_(
        "The shared ledger is run by one operator for now. You trust that operator not to start it over."
    ),
    QualifierCode.DECLARED: N_(
        "%(parties)s stated something about others who did not sign themselves, "
        "such as the growers of a joint purchase."
    ),
    QualifierCode.SUPPLIED: N_("A document attached by %(parties)s was not signed by the one who issued it."),
    QualifierCode.TEMPERATURE_NOT_RECORDED: N_("Nobody recorded a temperature on the way to %(parties)s."),
}

CHECKS = {
    CheckName.CONTENT: N_("The record is what was signed"),
    CheckName.SIGNATURE: N_("Signed by those who were entitled to"),
    CheckName.ANCHORED: N_("Entered in the shared ledger"),
    CheckName.CUSTODY: N_("Every handoff and every kilogram accounted for"),
    CheckName.RECALL: N_("Not recalled"),
}

OUTCOMES = {
    Outcome.PASSED: N_("passed"),
    Outcome.FAILED: N_("failed"),
    Outcome.PENDING: N_("not final yet"),
    Outcome.NOT_MADE: N_("not checked"),
}

MARKS = {Outcome.PASSED: "good", Outcome.FAILED: "bad", Outcome.PENDING: "wait", Outcome.NOT_MADE: "unknown"}
"""The sign beside an outcome."""

DEEDS = {
    EntryKind.HARVEST: N_("Harvested"),
    EntryKind.INTAKE: N_("Bought in from growers"),
    EntryKind.SHIPMENT: N_("Sent to %(party)s"),
    EntryKind.RECEIPT: N_("Received from %(party)s"),
    EntryKind.SALE: N_("Sold"),
    EntryKind.DISPOSAL: N_("Destroyed"),
    EntryKind.RECALL: N_("Recalled"),
    EntryKind.RELEASE: N_("Recall lifted"),
    EntryKind.PARTIAL_RECEIPT: N_("Received from %(party)s, not all of it"),
    EntryKind.SETTLEMENT: N_("Agreed with %(party)s on what was missing"),
    EntryKind.NOTICE: N_("Announced that what is on the road will be taken back"),
    EntryKind.VOID: N_("Taken back from the road, as agreed with %(party)s"),
    EntryKind.PLOT_REGISTRATION: N_("Field registered"),
    EntryKind.YIELD_CERTIFICATE: N_("Harvest of a field certified"),
    EntryKind.BIRTH_AMENDMENT: N_("Weight corrected"),
    EntryKind.TRANSFORMATION_AMENDMENT: N_("Weights of the packing corrected"),
    EntryKind.PROPAGATION: N_("Recall carried on to this lot"),
    EntryKind.PLEDGE: N_("Pledged to %(party)s as security for a loan"),
    EntryKind.PLEDGE_RELEASE: N_("%(signer)s let go of what %(party)s had pledged"),
}

REFUSED_ALL = N_("Refused and sent back to %(party)s")
REFUSED_SOME = N_("Received from %(party)s, part of it sent back")
MORE_TO_COME = N_("Part received from %(party)s, more to come")
SHORT = N_("Received from %(party)s, with something missing")
WRITTEN_OFF = N_("Wrote off what was missing, after public notice")
WRITE_OFF_NOTICE = N_("Announced that what is missing will be written off")
VOID_AFTER_NOTICE = N_("Taken back from the road, after public notice")
ANNULLED = N_("Withdrawn as a mistake")
NOT_CONFORMANT = N_("It did not pass.")
CORRECTED_LATER = N_("Corrected later; this no longer counts.")

RECEIPT_PARTS = {
    "accepted": N_("%(amount)s accepted"),
    "refused": N_("%(amount)s sent back"),
    "to_come": N_("%(amount)s still to come"),
    "missing": N_("%(amount)s missing"),
}
SETTLEMENT_PARTS = {
    "loss": N_("%(amount)s lost"),
    "weight_loss": N_("%(amount)s of weight lost on the way"),
    "returned": N_("%(amount)s back at the sender"),
    "received": N_("%(amount)s found at the receiver"),
}

TRANSFORMATIONS = {
    "packing": N_("Packed"),
    "repackaging": N_("Repacked"),
    "commissioning": N_("Made into a new lot"),
}

STATEMENTS = {
    "accepting": N_("Accepted"),
    "departing": N_("Left"),
    "arriving": N_("Arrived"),
    "errorDeclaration": N_("Corrected an earlier statement"),
    "holding": N_("Held"),
    "inspecting": N_("Inspected"),
    "loading": N_("Loaded"),
    "packing": N_("Packed"),
    "receiving": N_("Arrival noted"),
    "sampling": N_("Sampled"),
    "sensor_reporting": N_("Temperature or humidity measured"),
    "shipping": N_("Departure noted"),
    "staging_outbound": N_("Made up for the flight"),
    "storing": N_("Stored"),
    "transporting": N_("Carried"),
    "unloading": N_("Unloaded"),
}
CERTIFICATE = N_("Certificate handed in")
PROMISED = N_("Promise certificate made")
OTHER_STATEMENT = N_("Stated: %(step)s")

PLACES = {
    "farm": N_("Farm"),
    "packing_house": N_("Packing house"),
    "cold_store": N_("Cold store"),
    "hub": N_("Airport hub"),
    "warehouse": N_("Warehouse"),
    "shop": N_("Shop"),
    "vehicle": N_("On the road"),
    "place": N_("Place"),
    "recalled": N_("Recall"),
}

MEMBERS = {
    "accepted": N_("Accepted"),
    "certifier": N_("Certifier"),
    "corrects": N_("Corrected record (fingerprint)"),
    "counterparty": N_("The other side"),
    "culls": N_("Sorted out"),
    "grams": N_("Weight"),
    "lender": N_("Lender"),
    "loss": N_("Lost"),
    "originHash": N_("What it was made from (fingerprint)"),
    "processLoss": N_("Lost in packing"),
    "received": N_("Found at the receiver"),
    "refused": N_("Sent back"),
    "remainder": N_("Left over"),
    "returnRef": N_("Consignment number of the return"),
    "returned": N_("Back at the sender"),
    "season": N_("Season"),
    "toCome": N_("Still to come"),
    "until": N_("Pledged until"),
    "was": N_("Weight before"),
    "weightLoss": N_("Weight lost on the way"),
    "lot": N_("Lot"),
    "lotCode": N_("Lot code"),
    "product": N_("Product"),
    "plot": N_("Field"),
    "producer": N_("Producer"),
    "buyer": N_("Buyer"),
    "packer": N_("Packer"),
    "shipper": N_("Sender"),
    "receiver": N_("Receiver"),
    "holder": N_("Holder"),
    "issuer": N_("Issuer"),
    "party": N_("Who states it"),
    "step": N_("Step"),
    "lots": N_("Lots"),
    "consignment": N_("Consignment"),
    "consignmentRef": N_("Consignment number"),
    "manifest": N_("Packing list"),
    "manifestHash": N_("Packing list (fingerprint)"),
    "inputs": N_("Lots that went in"),
    "outputs": N_("Lots that came out"),
    "lines": N_("Lots and weights"),
    "contentHash": N_("Fingerprint of the whole record"),
    "deadline": N_("To be entered by"),
    "type": N_("Kind of step"),
}
"""Members of the signed structs, by EIP-712 name."""
