"""
The words of the page /verify, which its script fills in: what a reader sees while a browser checks a proof.

Verdicts, checks, qualifiers and findings have the same words as on the lot's page; here are those that it does not
have. They are words alone: what was found comes from the reader's own browser.
"""

from __future__ import annotations

from typing import Any

from api.localization import N_, Words
from api.views.finding_phrases import FINDINGS
from api.views.phrases import CHECKS, MARKS, MEMBERS, OUTCOMES, QUALIFIERS, VERDICTS
from ledger.domain.story_values import Verdict

MORE_FINDINGS = {
    "content.disclosure": N_("Something that is shown of this record is not what was sealed in it."),
    "signature.cancelled": N_("%(party_name)s took back what it had signed."),
    "signature.deadline-passed": N_("It was entered after the time until which it was signed."),
    "anchored.log-proof": N_("The proof does not lead from this record to what the shared ledger keeps."),
    "anchored.log-checkpoint": N_("The shared ledger has no such seal as this proof is made for."),
    "anchored.log-time": N_("The shared ledger sealed this record at another time than is said."),
    "bundle.other-chain": N_("This proof is for another ledger than the one whose addresses you trust here."),
    "chain.nodes-disagree": N_("The computers that were asked do not agree. Nobody can tell from here which is right."),
}
"""Findings that only a check of a proof file makes."""

_VERDICTS = {
    Verdict.VERIFIED: N_("Your browser checked every step: signed by the one who did it, and in the shared ledger."),
    Verdict.UNKNOWN: N_("Your browser could not check everything. This says nothing about the fruit, good or bad."),
}
"""Verdicts that say more here than on the lot's page."""

UI = {
    "read": N_("Reading the proof"),
    "file-read": N_("Proof of lot %(lot)s read: %(count)s records"),
    "no-proof": N_("This is no proof, or not a whole one"),
    "not-had": N_("The proof could not be had"),
    "rule": N_("The file breaks a rule of proofs, so nothing in it is believed (%(rule)s at %(field)s)."),
    "failed": N_("It was not found or could not be read (%(why)s)."),
    "asking": N_("Asking the shared ledger"),
    "answered": N_("The shared ledger answered, through %(nodes)s"),
    "silent": N_("The shared ledger gave no answer that can be believed"),
    "own-node": N_("Through this ledger’s own node: independent except for the head of the chain"),
    "other-nodes": N_("Through nodes that you named: %(nodes)s. Independent of this service"),
    "of-lot": N_("Lot %(lot)s, product %(product)s"),
    "at": N_("As of %(time)s"),
    "party": N_("party %(number)s"),
    "kilograms": N_("%(number)s kg"),
    "grams": N_("%(number)s g"),
    "other": N_("A check failed (%(code)s)."),
    "change": N_("%(member)s: signed %(signed)s, now %(found)s"),
    "statements": N_(
        "Nobody can hide a handoff: the shared ledger counts them. Of temperatures, inspections and notes there may be "
        "more than this proof holds."
    ),
    "withheld": N_(
        "Details that were sealed and are not shown to you: %(count)s. That they are there, and that nobody changed "
        "them, was checked all the same."
    ),
    "erased": N_(
        "Details that were erased for good, says whoever made this proof: %(count)s. Nobody can check that they are "
        "gone. That they were there, and that nobody changed them, was checked."
    ),
    "branch": N_("%(held)s there, %(coming)s on the way"),
    "branch-held": N_("%(held)s there"),
    "looking": N_("Looking for a code …"),
    "no-code": N_("No code was found. Hold it straight, fill most of the picture with it, and try again."),
    "no-camera": N_("The camera or the picture cannot be read (%(why)s)."),
    "no-lot": N_("the link names no lot"),
    "node": N_("Node that was asked"),
    "node-doubted": N_("Node that was not believed"),
    "block": N_("Block"),
    "block-hash": N_("Block hash"),
    "block-time": N_("Time of the block"),
    "stated": N_("Time, as stated by the signer"),
    "aside": N_("Counts"),
    "aside-why": N_("no: it did not lead into this lot"),
    "hash": N_("Fingerprint that was signed"),
    "key": N_("Key"),
    "transaction": N_("Transaction"),
    "place": N_("Place in the log"),
    "sealed": N_("Sealed and not shown"),
    "sealed-erased": N_("Erased, says who made this proof"),
}
"""Texts by the name that the script has for them."""


def verify_words(speak: Words) -> dict[str, Any]:
    """All words that the script needs, in one language."""
    return {
        "findings": {code: speak(text) for code, text in {**MORE_FINDINGS, **FINDINGS}.items()},
        "verdicts": {
            verdict.value: {
                "title": speak(told.title),
                "lead": speak(_VERDICTS.get(verdict, told.lead)),
                "advice": "" if verdict is Verdict.UNKNOWN else speak(told.advice),
            }
            for verdict, told in VERDICTS.items()
        },
        "qualifiers": {code.value: speak(text) for code, text in QUALIFIERS.items()},
        "checks": {name.value: speak(text) for name, text in CHECKS.items()},
        "outcomes": {outcome.value: speak(text) for outcome, text in OUTCOMES.items()},
        "members": {name: speak(text) for name, text in MEMBERS.items()},
        "marks": {outcome.value: mark for outcome, mark in MARKS.items()},
        "listing": {"between": speak.comma, "last": _plain_listing(speak)},
        "ui": {name: speak(text) for name, text in UI.items()},
    }


def _plain_listing(speak: Words) -> str:
    """The pattern of two things in one phrase; the script sets the isolates itself, around what it fills in."""
    pattern = speak.listing(["%(first)s", "%(second)s"])
    return pattern.replace("\u2068", "").replace("\u2069", "")
