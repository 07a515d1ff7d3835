"""The row of a new leaf: a tuple in the order of its table's columns, with the digest that `fsck` reckons."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.adapters.sql_store import tables as t
from ledger.adapters.sql_store.leaves import leaf_row
from ledger.adapters.sql_store.log_forms import LEAF_DIGESTED
from ledger.adapters.sql_store.row_digests import row_digest
from ledger.domain.merkle import TreeHash

_NUMBERS = st.integers(0, 2**63 - 1)


@given(_NUMBERS, st.binary(min_size=32, max_size=32), _NUMBERS, _NUMBERS)
def test_the_row_has_every_column_and_its_digest(index: int, leaf: bytes, sequence: int, entry: int) -> None:
    columns = [column.name for column in t.log_leaves.columns]
    row = dict(zip(columns, leaf_row(index, TreeHash(leaf), sequence, entry), strict=True))
    said = {"log_index": index, "leaf_hash": leaf, "sequence": sequence, "after_entry": entry}
    assert row == said | {"replaced": False, "row_digest": row_digest(said, LEAF_DIGESTED)}
