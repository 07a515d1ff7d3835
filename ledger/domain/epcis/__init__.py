"""
EPCIS 2.0 events and documents in JSON-LD: check them, take them apart, read their names; no I/O.

The tree that `ledger.domain.json_tree` parsed is what is sealed, hashed and stored; everything here only looks at it.
"""

from ledger.domain.epcis.document import check_document, check_event, split_document
from ledger.domain.epcis.names import bare_word, expanded

__all__ = ["bare_word", "check_document", "check_event", "expanded", "split_document"]
