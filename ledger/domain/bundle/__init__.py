"""
Proof bundles: a lot's events with all that is needed to judge them without the service that recorded them; no I/O.

- `values`: what a bundle is;
- `reading`: bytes to a bundle, strictly;
- `writing`: a bundle to bytes;
- `opening`: a bundle to the dossier that `ledger.domain.verdict.judge` weighs, and what it discloses and withholds.

docs/proofs.md has the format.
"""

from ledger.domain.bundle.opening import OpenedBundle, Shown, dossier_of, open_bundle
from ledger.domain.bundle.reading import read_bundle
from ledger.domain.bundle.values import Bundle, BundleChain, BundleCheckpoint, BundledEvent
from ledger.domain.bundle.writing import bundle_bytes, bundle_to_json

__all__ = [
    "Bundle",
    "BundleChain",
    "BundleCheckpoint",
    "BundledEvent",
    "OpenedBundle",
    "Shown",
    "bundle_bytes",
    "bundle_to_json",
    "dossier_of",
    "open_bundle",
    "read_bundle",
]
