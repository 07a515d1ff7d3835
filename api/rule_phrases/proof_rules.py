"""Rules on proof bundles, signature proofs and acknowledgements as files, in plain words."""

from __future__ import annotations

from api.catalogues import N_

PROOF_RULES = {
    "bundle.members": N_("A part of the proof bundle is missing, or is there and should not be."),
    "bundle.form": N_("A part of the proof bundle is not written as it has to be."),
    "bundle.size": N_("A part of the proof bundle is too large."),
    "bundle.twice": N_("The proof bundle holds the same thing twice."),
    "bundle.checkpoint": N_("The proof bundle names no checkpoint that covers this event."),
    "proof.form": N_("A signature proof is not written as it has to be."),
    "receipt.members": N_("A part of the acknowledgement is missing, or is there and should not be."),
    "receipt.form": N_("A part of the acknowledgement is not written as it has to be."),
}
