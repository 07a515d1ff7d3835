"""
The log's rows to values, without a database: what the store reads by SQLAlchemy, and the process that derives pages of
the log by the driver alone (`log_pages`), is understood by the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger.adapters.sql_store.row_digests import digest_of
from ledger.domain.identifiers import ContentHash
from ledger.domain.log.tile_names import EntryBundle, Tile
from ledger.domain.log.tiles import ENTRY_BYTES
from ledger.domain.merkle import HASH_BYTES, TreeHash
from ledger.ports_log import StoredLeaf

LEAF_DIGESTED = ("log_index", "leaf_hash", "sequence", "after_entry")
ACKNOWLEDGEMENT_DIGESTED = ("first_index", "count", "is_batch", "time", "merge_deadline", "signature")
BUNDLES = -1
"""What stands as level in the rows of entry bundles."""
_BUNDLE_STEP = 2 + ENTRY_BYTES


def leaf_of(row: Sequence[Any], former: Mapping[bytes, tuple[bytes, ...]]) -> StoredLeaf:
    """
    A leaf from a row of `log_statements.LEAVES`; `former`: proofs that events had before they were signed again, by
    content hash. Of the acknowledgement nothing is known here.
    """
    index, leaf, sequence, after_entry, written, _, content, body, proof = row
    is_intact = digest_of((index, leaf, sequence, after_entry), LEAF_DIGESTED) == written
    proofs = (proof, *former.get(content, ()))
    return StoredLeaf(index, TreeHash(leaf), ContentHash(content), sequence, after_entry, body, proofs, is_intact)


def acknowledged_in(rows: Iterable[Sequence[Any]], first: int, last: int) -> set[int]:
    """Which of the leaves `first` to `last` are in a row of `log_statements.ACKNOWLEDGED` that is as it was written."""
    found: set[int] = set()
    for *values, written in rows:
        if digest_of(values, ACKNOWLEDGEMENT_DIGESTED) == written:
            start, count = values[:2]
            found.update(range(max(first, start), min(last + 1, start + count)))
    return found


def content_of(name: Tile | EntryBundle, width: int, content: bytes) -> bytes | None:
    """What the stored row, of that width, has of the tile or bundle; None where it is narrower."""
    return content[: name.width * _step_of(level_of(name))] if width >= name.width else None


def level_of(name: Tile | EntryBundle) -> int:
    """The level under which it is stored."""
    return BUNDLES if isinstance(name, EntryBundle) else name.level


def _step_of(level: int) -> int:
    """Bytes of one hash in a tile of that level, or of one entry in a bundle."""
    return _BUNDLE_STEP if level == BUNDLES else HASH_BYTES
