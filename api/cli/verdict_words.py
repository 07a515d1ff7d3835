"""Checks and qualifiers of a verdict, in the words of the command line."""

from __future__ import annotations

from api.cli.words import N_

CHECKS = {
    "content": N_("content"),
    "signature": N_("signature"),
    "anchored": N_("anchored"),
    "custody": N_("custody"),
    "recall": N_("recall"),
}
QUALIFIERS = {
    "hosted-key": N_("hosted-key"),
    "both-sides-hosted": N_("both-sides-hosted"),
    "single-operator-chain": N_("single-operator-chain"),
    "declared": N_("declared"),
    "supplied": N_("supplied"),
    "temperature-not-recorded": N_("temperature-not-recorded"),
}
