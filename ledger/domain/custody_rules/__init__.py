"""The rules of custody by subject; `ledger.domain.custody` chooses among them. Pure, no I/O, no clock."""
