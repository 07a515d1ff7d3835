"""
Sealing: confidential members of an event become salted digests, each with a disclosure; no I/O, no clock.

In the manner of SD-JWT (RFC 9901), in an EPCIS event instead of a token. docs/sealing.md has the format. The caller
gives the salts.

    seal(event, policy, new_salt)        the event with digests, and the disclosures
    reveal(event, disclosures)           the event with what the disclosures show, each of them verified
    withheld(event, disclosures)         how many members are not shown, by place
    check_sealed(event)                  whether the digests in an event are well formed
"""

from ledger.domain.sealing.disclosures import SALT_BYTES, Disclosure
from ledger.domain.sealing.kept import KeptDisclosure
from ledger.domain.sealing.policy import DEFAULT, Entry, Policy
from ledger.domain.sealing.reveal import Opened, Withheld, check_sealed, open_sealed, reveal, withheld
from ledger.domain.sealing.seal import Sealed, seal

__all__ = [
    "DEFAULT",
    "SALT_BYTES",
    "Disclosure",
    "Entry",
    "KeptDisclosure",
    "Opened",
    "Policy",
    "Sealed",
    "Withheld",
    "check_sealed",
    "open_sealed",
    "reveal",
    "seal",
    "withheld",
]
