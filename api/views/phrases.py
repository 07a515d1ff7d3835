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
        "On a handoff between %(parties)s this service keeps the keys of both sides, so their agreement "
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
    "grams": N_("Weight"),
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
