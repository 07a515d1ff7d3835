"""Notes that belong to the data: kept with it, replaced as a whole."""

from __future__ import annotations

from ledger.adapters.sql_store.store import SqlStore


def test_a_note_lasts_and_is_replaced(url: str) -> None:
    store = SqlStore(url)
    assert store.note("demo-season") == ""
    store.take_note("demo-season", "first")
    store.take_note("demo-season", "second")
    store.take_note("another", "other")
    store.close()
    again = SqlStore(url)
    assert (again.note("demo-season"), again.note("another")) == ("second", "other")
    again.close()
