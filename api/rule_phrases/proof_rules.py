"""Rules on proof bundles, signature proofs and acknowledgements as files, in plain words."""

from __future__ import annotations

from api.catalogues import N_

RECEIPT_REASONS = {
    "receipt.included": N_("The event is in the log, at its index, under a checkpoint that came in time."),
    "receipt.other-leaf": N_("Another event has the index that was promised to this one."),
    "receipt.late": N_("The first checkpoint that covers it came after the promised time."),
    "receipt.not-covered": N_("The promised time is over, and no checkpoint covers it."),
    "receipt.before-deadline": N_("No checkpoint covers it yet, and the promised time is not over."),
    "receipt.no-proof": N_("A checkpoint covers its index in time; which event is there was not shown."),
    "receipt.other-log": N_("It is of another log than the one that is pinned here."),
    "receipt.signature": N_("No key can have made its signature."),
    "receipt.not-the-operator": N_("The log's operator at that time did not sign it: it is nobody's promise."),
}
"""What became of an acknowledgement, by the code of `ledger.services.verify_receipt`."""
PROOF_RULES = {
    **RECEIPT_REASONS,
    "bundle.members": N_("A part of the proof bundle is missing, or is there and should not be."),
    "bundle.form": N_("A part of the proof bundle is not written as it has to be."),
    "bundle.size": N_("A part of the proof bundle is too large."),
    "bundle.twice": N_("The proof bundle holds the same thing twice."),
    "bundle.checkpoint": N_("The proof bundle names no checkpoint that covers this event."),
    "proof.form": N_("A signature proof is not written as it has to be."),
}
